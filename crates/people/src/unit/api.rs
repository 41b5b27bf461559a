//! Units, as programs see them.

use super::store::{self, Unit};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::{Actor, App, Fault, Permission, UnitId, scope};

/// A unit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitView {
    pub id: UnitId,
    /// None for the institution itself.
    pub parent: Option<UnitId>,
    pub name: String,
    pub short_name: String,
    pub kind: super::UnitKind,
    /// Whether it is the publicity department.
    pub publicity: bool,
    /// When it was closed; open units have none.
    pub closed_at: Option<DateTime<Utc>>,
}

impl From<Unit> for UnitView {
    fn from(unit: Unit) -> Self {
        Self {
            id: unit.id,
            parent: unit.parent,
            name: unit.name,
            short_name: unit.short_name,
            kind: unit.kind,
            publicity: unit.publicity,
            closed_at: unit.closed_at,
        }
    }
}

/// A page of units, in the order of the tree.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitPage {
    pub items: Vec<UnitView>,
    pub page: u64,
    pub per_page: u64,
    pub total: u64,
}

/// Which page.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// From 1.
    pub page: u64,
    /// At most 200.
    pub per_page: u64,
}

impl Default for Paging {
    fn default() -> Self {
        Self {
            page: 1,
            per_page: 50,
        }
    }
}

/// Units that the caller may see.
#[utoipa::path(
    get, path = "/api/v1/units", tag = "units", operation_id = "list_units", params(Paging),
    responses((status = 200, body = UnitPage), (status = 401), (status = 403)),
)]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(paging): Query<Paging>,
) -> Result<Json<UnitPage>, Fault> {
    let db = app.db.read();
    let seen = store::ids(db, &actor.filter(Permission::ViewUnits)).await?;
    let (page, per_page) = (paging.page.max(1), paging.per_page.clamp(1, 200));
    // The order of the tree is not SQL's: it is made from all units, of which there are few.
    let units = store::all(db).await?;
    let skip = usize::try_from((page - 1).saturating_mul(per_page)).unwrap_or(usize::MAX);
    let items = units
        .into_iter()
        .filter(|unit| seen.contains(&unit.id))
        .skip(skip)
        .take(per_page as usize)
        .map(UnitView::from)
        .collect();
    Ok(Json(UnitPage {
        items,
        page,
        per_page,
        total: seen.len() as u64,
    }))
}

/// One unit.
#[utoipa::path(
    get, path = "/api/v1/units/{id}", tag = "units", operation_id = "show_unit", params(("id" = i64, Path)),
    responses((status = 200, body = UnitView), (status = 401), (status = 403), (status = 404)),
)]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<UnitId>,
) -> Result<Json<UnitView>, Fault> {
    let db = app.db.read();
    let unit = store::find(db, id).await?.ok_or(Fault::NotFound)?;
    actor.require_sight(Permission::ViewUnits, &scope::place(db, id).await?)?;
    Ok(Json(unit.into()))
}
