//! Words, as programs see them: another system may keep a unit's dictionary.

use super::{
    service,
    store::{self, Wanted},
    terms::{NewWord, Severity, Word, WordKind},
};
use crate::ids::WordId;
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::web::body::{self, Body};
use zhendi_kernel::{Actor, App, Fault, Permission, UnitId, text};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{
        __path_change, __path_create, __path_list, __path_remove, __path_show, change, create,
        list, remove, show,
    };
}

/// A word of a dictionary.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DictionaryWordView {
    pub id: WordId,
    /// Goes with a change: nobody changes what they have not seen.
    pub version: i32,
    /// The topmost unit's words hold for the whole institution, another's for it and those below.
    pub unit: UnitId,
    pub kind: WordKind,
    pub word: String,
    /// What should stand there, the best first.
    pub right: Vec<String>,
    pub category: String,
    pub severity: Severity,
    /// The first day of the texts that it holds for.
    pub valid_from: Option<NaiveDate>,
    /// The last day of the texts that it holds for.
    pub valid_to: Option<NaiveDate>,
    pub note: String,
    pub enabled: bool,
    pub changed_at: DateTime<Utc>,
}

impl From<Word> for DictionaryWordView {
    fn from(word: Word) -> Self {
        let said = word.said;
        Self {
            id: word.id,
            version: word.version,
            unit: word.unit,
            kind: said.kind,
            word: said.word,
            right: said.right,
            category: said.category,
            severity: said.severity,
            valid_from: said.valid_from,
            valid_to: said.valid_to,
            note: said.note,
            enabled: word.enabled,
            changed_at: word.changed_at,
        }
    }
}

/// A page of words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DictionaryWordPage {
    pub items: Vec<DictionaryWordView>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// What is said of a word.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DictionaryWordBody {
    /// Whose dictionary; left out when a word is changed.
    pub unit: Option<UnitId>,
    /// The version that was seen; left out for a new word.
    pub version: Option<i32>,
    pub kind: WordKind,
    pub word: String,
    #[serde(default)]
    pub right: Vec<String>,
    #[serde(default)]
    pub category: String,
    /// As the kind has it, when left out.
    pub severity: Option<Severity>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    #[serde(default)]
    pub note: String,
}

impl DictionaryWordBody {
    fn said(&self) -> Result<NewWord, Fault> {
        let line = |raw: &str, max| {
            text::line(raw, max).map_err(|error| Fault::Malformed(error.to_string()))
        };
        let right = self.right.iter().map(|right| line(right, 300));
        Ok(NewWord {
            kind: self.kind,
            word: line(&self.word, 300)?,
            right: right.collect::<Result<_, _>>()?,
            category: line(&self.category, 30)?,
            severity: self.severity.unwrap_or(self.kind.severity()),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            note: line(&self.note, 200)?,
        })
    }
}

/// What of the dictionaries is wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DictionaryWordQuery {
    /// Words of this unit alone.
    pub unit: Option<UnitId>,
    pub kind: Option<WordKind>,
    pub category: Option<String>,
    pub enabled: Option<bool>,
    pub q: Option<String>,
    pub page: Option<u64>,
}

const PER_PAGE: u64 = 100;

/// Lists words.
#[utoipa::path(
    get,
    path = "/api/v1/dictionary-words",
    tag = "dictionaries",
    operation_id = "list_dictionary_words",
    params(DictionaryWordQuery),
    responses((status = 200, body = DictionaryWordPage), (status = 401), (status = 403), (status = 404))
)]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<DictionaryWordQuery>,
) -> Result<Json<DictionaryWordPage>, Fault> {
    let db = app.db.read();
    let page = asked.page.unwrap_or(1).max(1);
    let wanted = Wanted {
        unit: asked.unit,
        kind: asked.kind,
        category: asked.category.unwrap_or_default(),
        enabled: asked.enabled,
        text: asked.q.unwrap_or_default(),
        page,
        per_page: PER_PAGE,
    };
    let scope = actor.filter(Permission::ManageDictionaries);
    let root = service::root(db).await?;
    let (words, total) = store::list(db, &scope, root, &wanted).await?;
    Ok(Json(DictionaryWordPage {
        items: words.into_iter().map(DictionaryWordView::from).collect(),
        page,
        pages: total.div_ceil(PER_PAGE).max(1),
        total,
    }))
}

/// Shows a word.
#[utoipa::path(
    get,
    path = "/api/v1/dictionary-words/{id}",
    tag = "dictionaries",
    operation_id = "show_dictionary_word",
    params(("id" = WordId, Path)),
    responses((status = 200, body = DictionaryWordView), (status = 401), (status = 403), (status = 404))
)]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WordId>,
) -> Result<Json<DictionaryWordView>, Fault> {
    let word = service::open_for(app.db.read(), &actor, id).await?;
    Ok(Json(word.into()))
}

/// Adds a word.
#[utoipa::path(
    post,
    path = "/api/v1/dictionary-words",
    tag = "dictionaries",
    operation_id = "create_dictionary_word",
    request_body = DictionaryWordBody,
    responses((status = 201, body = DictionaryWordView), (status = 401), (status = 403), (status = 404))
)]
pub async fn create(
    State(app): State<App>,
    actor: Actor,
    sent: Body<DictionaryWordBody>,
) -> Result<(StatusCode, Json<DictionaryWordView>), Fault> {
    let body = body::read(sent)?;
    let unit = body
        .unit
        .ok_or_else(|| Fault::Malformed("请写明 unit。".into()))?;
    let word = service::create(&app, &actor, unit, body.said()?).await?;
    Ok((StatusCode::CREATED, Json(word.into())))
}

/// Changes a word.
#[utoipa::path(
    put,
    path = "/api/v1/dictionary-words/{id}",
    tag = "dictionaries",
    operation_id = "change_dictionary_word",
    params(("id" = WordId, Path)),
    request_body = DictionaryWordBody,
    responses((status = 200, body = DictionaryWordView), (status = 401), (status = 403), (status = 404))
)]
pub async fn change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WordId>,
    sent: Body<DictionaryWordBody>,
) -> Result<Json<DictionaryWordView>, Fault> {
    let body = body::read(sent)?;
    let seen = body
        .version
        .ok_or_else(|| Fault::Malformed("请写明 version。".into()))?;
    service::change(&app, &actor, id, seen, body.said()?).await?;
    show(State(app), actor, Path(id)).await
}

/// Takes a word away.
#[utoipa::path(
    delete,
    path = "/api/v1/dictionary-words/{id}",
    tag = "dictionaries",
    operation_id = "remove_dictionary_word",
    params(("id" = WordId, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404))
)]
pub async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WordId>,
) -> Result<StatusCode, Fault> {
    service::remove(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
