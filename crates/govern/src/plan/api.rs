//! Plans, as programs see them: the same verbs as the pages.

use super::{
    NewTask, Plan, PlanKind, PlanStage, Task, TaskState,
    form::LONG,
    service::{self, Draft},
    store, tasks, year_end,
};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::web::body::{Body, read};
use zhendi_kernel::{Actor, App, Fault, PersonId, PlanId, PlanTaskId, UnitId, text};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{
        __path_add_task, __path_close, __path_create, __path_decide, __path_list, __path_report,
        __path_send_back, __path_show, __path_submit, add_task, close, create, decide, list,
        report, send_back, show, submit,
    };
}

/// A plan in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanSummary {
    pub id: PlanId,
    pub kind: PlanKind,
    pub unit: UnitId,
    pub year: i32,
    pub through: i32,
    pub title: String,
    pub stage: PlanStage,
    pub edition: i32,
    pub in_force_at: Option<DateTime<Utc>>,
    pub tasks: u64,
    pub done: u64,
    pub overdue: u64,
    /// The mean of the tasks' progress, 0 to 100.
    pub progress: u64,
}

/// A page of plans.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanPage {
    pub items: Vec<PlanSummary>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// A task.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanTaskView {
    pub id: PlanTaskId,
    /// Goes with a report: nobody reports on what they have not seen.
    pub version: i32,
    pub what: String,
    pub detail: String,
    pub person: PersonId,
    pub helpers: Vec<PersonId>,
    pub due: NaiveDate,
    pub first_due: NaiveDate,
    pub progress: i32,
    pub state: TaskState,
    pub done_at: Option<DateTime<Utc>>,
}

impl From<Task> for PlanTaskView {
    fn from(task: Task) -> Self {
        Self {
            id: task.id,
            version: task.version,
            what: task.what,
            detail: task.detail,
            person: task.person,
            helpers: task.helpers,
            due: task.due,
            first_due: task.first_due,
            progress: task.progress,
            state: task.state,
            done_at: task.done_at,
        }
    }
}

/// A plan with its tasks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanView {
    pub id: PlanId,
    /// Goes with every verb: nobody decides on what they have not seen.
    pub version: i32,
    pub kind: PlanKind,
    pub unit: UnitId,
    pub year: i32,
    pub through: i32,
    pub title: String,
    pub goals: String,
    pub stage: PlanStage,
    pub edition: i32,
    pub revises: Option<PlanId>,
    pub author: PersonId,
    pub author_for: Option<PersonId>,
    /// What was said at the last decision or return.
    pub opinion: String,
    pub submitted_at: Option<DateTime<Utc>>,
    pub decided_by: Option<PersonId>,
    pub decided_for: Option<PersonId>,
    pub in_force_at: Option<DateTime<Utc>>,
    pub summary: String,
    pub ended_at: Option<DateTime<Utc>>,
    pub tasks: Vec<PlanTaskView>,
}

async fn view(db: &impl ConnectionTrait, plan: Plan) -> Result<PlanView, Fault> {
    let tasks = store::tasks_of(db, plan.id).await?;
    Ok(PlanView {
        id: plan.id,
        version: plan.version,
        kind: plan.kind,
        unit: plan.unit,
        year: plan.year,
        through: plan.through,
        title: plan.title,
        goals: plan.goals,
        stage: plan.stage,
        edition: plan.edition,
        revises: plan.revises,
        author: plan.author,
        author_for: plan.author_for,
        opinion: plan.opinion,
        submitted_at: plan.submitted_at,
        decided_by: plan.decided_by,
        decided_for: plan.decided_for,
        in_force_at: plan.in_force_at,
        summary: plan.summary,
        ended_at: plan.ended_at,
        tasks: tasks.into_iter().map(PlanTaskView::from).collect(),
    })
}

/// What a list is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// This unit with everything below it.
    #[param(value_type = Option<i64>)]
    unit: Option<UnitId>,
    year: Option<i32>,
    /// `overall` or `unit`.
    kind: String,
    /// A stage's code.
    stage: String,
    q: String,
    /// Only plans with tasks of the caller.
    mine: bool,
    /// From 1.
    page: u64,
}

/// Plans that the caller may see.
#[utoipa::path(
    get, path = "/api/v1/plans", tag = "plans", operation_id = "list_plans",
    params(Asked),
    responses((status = 200, body = PlanPage), (status = 401))
)]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Json<PlanPage>, Fault> {
    let wanted = store::Query {
        unit: asked.unit,
        year: asked.year,
        kind: PlanKind::parse(&asked.kind),
        stage: PlanStage::parse(&asked.stage),
        text: asked.q.chars().take(100).collect(),
        mine: asked.mine,
        page: asked.page.max(1),
        per_page: store::PER_PAGE,
    };
    let (lines, total) = store::list(app.db.read(), &actor, &wanted, app.clock.today()).await?;
    let items = lines
        .into_iter()
        .map(|line| PlanSummary {
            id: line.plan.id,
            kind: line.plan.kind,
            unit: line.plan.unit,
            year: line.plan.year,
            through: line.plan.through,
            title: line.plan.title,
            stage: line.plan.stage,
            edition: line.plan.edition,
            in_force_at: line.plan.in_force_at,
            tasks: line.tally.tasks,
            done: line.tally.done,
            overdue: line.tally.overdue,
            progress: line.tally.progress,
        })
        .collect();
    Ok(Json(PlanPage {
        items,
        page: wanted.page,
        pages: total.div_ceil(store::PER_PAGE).max(1),
        total,
    }))
}

/// A plan with its tasks.
#[utoipa::path(
    get, path = "/api/v1/plans/{id}", tag = "plans", operation_id = "show_plan",
    params(("id" = i64, Path)),
    responses((status = 200, body = PlanView), (status = 401), (status = 404))
)]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
) -> Result<Json<PlanView>, Fault> {
    let db = app.db.read();
    let (plan, _) = service::open_for(db, &actor, id).await?;
    view(db, plan).await.map(Json)
}

/// A new plan.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewPlan {
    pub kind: Option<PlanKind>,
    pub unit: Option<UnitId>,
    pub year: i32,
    /// The last year of an overall plan.
    pub through: Option<i32>,
    pub title: String,
    pub goals: String,
    /// An earlier plan of the unit whose goals and tasks are copied.
    pub from: Option<PlanId>,
}

/// Begins a plan.
#[utoipa::path(
    post, path = "/api/v1/plans", tag = "plans", operation_id = "create_plan",
    request_body = NewPlan,
    responses((status = 201, body = PlanView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub async fn create(
    State(app): State<App>,
    actor: Actor,
    body: Body<NewPlan>,
) -> Result<(StatusCode, Json<PlanView>), Fault> {
    let new = read(body)?;
    let unit = new
        .unit
        .ok_or_else(|| Fault::Malformed("unit：请写明单位。".into()))?;
    let this = app.clock.today().year();
    if !(this - 10..=this + 10).contains(&new.year) {
        return Err(Fault::Malformed("year：请填四位数的年份。".into()));
    }
    let through = new.through.unwrap_or(new.year);
    if !(new.year..=new.year + 9).contains(&through) {
        return Err(Fault::Malformed(
            "through：应不早于起始年度，且不超过十年。".into(),
        ));
    }
    let draft = Draft {
        title: text::required_line(&new.title, 100)
            .map_err(|error| Fault::Malformed(format!("title：{error}")))?,
        goals: long("goals", &new.goals)?,
        through,
    };
    let kind = new.kind.unwrap_or(PlanKind::Unit);
    let plan = service::begin(&app, &actor, kind, unit, new.year, draft, new.from).await?;
    let view = view(app.db.read(), plan).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

fn long(field: &str, raw: &str) -> Result<String, Fault> {
    text::lines(raw, LONG).map_err(|error| Fault::Malformed(format!("{field}：{error}")))
}

/// A new task.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlanTask {
    pub what: String,
    #[serde(default)]
    pub detail: String,
    pub person: PersonId,
    #[serde(default)]
    pub helpers: Vec<PersonId>,
    pub due: NaiveDate,
}

/// Adds a task to a draft.
#[utoipa::path(
    post, path = "/api/v1/plans/{id}/tasks", tag = "plans", operation_id = "add_plan_task",
    params(("id" = i64, Path)), request_body = NewPlanTask,
    responses((status = 201, body = PlanTaskView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub async fn add_task(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
    body: Body<NewPlanTask>,
) -> Result<(StatusCode, Json<PlanTaskView>), Fault> {
    let new = read(body)?;
    let new = NewTask {
        what: text::required_line(&new.what, 120)
            .map_err(|error| Fault::Malformed(format!("what：{error}")))?,
        detail: text::lines(&new.detail, 2_000)
            .map_err(|error| Fault::Malformed(format!("detail：{error}")))?,
        person: new.person,
        helpers: new.helpers,
        due: new.due,
    };
    let task = tasks::add(&app, &actor, id, new).await?;
    Ok((StatusCode::CREATED, Json(task.into())))
}

/// What goes with a verb.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlanSaid {
    /// The version that was looked at.
    pub version: i32,
    /// The opinion; blank means agreement. A return needs it.
    pub opinion: String,
}

/// Hands a plan in.
#[utoipa::path(
    post, path = "/api/v1/plans/{id}/submissions", tag = "plans", operation_id = "submit_plan",
    params(("id" = i64, Path)), request_body = PlanSaid,
    responses((status = 200, body = PlanView), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
    body: Body<PlanSaid>,
) -> Result<Json<PlanView>, Fault> {
    let said = read(body)?;
    let plan = service::submit(&app, &actor, id, said.version).await?;
    view(app.db.read(), plan).await.map(Json)
}

/// Puts a plan into force.
#[utoipa::path(
    post, path = "/api/v1/plans/{id}/decisions", tag = "plans", operation_id = "decide_plan",
    params(("id" = i64, Path)), request_body = PlanSaid,
    responses((status = 200, body = PlanView), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub async fn decide(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
    body: Body<PlanSaid>,
) -> Result<Json<PlanView>, Fault> {
    let said = read(body)?;
    let opinion = long("opinion", &said.opinion)?;
    let plan = service::decide(&app, &actor, id, said.version, opinion).await?;
    view(app.db.read(), plan).await.map(Json)
}

/// Sends a plan back.
#[utoipa::path(
    post, path = "/api/v1/plans/{id}/returns", tag = "plans", operation_id = "return_plan",
    params(("id" = i64, Path)), request_body = PlanSaid,
    responses((status = 200, body = PlanView), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub async fn send_back(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
    body: Body<PlanSaid>,
) -> Result<Json<PlanView>, Fault> {
    let said = read(body)?;
    let reason = long("opinion", &said.opinion)?;
    let plan = service::send_back(&app, &actor, id, said.version, reason).await?;
    view(app.db.read(), plan).await.map(Json)
}

/// How a year ends.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlanClosing {
    /// The version that was looked at.
    pub version: i32,
    pub summary: String,
    /// Whether unfinished tasks go into the next year's draft.
    pub carry: bool,
}

/// Ends a plan with its summary.
#[utoipa::path(
    post, path = "/api/v1/plans/{id}/closures", tag = "plans", operation_id = "close_plan",
    params(("id" = i64, Path)), request_body = PlanClosing,
    responses((status = 200, body = PlanView), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub async fn close(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PlanId>,
    body: Body<PlanClosing>,
) -> Result<Json<PlanView>, Fault> {
    let said = read(body)?;
    let summary = long("summary", &said.summary)?;
    let plan = year_end::close(&app, &actor, id, said.version, summary, said.carry).await?;
    view(app.db.read(), plan).await.map(Json)
}

/// How far a task is.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlanReport {
    /// The task's version that was looked at.
    pub version: i32,
    /// 0 to 100; with 100 the task is done.
    pub progress: i32,
    pub text: String,
}

/// Tells how far a task is.
#[utoipa::path(
    post, path = "/api/v1/plans/{id}/tasks/{task}/reports", tag = "plans", operation_id = "report_plan_task",
    params(("id" = i64, Path), ("task" = i64, Path)), request_body = PlanReport,
    responses((status = 200, body = PlanTaskView), (status = 401), (status = 403), (status = 404), (status = 409))
)]
pub async fn report(
    State(app): State<App>,
    actor: Actor,
    Path((id, task)): Path<(PlanId, PlanTaskId)>,
    body: Body<PlanReport>,
) -> Result<Json<PlanTaskView>, Fault> {
    let said = read(body)?;
    let text = text::lines(&said.text, 2_000)
        .map_err(|error| Fault::Malformed(format!("text：{error}")))?;
    let (seen, progress) = (said.version, said.progress);
    let task = tasks::report(&app, &actor, id, task, seen, progress, text).await?;
    Ok(Json(task.into()))
}
