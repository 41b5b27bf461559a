//! What people do with plans, one function for each verb; pages and API call the same. Each checks sight
//! first (404), then the law, then writes everything in one transaction.

use super::{
    Course, Plan, PlanKind, PlanStage, Principal, Refusal, SUBJECT, Standing, Task, TaskState,
    effect, rules::in_year, store,
};
use chrono::Datelike;
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Place, PlanId, Role, Tx, UnitId, audit,
};
use zhendi_people::unit;

/// The person who acts. Plans are the work of real, named people (实名).
pub(super) fn person_of(actor: &Actor) -> Result<PersonId, Fault> {
    actor
        .person()
        .ok_or_else(|| Fault::Forbidden("工作计划须由实名人员办理。".into()))
}

/// What the actor holds at a place.
pub(super) fn standing(actor: &Actor, place: &Place) -> Result<Standing, Fault> {
    let held = Role::ALL
        .iter()
        .flat_map(|role| actor.holding(*role, place))
        .map(|grant| (grant.role, grant.on_behalf_of))
        .collect();
    Ok(Standing {
        person: person_of(actor)?,
        held,
    })
}

/// A plan that the actor may see, with its place: those within their scope, drafts only where they may write,
/// and any in which they have a task.
///
/// # Errors
/// `Fault::NotFound` for everything else.
pub async fn open_for(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: PlanId,
) -> Result<(Plan, Place), Fault> {
    let plan = store::find(db, id).await?.ok_or(Fault::NotFound)?;
    let place = plan.place(db).await?;
    let written = plan.stage.is_open();
    if actor.may(Permission::ViewPlans, &place)
        && (!written || actor.may(Permission::DraftPlans, &place))
    {
        return Ok((plan, place));
    }
    let Some(me) = actor.person() else {
        return Err(Fault::NotFound);
    };
    let begun = !written && plan.stage != PlanStage::Submitted;
    if begun
        && store::tasks_of(db, id)
            .await?
            .iter()
            .any(|task| task.is_of(me))
    {
        return Ok((plan, place));
    }
    Err(Fault::NotFound)
}

/// A plan held for change, with what the law asks of plan and actor.
pub(super) async fn held(
    tx: &Tx,
    actor: &Actor,
    id: PlanId,
) -> Result<(Plan, Course, Standing), Fault> {
    store::hold(tx, id).await?;
    let (plan, place) = open_for(tx, actor, id).await?;
    let course = plan.course(tx).await?;
    let by = standing(actor, &place)?;
    Ok((plan, course, by))
}

pub(super) fn not_stale(plan: &Plan, seen: i32) -> Result<(), Fault> {
    if plan.version == seen {
        Ok(())
    } else {
        Err(Fault::Stale)
    }
}

/// What a plan says, checked by the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub title: String,
    pub goals: String,
    /// The last year; a unit's plan has one year only.
    pub through: i32,
}

/// Begins a plan, empty or with the goals and tasks of an earlier one of the same unit, a year or more on.
///
/// # Errors
/// `Fault::NotFound` for a unit or plan that the actor may not see, `Fault::Forbidden` for who does not write
/// such plans, `Fault::Refused` when the unit has one of this year.
pub async fn begin(
    app: &App,
    actor: &Actor,
    kind: PlanKind,
    unit: UnitId,
    year: i32,
    draft: Draft,
    from: Option<PlanId>,
) -> Result<Plan, Fault> {
    let tx = app.db.begin().await?;
    let place = zhendi_kernel::scope::place(&tx, unit).await?;
    actor.require_sight(Permission::ViewPlans, &place)?;
    let found = unit::find(&tx, unit).await?.ok_or(Fault::NotFound)?;
    if found.closed_at.is_some() {
        return Err(Fault::Refused("该单位已撤销，不能再制定计划。".into()));
    }
    if kind == PlanKind::Overall && found.parent.is_some() {
        return Err(Fault::Refused(
            "总体规划是全院的，请选择最上级单位。".into(),
        ));
    }
    let ground = super::Ground {
        kind,
        publicity: found.publicity,
    };
    let principal = Course::may_begin(ground, &standing(actor, &place)?)?;
    let mut plan = blank(app, actor, kind, unit, year, draft)?;
    plan.author_for = principal;
    let mut tasks = vec![];
    if let Some(from) = from {
        let (before, _) = open_for(&tx, actor, from).await?;
        if before.unit != unit || before.kind != kind {
            return Err(Fault::NotFound);
        }
        if plan.goals.is_empty() {
            plan.goals.clone_from(&before.goals);
        }
        tasks = store::tasks_of(&tx, from).await?;
        tasks.retain(|task| task.state != TaskState::Carried);
    }
    let mut plan = store::insert(&tx, plan).await?;
    copy(&tx, &mut plan, tasks).await?;
    let summary = format!("新建{}“{}”", kind, plan.title);
    record(&tx, app, actor, &plan, "plan.begun", principal, summary).await?;
    tx.commit().await?;
    Ok(plan)
}

pub(super) fn blank(
    app: &App,
    actor: &Actor,
    kind: PlanKind,
    unit: UnitId,
    year: i32,
    draft: Draft,
) -> Result<Plan, Fault> {
    let now = app.now();
    Ok(Plan {
        id: PlanId(0),
        version: 1,
        kind,
        unit,
        year,
        through: match kind {
            PlanKind::Overall => draft.through.max(year),
            PlanKind::Unit => year,
        },
        slot: Some(store::slot(kind, unit, year)),
        revises: None,
        edition: 1,
        revision_reason: String::new(),
        title: draft.title,
        goals: draft.goals,
        author: person_of(actor)?,
        author_for: None,
        stage: PlanStage::Draft,
        round: 0,
        opinion: String::new(),
        submitted_at: None,
        decided_by: None,
        decided_for: None,
        in_force_at: None,
        summary: String::new(),
        ended_at: None,
        created_at: now,
        updated_at: now,
    })
}

/// Puts tasks into a plan as if nothing of them were done; their days are the same days of its year.
async fn copy(tx: &Tx, plan: &mut Plan, tasks: Vec<Task>) -> Result<(), Fault> {
    for (task, position) in tasks.into_iter().zip(0..) {
        let year = task.due.year().max(plan.year).min(plan.through);
        let due = in_year(task.due, year);
        let task = Task {
            plan: plan.id,
            version: 1,
            due,
            first_due: due,
            progress: 0,
            state: TaskState::Open,
            done_at: None,
            ..task
        };
        store::add_task(tx, task, position, None).await?;
    }
    Ok(())
}

/// Writes a draft's text.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_write`] refuses; `Fault::Stale`.
pub async fn edit(
    app: &App,
    actor: &Actor,
    id: PlanId,
    seen: i32,
    draft: Draft,
) -> Result<Plan, Fault> {
    let tx = app.db.begin().await?;
    let (mut plan, course, by) = held(&tx, actor, id).await?;
    let principal = course.may_write(&by)?;
    not_stale(&plan, seen)?;
    plan.title = draft.title;
    plan.goals = draft.goals;
    if plan.kind == PlanKind::Overall {
        plan.through = draft.through.max(plan.year);
    }
    plan.updated_at = app.now();
    store::replace(&tx, &mut plan).await?;
    let summary = format!("修改{}“{}”", plan.kind, plan.title);
    record(&tx, app, actor, &plan, "plan.edited", principal, summary).await?;
    tx.commit().await?;
    Ok(plan)
}

/// Hands a plan in.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::submit`] refuses; `Fault::Stale`.
pub async fn submit(app: &App, actor: &Actor, id: PlanId, seen: i32) -> Result<Plan, Fault> {
    let tx = app.db.begin().await?;
    let (mut plan, course, by) = held(&tx, actor, id).await?;
    let tasks = store::tasks_of(&tx, id).await?;
    let principal = course.submit(&by, !plan.goals.is_empty() && !tasks.is_empty())?;
    not_stale(&plan, seen)?;
    plan.stage = PlanStage::Submitted;
    plan.round += 1;
    plan.submitted_at = Some(app.now());
    plan.updated_at = app.now();
    store::replace(&tx, &mut plan).await?;
    effect::to_decider(&tx, app, actor, &plan, course.ground).await?;
    let summary = format!("提交{}“{}”", plan.kind, plan.title);
    record(&tx, app, actor, &plan, "plan.submitted", principal, summary).await?;
    tx.commit().await?;
    Ok(plan)
}

/// Puts a plan into force. A new edition takes the place of the one before; what that one had done stays done.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_decide`] refuses; `Fault::Stale`.
pub async fn decide(
    app: &App,
    actor: &Actor,
    id: PlanId,
    seen: i32,
    opinion: String,
) -> Result<Plan, Fault> {
    let tx = app.db.begin().await?;
    let (mut plan, course, by) = held(&tx, actor, id).await?;
    let principal = course.may_decide(&by)?;
    not_stale(&plan, seen)?;
    let now = app.now();
    let mut tasks = store::tasks_of(&tx, id).await?;
    if let Some(before) = plan.revises {
        let mut before = store::hold(&tx, before).await?;
        if before.stage != PlanStage::InForce {
            return Err(Refusal::WrongStage(before.stage, "由修订稿代替").into());
        }
        let old = store::tasks_of(&tx, before.id).await?;
        let slot = before.slot.take();
        before.stage = PlanStage::Superseded;
        before.ended_at = Some(now);
        before.updated_at = now;
        store::replace(&tx, &mut before).await?;
        effect::over(&tx, app, actor, &before, &old).await?;
        plan.slot = slot;
        for task in &mut tasks {
            if let Some(was) = old.iter().find(|one| one.thread == task.thread) {
                task.progress = was.progress;
                task.state = was.state;
                task.done_at = was.done_at;
                store::change_task(&tx, task).await?;
            }
        }
    }
    plan.stage = PlanStage::InForce;
    plan.opinion = if opinion.is_empty() {
        "同意".into()
    } else {
        opinion
    };
    plan.decided_by = Some(by.person);
    plan.decided_for = principal;
    plan.in_force_at = Some(now);
    plan.updated_at = now;
    store::replace(&tx, &mut plan).await?;
    effect::into_force(&tx, app, actor, &plan, course.ground, &tasks).await?;
    let summary = format!("审定通过{}“{}”", plan.kind, plan.title);
    record(&tx, app, actor, &plan, "plan.decided", principal, summary).await?;
    tx.commit().await?;
    Ok(plan)
}

/// Sends a plan back with the reason.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::send_back`] refuses; `Fault::Stale`.
pub async fn send_back(
    app: &App,
    actor: &Actor,
    id: PlanId,
    seen: i32,
    reason: String,
) -> Result<Plan, Fault> {
    let tx = app.db.begin().await?;
    let (mut plan, course, by) = held(&tx, actor, id).await?;
    let principal = course.send_back(&by, &reason)?;
    not_stale(&plan, seen)?;
    plan.stage = PlanStage::Returned;
    plan.opinion = reason;
    plan.updated_at = app.now();
    store::replace(&tx, &mut plan).await?;
    effect::back_to_author(&tx, app, actor, &plan).await?;
    let summary = format!("退回{}“{}”", plan.kind, plan.title);
    record(&tx, app, actor, &plan, "plan.returned", principal, summary).await?;
    tx.commit().await?;
    Ok(plan)
}

/// Begins a new edition of a plan in force, which goes on until the new one is decided on.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_revise`] refuses; `Fault::Refused` when one is begun already.
pub async fn revise(app: &App, actor: &Actor, id: PlanId, reason: String) -> Result<Plan, Fault> {
    let tx = app.db.begin().await?;
    let (before, course, by) = held(&tx, actor, id).await?;
    let principal = course.may_revise(&by)?;
    if reason.is_empty() {
        return Err(Fault::Refused("请写明为什么修订。".into()));
    }
    let now = app.now();
    let plan = Plan {
        id: PlanId(0),
        version: 1,
        slot: Some(format!("revision:{id}")),
        revises: Some(id),
        edition: before.edition + 1,
        revision_reason: reason,
        author: by.person,
        author_for: principal,
        stage: PlanStage::Draft,
        round: 0,
        opinion: String::new(),
        submitted_at: None,
        decided_by: None,
        decided_for: None,
        in_force_at: None,
        created_at: now,
        updated_at: now,
        ..before.clone()
    };
    let plan = store::insert(&tx, plan).await?;
    for (task, position) in store::tasks_of(&tx, id).await?.into_iter().zip(0..) {
        let thread = task.thread;
        let task = Task {
            plan: plan.id,
            version: 1,
            ..task
        };
        store::add_task(&tx, task, position, Some(thread)).await?;
    }
    let summary = format!("修订{}“{}”", plan.kind, plan.title);
    record(&tx, app, actor, &plan, "plan.revised", principal, summary).await?;
    tx.commit().await?;
    Ok(plan)
}

/// Takes away a draft that was never handed in, or a new edition that was not wanted after all.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_write`] refuses; `Fault::Refused` when it was handed in once.
pub async fn discard(app: &App, actor: &Actor, id: PlanId) -> Result<Plan, Fault> {
    let tx = app.db.begin().await?;
    let (plan, course, by) = held(&tx, actor, id).await?;
    let principal = course.may_write(&by)?;
    if plan.round > 0 && plan.revises.is_none() {
        return Err(Fault::Refused(
            "提交过的计划不能删除，请修改后重新提交。".into(),
        ));
    }
    store::delete(&tx, id).await?;
    let summary = format!("删除{}草稿“{}”", plan.kind, plan.title);
    record(&tx, app, actor, &plan, "plan.discarded", principal, summary).await?;
    tx.commit().await?;
    Ok(plan)
}

/// Appends to the audit chain; last in its transaction.
pub(super) async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    plan: &Plan,
    action: &'static str,
    on_behalf_of: Principal,
    summary: String,
) -> Result<(), Fault> {
    let detail = serde_json::json!({
        "version": plan.version,
        "stage": plan.stage,
        "edition": plan.edition,
        "title": plan.title,
        "goals": plan.goals,
        "opinion": plan.opinion,
        "summary": plan.summary,
    });
    let entry = audit::Entry {
        action,
        subject: (SUBJECT, plan.id.0),
        unit: Some(plan.unit),
        on_behalf_of,
        summary,
        detail,
    };
    audit::append(tx, app, actor, entry).await
}
