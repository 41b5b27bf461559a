//! Is it alive, is it ready, how is it doing: for balancers and monitoring.

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sea_orm::ConnectionTrait;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use zhendi_kernel::App;

/// `/healthz` (the process lives) and `/readyz` (it can serve now).
pub fn routes(app: App, closing: CancellationToken) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready).with_state((app, closing)))
}

async fn ready(State((app, closing)): State<(App, CancellationToken)>) -> Response {
    let refuse = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    if closing.is_cancelled() {
        return refuse("closing\n");
    }
    let answer = app.db.read().execute_unprepared("SELECT 1");
    match tokio::time::timeout(Duration::from_secs(2), answer).await {
        Ok(Ok(_)) => "ready\n".into_response(),
        _ => refuse("database does not answer\n"),
    }
}

/// Counts and times requests by route pattern (never by address, which may name a person).
pub async fn measure(request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)".to_owned(), |path| path.as_str().to_owned());
    let start = tokio::time::Instant::now();
    let response = next.run(request).await;
    let labels = [
        ("method", method),
        ("route", route),
        ("status", response.status().as_str().to_owned()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels)
        .record(start.elapsed().as_secs_f64());
    response
}

/// Starts collecting figures; none when something else collects already.
pub fn collect() -> Option<PrometheusHandle> {
    const SECONDS: &[f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("duration_seconds".into()), SECONDS)
        .ok()?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    Some(handle)
}

/// The page that Prometheus reads, on a listener of its own.
pub fn metrics_page(handle: PrometheusHandle) -> Router {
    Router::new().route(
        "/metrics",
        get(move || {
            let handle = handle.clone();
            async move {
                handle.run_upkeep();
                handle.render()
            }
        }),
    )
}
