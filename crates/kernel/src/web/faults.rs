//! Turns a [`Fault`](crate::Fault) into what this request can use: a page, a fragment, problem+json,
//! or the way to the sign-in page.

use super::{
    Shell,
    shell::{FLASH_COOKIE, cookie},
};
use crate::{Actor, App, Fault, fault::Report};
use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use tower_http::request_id::RequestId;

#[derive(Template)]
#[template(path = "fault.html")]
struct Page<'a> {
    shell: Shell,
    status: u16,
    title: &'a str,
    message: &'a str,
    advice: &'a str,
    request_id: &'a str,
}

/// Whether the request wants a part of a page (htmx, not a boosted or history visit).
pub fn wants_fragment(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request") && !headers.contains_key("hx-history-restore-request")
}

/// The layer. It sits right around the router, inside the one that finds out who acts, and once more
/// outside of everything for faults of the layers themselves.
pub async fn faults(State(app): State<App>, request: Request, next: Next) -> Response {
    let actor = request.extensions().get::<Actor>().cloned();
    let request_id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let (method, uri, headers) = (
        request.method().clone(),
        request.uri().clone(),
        request.headers().clone(),
    );
    let mut response = next.run(request).await;
    let report = response.extensions_mut().remove::<Report>();
    let Some(report) = report.or_else(|| unreadable(&response)) else {
        forget_flash(&headers, &mut response);
        return response;
    };
    let path = uri.path();
    let mut rendered = if path.starts_with("/api/") {
        problem(&report, path, &request_id)
    } else if report.sign_in {
        to_sign_in(&method, &uri, &headers)
    } else {
        // A database that has just failed is not asked again: the answer would come twice as late.
        let shell = if report.status == StatusCode::SERVICE_UNAVAILABLE {
            None
        } else {
            Shell::for_actor(&app, actor.as_ref(), path).await.ok()
        };
        let shell = shell.unwrap_or_else(|| Shell::bare(path));
        let page = Page {
            shell,
            status: report.status.as_u16(),
            title: report.title,
            message: &report.message,
            advice: report.advice,
            request_id: &request_id,
        };
        match page.render() {
            Ok(html) => (report.status, Html(html)).into_response(),
            Err(_) => (report.status, report.message.clone()).into_response(),
        }
    };
    if let Some(seconds) = response.headers().get(header::RETRY_AFTER) {
        rendered
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.clone());
    }
    rendered
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    rendered
}

/// The framework's own refusals (an id that is no number, a query or JSON that does not fit) come as bare
/// words for programmers.
fn unreadable(response: &Response) -> Option<Report> {
    let kind = response.headers().get(header::CONTENT_TYPE)?;
    let status = response.status();
    if !status.is_client_error() || !kind.as_bytes().starts_with(b"text/plain") {
        return None;
    }
    let fault = match status {
        StatusCode::BAD_REQUEST
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Fault::Malformed("网址或提交的内容不完整，或格式不对。".into())
        }
        StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge("提交的内容超过了大小限制。".into()),
        _ => Fault::NotFound,
    };
    fault.into_response().extensions_mut().remove::<Report>()
}

/// RFC 9457.
fn problem(report: &Report, path: &str, request_id: &str) -> Response {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": report.title,
        "status": report.status.as_u16(),
        "detail": report.message,
        "advice": report.advice,
        "instance": path,
        "request_id": request_id,
    });
    let mut response = (report.status, body.to_string()).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if report.sign_in {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// A visitor is led to sign in and comes back to the page they wanted (never to a form's target).
fn to_sign_in(method: &Method, uri: &axum::http::Uri, headers: &HeaderMap) -> Response {
    let wanted = if *method == Method::GET && !wants_fragment(headers) {
        uri.path_and_query().map_or("/", |all| all.as_str())
    } else {
        "/"
    };
    let target = if wanted == "/" {
        "/sign-in".to_owned()
    } else {
        let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
        format!("/sign-in?next={next}")
    };
    if wants_fragment(headers) {
        // htmx leaves the page by this header; a redirect would put the sign-in form into it.
        let mut response = StatusCode::UNAUTHORIZED.into_response();
        if let Ok(value) = HeaderValue::try_from(target) {
            response.headers_mut().insert("hx-redirect", value);
        }
        return response;
    }
    super::redirect(target, None)
}

/// A flash is shown once.
fn forget_flash(request: &HeaderMap, response: &mut Response) {
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page && cookie(request, FLASH_COOKIE).is_some() {
        response.headers_mut().append(
            header::SET_COOKIE,
            HeaderValue::from_static("zhendi-flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"),
        );
    }
}
