//! The filings' API: the same verbs as the pages.

mod scans;
mod views;

pub(super) use scans::SCAN_LIMIT;
pub use scans::{paper, prove, recheck};
pub use views::{FilingPage, FilingSummary, FilingView};

use super::{
    contacts::Contacts,
    content::{Content, Wrong},
    drafting::{self, Draft},
    lookup::{self, Query as Wanted, View},
    rules::{Closing, Kind, Stage, Step},
    service::{self, Opinion},
};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::web::body::{self, Body};
use zhendi_kernel::{Actor, App, ChannelId, Fault, FilingId, UnitId};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::scans::{__path_paper, __path_prove, __path_recheck, paper, prove, recheck};
    pub use super::{
        __path_check, __path_create, __path_decide, __path_list, __path_send_back, __path_show,
        __path_sign, __path_submit, __path_withdraw, check, create, decide, list, send_back, show,
        sign, submit, withdraw,
    };
}

/// A new draft; it may be incomplete.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewFiling {
    /// `opening` without one.
    pub kind: Kind,
    /// Not needed with `channel`.
    pub unit: Option<UnitId>,
    /// The channel to be changed, cancelled, or filed belatedly (待补录备案).
    pub channel: Option<ChannelId>,
    /// For changes: the version of the channel whose record the contents were made from.
    pub record: Option<i32>,
    /// A change says everything, what stays as it is too; of a cancellation only the cells of the closing
    /// count.
    pub content: Content,
    pub contacts: Contacts,
}

/// What goes with a verb.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = FilingSaid)]
pub struct Said {
    /// The version that was looked at.
    pub version: i32,
    /// The version of the channel's record that a change was looked at beside; only for changes.
    pub record: Option<i32>,
    /// The opinion; blank means agreement. A return needs it.
    pub opinion: String,
    /// Codes of the checklist's points that were confirmed, for checks: `name`, `avatar`, `certified_body`,
    /// `staff`, `one_account`; of cancellations `notice`, `followers`, `content`; and `seal` where a seal is needed before the decision.
    pub confirmed: Vec<String>,
}

impl From<Said> for Opinion {
    fn from(said: Said) -> Self {
        Self {
            seen: said.version,
            record: said.record,
            text: said.opinion,
            ticked: said.confirmed,
        }
    }
}

/// What a list is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `all` (default), `mine` or `waiting`.
    pub view: View,
    /// This unit with everything below it.
    #[param(value_type = Option<i64>)]
    pub unit: Option<UnitId>,
    #[param(inline)]
    pub kind: Option<Kind>,
    /// A stage's code, or `awaiting_proof`, `awaiting_recheck`, `confirmed_gone`.
    pub stage: String,
    /// Only those on which something was decided on paper.
    pub paper: bool,
    /// The year of the submission.
    pub year: Option<i32>,
    /// Words in name, address or number.
    pub q: String,
    pub overdue: bool,
    /// `updated`, `submitted`, `due` or `name`; latest first without one.
    pub sort: String,
    pub descending: bool,
    /// From 1.
    pub page: u64,
}

/// What is wrong as one sentence; the fields' names are those of the pages' forms.
fn wrong(wrongs: Vec<Wrong>) -> Fault {
    let parts: Vec<String> = wrongs
        .into_iter()
        .map(|wrong| format!("{}：{}", wrong.field, wrong.text))
        .collect();
    Fault::Malformed(parts.join(" "))
}

async fn view(app: &App, actor: &Actor, id: FilingId) -> Result<Json<FilingView>, Fault> {
    let (filing, place) = service::open_for(app, actor, id).await?;
    let current = match filing.channel.filter(|_| filing.kind == Kind::Change) {
        Some(channel) => Some(drafting::current(app, channel).await?),
        None => None,
    };
    Ok(Json(FilingView::of(
        filing,
        current.as_ref(),
        actor,
        &place,
    )))
}

/// Filings that the caller may see.
#[utoipa::path(
    get, path = "/api/v1/filings", tag = "filings", params(Asked), operation_id = "list_filings",
    responses((status = 200, body = FilingPage), (status = 400), (status = 401), (status = 403)),
)]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Json<FilingPage>, Fault> {
    let (stage, closing) = match asked.stage.as_str() {
        "" => (None, None),
        code => match (Stage::parse(code), Closing::parse(code)) {
            (None, None) => return Err(Fault::Malformed("没有这个状态。".into())),
            found => found,
        },
    };
    let wanted = Wanted {
        view: asked.view,
        unit: asked.unit,
        kind: asked.kind,
        stage,
        closing,
        paper: asked.paper,
        year: asked.year,
        text: asked.q.chars().take(100).collect(),
        overdue: asked.overdue,
        sort: asked.sort,
        descending: asked.descending,
        page: asked.page,
    };
    let found = lookup::list(app.db.read(), &actor, &wanted, app.now()).await?;
    Ok(Json(FilingPage {
        items: found.rows.into_iter().map(FilingSummary::from).collect(),
        page: found.page,
        pages: found.pages,
        total: found.total,
    }))
}

/// One filing.
#[utoipa::path(
    get, path = "/api/v1/filings/{id}", tag = "filings", params(("id" = i64, Path)), operation_id = "show_filing",
    responses((status = 200, body = FilingView), (status = 401), (status = 403), (status = 404)),
)]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
) -> Result<Json<FilingView>, Fault> {
    view(&app, &actor, id).await
}

/// Begins a draft.
#[utoipa::path(
    post, path = "/api/v1/filings", tag = "filings", request_body = NewFiling, operation_id = "create_filing",
    responses((status = 201, body = FilingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn create(
    State(app): State<App>,
    actor: Actor,
    posted: Body<NewFiling>,
) -> Result<(StatusCode, Json<FilingView>), Fault> {
    let new = body::read(posted)?;
    let draft = Draft {
        kind: new.kind,
        record: new.record,
        unit: new.unit,
        channel: new.channel,
        content: new.content,
        contacts: new.contacts,
    };
    let filing = drafting::begin(&app, &actor, draft).await?.map_err(wrong)?;
    Ok((StatusCode::CREATED, view(&app, &actor, filing.id).await?))
}

/// Hands a draft in.
#[utoipa::path(
    post, path = "/api/v1/filings/{id}/submissions", tag = "filings", params(("id" = i64, Path)), request_body = Said, operation_id = "submit_filing",
    responses((status = 200, body = FilingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    posted: Body<Said>,
) -> Result<Json<FilingView>, Fault> {
    let said = body::read(posted)?;
    drafting::submit(&app, &actor, id, said.version)
        .await?
        .map_err(wrong)?;
    view(&app, &actor, id).await
}

async fn agree(
    app: App,
    actor: Actor,
    id: FilingId,
    step: Step,
    posted: Body<Said>,
) -> Result<Json<FilingView>, Fault> {
    let said = body::read(posted)?;
    service::agree(&app, &actor, id, step, said.into())
        .await?
        .map_err(wrong)?;
    view(&app, &actor, id).await
}

/// The unit's head signs.
#[utoipa::path(
    post, path = "/api/v1/filings/{id}/signatures", tag = "filings", params(("id" = i64, Path)), request_body = Said, operation_id = "sign_filing",
    responses((status = 200, body = FilingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn sign(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    posted: Body<Said>,
) -> Result<Json<FilingView>, Fault> {
    agree(app, actor, id, Step::Signature, posted).await
}

/// The publicity officer passes it on.
#[utoipa::path(
    post, path = "/api/v1/filings/{id}/checks", tag = "filings", params(("id" = i64, Path)), request_body = Said, operation_id = "check_filing",
    responses((status = 200, body = FilingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn check(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    posted: Body<Said>,
) -> Result<Json<FilingView>, Fault> {
    agree(app, actor, id, Step::Check, posted).await
}

/// The publicity department approves: the filing is in force, its channel registered.
#[utoipa::path(
    post, path = "/api/v1/filings/{id}/decisions", tag = "filings", params(("id" = i64, Path)), request_body = Said, operation_id = "decide_filing",
    responses((status = 200, body = FilingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn decide(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    posted: Body<Said>,
) -> Result<Json<FilingView>, Fault> {
    agree(app, actor, id, Step::Decision, posted).await
}

/// Whoever has it sends it back, with the reason.
#[utoipa::path(
    post, path = "/api/v1/filings/{id}/returns", tag = "filings", params(("id" = i64, Path)), request_body = Said, operation_id = "return_filing",
    responses((status = 200, body = FilingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn send_back(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    posted: Body<Said>,
) -> Result<Json<FilingView>, Fault> {
    let said = body::read(posted)?;
    service::send_back(&app, &actor, id, said.into())
        .await?
        .map_err(wrong)?;
    view(&app, &actor, id).await
}

/// The author, or the unit's head, gives it up.
#[utoipa::path(
    post, path = "/api/v1/filings/{id}/withdrawals", tag = "filings", params(("id" = i64, Path)), request_body = Said, operation_id = "withdraw_filing",
    responses((status = 200, body = FilingView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn withdraw(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<FilingId>,
    posted: Body<Said>,
) -> Result<Json<FilingView>, Fault> {
    let said = body::read(posted)?;
    service::withdraw(&app, &actor, id, said.version).await?;
    view(&app, &actor, id).await
}
