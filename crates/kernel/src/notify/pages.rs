//! What a person was told, and whether they want it by mail.

use super::store::{self, Model};
use crate::{
    Actor, App, Fault, PersonId, clock,
    form::Posted,
    web::{Access, Flash, Routes, Shell, redirect},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// The routes of notifications.
pub fn routes() -> Routes {
    Routes::new()
        .get("/notifications", Access::SignedIn, index)
        .post("/notifications/readings", Access::SignedIn, read)
        .get("/notifications/preferences", Access::SignedIn, preferences)
        .post("/notifications/preferences", Access::SignedIn, prefer)
        .get("/notifications/{id}", Access::SignedIn, follow)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    page: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "notify/index.html")]
struct Index {
    shell: Shell,
    rows: Vec<Row>,
    page: u64,
    pages: u64,
    total: u64,
}

/// A notification as the list shows it.
struct Row {
    id: i64,
    title: String,
    at: (String, String),
    read: bool,
}

impl From<Model> for Row {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            title: row.title,
            at: (row.created_at.to_rfc3339(), clock::show(&row.created_at)),
            read: row.read_at.is_some(),
        }
    }
}

async fn index(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, Fault> {
    let page = asked.page.parse().unwrap_or(1);
    let found = store::list(app.db.read(), person(&actor)?, page).await?;
    Ok(Index {
        shell,
        rows: found.rows.into_iter().map(Row::from).collect(),
        page: found.page,
        pages: found.pages,
        total: found.total,
    })
}

/// Marks as read and leads on to where the notification points.
async fn follow(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let person = person(&actor)?;
    let row = store::find(app.db.read(), person, id)
        .await?
        .ok_or(Fault::NotFound)?;
    if row.read_at.is_none() {
        let tx = app.db.begin().await?;
        store::mark_read(&tx, person, Some(id), app.now()).await?;
        tx.commit().await?;
    }
    Ok(redirect(row.href, None))
}

/// Marks one notification (field `id`) as read, or all.
async fn read(State(app): State<App>, actor: Actor, posted: Posted) -> Result<Response, Fault> {
    let id = match posted.get("id") {
        "" => None,
        id => Some(
            id.parse()
                .map_err(|_| Fault::Malformed("消息编号无法识别，请刷新页面后重试。".into()))?,
        ),
    };
    let tx = app.db.begin().await?;
    store::mark_read(&tx, person(&actor)?, id, app.now()).await?;
    tx.commit().await?;
    Ok(redirect("/notifications", Flash::success("已标为已读。")))
}

#[derive(Template, WebTemplate)]
#[template(path = "notify/preferences.html")]
struct Preferences {
    shell: Shell,
    /// Whether the institution sends mail at all.
    mail_is_sent: bool,
    has_address: bool,
    mail: crate::form::Field,
}

async fn preferences(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<impl IntoResponse, Fault> {
    let preference = store::preference(app.db.read(), person(&actor)?).await?;
    let ticked = if preference.wanted { "on" } else { "" };
    Ok(Preferences {
        shell,
        mail_is_sent: app.config.mail.is_some(),
        has_address: preference.has_address,
        mail: crate::form::Field::new("mail", "邮件通知", ticked),
    })
}

async fn prefer(State(app): State<App>, actor: Actor, posted: Posted) -> Result<Response, Fault> {
    let wanted = posted.ticked("mail");
    let tx = app.db.begin().await?;
    store::mute(&tx, person(&actor)?, !wanted).await?;
    tx.commit().await?;
    let said = if wanted {
        "以后的消息会同时发送到您的邮箱。"
    } else {
        "以后的消息只在系统内显示，不再发送邮件。"
    };
    Ok(redirect("/notifications/preferences", Flash::success(said)))
}

/// Only a person in person is told things.
fn person(actor: &Actor) -> Result<PersonId, Fault> {
    actor.person().ok_or(Fault::NotFound)
}
