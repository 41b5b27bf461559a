//! The whole router: every context's routes inside the layers that every request passes.

use crate::{api, health};
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::RequestBodyTimeoutLayer,
    trace::TraceLayer,
};
use zhendi_kernel::{
    App, Fault, audit, jobs, notify,
    web::{self, Routes},
    work,
};
use zhendi_people::account;

/// Every route of the program with its access.
pub fn routes() -> Routes {
    Routes::new()
        .merge(work::pages::routes())
        .merge(notify::pages::routes())
        .merge(jobs::pages::routes())
        .merge(audit::routes())
        .merge(zhendi_people::routes())
        .merge(zhendi_registry::routes())
        .merge(zhendi_review::routes())
        .merge(zhendi_govern::routes())
        .merge(zhendi_operate::routes())
        .merge(api::routes())
}

/// The program's router. `closing` says when it should no longer be called ready.
pub fn build(app: &App, closing: CancellationToken) -> Router {
    let with = || app.clone();
    // From the inside out: the last layer meets a request first.
    let pages = routes()
        .into_router()
        .with_state(app.clone())
        .layer(from_fn_with_state(with(), web::faults))
        .layer(from_fn(web::visitor_limit))
        .layer(from_fn_with_state(with(), account::layer))
        .layer(from_fn_with_state(with(), web::csrf))
        .layer(from_fn_with_state(with(), web::client_ip))
        .layer(from_fn(web::plain_address))
        .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(60)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(with(), web::faults))
        .layer(compression())
        .layer(from_fn_with_state(with(), web::security_headers))
        .layer(from_fn(health::measure))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
    let assets = web::assets::routes().layer(from_fn_with_state(with(), web::security_headers));
    pages
        .merge(assets)
        .merge(health::routes(app.clone(), closing))
}

/// A panic becomes a fault like any other; its words go to the log.
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    Fault::internal(words.to_owned()).into_response()
}

/// Pages and JSON are compressed; uploads served as downloads are mostly compressed already.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(
            SizeAbove::new(1024)
                .and(NotForContentType::IMAGES)
                .and(NotForContentType::const_new("application/pdf"))
                .and(NotForContentType::const_new("application/zip"))
                .and(NotForContentType::const_new("application/octet-stream")),
        )
}

fn span<B>(request: &axum::http::Request<B>) -> tracing::Span {
    let id = request
        .extensions()
        .get::<tower_http::request_id::RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or_default();
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or("(none)", |path| path.as_str());
    tracing::info_span!("request", method = %request.method(), route, id)
}
