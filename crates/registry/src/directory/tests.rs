//! The public directory.

use crate::{
    channel::{self, Holder, RunningState},
    testing::{College, facts, filed, person_at, program, register, unfiled},
};
use zhendi_kernel::testing::TestApp;

async fn it_says_whether_an_account_is_official(app: TestApp) {
    let college = College::new(&app).await;
    let keeper = person_at(&app, college.library, "李馆员", "13800138009").await;
    let mut site = filed(facts(
        college.library,
        "website",
        "图书馆网站",
        "https://lib.example.edu.cn",
    ));
    site.people.operators = vec![keeper];
    let site = register(&app, site).await;
    let mut personal = facts(college.faculty, "weibo", "院长信箱", "yuanzhang");
    personal.holder = Holder::PersonByPost("院长".into());
    register(&app, filed(personal)).await;
    register(
        &app,
        unfiled(
            facts(college.library, "douyin", "图书馆抖音", "lib_dy"),
            "2026-12-20",
        ),
    )
    .await;
    let mut planned = filed(facts(college.library, "bilibili", "图书馆B站", "lib_b"));
    planned.running = RunningState::Planned;
    register(&app, planned).await;
    let visitor = app.visitor();

    for link in [
        "http%3A%2F%2FLIB.example.edu.cn%2Findex.html",
        "https%3A%2F%2Flib.example.edu.cn%2Finfo%2F1001%2F2.htm",
        "lib.example.edu.cn",
    ] {
        let page = visitor
            .get(&format!("/directory?q={link}"))
            .await
            .expect(200)
            .text();
        assert!(page.contains("是官方账号。"), "{link}");
    }
    let page = visitor
        .get("/directory?q=%40YuanZhang")
        .await
        .expect(200)
        .text();
    assert!(page.contains("是官方账号。") && page.contains("院长信箱"));

    // A look-alike host, an account not filed, one not open: not official, and what to do.
    for fake in [
        "lib.example.edu.cn.evil.com",
        "lib_dy",
        "lib_b",
        "xn--nothing",
    ] {
        let page = visitor
            .get(&format!("/directory?q={fake}"))
            .await
            .expect(200)
            .text();
        assert!(
            page.contains("未在名录中查到") && page.contains("核实"),
            "{fake}"
        );
        assert!(!page.contains("是官方账号。"), "{fake}");
    }
    // A name alone proves nothing.
    let page = visitor
        .get("/directory?q=%E5%9B%BE%E4%B9%A6%E9%A6%86")
        .await
        .expect(200)
        .text();
    assert!(page.contains("逐个核对") && page.contains("图书馆网站"));
    assert!(!page.contains("图书馆抖音") && !page.contains("图书馆B站"));
    // One character serves.
    let page = visitor
        .get("/directory?q=%E9%A6%86")
        .await
        .expect(200)
        .text();
    assert!(page.contains("图书馆网站"));

    let page = visitor
        .get(&format!("/directory/{}", site.id))
        .await
        .expect(200)
        .text();
    assert!(page.contains("图书馆网站") && page.contains("官方账号"));
    for personal in ["李馆员", "13800138009", "138****", "科长"] {
        assert!(!page.contains(personal), "{personal} is not for everyone");
    }
    // Paused, it is not there.
    let tx = app.db.begin().await.unwrap();
    channel::set_running(&tx, &app, &program(), site.clone(), true, "改版")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    visitor
        .get(&format!("/directory/{}", site.id))
        .await
        .expect(404);
    let page = visitor
        .get("/directory?q=lib.example.edu.cn")
        .await
        .expect(200)
        .text();
    assert!(page.contains("未在名录中查到"));
    visitor.get("/directory/999999").await.expect(404);
}
zhendi_kernel::on_both_databases!(it_says_whether_an_account_is_official, || {
    crate::testing::setup()
});

async fn programs_ask_it_too(app: TestApp) {
    let college = College::new(&app).await;
    register(
        &app,
        filed(facts(college.library, "weibo", "图书馆微博", "lib_weibo")),
    )
    .await;
    let visitor = app.visitor();
    let ask = async |q: &str| {
        visitor
            .get(&format!("/api/v1/directory{q}"))
            .await
            .expect(200)
            .json()
    };
    let all = ask("").await;
    assert_eq!(all["total"], 1);
    assert!(all["verdict"].is_null());
    assert_eq!(all["items"][0]["unit_name"], "图书馆");
    let yes = ask("?q=LIB_WEIBO").await;
    assert_eq!(yes["verdict"], "official");
    assert_eq!(yes["official"]["name"], "图书馆微博");
    assert_eq!(ask("?q=%E5%BE%AE%E5%8D%9A").await["verdict"], "similar");
    assert_eq!(ask("?q=nobody").await["verdict"], "not_found");
    let other = ask(&format!("?unit={}", college.faculty)).await;
    assert_eq!(other["total"], 0);
}
zhendi_kernel::on_both_databases!(programs_ask_it_too, || crate::testing::setup());
