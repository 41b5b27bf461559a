//! The whole router: every context's routes inside the layers that every request passes.

use crate::{api, health};
use axum::{Router, middleware};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, predicate::{NotForContentType, Predicate, SizeAbove}},
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
        .merge(audit::pages::routes())
        .merge(zhendi_people::routes())
        .merge(zhendi_registry::routes())
        .merge(api::routes())
}

/// The program's router. `closing` says when it should no longer be called ready.
pub fn build(app: &App, closing: CancellationToken) -> Router {
    let with = |app: &App| app.clone();
    // From the outside in.
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(middleware::from_fn(health::measure))
        .layer(middleware::from_fn_with_state(with(app), web::security_headers))
        .layer(compression())
        .layer(middleware::from_fn_with_state(with(app), web::faults))
        .layer(CatchPanicLayer::custom(|panic: Box<dyn std::any::Any + Send>| {
            let words = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("a panic without words");
            axum::response::IntoResponse::into_response(Fault::internal(words.to_owned()))
        }))
        .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(60)))
        .layer(middleware::from_fn_with_state(with(app), web::client_ip))
        .layer(middleware::from_fn_with_state(with(app), web::csrf))
        .layer(middleware::from_fn_with_state(with(app), account::layer))
        .layer(middleware::from_fn(web::visitor_limit))
        .layer(middleware::from_fn_with_state(with(app), web::faults));
    Router::new()
        .merge(routes().into_router().with_state(app.clone()).layer(layers))
        .merge(
            web::assets::routes().layer(middleware::from_fn_with_state(
                with(app),
                web::security_headers,
            )),
        )
        .merge(health::routes(app.clone(), closing))
}

/// Pages and JSON are compressed; uploads served as downloads are mostly compressed already.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().br(true).gzip(true).quality(tower_http::CompressionLevel::Precise(4)).compress_when(
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
