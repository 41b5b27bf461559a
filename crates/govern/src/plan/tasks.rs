//! What people do with the tasks of plans.

use super::{
    Course, Plan, Principal, Task, TaskState, effect, rules,
    service::{held, record},
    store::{self, Note, NoteKind},
};
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    Actor, App, Fault, PersonId, PlanId, PlanTaskId, Tx,
    notify::{self, Notice},
    scope,
};
use zhendi_people::person;

/// A plan has no more tasks than this.
pub const MOST: usize = 200;
/// What a task says, checked by the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    pub what: String,
    pub detail: String,
    pub person: PersonId,
    pub helpers: Vec<PersonId>,
    pub due: NaiveDate,
}

/// Whether a person may have tasks in plans of this unit: one of its people who has not left.
///
/// # Errors
/// When the database fails.
async fn belongs(db: &impl ConnectionTrait, plan: &Plan, person: PersonId) -> Result<bool, Fault> {
    let Some(found) = person::find(db, person).await? else {
        return Ok(false);
    };
    let place = scope::place(db, found.unit).await?;
    Ok(found.left_at.is_none() && place.units.contains(&plan.unit))
}

async fn checked(tx: &Tx, plan: &Plan, new: &mut NewTask) -> Result<(), Fault> {
    rules::due_within(new.due, plan.year, plan.through)?;
    new.helpers.retain(|person| *person != new.person);
    new.helpers.sort_unstable();
    new.helpers.dedup();
    for person in std::iter::once(&new.person).chain(&new.helpers) {
        if !belongs(tx, plan, *person).await? {
            return Err(Fault::Refused(
                "任务负责人和协助人员须是本单位（含下级单位）的在岗人员。".into(),
            ));
        }
    }
    Ok(())
}

/// Adds a task to a draft.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_write`] refuses; `Fault::Refused` for a day outside the plan's years,
/// people of other units, and too many tasks.
pub async fn add(app: &App, actor: &Actor, id: PlanId, mut new: NewTask) -> Result<Task, Fault> {
    let tx = app.db.begin().await?;
    let (mut plan, course, by) = held(&tx, actor, id).await?;
    let principal = course.may_write(&by)?;
    checked(&tx, &plan, &mut new).await?;
    let count = store::tasks_of(&tx, id).await?.len();
    if count >= MOST {
        return Err(Fault::Refused(format!("一份计划最多 {MOST} 项任务。")));
    }
    let task = Task {
        id: PlanTaskId(0),
        plan: id,
        version: 1,
        thread: PlanTaskId(0),
        what: new.what,
        detail: new.detail,
        person: new.person,
        helpers: new.helpers,
        due: new.due,
        first_due: new.due,
        progress: 0,
        state: TaskState::Open,
        done_at: None,
    };
    let position = i32::try_from(count).map_err(Fault::internal)?;
    let task = store::add_task(&tx, task, position, None).await?;
    plan.updated_at = app.now();
    store::replace(&tx, &mut plan).await?;
    let summary = format!("在“{}”中增加任务“{}”", plan.title, task.what);
    record(
        &tx,
        app,
        actor,
        &plan,
        "plan.task_added",
        principal,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(task)
}

/// Writes a task of a draft.
///
/// # Errors
/// As [`add`]; `Fault::Stale`.
pub async fn change(
    app: &App,
    actor: &Actor,
    id: PlanId,
    task: PlanTaskId,
    seen: i32,
    mut new: NewTask,
) -> Result<Task, Fault> {
    let tx = app.db.begin().await?;
    let (mut plan, course, by) = held(&tx, actor, id).await?;
    let principal = course.may_write(&by)?;
    let mut task = store::hold_task(&tx, id, task).await?;
    if task.version != seen {
        return Err(Fault::Stale);
    }
    checked(&tx, &plan, &mut new).await?;
    task.what = new.what;
    task.detail = new.detail;
    task.person = new.person;
    task.helpers = new.helpers;
    task.due = new.due;
    // An edition of a task in force keeps the day that it had at first.
    if task.thread == task.id {
        task.first_due = new.due;
    }
    store::change_task(&tx, &mut task).await?;
    plan.updated_at = app.now();
    store::replace(&tx, &mut plan).await?;
    let summary = format!("修改“{}”中的任务“{}”", plan.title, task.what);
    record(
        &tx,
        app,
        actor,
        &plan,
        "plan.task_edited",
        principal,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(task)
}

/// Takes a task out of a draft.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_write`] refuses.
pub async fn remove(app: &App, actor: &Actor, id: PlanId, task: PlanTaskId) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    let (mut plan, course, by) = held(&tx, actor, id).await?;
    let principal = course.may_write(&by)?;
    let task = store::hold_task(&tx, id, task).await?;
    store::remove_task(&tx, task.id).await?;
    plan.updated_at = app.now();
    store::replace(&tx, &mut plan).await?;
    let summary = format!("删除“{}”中的任务“{}”", plan.title, task.what);
    record(
        &tx,
        app,
        actor,
        &plan,
        "plan.task_removed",
        principal,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// A task of a plan in force, held for change.
pub(super) async fn open_task(
    tx: &Tx,
    actor: &Actor,
    id: PlanId,
    task: PlanTaskId,
) -> Result<(Plan, Course, rules::Standing, Task), Fault> {
    let (plan, course, by) = held(tx, actor, id).await?;
    let task = store::hold_task(tx, id, task).await?;
    Ok((plan, course, by, task))
}

async fn note(
    tx: &Tx,
    app: &App,
    by: PersonId,
    task: &Task,
    kind: NoteKind,
    text: String,
    principal: Principal,
) -> Result<(), Fault> {
    let note = Note {
        id: 0,
        thread_id: task.thread,
        kind: kind.code().into(),
        progress: task.progress,
        text,
        person_id: by,
        on_behalf_of: principal,
        at: app.now(),
    };
    store::add_note(tx, note).await
}

/// Tells how far a task is. With 100 it is done.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::report`] refuses; `Fault::Stale`.
pub async fn report(
    app: &App,
    actor: &Actor,
    id: PlanId,
    task: PlanTaskId,
    seen: i32,
    progress: i32,
    text: String,
) -> Result<Task, Fault> {
    let tx = app.db.begin().await?;
    let (plan, course, by, mut task) = open_task(&tx, actor, id, task).await?;
    let taking_part = task.is_of(by.person);
    let principal = course.report(&by, taking_part, task.state, progress)?;
    if task.version != seen {
        return Err(Fault::Stale);
    }
    task.progress = progress;
    let (kind, verb) = if progress == 100 {
        task.state = TaskState::Done;
        task.done_at = Some(app.now());
        (NoteKind::Done, "完成任务")
    } else {
        (NoteKind::Report, "填报任务进展")
    };
    store::change_task(&tx, &mut task).await?;
    note(&tx, app, by.person, &task, kind, text, principal).await?;
    if task.state == TaskState::Done {
        effect::end_task(&tx, app, actor, &task).await?;
    }
    let summary = format!("{verb}“{}”：{progress}%", task.what);
    record(
        &tx,
        app,
        actor,
        &plan,
        "plan.task_reported",
        principal,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(task)
}

/// Gives a task more time.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_keep`] and [`rules::postponed`] refuse; `Fault::Refused` without a reason.
pub async fn postpone(
    app: &App,
    actor: &Actor,
    id: PlanId,
    task: PlanTaskId,
    to: NaiveDate,
    reason: String,
) -> Result<Task, Fault> {
    let tx = app.db.begin().await?;
    let (plan, course, by, mut task) = open_task(&tx, actor, id, task).await?;
    let principal = course.may_keep(&by)?;
    still_open(&task, "顺延")?;
    let from = task.due;
    task.due = rules::postponed(from, to, plan.year, plan.through)?;
    if reason.is_empty() {
        return Err(Fault::Refused("请写明为什么顺延。".into()));
    }
    store::change_task(&tx, &mut task).await?;
    let text = format!("由 {from} 顺延到 {to}：{reason}");
    let kind = NoteKind::Postponed;
    note(&tx, app, by.person, &task, kind, text, principal).await?;
    effect::hand_task(&tx, app, actor, &plan, course.ground, &task).await?;
    let summary = format!("任务“{}”由 {from} 顺延到 {to}", task.what);
    record(
        &tx,
        app,
        actor,
        &plan,
        "plan.task_postponed",
        principal,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(task)
}

fn still_open(task: &Task, verb: &'static str) -> Result<(), rules::Refusal> {
    if task.state == TaskState::Open {
        Ok(())
    } else {
        Err(rules::Refusal::WrongState(task.state, verb))
    }
}

/// Opens a task again that was called done and is not.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_keep`] refuses; `Fault::Refused` for a task that is open, without a
/// reason, and with a progress that would be done again.
pub async fn reopen(
    app: &App,
    actor: &Actor,
    id: PlanId,
    task: PlanTaskId,
    progress: i32,
    reason: String,
) -> Result<Task, Fault> {
    let tx = app.db.begin().await?;
    let (plan, course, by, mut task) = open_task(&tx, actor, id, task).await?;
    let principal = course.may_keep(&by)?;
    if task.state != TaskState::Done {
        return Err(rules::Refusal::WrongState(task.state, "退回继续办理").into());
    }
    if !(0..100).contains(&progress) {
        return Err(Fault::Refused("退回后的进度应在 0 到 99 之间。".into()));
    }
    if reason.is_empty() {
        return Err(Fault::Refused("请写明还有什么没有完成。".into()));
    }
    task.state = TaskState::Open;
    task.progress = progress;
    task.done_at = None;
    store::change_task(&tx, &mut task).await?;
    let kind = NoteKind::Reopened;
    note(&tx, app, by.person, &task, kind, reason, principal).await?;
    effect::hand_task(&tx, app, actor, &plan, course.ground, &task).await?;
    tell(&tx, app, &task, format!("任务退回继续办理：{}", task.what)).await?;
    let summary = format!("任务“{}”退回继续办理", task.what);
    record(
        &tx,
        app,
        actor,
        &plan,
        "plan.task_reopened",
        principal,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(task)
}

/// Gives a task to somebody else of the unit.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_keep`] refuses; `Fault::Refused` for people of other units.
pub async fn reassign(
    app: &App,
    actor: &Actor,
    id: PlanId,
    task: PlanTaskId,
    to: PersonId,
    reason: String,
) -> Result<Task, Fault> {
    let tx = app.db.begin().await?;
    let (plan, course, by, mut task) = open_task(&tx, actor, id, task).await?;
    let principal = course.may_keep(&by)?;
    still_open(&task, "调整负责人")?;
    if !belongs(&tx, &plan, to).await? {
        return Err(Fault::Refused(
            "任务负责人须是本单位（含下级单位）的在岗人员。".into(),
        ));
    }
    if task.person == to {
        return Err(Fault::Refused("这项任务已由此人负责。".into()));
    }
    let from = task.person;
    task.person = to;
    task.helpers.retain(|person| *person != to);
    store::change_task(&tx, &mut task).await?;
    let names = person::names(&tx, [from, to]).await?;
    let name = |id| names.get(&id).map_or("", String::as_str);
    let mut text = format!("由{}改为{}负责", name(from), name(to));
    if !reason.is_empty() {
        text.push_str(&format!("：{reason}"));
    }
    let kind = NoteKind::Reassigned;
    note(&tx, app, by.person, &task, kind, text, principal).await?;
    effect::hand_task(&tx, app, actor, &plan, course.ground, &task).await?;
    tell(
        &tx,
        app,
        &task,
        format!("您有一项新的计划任务：{}", task.what),
    )
    .await?;
    let summary = format!("调整任务“{}”的负责人", task.what);
    record(
        &tx,
        app,
        actor,
        &plan,
        "plan.task_reassigned",
        principal,
        summary,
    )
    .await?;
    tx.commit().await?;
    Ok(task)
}

async fn tell(tx: &Tx, app: &App, task: &Task, title: String) -> Result<(), Fault> {
    let notice = Notice {
        title,
        href: task.href(),
    };
    notify::tell(tx, app, &[task.person], notice).await
}
