//! What a change of a plan brings with it: work for those whose turn it is, and word to people.

use super::{
    Ground, Plan, PlanStage, SUBJECT, TASK, Task, TaskState,
    store::{self, NoteKind},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use zhendi_kernel::{
    Actor, App, Fault, PersonId, Role, Tx, UnitId, audit, clock,
    jobs::JobError,
    notify::{self, Notice},
    work::{self, Assignee, NewItem},
};
use zhendi_people::role;

/// Work: the unit's head, or the party committee, decides.
pub const DECIDE: &str = "plan.decide";
/// Work: the author corrects what was returned.
pub const CORRECT: &str = "plan.correct";
/// Work: a task of a plan in force.
pub const DO: &str = "plan.task";

/// So long a plan may wait for its decision.
const DECISION: TimeDelta = TimeDelta::days(7);
/// So long a returned plan may wait for its author.
const CORRECTION: TimeDelta = TimeDelta::days(7);

/// The end of a day, when what is due on it is late.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    clock::start_of(day.succ_opt().unwrap_or(day)) - TimeDelta::seconds(1)
}

/// The role that hears of work left undone, one step up.
fn above(ground: Ground) -> Option<Role> {
    match ground.kind {
        super::PlanKind::Overall => None,
        super::PlanKind::Unit => Some(Role::PublicityOfficer),
    }
}

async fn tell_role(
    tx: &Tx,
    app: &App,
    plan: &Plan,
    role: Role,
    title: String,
) -> Result<(), Fault> {
    let place = plan.place(tx).await?;
    let holders = role::holders(tx, app.now(), role, &place).await?;
    let mut people: Vec<PersonId> = holders.into_iter().map(|holder| holder.person).collect();
    people.sort_unstable();
    people.dedup();
    let notice = Notice {
        title,
        href: plan.href(),
    };
    notify::tell(tx, app, &people, notice).await
}

/// It waits for a decision.
pub async fn to_decider(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    plan: &Plan,
    ground: Ground,
) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, plan.id.0), None).await?;
    let title = format!("审定工作计划：{}", plan.title);
    // Who wrote an overall plan has no part in its decision.
    let barred = match ground.kind {
        super::PlanKind::Overall => std::iter::once(plan.author)
            .chain(plan.author_for)
            .collect(),
        super::PlanKind::Unit => vec![],
    };
    let item = NewItem {
        kind: DECIDE,
        subject: (SUBJECT, plan.id.0),
        title: title.clone(),
        href: plan.href(),
        unit: plan.unit,
        channel: None,
        assignee: Assignee::Role(ground.decider()),
        due: Some(app.now() + DECISION),
        barred,
        escalate_to: above(ground),
    };
    work::open(tx, app, item).await?;
    tell_role(tx, app, plan, ground.decider(), format!("待您{title}")).await
}

/// It is its author's again.
pub async fn back_to_author(tx: &Tx, app: &App, actor: &Actor, plan: &Plan) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, plan.id.0), None).await?;
    let item = NewItem {
        kind: CORRECT,
        subject: (SUBJECT, plan.id.0),
        title: format!("修改被退回的工作计划：{}", plan.title),
        href: plan.href(),
        unit: plan.unit,
        channel: None,
        assignee: Assignee::Person(plan.author),
        due: Some(app.now() + CORRECTION),
        barred: vec![],
        escalate_to: Some(Role::UnitHead),
    };
    work::open(tx, app, item).await?;
    let notice = Notice {
        title: format!("工作计划被退回：{}", plan.title),
        href: plan.href(),
    };
    notify::tell(tx, app, &[plan.author], notice).await
}

/// Opens the work of a task, closing what was open of it.
pub async fn hand_task(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    plan: &Plan,
    ground: Ground,
    task: &Task,
) -> Result<(), Fault> {
    end_task(tx, app, actor, task).await?;
    let item = NewItem {
        kind: DO,
        subject: (TASK, task.id.0),
        title: format!("工作计划任务：{}", task.what),
        href: task.href(),
        unit: plan.unit,
        channel: None,
        assignee: Assignee::Person(task.person),
        due: Some(end_of(task.due)),
        barred: vec![],
        escalate_to: Some(ground.keeper()),
    };
    work::open(tx, app, item).await.map(|_| ())
}

/// Nobody has to do it any more.
pub async fn end_task(tx: &Tx, app: &App, actor: &Actor, task: &Task) -> Result<(), Fault> {
    work::close(tx, app, actor, (TASK, task.id.0), None).await?;
    Ok(())
}

/// It is in force: whoever has a task hears of it and has it among their work. Tasks that another edition had
/// done are done.
pub async fn into_force(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    plan: &Plan,
    ground: Ground,
    tasks: &[Task],
) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, plan.id.0), None).await?;
    let open: Vec<&Task> = tasks
        .iter()
        .filter(|task| task.state == TaskState::Open)
        .collect();
    for task in &open {
        hand_task(tx, app, actor, plan, ground, task).await?;
    }
    let mut people: Vec<PersonId> = open
        .iter()
        .flat_map(|task| std::iter::once(task.person).chain(task.helpers.iter().copied()))
        .collect();
    people.sort_unstable();
    people.dedup();
    let notice = Notice {
        title: format!("“{}”开始执行，其中有您的任务", plan.title),
        href: plan.href(),
    };
    notify::tell(tx, app, &people, notice).await?;
    let notice = Notice {
        title: format!("工作计划已审定，开始执行：{}", plan.title),
        href: plan.href(),
    };
    notify::tell(tx, app, &[plan.author], notice).await
}

/// It waits for nobody any more.
pub async fn over(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    plan: &Plan,
    tasks: &[Task],
) -> Result<(), Fault> {
    work::close(tx, app, actor, (SUBJECT, plan.id.0), None).await?;
    for task in tasks {
        end_task(tx, app, actor, task).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct HandedOver {
    kind: String,
    from: PersonId,
    to: PersonId,
}

#[derive(Deserialize)]
struct UnitMerged {
    from: UnitId,
    into: UnitId,
}

fn unreadable(error: serde_json::Error) -> JobError {
    JobError::Permanent(error.to_string())
}

/// A person's work went to another: so do their tasks.
pub(crate) async fn handed_over(app: App, payload: Value) -> Result<(), JobError> {
    let order: HandedOver = serde_json::from_value(payload).map_err(unreadable)?;
    if order.kind != zhendi_people::holding::WORK {
        return Ok(());
    }
    let actor = Actor::program("人员交接");
    let tx = app.db.begin().await?;
    let moved = store::hand_over(&tx, order.from, order.to).await?;
    for (plan, task) in &moved {
        let task = store::hold_task(&tx, *plan, *task).await?;
        let note = store::Note {
            id: 0,
            thread_id: task.thread,
            kind: NoteKind::Reassigned.code().into(),
            progress: task.progress,
            text: "原负责人离岗，任务移交。".into(),
            person_id: order.to,
            on_behalf_of: None,
            at: app.now(),
        };
        store::add_note(&tx, note).await?;
    }
    if !moved.is_empty() {
        let entry = audit::Entry {
            action: "plan.tasks_handed_over",
            subject: ("person", order.from.0),
            unit: None,
            on_behalf_of: None,
            summary: format!("随人员交接移交工作计划任务 {} 项", moved.len()),
            detail: serde_json::json!({ "to": order.to, "tasks": moved }),
        };
        audit::append(&tx, &app, &actor, entry).await?;
    }
    tx.commit().await.map_err(Fault::from)?;
    Ok(())
}

/// A unit went up in another: so do its plans, and what waits for its people waits for the other's.
pub(crate) async fn unit_merged(app: App, payload: Value) -> Result<(), JobError> {
    let order: UnitMerged = serde_json::from_value(payload).map_err(unreadable)?;
    let actor = Actor::program("单位合并");
    let tx = app.db.begin().await?;
    let plans = store::merge_unit(&tx, order.from, order.into).await?;
    for mut plan in plans.iter().cloned() {
        plan.unit = order.into;
        let ground = plan.course(&tx).await?.ground;
        match plan.stage {
            PlanStage::Submitted => to_decider(&tx, &app, &actor, &plan, ground).await?,
            PlanStage::Returned => back_to_author(&tx, &app, &actor, &plan).await?,
            PlanStage::InForce => {
                for task in store::tasks_of(&tx, plan.id).await? {
                    if task.state == TaskState::Open {
                        hand_task(&tx, &app, &actor, &plan, ground, &task).await?;
                    }
                }
            }
            _ => {}
        }
    }
    if !plans.is_empty() {
        let entry = audit::Entry {
            action: "plan.unit_merged",
            subject: ("unit", order.from.0),
            unit: Some(order.into),
            on_behalf_of: None,
            summary: format!("随单位合并转移工作计划 {} 份", plans.len()),
            detail: serde_json::json!({ "into": order.into }),
        };
        audit::append(&tx, &app, &actor, entry).await?;
    }
    tx.commit().await.map_err(Fault::from)?;
    Ok(())
}
