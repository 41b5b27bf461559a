//! What a page costs at least: an axum handler with nothing around it reads the same rows of the same
//! SQLite file and answers with a page of the same size.

use crate::Stop;
use axum::{Router, extract::State, response::Html, routing::get};
use sea_orm::sqlx::{
    Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use std::{fmt::Write, path::Path};

const ROWS: &str = "SELECT id, name, unit_id, platform, address_or_id, holder_kind, filing_state, \
    running_state, opened_on, file_by, updated_at FROM channel ORDER BY updated_at DESC, id DESC LIMIT 25";

#[derive(Clone)]
struct Bare {
    pool: SqlitePool,
    size: usize,
}

/// Serves until it is killed.
pub async fn serve(folder: &Path, listen: std::net::SocketAddr, size: usize) -> Result<(), Stop> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("zhendi.db"))
        .pragma("cache_size", "-8000")
        .pragma("query_only", "on");
    let pool = SqlitePoolOptions::new()
        .min_connections(1)
        .max_connections(4)
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    let router = Router::new()
        .route("/", get(page))
        .with_state(Bare { pool, size });
    let listener = tokio::net::TcpListener::bind(listen).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn page(State(bare): State<Bare>) -> Result<Html<String>, String> {
    let rows = sea_orm::sqlx::query(ROWS)
        .fetch_all(&bare.pool)
        .await
        .map_err(|error| error.to_string())?;
    let mut html = String::with_capacity(bare.size + 1_024);
    html.push_str("<!doctype html><table>");
    for row in &rows {
        let text = |at: usize| row.get::<Option<String>, _>(at).unwrap_or_default();
        let _ = write!(
            html,
            "<tr><td><a href=\"/channels/{}\">{}</a><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}",
            row.get::<i64, _>(0),
            text(1),
            row.get::<i64, _>(2),
            text(3),
            text(4),
            text(5),
            text(6),
            text(7),
            text(8),
            text(9),
            text(10),
        );
    }
    html.push_str("</table>");
    while html.len() < bare.size {
        html.push_str(&FILL[..FILL.len().min(bare.size - html.len())]);
    }
    Ok(Html(html))
}

const FILL: &str =
    "<p>The rest of the page is as long as that of the page that it is compared with.</p>\n";
