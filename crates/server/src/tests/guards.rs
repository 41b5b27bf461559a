//! What stands around every route: headers, cookies, forged posts, tokens, limits.

use super::campus::{Campus, PASSWORD, opening, records, setup, setup_https};
use crate::router;
use axum::http::{HeaderMap, Method, header};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use zhendi_kernel::{
    Role,
    testing::{Client, TestApp},
};

fn must_be_guarded(headers: &HeaderMap, what: &str) {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let policy = text("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
    // Styled content of others is shown in a frame of our own pages, where nothing of it runs.
    let framed = policy.contains("frame-ancestors 'self'");
    if framed {
        let sandbox = policy.split("sandbox").nth(1).unwrap_or("allow-scripts");
        assert!(!sandbox.contains("allow-scripts"), "{what}: {policy}");
        assert!(!policy.contains("script-src"), "{what}: {policy}");
        assert!(!policy.contains("unsafe-eval"), "{what}: {policy}");
    } else {
        assert!(!policy.contains("unsafe"), "{what}: {policy}");
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        (
            "x-frame-options",
            if framed { "SAMEORIGIN" } else { "DENY" },
        ),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(text(name), value, "{what}: {name}");
    }
    assert!(text("permissions-policy").contains("camera=()"), "{what}");
    // A download lies in a folder anyway; nothing else is kept on shared computers.
    let kept = if text("content-disposition").starts_with("attachment") {
        "private"
    } else {
        "no-store"
    };
    let cache = text("cache-control");
    assert!(
        cache.contains("no-store") || cache.contains(kept),
        "{what}: {cache}"
    );
    assert_eq!(text("x-request-id").len(), 36, "{what}");
}

async fn every_answer_carries_the_headers(app: TestApp) {
    let campus = Campus::new(app).await;
    let clients = [
        campus.stranger(),
        campus.enter(Role::PublicityOfficer.code()).await,
        campus.enter(Role::SystemAdmin.code()).await,
        campus.enter(Role::Auditor.code()).await,
    ];
    let routes = router::routes();
    let pages = routes
        .list()
        .iter()
        .filter(|route| route.method == Method::GET);
    let mut addresses: Vec<String> = pages.map(|route| campus.fill(route.path)).collect();
    addresses.extend(
        [
            "/nowhere",
            "/channels/0",
            "/api/v1/nowhere",
            "/api/v1/channels/0",
        ]
        .map(Into::into),
    );
    for client in &clients {
        for address in &addresses {
            let answer = client.get(address).await;
            must_be_guarded(&answer.headers, &format!("{address} {}", answer.status));
            assert!(
                answer.headers.get("strict-transport-security").is_none(),
                "not over HTTPS"
            );
        }
        let posted = client.post("/units", &[]).await;
        must_be_guarded(&posted.headers, "a post");
    }
    // A fault says which request it was.
    let lost = clients[1].get("/nowhere").await.expect(404);
    let id = lost.headers["x-request-id"].to_str().unwrap();
    assert!(lost.text().contains(id), "{}", lost.text());
    let lost = clients[1].get("/api/v1/channels/0").await.expect(404);
    assert_eq!(
        lost.json()["request_id"],
        lost.headers["x-request-id"].to_str().unwrap()
    );
    // What monitors read, too.
    campus.stranger().get("/healthz").await.expect(200);
    campus.stranger().get("/readyz").await.expect(200);
    let closing = CancellationToken::new();
    let router = router::build(&campus, closing.clone());
    closing.cancel();
    Client::new(router, None).get("/readyz").await.expect(503);
}
zhendi_kernel::on_both_databases!(every_answer_carries_the_headers, super::setup);

#[tokio::test]
async fn cookies_are_for_this_site_over_https_alone() {
    for (setup, secure) in [
        (setup as fn() -> _, false),
        (setup_https as fn() -> _, true),
    ] {
        let app = TestApp::new(zhendi_kernel::testing::Backend::Sqlite, setup()).await;
        let campus = Campus::new(app).await;
        let client = campus.stranger();
        let fields = [("login", "auditor"), ("password", PASSWORD)];
        let entered = client.post("/sign-in", &fields).await.expect(303);
        let left = client.post("/sign-out", &[]).await.expect(303);
        assert_eq!(
            entered.headers.contains_key("strict-transport-security"),
            secure
        );
        let mut seen = 0;
        for value in [&entered, &left]
            .iter()
            .flat_map(|answer| answer.headers.get_all(header::SET_COOKIE))
        {
            let cookie = value.to_str().unwrap();
            let flags: Vec<&str> = cookie.split("; ").skip(1).collect();
            assert!(
                flags.contains(&"HttpOnly") && flags.contains(&"Path=/"),
                "{cookie}"
            );
            assert!(
                flags
                    .iter()
                    .any(|flag| matches!(*flag, "SameSite=Lax" | "SameSite=Strict")),
                "{cookie}"
            );
            assert!(!cookie.contains("Domain="), "{cookie}");
            let session = cookie.starts_with("__Host-zhendi=") || cookie.starts_with("zhendi=");
            if session {
                assert_eq!(cookie.starts_with("__Host-"), secure, "{cookie}");
                seen += 1;
            }
            assert_eq!(flags.contains(&"Secure"), secure, "{cookie}");
        }
        assert_eq!(seen, 2, "one when it is given, one when it is taken back");
    }
}

async fn posts_of_other_sites_are_refused(app: TestApp) {
    let campus = Campus::new(app).await;
    let officer = campus.enter("publicity_officer").await;
    let cookie = format!("zhendi={}", officer.cookie("zhendi").unwrap());
    let name = |name: &'static str| header::HeaderName::from_static(name);
    let cases: [(&[(&str, &str)], bool); 9] = [
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-site")], false),
        (&[("sec-fetch-site", "same-origin")], true),
        (
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://zhendi.test"),
                ("host", "zhendi.test"),
            ],
            false,
        ),
        (
            &[("origin", "https://evil.example"), ("host", "zhendi.test")],
            false,
        ),
        (&[("origin", "null"), ("host", "zhendi.test")], false),
        (
            &[("origin", "http://zhendi.test"), ("host", "zhendi.test")],
            true,
        ),
        (
            &[
                ("origin", "http://zhendi.test.evil.example"),
                ("host", "zhendi.test"),
            ],
            false,
        ),
        (&[], false),
    ];
    for (headers, ours) in cases {
        let before = records(&campus).await;
        // The browser's cookie goes along, as it would with a form of another site.
        let mut forger = campus.stranger().with(header::COOKIE, &cookie);
        for (key, value) in headers {
            let key = match *key {
                "origin" => header::ORIGIN,
                "host" => header::HOST,
                _ => name("sec-fetch-site"),
            };
            forger = forger.with(key, value);
        }
        forger.get("/channels").await.expect(200);
        let posted = forger.post("/platforms", &[]).await;
        assert_eq!(
            posted.status.as_u16(),
            if ours { 422 } else { 403 },
            "{headers:?}"
        );
        let path = "/api/v1/filings";
        let posted = forger
            .json(Method::POST, path, &opening(campus.library, "forged"))
            .await;
        assert_eq!(
            posted.status.as_u16(),
            if ours { 201 } else { 403 },
            "{headers:?}: {}",
            posted.text()
        );
        if !ours {
            assert_eq!(posted.headers["content-type"], "application/problem+json");
        }
        assert_eq!(records(&campus).await > before, ours, "{headers:?}");
    }
    campus.run_jobs().await;
}
zhendi_kernel::on_both_databases!(posts_of_other_sites_are_refused, super::setup);

async fn tokens_open_what_they_are_for(app: TestApp) {
    let campus = Campus::new(app).await;
    let liaison = campus.enter("library_liaison").await;
    let mut tokens = vec![];
    for scope in ["read", "write"] {
        let fields = [("name", "统计脚本"), ("scope", scope), ("days", "30")];
        let page = liaison
            .post("/account/tokens", &fields)
            .await
            .expect(200)
            .text();
        let start = page.find("zd_").expect("the token is shown once");
        let token: String = page[start..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            .collect();
        assert!(
            !liaison.get("/account/tokens").await.text().contains(&token),
            "and only once"
        );
        tokens.push(token);
    }
    let bearer = |token: &str| {
        campus
            .stranger()
            .with(header::AUTHORIZATION, &format!("Bearer {token}"))
    };
    let (reader, writer) = (bearer(&tokens[0]), bearer(&tokens[1]));
    let body = opening(campus.library, "by-token");
    let before = records(&campus).await;
    reader.get("/api/v1/filings").await.expect(200);
    let refused = reader
        .json(Method::POST, "/api/v1/filings", &body)
        .await
        .expect(403)
        .json();
    assert!(
        refused["detail"].as_str().unwrap().contains("只能读取"),
        "{refused}"
    );
    assert_eq!(records(&campus).await, before);
    writer
        .json(Method::POST, "/api/v1/filings", &body)
        .await
        .expect(201);
    // Pages are for sessions; a token makes itself no successor.
    writer.get("/channels").await.expect(403);
    writer
        .post("/account/tokens", &[("name", "x")])
        .await
        .expect(403);
    bearer("zd_nobody").get("/api/v1/filings").await.expect(401);
    bearer(&tokens[0].to_uppercase())
        .get("/api/v1/filings")
        .await
        .expect(401);
    // The rights are those of this moment.
    let security = campus.enter("security_admin").await;
    let grants = security
        .get(&format!("/grants?person={}", campus.liaison))
        .await
        .expect(200)
        .text();
    assert!(grants.contains("夏书瑶"));
    let own = super::campus::number(
        &campus,
        &format!(
            "SELECT MAX(id) FROM role_grant WHERE person_id = {}",
            campus.liaison
        ),
    )
    .await;
    security
        .post(&format!("/grants/{own}/revocations"), &[])
        .await
        .expect(303);
    for client in [&reader, &writer] {
        client.get("/api/v1/filings").await.expect(403);
    }
    liaison.get("/filings").await.expect(403);
    campus.run_jobs().await;
}
zhendi_kernel::on_both_databases!(tokens_open_what_they_are_for, super::setup);

async fn too_much_at_once_is_refused_on_a_page(app: TestApp) {
    let campus = Campus::new(app).await;
    let officer = campus.enter("publicity_officer").await;
    let before = records(&campus).await;
    let much = "a".repeat(9 << 20);
    let page = officer
        .post("/platforms", &[("name", &much)])
        .await
        .expect(413);
    must_be_guarded(&page.headers, "413");
    assert!(page.text().contains("提交的内容过大"), "{}", page.text());
    let body = json!({ "content": { "name": much } });
    let problem = officer
        .json(Method::POST, "/api/v1/filings", &body)
        .await
        .expect(413);
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    let page = campus
        .stranger()
        .post("/sign-in", &[("login", &much)])
        .await
        .expect(413);
    assert!(page.text().contains("提交的内容过大"), "{}", page.text());
    assert_eq!(records(&campus).await, before);
}
zhendi_kernel::on_both_databases!(too_much_at_once_is_refused_on_a_page, super::setup);

#[tokio::test]
async fn visitors_in_a_hurry_wait_and_others_do_not() {
    let app = TestApp::new(zhendi_kernel::testing::Backend::Sqlite, setup()).await;
    let campus = Campus::new(app).await;
    let officer = campus.enter("publicity_officer").await;
    let visitor = campus.stranger();
    let mut limited = None;
    for _ in 0..5_000 {
        // A small answer: on a machine under load large ones come slower than the limit counts.
        let answer = visitor.get("/sign-in").await;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
        answer.expect(200);
    }
    let limited = limited.expect("a visitor may not ask without end");
    assert!(limited.headers.contains_key(header::RETRY_AFTER));
    let page = visitor.get("/directory").await.expect(429);
    assert!(page.text().contains("操作过于频繁"), "{}", page.text());
    must_be_guarded(&page.headers, "429");
    officer.get("/channels").await.expect(200);
    visitor.get("/healthz").await.expect(200);

    // Nor may who tries tokens.
    let guesser = campus
        .stranger()
        .with(header::AUTHORIZATION, "Bearer zd_guess");
    let mut told = 401;
    for _ in 0..5_000 {
        told = guesser.get("/api/v1/channels").await.status.as_u16();
        if told != 401 {
            break;
        }
    }
    assert_eq!(told, 429);
}
