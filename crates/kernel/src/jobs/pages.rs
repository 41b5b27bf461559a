//! Where operators see what the program does by itself, and set failed jobs going again.

use super::{
    cron,
    store::{self, Counts, Job, State},
};
use crate::{
    Actor, App, Fault, Permission, audit, clock,
    fault::is_duplicate,
    web::{Access, Flash, Routes, Shell, redirect},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State as Given},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

/// The routes of the job pages.
pub fn routes() -> Routes {
    let operators = Access::Needs(Permission::Operate);
    Routes::new()
        .get("/jobs", operators, index)
        .get("/jobs/{id}", operators, show)
        .post("/jobs/{id}/retries", operators, retry)
        .post("/jobs/{id}/cancellations", operators, cancel)
}

/// What the list shows; anything else in the address means all.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    state: String,
    kind: String,
    page: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "jobs/index.html")]
struct Index {
    shell: Shell,
    state: &'static str,
    kind: String,
    kinds: Vec<(&'static str, &'static str)>,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    page: u64,
    pages: u64,
    total: u64,
    base: String,
    timetable: Vec<Line>,
}

/// One of the tabs above the list.
struct Tab {
    label: &'static str,
    href: String,
    active: bool,
    count: String,
}

/// A job as the list shows it.
struct Row {
    job: Job,
    name: String,
    tone: &'static str,
    icon: &'static str,
    run_at: String,
    finished: Option<String>,
}

/// A line of the timetable.
struct Line {
    name: &'static str,
    timing: String,
    next: Option<(String, String)>,
}

impl Row {
    fn new(app: &App, job: Job) -> Self {
        let (tone, icon) = match job.state {
            State::Ready => ("neutral", "hourglass"),
            State::Running => ("info", "player-play"),
            State::Done => ("success", "circle-check"),
            State::Dead => ("danger", "circle-x"),
        };
        Self {
            name: app.jobs.name(&job.kind).to_owned(),
            tone,
            icon,
            run_at: clock::show(&job.run_at),
            finished: job.finished_at.as_ref().map(clock::show),
            job,
        }
    }
}

async fn index(
    Given(app): Given<App>,
    shell: Shell,
    Query(filter): Query<Filter>,
) -> Result<impl IntoResponse, Fault> {
    let state = State::parse(&filter.state);
    let found = store::list(
        app.db.read(),
        state,
        Some(filter.kind.as_str()).filter(|kind| !kind.is_empty()),
        filter.page.parse().unwrap_or(1),
    )
    .await?;
    let base = url::form_urlencoded::Serializer::new("/jobs?".to_owned())
        .append_pair("state", state.map_or("", State::code))
        .append_pair("kind", &filter.kind)
        .finish();
    let timetable = cron::timetable(&app).await?;
    Ok(Index {
        shell,
        state: state.map_or("", State::code),
        kinds: app
            .jobs
            .kinds()
            .map(|kind| (kind, app.jobs.name(kind)))
            .collect(),
        kind: filter.kind,
        tabs: tabs(state, &store::counts(app.db.read()).await?),
        rows: found
            .rows
            .into_iter()
            .map(|job| Row::new(&app, job))
            .collect(),
        page: found.page,
        pages: found.pages,
        total: found.total,
        base: format!("{base}&"),
        timetable: timetable
            .into_iter()
            .map(|(schedule, next)| Line {
                name: app.jobs.name(schedule.kind),
                timing: schedule.timing.describe(),
                next: next.map(|next| (next.to_rfc3339(), clock::show(&next))),
            })
            .collect(),
    })
}

fn tabs(shown: Option<State>, counts: &Counts) -> Vec<Tab> {
    let all = Tab {
        label: "全部",
        href: "/jobs".into(),
        active: shown.is_none(),
        count: String::new(),
    };
    let each = State::ALL.iter().map(|state| Tab {
        label: state.label(),
        href: format!("/jobs?state={}", state.code()),
        active: shown == Some(*state),
        count: counts.of(*state).to_string(),
    });
    std::iter::once(all).chain(each).collect()
}

#[derive(Template, WebTemplate)]
#[template(path = "jobs/show.html")]
struct Show {
    shell: Shell,
    row: Row,
    payload: String,
    created: String,
    lease: Option<String>,
    /// Whether it can be set going, or taken out, by hand.
    movable: bool,
}

async fn show(
    Given(app): Given<App>,
    shell: Shell,
    Path(id): Path<i64>,
) -> Result<impl IntoResponse, Fault> {
    let job = store::find(app.db.read(), id)
        .await?
        .ok_or(Fault::NotFound)?;
    Ok(Show {
        shell,
        payload: serde_json::to_string_pretty(&job.payload).map_err(Fault::internal)?,
        created: clock::show(&job.created_at),
        lease: job.lease_until.as_ref().map(clock::show),
        movable: matches!(job.state, State::Ready | State::Dead),
        row: Row::new(&app, job),
    })
}

async fn retry(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let tx = app.db.begin().await?;
    let job = store::find(&tx, id).await?.ok_or(Fault::NotFound)?;
    match store::retry(&tx, id, app.now()).await {
        Ok(true) => {}
        Ok(false) => return Err(not_now(job.state)),
        Err(error) if is_duplicate(&error) => {
            return Err(Fault::Refused(
                "同样的任务已经在排队或执行，不需要再次执行。".into(),
            ));
        }
        Err(error) => return Err(error.into()),
    }
    let summary = format!(
        "重新执行后台任务 {} 号（{}）",
        job.id,
        app.jobs.name(&job.kind)
    );
    record(&tx, &app, &actor, "job.retried", &job, summary).await?;
    tx.commit().await?;
    app.jobs.wake();
    Ok(redirect(
        format!("/jobs/{id}"),
        Flash::success("任务已重新排队，很快会再次执行。"),
    ))
}

async fn cancel(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let tx = app.db.begin().await?;
    let job = store::find(&tx, id).await?.ok_or(Fault::NotFound)?;
    if !store::cancel(&tx, id).await? {
        return Err(not_now(job.state));
    }
    let summary = format!("取消后台任务 {} 号（{}）", job.id, app.jobs.name(&job.kind));
    record(&tx, &app, &actor, "job.cancelled", &job, summary).await?;
    tx.commit().await?;
    Ok(redirect(
        "/jobs",
        Flash::success(format!("任务 {id} 已取消，不会再执行。")),
    ))
}

fn not_now(state: State) -> Fault {
    Fault::Refused(match state {
        State::Running => "任务正在执行，请等它结束后再操作。".into(),
        _ => "任务已经完成，不需要再操作。".into(),
    })
}

async fn record(
    tx: &crate::Tx,
    app: &App,
    actor: &Actor,
    action: &'static str,
    job: &Job,
    summary: String,
) -> Result<(), Fault> {
    let entry = audit::Entry {
        action,
        subject: ("job", job.id),
        unit: None,
        on_behalf_of: None,
        summary,
        detail: serde_json::json!({ "kind": job.kind, "payload": job.payload }),
    };
    audit::append(tx, app, actor, entry).await
}
