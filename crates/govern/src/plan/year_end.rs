//! The end of a plan: its summary, and what goes on in the next one.

use super::{
    Course, Plan, PlanStage, Principal, Task, TaskState, effect,
    rules::in_year,
    service::{Draft, blank, held, not_stale, record},
    store::{self, NoteKind},
};
use zhendi_kernel::{Actor, App, Fault, PlanId, Tx};

/// Puts the unfinished tasks of a plan into the unit's draft for the next year, which is begun when there is
/// none, and says how many there were. The plan itself is not changed: its tasks go on until it is ended.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Forbidden` for who does not write such plans; `Fault::Refused` when the next
/// year's plan is no draft any more.
pub async fn carry_over(app: &App, actor: &Actor, id: PlanId) -> Result<(Plan, usize), Fault> {
    let tx = app.db.begin().await?;
    let (plan, course, by) = held(&tx, actor, id).await?;
    let principal = Course::may_begin(course.ground, &by)?;
    let (next, count) = carry(&tx, app, actor, &plan, principal).await?;
    let summary = format!("把{}“{}”未完成的任务列入下一年度", plan.kind, plan.title);
    record(&tx, app, actor, &next, "plan.carried", principal, summary).await?;
    tx.commit().await?;
    Ok((next, count))
}

async fn carry(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    plan: &Plan,
    principal: Principal,
) -> Result<(Plan, usize), Fault> {
    let mut left = store::tasks_of(tx, plan.id).await?;
    left.retain(|task| task.state == TaskState::Open);
    let year = plan.through + 1;
    let mut next = match store::in_slot(tx, plan.kind, plan.unit, year).await? {
        Some(next) if next.stage.is_open() => next,
        Some(next) => {
            return Err(Fault::Refused(format!(
                "{year}年的计划已是“{}”，不能再列入任务；请修订那份计划。",
                next.stage
            )));
        }
        None => {
            let draft = Draft {
                title: plan
                    .title
                    .replace(&plan.year.to_string(), &year.to_string()),
                goals: String::new(),
                through: year,
            };
            let mut next = blank(app, actor, plan.kind, plan.unit, year, draft)?;
            next.author_for = principal;
            store::insert(tx, next).await?
        }
    };
    let there = store::tasks_of(tx, next.id).await?;
    left.retain(|task| !there.iter().any(|one| one.what == task.what));
    let count = left.len();
    let position = i32::try_from(there.len()).map_err(Fault::internal)?;
    for (task, position) in left.into_iter().zip(position..) {
        let due = in_year(task.due, year);
        let task = Task {
            plan: next.id,
            version: 1,
            due,
            first_due: due,
            ..task
        };
        store::add_task(tx, task, position, None).await?;
    }
    next.updated_at = app.now();
    store::replace(tx, &mut next).await?;
    Ok((next, count))
}

/// Ends a plan with its summary of the year; what is unfinished goes into the next one if `carry` says so.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::close`] refuses; `Fault::Stale`; what [`carry_over`] refuses.
pub async fn close(
    app: &App,
    actor: &Actor,
    id: PlanId,
    seen: i32,
    summary: String,
    with_carry: bool,
) -> Result<Plan, Fault> {
    let tx = app.db.begin().await?;
    let (mut plan, course, by) = held(&tx, actor, id).await?;
    let tasks = store::tasks_of(&tx, id).await?;
    let open: Vec<&Task> = tasks
        .iter()
        .filter(|task| task.state == TaskState::Open)
        .collect();
    let principal = course.close(&by, &summary, open.len(), with_carry)?;
    not_stale(&plan, seen)?;
    let editions = store::editions(&tx, &plan).await?;
    if editions.iter().any(|one| one.revises == Some(id)) {
        return Err(Fault::Refused(
            "这份计划有一份正在拟订的修订稿，请先审定或删除修订稿。".into(),
        ));
    }
    let now = app.now();
    if !open.is_empty() {
        carry(&tx, app, actor, &plan, principal).await?;
        for task in open {
            let mut task = task.clone();
            task.state = TaskState::Carried;
            store::change_task(&tx, &mut task).await?;
            let note = store::Note {
                id: 0,
                thread_id: task.thread,
                kind: NoteKind::Carried.code().into(),
                progress: task.progress,
                text: format!("列入{}年计划", plan.through + 1),
                person_id: by.person,
                on_behalf_of: principal,
                at: now,
            };
            store::add_note(&tx, note).await?;
        }
    }
    plan.stage = PlanStage::Closed;
    plan.summary = summary;
    plan.ended_at = Some(now);
    plan.updated_at = now;
    store::replace(&tx, &mut plan).await?;
    effect::over(&tx, app, actor, &plan, &tasks).await?;
    let line = format!("总结{}“{}”", plan.kind, plan.title);
    record(&tx, app, actor, &plan, "plan.closed", principal, line).await?;
    tx.commit().await?;
    Ok(plan)
}
