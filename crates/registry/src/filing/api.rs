//! Filings, as programs see them: the same verbs as the pages.

use super::{
    Filing,
    attachments::{REQUEST_LIMIT, Scan},
    closing,
    contacts::Contacts,
    content::{Content, Wrong},
    drafting::{self, Draft},
    lookup::{self, Line, Query as Wanted, View},
    paper::{self, Entry},
    record::Record,
    route::Route,
    rules::{Act, Closing, Kind, Stage, Step, Verdict},
    service::{self, Opinion},
    show::shown,
};
use axum::{
    Json,
    extract::{Path, Query, State, rejection::JsonRejection},
    http::StatusCode,
};
use base64::Engine as _;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::{Actor, App, ChannelId, Fault, FilingId, PersonId, Place, Role, UnitId};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{
        __path_check, __path_create, __path_decide, __path_list, __path_paper, __path_prove,
        __path_recheck, __path_send_back, __path_show, __path_sign, __path_submit, __path_withdraw,
        check, create, decide, list, paper, prove, recheck, send_back, show, sign, submit,
        withdraw,
    };
}

/// Bodies that hold a scan: in base64 it is a third longer.
pub(super) const SCAN_LIMIT: usize = REQUEST_LIMIT / 3 * 4;

/// A filing in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FilingSummary {
    pub id: FilingId,
    pub name: String,
    /// A platform's code.
    pub platform: String,
    pub unit: UnitId,
    pub channel: Option<ChannelId>,
    /// `draft`, `awaiting_unit_head`, `awaiting_officer_check`, `awaiting_decision`, `returned`, `withdrawn` or
    /// `effective`.
    pub stage: String,
    pub kind: Kind,
    /// What a cancellation in force waits for.
    pub closing: Option<Closing>,
    /// Whether something was decided on paper.
    pub paper: bool,
    /// The role whose turn it is.
    pub awaiting: Option<Role>,
    pub author: PersonId,
    pub document_number: Option<String>,
    pub due: Option<DateTime<Utc>>,
    pub overdue: bool,
    pub submitted_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

impl From<Line> for FilingSummary {
    fn from(line: Line) -> Self {
        Self {
            id: line.id,
            name: line.name,
            platform: line.platform,
            unit: line.unit,
            channel: line.channel,
            stage: line.stage.code().into(),
            kind: line.kind,
            closing: line.closing,
            paper: line.paper,
            awaiting: line.awaiting,
            author: line.author,
            document_number: line.document_number,
            due: line.due,
            overdue: line.overdue,
            submitted_at: line.submitted_at,
            updated_at: line.updated_at,
        }
    }
}

/// A page of filings.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FilingPage {
    pub items: Vec<FilingSummary>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// What someone did at a step.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FilingAct)]
pub struct ActView {
    /// Counts submissions, from 1.
    pub round: i32,
    pub step: Step,
    pub person: PersonId,
    pub on_behalf_of: Option<PersonId>,
    pub at: DateTime<Utc>,
    pub opinion: String,
    pub verdict: Verdict,
    /// Set for a decision that was taken on paper.
    pub paper: Option<PaperView>,
}

/// The paper on which a step was decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FilingPaper)]
pub struct PaperView {
    pub recorded_by: PersonId,
    pub recorded_for: Option<PersonId>,
    pub decided_on: NaiveDate,
    pub number: String,
    /// The attachment's number.
    pub scan: i64,
}

impl From<Act> for ActView {
    fn from(act: Act) -> Self {
        Self {
            paper: act.paper.map(|paper| PaperView {
                recorded_by: paper.recorded_by.person,
                recorded_for: paper.recorded_by.on_behalf_of,
                decided_on: paper.decided_on,
                number: paper.number,
                scan: paper.scan,
            }),
            round: act.round,
            step: act.step,
            person: act.person,
            on_behalf_of: act.on_behalf_of,
            at: act.at,
            opinion: act.opinion,
            verdict: act.verdict,
        }
    }
}

/// A filing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FilingView {
    pub id: FilingId,
    /// Goes with every verb: nobody acts on what they have not seen.
    pub version: i32,
    pub kind: Kind,
    pub unit: UnitId,
    pub channel: Option<ChannelId>,
    /// The version of the channel's record beside which a change stands: goes with every step in favour.
    pub record: Option<i32>,
    /// The cells that a change would change in the record as it stands, or changed: `name`,
    /// `operator_phone_0`, and so on.
    pub changed: Vec<String>,
    /// What a cancellation in force waits for.
    pub closing: Option<Closing>,
    /// As in [`FilingSummary`].
    pub stage: String,
    pub content: Content,
    /// Telephone numbers are masked for callers who need not call.
    pub contacts: Contacts,
    pub author: PersonId,
    pub author_for: Option<PersonId>,
    pub route: Route,
    pub acts: Vec<ActView>,
    pub document_number: Option<String>,
    pub due: Option<DateTime<Utc>>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub effective_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl FilingView {
    fn of(filing: Filing, current: Option<&Record>, actor: &Actor, place: &Place) -> Self {
        let changed = match filing.against(current) {
            Some((record, said)) if filing.kind == Kind::Change => {
                super::record::changed(record, &said).into_iter().collect()
            }
            _ => vec![],
        };
        Self {
            contacts: shown(&filing, &filing.contacts, actor, place),
            record: current.map(|record| record.version),
            changed,
            closing: filing.closing,
            id: filing.id,
            version: filing.version,
            kind: filing.kind,
            unit: filing.unit,
            channel: filing.channel,
            stage: filing.course.stage.code().into(),
            content: filing.content,
            author: filing.course.author.person,
            author_for: filing.course.author.on_behalf_of,
            route: filing.course.route,
            acts: filing.course.acts.into_iter().map(ActView::from).collect(),
            document_number: filing.document_number,
            due: filing.due,
            submitted_at: filing.submitted_at,
            effective_at: filing.effective_at,
            created_at: filing.created_at,
            updated_at: filing.updated_at,
        }
    }
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

type Body<T> = Result<Json<T>, JsonRejection>;

fn body<T>(body: Body<T>) -> Result<T, Fault> {
    match body {
        Ok(Json(value)) => Ok(value),
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Fault::TooLarge("请求内容超过了大小限制。".into()))
        }
        Err(error) => Err(Fault::Malformed(format!(
            "请求内容不是所需的 JSON：{}",
            error.body_text()
        ))),
    }
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
    let new = body(posted)?;
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
    let said = body(posted)?;
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
    let said = body(posted)?;
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
    let said = body(posted)?;
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
    let said = body(posted)?;
    service::withdraw(&app, &actor, id, said.version).await?;
    view(&app, &actor, id).await
}

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
    let new = body(posted)?;
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
    let new = body(posted)?;
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
    let new = body(posted)?;
    let scan = new.scan.map(NewScan::read).transpose()?;
    closing::recheck(&app, &actor, id, new.version, new.gone, &new.note, scan)
        .await?
        .map_err(wrong)?;
    view(&app, &actor, id).await
}
