//! Lists of plans with how far they are, and the board of a year.

use super::{
    super::{PlanKind, PlanStage, TaskState},
    plans::SEARCH,
    rows::{helper, plan, task},
};
use chrono::NaiveDate;
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, Query as Sql},
};
use std::collections::HashMap;
use zhendi_kernel::{Actor, Fault, Permission, PersonId, PlanId, UnitId, scope, search};

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// This unit with everything below it.
    pub unit: Option<UnitId>,
    pub year: Option<i32>,
    pub kind: Option<PlanKind>,
    pub stage: Option<PlanStage>,
    pub text: String,
    /// Only plans with tasks of the actor.
    pub mine: bool,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
}

/// How far a plan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub tasks: u64,
    pub done: u64,
    pub overdue: u64,
    /// The mean of the tasks' progress.
    pub progress: u64,
}

/// A line of the list.
#[derive(Clone, Debug)]
pub struct Line {
    pub plan: super::super::Plan,
    pub tally: Tally,
}

/// Rows on a page.
pub const PER_PAGE: u64 = 50;

/// Plans in which a person has a task or helps with one.
fn of_person(person: PersonId) -> Condition {
    let helped = helper::Entity::find()
        .select_only()
        .column(helper::Column::TaskId)
        .filter(helper::COLUMN.person_id.eq(person))
        .into_query();
    let plans = task::Entity::find()
        .select_only()
        .column(task::Column::PlanId)
        .filter(
            Condition::any()
                .add(task::COLUMN.person_id.eq(person))
                .add(Expr::col(task::Column::Id).in_subquery(helped)),
        )
        .into_query();
    Condition::all()
        .add(Expr::col((plan::Entity, plan::Column::Id)).in_subquery(plans))
        .add(
            plan::COLUMN
                .stage
                .is_in(["in_force", "closed", "superseded"]),
        )
}

/// What the actor may see: plans within their scope, those still written only where they may write; and
/// whatever they have a task in.
fn seen(actor: &Actor) -> Condition {
    let unit = (plan::Entity, plan::Column::UnitId);
    let written = plan::COLUMN
        .stage
        .is_in([PlanStage::Draft.code(), PlanStage::Returned.code()]);
    let scope = Condition::all()
        .add(actor.filter(Permission::ViewPlans).units(unit))
        .add(
            Condition::any()
                .add(written.not())
                .add(actor.filter(Permission::DraftPlans).units(unit)),
        );
    let mut any = Condition::any().add(scope);
    if let Some(me) = actor.person() {
        any = any.add(of_person(me));
    }
    any
}

fn select(actor: &Actor, query: &Query) -> Select<plan::Entity> {
    let mut select = plan::Entity::find().filter(seen(actor));
    if let Some(unit) = query.unit {
        select = select.filter(
            Expr::col((plan::Entity, plan::Column::UnitId)).in_subquery(scope::subtree([unit])),
        );
    }
    if let Some(year) = query.year {
        select = select
            .filter(plan::COLUMN.year.lte(year))
            .filter(plan::COLUMN.through.gte(year));
    }
    if let Some(kind) = query.kind {
        select = select.filter(plan::COLUMN.kind.eq(kind.code()));
    }
    match query.stage {
        Some(stage) => select = select.filter(plan::COLUMN.stage.eq(stage.code())),
        // Replaced editions are found from the one in their place.
        None => select = select.filter(plan::COLUMN.stage.ne(PlanStage::Superseded.code())),
    }
    if let (true, Some(me)) = (query.mine, actor.person()) {
        select = select.filter(of_person(me));
    }
    match search::condition(
        SEARCH,
        &query.text,
        (plan::Entity, plan::Column::Id),
        (plan::Entity, plan::Column::Haystack),
    ) {
        Some(found) => select.filter(found),
        None => select,
    }
}

/// How far plans are.
async fn tallies(
    db: &impl ConnectionTrait,
    plans: impl IntoIterator<Item = PlanId>,
    today: NaiveDate,
) -> Result<HashMap<PlanId, Tally>, Fault> {
    let rows = task::Entity::find()
        .filter(task::COLUMN.plan_id.is_in(plans))
        .select_only()
        .columns([
            task::Column::PlanId,
            task::Column::State,
            task::Column::Due,
            task::Column::Progress,
        ])
        .into_tuple::<(PlanId, String, NaiveDate, i32)>()
        .all(db)
        .await?;
    let mut of: HashMap<PlanId, Tally> = HashMap::new();
    for (plan, state, due, progress) in rows {
        let tally = of.entry(plan).or_default();
        tally.tasks += 1;
        tally.progress += u64::try_from(progress).unwrap_or(0);
        if state == TaskState::Done.code() {
            tally.done += 1;
        } else if state == TaskState::Open.code() && due < today {
            tally.overdue += 1;
        }
    }
    for tally in of.values_mut() {
        tally.progress /= std::cmp::max(tally.tasks, 1);
    }
    Ok(of)
}

/// A page of plans, the latest year first, and how many there are in all.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    query: &Query,
    today: NaiveDate,
) -> Result<(Vec<Line>, u64), Fault> {
    let select = select(actor, query);
    let total = select.clone().count(db).await?;
    let rows = select
        .order_by_desc(plan::COLUMN.year)
        .order_by_asc(plan::COLUMN.kind)
        .order_by_asc(plan::COLUMN.unit_id)
        .order_by_asc(plan::COLUMN.id)
        .limit(query.per_page)
        // No page lies behind the last row; a number beyond the database's own would be a fault.
        .offset(std::cmp::min(query.page.saturating_sub(1), total) * query.per_page)
        .all(db)
        .await?;
    let tallies = tallies(db, rows.iter().map(|row| row.id), today).await?;
    let lines = rows
        .into_iter()
        .map(|row| {
            let plan = row.read()?;
            Ok(Line {
                tally: tallies.get(&plan.id).copied().unwrap_or_default(),
                plan,
            })
        })
        .collect::<Result<_, Fault>>()?;
    Ok((lines, total))
}

/// The years that plans cover, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn years(db: &impl ConnectionTrait) -> Result<Vec<i32>, Fault> {
    let select = Sql::select()
        .distinct()
        .column(plan::Column::Year)
        .from(plan::Entity)
        .order_by(plan::Column::Year, sea_orm::Order::Desc)
        .to_owned();
    let rows = db.query_all(&select).await?;
    rows.into_iter()
        .map(|row| Ok(row.try_get::<i32>("", "year")?))
        .collect()
}

/// The units' plans of a year within a scope, by unit; drafts too, for the board only says that they exist.
///
/// # Errors
/// When the database fails.
pub async fn board(
    db: &impl ConnectionTrait,
    actor: &Actor,
    year: i32,
    today: NaiveDate,
) -> Result<HashMap<UnitId, Line>, Fault> {
    let scope = actor.filter(Permission::ViewPlans);
    let rows = plan::Entity::find()
        .filter(scope.units((plan::Entity, plan::Column::UnitId)))
        .filter(plan::COLUMN.kind.eq(PlanKind::Unit.code()))
        .filter(plan::COLUMN.year.eq(year))
        .filter(plan::COLUMN.stage.ne(PlanStage::Superseded.code()))
        .all(db)
        .await?;
    let tallies = tallies(db, rows.iter().map(|row| row.id), today).await?;
    // An edition that is being written does not hide the one in force.
    let rank = |stage| match stage {
        PlanStage::InForce | PlanStage::Closed => 2,
        PlanStage::Submitted => 1,
        _ => 0,
    };
    let mut of: HashMap<UnitId, Line> = HashMap::new();
    for row in rows {
        let plan = row.read()?;
        let before = of.get(&plan.unit);
        if before.is_none_or(|line| rank(line.plan.stage) < rank(plan.stage)) {
            let tally = tallies.get(&plan.id).copied().unwrap_or_default();
            of.insert(plan.unit, Line { plan, tally });
        }
    }
    Ok(of)
}
