//! From an empty database to three administrators who have chosen their passwords.

use super::*;
use zhendi_kernel::{audit, on_both_databases, settings::Institution, testing::TestApp};

fn form(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("code", code),
        ("institution", "江东信息职业学院"),
        ("short_name", "江信院"),
        ("system_name", "王建"),
        ("system_login", "1001"),
        ("system_phone", "138 0013 8001"),
        ("security_name", "李青"),
        ("security_login", "1002"),
        ("security_phone", ""),
        ("auditor_name", "赵敏"),
        ("auditor_login", "1003"),
        ("auditor_phone", ""),
    ]
}

fn with<'a>(
    mut form: Vec<(&'a str, &'a str)>,
    name: &str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    for field in &mut form {
        if field.0 == name {
            field.1 = value;
        }
    }
    form
}

async fn from_nothing_to_three_administrators(app: TestApp) {
    let visitor = browser(&app);
    for path in ["/", "/sign-in", "/account", "/directory"] {
        assert_eq!(
            visitor.get(path).await.expect(303).location(),
            "/first-run",
            "{path}"
        );
    }
    visitor.get("/api/v1/me").await.expect(403);
    visitor.get("/first-run").await.expect(200);

    // A stranger has no code, whatever they try; an older code no longer counts.
    let refused = async |form: Vec<(&str, &str)>, words: &str| {
        let page = visitor.post("/first-run", &form).await.expect(422).text();
        assert!(page.contains(words), "{words}: {page}");
        assert!(setup::is_needed(&app).await.unwrap());
    };
    refused(form(""), "设置码").await;
    let older = setup::announce(&app).await.unwrap().unwrap();
    let code = setup::announce(&app).await.unwrap().unwrap();
    refused(form(&older), "设置码").await;
    let page = visitor
        .get(&format!("/first-run?code={code}"))
        .await
        .expect(200)
        .text();
    assert!(page.contains(&code), "{page}");

    // Three different people with logins of their own.
    refused(with(form(&code), "auditor_name", "王 建"), "三员分立").await;
    refused(with(form(&code), "auditor_login", "１００１"), "登录名相同").await;
    refused(with(form(&code), "auditor_phone", "13800138001"), "手机").await;
    refused(with(form(&code), "institution", ""), "请填写").await;
    refused(with(form(&code), "system_login", "a b"), "不能有空格").await;
    let long = "长".repeat(350_000);
    refused(with(form(&code), "institution", &long), "不能超过").await;

    let page = visitor
        .post("/first-run", &form(&code))
        .await
        .expect(200)
        .text();
    let codes = codes(&page);
    assert_eq!(codes.len(), 3, "{page}");
    assert_eq!(setup::announce(&app).await.unwrap(), None);
    assert_eq!(
        visitor.get("/first-run").await.expect(303).location(),
        "/sign-in"
    );
    assert_eq!(
        visitor
            .post("/first-run", &form(&code))
            .await
            .expect(303)
            .location(),
        "/sign-in"
    );
    let institution: Institution = app.setting().await.unwrap();
    assert_eq!(institution.name, "江东信息职业学院");

    let roles = [Role::SystemAdmin, Role::SecurityAdmin, Role::Auditor];
    for ((login, code), role) in ["1001", "1002", "1003"].iter().zip(&codes).zip(roles) {
        let browser = browser(&app);
        enter(&browser, login, code).await;
        assert_eq!(
            browser.get("/").await.expect(303).location(),
            "/account/password"
        );
        let weak = [("new", "12345678"), ("again", "12345678")];
        let page = browser
            .post("/account/password", &weak)
            .await
            .expect(422)
            .text();
        assert!(page.contains("要有字母"), "{page}");
        let good = [("new", "v9!Lampen&Tee"), ("again", "v9!Lampen&Tee")];
        browser.post("/account/password", &good).await.expect(303);
        browser.get("/").await.expect(200);
        let manages = if role == Role::SystemAdmin { 200 } else { 403 };
        browser.get("/accounts").await.expect(manages);
        let grants = if role == Role::SecurityAdmin {
            200
        } else {
            403
        };
        browser.get("/api/v1/grants").await.expect(grants);
        let account = super::super::store::accounts::by_login(app.db.read(), login)
            .await
            .unwrap();
        let actor = role::load_actor(app.db.read(), app.now(), account.unwrap().person_id)
            .await
            .unwrap();
        assert_eq!(
            actor
                .grants
                .iter()
                .map(|grant| grant.role)
                .collect::<Vec<_>>(),
            [role]
        );
    }
    let root = unit::root(app.db.read()).await.unwrap().unwrap();
    let history = audit::history(app.db.read(), "unit", root.id.0)
        .await
        .unwrap();
    assert!(
        history.iter().any(|line| line.summary.contains("首次设置")),
        "{history:?}"
    );
}
on_both_databases!(from_nothing_to_three_administrators, super::super::set_up);

async fn of_two_at_once_one_is_told(app: TestApp) {
    let code = setup::announce(&app).await.unwrap().unwrap();
    let (one, other) = (browser(&app), browser(&app));
    let other_form = with(form(&code), "system_login", "2001");
    let own_form = form(&code);
    let (a, b) = tokio::join!(
        one.post("/first-run", &own_form),
        other.post("/first-run", &other_form)
    );
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert!(
        statuses == [200, 409] || statuses == [200, 303],
        "{statuses:?}: {} {}",
        a.text(),
        b.text()
    );
    let people = person::find(app.db.read(), PersonId(4)).await.unwrap();
    assert!(people.is_none(), "three persons and no more: {people:?}");
    let issued = codes(&format!("{}{}", a.text(), b.text()));
    assert_eq!(issued.len(), 3);
}
on_both_databases!(of_two_at_once_one_is_told, super::super::set_up);
