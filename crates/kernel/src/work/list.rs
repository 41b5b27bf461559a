//! Lists of work: whose an item is, is part of each query.

use super::store::{COLUMN, Column, Entity, Item, not_barred};
use crate::{Actor, ChannelId, Fault, PersonId, Role, UnitId, actor::Scope, count, scope};
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, IntoCondition, SelectStatement},
};
use std::collections::BTreeMap;

/// Which part of one's work.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    /// To be done, overdue first.
    #[default]
    Open,
    /// To be done since long.
    Overdue,
    /// Done by oneself, latest first.
    Done,
}

impl Tab {
    /// As it stands in an address.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Done => "done",
        }
    }
}

/// What a list of work shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub tab: Tab,
    pub kind: Option<String>,
    /// This unit with everything below it.
    pub unit: Option<UnitId>,
    /// From 1; 0 is 1 too.
    pub page: u64,
}

/// One page of a list of work.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Listing {
    pub rows: Vec<Item>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// Rows on a page.
const PER_PAGE: u64 = 50;

/// The actor's work. Overdue items come first: they have the earliest due moments.
///
/// # Errors
/// When the database fails.
pub async fn mine(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    actor: &Actor,
    filter: &Filter,
) -> Result<Listing, Fault> {
    let mut query = Entity::find().filter(part(actor, filter.tab, now));
    if let Some(kind) = &filter.kind {
        query = query.filter(COLUMN.kind.eq(kind));
    }
    if let Some(unit) = filter.unit {
        query = query.filter(Expr::col(Column::UnitId).in_subquery(scope::subtree([unit])));
    }
    let total = query.clone().count(db).await?;
    let pages = Ord::max(total.div_ceil(PER_PAGE), 1);
    let page = filter.page.clamp(1, pages);
    let query = match filter.tab {
        Tab::Done => query.order_by_desc(COLUMN.closed_at),
        Tab::Open | Tab::Overdue => query
            .order_by_asc(Expr::col(Column::DueAt).is_null())
            .order_by_asc(COLUMN.due_at),
    };
    let rows = query
        .order_by_asc(COLUMN.id)
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
        .all(db)
        .await?;
    Ok(Listing {
        rows: rows.into_iter().map(|row| Item::of(row, now)).collect(),
        page,
        pages,
        total,
    })
}

/// The units of the actor's items, for a filter to choose from.
pub(super) async fn units(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    actor: &Actor,
    tab: Tab,
) -> Result<Vec<UnitId>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::UnitId)
        .filter(part(actor, tab, now))
        .distinct()
        .limit(500)
        .into_tuple()
        .all(db)
        .await?)
}

/// The actor's first items, overdue ones first. Whoever has much waits no longer for them: then the items
/// are walked through in their order, in which the actor's are soon met; else the actor's are sorted.
///
/// # Errors
/// When the database fails.
pub async fn first(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    actor: &Actor,
    limit: u64,
) -> Result<Vec<Item>, Fault> {
    let much = no_further(db, open_for(actor), MUCH).await? >= MUCH;
    let wanted = match much {
        true => Condition::all()
            .add(COLUMN.closed_at.is_null())
            .add(of(actor, false)),
        false => open_for(actor),
    };
    let dated = Entity::find()
        .filter(COLUMN.due_at.is_not_null())
        .filter(wanted.clone())
        .order_by_asc(COLUMN.due_at)
        .order_by_asc(COLUMN.id)
        .limit(limit);
    let mut rows = dated.all(db).await?;
    let missing = limit.saturating_sub(rows.len() as u64);
    if missing > 0 {
        let others = Entity::find()
            .filter(COLUMN.due_at.is_null())
            .filter(wanted)
            .order_by_asc(COLUMN.id)
            .limit(missing);
        rows.extend(others.all(db).await?);
    }
    Ok(rows.into_iter().map(|row| Item::of(row, now)).collect())
}

/// From so many on, a person's items lie dense among all.
const MUCH: u64 = 100;

/// Nobody reads further, and counting further would cost the more the more there are.
pub const COUNTED: u64 = 1_000;

/// A number that was counted no further than [`COUNTED`], for people.
pub fn said(count: u64) -> String {
    if count > COUNTED {
        format!("{COUNTED}+")
    } else {
        count.to_string()
    }
}

async fn no_further(db: &impl ConnectionTrait, wanted: Condition, most: u64) -> Result<u64, Fault> {
    count::rows(db, Entity::find().filter(wanted), most).await
}

/// How much there is in each part, counted no further than one more than [`COUNTED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Tally {
    pub open: u64,
    pub overdue: u64,
}

/// How much the actor has to do.
///
/// # Errors
/// When the database fails.
pub async fn tally(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    actor: &Actor,
) -> Result<Tally, Fault> {
    let count = async |tab| no_further(db, part(actor, tab, now), COUNTED + 1).await;
    Ok(Tally {
        open: count(Tab::Open).await?,
        overdue: count(Tab::Overdue).await?,
    })
}

/// Selects how many items wait for the actor, for the menu; no further than 100.
pub(crate) fn count_waiting(actor: &Actor) -> SelectStatement {
    count::of(Entity::find().filter(open_for(actor)).into_query(), 100)
}

/// How many items wait for the actor; counts no further than 100.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &impl ConnectionTrait, actor: &Actor) -> Result<u64, Fault> {
    no_further(db, open_for(actor), 100).await
}

fn part(actor: &Actor, tab: Tab, now: DateTime<Utc>) -> Condition {
    match tab {
        Tab::Open => open_for(actor),
        Tab::Overdue => open_for(actor).add(COLUMN.due_at.lt(now)),
        Tab::Done => match actor.person() {
            Some(person) => COLUMN.closed_by.eq(person).into_condition(),
            None => nothing(),
        },
    }
}

/// Open, and the actor's: their own, or of a role that they hold there, unless they are barred. By a
/// delegated role also when the one who delegated it is not barred: neither may act for the other
/// where one may not act.
fn open_for(actor: &Actor) -> Condition {
    of(actor, true)
}

/// Whose an item is. Only where each branch says for itself that the item is open can SQLite look each of
/// them up in its own index.
fn of(actor: &Actor, open: bool) -> Condition {
    let is_open = || match open {
        true => Condition::all().add(COLUMN.closed_at.is_null()),
        false => Condition::all(),
    };
    let Some(person) = actor.person() else {
        return nothing();
    };
    let mut places: BTreeMap<(Option<PersonId>, Role), Places> = BTreeMap::new();
    for grant in &actor.grants {
        let places = places.entry((grant.on_behalf_of, grant.role)).or_default();
        match grant.scope {
            Scope::Institution(_) => places.everywhere = true,
            Scope::Unit(unit) => places.units.push(unit),
            Scope::Channel(channel) => places.channels.push(channel),
        }
    }
    let own = is_open().add(COLUMN.assignee_person.eq(person));
    let mut mine = Condition::any().add(own);
    for ((delegator, role), places) in places {
        let mut held = is_open()
            .add(COLUMN.assignee_role.eq(role.code()))
            .add(places.condition());
        if let Some(delegator) = delegator {
            held = held.add(not_barred(delegator));
        }
        mine = mine.add(held);
    }
    Condition::all().add(mine).add(not_barred(person))
}

/// Where a role is held.
#[derive(Default)]
struct Places {
    everywhere: bool,
    units: Vec<UnitId>,
    channels: Vec<ChannelId>,
}

impl Places {
    fn condition(self) -> Condition {
        let filter = if self.everywhere {
            scope::ScopeFilter::All
        } else {
            scope::ScopeFilter::Within {
                units: self.units,
                channels: self.channels,
            }
        };
        filter.condition(Column::UnitId, Some(Column::ChannelId))
    }
}

fn nothing() -> Condition {
    Expr::value(1).eq(0).into_condition()
}
