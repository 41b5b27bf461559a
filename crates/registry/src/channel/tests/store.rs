//! What is written, on both databases.

use crate::{
    channel::{
        self, CATCH_UP, ChannelPeople, FilingState, RunningState,
        identity::{self, Owner},
        store,
    },
    testing::{College, facts, filed, person_at, program, register, unfiled},
};
use sea_orm::{EntityTrait, PaginatorTrait};
use zhendi_kernel::{Fault, FilingId, audit, testing::TestApp, work};
use zhendi_people::{holding, person, unit};

async fn a_channel_is_kept_whole(app: TestApp) {
    let college = College::new(&app).await;
    let leader = person_at(&app, college.faculty, "陈院长", "13800138001").await;
    let keeper = person_at(&app, college.faculty, "张敏", "13800138002").await;
    let mut new = unfiled(
        facts(
            college.faculty,
            "website",
            "信工官网",
            "https://xg.example.edu.cn/",
        ),
        "2026-12-20",
    );
    new.people = ChannelPeople {
        leader: Some(leader),
        reviewers: vec![leader],
        operators: vec![keeper, leader],
    };
    new.facts.survey.review_system = Some(true);
    new.second_account_reason = Some("分校区专用".into());
    let made = register(&app, new.clone()).await;
    let found = store::get(app.db.read(), made.id).await.unwrap();
    assert_eq!(found, made);
    assert_eq!(found.facts, new.facts);
    assert_eq!(found.people, new.people);

    // It waits to be filed, by the end of the day.
    let waiting = work::of_subject(app.db.read(), app.now(), (store::KIND, made.id.0))
        .await
        .unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].kind, CATCH_UP);
    assert_eq!(
        waiting[0].due.unwrap().to_rfc3339(),
        "2026-12-20T15:59:59+00:00"
    );
    // Its people would have to hand it over.
    let held = holding::of_person(app.db.read(), keeper).await.unwrap();
    assert_eq!(held[0].capacity, "运维负责人");
    // It is in the record.
    let told = audit::history(app.db.read(), store::KIND, made.id.0)
        .await
        .unwrap();
    assert_eq!(told[0].summary, "登记网络阵地“信工官网”");
}
zhendi_kernel::on_both_databases!(a_channel_is_kept_whole, || crate::testing::setup());

async fn one_account_is_registered_once(app: TestApp) {
    let college = College::new(&app).await;
    let first = register(
        &app,
        filed(facts(college.faculty, "weibo", "信工微博", "@XinGong")),
    )
    .await;
    let tx = app.db.begin().await.unwrap();
    let again = filed(facts(
        college.library,
        "weibo",
        "图书馆微博",
        "ｘｉｎｇｏｎｇ",
    ));
    let refused = channel::register(&tx, &app, &program(), again, None).await;
    assert!(matches!(refused, Err(Fault::Refused(_))), "{refused:?}");
    tx.rollback().await.unwrap();
    assert_eq!(store::Entity::find().count(app.db.read()).await.unwrap(), 1);

    // A filing that is on its way holds its key too, and gives it to the channel it makes.
    let tx = app.db.begin().await.unwrap();
    let wanted = facts(college.library, "weibo", "图书馆微博", "tushuguan");
    let keys = identity::keys(&wanted, crate::platform::NamedBy::Account);
    let filing = Owner::Filing(FilingId(5));
    identity::claim(&tx, &keys, filing).await.unwrap().unwrap();
    let other = identity::claim(&tx, &keys, Owner::Filing(FilingId(6)))
        .await
        .unwrap();
    assert_eq!(other.unwrap_err().by, filing);
    let made = channel::register(&tx, &app, &program(), filed(wanted), Some(FilingId(5)))
        .await
        .unwrap();
    assert_eq!(
        identity::owner_of(&tx, &keys[0]).await.unwrap(),
        Some(Owner::Channel(made.id))
    );
    tx.commit().await.unwrap();
    assert_ne!(made.id, first.id);
}
zhendi_kernel::on_both_databases!(one_account_is_registered_once, || crate::testing::setup());

async fn of_two_at_once_one_wins(app: TestApp) {
    let college = College::new(&app).await;
    let attempt = |n: usize| {
        let app = (*app).clone();
        async move {
            let tx = app.db.begin().await?;
            let new = filed(facts(
                college.faculty,
                "douyin",
                &format!("抖音 {n}"),
                "same",
            ));
            let made = channel::register(&tx, &app, &program(), new, None).await?;
            tx.commit().await?;
            Ok::<_, Fault>(made)
        }
    };
    let all = futures::future::join_all((0..6).map(|n| tokio::spawn(attempt(n)))).await;
    let (mut won, mut told) = (0, 0);
    for one in all {
        match one.unwrap() {
            Ok(_) => won += 1,
            Err(Fault::Refused(_)) => told += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((won, told), (1, 5));
    assert_eq!(store::Entity::find().count(app.db.read()).await.unwrap(), 1);
}
zhendi_kernel::on_both_databases!(of_two_at_once_one_wins, || crate::testing::setup());

async fn who_read_an_old_version_loses(app: TestApp) {
    let college = College::new(&app).await;
    let old = register(
        &app,
        filed(facts(college.faculty, "website", "官网", "a.example.cn")),
    )
    .await;
    let tx = app.db.begin().await.unwrap();
    channel::set_running(&tx, &app, &program(), old.clone(), true, "改版")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let tx = app.db.begin().await.unwrap();
    let mut content = old.content();
    content.facts.followers = Some(1);
    let lost = channel::correct(&tx, &app, &program(), old, content).await;
    assert!(matches!(lost, Err(Fault::Stale)), "{lost:?}");
}
zhendi_kernel::on_both_databases!(who_read_an_old_version_loses, || crate::testing::setup());

async fn corrections_move_key_search_and_record(app: TestApp) {
    let college = College::new(&app).await;
    let before = register(
        &app,
        unfiled(
            facts(college.faculty, "website", "旧站", "old.example.cn"),
            "2026-12-20",
        ),
    )
    .await;
    let tx = app.db.begin().await.unwrap();
    let mut content = before.content();
    content.facts.name = "新站".into();
    content.facts.address_or_id = "new.example.cn".into();
    let after = channel::correct(&tx, &app, &program(), before.clone(), content.clone())
        .await
        .unwrap();
    let same = channel::correct(&tx, &app, &program(), after.clone(), content)
        .await
        .unwrap();
    assert_eq!(
        same.version, after.version,
        "nothing differs, nothing is written"
    );
    tx.commit().await.unwrap();
    // The old address is free again.
    register(
        &app,
        filed(facts(
            college.library,
            "website",
            "另一站",
            "old.example.cn",
        )),
    )
    .await;
    let told = audit::history(app.db.read(), store::KIND, before.id.0)
        .await
        .unwrap();
    assert_eq!(told.len(), 2);

    // Filed, it waits no more.
    let tx = app.db.begin().await.unwrap();
    let begun = channel::begin_filing(&tx, &app, &program(), after)
        .await
        .unwrap();
    let content = begun.content();
    let filed = channel::file(
        &tx,
        &app,
        &program(),
        begun,
        content,
        "宣备〔2026〕1号".into(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(filed.filing, FilingState::Filed);
    assert_eq!(filed.running, RunningState::Live);
    let waiting = work::of_subject(app.db.read(), app.now(), (store::KIND, before.id.0))
        .await
        .unwrap();
    assert!(waiting.is_empty());
}
zhendi_kernel::on_both_databases!(corrections_move_key_search_and_record, || {
    crate::testing::setup()
});

async fn channels_follow_people_and_units(app: TestApp) {
    let college = College::new(&app).await;
    let from = person_at(&app, college.lab, "孙离任", "13800138003").await;
    let to = person_at(&app, college.faculty, "周接任", "13800138004").await;
    let mut new = unfiled(facts(college.lab, "wechat", "网络实验室", ""), "2026-12-20");
    new.people.operators = vec![from];
    let made = register(&app, new).await;
    let tx = app.db.begin().await.unwrap();
    let lab = unit::find(&tx, college.lab).await.unwrap().unwrap();
    unit::merge(
        &tx,
        &app,
        &program(),
        &lab,
        college.faculty,
        app.clock.today(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    app.run_jobs().await;
    let moved = store::get(app.db.read(), made.id).await.unwrap();
    assert_eq!(moved.facts.unit, college.faculty);
    let waiting = work::of_subject(app.db.read(), app.now(), (store::KIND, made.id.0))
        .await
        .unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].unit, college.faculty);
    let key = identity::keys(&moved.facts, crate::platform::NamedBy::Account);
    assert_eq!(
        identity::owner_of(app.db.read(), &key[0]).await.unwrap(),
        Some(Owner::Channel(made.id))
    );

    let held = holding::of_person(app.db.read(), from).await.unwrap();
    assert_eq!(held.len(), 1);
    let tx = app.db.begin().await.unwrap();
    let order =
        serde_json::json!({ "kind": "channel", "subject": made.id, "from": from, "to": to });
    zhendi_kernel::jobs::enqueue(
        &tx,
        &app,
        zhendi_kernel::jobs::NewJob::new(holding::HANDED_OVER, order),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    app.run_jobs().await;
    let handed = store::get(app.db.read(), made.id).await.unwrap();
    assert_eq!(handed.people.operators, vec![to]);
    assert!(
        holding::of_person(app.db.read(), from)
            .await
            .unwrap()
            .is_empty()
    );
    let cards = person::cards(app.db.read(), &app, &[to]).await.unwrap();
    assert_eq!(cards[&to].name, "周接任");
}
zhendi_kernel::on_both_databases!(channels_follow_people_and_units, || crate::testing::setup());
