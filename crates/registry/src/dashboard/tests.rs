//! The first page.

use crate::testing::{College, facts, filed, person_at, register, unfiled};
use zhendi_kernel::{
    Role,
    actor::Scope,
    testing::{TestApp, actor},
};

async fn it_shows_what_to_do_then_how_things_are(app: TestApp) {
    let visit = app.visitor().get("/").await.expect(303);
    assert_eq!(visit.location(), "/directory");
    let college = College::new(&app).await;
    let me = person_at(&app, college.library, "刘馆长", "13800138010").await;
    register(
        &app,
        unfiled(
            facts(college.library, "wechat", "图书馆", "lib"),
            "2026-11-10",
        ),
    )
    .await;
    register(
        &app,
        filed(facts(college.faculty, "website", "信工官网", "xg.cn")),
    )
    .await;

    let liaison = actor(
        me.0,
        "刘馆长",
        &[(Role::UnitLiaison, Scope::Unit(college.library))],
    );
    let page = app.client(&liaison).get("/").await.expect(200).text();
    assert!(page.contains("下午好，刘馆长"), "{page}");
    assert!(page.contains("您有 1 件待办，其中 1 件已逾期"), "{page}");
    assert!(page.contains("补录备案：“图书馆”"));
    assert!(
        !page.contains("信息工程学院"),
        "other units' figures are not theirs"
    );

    let page = app
        .client(&college.officer())
        .get("/")
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("没有待办") && page.contains("信息工程学院") && page.contains("data-chart")
    );

    // Who keeps the machine sees no channels.
    let page = app
        .client(&college.system())
        .get("/")
        .await
        .expect(200)
        .text();
    assert!(page.contains("没有待办") && !page.contains("各单位阵地数"));
}
zhendi_kernel::on_both_databases!(it_shows_what_to_do_then_how_things_are, || {
    crate::testing::setup()
});
