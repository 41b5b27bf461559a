//! Regulations, as programs see them.

use super::{
    Regulation, RegulationState, readings,
    service::{self, current, is_maker, open_for},
    store::{self, View},
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::web::body::{Body, read};
use zhendi_kernel::{Actor, App, Fault, RegulationId, UnitId, scope};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{
        __path_confirm, __path_list, __path_readings, __path_show, confirm, list, readings, show,
    };
}

/// A regulation in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegulationSummary {
    pub id: RegulationId,
    pub title: String,
    pub number: String,
    pub unit: UnitId,
    /// The unit that it binds, with everything below.
    pub scope: UnitId,
    pub state: RegulationState,
    pub effective_on: Option<NaiveDate>,
    pub repealed_on: Option<NaiveDate>,
}

impl RegulationSummary {
    fn of(regulation: Regulation, today: NaiveDate) -> Self {
        Self {
            state: regulation.state(today),
            id: regulation.id,
            title: regulation.title,
            number: regulation.number,
            unit: regulation.unit,
            scope: regulation.scope,
            effective_on: regulation.effective_on,
            repealed_on: regulation.repealed_on,
        }
    }
}

/// A page of regulations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegulationPage {
    pub items: Vec<RegulationSummary>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// A version; drafts are for those who write and issue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegulationVersion {
    pub ordinal: i32,
    pub title: String,
    pub number: String,
    pub text: String,
    pub note: String,
    pub effective_on: NaiveDate,
    pub issued_at: Option<DateTime<Utc>>,
}

/// A regulation with its versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegulationView {
    pub id: RegulationId,
    pub title: String,
    pub number: String,
    pub unit: UnitId,
    pub scope: UnitId,
    pub state: RegulationState,
    pub effective_on: Option<NaiveDate>,
    pub repealed_on: Option<NaiveDate>,
    pub repeal_reason: String,
    pub supersedes: Option<RegulationId>,
    /// Codes of the roles that must read it; `*` for everyone.
    pub readers: Vec<String>,
    /// The ordinal of the version that holds today, or of the first to come.
    pub current: Option<i32>,
    pub versions: Vec<RegulationVersion>,
}

/// What a list is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// None for those in force or soon; `waiting`, `drafts` or `repealed`.
    view: String,
    /// Issued by this unit or one below it.
    #[param(value_type = Option<i64>)]
    unit: Option<UnitId>,
    q: String,
    /// From 1.
    page: u64,
}

/// Regulations that bind the caller or lie within their reach.
#[utoipa::path(
    get, path = "/api/v1/regulations", tag = "regulations", operation_id = "list_regulations",
    params(Asked),
    responses((status = 200, body = RegulationPage), (status = 401))
)]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Json<RegulationPage>, Fault> {
    let today = app.clock.today();
    let wanted = store::Query {
        view: View::ALL
            .into_iter()
            .find(|view| view.code() == asked.view)
            .unwrap_or_default(),
        unit: asked.unit,
        text: asked.q.chars().take(100).collect(),
        page: asked.page.max(1),
        per_page: store::PER_PAGE,
    };
    let (found, total) = store::list(app.db.read(), &actor, &wanted, today).await?;
    Ok(Json(RegulationPage {
        items: found
            .into_iter()
            .map(|one| RegulationSummary::of(one, today))
            .collect(),
        page: wanted.page,
        pages: total.div_ceil(store::PER_PAGE).max(1),
        total,
    }))
}

async fn view(app: &App, actor: &Actor, id: RegulationId) -> Result<RegulationView, Fault> {
    let (db, today) = (app.db.read(), app.clock.today());
    let regulation = open_for(db, actor, id).await?;
    let place = scope::place(db, regulation.unit).await?;
    let maker = is_maker(actor, &place);
    let versions = store::versions_of(db, id).await?;
    let holds = current(&versions, today).map(|version| version.ordinal);
    Ok(RegulationView {
        state: regulation.state(today),
        readers: regulation
            .readers
            .codes()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        current: holds,
        versions: versions
            .into_iter()
            .filter(|version| maker || version.issued_at.is_some())
            .map(|version| RegulationVersion {
                ordinal: version.ordinal,
                title: version.title,
                number: version.number,
                text: version.text,
                note: version.note,
                effective_on: version.effective_on,
                issued_at: version.issued_at,
            })
            .collect(),
        id: regulation.id,
        title: regulation.title,
        number: regulation.number,
        unit: regulation.unit,
        scope: regulation.scope,
        effective_on: regulation.effective_on,
        repealed_on: regulation.repealed_on,
        repeal_reason: regulation.repeal_reason,
        supersedes: regulation.supersedes,
    })
}

/// A regulation with its versions.
#[utoipa::path(
    get, path = "/api/v1/regulations/{id}", tag = "regulations", operation_id = "show_regulation",
    params(("id" = i64, Path)),
    responses((status = 200, body = RegulationView), (status = 401), (status = 404))
)]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
) -> Result<Json<RegulationView>, Fault> {
    view(&app, &actor, id).await.map(Json)
}

/// Who has read the version that was issued last, and who has not.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RegulationReader {
    pub name: String,
    pub unit: String,
    /// Whether the person has to read it.
    pub required: bool,
    pub read: bool,
}

/// Who has read, and who has not.
#[utoipa::path(
    get, path = "/api/v1/regulations/{id}/readings", tag = "regulations", operation_id = "list_regulation_readings",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<RegulationReader>), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub async fn readings(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
) -> Result<Json<Vec<RegulationReader>>, Fault> {
    let found = readings::of_last(&app, &actor, id).await?;
    let lines = found.lines.into_iter().map(|line| RegulationReader {
        read: !line.read.is_empty(),
        name: line.name,
        unit: line.unit,
        required: line.must,
    });
    Ok(Json(lines.collect()))
}

/// The version that was read.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RegulationRead {
    pub ordinal: i32,
}

/// Confirms that the caller has read the version that was issued last.
#[utoipa::path(
    post, path = "/api/v1/regulations/{id}/readings", tag = "regulations", operation_id = "confirm_regulation",
    params(("id" = i64, Path)), request_body = RegulationRead,
    responses((status = 200, body = RegulationView), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub async fn confirm(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<RegulationId>,
    body: Body<RegulationRead>,
) -> Result<Json<RegulationView>, Fault> {
    let said = read(body)?;
    service::confirm(&app, &actor, id, said.ordinal).await?;
    view(&app, &actor, id).await.map(Json)
}
