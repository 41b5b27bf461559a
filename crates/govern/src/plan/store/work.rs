//! Tasks with their helpers, notes and proofs.

use super::{
    super::{Task, TaskState},
    rows::{Note, Proof, helper, note, plan, proof, task},
};
use sea_orm::{
    ConnectionTrait, ExprTrait, NotSet, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*, sea_query::Expr,
};
use std::collections::HashMap;
use zhendi_kernel::{Fault, PersonId, PlanId, PlanTaskId, Tx};

async fn helpers(
    db: &impl ConnectionTrait,
    tasks: Vec<PlanTaskId>,
) -> Result<HashMap<PlanTaskId, Vec<PersonId>>, Fault> {
    let mut of: HashMap<PlanTaskId, Vec<PersonId>> = HashMap::new();
    let rows = helper::Entity::find()
        .filter(helper::COLUMN.task_id.is_in(tasks))
        .order_by_asc(helper::COLUMN.person_id)
        .all(db)
        .await?;
    for row in rows {
        of.entry(row.task_id).or_default().push(row.person_id);
    }
    Ok(of)
}

async fn read(db: &impl ConnectionTrait, rows: Vec<task::Model>) -> Result<Vec<Task>, Fault> {
    let mut of = helpers(db, rows.iter().map(|row| row.id).collect()).await?;
    rows.into_iter()
        .map(|row| {
            let helpers = of.remove(&row.id).unwrap_or_default();
            row.read(helpers)
        })
        .collect()
}

/// The tasks of a plan, by their day.
///
/// # Errors
/// When the database fails.
pub async fn tasks_of(db: &impl ConnectionTrait, plan: PlanId) -> Result<Vec<Task>, Fault> {
    let rows = task::Entity::find()
        .filter(task::COLUMN.plan_id.eq(plan))
        .order_by_asc(task::COLUMN.due)
        .order_by_asc(task::COLUMN.position)
        .all(db)
        .await?;
    read(db, rows).await
}

/// A task of a plan.
///
/// # Errors
/// When the database fails.
pub async fn task(
    db: &impl ConnectionTrait,
    plan: PlanId,
    id: PlanTaskId,
) -> Result<Option<Task>, Fault> {
    let row = task::Entity::find_by_id(id)
        .filter(task::COLUMN.plan_id.eq(plan))
        .one(db)
        .await?;
    Ok(read(db, row.into_iter().collect()).await?.pop())
}

/// A task whose row is held until the transaction ends.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn hold_task(tx: &Tx, plan: PlanId, id: PlanTaskId) -> Result<Task, Fault> {
    let row = task::Entity::find_by_id(id)
        .filter(task::COLUMN.plan_id.eq(plan))
        .lock_exclusive()
        .one(tx)
        .await?;
    let mut found = read(tx, row.into_iter().collect()).await?;
    found.pop().ok_or(Fault::NotFound)
}

fn write(task: &Task) -> task::ActiveModel {
    task::ActiveModel {
        id: NotSet,
        plan_id: Set(task.plan),
        position: NotSet,
        thread_id: NotSet,
        version: Set(task.version),
        what: Set(task.what.clone()),
        detail: Set(task.detail.clone()),
        person_id: Set(task.person),
        due: Set(task.due),
        first_due: Set(task.first_due),
        progress: Set(task.progress),
        state: Set(task.state.code().into()),
        done_at: Set(task.done_at),
    }
}

async fn set_helpers(tx: &Tx, task: PlanTaskId, people: &[PersonId]) -> Result<(), Fault> {
    helper::Entity::delete_many()
        .filter(helper::COLUMN.task_id.eq(task))
        .exec(tx)
        .await?;
    if people.is_empty() {
        return Ok(());
    }
    let rows = people.iter().map(|person| helper::ActiveModel {
        task_id: Set(task),
        person_id: Set(*person),
    });
    helper::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Keeps a new task; its id is given here. `thread` is that of the edition before.
///
/// # Errors
/// When the database fails.
pub async fn add_task(
    tx: &Tx,
    mut task: Task,
    position: i32,
    thread: Option<PlanTaskId>,
) -> Result<Task, Fault> {
    let row = task::ActiveModel {
        position: Set(position),
        thread_id: Set(thread),
        ..write(&task)
    }
    .insert(tx)
    .await?;
    set_helpers(tx, row.id, &task.helpers).await?;
    task.id = row.id;
    task.thread = thread.unwrap_or(row.id);
    Ok(task)
}

/// Writes a task that the transaction holds; its version counts on.
///
/// # Errors
/// When the database fails.
pub async fn change_task(tx: &Tx, task: &mut Task) -> Result<(), Fault> {
    task.version += 1;
    task::Entity::update_many()
        .set(write(task))
        .filter(task::COLUMN.id.eq(task.id))
        .exec(tx)
        .await?;
    set_helpers(tx, task.id, &task.helpers).await
}

/// Takes a task out of a draft.
///
/// # Errors
/// When the database fails.
pub async fn remove_task(tx: &Tx, id: PlanTaskId) -> Result<(), Fault> {
    set_helpers(tx, id, &[]).await?;
    task::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Gives every open task of a person in plans in force to another, and names the tasks.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(
    tx: &Tx,
    from: PersonId,
    to: PersonId,
) -> Result<Vec<(PlanId, PlanTaskId)>, Fault> {
    let in_force = plan::Entity::find()
        .select_only()
        .column(plan::Column::Id)
        .filter(plan::COLUMN.stage.eq("in_force"))
        .into_query();
    let rows = task::Entity::find()
        .filter(task::COLUMN.person_id.eq(from))
        .filter(task::COLUMN.state.eq(TaskState::Open.code()))
        .filter(Expr::col(task::Column::PlanId).in_subquery(in_force))
        .order_by_asc(task::COLUMN.id)
        .all(tx)
        .await?;
    task::Entity::update_many()
        .col_expr(task::Column::PersonId, Expr::value(to.0))
        .col_expr(
            task::Column::Version,
            Expr::col(task::Column::Version).add(1),
        )
        .filter(task::COLUMN.id.is_in(rows.iter().map(|row| row.id)))
        .exec(tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.plan_id, row.id)).collect())
}

/// Keeps what was said about a task.
///
/// # Errors
/// When the database fails.
pub async fn add_note(tx: &Tx, note: Note) -> Result<(), Fault> {
    let row = note::ActiveModel {
        id: NotSet,
        thread_id: Set(note.thread_id),
        kind: Set(note.kind),
        progress: Set(note.progress),
        text: Set(note.text),
        person_id: Set(note.person_id),
        on_behalf_of: Set(note.on_behalf_of),
        at: Set(note.at),
    };
    note::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What was said about a task in all its editions, newest first.
///
/// # Errors
/// When the database fails.
pub async fn notes_of(db: &impl ConnectionTrait, thread: PlanTaskId) -> Result<Vec<Note>, Fault> {
    Ok(note::Entity::find()
        .filter(note::COLUMN.thread_id.eq(thread))
        .order_by_desc(note::COLUMN.id)
        .all(db)
        .await?)
}

/// The papers of tasks, in the order they came.
///
/// # Errors
/// When the database fails.
pub async fn proofs_of(
    db: &impl ConnectionTrait,
    threads: impl IntoIterator<Item = PlanTaskId>,
) -> Result<Vec<Proof>, Fault> {
    Ok(proof::Entity::find()
        .filter(proof::COLUMN.thread_id.is_in(threads))
        .order_by_asc(proof::COLUMN.id)
        .all(db)
        .await?)
}

/// A paper of a task.
///
/// # Errors
/// When the database fails.
pub async fn proof(
    db: &impl ConnectionTrait,
    thread: PlanTaskId,
    id: i64,
) -> Result<Option<Proof>, Fault> {
    Ok(proof::Entity::find_by_id(id)
        .filter(proof::COLUMN.thread_id.eq(thread))
        .one(db)
        .await?)
}

/// Keeps a paper.
///
/// # Errors
/// When the database fails.
pub async fn add_proof(tx: &Tx, proof: Proof) -> Result<i64, Fault> {
    let row = proof::ActiveModel {
        id: NotSet,
        thread_id: Set(proof.thread_id),
        name: Set(proof.name),
        kind: Set(proof.kind),
        size: Set(proof.size),
        hash: Set(proof.hash),
        uploaded_by: Set(proof.uploaded_by),
        uploaded_at: Set(proof.uploaded_at),
    };
    Ok(row.insert(tx).await?.id)
}
