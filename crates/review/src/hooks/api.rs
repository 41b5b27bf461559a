//! Subscriptions, as programs see them: another system may subscribe by itself, with a keeper's token.

use super::{
    State, What, service,
    store::{self, Delivery, Hook, Said},
};
use crate::ids::{HookId, ManuscriptId};
use axum::{
    Json,
    extract::{Path, Query, State as Given},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::web::body::{self, Body};
use zhendi_kernel::{Actor, App, Fault, UnitId, text};
use zhendi_people::unit;

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{
        __path_create, __path_deliveries, __path_list, __path_remove, __path_test, create,
        deliveries, list, remove, test,
    };
}

/// A subscription to changes of state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HookView {
    pub id: HookId,
    pub name: String,
    pub url: String,
    /// Everything of this unit and those below it.
    pub unit: UnitId,
    /// None means all.
    #[schema(value_type = Vec<String>)]
    pub events: Vec<What>,
    pub enabled: bool,
    pub made_at: DateTime<Utc>,
}

impl From<Hook> for HookView {
    fn from(hook: Hook) -> Self {
        Self {
            id: hook.id,
            name: hook.name,
            url: hook.url,
            unit: hook.unit_id,
            events: hook.kinds.0,
            enabled: hook.enabled,
            made_at: hook.made_at,
        }
    }
}

/// A subscription to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHook {
    pub name: String,
    pub url: String,
    /// Without one, the whole institution.
    pub unit: Option<UnitId>,
    /// None means all.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub events: Vec<What>,
}

/// A subscription that was made, with the secret that signs its messages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MadeHook {
    pub hook: HookView,
    /// Never shown again. Messages are signed by the Standard Webhooks specification.
    pub secret: String,
}

/// A message of a subscription.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HookDeliveryView {
    pub id: i64,
    /// As in `events`; or `test`.
    pub event: String,
    pub manuscript: Option<ManuscriptId>,
    #[schema(value_type = String)]
    pub state: State,
    pub attempts: i32,
    /// What the receiver answered last.
    pub status: Option<i32>,
    /// Why it did not arrive.
    pub error: String,
    pub made_at: DateTime<Utc>,
    pub tried_at: Option<DateTime<Utc>>,
}

impl From<Delivery> for HookDeliveryView {
    fn from(row: Delivery) -> Self {
        Self {
            id: row.id,
            event: row.kind,
            manuscript: row.manuscript_id,
            state: State::parse(&row.state).unwrap_or(State::Failed),
            attempts: row.attempts,
            status: row.status,
            error: row.error,
            made_at: row.made_at,
            tried_at: row.tried_at,
        }
    }
}

/// A page of messages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HookDeliveryPage {
    pub items: Vec<HookDeliveryView>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// A message that was set going.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HookTest {
    /// The message's number.
    pub delivery: i64,
}

/// Which page.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Leaf {
    /// From 1.
    pub page: u64,
}

/// Every subscription.
#[utoipa::path(
    get, path = "/api/v1/hooks", tag = "hooks", operation_id = "list_hooks",
    responses((status = 200, body = [HookView]), (status = 401), (status = 403)),
)]
pub async fn list(Given(app): Given<App>, actor: Actor) -> Result<Json<Vec<HookView>>, Fault> {
    service::require_keeper(&actor)?;
    let hooks = store::all(app.db.read()).await?;
    Ok(Json(hooks.into_iter().map(HookView::from).collect()))
}

/// Makes a subscription.
#[utoipa::path(
    post, path = "/api/v1/hooks", tag = "hooks", operation_id = "create_hook", request_body = NewHook,
    responses((status = 201, body = MadeHook), (status = 400), (status = 401), (status = 403)),
)]
pub async fn create(
    Given(app): Given<App>,
    actor: Actor,
    new: Body<NewHook>,
) -> Result<(StatusCode, Json<MadeHook>), Fault> {
    service::require_keeper(&actor)?;
    let new = body::read(new)?;
    let name = text::required_line(&new.name, 50)
        .map_err(|error| Fault::Malformed(format!("名称：{error}")))?;
    let url = service::read_url(&new.url).map_err(|error| Fault::Malformed(error.into()))?;
    let db = app.db.read();
    let unit = match new.unit {
        Some(unit) => unit::find(db, unit).await?,
        None => unit::root(db).await?,
    };
    let said = Said {
        name,
        url,
        unit: unit
            .ok_or_else(|| Fault::Malformed("没有这个单位。".into()))?
            .id,
        kinds: new.events,
    };
    let (hook, secret) = service::create(&app, &actor, said).await?;
    let made = MadeHook {
        hook: hook.into(),
        secret,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Takes a subscription away with its messages.
#[utoipa::path(
    delete, path = "/api/v1/hooks/{id}", tag = "hooks", operation_id = "remove_hook",
    params(("id" = i64, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404)),
)]
pub async fn remove(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<HookId>,
) -> Result<StatusCode, Fault> {
    service::remove(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was sent, latest first.
#[utoipa::path(
    get, path = "/api/v1/hooks/{id}/deliveries", tag = "hooks", operation_id = "list_hook_deliveries",
    params(("id" = i64, Path), Leaf),
    responses((status = 200, body = HookDeliveryPage), (status = 401), (status = 403), (status = 404)),
)]
pub async fn deliveries(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<HookId>,
    Query(leaf): Query<Leaf>,
) -> Result<Json<HookDeliveryPage>, Fault> {
    service::require_keeper(&actor)?;
    let db = app.db.read();
    store::find(db, id).await?;
    let found = store::deliveries(db, id, leaf.page).await?;
    Ok(Json(HookDeliveryPage {
        items: found.rows.into_iter().map(HookDeliveryView::from).collect(),
        page: found.page,
        pages: found.pages,
        total: found.total,
    }))
}

/// Sends a message that only tries the way.
#[utoipa::path(
    post, path = "/api/v1/hooks/{id}/tests", tag = "hooks", operation_id = "test_hook",
    params(("id" = i64, Path)),
    responses((status = 202, body = HookTest), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn test(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<HookId>,
) -> Result<(StatusCode, Json<HookTest>), Fault> {
    let delivery = service::test(&app, &actor, id).await?;
    Ok((StatusCode::ACCEPTED, Json(HookTest { delivery })))
}
