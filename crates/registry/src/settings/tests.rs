//! The page of the settings.

use super::{PublicityRoute, Registry, Seal};
use crate::testing::College;
use zhendi_kernel::testing::TestApp;

async fn settings_are_changed_by_the_keeper(app: TestApp) {
    let college = College::new(&app).await;
    let officer = app.client(&college.officer());
    let page = officer.get("/settings/registry").await.expect(200).text();
    assert!(page.contains("value=\"30\""));
    let good = [
        ("days_to_catch_up", "60"),
        ("filing_step_days", "2"),
        ("days_to_file", "15"),
        ("days_to_report_change", "3"),
        ("recheck_month", "12"),
        ("recheck_days", "20"),
        ("mlps_second", "24"),
        ("mlps_third", "12"),
        ("few_followers", "200"),
        ("stale_months", "6"),
        ("filing_number", "江宣备〔{year}〕{n}号"),
        ("seal", "before_closing"),
        ("publicity_route", "leader_decides"),
        ("misleading_words", "官方、国家\n第一"),
        ("gone_check_days", "30"),
    ];
    let mut bad = good;
    bad[0].1 = "0";
    bad[10].1 = "第几号";
    let page = officer
        .post("/settings/registry", &bad)
        .await
        .expect(422)
        .text();
    assert!(
        page.contains("1 到 366") && page.contains("第几号"),
        "{page}"
    );
    officer.post("/settings/registry", &good).await.expect(303);
    let after: Registry = app.setting().await.unwrap();
    assert_eq!(after.seal, Seal::BeforeClosing);
    assert_eq!((after.days_to_file, after.recheck_month), (15, 12));
    assert_eq!(after.consolidation.few_followers, 200);
    assert_eq!(after.publicity_route, PublicityRoute::LeaderDecides);
    assert_eq!(after.misleading_words, ["官方", "国家", "第一"]);
    let told = zhendi_kernel::audit::history(app.db.read(), "setting", 0)
        .await
        .unwrap();
    assert_eq!(told.len(), 1);
    app.client(&college.liaison())
        .get("/settings/registry")
        .await
        .expect(403);
}
zhendi_kernel::on_both_databases!(
    settings_are_changed_by_the_keeper,
    || crate::testing::setup()
);
