//! The system administrator makes, unlocks, resets and disables accounts, and gives no role.

use super::*;
use chrono::TimeDelta;
use zhendi_kernel::{audit, notify, on_both_databases, testing::TestApp, work::Holders};

async fn accounts_are_kept_by_the_system_administrator(app: TestApp) {
    let house = house(&app).await;
    let system = browser(&app);
    enter(&system, "system_admin", PASSWORD).await;
    let tx = app.db.begin().await.unwrap();
    let root = unit::root(&tx).await.unwrap().unwrap();
    let new = NewPerson {
        unit: root.id,
        name: "欧阳明月".into(),
        employment: None,
        post: "科员".into(),
        phone: None,
        mail: None,
        staff_number: Some("A2031".into()),
    };
    let ouyang = person::create_contact(&tx, &app, &Actor::program("测试"), new)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let id = ouyang.to_string();

    let form = system
        .get(&format!("/accounts/new?person={id}"))
        .await
        .expect(200)
        .text();
    assert!(
        form.contains("欧阳明月") && form.contains(r#"value="A2031""#),
        "{form}"
    );
    let taken = [("person", id.as_str()), ("login", "ZhangSan")];
    let page = system.post("/accounts", &taken).await.expect(422).text();
    assert!(page.contains("已被使用"), "{page}");
    let create = [("person", id.as_str()), ("login", "A2031")];
    let page = system.post("/accounts", &create).await.expect(200).text();
    let code = codes(&page).remove(0);
    system.post("/accounts", &create).await.expect(409);

    // The code opens nothing but the choice of a password.
    let visitor = browser(&app);
    enter(&visitor, "a2031", &code).await;
    assert_eq!(
        visitor.get("/account").await.expect(303).location(),
        "/account/password"
    );
    visitor.get("/api/v1/me").await.expect(403);
    let page = visitor.get("/account/password").await.expect(200).text();
    assert!(!page.contains("现在的密码"), "{page}");
    let choose = [("new", "v9!Lampen&Tee"), ("again", "v9!Lampen&Tee")];
    visitor.post("/account/password", &choose).await.expect(303);
    visitor.get("/").await.expect(200);
    // It gave no role.
    visitor.get("/accounts").await.expect(403);
    let actor = role::load_actor(app.db.read(), app.now(), ouyang)
        .await
        .unwrap();
    assert!(actor.grants.is_empty());
    browser(&app)
        .post("/sign-in", &[("login", "A2031"), ("password", &code)])
        .await
        .expect(422);

    // Locked, unlocked.
    let path = |verb: &str| format!("/accounts/{id}/{verb}");
    system.post(&path("unlocks"), &[]).await.expect(409);
    for _ in 0..5 {
        browser(&app)
            .post("/sign-in", &[("login", "A2031"), ("password", "x")])
            .await
            .expect(422);
    }
    let list = system
        .get("/accounts?state=locked")
        .await
        .expect(200)
        .text();
    assert!(
        list.contains("欧阳明月") && !list.contains("张三"),
        "{list}"
    );
    system.post(&path("unlocks"), &[]).await.expect(303);
    enter(&browser(&app), "A2031", "v9!Lampen&Tee").await;

    // Disabled, enabled.
    system.post(&path("disablements"), &[]).await.expect(303);
    visitor.get("/").await.expect(303);
    system.post(&path("disablements"), &[]).await.expect(409);
    // Nor does the list of work, and with it the calendar's secret address, know them any more.
    assert!(role::Staff.actor(&app, ouyang).await.unwrap().is_none());
    let list = system
        .get("/accounts?state=disabled")
        .await
        .expect(200)
        .text();
    assert!(list.contains("欧阳明月"), "{list}");
    system.post(&path("enablements"), &[]).await.expect(303);
    assert!(role::Staff.actor(&app, ouyang).await.unwrap().is_some());
    enter(&visitor, "A2031", "v9!Lampen&Tee").await;

    // Reset: the password and every session are gone, owner and auditor hear of it.
    let page = system.post(&path("resets"), &[]).await.expect(200).text();
    let code = codes(&page).remove(0);
    visitor.get("/").await.expect(303);
    browser(&app)
        .post(
            "/sign-in",
            &[("login", "A2031"), ("password", "v9!Lampen&Tee")],
        )
        .await
        .expect(422);
    assert!(notify::unread(app.db.read(), ouyang).await.unwrap() >= 1);
    assert!(notify::unread(app.db.read(), house.auditor).await.unwrap() >= 1);
    app.pass(TimeDelta::hours(72));
    browser(&app)
        .post("/sign-in", &[("login", "A2031"), ("password", &code)])
        .await
        .expect(422);
    app.run_jobs().await;

    // Search by name, two characters; by login; by state.
    enter(&system, "system_admin", PASSWORD).await;
    for (query, found) in [
        ("q=欧阳", true),
        ("q=a203", true),
        ("q=%E5%BC%A0%E4%B8%89", false),
        ("state=unused", false),
    ] {
        let query = query.replace("欧阳", "%E6%AC%A7%E9%98%B3");
        let list = system
            .get(&format!("/accounts?{query}"))
            .await
            .expect(200)
            .text();
        assert_eq!(list.contains("欧阳明月"), found, "{query}");
    }

    // Not oneself, not by others.
    system
        .post(&format!("/accounts/{}/resets", house.system), &[])
        .await
        .expect(409);
    system
        .post(&format!("/accounts/{}/disablements", house.system), &[])
        .await
        .expect(409);
    system
        .post("/accounts/999999/resets", &[])
        .await
        .expect(404);
    for login in ["security_admin", "auditor", "zhangsan"] {
        let other = browser(&app);
        enter(&other, login, PASSWORD).await;
        other.get("/accounts").await.expect(403);
        other
            .get(&format!("/accounts/new?person={id}"))
            .await
            .expect(403);
        other.post("/accounts", &create).await.expect(403);
        for verb in ["unlocks", "resets", "disablements", "enablements"] {
            other.post(&path(verb), &[]).await.expect(403);
        }
    }

    let lines = audit::history(app.db.read(), "person", ouyang.0)
        .await
        .unwrap();
    let summaries: Vec<&str> = lines.iter().map(|line| line.summary.as_str()).collect();
    for expected in [
        "开通登录账号",
        "修改登录密码",
        "解锁登录账号",
        "停用登录账号",
        "恢复登录账号",
        "重置登录密码",
    ] {
        assert!(summaries.contains(&expected), "{expected}: {summaries:?}");
    }
}
on_both_databases!(
    accounts_are_kept_by_the_system_administrator,
    super::super::set_up
);

async fn the_person_s_page_shows_the_account(app: TestApp) {
    use askama::Template;
    use zhendi_kernel::testing::actor;
    let house = house(&app).await;
    let root = unit::root(app.db.read()).await.unwrap().unwrap();
    let at_root = |role| actor(77, "某人", &[(role, Scope::Institution(root.id))]);
    let block = super::super::state_block(&app, &at_root(Role::SystemAdmin), house.zhang)
        .await
        .unwrap();
    let html = block.unwrap().render().unwrap();
    assert!(
        html.contains("从未登录") && html.contains("重置密码"),
        "{html}"
    );
    let block = super::super::state_block(&app, &at_root(Role::SecurityAdmin), house.zhang)
        .await
        .unwrap();
    let html = block.unwrap().render().unwrap();
    assert!(
        html.contains("zhangsan") && !html.contains("重置密码"),
        "{html}"
    );
    let block = super::super::state_block(&app, &at_root(Role::PublicityOfficer), house.zhang)
        .await
        .unwrap();
    assert!(block.is_none());
}
on_both_databases!(the_person_s_page_shows_the_account, super::super::set_up);

async fn demonstration_accounts_need_no_new_password(app: TestApp) {
    house(&app).await;
    let tx = app.db.begin().await.unwrap();
    let root = unit::root(&tx).await.unwrap().unwrap();
    let new = NewPerson {
        unit: root.id,
        name: "钱演示".into(),
        employment: None,
        post: String::new(),
        phone: None,
        mail: None,
        staff_number: None,
    };
    let program = Actor::program("演示");
    let person = person::create_contact(&tx, &app, &program, new)
        .await
        .unwrap();
    let login = Login::parse("demo.qian").unwrap();
    let issued = acts::create(&tx, &app, &program, person, &login, Some("common"))
        .await
        .unwrap();
    assert_eq!(issued.code, None);
    tx.commit().await.unwrap();
    let qian = browser(&app);
    enter(&qian, "demo.qian", "common").await;
    qian.get("/").await.expect(200);
    app.pass(TimeDelta::days(400));
    enter(&qian, "demo.qian", "common").await;
    qian.get("/").await.expect(200);
    app.run_jobs().await;
    assert_eq!(notify::unread(app.db.read(), person).await.unwrap(), 0);
}
on_both_databases!(
    demonstration_accounts_need_no_new_password,
    super::super::set_up
);

async fn limits_are_the_institution_s_within_the_rule(app: TestApp) {
    house(&app).await;
    let system = browser(&app);
    enter(&system, "system_admin", PASSWORD).await;
    let page = system.get("/settings/accounts").await.expect(200).text();
    assert!(page.contains("密码最少字符数"), "{page}");
    let mut form = vec![
        ("min_length", "7"),
        ("max_age_days", "0"),
        ("failures", "3"),
        ("lock_seconds", "60"),
        ("address_failures", "50"),
        ("idle_minutes", "10"),
        ("session_hours", "8"),
        ("sessions_per_person", "2"),
        ("code_hours", "24"),
        ("record_days", "x"),
    ];
    let page = system
        .post("/settings/accounts", &form)
        .await
        .expect(422)
        .text();
    assert!(
        page.contains("8 到 64 之间") && page.contains("184 到 3650 之间"),
        "{page}"
    );
    form[0].1 = "10";
    form[9].1 = "365";
    system.post("/settings/accounts", &form).await.expect(303);
    app.pass(TimeDelta::minutes(10));
    system.get("/").await.expect(303);
    let security = browser(&app);
    enter(&security, "security_admin", PASSWORD).await;
    security.post("/settings/accounts", &form).await.expect(403);
    let short = [
        ("current", PASSWORD),
        ("new", "K7#mPq2xv"),
        ("again", "K7#mPq2xv"),
    ];
    let page = security
        .post("/account/password", &short)
        .await
        .expect(422)
        .text();
    assert!(page.contains("至少 10 个字符"), "{page}");
}
on_both_databases!(
    limits_are_the_institution_s_within_the_rule,
    super::super::set_up
);

async fn many_accounts_are_opened_at_once(app: TestApp) {
    house(&app).await;
    let system = browser(&app);
    enter(&system, "system_admin", PASSWORD).await;
    let (one, two, three) = {
        let tx = app.db.begin().await.unwrap();
        let root = unit::root(&tx).await.unwrap().unwrap();
        let mut made = vec![];
        for (name, number) in [("甲", Some("T9001")), ("乙", None), ("丙", Some("T9003"))] {
            let new = NewPerson {
                unit: root.id,
                name: name.into(),
                employment: None,
                post: "科员".into(),
                phone: None,
                mail: None,
                staff_number: number.map(str::to_owned),
            };
            let actor = Actor::program("测试");
            made.push(
                person::create_contact(&tx, &app, &actor, new)
                    .await
                    .unwrap(),
            );
        }
        tx.commit().await.unwrap();
        (made[0], made[1], made[2])
    };
    let form = system.get("/accounts/batches/new").await.expect(200).text();
    assert!(form.contains("value=\"T9001\"") && form.contains("乙"));
    let nobody = system.post("/accounts/batches", &[]).await.expect(422);
    assert!(nobody.text().contains("请先勾选"));

    let (a, b) = (one.to_string(), two.to_string());
    let fields = [("person", a.as_str()), ("person", b.as_str())];
    let done = system.post("/accounts/batches", &fields).await.expect(200);
    let page = done.text();
    assert!(page.contains("已开通 1 人，未开通 1 人"), "{page}");
    assert!(page.contains("T9001") && page.contains("没有工号"));
    let (_, rest) = page.split_once("<code class=\"code\">").unwrap();
    let code = rest.split('<').next().unwrap();
    let own = browser(&app);
    own.post("/sign-in", &[("login", "T9001"), ("password", code)])
        .await
        .expect(303);
    let next = own.get("/account").await.expect(303);
    assert!(
        next.location().starts_with("/account/password"),
        "a password first"
    );

    // A typed login for who has no number; one that is taken is named, the others stand.
    let (b, c) = (two.to_string(), three.to_string());
    let (login_b, login_c) = (format!("login-{b}"), format!("login-{c}"));
    let fields = [
        ("everyone", "1"),
        (login_b.as_str(), "yi2026"),
        (login_c.as_str(), "t9001"),
    ];
    let page = system.post("/accounts/batches", &fields).await.expect(200);
    let page = page.text();
    assert!(page.contains("yi2026") && page.contains("丙"), "{page}");
    let lines = audit::history(app.db.read(), "person", two.0)
        .await
        .unwrap();
    assert!(lines.iter().any(|line| line.summary == "开通登录账号"));
    let again = system.get("/accounts/batches/new").await.expect(200).text();
    assert!(!again.contains("yi2026"), "shown once");

    // Nobody else opens any.
    let other = browser(&app);
    enter(&other, "security_admin", PASSWORD).await;
    other.get("/accounts/batches/new").await.expect(403);
    other.post("/accounts/batches", &fields).await.expect(403);
}
on_both_databases!(many_accounts_are_opened_at_once, super::super::set_up);
