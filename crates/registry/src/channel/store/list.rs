//! Lists of channels: filtered, sorted and paged by the database, within what the actor may see.

use super::{COLUMN, Column, Cursor, Entity, KIND, annex_two, counters, entity::Model};
use crate::{
    channel::{FilingState, RunningState, annex_two::Figure, recheck},
    platform::PlatformCode,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    Condition, ConnectionTrait, FromQueryResult, Order, PaginatorTrait, QueryOrder, QuerySelect,
    QueryTrait, Select, SelectModel, Selector,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Func},
};
use zhendi_kernel::{ChannelId, Fault, ScopeFilter, UnitId, scope, search};

/// How many rows a page may show; the first is what it shows unasked.
pub const PER_PAGE: [u64; 3] = [25, 50, 100];

/// By what a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    Name,
    Unit,
    Platform,
    #[default]
    Updated,
    Opened,
    /// By the last day for filing.
    Due,
}

impl Sort {
    /// The code in the address line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Unit => "unit",
            Self::Platform => "platform",
            Self::Updated => "updated",
            Self::Opened => "opened",
            Self::Due => "due",
        }
    }

    /// Reads a code; the default for any other.
    pub fn parse(code: &str) -> Self {
        [
            Self::Name,
            Self::Unit,
            Self::Platform,
            Self::Opened,
            Self::Due,
        ]
        .into_iter()
        .find(|one| one.code() == code)
        .unwrap_or_default()
    }

    pub(super) fn column(self) -> Column {
        match self {
            Self::Name => Column::Name,
            Self::Unit => Column::UnitId,
            Self::Platform => Column::Platform,
            Self::Updated => Column::UpdatedAt,
            Self::Opened => Column::OpenedOn,
            Self::Due => Column::FileBy,
        }
    }
}

/// What a list is asked for. Empty means everything that may be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// A unit with all below it.
    pub unit: Option<UnitId>,
    pub platform: Option<PlatformCode>,
    pub filing: Option<FilingState>,
    pub running: Option<RunningState>,
    /// Code of the holder's kind.
    pub holder: Option<&'static str>,
    /// Only those to be filed by a day before this one.
    pub file_before: Option<NaiveDate>,
    /// Only those behind a figure of annex 2.
    pub figure: Option<Figure>,
    /// Only the unit's own, without those of the units below it.
    pub own: bool,
    /// Only those that are not closed.
    pub open: bool,
    /// Only those whose yearly re-check is open.
    pub recheck_open: bool,
    /// Only these.
    pub ids: Option<Vec<ChannelId>>,
    /// What was typed.
    pub text: String,
    pub sort: Sort,
    pub descending: bool,
    /// Where the page begins, for [`super::leaf`].
    pub at: Cursor,
    /// From 1, for [`list`].
    pub page: u64,
    pub per_page: u64,
}

/// How many channels something has, and how far they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Tally {
    /// Those that are not closed.
    pub open: i64,
    pub filed: i64,
    pub unfiled: i64,
    pub in_progress: i64,
    /// To be filed by a day that is over.
    pub overdue: i64,
}

/// A channel in a list.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Row {
    pub id: ChannelId,
    pub name: String,
    pub unit_id: UnitId,
    pub platform: PlatformCode,
    pub address_or_id: String,
    pub holder_kind: String,
    filing_state: String,
    running_state: String,
    pub opened_on: Option<String>,
    pub file_by: Option<NaiveDate>,
    pub updated_at: DateTime<Utc>,
}

impl Row {
    /// The filing state; a row that this version cannot read shows as not filed.
    pub fn filing(&self) -> FilingState {
        FilingState::parse(&self.filing_state).unwrap_or(FilingState::Unfiled)
    }

    /// The running state.
    pub fn running(&self) -> RunningState {
        RunningState::parse(&self.running_state).unwrap_or(RunningState::Planned)
    }
}

/// Reads only what lists show: a third of a row's columns, and none of the long ones.
pub(super) fn rows_of(select: Select<Entity>) -> Selector<SelectModel<Row>> {
    let columns = [
        Column::Id,
        Column::Name,
        Column::UnitId,
        Column::Platform,
        Column::AddressOrId,
        Column::HolderKind,
        Column::FilingState,
        Column::RunningState,
        Column::OpenedOn,
        Column::FileBy,
        Column::UpdatedAt,
    ];
    select.select_only().columns(columns).into_model()
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub total: u64,
    /// From 1; the last one when more were asked for than there are.
    pub page: u64,
    pub pages: u64,
}

/// A page of the channels that may be seen.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
) -> Result<Page<Row>, Fault> {
    let wanted = filtered(scope, query);
    let total = count(db, scope, query).await?;
    let per_page = Ord::clamp(query.per_page, 1, 100);
    let pages = Ord::max(total.div_ceil(per_page), 1);
    let page = Ord::clamp(query.page, 1, pages);
    let rows = sorted(wanted, query)
        .limit(per_page)
        .offset((page - 1) * per_page);
    let rows = rows_of(rows).all(db).await?;
    Ok(Page {
        rows,
        total,
        page,
        pages,
    })
}

/// How many channels a query finds.
///
/// # Errors
/// When the database fails.
pub async fn count(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
) -> Result<u64, Fault> {
    match counters::exact(db, scope, query).await? {
        Some(count) => Ok(count),
        None => Ok(filtered(scope, query).count(db).await?),
    }
}

/// The next `limit` whole rows of an export, in order of id, after the one given. Cheap however far in.
///
/// # Errors
/// When the database fails.
pub async fn page_of_export(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
    after: ChannelId,
    limit: u64,
) -> Result<Vec<Model>, Fault> {
    Ok(filtered(scope, query)
        .filter(COLUMN.id.gt(after))
        .order_by_asc(COLUMN.id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Some whole rows of an export in the order of the screen, after so many. For short lists: it goes through
/// all before them.
///
/// # Errors
/// When the database fails.
pub async fn page_in_order(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
    offset: u64,
    limit: u64,
) -> Result<Vec<Model>, Fault> {
    Ok(sorted(filtered(scope, query), query)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}

/// The channels that a query finds, for statements that use them as they are.
pub(crate) fn filtered(scope: &ScopeFilter, query: &Query) -> Select<Entity> {
    let mut all = without_text(scope, query, Lead::Any);
    if let Some(text) = search::condition(KIND, &query.text, Column::Id, Column::Haystack) {
        all = all.add(text);
    }
    Entity::find().filter(all)
}

/// By which conditions the database may look rows up. SQLite would rather fetch and sort ten thousand rows
/// than walk a list in its order and meet the first twenty-five soon; it does not know how many there are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lead {
    /// It knows best.
    Any,
    /// By this column at most; the others are asked of each row that is met.
    Only(Option<Column>),
}

impl Lead {
    fn by(self, column: Column) -> Expr {
        match self {
            Self::Only(kept) if kept.is_none_or(|kept| kept.as_str() != column.as_str()) => {
                // A sign before a column keeps SQLite from its indexes.
                Expr::cust(format!(r#"+"channel"."{}""#, column.as_str()))
            }
            _ => Expr::col((Entity, column)),
        }
    }
}

/// Everything that is asked for but the words.
pub(super) fn without_text(scope: &ScopeFilter, query: &Query, lead: Lead) -> Condition {
    let mut all = Condition::all();
    if let ScopeFilter::Within { units, channels } = scope {
        let mut any = Condition::any().add(Expr::value(1).eq(0));
        if !units.is_empty() {
            let below = scope::subtree(units.iter().copied());
            any = any.add(lead.by(Column::UnitId).in_subquery(below));
        }
        if !channels.is_empty() {
            let ids = channels.iter().map(|id| id.0);
            any = any.add(lead.by(Column::Id).is_in(ids));
        }
        all = all.add(any);
    }
    if let Some(unit) = query.unit {
        all = if query.own {
            all.add(annex_two::own(unit))
        } else {
            let below = scope::subtree([unit]);
            all.add(lead.by(Column::UnitId).in_subquery(below))
        };
    }
    if query.open {
        all = all.add(annex_two::open());
    }
    if let Some(figure) = query.figure {
        all = all.add(annex_two::behind(figure));
    }
    if let Some(platform) = &query.platform {
        all = all.add(lead.by(Column::Platform).eq(platform.0.clone()));
    }
    if let Some(filing) = query.filing {
        all = all.add(lead.by(Column::FilingState).eq(filing.code()));
    }
    if let Some(running) = query.running {
        all = all.add(lead.by(Column::RunningState).eq(running.code()));
    }
    if let Some(holder) = query.holder {
        all = all.add(lead.by(Column::HolderKind).eq(holder));
    }
    if let Some(day) = query.file_before {
        all = all.add(lead.by(Column::FileBy).lt(day));
    }
    if query.recheck_open {
        all = all.add(Expr::col(Column::Id).in_subquery(recheck::open()));
    }
    if let Some(ids) = &query.ids {
        all = all.add(COLUMN.id.is_in(ids.iter().copied()));
    }
    all
}

fn sorted(wanted: Select<Entity>, query: &Query) -> Select<Entity> {
    let order = if query.descending {
        Order::Desc
    } else {
        Order::Asc
    };
    // Nulls of a date come last both ways on both databases.
    let wanted = match query.sort {
        Sort::Opened | Sort::Due => {
            wanted.order_by(Expr::col(query.sort.column()).is_null(), Order::Asc)
        }
        _ => wanted,
    };
    wanted
        .order_by(query.sort.column(), order.clone())
        .order_by(Column::Id, order)
}

/// The figures by a column, or of all in one.
fn figures(scope: &ScopeFilter, query: &Query, today: NaiveDate) -> Select<Entity> {
    let counted = |of: Condition| Expr::from(Func::count(Expr::Case(Box::new(Expr::case(of, 1)))));
    let filing =
        |state: FilingState| Condition::all().add(Expr::col(Column::FilingState).eq(state.code()));
    let waits = Condition::any()
        .add(filing(FilingState::Unfiled))
        .add(filing(FilingState::InProgress));
    let late = Condition::all()
        .add(waits)
        .add(Expr::col(Column::FileBy).lt(today));
    let open =
        Condition::all().add(Expr::col(Column::RunningState).ne(RunningState::Closed.code()));
    filtered(scope, query)
        .select_only()
        .column_as(counted(open.clone()), "open")
        .column_as(counted(filing(FilingState::Filed).add(open)), "filed")
        .column_as(counted(filing(FilingState::Unfiled)), "unfiled")
        .column_as(counted(filing(FilingState::InProgress)), "in_progress")
        .column_as(counted(late), "overdue")
}

/// Annex 2 of the channels that a query finds: by platform, the rows in the order of `Line::ALL`.
///
/// # Errors
/// When the database fails.
pub async fn figures_of_annex_two(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
) -> Result<Vec<(PlatformCode, [u64; 7])>, Fault> {
    annex_two::counted(db, filtered(scope, query)).await
}

/// The figures of the channels that a query finds.
///
/// # Errors
/// When the database fails.
pub async fn tally_of(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
    today: NaiveDate,
) -> Result<Tally, Fault> {
    let found = figures(scope, query, today)
        .into_model::<Tally>()
        .one(db)
        .await?;
    Ok(found.unwrap_or_default())
}

/// The figures by platform, counted one by one.
///
/// # Errors
/// When the database fails.
pub(super) async fn by_platform(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    today: NaiveDate,
) -> Result<Vec<(PlatformCode, Tally)>, Fault> {
    let query = figures(scope, &Query::default(), today)
        .column_as(Column::Platform.into_expr(), "of")
        .group_by(Column::Platform)
        .into_query();
    let mut found = vec![];
    for row in db.query_all(&query).await? {
        found.push((row.try_get("", "of")?, Tally::from_query_result(&row, "")?));
    }
    Ok(found)
}
