use super::*;
use axum::{
    Router,
    http::{HeaderValue, header},
    response::Redirect,
    routing::get,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

fn gate(networks: &[&str]) -> Gate {
    let networks: Vec<IpNet> = networks
        .iter()
        .map(|network| network.parse().expect("a network"))
        .collect();
    Gate(networks.into())
}

#[test]
fn special_addresses_are_refused_in_every_spelling() {
    let closed = gate(&[]);
    for address in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:c0a8:101::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        let address: IpAddr = address.parse().expect(address);
        assert!(!closed.allows(address), "{address}");
    }
    for address in [
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "198.17.0.1",
        "198.20.0.1",
        "202.120.2.101",
        "::ffff:202.120.2.101",
        "64:ff9b::ca78:265",
        "2001:da8::1",
        "2400:3200::1",
        "2606:4700::1111",
    ] {
        let address: IpAddr = address.parse().expect(address);
        assert!(closed.allows(address), "{address}");
    }
}

#[test]
fn an_allowed_network_opens_itself_and_nothing_else() {
    let campus = gate(&["10.8.0.0/16", "fd12:3456::/32"]);
    for (address, open) in [
        ("10.8.1.2", true),
        ("::ffff:10.8.1.2", true),
        ("10.9.1.2", false),
        ("fd12:3456::1", true),
        ("fd12:3457::1", false),
        ("127.0.0.1", false),
    ] {
        assert_eq!(
            campus.allows(address.parse().expect(address)),
            open,
            "{address}"
        );
    }
}

#[test]
fn only_plain_web_addresses_are_admitted() {
    let closed = gate(&[]);
    let admit = |text: &str| closed.admit(&text.parse().expect("an address"));
    for odd in [
        "file:///etc/passwd",
        "ftp://example.edu.cn/",
        "gopher://example.edu.cn/",
        "https://user:secret@example.edu.cn/",
        "https://user@example.edu.cn/",
    ] {
        assert!(matches!(admit(odd), Err(OutgoingError::Unusable)), "{odd}");
    }
    // The parser of addresses reads the odd spellings of numbers as browsers do.
    for inside in [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://169.254.169.254/latest/meta-data/",
    ] {
        assert!(
            matches!(admit(inside), Err(OutgoingError::Forbidden(_))),
            "{inside}"
        );
    }
    assert!(admit("https://example.edu.cn/").is_ok());
}

/// A server on loopback and how often it was reached.
async fn server() -> (u16, Arc<AtomicUsize>) {
    let reached = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reached);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let router = Router::new()
        .route("/", get(|| async { "到了" }))
        .route("/echo", axum::routing::post(|body: String| async { body }))
        .route("/round", get(|| async { Redirect::to("/round") }))
        .route("/away", get(|| async { Redirect::to("/") }))
        .route(
            "/inside",
            get(|| async { Redirect::to("http://10.255.255.1/") }),
        )
        .route("/big", get(|| async { "好".repeat(MAX_BODY / 3 + 1) }))
        .layer(axum::middleware::from_fn(
            move |request, next: axum::middleware::Next| {
                count.fetch_add(1, Ordering::Relaxed);
                next.run(request)
            },
        ));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, reached)
}

fn outgoing(networks: &[&str]) -> Outgoing {
    let mut config = Config::default();
    config.outgoing.allowed_networks = gate(networks).0.to_vec();
    Outgoing::new(&config).expect("a client")
}

fn at(host: &str, port: u16, path: &str) -> Url {
    format!("http://{host}:{port}{path}")
        .parse()
        .expect("an address")
}

#[tokio::test]
async fn loopback_is_refused_by_number_and_by_name() {
    let (port, reached) = server().await;
    let closed = outgoing(&[]);
    for host in ["127.0.0.1", "localhost"] {
        let refused = closed.get(&at(host, port, "/")).await;
        assert!(
            matches!(refused, Err(OutgoingError::Forbidden(_))),
            "{host}: {refused:?}"
        );
    }
    assert_eq!(reached.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_allowed_loopback_answers() {
    let (port, reached) = server().await;
    let open = outgoing(&["127.0.0.0/8"]);
    for (host, path) in [
        ("127.0.0.1", "/"),
        ("localhost", "/"),
        ("127.0.0.1", "/away"),
    ] {
        let answer = open.get(&at(host, port, path)).await.expect("an answer");
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body, "到了");
    }
    let body = serde_json::json!({ "站点": 1 });
    let answer = open
        .post_json(&at("127.0.0.1", port, "/echo"), &body)
        .await
        .expect("an answer");
    assert_eq!(answer.body, body.to_string());
    assert_eq!(reached.load(Ordering::Relaxed), 5);
}

#[tokio::test]
async fn redirects_are_checked_and_counted_and_answers_measured() {
    let (port, reached) = server().await;
    let open = outgoing(&["127.0.0.0/8"]);
    let inside = open.get(&at("127.0.0.1", port, "/inside")).await;
    assert!(
        matches!(&inside, Err(OutgoingError::Forbidden(host)) if host == "10.255.255.1"),
        "{inside:?}"
    );
    let before = reached.load(Ordering::Relaxed);
    let round = open.get(&at("127.0.0.1", port, "/round")).await;
    assert!(
        matches!(round, Err(OutgoingError::Unreachable { .. })),
        "{round:?}"
    );
    assert_eq!(reached.load(Ordering::Relaxed) - before, MAX_REDIRECTS + 1);
    let big = open.get(&at("127.0.0.1", port, "/big")).await;
    assert!(matches!(big, Err(OutgoingError::TooLarge(_))), "{big:?}");
}

#[tokio::test]
async fn what_is_sent_with_headers_is_not_redirected() {
    let (port, reached) = server().await;
    let ask = |method| Ask {
        method,
        headers: HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static("x"))]),
        body: "正文".into(),
        patience: None,
    };
    let open = outgoing(&["127.0.0.0/8"]);
    let echo = at("127.0.0.1", port, "/echo");
    let answer = open.ask(&echo, ask(Method::POST)).await.expect("an answer");
    assert_eq!(answer.body, "正文");
    let away = open
        .ask(&at("127.0.0.1", port, "/away"), ask(Method::GET))
        .await;
    let away = away.expect("an answer");
    assert!(away.status.is_redirection(), "{away:?}");
    assert_eq!(reached.load(Ordering::Relaxed), 2);
    let refused = outgoing(&[]).ask(&echo, ask(Method::POST)).await;
    assert!(matches!(refused, Err(OutgoingError::Forbidden(_))));
}

#[tokio::test]
async fn whether_something_is_there_is_asked_under_the_same_guard() {
    let (port, reached) = server().await;
    let open = outgoing(&["127.0.0.0/8"]);
    let patience = Duration::from_secs(5);
    for (path, expected) in [
        ("/", StatusCode::OK),
        ("/away", StatusCode::OK),
        ("/big", StatusCode::OK),
        ("/none", StatusCode::NOT_FOUND),
        ("/echo", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let url = at("127.0.0.1", port, path);
        let status = open.status(Method::GET, &url, patience).await;
        assert_eq!(status.expect("an answer"), expected, "{path}");
    }
    let before = reached.load(Ordering::Relaxed);
    let inside = at("127.0.0.1", port, "/inside");
    let refused = open.status(Method::HEAD, &inside, patience).await;
    assert!(matches!(refused, Err(OutgoingError::Forbidden(_))));
    let refused = outgoing(&[])
        .status(Method::HEAD, &at("127.0.0.1", port, "/"), patience)
        .await;
    assert!(matches!(refused, Err(OutgoingError::Forbidden(_))));
    assert_eq!(reached.load(Ordering::Relaxed), before + 1);
}
