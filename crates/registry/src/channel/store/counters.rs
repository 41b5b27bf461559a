//! Reading the counters that the database keeps beside the channels (`channel_tally`, `channel_due`).

use super::{
    Query, Tally,
    list::{self, filtered},
};
use crate::{
    channel::{FilingState, RunningState},
    platform::PlatformCode,
};
use chrono::NaiveDate;
use sea_orm::{
    ConnectionTrait, PaginatorTrait, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query as Sql, SelectStatement},
};
use std::collections::HashMap;
use zhendi_kernel::{ChannelId, Fault, ScopeFilter, UnitId, count, scope};

/// The row that stands for the whole institution.
const ALL: UnitId = UnitId(0);

/// No more are counted one by one than this: nobody reads further.
pub const COUNTED: u64 = 1_000;

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    Exactly(u64),
    /// More than were counted.
    MoreThan(u64),
}

impl Total {
    /// Whether there is nothing.
    pub fn is_none(self) -> bool {
        self == Self::Exactly(0)
    }
}

impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(count) => write!(f, "{count}"),
            Self::MoreThan(count) => write!(f, "超过 {count}"),
        }
    }
}

/// What of the tree a list reaches: the tops of subtrees that do not overlap, and single channels outside
/// of them.
struct Reach {
    units: Vec<UnitId>,
    channels: Vec<ChannelId>,
}

async fn reach(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    unit: Option<UnitId>,
) -> Result<Reach, Fault> {
    let (units, channels) = match (scope, unit) {
        (ScopeFilter::All, unit) => {
            return Ok(Reach {
                units: vec![unit.unwrap_or(ALL)],
                channels: vec![],
            });
        }
        (ScopeFilter::Within { units, channels }, None) => {
            (without_nested(db, units.clone()).await?, channels)
        }
        (ScopeFilter::Within { units, channels }, Some(unit)) => {
            let inside = !pairs(db, units, &[unit]).await?.is_empty();
            let tops = if inside {
                vec![unit]
            } else {
                let below = pairs(db, &[unit], units).await?;
                without_nested(db, below.into_iter().map(|(_, below)| below).collect()).await?
            };
            (tops, channels)
        }
    };
    if channels.is_empty() {
        return Ok(Reach {
            units,
            channels: vec![],
        });
    }
    let mut outside = Sql::select()
        .column("id")
        .from("channel")
        .and_where(Expr::col("id").is_in(channels.iter().map(|id| id.0)))
        .to_owned();
    if !units.is_empty() {
        let inside = scope::subtree(units.iter().copied());
        outside.and_where(Expr::col("unit_id").not_in_subquery(inside));
    }
    if let Some(unit) = unit {
        outside.and_where(Expr::col("unit_id").in_subquery(scope::subtree([unit])));
    }
    let rows = db.query_all(&outside).await?;
    let channels = rows
        .iter()
        .map(|row| Ok(ChannelId(row.try_get_by_index(0)?)));
    Ok(Reach {
        units,
        channels: channels.collect::<Result<_, DbErr>>()?,
    })
}

/// The pairs of these in which the one stands above the other or is it.
async fn pairs(
    db: &impl ConnectionTrait,
    above: &[UnitId],
    below: &[UnitId],
) -> Result<Vec<(UnitId, UnitId)>, Fault> {
    if above.is_empty() || below.is_empty() {
        return Ok(vec![]);
    }
    Ok(scope::Entity::find()
        .select_only()
        .columns([scope::Column::AncestorId, scope::Column::UnitId])
        .filter(scope::COLUMN.ancestor_id.is_in(above.iter().copied()))
        .filter(scope::COLUMN.unit_id.is_in(below.iter().copied()))
        .into_tuple()
        .all(db)
        .await?)
}

async fn without_nested(
    db: &impl ConnectionTrait,
    units: Vec<UnitId>,
) -> Result<Vec<UnitId>, Fault> {
    if units.len() < 2 {
        return Ok(units);
    }
    let pairs = pairs(db, &units, &units).await?;
    let nested = |unit: &UnitId| {
        pairs
            .iter()
            .any(|(above, below)| below == unit && above != unit)
    };
    let mut tops: Vec<UnitId> = units.into_iter().filter(|unit| !nested(unit)).collect();
    tops.sort_by_key(|unit| unit.0);
    tops.dedup();
    Ok(tops)
}

/// PostgreSQL sums to a type of its own.
fn sum(what: &str) -> Expr {
    Expr::cust(format!("CAST(COALESCE(SUM({what}), 0) AS bigint)"))
}

/// How many a list has. Exact where only what is counted is asked for; of the rest no more than
/// [`COUNTED`] are counted.
///
/// # Errors
/// When the database fails.
pub async fn total(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
) -> Result<Total, Fault> {
    if let Some(count) = exact(db, scope, query).await? {
        return Ok(Total::Exactly(count));
    }
    no_further(db, filtered(scope, query).into_query(), COUNTED).await
}

/// Counts what a query has, up to a limit.
///
/// # Errors
/// When the database fails.
pub async fn no_further(
    db: &impl ConnectionTrait,
    wanted: SelectStatement,
    most: u64,
) -> Result<Total, Fault> {
    let count = count::counted(db, &count::of(wanted, most + 1)).await?;
    Ok(match count {
        count if count > most => Total::MoreThan(most),
        count => Total::Exactly(count),
    })
}

/// The exact number where counters know it.
pub(super) async fn exact(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
) -> Result<Option<u64>, Fault> {
    let by_day = query.file_before.is_some();
    let uncounted = !query.text.trim().is_empty()
        || query.figure.is_some()
        || query.recheck_open
        || query.ids.is_some()
        || by_day && (query.platform.is_some() || query.holder.is_some())
        || by_day && (query.running.is_some() || query.open);
    if uncounted {
        return Ok(None);
    }
    let reach = reach(db, scope, query.unit).await?;
    let mut count = 0;
    // The unit's own count only if the unit itself is within reach.
    let counts = !query.own || query.unit.is_none_or(|unit| reach.units.contains(&unit));
    if counts && !reach.units.is_empty() {
        let which = if query.own && query.unit.is_some() {
            "own"
        } else {
            "total"
        };
        let mut select = of(
            &reach.units,
            if by_day {
                "channel_due"
            } else {
                "channel_tally"
            },
        );
        select.expr(sum(which));
        if let Some(day) = query.file_before {
            select.and_where(Expr::col("file_by").lt(day));
        }
        if let Some(platform) = &query.platform {
            select.and_where(Expr::col("platform").eq(platform.0.clone()));
        }
        if let Some(filing) = query.filing {
            select.and_where(Expr::col("filing_state").eq(filing.code()));
        }
        if let Some(running) = query.running {
            select.and_where(Expr::col("running_state").eq(running.code()));
        }
        if let Some(holder) = query.holder {
            select.and_where(Expr::col("holder_kind").eq(holder));
        }
        if query.open {
            select.and_where(Expr::col("running_state").ne(RunningState::Closed.code()));
        }
        let row = db.query_one(&select).await?;
        count += row.map_or(Ok(0i64), |row| row.try_get_by_index(0))? as u64;
    }
    if let Some(these) = only(&reach.channels) {
        count += filtered(&these, query).count(db).await?;
    }
    Ok(Some(count))
}

fn of(units: &[UnitId], table: &'static str) -> SelectStatement {
    Sql::select()
        .from(table)
        .and_where(Expr::col("unit_id").is_in(units.iter().map(|unit| unit.0)))
        .to_owned()
}

/// Single channels are counted one by one: nobody is responsible for many.
fn only(channels: &[ChannelId]) -> Option<ScopeFilter> {
    (!channels.is_empty()).then(|| ScopeFilter::Within {
        units: vec![],
        channels: channels.to_vec(),
    })
}

/// The figures of a scope, of a unit in it with all below, by platform; the most channels first.
///
/// # Errors
/// When the database fails.
pub async fn by_platform(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    unit: Option<UnitId>,
    today: NaiveDate,
) -> Result<Vec<(PlatformCode, Tally)>, Fault> {
    let reach = reach(db, scope, unit).await?;
    let mut found: HashMap<PlatformCode, Tally> = HashMap::new();
    if !reach.units.is_empty() {
        let mut select = of(&reach.units, "channel_tally");
        select
            .columns(["platform", "filing_state", "running_state"])
            .expr(sum("total"))
            .group_by_columns(["platform", "filing_state", "running_state"]);
        for row in db.query_all(&select).await? {
            let tally = found.entry(row.try_get_by_index(0)?).or_default();
            add(
                tally,
                row.try_get_by_index(1)?,
                row.try_get_by_index(2)?,
                row.try_get_by_index(3)?,
            );
        }
    }
    if let Some(these) = only(&reach.channels) {
        for (platform, more) in list::by_platform(db, &these, today).await? {
            *found.entry(platform).or_default() += &more;
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by(|(a, one), (b, two)| two.open.cmp(&one.open).then_with(|| a.0.cmp(&b.0)));
    Ok(found)
}

/// The figures of a scope, of a unit in it with all below.
///
/// # Errors
/// When the database fails.
pub async fn tally(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    unit: Option<UnitId>,
    today: NaiveDate,
) -> Result<Tally, Fault> {
    let mut all = Tally::default();
    for (_, one) in by_platform(db, scope, unit, today).await? {
        all += &one;
    }
    // A platform's figures do not know days.
    all.overdue = overdue(db, scope, unit, today).await?;
    Ok(all)
}

/// How many should have been filed before a day and were not.
///
/// # Errors
/// When the database fails.
pub async fn overdue(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    unit: Option<UnitId>,
    today: NaiveDate,
) -> Result<i64, Fault> {
    let reach = reach(db, scope, unit).await?;
    let mut late = 0;
    if !reach.units.is_empty() {
        let mut select = of(&reach.units, "channel_due");
        select
            .expr(sum("total"))
            .and_where(Expr::col("file_by").lt(today))
            .and_where(Expr::col("filing_state").is_in(waiting()));
        let row = db.query_one(&select).await?;
        late = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    }
    if let Some(these) = only(&reach.channels) {
        let query = Query::default();
        late += list::tally_of(db, &these, &query, today).await?.overdue;
    }
    Ok(late)
}

fn waiting() -> [&'static str; 2] {
    [FilingState::Unfiled.code(), FilingState::InProgress.code()]
}

/// The units of a scope with the most open channels of their own, and how many units have any.
///
/// # Errors
/// When the database fails.
pub async fn busiest_units(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    most: u64,
    today: NaiveDate,
) -> Result<(Vec<(UnitId, Tally)>, u64), Fault> {
    let open = RunningState::Closed.code();
    let select = Sql::select()
        .column("unit_id")
        .expr(Expr::cust("COUNT(*) OVER ()"))
        .from("channel_tally")
        .and_where(Expr::col("own").ne(0))
        .and_where(Expr::col("running_state").ne(open))
        .cond_where(scope.units("unit_id"))
        .group_by_col("unit_id")
        .and_having(sum("own").gt(0))
        .order_by_expr(sum("own"), sea_orm::Order::Desc)
        .order_by("unit_id", sea_orm::Order::Asc)
        .limit(most)
        .to_owned();
    let rows = db.query_all(&select).await?;
    let (mut units, mut count) = (vec![], 0);
    for row in &rows {
        units.push(UnitId(row.try_get_by_index(0)?));
        count = row.try_get_by_index::<i64>(1)? as u64;
    }
    if units.is_empty() {
        return Ok((vec![], 0));
    }
    let mut figures: HashMap<UnitId, Tally> = HashMap::new();
    let mut select = of(&units, "channel_tally");
    select
        .columns(["unit_id", "filing_state", "running_state"])
        .expr(sum("own"))
        .group_by_columns(["unit_id", "filing_state", "running_state"]);
    for row in db.query_all(&select).await? {
        let tally = figures.entry(UnitId(row.try_get_by_index(0)?)).or_default();
        add(
            tally,
            row.try_get_by_index(1)?,
            row.try_get_by_index(2)?,
            row.try_get_by_index(3)?,
        );
    }
    let mut late = of(&units, "channel_due");
    late.column("unit_id")
        .expr(sum("own"))
        .and_where(Expr::col("file_by").lt(today))
        .and_where(Expr::col("filing_state").is_in(waiting()))
        .group_by_col("unit_id");
    for row in db.query_all(&late).await? {
        let unit = UnitId(row.try_get_by_index(0)?);
        figures.entry(unit).or_default().overdue = row.try_get_by_index(1)?;
    }
    let units = units
        .into_iter()
        .map(|unit| (unit, figures.remove(&unit).unwrap_or_default()));
    Ok((units.collect(), count))
}

fn add(tally: &mut Tally, filing: String, running: String, count: i64) {
    let open = running != RunningState::Closed.code();
    match FilingState::parse(&filing) {
        Some(FilingState::Filed) if open => tally.filed += count,
        Some(FilingState::Unfiled) => tally.unfiled += count,
        Some(FilingState::InProgress) => tally.in_progress += count,
        _ => {}
    }
    if open {
        tally.open += count;
    }
}

impl std::ops::AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.open += other.open;
        self.filed += other.filed;
        self.unfiled += other.unfiled;
        self.in_progress += other.in_progress;
        self.overdue += other.overdue;
    }
}

/// Folds the counters' rows into one for each of their keys. Only PostgreSQL has more.
///
/// # Errors
/// When the database fails.
pub async fn fold(tx: &impl ConnectionTrait) -> Result<(), Fault> {
    if tx.get_database_backend() != sea_orm::DbBackend::Postgres {
        return Ok(());
    }
    for (table, keys) in [
        (
            "channel_tally",
            "unit_id, platform, holder_kind, filing_state, running_state",
        ),
        ("channel_due", "unit_id, file_by, filing_state"),
    ] {
        let fold = format!(
            "WITH crowded AS (
                 SELECT unit_id FROM {table} GROUP BY unit_id
                 HAVING count(*) > count(DISTINCT ({keys})) + 50
             ), gone AS (
                 DELETE FROM {table} WHERE unit_id IN (SELECT unit_id FROM crowded) RETURNING *
             )
             INSERT INTO {table} ({keys}, own, total)
             SELECT {keys}, sum(own), sum(total) FROM gone GROUP BY {keys}
             HAVING sum(own) <> 0 OR sum(total) <> 0"
        );
        tx.execute_unprepared(&fold).await?;
    }
    Ok(())
}
