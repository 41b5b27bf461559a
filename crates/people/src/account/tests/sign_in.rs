//! Right and wrong secrets, locks, expiry, many at once.

use super::*;
use crate::account::store::{accounts, records, records::Ended};
use chrono::TimeDelta;
use zhendi_kernel::{on_both_databases, testing::TestApp};

async fn strangers_learn_nothing(app: TestApp) {
    let house = house(&app).await;
    let try_in = async |login: &str, secret: &str| {
        let answer = browser(&app)
            .post("/sign-in", &[("login", login), ("password", secret)])
            .await;
        // What was typed stands in the form again; nothing else may differ.
        (
            answer.status.as_u16(),
            answer.text().replace(login, "LOGIN"),
        )
    };
    let unknown = try_in("nobody", "x").await;
    assert_eq!(unknown.0, 422);
    assert!(unknown.1.contains("登录名或密码不正确"), "{}", unknown.1);
    assert_eq!(try_in("zhangsan", "x").await, unknown, "a wrong password");

    for _ in 0..4 {
        try_in("zhangsan", "x").await;
    }
    assert_eq!(
        try_in("zhangsan", PASSWORD).await,
        unknown,
        "locked, though right"
    );
    app.pass(TimeDelta::seconds(299));
    assert_eq!(try_in("zhangsan", PASSWORD).await, unknown, "still locked");
    app.pass(TimeDelta::seconds(1));
    assert_eq!(
        try_in("ＺhangSan ", PASSWORD).await.0,
        303,
        "unlocked, folded"
    );

    let tx = app.db.begin().await.unwrap();
    acts::disable(&tx, &app, &Actor::program("测试"), house.zhang)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(try_in("zhangsan", PASSWORD).await, unknown, "disabled");
    assert_eq!(
        try_in("zhangsan", "\0\u{202E}").await,
        unknown,
        "hostile text"
    );

    let mine = records::last(app.db.read(), house.zhang, 20).await.unwrap();
    let outcomes: Vec<Ended> = mine.iter().rev().map(|record| record.outcome).collect();
    use Ended::*;
    assert_eq!(
        outcomes,
        [
            Wrong, Wrong, Wrong, Wrong, Wrong, Locked, Locked, Accepted, Disabled, Wrong
        ]
    );
    assert_eq!(mine[0].address.as_deref(), Some("10.0.0.1"));

    let unread = zhendi_kernel::notify::unread(app.db.read(), house.zhang)
        .await
        .unwrap();
    assert_eq!(unread, 1, "the owner hears of the lock");
}
on_both_databases!(strangers_learn_nothing, super::super::set_up);

async fn each_lock_is_longer(app: TestApp) {
    let house = house(&app).await;
    let guess = async |secret: &str| {
        let answer = browser(&app)
            .post("/sign-in", &[("login", "zhangsan"), ("password", secret)])
            .await;
        answer.status.as_u16()
    };
    for (round, seconds) in [
        (1, 300),
        (2, 600),
        (3, 1200),
        (4, 2400),
        (5, 3600),
        (6, 3600),
    ] {
        for _ in 0..5 {
            assert_eq!(guess("x").await, 422);
        }
        let account = accounts::find(app.db.read(), house.zhang)
            .await
            .unwrap()
            .unwrap();
        let until = account.locked_until.unwrap();
        assert_eq!(
            until - app.now(),
            TimeDelta::seconds(seconds),
            "round {round}"
        );
        app.pass(TimeDelta::seconds(seconds));
    }
    assert_eq!(guess(PASSWORD).await, 303);
    let account = accounts::find(app.db.read(), house.zhang)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((account.failures, account.locked_until), (0, None));
}
on_both_databases!(each_lock_is_longer, super::super::set_up);

async fn an_address_that_guesses_waits(app: TestApp) {
    house(&app).await;
    change_settings(&app, |settings| settings.address_failures = 6).await;
    let bad = browser_at(&app, "192.0.2.7");
    for n in 0..6 {
        let login = format!("guess{n}");
        bad.post("/sign-in", &[("login", &login), ("password", "x")])
            .await
            .expect(422);
    }
    let form = [("login", "zhangsan"), ("password", PASSWORD)];
    let answer = bad.post("/sign-in", &form).await.expect(429);
    assert_eq!(answer.headers["retry-after"], "300");
    browser_at(&app, "192.0.2.8")
        .post("/sign-in", &form)
        .await
        .expect(303);
    app.pass(TimeDelta::seconds(301));
    bad.post("/sign-in", &form).await.expect(303);
}
on_both_databases!(an_address_that_guesses_waits, super::super::set_up);

async fn guesses_at_once_do_not_get_around_the_lock(app: TestApp) {
    let house = house(&app).await;
    let visitors: Vec<Client> = (0..16).map(|_| browser(&app)).collect();
    let form = [("login", "zhangsan"), ("password", "x")];
    let all = futures::future::join_all(
        visitors
            .iter()
            .map(|visitor| visitor.post("/sign-in", &form)),
    );
    for answer in all.await {
        answer.expect(422);
    }
    let account = accounts::find(app.db.read(), house.zhang)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(account.failures, 5, "the others were not even considered");
    assert!(account.standing().is_locked(app.now()));
}
on_both_databases!(
    guesses_at_once_do_not_get_around_the_lock,
    super::super::set_up
);

async fn sixteen_sign_in_at_once(app: TestApp) {
    house(&app).await;
    let visitors: Vec<Client> = (0..16).map(|_| browser(&app)).collect();
    let logins = ["system_admin", "security_admin", "auditor", "zhangsan"];
    let forms: Vec<[(&str, &str); 2]> = (0..16)
        .map(|n| [("login", logins[n % 4]), ("password", PASSWORD)])
        .collect();
    let all = visitors
        .iter()
        .zip(&forms)
        .map(|(visitor, form)| visitor.post("/sign-in", form));
    for answer in futures::future::join_all(all).await {
        answer.expect(303);
    }
    for visitor in &visitors {
        visitor.get("/").await.expect(200);
    }
}
on_both_databases!(sixteen_sign_in_at_once, super::super::set_up);

async fn a_password_gets_too_old(app: TestApp) {
    let house = house(&app).await;
    let unread = async || {
        zhendi_kernel::notify::unread(app.db.read(), house.zhang)
            .await
            .unwrap()
    };
    app.pass(TimeDelta::days(83) - TimeDelta::hours(24));
    app.run_jobs().await;
    assert_eq!(unread().await, 0);
    app.pass(TimeDelta::days(2));
    app.run_jobs().await;
    assert_eq!(unread().await, 1, "told once");
    app.pass(TimeDelta::days(1));
    app.run_jobs().await;
    assert_eq!(unread().await, 1, "and not again");

    app.pass(TimeDelta::days(5));
    let zhang = browser(&app);
    enter(&zhang, "zhangsan", PASSWORD).await;
    assert_eq!(
        zhang.get("/").await.expect(303).location(),
        "/account/password"
    );
    let fragment = browser(&app).with("hx-request".parse().unwrap(), "true");
    enter(&fragment, "zhangsan", PASSWORD).await;
    assert_eq!(
        fragment.get("/").await.expect(403).headers["hx-redirect"],
        "/account/password"
    );
    zhang.get("/api/v1/me").await.expect(403);
    let page = zhang.get("/account/password").await.expect(200).text();
    assert!(
        page.contains("已超过使用期限") && page.contains("现在的密码"),
        "{page}"
    );

    let post = async |current: &str, new: &str, again: &str| {
        let form = [("current", current), ("new", new), ("again", again)];
        zhang.post("/account/password", &form).await
    };
    let said = async |current: &str, new: &str, again: &str, words: &str| {
        let page = post(current, new, again).await.expect(422).text();
        assert!(page.contains(words), "{words}: {page}");
        assert!(!page.contains(PASSWORD), "passwords are not sent back");
    };
    said("", "a", "b", "请填写").await;
    said(PASSWORD, "v9!Lampen&Tee", "v9!Lampen&tee", "不一致").await;
    said(PASSWORD, PASSWORD, PASSWORD, "不能与现在的相同").await;
    said(
        PASSWORD,
        "zhangsan#7kQ!",
        "zhangsan#7kQ!",
        "不能含有您的登录名",
    )
    .await;
    said(PASSWORD, "张三k#7mPq!", "张三k#7mPq!", "不能含有您的姓名").await;
    said(
        PASSWORD,
        "江信院k#7mPq!",
        "江信院k#7mPq!",
        "不能含有您的单位名称",
    )
    .await;
    said(
        "wrong",
        "v9!Lampen&Tee",
        "v9!Lampen&Tee",
        "现在的密码不正确",
    )
    .await;
    post(PASSWORD, "v9!Lampen&Tee", "v9!Lampen&Tee")
        .await
        .expect(303);
    zhang.get("/").await.expect(200);
    fragment.get("/").await.expect(401);
    let old = [("login", "zhangsan"), ("password", PASSWORD)];
    browser(&app).post("/sign-in", &old).await.expect(422);
    enter(&browser(&app), "zhangsan", "v9!Lampen&Tee").await;
}
on_both_databases!(a_password_gets_too_old, super::super::set_up);

async fn a_stolen_session_cannot_guess_the_password(app: TestApp) {
    house(&app).await;
    let zhang = browser(&app);
    enter(&zhang, "zhangsan", PASSWORD).await;
    for _ in 0..5 {
        let form = [
            ("current", "x"),
            ("new", "v9!Lampen&Tee"),
            ("again", "v9!Lampen&Tee"),
        ];
        zhang.post("/account/password", &form).await.expect(422);
    }
    let form = [
        ("current", PASSWORD),
        ("new", "v9!Lampen&Tee"),
        ("again", "v9!Lampen&Tee"),
    ];
    zhang.post("/account/password", &form).await.expect(422);
}
on_both_databases!(
    a_stolen_session_cannot_guess_the_password,
    super::super::set_up
);

async fn one_comes_back_to_where_one_wanted(app: TestApp) {
    house(&app).await;
    let zhang = browser(&app);
    assert_eq!(
        zhang.get("/account?x=1").await.expect(303).location(),
        "/sign-in?next=%2Faccount%3Fx%3D1"
    );
    let page = zhang
        .get("/sign-in?next=%2Faccount%3Fx%3D1")
        .await
        .expect(200)
        .text();
    assert!(
        page.contains(r#"name="next" value="/account?x=1""#),
        "{page}"
    );
    let form = [
        ("login", "zhangsan"),
        ("password", PASSWORD),
        ("next", "/account?x=1"),
    ];
    assert_eq!(
        zhang.post("/sign-in", &form).await.expect(303).location(),
        "/account?x=1"
    );
    assert_eq!(
        zhang
            .get("/sign-in?next=//evil.example")
            .await
            .expect(303)
            .location(),
        "/"
    );
    let form = [
        ("login", "zhangsan"),
        ("password", PASSWORD),
        ("next", "//evil.example"),
    ];
    assert_eq!(
        browser(&app)
            .post("/sign-in", &form)
            .await
            .expect(303)
            .location(),
        "/"
    );
}
on_both_databases!(one_comes_back_to_where_one_wanted, super::super::set_up);
