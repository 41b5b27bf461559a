//! Which accounts are listed, on both databases, and that a decision holds until something changes.

use super::Why;
use crate::{
    channel::{self, store},
    testing::{College, facts, filed, program, register},
};
use zhendi_kernel::testing::TestApp;

async fn accounts_too_many_are_listed_until_decided(app: TestApp) {
    let college = College::new(&app).await;
    let add = async |unit, platform: &str, name: &str, id: &str, body: &str| {
        let mut facts = facts(unit, platform, name, id);
        facts.certified_body = body.into();
        register(&app, filed(facts)).await
    };
    const OWN: &str = "江海职业技术学院";
    add(college.faculty, "weibo", "信工微博", "a1", OWN).await;
    add(college.faculty, "weibo", "信工第二微博", "a2", OWN).await;
    add(college.library, "weibo", "读书会官方微博", "b1", "读书会").await;
    add(college.lab, "weibo", "读书会", "b2", "读书会").await;
    add(college.lab, "wechat", "实验室", "c1", OWN).await;
    add(
        college.lab,
        "wechat_subscription",
        "实验室（订阅号）",
        "c2",
        OWN,
    )
    .await;
    // The same name everywhere is what units should have.
    add(college.library, "wechat", "图书馆", "d1", OWN).await;
    add(college.library, "douyin", "图书馆", "d2", OWN).await;
    let mut idle = facts(college.library, "kuaishou", "图书馆快手", "e1");
    idle.followers = Some(12);
    idle.survey.problem = "长期无更新".into();
    let idle = register(&app, filed(idle)).await;

    let officer = app.client(&college.officer());
    let path = |why: Why| format!("/channels/consolidation?why={}", why.code());
    let page = officer.get(&path(Why::SamePlace)).await.expect(200).text();
    assert!(
        page.contains("信工第二微博") && !page.contains("读书会官方微博"),
        "{page}"
    );
    let page = officer.get(&path(Why::SameName)).await.expect(200).text();
    assert!(
        page.contains("读书会官方微博") && page.contains("实验室（订阅号）"),
        "{page}"
    );
    assert!(
        !page.contains("图书馆快手") && !page.contains(">图书馆</a>"),
        "{page}"
    );
    let page = officer.get(&path(Why::SameBody)).await.expect(200).text();
    assert!(
        page.contains("读书会 · 微博") && !page.contains("信工第二微博"),
        "{page}"
    );
    let page = officer.get(&path(Why::LittleUsed)).await.expect(200).text();
    assert!(
        page.contains("粉丝仅 12 个") && page.contains("无更新"),
        "{page}"
    );
    assert!(
        page.contains(&format!("kind=cancellation&amp;channel={}", idle.id))
            || !page.contains("注销备案")
    );

    // Kept with a reason, each is not listed again …
    let id = idle.id.to_string();
    let keep = [
        ("why", "little"),
        ("key", id.as_str()),
        ("reason", "开学后恢复更新"),
    ];
    officer
        .post(
            "/channels/consolidation",
            &[("why", "little"), ("key", &id), ("reason", " ")],
        )
        .await
        .expect(409);
    app.client(&college.liaison())
        .post("/channels/consolidation", &keep)
        .await
        .expect(403);
    officer
        .post("/channels/consolidation", &keep)
        .await
        .expect(303);
    let page = officer.get(&path(Why::LittleUsed)).await.expect(200).text();
    assert!(!page.contains("图书馆快手"), "{page}");
    let page = officer.get(&path(Why::SamePlace)).await.expect(200).text();
    let value = |name: &str| {
        let from = page.find(&format!("name=\"{name}\" value=\"")).unwrap();
        let rest = &page[from..];
        rest.split('"').nth(3).unwrap().to_owned()
    };
    let (key, print) = (value("key"), value("fingerprint"));
    let keep = [
        ("why", "place"),
        ("key", key.as_str()),
        ("fingerprint", print.as_str()),
        ("reason", "两个校区"),
    ];
    let mut stale = keep;
    stale[2].1 = "1:1:1:1";
    officer
        .post("/channels/consolidation", &stale)
        .await
        .expect(409);
    officer
        .post("/channels/consolidation", &keep)
        .await
        .expect(303);
    let page = officer.get(&path(Why::SamePlace)).await.expect(200).text();
    assert!(!page.contains("信工第二微博"), "{page}");

    // … until something changes.
    add(college.faculty, "weibo", "信工第三微博", "a3", OWN).await;
    let page = officer.get(&path(Why::SamePlace)).await.expect(200).text();
    assert!(page.contains("信工第三微博"), "{page}");
    let mut content = idle.content();
    content.facts.followers = Some(11);
    let tx = app.db.begin().await.unwrap();
    channel::correct(&tx, &app, &program(), idle, content)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = officer.get(&path(Why::LittleUsed)).await.expect(200).text();
    assert!(page.contains("图书馆快手"), "{page}");

    // A unit sees its own only.
    let page = app
        .client(&college.liaison())
        .get(&path(Why::SameBody))
        .await
        .expect(200)
        .text();
    assert!(!page.contains("读书会 · 微博"), "{page}");
}
zhendi_kernel::on_both_databases!(accounts_too_many_are_listed_until_decided, || {
    crate::testing::setup()
});

async fn names_are_made_comparable_afterwards(app: TestApp) {
    let college = College::new(&app).await;
    let one = register(
        &app,
        filed(facts(college.faculty, "weibo", "信工官方微博", "a")),
    )
    .await;
    let db = &app.db;
    use sea_orm::{
        ConnectionTrait, ExprTrait,
        sea_query::{Expr, Query},
    };
    let tx = db.begin().await.unwrap();
    let mut blank = Query::update();
    blank
        .table("channel")
        .value("name_key", "")
        .and_where(Expr::col("id").eq(one.id.0));
    tx.execute(&blank).await.unwrap();
    tx.commit().await.unwrap();
    while store::fill_name_keys(&app, channel::similar::name_key)
        .await
        .unwrap()
    {}
    let mut key = Query::select();
    key.column("name_key").from("channel");
    let row = app.db.read().query_one(&key).await.unwrap().unwrap();
    assert_eq!(row.try_get::<String>("", "name_key").unwrap(), "信工");
}
zhendi_kernel::on_both_databases!(names_are_made_comparable_afterwards, || {
    crate::testing::setup()
});
