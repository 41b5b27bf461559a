//! How sessions begin, live and end.

use super::*;
use crate::account::store::sessions;
use chrono::TimeDelta;
use zhendi_kernel::{on_both_databases, testing::TestApp};

async fn nobody_knows_a_session_beforehand(app: TestApp) {
    house(&app).await;
    let zhang = browser(&app);
    enter(&zhang, "zhangsan", PASSWORD).await;
    let first = zhang.cookie("zhendi").unwrap();
    let attacker = browser(&app).with("cookie".parse().unwrap(), &format!("zhendi={first}"));
    attacker.get("/").await.expect(200);

    // The same browser signs in again, as on a shared computer: the old token is worth nothing.
    enter(&zhang, "auditor", PASSWORD).await;
    let second = zhang.cookie("zhendi").unwrap();
    assert_ne!(first, second);
    attacker.get("/").await.expect(303);

    // A token that an attacker made up before is not taken over.
    let planted = browser(&app).with("cookie".parse().unwrap(), "zhendi=planted");
    enter(&planted, "zhangsan", PASSWORD).await;
    assert_ne!(planted.cookie("zhendi").unwrap(), "planted");
    let thief = browser(&app).with("cookie".parse().unwrap(), "zhendi=planted");
    thief.get("/").await.expect(303);

    // A new password, a new session.
    let zhang = browser(&app);
    enter(&zhang, "zhangsan", PASSWORD).await;
    let before = zhang.cookie("zhendi").unwrap();
    let form = [
        ("current", PASSWORD),
        ("new", "v9!Lampen&Tee"),
        ("again", "v9!Lampen&Tee"),
    ];
    let answer = zhang.post("/account/password", &form).await.expect(303);
    let cookie = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .find(|c| c.to_str().unwrap().starts_with("zhendi="));
    let cookie = cookie.unwrap().to_str().unwrap();
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert_ne!(before, zhang.cookie("zhendi").unwrap());
    let old = browser(&app).with("cookie".parse().unwrap(), &format!("zhendi={before}"));
    old.get("/").await.expect(303);
    zhang.get("/").await.expect(200);

    let row = sessions::of_person(app.db.read(), house_person(&app, "zhangsan").await)
        .await
        .unwrap();
    assert_ne!(
        row[0].token_hash,
        zhang.cookie("zhendi").unwrap(),
        "only the digest is kept"
    );
}
on_both_databases!(nobody_knows_a_session_beforehand, super::super::set_up);

async fn house_person(app: &App, login: &str) -> PersonId {
    let account = crate::account::store::accounts::by_login(app.db.read(), login)
        .await
        .unwrap();
    account.unwrap().person_id
}

async fn sessions_end(app: TestApp) {
    let house = house(&app).await;
    let zhang = browser(&app);
    enter(&zhang, "zhangsan", PASSWORD).await;
    for _ in 0..4 {
        app.pass(TimeDelta::minutes(29));
        zhang.get("/").await.expect(200);
    }
    app.pass(TimeDelta::minutes(30));
    zhang.get("/").await.expect(303);

    enter(&zhang, "zhangsan", PASSWORD).await;
    for _ in 0..35 {
        app.pass(TimeDelta::minutes(20));
        zhang.get("/").await.expect(200);
    }
    app.pass(TimeDelta::minutes(20));
    zhang.get("/").await.expect(303);

    enter(&zhang, "zhangsan", PASSWORD).await;
    zhang.post("/sign-out", &[]).await.expect(303);
    assert_eq!(zhang.cookie("zhendi"), None);
    zhang.get("/").await.expect(303);
    zhang.post("/sign-out", &[]).await.expect(303);

    // The sixth device ends the one that was not used for the longest time.
    let devices: Vec<Client> = (0..6).map(|_| browser(&app)).collect();
    for device in &devices {
        enter(device, "zhangsan", PASSWORD).await;
        app.pass(TimeDelta::minutes(2));
    }
    devices[0].get("/").await.expect(303);
    devices[1].get("/").await.expect(200);

    // One device ends another, then all others; nobody ends somebody else's.
    let list = sessions::of_person(app.db.read(), house.zhang)
        .await
        .unwrap();
    let page = devices[5].get("/account").await.expect(200).text();
    assert!(
        page.contains("退出其他设备") && page.contains("本机") && page.contains("登录成功"),
        "{page}"
    );
    let auditor = browser(&app);
    enter(&auditor, "auditor", PASSWORD).await;
    let path = format!("/account/sessions/{}/revocations", list[0].id);
    auditor.post(&path, &[]).await.expect(404);
    devices[5].post(&path, &[]).await.expect(303);
    devices[1].get("/").await.expect(303);
    devices[5]
        .post("/account/sessions/others/revocations", &[])
        .await
        .expect(303);
    devices[2].get("/").await.expect(303);
    devices[5].get("/").await.expect(200);

    // The timetable begins when it is first looked at.
    app.run_jobs().await;
    app.pass(TimeDelta::days(1));
    app.run_jobs().await;
    assert!(
        sessions::of_person(app.db.read(), house.zhang)
            .await
            .unwrap()
            .is_empty(),
        "pruned"
    );
}
on_both_databases!(sessions_end, super::super::set_up);

async fn what_changes_counts_at_once(app: TestApp) {
    let house = house(&app).await;
    let program = Actor::program("测试");
    let zhang = browser(&app);
    enter(&zhang, "zhangsan", PASSWORD).await;
    zhang.get("/accounts").await.expect(403);
    let tx = app.db.begin().await.unwrap();
    let root = unit::root(&tx).await.unwrap().unwrap();
    let new = NewGrant {
        person: house.zhang,
        role: Role::SystemAdmin,
        scope: Scope::Institution(root.id),
        until: Some(app.now() + TimeDelta::minutes(5)),
    };
    role::grant(&tx, &app, &program, new).await.unwrap();
    tx.commit().await.unwrap();
    zhang.get("/accounts").await.expect(200);
    app.pass(TimeDelta::minutes(6));
    zhang.get("/accounts").await.expect(403);

    let tx = app.db.begin().await.unwrap();
    acts::disable(&tx, &app, &program, house.zhang)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    zhang.get("/").await.expect(303);
}
on_both_databases!(what_changes_counts_at_once, super::super::set_up);
