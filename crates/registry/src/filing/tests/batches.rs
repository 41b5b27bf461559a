//! Several at once, the map, and the lists as files.

use super::*;
use crate::filing::{Stage, Step};
use zhendi_kernel::on_both_databases;

async fn several_are_signed_each_by_itself(app: TestApp) {
    let cast = Cast::new(app).await;
    let ids = [
        cast.submitted("batch_a").await,
        cast.submitted("batch_b").await,
        cast.submitted("batch_c").await,
    ];
    let address = format!(
        "/filings/batch?pick={}&pick={}&pick={}&pick=999",
        ids[0], ids[1], ids[2]
    );
    let page = cast
        .client(&cast.head)
        .get(&address)
        .await
        .expect(200)
        .text();
    for name in ["batch_a", "batch_b", "batch_c"] {
        assert!(page.contains(name), "{name}");
    }
    let picks: Vec<String> = page
        .split("name=\"pick\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert_eq!(picks.len(), 3);
    // One of them is overtaken meanwhile: it is left, the others go.
    cast.press(
        &cast.second_head,
        ids[1],
        "returns",
        &[("opinion", "先等等")],
    )
    .await
    .expect(303);
    let mut fields = vec![("step", "signature"), ("opinion", "批量同意")];
    fields.extend(picks.iter().map(|pick| ("pick", pick.as_str())));
    let page = cast
        .post(&cast.head, "/filings/batch", &fields)
        .await
        .expect(200)
        .text();
    assert!(page.contains("共 3 件，已办理 2 件"), "{page}");
    for (id, stage) in [
        (ids[0], Stage::Awaiting(Step::Check)),
        (ids[1], Stage::Returned),
        (ids[2], Stage::Awaiting(Step::Check)),
    ] {
        assert_eq!(cast.filing(id).await.course.stage, stage);
    }
    assert_eq!(cast.filing(ids[0]).await.course.acts[0].opinion, "批量同意");
    // Somebody else's batch has nothing of it.
    let page = cast
        .client(&cast.chief)
        .get(&address)
        .await
        .expect(200)
        .text();
    assert!(page.contains("没有选择等您办理的备案"));
}

on_both_databases!(several_are_signed_each_by_itself, super::setup);

async fn the_map_counts_what_the_list_shows(app: TestApp) {
    let cast = Cast::new(app).await;
    cast.submitted("map_a").await;
    cast.checked("map_b").await;
    let (_, channel) = cast.filed_channel("map_c").await;
    cast.change_submitted(channel.id.0, &[("name", "变更名")])
        .await;
    let page = cast
        .client(&cast.officer)
        .get("/filings/map")
        .await
        .expect(200)
        .text();
    assert!(page.contains("信息工程学院"), "{page}");
    let unit = cast.college.to_string();
    for (stage, kind, number) in [
        ("awaiting_unit_head", "", 2),
        ("awaiting_unit_head", "change", 1),
        ("awaiting_decision", "opening", 1),
        ("effective", "", 1),
    ] {
        let map = match kind {
            "" => format!("/filings/map?unit={unit}"),
            kind => format!("/filings/map?unit={unit}&kind={kind}"),
        };
        let page = cast
            .client(&cast.officer)
            .get(&map)
            .await
            .expect(200)
            .text();
        let kinds = if kind.is_empty() {
            String::new()
        } else {
            format!("kind={kind}&")
        };
        let list = format!("/filings?unit={unit}&{kinds}stage={stage}");
        let link = format!("href=\"{}\">{number}</a>", list.replace('&', "&#38;"));
        assert!(page.contains(&link), "{link} in {page}");
        let listed = cast
            .client(&cast.officer)
            .get(&list)
            .await
            .expect(200)
            .text();
        assert!(listed.contains(&format!("共 <b>{number}</b> 条")), "{list}");
    }
    // Others' units are not on the map of a head.
    cast.client(&cast.head)
        .get(&format!("/filings/map?unit={}", cast.other))
        .await
        .expect(404);
}

on_both_databases!(the_map_counts_what_the_list_shows, super::setup);

async fn the_filtered_list_goes_out_as_a_file(app: TestApp) {
    let cast = Cast::new(app).await;
    cast.submitted("=export_a").await;
    cast.effective("export_b").await;
    let client = cast.client(&cast.officer);
    let csv = client
        .get("/filings.csv?stage=effective")
        .await
        .expect(200)
        .text();
    assert!(
        csv.contains("export_b") && !csv.contains("export_a"),
        "{csv}"
    );
    let csv = client.get("/filings.csv").await.expect(200).text();
    assert!(csv.contains("'=export_a"), "{csv}");
    let xlsx = client.get("/filings.xlsx").await.expect(200);
    assert!(xlsx.bytes.starts_with(b"PK"));
    // Nobody takes along what they may not see.
    let csv = cast
        .client(&cast.outsider)
        .get("/filings.csv")
        .await
        .expect(200)
        .text();
    assert!(!csv.contains("export_b"));
}

on_both_databases!(the_filtered_list_goes_out_as_a_file, super::setup);
