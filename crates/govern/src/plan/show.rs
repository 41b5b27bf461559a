//! The page of a plan.

use super::{
    Plan, PlanStage, SUBJECT, Task, TaskState,
    list::badge,
    service::{self, open_for},
    store,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, PersonId, PlanId, audit, clock,
    form::{Errors, Field},
    web::Shell,
};
use zhendi_people::{person, role, unit};

/// A task as the page shows it.
pub(super) struct Row {
    pub task: Task,
    pub person: String,
    pub helpers: String,
    pub due: String,
    pub overdue: bool,
    pub proofs: usize,
    pub mine: bool,
}

/// The tone and the icon of a task's badge.
pub(super) fn task_badge(state: &TaskState) -> (&'static str, &'static str) {
    match state {
        TaskState::Open => ("info", "player-play"),
        TaskState::Done => ("success", "circle-check"),
        TaskState::Carried => ("neutral", "arrow-right"),
    }
}

/// A day as pages show it.
pub(super) fn day(day: &NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

pub(super) struct Line {
    summary: String,
    who: String,
    iso: String,
    at: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "plan/show.html")]
pub(super) struct ShowPage {
    shell: Shell,
    pub(super) plan: Plan,
    unit: String,
    author: String,
    decided: String,
    /// Who may decide now.
    waits_for: String,
    rows: Vec<Row>,
    done: usize,
    overdue: usize,
    progress: i32,
    editions: Vec<Plan>,
    /// The edition that is being written.
    next: Option<PlanId>,
    history: Vec<Line>,
    pub(super) opinion: Field,
    reason: Field,
    pub(super) errors: Errors,
    may_write: bool,
    may_discard: bool,
    may_decide: bool,
    may_revise: bool,
    may_keep: bool,
    may_copy: bool,
}

impl ShowPage {
    fn mark(&self) -> (&'static str, &'static str) {
        badge(&self.plan.stage)
    }
}

async fn rows(
    app: &App,
    actor: &Actor,
    plan: &Plan,
) -> Result<(Vec<Row>, HashMap<PersonId, String>), Fault> {
    let (db, today) = (app.db.read(), app.clock.today());
    let tasks = store::tasks_of(db, plan.id).await?;
    let people = tasks
        .iter()
        .flat_map(|task| std::iter::once(task.person).chain(task.helpers.iter().copied()))
        .chain([plan.author])
        .chain(plan.author_for)
        .chain(plan.decided_by)
        .chain(plan.decided_for);
    let names = person::names(db, people).await?;
    let proofs = store::proofs_of(db, tasks.iter().map(|task| task.thread)).await?;
    let name = |id: &PersonId| names.get(id).cloned().unwrap_or_default();
    let in_force = plan.stage == PlanStage::InForce;
    let rows = tasks
        .into_iter()
        .map(|task| Row {
            person: name(&task.person),
            helpers: task
                .helpers
                .iter()
                .map(&name)
                .collect::<Vec<_>>()
                .join("、"),
            due: day(&task.due),
            overdue: in_force && task.is_overdue(today),
            proofs: proofs
                .iter()
                .filter(|proof| proof.thread_id == task.thread)
                .count(),
            mine: actor.person().is_some_and(|me| task.is_of(me)),
            task,
        })
        .collect();
    Ok((rows, names))
}

fn party(
    names: &HashMap<PersonId, String>,
    by: Option<PersonId>,
    for_: Option<PersonId>,
) -> String {
    let name = |id: PersonId| names.get(&id).map_or("", String::as_str);
    match (by, for_) {
        (Some(by), Some(principal)) => format!("{}（代{}）", name(by), name(principal)),
        (Some(by), None) => name(by).to_owned(),
        (None, _) => String::new(),
    }
}

pub(super) async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: PlanId,
) -> Result<ShowPage, Fault> {
    let db = app.db.read();
    let (plan, place) = open_for(db, actor, id).await?;
    let course = plan.course(db).await?;
    let by = service::standing(actor, &place);
    let may = |allowed: &dyn Fn(&super::Standing) -> bool| by.as_ref().is_ok_and(allowed);
    let (rows, names) = rows(app, actor, &plan).await?;
    let mut editions = store::editions(db, &plan).await?;
    let next = editions
        .iter()
        .find(|one| one.revises == Some(id) && one.in_force_at.is_none())
        .map(|one| one.id);
    // Drafts are for those who may write them.
    let may_begin = may(&|by| super::Course::may_begin(course.ground, by).is_ok());
    editions.retain(|one| one.id == id || one.in_force_at.is_some() || may_begin);
    let waits_for = if plan.stage == PlanStage::Submitted {
        let mut holders = vec![];
        for role in course.ground.deciders() {
            holders.extend(role::holders(db, app.now(), *role, &place).await?);
        }
        let mut found: Vec<String> = vec![];
        for holder in holders {
            if !found.contains(&holder.name) {
                found.push(holder.name);
            }
        }
        match found.as_slice() {
            [] => course.ground.decider().label().to_owned(),
            found => found.join("、"),
        }
    } else {
        String::new()
    };
    let history = audit::history(db, SUBJECT, id.0).await?;
    let lines = history.into_iter().rev().map(|line| Line {
        summary: line.summary,
        who: line.actor,
        iso: line.at.to_rfc3339(),
        at: clock::show(&line.at),
    });
    let total = i32::try_from(rows.len()).map_err(Fault::internal)?;
    let sum: i32 = rows.iter().map(|row| row.task.progress).sum();
    Ok(ShowPage {
        unit: unit::names(db, [plan.unit])
            .await?
            .remove(&plan.unit)
            .unwrap_or_default(),
        author: party(&names, Some(plan.author), plan.author_for),
        decided: party(&names, plan.decided_by, plan.decided_for),
        waits_for,
        done: rows
            .iter()
            .filter(|row| row.task.state == TaskState::Done)
            .count(),
        overdue: rows.iter().filter(|row| row.overdue).count(),
        progress: sum / total.max(1),
        history: lines.collect(),
        next: next.filter(|_| may_begin),
        opinion: Field::empty("opinion", "意见"),
        reason: Field::empty("reason", "修订理由"),
        errors: vec![],
        may_write: may(&|by| course.may_write(by).is_ok()),
        may_discard: plan.round == 0 || plan.revises.is_some(),
        may_decide: may(&|by| course.may_decide(by).is_ok()),
        may_revise: next.is_none() && may(&|by| course.may_revise(by).is_ok()),
        may_keep: may(&|by| course.may_keep(by).is_ok()),
        may_copy: may_begin && plan.in_force_at.is_some(),
        editions,
        rows,
        shell,
        plan,
    })
}

/// GET /plans/{id}
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PlanId>,
) -> Result<Response, Fault> {
    Ok(page(&app, &actor, shell, id).await?.into_response())
}
