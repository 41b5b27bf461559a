//! Workflows, as programs see them.

use super::{
    service,
    store::{self, Workflow},
};
use crate::{course::rules::Law, ids::WorkflowId};
use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zhendi_kernel::web::body::{self, Body};
use zhendi_kernel::{Actor, App, Fault, UnitId};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{__path_list, __path_replace, __path_show, list, replace, show};
}

/// A workflow with what it says now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkflowView {
    pub id: WorkflowId,
    /// None is the institution's default.
    pub unit: Option<UnitId>,
    /// A platform's code; none is every platform.
    pub platform: Option<String>,
    /// The number of its present version.
    pub version: i32,
    pub law: Law,
    pub made_at: DateTime<Utc>,
}

impl From<Workflow> for WorkflowView {
    fn from(one: Workflow) -> Self {
        Self {
            id: one.id,
            unit: one.reach.unit,
            platform: one.reach.platform,
            version: one.number,
            law: one.law,
            made_at: one.made_at,
        }
    }
}

/// All workflows in force.
#[utoipa::path(
    get, path = "/api/v1/workflows", operation_id = "list_workflows", tag = "review",
    responses((status = 200, body = Vec<WorkflowView>))
)]
pub async fn list(State(app): State<App>) -> Result<Json<Vec<WorkflowView>>, Fault> {
    let all = store::all(app.db.read()).await?;
    Ok(Json(all.into_iter().map(WorkflowView::from).collect()))
}

/// One workflow.
#[utoipa::path(
    get, path = "/api/v1/workflows/{id}", operation_id = "show_workflow", tag = "review",
    params(("id" = WorkflowId, Path)), responses((status = 200, body = WorkflowView), (status = 404))
)]
pub async fn show(
    State(app): State<App>,
    Path(id): Path<WorkflowId>,
) -> Result<Json<WorkflowView>, Fault> {
    let found = store::find(app.db.read(), id)
        .await?
        .ok_or(Fault::NotFound)?;
    Ok(Json(found.into()))
}

/// A new version of a workflow.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewWorkflowVersion {
    /// The version that was looked at.
    pub version: i32,
    pub law: Law,
}

/// Changes a workflow; what is under way keeps the version with which it began.
#[utoipa::path(
    put, path = "/api/v1/workflows/{id}", operation_id = "replace_workflow", tag = "review",
    params(("id" = WorkflowId, Path)), request_body = NewWorkflowVersion,
    responses((status = 200, body = WorkflowView), (status = 404), (status = 409))
)]
pub async fn replace(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<WorkflowId>,
    new: Body<NewWorkflowVersion>,
) -> Result<Json<WorkflowView>, Fault> {
    let new = body::read(new)?;
    service::change(&app, &actor, id, new.version, new.law).await?;
    show(State(app), Path(id)).await
}
