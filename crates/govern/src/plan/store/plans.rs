//! Single plans.

use super::{
    super::{Plan, PlanKind},
    rows::{helper, plan, task},
};
use crate::Evidence;
use chrono::NaiveDate;
use sea_orm::{
    ConnectionTrait, ExprTrait, NotSet, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Condition, Expr},
};
use std::collections::BTreeSet;
use zhendi_kernel::{Fault, PlanId, Tx, UnitId, clock, fault::is_duplicate, search};

/// The kind of search subject.
pub const SEARCH: &str = "plan";

/// The key under which a unit has one plan of a kind for a year.
pub fn slot(kind: PlanKind, unit: UnitId, year: i32) -> String {
    format!("{}:{unit}:{year}", kind.code())
}

fn haystack(plan: &Plan) -> String {
    search::haystack([plan.title.as_str(), plan.goals.as_str()])
}

fn write(plan: &Plan) -> plan::ActiveModel {
    plan::ActiveModel {
        id: Set(plan.id),
        version: Set(plan.version),
        kind: Set(plan.kind.code().into()),
        unit_id: Set(plan.unit),
        year: Set(plan.year),
        through: Set(plan.through),
        slot: Set(plan.slot.clone()),
        revises: Set(plan.revises),
        edition: Set(plan.edition),
        revision_reason: Set(plan.revision_reason.clone()),
        title: Set(plan.title.clone()),
        goals: Set(plan.goals.clone()),
        haystack: Set(haystack(plan)),
        author_id: Set(plan.author),
        author_for: Set(plan.author_for),
        stage: Set(plan.stage.code().into()),
        round: Set(plan.round),
        opinion: Set(plan.opinion.clone()),
        submitted_at: Set(plan.submitted_at),
        decided_by: Set(plan.decided_by),
        decided_for: Set(plan.decided_for),
        in_force_at: Set(plan.in_force_at),
        summary: Set(plan.summary.clone()),
        ended_at: Set(plan.ended_at),
        created_at: Set(plan.created_at),
        updated_at: Set(plan.updated_at),
    }
}

fn taken(plan: &Plan) -> Fault {
    Fault::Refused(match plan.revises {
        Some(_) => "这份计划已有一份正在拟订的修订稿，请在那一份上修改。".into(),
        None => format!(
            "本单位已有{}的{}，请在那一份上修改，或选择其他年度。",
            plan.years(),
            plan.kind
        ),
    })
}

/// A plan.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: PlanId) -> Result<Option<Plan>, Fault> {
    let row = plan::Entity::find_by_id(id).one(db).await?;
    row.map(plan::Model::read).transpose()
}

/// A plan whose row is held until the transaction ends: verbs on one plan take turns.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn hold(tx: &Tx, id: PlanId) -> Result<Plan, Fault> {
    let row = plan::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx)
        .await?;
    row.ok_or(Fault::NotFound)?.read()
}

/// Keeps a new plan; its id is given here.
///
/// # Errors
/// `Fault::Refused` when the unit has one of this year; when the database fails.
pub async fn insert(tx: &Tx, mut plan: Plan) -> Result<Plan, Fault> {
    let mut row = write(&plan);
    row.id = NotSet;
    let row = match row.insert(tx).await {
        Err(error) if is_duplicate(&error) => return Err(taken(&plan)),
        done => done?,
    };
    plan.id = row.id;
    search::index_new(tx, SEARCH, &[(row.id.0, &row.haystack)]).await?;
    Ok(plan)
}

/// Writes a plan that the transaction holds; its version counts on.
///
/// # Errors
/// `Fault::Refused` when the unit has another one of this year; when the database fails.
pub async fn replace(tx: &Tx, plan: &mut Plan) -> Result<(), Fault> {
    plan.version += 1;
    let before = haystack_of(tx, plan.id).await?;
    let row = write(plan);
    let done = plan::Entity::update_many()
        .set(plan::ActiveModel { id: NotSet, ..row })
        .filter(plan::COLUMN.id.eq(plan.id))
        .exec(tx)
        .await;
    match done {
        Err(error) if is_duplicate(&error) => return Err(taken(plan)),
        done => done?,
    };
    search::index(tx, SEARCH, plan.id.0, &before, &haystack(plan)).await
}

/// Takes away a draft that was never handed in. The record of it stays in the audit chain.
///
/// # Errors
/// When the database fails.
pub async fn delete(tx: &Tx, id: PlanId) -> Result<(), Fault> {
    let tasks = task::Entity::find()
        .select_only()
        .column(task::Column::Id)
        .filter(task::COLUMN.plan_id.eq(id))
        .into_query();
    helper::Entity::delete_many()
        .filter(Expr::col(helper::Column::TaskId).in_subquery(tasks))
        .exec(tx)
        .await?;
    task::Entity::delete_many()
        .filter(task::COLUMN.plan_id.eq(id))
        .exec(tx)
        .await?;
    let haystack = haystack_of(tx, id).await?;
    plan::Entity::delete_by_id(id).exec(tx).await?;
    search::forget(tx, SEARCH, id.0, &haystack).await
}

/// What a plan is found by as it is stored.
async fn haystack_of(tx: &Tx, id: PlanId) -> Result<String, Fault> {
    let found = plan::Entity::find_by_id(id)
        .select_only()
        .column(plan::Column::Haystack)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(found.unwrap_or_default())
}

/// The unit's plan of this kind for a year: the one in force or ended, else the one being written.
///
/// # Errors
/// When the database fails.
pub async fn in_slot(
    db: &impl ConnectionTrait,
    kind: PlanKind,
    unit: UnitId,
    year: i32,
) -> Result<Option<Plan>, Fault> {
    let row = plan::Entity::find()
        .filter(plan::COLUMN.slot.eq(slot(kind, unit, year)))
        .one(db)
        .await?;
    row.map(plan::Model::read).transpose()
}

/// All editions of a plan, the first one first.
///
/// # Errors
/// When the database fails.
pub async fn editions(db: &impl ConnectionTrait, plan: &Plan) -> Result<Vec<Plan>, Fault> {
    let mut known: BTreeSet<PlanId> = BTreeSet::from([plan.id]);
    known.extend(plan.revises);
    // Each round finds the editions before and after those known; a plan has few.
    let rows = loop {
        let rows = plan::Entity::find()
            .filter(
                Condition::any()
                    .add(plan::COLUMN.id.is_in(known.iter().copied()))
                    .add(plan::COLUMN.revises.is_in(known.iter().copied())),
            )
            .order_by_asc(plan::COLUMN.edition)
            .order_by_asc(plan::COLUMN.id)
            .all(db)
            .await?;
        let found: BTreeSet<PlanId> = rows
            .iter()
            .flat_map(|row| std::iter::once(row.id).chain(row.revises))
            .collect();
        if found.is_subset(&known) {
            break rows;
        }
        known.extend(found);
    };
    rows.into_iter().map(plan::Model::read).collect()
}

/// Moves the plans of a unit that went up in another. They give up their place in the year: the other unit
/// may have a plan of its own.
///
/// # Errors
/// When the database fails.
pub async fn merge_unit(tx: &Tx, from: UnitId, into: UnitId) -> Result<Vec<Plan>, Fault> {
    let rows = plan::Entity::find()
        .filter(plan::COLUMN.unit_id.eq(from))
        .order_by_asc(plan::COLUMN.id)
        .all(tx)
        .await?;
    plan::Entity::update_many()
        .col_expr(plan::Column::UnitId, Expr::value(into.0))
        .col_expr(plan::Column::Slot, Expr::value(None::<String>))
        .col_expr(
            plan::Column::Version,
            Expr::col(plan::Column::Version).add(1),
        )
        .filter(plan::COLUMN.unit_id.eq(from))
        .exec(tx)
        .await?;
    rows.into_iter().map(plan::Model::read).collect()
}

/// The plans of a unit that were in force at some time within these days, for the assessment.
///
/// # Errors
/// When the database fails.
pub async fn evidence(
    db: &impl ConnectionTrait,
    unit: UnitId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Evidence>, Fault> {
    let begins = clock::start_of(from);
    let ends = clock::start_of(to.succ_opt().unwrap_or(to));
    let rows = plan::Entity::find()
        .filter(plan::COLUMN.unit_id.eq(unit))
        .filter(plan::COLUMN.in_force_at.lt(ends))
        .filter(
            Condition::any()
                .add(plan::COLUMN.ended_at.is_null())
                .add(plan::COLUMN.ended_at.gte(begins)),
        )
        .order_by_asc(plan::COLUMN.in_force_at)
        .all(db)
        .await?;
    rows.into_iter()
        .map(|row| {
            let plan = row.read()?;
            let day = |at: chrono::DateTime<chrono::Utc>| clock::local(at).date_naive();
            Ok(Evidence {
                kind: plan.kind.label(),
                state: plan.stage.label(),
                number: String::new(),
                href: plan.href(),
                since: plan.in_force_at.map_or(from, day),
                until: plan.ended_at.map(day),
                title: plan.title,
            })
        })
        .collect()
}
