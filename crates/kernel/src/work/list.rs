//! Lists of work: whose an item is, is part of each query.

use super::store::{COLUMN, Column, Entity, Item, not_barred};
use crate::{Actor, ChannelId, Fault, PersonId, Role, UnitId, actor::Scope, scope};
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, IntoCondition},
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

/// How much there is in each part.
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
    let count = |tab| Entity::find().filter(part(actor, tab, now));
    Ok(Tally {
        open: count(Tab::Open).count(db).await?,
        overdue: count(Tab::Overdue).count(db).await?,
    })
}

/// How many items wait for the actor, for the menu; counts no further than 100.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &impl ConnectionTrait, actor: &Actor) -> Result<u64, Fault> {
    let ids = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(open_for(actor))
        .limit(100)
        .into_tuple::<i64>()
        .all(db)
        .await?;
    Ok(ids.len() as u64)
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
    let mut mine = Condition::any().add(COLUMN.assignee_person.eq(person));
    for ((delegator, role), places) in places {
        let mut held = Condition::all()
            .add(COLUMN.assignee_role.eq(role.code()))
            .add(places.condition());
        if let Some(delegator) = delegator {
            held = held.add(not_barred(delegator));
        }
        mine = mine.add(held);
    }
    Condition::all()
        .add(COLUMN.closed_at.is_null())
        .add(mine)
        .add(not_barred(person))
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
