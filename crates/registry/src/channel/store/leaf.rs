//! Leafing through a list: a page begins after, or ends before, a row that was seen. However far in, it
//! costs what the first one costs, and rows that come meanwhile move nothing.

use super::{
    COLUMN, Column, Entity, KIND, Query, Row, Sort,
    counters::{self, Total},
    list::{Lead, rows_of, without_text},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    Condition, ConnectionTrait, DbBackend, Order, QueryOrder, QuerySelect, QueryTrait, Select,
    Value,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, SelectStatement},
};
use zhendi_kernel::{
    ChannelId, Fault, ScopeFilter, UnitId,
    search::{Typed, Way},
};

/// Where a page begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cursor {
    #[default]
    First,
    After(Mark),
    Before(Mark),
}

/// A row's place in the order of a list, as it stands in the address line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    id: ChannelId,
    /// What the list is sorted by; none for a day that is not known.
    value: Option<String>,
}

impl Mark {
    /// Reads a mark; none when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, value) = match text.split_once('.') {
            Some((id, value)) => (id, Some(value.to_owned())),
            None => (text, None),
        };
        Some(Self {
            id: ChannelId(id.parse().ok()?),
            value,
        })
    }

    fn of(row: &Row, sort: Sort) -> Self {
        let value = match sort {
            Sort::Name => Some(row.name.clone()),
            Sort::Unit => Some(row.unit_id.to_string()),
            Sort::Platform => Some(row.platform.0.clone()),
            Sort::Updated => Some(row.updated_at.to_rfc3339()),
            Sort::Opened => row.opened_on.clone(),
            Sort::Due => row.file_by.map(|day| day.to_string()),
        };
        Self { id: row.id, value }
    }

    /// The value as the column's type; the outer none when it is not of that type.
    fn bound(&self, sort: Sort) -> Option<Option<Value>> {
        let Some(text) = &self.value else {
            return is_nullable(sort).then_some(None);
        };
        let value = match sort {
            Sort::Name | Sort::Platform | Sort::Opened => Value::from(text.clone()),
            Sort::Unit => text.parse::<UnitId>().ok()?.0.into(),
            Sort::Updated => DateTime::parse_from_rfc3339(text)
                .ok()?
                .with_timezone(&Utc)
                .into(),
            Sort::Due => text.parse::<NaiveDate>().ok()?.into(),
        };
        Some(Some(value))
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}.{value}", self.id),
            None => write!(f, "{}", self.id),
        }
    }
}

fn is_nullable(sort: Sort) -> bool {
    matches!(sort, Sort::Opened | Sort::Due)
}

/// A page of a list that is leafed through.
#[derive(Clone, Debug)]
pub struct Leaf<T> {
    pub rows: Vec<T>,
    pub total: Total,
    /// The first row's mark, when there may be rows before it.
    pub before: Option<Mark>,
    /// The last row's mark, when there are rows after it.
    pub after: Option<Mark>,
}

/// So many are rather fetched and sorted than met on a walk through all.
const FEW: u64 = 800;
/// Candidates of a search that are looked at one by one.
const CANDIDATES: u64 = 400;
/// Of a search with more candidates no more hits are counted.
const HITS: u64 = 100;

/// How a list is gone about.
struct Approach {
    lead: Lead,
    /// What was typed, and how it is searched for.
    typed: Option<(Typed, Way)>,
}

impl Approach {
    async fn find(
        db: &impl ConnectionTrait,
        query: &Query,
        exact: Option<u64>,
    ) -> Result<Self, Fault> {
        let typed = match Typed::parse(&query.text) {
            Some(typed) => {
                let way = typed.way(db, KIND, CANDIDATES).await?;
                Some((typed, way))
            }
            None => None,
        };
        let free = db.get_database_backend() != DbBackend::Sqlite
            || query.ids.is_some()
            || query.recheck_open
            || (typed.is_none() && exact.is_some_and(|count| count <= FEW));
        let kept = match query.sort {
            _ if typed.is_some() => None,
            Sort::Updated if query.platform.is_some() => Some(Column::Platform),
            Sort::Updated if query.filing.is_some() => Some(Column::FilingState),
            _ => None,
        };
        let lead = if free { Lead::Any } else { Lead::Only(kept) };
        Ok(Self { lead, typed })
    }

    fn condition(&self, scope: &ScopeFilter, query: &Query) -> Condition {
        let mut all = without_text(scope, query, self.lead);
        if let Some((typed, way)) = &self.typed {
            let (id, haystack) = ((Entity, Column::Id), (Entity, Column::Haystack));
            all = all.add(typed.condition(KIND, id, haystack, way));
        }
        all
    }

    fn select(&self, scope: &ScopeFilter, query: &Query) -> Select<Entity> {
        Entity::find().filter(self.condition(scope, query))
    }

    /// The same in no order, with how many of them are counted at most.
    fn counted(&self, scope: &ScopeFilter, query: &Query) -> (SelectStatement, u64) {
        match &self.typed {
            Some((typed, way)) if !way.is_narrow() => {
                let mut met = typed.met(KIND, Entity, (Entity, Column::Id));
                met.cond_where(self.condition(scope, query));
                (met, HITS)
            }
            _ => (self.select(scope, query).into_query(), counters::COUNTED),
        }
    }
}

/// A page of the channels that may be seen. A cursor that cannot be read, or behind which nothing is
/// left, leads to the first page.
///
/// # Errors
/// When the database fails.
pub async fn leaf(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
) -> Result<Leaf<Row>, Fault> {
    let exact = counters::exact(db, scope, query).await?;
    let approach = Approach::find(db, query, exact).await?;
    let per_page = Ord::clamp(query.per_page, 1, 100);
    let (mut rows, mut at) = (vec![], &query.at);
    let from = match at {
        Cursor::First => None,
        Cursor::After(mark) => Some((mark, false)),
        Cursor::Before(mark) => Some((mark, true)),
    };
    let wanted = || approach.select(scope, query);
    if let Some((mark, backwards)) = from
        && let Some(value) = mark.bound(query.sort)
    {
        let from = Some((mark.id, value));
        rows = some(db, wanted, query, from, backwards, per_page + 1).await?;
    }
    if rows.is_empty() {
        at = &Cursor::First;
        rows = some(db, wanted, query, None, false, per_page + 1).await?;
    }
    let more = rows.len() as u64 > per_page;
    rows.truncate(per_page as usize);
    let (before, after) = match at {
        Cursor::First => (false, more),
        Cursor::After(_) => (true, more),
        Cursor::Before(_) => {
            rows.reverse();
            (more, true)
        }
    };
    let total = match exact {
        Some(count) => Total::Exactly(count),
        None if !before && !after => Total::Exactly(rows.len() as u64),
        None => {
            let (hits, most) = approach.counted(scope, query);
            counters::no_further(db, hits, most).await?
        }
    };
    let mark = |row: Option<&Row>| row.map(|row| Mark::of(row, query.sort));
    Ok(Leaf {
        before: before.then(|| mark(rows.first())).flatten(),
        after: after.then(|| mark(rows.last())).flatten(),
        rows,
        total,
    })
}

/// The next rows in one direction. Days that are not known stand last, whichever way the list is sorted.
async fn some(
    db: &impl ConnectionTrait,
    wanted: impl Fn() -> Select<Entity>,
    query: &Query,
    from: Option<(ChannelId, Option<Value>)>,
    backwards: bool,
    limit: u64,
) -> Result<Vec<Row>, Fault> {
    let column = query.sort.column();
    let down = query.descending != backwards;
    let order = if down { Order::Desc } else { Order::Asc };
    let known = |from: Option<(ChannelId, Value)>| {
        let mut part = wanted().limit(limit);
        if is_nullable(query.sort) {
            part = part.filter(Expr::col((Entity, column)).is_not_null());
        }
        if let Some((id, value)) = from {
            let place = Expr::tuple([Expr::col((Entity, column)), Expr::col((Entity, Column::Id))]);
            let mark = Expr::tuple([Expr::value(value), Expr::value(id.0)]);
            part = part.filter(if down { place.lt(mark) } else { place.gt(mark) });
        }
        part.order_by(column, order.clone())
            .order_by(Column::Id, order.clone())
    };
    let unknown = |from: Option<ChannelId>| {
        let unknown = Expr::col((Entity, column)).is_null();
        let mut part = wanted().limit(limit).filter(unknown);
        if let Some(id) = from {
            part = part.filter(if down {
                COLUMN.id.lt(id)
            } else {
                COLUMN.id.gt(id)
            });
        }
        part.order_by(Column::Id, order.clone())
    };
    let (first, second): (Select<Entity>, Option<Select<Entity>>) = match (from, backwards) {
        (None, _) => (known(None), is_nullable(query.sort).then(|| unknown(None))),
        (Some((id, Some(value))), false) => (
            known(Some((id, value))),
            is_nullable(query.sort).then(|| unknown(None)),
        ),
        (Some((id, Some(value))), true) => (known(Some((id, value))), None),
        (Some((id, None)), false) => (unknown(Some(id)), None),
        (Some((id, None)), true) => (unknown(Some(id)), Some(known(None))),
    };
    let mut rows = rows_of(first).all(db).await?;
    if let Some(second) = second
        && (rows.len() as u64) < limit
    {
        let rest = limit - rows.len() as u64;
        rows.extend(rows_of(second.limit(rest)).all(db).await?);
    }
    Ok(rows)
}
