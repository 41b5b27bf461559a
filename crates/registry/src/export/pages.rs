//! One's own exports in the browser: how far they are, fetching, cancelling.

use super::{
    KEPT_HOURS, record,
    store::{self, Model, State as Stage},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use futures::stream;
use zhendi_kernel::{
    Actor, App, Fault, PersonId, clock,
    files::{self, Kind},
    web::{Flash, Shell, redirect},
};

#[derive(Template, WebTemplate)]
#[template(path = "export/list.html")]
struct List {
    shell: Shell,
    exports: Vec<Listed>,
    /// Whether one is under way: then the page looks again by itself.
    moving: bool,
}

struct Listed {
    id: i64,
    title: String,
    stage: Stage,
    done: u64,
    total: u64,
    reason: String,
    size: String,
    at: String,
    iso: String,
    until: String,
}

impl Listed {
    fn of(row: Model) -> Self {
        let until = row.finished_at.map(|at| at + TimeDelta::hours(KEPT_HOURS));
        Self {
            id: row.id,
            stage: row.state,
            done: row.done.clamp(0, row.total).try_into().unwrap_or(0),
            total: row.total.try_into().unwrap_or(0),
            reason: row.reason.unwrap_or_default(),
            size: size(row.bytes),
            at: clock::show(&row.created_at),
            iso: clock::local(row.created_at).to_rfc3339(),
            until: until.map(|at| clock::show(&at)).unwrap_or_default(),
            title: row.title,
        }
    }

    fn badge(&self) -> (&'static str, &'static str, &'static str) {
        match self.stage {
            Stage::Waiting => ("neutral", "hourglass", "等待中"),
            Stage::Running => ("info", "file-export", "正在导出"),
            Stage::Ready => ("success", "circle-check", "可下载"),
            Stage::Cancelled => ("neutral", "x", "已取消"),
            Stage::Failed => ("danger", "alert-circle", "失败"),
        }
    }
}

fn size(bytes: i64) -> String {
    match bytes >> 20 {
        0 => format!("{} KB", (bytes >> 10).max(1)),
        mb => format!("{mb} MB"),
    }
}

fn own(actor: &Actor) -> Result<PersonId, Fault> {
    actor.person().ok_or(Fault::NotFound)
}

async fn find(app: &App, actor: &Actor, id: i64) -> Result<Model, Fault> {
    let found = store::find(app.db.read(), own(actor)?, id).await?;
    found.ok_or(Fault::NotFound)
}

/// GET /exports
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<impl IntoResponse, Fault> {
    let rows = store::of_person(app.db.read(), own(&actor)?).await?;
    Ok(List {
        shell,
        moving: rows.iter().any(|row| row.state.is_under_way()),
        exports: rows.into_iter().map(Listed::of).collect(),
    })
}

/// GET /exports/{id}/file
pub async fn file(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let row = find(&app, &actor, id).await?;
    let (Stage::Ready, Some(name), Some(kind)) = (
        row.state,
        row.file_name,
        row.file_kind.as_deref().and_then(Kind::parse),
    ) else {
        return Err(Fault::Refused("这个文件还没有生成，或已经清除。".into()));
    };
    let tx = app.db.begin().await?;
    let summary = format!("下载导出文件：{}", row.title);
    let detail = serde_json::json!({ "bytes": row.bytes });
    record(&tx, &app, &actor, "export.downloaded", id, summary, detail).await?;
    tx.commit().await?;
    let pieces = stream::try_unfold((app, 0), move |(app, at)| async move {
        let piece = store::read_part(&app, id, at).await;
        let piece = piece.map_err(std::io::Error::other)?;
        Ok::<_, std::io::Error>(piece.map(|piece| (piece, (app, at + 1))))
    });
    Ok(files::download(&name, kind, Body::from_stream(pieces)))
}

/// POST /exports/{id}/cancellations: ends it, or throws its file away.
pub async fn cancel(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let row = find(&app, &actor, id).await?;
    let tx = app.db.begin().await?;
    if !store::cancel(&tx, &app, &row).await? {
        return Err(Fault::Refused("这个导出已经结束，不能再取消。".into()));
    }
    let (word, flash) = if row.state == Stage::Ready {
        ("删除导出文件", "文件已删除。")
    } else {
        ("取消导出", "导出已取消。")
    };
    let summary = format!("{word}：{}", row.title);
    record(
        &tx,
        &app,
        &actor,
        "export.cancelled",
        id,
        summary,
        serde_json::json!({}),
    )
    .await?;
    tx.commit().await?;
    Ok(redirect("/exports", Flash::success(flash)))
}
