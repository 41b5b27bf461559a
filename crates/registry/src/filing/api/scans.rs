//! What comes with a scan: decisions on paper, the platform's proof of a closing, and what was seen later.

use super::{FilingView, view, wrong};
use crate::filing::{
    attachments::{REQUEST_LIMIT, Scan},
    closing,
    paper::{self, Entry},
    rules::Verdict,
};
use axum::{
    Json,
    extract::{Path, State},
};
use base64::Engine as _;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use zhendi_kernel::web::body::{self, Body};
use zhendi_kernel::{Actor, App, Fault, FilingId, PersonId};

/// Bodies that hold a scan: in base64 it is a third longer.
pub(in crate::filing) const SCAN_LIMIT: usize = REQUEST_LIMIT / 3 * 4;

/// A scan: a PDF, JPEG or PNG.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = FilingScan)]
pub struct NewScan {
    /// The file's name.
    pub name: String,
    /// The file in base64.
    pub content: String,
}

impl NewScan {
    fn read(self) -> Result<Scan, Fault> {
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(self.content.as_bytes())
            .map_err(|_| Fault::Malformed("扫描件的内容不是 base64。".into()))?;
        Ok(Scan {
            name: self.name,
            bytes: bytes.into(),
        })
    }
}

/// A decision that was taken on paper.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPaper {
    /// The version that was looked at.
    pub version: i32,
    /// As in `FilingSaid`.
    #[serde(default)]
    pub record: Option<i32>,
    /// Who decided: one who may take the step that waits, and is not the caller.
    pub decider: PersonId,
    pub verdict: Verdict,
    /// A return needs it.
    #[serde(default)]
    pub opinion: String,
    /// The day that the paper bears.
    pub decided_on: NaiveDate,
    /// The paper's own number.
    pub number: String,
    pub scan: NewScan,
}

/// An officer enters what was decided on paper at the step that waits.
#[utoipa::path(
    post, path = "/api/v1/filings/{id}/papers", tag = "filings", params(("id" = i64, Path)), request_body = NewPaper, operation_id = "record_filing_paper",
    responses((status = 200, body = FilingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409), (status = 413)),
)]
pub async fn paper(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    posted: Body<NewPaper>,
) -> Result<Json<FilingView>, Fault> {
    let new = body::read(posted)?;
    let entry = Entry {
        seen: new.version,
        record: new.record,
        decider: Some(new.decider),
        verdict: new.verdict,
        opinion: new.opinion,
        decided_on: new.decided_on.to_string(),
        number: new.number,
        scan: Some(new.scan.read()?),
    };
    paper::record(&app, &actor, id, entry)
        .await?
        .map_err(wrong)?;
    view(&app, &actor, id).await
}

/// The platform's proof that a cancelled channel is gone.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProof {
    /// The version that was looked at.
    pub version: i32,
    #[serde(default)]
    pub note: String,
    pub scan: NewScan,
}

/// Hands in the platform's proof of a cancellation in force: the channel is cancelled and closed.
#[utoipa::path(
    post, path = "/api/v1/filings/{id}/proofs", tag = "filings", params(("id" = i64, Path)), request_body = NewProof, operation_id = "prove_filing",
    responses((status = 200, body = FilingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409), (status = 413)),
)]
pub async fn prove(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    posted: Body<NewProof>,
) -> Result<Json<FilingView>, Fault> {
    let new = body::read(posted)?;
    let scan = Some(new.scan.read()?);
    closing::prove(&app, &actor, id, new.version, &new.note, scan)
        .await?
        .map_err(wrong)?;
    view(&app, &actor, id).await
}

/// What was seen when a cancelled channel was looked at again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecheck {
    /// The version that was looked at.
    pub version: i32,
    /// Whether it is gone.
    pub gone: bool,
    /// Needed without a scan.
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub scan: Option<NewScan>,
}

/// Enters what was seen: gone closes the matter, still there brings the duty back.
#[utoipa::path(
    post, path = "/api/v1/filings/{id}/rechecks", tag = "filings", params(("id" = i64, Path)), request_body = NewRecheck, operation_id = "recheck_filing",
    responses((status = 200, body = FilingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409), (status = 413)),
)]
pub async fn recheck(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    posted: Body<NewRecheck>,
) -> Result<Json<FilingView>, Fault> {
    let new = body::read(posted)?;
    let scan = new.scan.map(NewScan::read).transpose()?;
    closing::recheck(&app, &actor, id, new.version, new.gone, &new.note, scan)
        .await?
        .map_err(wrong)?;
    view(&app, &actor, id).await
}
