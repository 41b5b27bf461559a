//! Acts on many channels, through pages and the job, on both databases.

use crate::{
    channel::{RunningState, store},
    testing::{College, facts, filed, register, staff, unfiled},
};
use chrono::TimeDelta;
use zhendi_kernel::{Role, actor::Scope, audit, testing::TestApp};

async fn many_are_done_and_the_rest_is_named(app: TestApp) {
    let college = College::new(&app).await;
    let one = register(
        &app,
        unfiled(facts(college.faculty, "weibo", "信工", "a"), "2026-12-20"),
    )
    .await;
    let two = register(
        &app,
        unfiled(facts(college.library, "weibo", "图书馆", "b"), "2026-12-20"),
    )
    .await;
    let done = register(
        &app,
        filed(facts(college.library, "wechat", "图书馆微信", "c")),
    )
    .await;
    let officer = staff(
        &app,
        college.root,
        "欧阳明月",
        Role::PublicityOfficer,
        Scope::Institution(college.root),
    )
    .await;
    let me = app.client(&officer);

    // Rows are chosen on the list, what is done on the page after it.
    let list = me.get("/channels").await.expect(200).text();
    assert!(
        list.contains("name=\"id\"") && list.contains("/channels/batches/new"),
        "{list}"
    );
    me.post("/channels/batches/new", &[("filter", "")])
        .await
        .expect(303);
    let ids = [one.id, done.id].map(|id| id.to_string());
    let page = me
        .post("/channels/batches/new", &[("id", &ids[0]), ("id", &ids[1])])
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("已选 2 个网络阵地") && page.contains("设定补录期限"),
        "{page}"
    );

    let day = (app.clock.today() + TimeDelta::days(40)).to_string();
    let filter = format!("ids={}%2C{}", ids[0], ids[1]);
    let mut order = [
        ("filter", filter.as_str()),
        ("all", "1"),
        ("act", "file_by"),
        ("day", "1999-01-01"),
    ];
    me.post("/channels/batches", &order).await.expect(422);
    order[3].1 = &day;
    let made = me.post("/channels/batches", &order).await.expect(303);
    let result = made.location().to_owned();
    let page = me.get(&result).await.expect(200).text();
    assert!(page.contains("正在办理"), "{page}");
    app.run_jobs().await;
    let page = me.get(&result).await.expect(200).text();
    assert!(
        page.contains("图书馆微信") && page.contains("不需要补录期限"),
        "{page}"
    );
    assert!(!page.contains("正在办理"));
    let after = store::get(app.db.read(), one.id).await.unwrap();
    assert_eq!(after.file_by.unwrap().to_string(), day);
    assert_eq!(
        store::get(app.db.read(), two.id).await.unwrap().file_by,
        two.file_by
    );
    let told = audit::history(app.db.read(), store::KIND, one.id.0)
        .await
        .unwrap();
    assert_eq!(told.last().unwrap().action, "channel.term_set");

    // All that a filter finds; a reason where one is needed.
    let mut order = [
        ("filter", "platform=weibo"),
        ("all", "1"),
        ("act", "suspend"),
        ("reason", ""),
    ];
    me.post("/channels/batches", &order).await.expect(422);
    order[3].1 = "暑期统一暂停";
    let made = me.post("/channels/batches", &order).await.expect(303);
    app.run_jobs().await;
    for id in [one.id, two.id] {
        assert_eq!(
            store::get(app.db.read(), id).await.unwrap().running,
            RunningState::Suspended
        );
    }
    assert_eq!(
        store::get(app.db.read(), done.id).await.unwrap().running,
        RunningState::Live
    );

    // Nobody else reads the result; nobody does what they may not.
    let liaison = app.client(&college.liaison());
    liaison.get(made.location()).await.expect(404);
    liaison.post("/channels/batches", &order).await.expect(422);
}
zhendi_kernel::on_both_databases!(many_are_done_and_the_rest_is_named, || {
    crate::testing::setup()
});

async fn rights_are_those_of_the_moment(app: TestApp) {
    let college = College::new(&app).await;
    let mine = register(&app, filed(facts(college.library, "weibo", "图书馆", "a"))).await;
    let others = register(&app, filed(facts(college.faculty, "weibo", "信工", "b"))).await;
    let head = staff(
        &app,
        college.library,
        "李卫东",
        Role::UnitHead,
        Scope::Unit(college.library),
    )
    .await;
    let me = app.client(&head);
    let order = [
        ("filter", "ids="),
        ("all", "1"),
        ("act", "suspend"),
        ("reason", "停更"),
    ];
    let filter = format!("ids={},{}", mine.id, others.id);
    let mut order = order;
    order[0].1 = &filter;
    // What is not seen is not chosen.
    let made = me.post("/channels/batches", &order).await.expect(303);
    app.run_jobs().await;
    let page = me.get(made.location()).await.expect(200).text();
    assert!(!page.contains("信工"), "{page}");
    assert_eq!(
        store::get(app.db.read(), mine.id).await.unwrap().running,
        RunningState::Suspended
    );
    assert_eq!(
        store::get(app.db.read(), others.id).await.unwrap().running,
        RunningState::Live
    );

    // Who lost the role before the job came to it does nothing.
    order[2].1 = "resume";
    let made = me.post("/channels/batches", &order).await.expect(303);
    let grants = zhendi_people::role::of_person(app.db.read(), app.now(), head.person().unwrap())
        .await
        .unwrap();
    let tx = app.db.begin().await.unwrap();
    zhendi_people::role::revoke(&tx, &app, &crate::testing::program(), grants[0].id)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.run_jobs().await;
    assert_eq!(
        store::get(app.db.read(), mine.id).await.unwrap().running,
        RunningState::Suspended
    );
    let page = me.get(made.location()).await.expect(200).text();
    assert!(page.contains("未办理的网络阵地"), "{page}");
}
zhendi_kernel::on_both_databases!(rights_are_those_of_the_moment, || crate::testing::setup());
