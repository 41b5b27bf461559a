//! Guards around every request: the client's address, forged posts, visitors in a hurry, headers.

use crate::{Actor, App, Fault};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method, header, header::Entry},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    sync::LazyLock,
};

/// The address that the request really came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

/// Finds the client's address. `X-Forwarded-For` counts only as far as it was written by proxies that
/// the operator trusts: the last address that is not one of theirs.
pub async fn client_ip(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| {
            info.0.ip().to_canonical()
        });
    let trusted = |ip: &IpAddr| {
        app.config
            .trusted_proxies
            .iter()
            .any(|net| net.contains(ip))
    };
    let mut client = peer;
    if trusted(&peer) {
        let hops = forwarded(request.headers());
        for hop in hops.into_iter().rev() {
            let Ok(ip) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            client = ip.to_canonical();
            if !trusted(&client) {
                break;
            }
        }
    }
    request.extensions_mut().insert(ClientIp(client));
    next.run(request).await
}

fn forwarded(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::to_owned)
        .collect()
}

/// Refuses addresses with a NUL in them: no page links to one, and PostgreSQL takes none in a text.
pub async fn plain_address(request: Request, next: Next) -> Response {
    let address = request
        .uri()
        .path_and_query()
        .map_or("", |all| all.as_str());
    if address.contains("%00") {
        return Fault::Malformed("网址中含有不能使用的字符。".into()).into_response();
    }
    next.run(request).await
}

/// Refuses posts that another site made the browser send. Browsers say where a request comes from in
/// `Sec-Fetch-Site`, older ones at least in `Origin` (every browser on our floor sends one of them with
/// a post); who sends neither is no browser and carries no cookie of ours by accident.
pub async fn csrf(State(app): State<App>, request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if safe || is_own(&app, request.headers()) {
        return next.run(request).await;
    }
    Fault::Forbidden(
        "这次提交不是从本系统的页面发出的，已被拒绝。请回到本系统页面重新操作。".into(),
    )
    .into_response()
}

fn is_own(app: &App, headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    if let Some(origin) = text(header::ORIGIN) {
        let Ok(origin) = url::Url::parse(origin) else {
            return false;
        };
        if let Some(public) = &app.config.public_url {
            return origin.origin() == public.origin();
        }
        let host = origin.host_str().map(|host| match origin.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        });
        return host.as_deref() == text(header::HOST);
    }
    !headers.contains_key(header::COOKIE)
}

/// Visitors may ask this often, for each address; a school behind one address is one visitor.
static VISITORS: LazyLock<DefaultKeyedRateLimiter<IpAddr>> = LazyLock::new(|| {
    const PER_SECOND: NonZeroU32 = NonZeroU32::new(50).expect("not zero");
    const AT_ONCE: NonZeroU32 = NonZeroU32::new(400).expect("not zero");
    RateLimiter::keyed(Quota::per_second(PER_SECOND).allow_burst(AT_ONCE))
});

/// Counts a request of somebody nobody knows.
///
/// # Errors
/// `Fault::TooMany` when the address asks too often.
pub fn count_visit(address: IpAddr) -> Result<(), Fault> {
    if VISITORS.len() > 100_000 {
        VISITORS.retain_recent();
    }
    VISITORS.check_key(&address).map_err(|until| {
        let wait = until.wait_time_from(governor::clock::DefaultClock::default().now());
        Fault::TooMany(wait.as_secs() + 1)
    })
}

/// Slows down visitors who are not signed in. Runs inside the layer that finds out who acts.
pub async fn visitor_limit(request: Request, next: Next) -> Response {
    if request.extensions().get::<Actor>().is_none()
        && let Some(ClientIp(address)) = request.extensions().get::<ClientIp>()
        && let Err(fault) = count_visit(*address)
    {
        return fault.into_response();
    }
    next.run(request).await
}

/// Everything comes from us; nothing is inline, framed or guessed.
/// `img-src data:` is for the small pictures in Tabler's style sheet.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; media-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; manifest-src 'self'";

/// Security headers on every response; a response that has its own policy keeps it.
pub async fn security_headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: header::HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CSP);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(
        header::HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=()",
    );
    set(
        header::HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        header::HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    // Pages show what this person may see now; nothing of them is kept on shared computers.
    set(header::CACHE_CONTROL, "no-store");
    if app.config.is_https() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        secure_cookies(headers);
    }
    response
}

/// Over HTTPS no cookie goes any other way; whoever sets one need not know where it is served.
fn secure_cookies(headers: &mut HeaderMap) {
    if let Entry::Occupied(mut cookies) = headers.entry(header::SET_COOKIE) {
        for cookie in cookies.iter_mut() {
            let text = cookie.to_str().unwrap_or_default();
            if !text.contains("; Secure")
                && let Ok(secure) = HeaderValue::try_from(format!("{text}; Secure"))
            {
                *cookie = secure;
            }
        }
    }
}
