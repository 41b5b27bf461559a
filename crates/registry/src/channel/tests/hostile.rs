//! Text of a megabyte, NUL, direction marks, emoji and rare Han in every field.

use crate::{
    channel::store,
    testing::{College, facts, register, unfiled},
};
use zhendi_kernel::testing::TestApp;

const FIELDS: [&str; 19] = [
    "name",
    "unit",
    "platform",
    "address_or_id",
    "certified_body",
    "holder",
    "holder_post",
    "second_account_reason",
    "opened_on",
    "followers",
    "posting_frequency",
    "responsible_department",
    "icp",
    "problem",
    "rectified",
    "interactive",
    "outsourced",
    "operator",
    "remark",
];

async fn no_text_does_harm(app: TestApp) {
    let college = College::new(&app).await;
    let before = register(
        &app,
        unfiled(
            facts(college.library, "wechat", "图书馆", "lib"),
            "2026-12-20",
        ),
    )
    .await;
    let officer = app.client(&college.officer());
    let path = format!("/channels/{}/edit", before.id);
    let unit = college.library.to_string();
    let huge = "长".repeat(350_000);
    let script = "<script>alert(1)</script>";
    for field in FIELDS {
        for text in [
            huge.as_str(),
            "a\0b",
            "\u{202E}倒写",
            "😀🔥",
            "𠮷𡃁",
            script,
            "'; DROP TABLE channel; --",
        ] {
            let now = store::get(app.db.read(), before.id).await.unwrap();
            let version = now.version.to_string();
            let mut form = vec![
                ("version", version.as_str()),
                ("name", "图书馆"),
                ("unit", unit.as_str()),
                ("platform", "wechat"),
                ("address_or_id", "lib"),
                ("holder", "unit"),
            ];
            form.retain(|(name, _)| *name != field);
            form.push((field, text));
            let answer = officer.post(&path, &form).await;
            let status = answer.status.as_u16();
            assert!(
                matches!(status, 303 | 422),
                "{field}: {status} {}",
                &answer.text()[..200.min(answer.text().len())]
            );
            if status == 422 {
                assert!(
                    !answer.text().contains(script),
                    "{field} is shown as markup"
                );
                let after = store::get(app.db.read(), before.id).await.unwrap();
                assert_eq!(after, now, "a refused form changes nothing");
            }
            assert!(
                text.len() < 1000 || status == 422,
                "{field} takes a megabyte"
            );
            assert!(!text.contains('\0') || status == 422, "{field} takes NUL");
        }
    }
    // What was taken shows as text, found by its rare characters.
    let version = store::get(app.db.read(), before.id)
        .await
        .unwrap()
        .version
        .to_string();
    let name = format!("𠮷{script}😀");
    let form = [
        ("version", version.as_str()),
        ("name", name.as_str()),
        ("unit", unit.as_str()),
        ("platform", "wechat"),
        ("address_or_id", "\u{202E}lib"),
        ("holder", "unit"),
    ];
    officer.post(&path, &form).await.expect(303);
    let page = officer
        .get(&format!("/channels/{}", before.id))
        .await
        .expect(200)
        .text();
    assert!(!page.contains(script) && page.contains("𠮷"));
    assert_eq!(
        store::get(app.db.read(), before.id)
            .await
            .unwrap()
            .facts
            .address_or_id,
        "lib"
    );
    for q in ["%F0%A0%AE%B7", "%F0%9F%98%80"] {
        let page = officer
            .get(&format!("/channels?q={q}"))
            .await
            .expect(200)
            .text();
        assert!(page.contains(&format!("/channels/{}", before.id)), "{q}");
    }
    let long = "%E9%95%BF".repeat(5_000);
    officer
        .get(&format!("/channels?q={long}"))
        .await
        .expect(200);
    app.visitor()
        .get(&format!("/directory?q={long}"))
        .await
        .expect(200);
}
zhendi_kernel::on_both_databases!(no_text_does_harm, || crate::testing::setup());
