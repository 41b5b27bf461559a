//! The trail, the sheet and decisions on paper, as programs see them.

use super::{
    download,
    record::{self, Entry, Scan},
    trail::{self, Trail},
};
use crate::{course::Verdict, ids::ManuscriptId};
use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use zhendi_kernel::web::body::{self, Body};
use zhendi_kernel::{Actor, App, Fault, PersonId, files, text};
use zhendi_registry::forms::Format;

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{__path_create, __path_sheet, __path_show, create, sheet, show};
}

/// Bodies that hold a scan: in base64 it is a third longer.
pub const LIMIT: usize = record::LIMIT / 3 * 4;

/// The whole trail of a manuscript.
#[utoipa::path(
    get, path = "/api/v1/manuscripts/{id}/trail", tag = "review",
    operation_id = "show_manuscript_trail", params(("id" = i64, Path)),
    responses((status = 200, body = Trail), (status = 401), (status = 404)),
)]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
) -> Result<Json<Trail>, Fault> {
    Ok(Json(trail::trail(&app, &actor, id).await?.trail))
}

/// The review sheet as a file.
#[utoipa::path(
    get, path = "/api/v1/manuscripts/{id}/sheet/{format}", tag = "review",
    operation_id = "download_review_sheet",
    params(("id" = i64, Path), ("format" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 401), (status = 404)),
)]
pub async fn sheet(
    State(app): State<App>,
    actor: Actor,
    Path((id, format)): Path<(ManuscriptId, String)>,
) -> Result<Response, Fault> {
    let format = Format::parse(&format).ok_or(Fault::NotFound)?;
    let file = download::produce(&app, &actor, id, format).await?;
    Ok(files::download(&file.name, file.kind, file.bytes))
}

/// A decision that was taken on paper.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewPaperEntry {
    /// The version of the course that was looked at.
    pub version: i32,
    /// Who decided.
    pub decider: PersonId,
    /// `approve` or `return`.
    pub verdict: Verdict,
    #[serde(default)]
    pub opinion: String,
    /// The day that the paper bears.
    pub decided_on: NaiveDate,
    /// The paper's own number.
    pub number: String,
    /// The scan's file name: PDF, JPEG or PNG.
    pub scan_name: String,
    /// The scan in base64.
    pub scan: String,
}

/// Enters a decision that was taken on paper.
#[utoipa::path(
    post, path = "/api/v1/manuscripts/{id}/papers", tag = "review",
    operation_id = "record_manuscript_paper", params(("id" = i64, Path)), request_body = ReviewPaperEntry,
    responses((status = 200, body = Trail), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn create(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    entry: Body<ReviewPaperEntry>,
) -> Result<Json<Trail>, Fault> {
    let it = body::read(entry)?;
    let said = |field: &str, error: text::TextError| Fault::Malformed(format!("{field}：{error}"));
    let number = text::required_line(&it.number, 100).map_err(|error| said("编号", error))?;
    let opinion = text::lines(&it.opinion, 2_000).map_err(|error| said("意见", error))?;
    let name = text::required_line(&it.scan_name, 200).map_err(|error| said("文件名", error))?;
    if !matches!(it.verdict, Verdict::Approve | Verdict::Return) {
        return Err(Fault::Malformed("审批结果只能是同意或退回。".into()));
    }
    let bytes = STANDARD
        .decode(&it.scan)
        .map_err(|_| Fault::Malformed("扫描件不是 Base64。".into()))?;
    let entry = Entry {
        seen: it.version,
        decider: it.decider,
        verdict: it.verdict,
        opinion,
        decided_on: it.decided_on,
        number,
        scan: Scan {
            name,
            bytes: bytes.into(),
        },
    };
    record::record(&app, &actor, id, entry).await?;
    show(State(app), actor, Path(id)).await
}
