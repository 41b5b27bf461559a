//! The chain on both databases: as it grows, as it is forged, as auditors see it.

mod forgery;
mod pages;

use super::*;
use crate::{
    on_both_databases,
    testing::{Setup, TestApp, actor},
};
use chrono::TimeDelta;
use futures::{TryStreamExt, future::try_join_all};
use verify::{Verdict, walk};

pub(super) fn zhang() -> Actor {
    let mut zhang = actor(7, "张三", &[]);
    zhang.address = Some("10.1.2.3".parse().expect("an address"));
    zhang
}

pub(super) fn entry(subject: i64, summary: &str) -> Entry {
    Entry {
        action: "filing.signed",
        subject: ("filing", subject),
        unit: Some(UnitId(3)),
        on_behalf_of: (subject % 2 == 0).then_some(PersonId(9)),
        summary: summary.into(),
        detail: serde_json::json!({ "phone": format!("1380013800{subject}"), "意见": "同意\u{0}😀" }),
    }
}

/// Appends records, each in a transaction of its own.
pub(super) async fn write(app: &TestApp, count: i64) {
    for n in 1..=count {
        let tx = app.db.begin().await.expect("begin");
        append(&tx, app, &zhang(), entry(n, &format!("签署备案 {n}")))
            .await
            .expect("append");
        tx.commit().await.expect("commit");
        app.pass(TimeDelta::milliseconds(1_001));
    }
}

pub(super) async fn verdict(app: &TestApp, elsewhere: &[Checkpoint]) -> Verdict {
    walk(&app.db, &app.signer, elsewhere)
        .await
        .expect("a verdict")
}

async fn a_chain_grows_and_is_whole(app: TestApp) {
    assert_eq!(
        verdict(&app, &[]).await.first_break,
        None,
        "an empty chain is whole"
    );
    assert_eq!(checkpoint::make(&app).await.expect("none"), None);
    write(&app, 3).await;
    // What is rolled back was never there.
    let tx = app.db.begin().await.expect("begin");
    append(&tx, &app, &zhang(), entry(4, "没有发生"))
        .await
        .expect("append");
    tx.rollback().await.expect("rollback");
    // Two records of one transaction, one by the program.
    let tx = app.db.begin().await.expect("begin");
    append(&tx, &app, &zhang(), entry(2, "再签"))
        .await
        .expect("append");
    append(&tx, &app, &Actor::program("导入"), entry(5, "导入"))
        .await
        .expect("append");
    tx.commit().await.expect("commit");

    let verdict = verdict(&app, &[]).await;
    assert_eq!((verdict.records, verdict.first_break), (5, None));
    let lines = history(app.db.read(), "filing", 2).await.expect("history");
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line.seq,
                line.actor.as_str(),
                line.on_behalf_of,
                line.summary.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, "张三", Some(PersonId(9)), "签署备案 2"),
            (4, "张三", Some(PersonId(9)), "再签"),
        ]
    );
    assert_eq!(lines[1].at, app.now());
}
on_both_databases!(a_chain_grows_and_is_whole, crate::testing::Setup::default);

async fn many_append_at_once_and_stand_in_line(app: TestApp) {
    let one = |n: i64| {
        let app = &app;
        async move {
            let tx = app.db.begin().await?;
            append(&tx, app, &zhang(), entry(n, "同时")).await?;
            append(&tx, app, &zhang(), entry(n, "同时")).await?;
            tx.commit().await.map_err(Fault::from)
        }
    };
    try_join_all((0..60).map(one)).await.expect("all appended");
    let verdict = verdict(&app, &[]).await;
    assert_eq!((verdict.records, verdict.first_break), (120, None));
}
on_both_databases!(
    many_append_at_once_and_stand_in_line,
    crate::testing::Setup::default
);

async fn payloads_can_be_erased_and_the_chain_still_holds(app: TestApp) {
    write(&app, 3).await;
    let tx = app.db.begin().await.expect("begin");
    erase(&tx, &app, &zhang(), 2, "本人申请")
        .await
        .expect("erased");
    let gone = erase(&tx, &app, &zhang(), 99, "").await;
    assert!(matches!(gone, Err(Fault::NotFound)));
    tx.commit().await.expect("commit");
    let verdict = verdict(&app, &[]).await;
    assert_eq!(
        (verdict.records, verdict.erased, verdict.first_break),
        (4, 1, None)
    );
    let lines = history(app.db.read(), "filing", 2).await.expect("history");
    assert_eq!(
        (lines[0].actor.as_str(), lines[0].summary.as_str()),
        ("（已删除）", "签署备案 2")
    );
    let text = exported(&app, export::Format::JsonLines).await;
    assert!(!text.contains("13800138002") && text.contains("13800138001"));
}
on_both_databases!(
    payloads_can_be_erased_and_the_chain_still_holds,
    crate::testing::Setup::default
);

async fn exported(app: &TestApp, format: export::Format) -> String {
    let pieces: Vec<_> = export::stream(app.db.clone(), Filter::default(), format)
        .try_collect()
        .await
        .expect("exported");
    String::from_utf8(pieces.concat()).expect("UTF-8")
}

async fn an_export_is_enough_to_check_the_chain_without_this_program(app: TestApp) {
    write(&app, 4).await;
    let mut last = hex::encode(record::GENESIS);
    for (line, seq) in exported(&app, export::Format::JsonLines)
        .await
        .lines()
        .zip(1i64..)
    {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let bytes = |key: &str| hex::decode(text(key)).expect("hex");
        let at: DateTime<Utc> = text("at").parse().expect("a moment");
        assert_eq!(bytes("prev"), hex::decode(&last).expect("hex"));
        let payload = Payload {
            actor_name: text("actor_name"),
            address: Some(text("address")),
            detail: text("detail"),
        };
        assert_eq!(payload.digest(&bytes("salt")).to_vec(), bytes("digest"));
        let record = Record {
            seq,
            at: at.timestamp_micros(),
            actor_id: line["actor_id"].as_i64(),
            on_behalf_of: line["on_behalf_of"].as_i64(),
            action: &text("action"),
            subject_kind: &text("subject_kind"),
            subject_id: line["subject_id"].as_i64().expect("an id"),
            unit_id: line["unit_id"].as_i64(),
            summary: &text("summary"),
            digest: &bytes("digest"),
            prev: &bytes("prev"),
        };
        last = hex::encode(record.hash());
        assert_eq!(text("hash"), last);
    }
    let table = exported(&app, export::Format::Csv).await;
    assert_eq!(table.lines().count(), 5);
    assert!(table.starts_with('\u{FEFF}') && table.contains("\"张三\""));
}
on_both_databases!(
    an_export_is_enough_to_check_the_chain_without_this_program,
    crate::testing::Setup::default
);

fn with_file() -> Setup {
    Setup {
        configure: |config| {
            config.audit.checkpoint_file = Some(config.data.join("checkpoints.jsonl"))
        },
        ..Setup::default()
    }
}

async fn checkpoints_reach_their_file_once(app: TestApp) {
    write(&app, 3).await;
    let first = checkpoint::make(&app)
        .await
        .expect("made")
        .expect("something new");
    assert_eq!(
        checkpoint::make(&app).await.expect("again"),
        None,
        "nothing new to sign"
    );
    app.run_jobs().await;
    write(&app, 2).await;
    // The end of the program sends at once; the job that was set going finds it done.
    checkpoint::publish(&app).await.expect("published");
    app.run_jobs().await;
    let text =
        std::fs::read_to_string(app.folder.path().join("checkpoints.jsonl")).expect("the file");
    let kept = Checkpoint::parse(&text).expect("lines");
    assert_eq!(kept.iter().map(|c| c.seq).collect::<Vec<_>>(), [3, 5]);
    assert_eq!(kept[0], first);
    let checked = verdict(&app, &kept).await;
    assert_eq!(
        (checked.checkpoints, checked.first_break),
        (4, None),
        "two stored, two kept elsewhere"
    );
    assert_eq!(Checkpoint::parse("\n{}\n"), Err(2));
}
on_both_databases!(checkpoints_reach_their_file_once, super::with_file);

#[test]
fn a_changed_key_is_remembered_and_a_strange_one_is_not_trusted() {
    let folder = tempfile::tempdir().expect("folder");
    let config = crate::config::Config {
        data: folder.path().to_owned(),
        ..Default::default()
    };
    let entropy = crate::Entropy::system();
    let first = Signer::open_or_create(&config, &entropy).expect("made");
    let again = Signer::open_or_create(&config, &entropy).expect("read");
    assert_eq!(first.id(), again.id());
    let signature = first.sign(b"x");
    std::fs::remove_file(folder.path().join("keys/audit-signing.key")).expect("lost");
    let second = Signer::open_or_create(&config, &entropy).expect("a new one");
    assert_ne!(first.id(), second.id());
    assert!(
        second.verifies(first.id(), b"x", &signature),
        "old checkpoints can still be checked"
    );
    assert!(!second.verifies(second.id(), b"x", &signature));
    assert!(!first.verifies(second.id(), b"x", &second.sign(b"x")));
}
