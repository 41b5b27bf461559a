//! API tokens: scopes, ends, owners.

use super::*;
use axum::http::Method;
use chrono::TimeDelta;
use zhendi_kernel::{on_both_databases, testing::TestApp};

async fn made(owner: &Client, scope: &str, days: &str) -> String {
    let form = [("name", "每日同步"), ("scope", scope), ("days", days)];
    let page = owner
        .post("/account/tokens", &form)
        .await
        .expect(200)
        .text();
    let token = codes(&page).remove(0);
    assert!(token.starts_with("zd_"), "{token}");
    let again = owner.get("/account/tokens").await.expect(200).text();
    assert!(!again.contains(&token), "shown once");
    assert!(again.contains(&token[..11]), "known by its beginning");
    token
}

fn program(app: &App, token: &str) -> Client {
    browser(app).with("authorization".parse().unwrap(), &format!("Bearer {token}"))
}

async fn tokens_do_what_they_may(app: TestApp) {
    let house = house(&app).await;
    let security = browser(&app);
    enter(&security, "security_admin", PASSWORD).await;
    let form = [("name", ""), ("scope", "all"), ("days", "366")];
    security.post("/account/tokens", &form).await.expect(422);
    let (read, write) = (
        made(&security, "read", "30").await,
        made(&security, "write", "90").await,
    );
    let body = serde_json::json!({});

    let reader = program(&app, &read);
    assert_eq!(reader.get("/api/v1/me").await.expect(200).text(), "李安全");
    reader.get("/api/v1/grants").await.expect(200);
    let refused = reader
        .json(Method::POST, "/api/v1/me", &body)
        .await
        .expect(403);
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    let writer = program(&app, &write);
    writer
        .json(Method::POST, "/api/v1/me", &body)
        .await
        .expect(200);
    // Pages are not for programs, least of all those that make tokens and passwords.
    writer.get("/account/tokens").await.expect(403);
    writer
        .post(
            "/account/tokens",
            &[("name", "a"), ("scope", "write"), ("days", "365")],
        )
        .await
        .expect(403);
    program(&app, "zd_wrong")
        .get("/api/v1/me")
        .await
        .expect(401);

    // Never more than the owner.
    let zhang = browser(&app);
    enter(&zhang, "zhangsan", PASSWORD).await;
    let weak = program(&app, &made(&zhang, "write", "365").await);
    weak.get("/api/v1/grants").await.expect(403);
    weak.get("/api/v1/me").await.expect(200);

    // Nobody revokes somebody else's; one's own are gone at once.
    let mine = crate::account::store::tokens::of_person(app.db.read(), house.security)
        .await
        .unwrap();
    let path = format!("/account/tokens/{}/revocations", mine[0].id);
    zhang.post(&path, &[]).await.expect(404);
    security.post(&path, &[]).await.expect(303);
    writer.get("/api/v1/me").await.expect(401);
    reader.get("/api/v1/me").await.expect(200);
    app.pass(TimeDelta::days(30));
    reader.get("/api/v1/me").await.expect(401);

    // A reset takes them all; a disabled owner's do not work.
    let tx = app.db.begin().await.unwrap();
    acts::disable(&tx, &app, &Actor::program("测试"), house.zhang)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    weak.get("/api/v1/me").await.expect(401);
    app.run_jobs().await;
}
on_both_databases!(tokens_do_what_they_may, super::super::set_up);
