//! Forwardings, as programs see them.

use super::{
    list::PER_PAGE,
    rules::{Forwarding, Handling, Harm, Outcome, Stage},
    service::{self, About, New, Wrong},
    store::{self, Query as Wanted, View},
};
use crate::ids::{ForwardingId, ManuscriptId, PublicationId, VersionId};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::{
    Actor, App, Fault, UnitId,
    web::body::{self, Body},
};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{
        __path_answer, __path_close, __path_create, __path_list, __path_show, answer, close,
        create, list, show,
    };
}

/// A text that was handed to departments. It names no persons.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ForwardingView {
    pub id: ForwardingId,
    /// Goes with every verb: nobody answers what they have not seen.
    pub version: i32,
    pub manuscript: ManuscriptId,
    /// The content that is the evidence.
    pub content: VersionId,
    /// SHA-256 of the content.
    pub hash: String,
    pub publication: Option<PublicationId>,
    pub unit: UnitId,
    pub title: String,
    pub kind: Harm,
    pub why: String,
    pub quote: String,
    pub stage: Stage,
    pub made_at: DateTime<Utc>,
    /// Until when the departments should have answered.
    pub due: DateTime<Utc>,
    pub overdue: bool,
    pub departments: Vec<ForwardingPart>,
    pub outcome: Option<Outcome>,
    pub closing_words: String,
    pub closed_at: Option<DateTime<Utc>>,
}

/// A department that shall handle it, with its answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ForwardingPart {
    pub unit: UnitId,
    /// None while it has not answered.
    pub handling: Option<Handling>,
    pub words: String,
    pub answered_at: Option<DateTime<Utc>>,
}

fn view(one: Forwarding, now: DateTime<Utc>) -> ForwardingView {
    ForwardingView {
        stage: one.stage(),
        overdue: one.is_overdue(now),
        id: one.id,
        version: one.version,
        manuscript: one.manuscript,
        content: one.content,
        hash: one.hash.to_string(),
        publication: one.publication,
        unit: one.unit,
        title: one.title,
        kind: one.kind,
        why: one.why,
        quote: one.quote,
        made_at: one.at,
        due: one.due,
        departments: one
            .units
            .into_iter()
            .map(|part| ForwardingPart {
                unit: part.unit,
                handling: part.answer.as_ref().map(|said| said.handling),
                answered_at: part.answer.as_ref().map(|said| said.at),
                words: part.answer.map(|said| said.words).unwrap_or_default(),
            })
            .collect(),
        outcome: one.closing.as_ref().map(|end| end.outcome),
        closed_at: one.closing.as_ref().map(|end| end.at),
        closing_words: one.closing.map(|end| end.words).unwrap_or_default(),
    }
}

/// A page of forwardings.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ForwardingPage {
    pub items: Vec<ForwardingView>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// Which forwardings.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ForwardingQuery {
    /// `all`, `open`, `overdue` or `closed`.
    view: Option<String>,
    /// Of this kind only.
    kind: Option<String>,
    /// Addressed to this unit or one below it.
    unit: Option<i64>,
    /// From 1.
    page: Option<u64>,
}

fn wrong(wrongs: Vec<Wrong>) -> Fault {
    let words: Vec<String> = wrongs.into_iter().map(|(_, words)| words).collect();
    Fault::Malformed(words.join(" "))
}

fn unknown(what: &str) -> Fault {
    Fault::Malformed(format!("{what}的取值不对。"))
}

/// The forwardings that the caller may see, the newest first.
#[utoipa::path(
    get, path = "/api/v1/forwardings", tag = "forwardings", params(ForwardingQuery), operation_id = "list_forwardings",
    responses((status = 200, body = ForwardingPage), (status = 400), (status = 401), (status = 403)),
)]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<ForwardingQuery>,
) -> Result<Json<ForwardingPage>, Fault> {
    let view_of = match &asked.view {
        Some(code) => View::parse(code).ok_or_else(|| unknown("view"))?,
        None => View::All,
    };
    let kind = match &asked.kind {
        Some(code) => Some(Harm::parse(code).ok_or_else(|| unknown("kind"))?),
        None => None,
    };
    let (db, now) = (app.db.read(), app.now());
    let wanted = Wanted {
        view: view_of,
        kind,
        unit: asked.unit.map(UnitId),
        now,
        page: asked.page.unwrap_or(1).max(1),
        per_page: PER_PAGE,
    };
    let total = store::count(db, &actor, &wanted).await?;
    let items = store::list(db, &actor, &wanted).await?;
    Ok(Json(ForwardingPage {
        items: items.into_iter().map(|one| view(one, now)).collect(),
        page: wanted.page,
        pages: total.div_ceil(PER_PAGE).max(1),
        total,
    }))
}

/// One forwarding.
#[utoipa::path(
    get, path = "/api/v1/forwardings/{id}", tag = "forwardings", operation_id = "show_forwarding",
    params(("id" = i64, Path)),
    responses((status = 200, body = ForwardingView), (status = 401), (status = 403), (status = 404)),
)]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ForwardingId>,
) -> Result<Json<ForwardingView>, Fault> {
    let one = service::open_for(&app, &actor, id).await?;
    Ok(Json(view(one, app.now())))
}

/// What shall be handed to departments: of a manuscript, or of a publication.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewForwarding {
    /// What is or was under review.
    pub manuscript: Option<ManuscriptId>,
    /// What went out.
    pub publication: Option<PublicationId>,
    pub kind: Harm,
    /// The departments that shall handle it.
    pub units: Vec<UnitId>,
    pub why: String,
    /// The passage, as it stands in the text.
    #[serde(default)]
    pub quote: String,
}

/// Hands a text to departments: it is stopped at once.
#[utoipa::path(
    post, path = "/api/v1/forwardings", tag = "forwardings", operation_id = "create_forwarding",
    request_body = NewForwarding,
    responses((status = 200, body = ForwardingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn create(
    State(app): State<App>,
    actor: Actor,
    new: Body<NewForwarding>,
) -> Result<Json<ForwardingView>, Fault> {
    let new = body::read(new)?;
    let about = match (new.manuscript, new.publication) {
        (Some(id), None) => About::Manuscript(id),
        (None, Some(id)) => About::Publication(id),
        _ => {
            return Err(Fault::Malformed(
                "manuscript 和 publication 须填且只填一个。".into(),
            ));
        }
    };
    let new = New {
        kind: new.kind.code().into(),
        units: new.units,
        why: new.why,
        quote: new.quote,
    };
    let one = service::forward(&app, &actor, about, new).await?;
    Ok(Json(view(one.map_err(wrong)?, app.now())))
}

/// What a department did.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardingAnswer {
    /// The version of the forwarding that was looked at.
    pub version: i32,
    /// The department whose head answers.
    pub unit: UnitId,
    pub handling: Handling,
    pub words: String,
}

/// The head of a department says what it did.
#[utoipa::path(
    post, path = "/api/v1/forwardings/{id}/answers", tag = "forwardings", operation_id = "answer_forwarding",
    params(("id" = i64, Path)), request_body = ForwardingAnswer,
    responses((status = 200, body = ForwardingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn answer(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ForwardingId>,
    said: Body<ForwardingAnswer>,
) -> Result<Json<ForwardingView>, Fault> {
    let said = body::read(said)?;
    let (handling, words) = (said.handling.code(), &said.words);
    let one = service::answer(&app, &actor, id, said.version, said.unit, handling, words).await?;
    Ok(Json(view(one.map_err(wrong)?, app.now())))
}

/// How it ended.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardingClosing {
    /// The version of the forwarding that was looked at.
    pub version: i32,
    pub outcome: Outcome,
    pub words: String,
}

/// Closes a forwarding that all departments have answered: the text goes on.
#[utoipa::path(
    post, path = "/api/v1/forwardings/{id}/closings", tag = "forwardings", operation_id = "close_forwarding",
    params(("id" = i64, Path)), request_body = ForwardingClosing,
    responses((status = 200, body = ForwardingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn close(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ForwardingId>,
    said: Body<ForwardingClosing>,
) -> Result<Json<ForwardingView>, Fault> {
    let said = body::read(said)?;
    let (outcome, words) = (said.outcome.code(), &said.words);
    let one = service::close(&app, &actor, id, said.version, outcome, words).await?;
    Ok(Json(view(one.map_err(wrong)?, app.now())))
}
