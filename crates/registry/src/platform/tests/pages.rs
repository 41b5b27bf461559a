//! Keeping the list of platforms.

use crate::{
    platform,
    testing::{College, facts, filed, register},
};
use zhendi_kernel::{
    Role,
    actor::Scope,
    testing::{TestApp, actor},
};

async fn platforms_are_data(app: TestApp) {
    let seeded = platform::load(app.db.read()).await.unwrap();
    for (text, code) in [
        ("微信公众号", "wechat"),
        ("公众号", "wechat"),
        ("订阅号", "wechat_subscription"),
        ("头条号", "toutiao"),
        ("今日头条", "toutiao"),
        ("B站", "bilibili"),
        ("bilibili", "bilibili"),
        ("官网", "website"),
        ("网页", "website"),
        ("ＡＰＰ", "app"),
        ("抖音号", "douyin"),
        ("视频号", "wechat_video"),
    ] {
        assert_eq!(
            seeded.resolve(text).map(|found| found.code.0.as_str()),
            Some(code),
            "{text}"
        );
    }
    assert!(seeded.resolve("传呼机").is_none());
    for one in &seeded.0 {
        for name in one.aliases.iter().chain([&one.name]) {
            assert_eq!(
                seeded.resolve(name).unwrap().code,
                one.code,
                "{name} names two platforms"
            );
        }
    }

    let college = College::new(&app).await;
    let officer = app.client(&college.officer());
    officer.get("/platforms").await.expect(200);
    officer.get("/platforms/new").await.expect(200);
    let new = [
        ("code", "zhihu"),
        ("name", "知乎"),
        ("aliases", "知乎号\n知乎机构号"),
        ("annex2", "other"),
        ("named_by", "account"),
        ("sort", "200"),
    ];
    officer.post("/platforms", &new).await.expect(303);
    let page = officer.post("/platforms", &new).await.expect(422).text();
    assert!(page.contains("已被使用"), "{page}");
    let mut alias = new;
    alias[0].1 = "zhihu2";
    alias[1].1 = "微信";
    let page = officer.post("/platforms", &alias).await.expect(422).text();
    assert!(page.contains("与“微信公众号”的名称或别名相同"), "{page}");

    // Used, it is retired but not deleted.
    register(
        &app,
        filed(facts(college.library, "zhihu", "图书馆知乎", "lib")),
    )
    .await;
    officer
        .post("/platforms/zhihu/removals", &[])
        .await
        .expect(409);
    let mut retire = new.to_vec();
    retire.extend([("version", "0"), ("retired", "on")]);
    officer.post("/platforms/zhihu", &retire).await.expect(303);
    officer.post("/platforms/zhihu", &retire).await.expect(409);
    let after = platform::load(app.db.read()).await.unwrap();
    assert!(after.resolve("知乎机构号").unwrap().retired);
    assert!(!after.options("").iter().any(|(code, _)| code == "zhihu"));
    assert!(
        after
            .options("zhihu")
            .iter()
            .any(|(code, _)| code == "zhihu")
    );
    officer.get("/platforms/zhihu").await.expect(200);
    officer
        .post("/platforms/other/removals", &[])
        .await
        .expect(303);
    officer.get("/platforms/other").await.expect(404);

    // A keeper of one unit keeps no platforms.
    let one = actor(
        77,
        "张某",
        &[(Role::PublicityOfficer, Scope::Unit(college.library))],
    );
    app.client(&one).get("/platforms").await.expect(403);
    app.client(&college.liaison())
        .get("/platforms")
        .await
        .expect(403);
    app.client(&college.liaison())
        .post("/platforms", &new)
        .await
        .expect(403);
}
zhendi_kernel::on_both_databases!(platforms_are_data, || crate::testing::setup());
