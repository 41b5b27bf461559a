//! The queue (审核工作): whose turn it is, until when; found, filtered and leafed through by the database.

pub mod page;

use super::{
    rules::{Level, Mark, Seat, Stage},
    store::{COLUMN, Column, Entity, SEARCH, barred, decision, named},
};
use crate::{forwarding, ids::ManuscriptId};
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, FromQueryResult, Order, QueryOrder, QuerySelect,
    QueryTrait, Select,
    entity::prelude::*,
    sea_query::{Expr, Query as Sql},
};
use zhendi_kernel::{
    Actor, ChannelId, Fault, Permission, PersonId, UnitId, actor::Scope, count, scope,
    search::Typed,
};

/// What a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewTab)]
pub enum View {
    /// What waits for the actor.
    Mine,
    /// Everything under review within the actor's scope.
    #[default]
    Open,
    /// Of these what is past its due time.
    Overdue,
    /// What the actor decided on.
    Done,
    Approved,
    /// Returned to its author or taken back.
    Returned,
}

impl View {
    /// All, in the order of the tabs.
    pub const ALL: [Self; 6] = [
        Self::Mine,
        Self::Open,
        Self::Overdue,
        Self::Done,
        Self::Approved,
        Self::Returned,
    ];

    /// As it stands in an address.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Done => "done",
            Self::Approved => "approved",
            Self::Returned => "returned",
        }
    }

    /// The tab's name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Mine => "待我审核",
            Self::Open => "审核中",
            Self::Overdue => "已逾期",
            Self::Done => "我审过的",
            Self::Approved => "已审定",
            Self::Returned => "已退回",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.code() == code)
    }

    /// Whether the most urgent come first, or the newest.
    fn by_due(self) -> bool {
        matches!(self, Self::Mine | Self::Open | Self::Overdue)
    }
}

/// What a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub view: View,
    pub level: Option<Level>,
    /// This unit with everything below it.
    pub unit: Option<UnitId>,
    pub platform: Option<String>,
    pub major: bool,
    pub text: String,
    pub at: Cursor,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cursor {
    #[default]
    First,
    After(Place),
    Before(Place),
}

/// A row's place in the order of a list: its due or last moment, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    at: DateTime<Utc>,
    id: ManuscriptId,
}

impl Place {
    /// Reads what stands in an address; none when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, at) = text.split_once('.')?;
        Some(Self {
            id: id.parse().ok()?,
            at: DateTime::from_timestamp_micros(at.parse().ok()?)?,
        })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.id, self.at.timestamp_micros())
    }
}

/// A manuscript as the queue shows it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Line {
    pub manuscript_id: ManuscriptId,
    pub version: i32,
    pub unit_id: UnitId,
    pub channel_id: ChannelId,
    pub platform: String,
    pub author_id: PersonId,
    pub title: String,
    pub number: i32,
    pub stage: String,
    pub level: i32,
    pub turn: Option<String>,
    pub major: bool,
    pub mark: Option<Mark>,
    pub held_by: Option<PersonId>,
    pub held_until: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    pub submitted_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Departments have it for illegal or harmful content.
    pub stopped: bool,
}

/// All that is read of a row: routes and hashes stay where they are.
const LINE: [Column; 18] = [
    Column::ManuscriptId,
    Column::Version,
    Column::UnitId,
    Column::ChannelId,
    Column::Platform,
    Column::AuthorId,
    Column::Title,
    Column::Number,
    Column::Stage,
    Column::Level,
    Column::Turn,
    Column::Major,
    Column::Mark,
    Column::HeldBy,
    Column::HeldUntil,
    Column::DueAt,
    Column::SubmittedAt,
    Column::UpdatedAt,
];

impl Line {
    /// Where it stands.
    pub fn stage(&self) -> Stage {
        Stage::parse(&self.stage).unwrap_or(Stage::Reviewing)
    }

    /// The level that has it, or had it last.
    pub fn level(&self) -> Level {
        Level::of_rank(self.level).unwrap_or(Level::One)
    }

    /// The seat whose turn it is.
    pub fn seat(&self) -> Option<Seat> {
        self.turn.as_deref().and_then(Seat::parse)
    }

    /// Who took it for themselves and still has it.
    pub fn held(&self, now: DateTime<Utc>) -> Option<PersonId> {
        self.held_by
            .filter(|_| self.held_until.is_some_and(|until| until > now))
    }

    fn place(&self, view: View) -> Place {
        let at = if view.by_due() {
            self.due_at.unwrap_or(self.updated_at)
        } else {
            self.updated_at
        };
        Place {
            at,
            id: self.manuscript_id,
        }
    }
}

/// A page of the queue.
#[derive(Clone, Debug, Default)]
pub struct Leaf {
    pub rows: Vec<Line>,
    pub before: Option<Place>,
    pub after: Option<Place>,
}

/// Rows on a page.
pub const PER_PAGE: u64 = 25;
/// Candidates of a search that are looked at one by one.
const CANDIDATES: u64 = 400;

/// What of the waiting is the actor's turn, one condition for each seat they hold: the same law as
/// [`Course::may_decide`](super::Course::may_decide).
fn turns(actor: &Actor, now: DateTime<Utc>) -> Vec<Condition> {
    let Some(me) = actor.person() else {
        return vec![];
    };
    Seat::ALL
        .iter()
        .filter_map(|seat| {
            let mut any = Condition::any();
            let mut some = false;
            for grant in actor
                .grants
                .iter()
                .filter(|one| seat.roles().contains(&one.role))
            {
                some = true;
                let mut one = Condition::all();
                match grant.scope {
                    Scope::Institution(_) => {}
                    Scope::Unit(unit) => {
                        one = one.add(Column::UnitId.in_subquery(scope::subtree([unit])));
                    }
                    Scope::Channel(channel) => one = one.add(COLUMN.channel_id.eq(channel)),
                }
                let party: Vec<i64> = std::iter::once(me)
                    .chain(grant.on_behalf_of)
                    .map(|id| id.0)
                    .collect();
                let holder = grant.on_behalf_of.unwrap_or(me);
                let of_row = |table| Expr::col(table).equals((Entity, Column::ManuscriptId));
                let barred = Sql::select()
                    .expr(Expr::value(1))
                    .from(barred::Entity)
                    .and_where(of_row((barred::Entity, barred::Column::ManuscriptId)))
                    .and_where(Expr::col((barred::Entity, barred::Column::PersonId)).is_in(party))
                    .to_owned();
                let named = sea_orm::sea_query::Query::select()
                    .expr(Expr::value(1))
                    .from(named::Entity)
                    .and_where(
                        Expr::col((named::Entity, named::Column::ManuscriptId))
                            .equals((Entity, Column::ManuscriptId)),
                    )
                    .and_where(Expr::col((named::Entity, named::Column::PersonId)).eq(holder))
                    .to_owned();
                any = any.add(
                    one.add(Expr::exists(barred).not()).add(
                        Condition::any()
                            .add(COLUMN.named.eq(false))
                            .add(Expr::exists(named)),
                    ),
                );
            }
            let free = Condition::any()
                .add(COLUMN.held_until.is_null())
                .add(COLUMN.held_until.lte(now))
                .add(COLUMN.held_by.eq(me));
            some.then(|| {
                Condition::all()
                    .add(COLUMN.turn.eq(seat.code()))
                    .add(free)
                    .add(any)
            })
        })
        .collect()
}

/// Everything that was decided by a person or for them.
fn decided_by(me: PersonId) -> Condition {
    let of = |column| {
        decision::Entity::find()
            .select_only()
            .column(decision::Column::ManuscriptId)
            .filter(Expr::col((decision::Entity, column)).eq(me))
            .into_query()
    };
    Condition::any()
        .add(Column::ManuscriptId.in_subquery(of(decision::Column::PersonId)))
        .add(Column::ManuscriptId.in_subquery(of(decision::Column::OnBehalfOf)))
}

/// The parts of a list: each is in order by an index; together they are the list.
async fn parts(
    db: &impl ConnectionTrait,
    actor: &Actor,
    query: &Query,
    now: DateTime<Utc>,
) -> Result<Vec<Select<Entity>>, Fault> {
    let mut all = Condition::all();
    if let Some(unit) = query.unit {
        all = all.add(Column::UnitId.in_subquery(scope::subtree([unit])));
    }
    if let Some(platform) = &query.platform {
        all = all.add(COLUMN.platform.eq(platform.as_str()));
    }
    if query.major {
        all = all.add(COLUMN.major.eq(true));
    }
    if let (Some(level), true) = (query.level, query.view.by_due()) {
        all = all.add(COLUMN.level.eq(level.rank()));
    }
    if let Some(typed) = Typed::parse(&query.text) {
        let way = typed.way(db, SEARCH, CANDIDATES).await?;
        let (id, haystack) = ((Entity, Column::ManuscriptId), (Entity, Column::Haystack));
        all = all.add(typed.condition(SEARCH, id, haystack, &way));
    }
    let seen = || {
        actor
            .filter(Permission::ViewManuscripts)
            .condition((Entity, Column::UnitId), Some((Entity, Column::ChannelId)))
    };
    let at = |stage: Stage| COLUMN.stage.eq(stage.code());
    let of = |part: Condition| Entity::find().filter(part).filter(all.clone());
    Ok(match query.view {
        View::Mine => turns(actor, now).into_iter().map(of).collect(),
        View::Open => vec![of(seen().all_of().add(at(Stage::Reviewing)))],
        View::Overdue => vec![of(seen()
            .all_of()
            .add(at(Stage::Reviewing))
            .add(COLUMN.due_at.lt(now)))],
        View::Done => match actor.person() {
            Some(me) => vec![of(decided_by(me))],
            None => vec![],
        },
        View::Approved => vec![of(seen().all_of().add(at(Stage::Approved)))],
        View::Returned => [Stage::Returned, Stage::Recalled]
            .into_iter()
            .map(|stage| of(seen().all_of().add(at(stage))))
            .collect(),
    })
}

/// A page of the queue. A cursor behind which nothing is left leads to the first page.
///
/// # Errors
/// When the database fails.
pub async fn leaf(
    db: &impl ConnectionTrait,
    actor: &Actor,
    query: &Query,
    now: DateTime<Utc>,
) -> Result<Leaf, Fault> {
    let (from, backwards) = match query.at {
        Cursor::First => (None, false),
        Cursor::After(place) => (Some(place), false),
        Cursor::Before(place) => (Some(place), true),
    };
    let parts = parts(db, actor, query, now).await?;
    let mut rows = some(db, &parts, query.view, from, backwards).await?;
    let (mut from, mut backwards) = (from, backwards);
    if rows.is_empty() && from.is_some() {
        (from, backwards) = (None, false);
        rows = some(db, &parts, query.view, None, false).await?;
    }
    let more = rows.len() as u64 > PER_PAGE;
    rows.truncate(PER_PAGE as usize);
    if backwards {
        rows.reverse();
    }
    let (before, after) = match (from, backwards) {
        (None, _) => (false, more),
        (Some(_), false) => (true, more),
        (Some(_), true) => (more, true),
    };
    let place = |row: Option<&Line>| row.map(|row| row.place(query.view));
    Ok(Leaf {
        before: before.then(|| place(rows.first())).flatten(),
        after: after.then(|| place(rows.last())).flatten(),
        rows,
    })
}

/// The next rows in one direction, of all parts together.
async fn some(
    db: &impl ConnectionTrait,
    parts: &[Select<Entity>],
    view: View,
    from: Option<Place>,
    backwards: bool,
) -> Result<Vec<Line>, Fault> {
    let column = if view.by_due() {
        Column::DueAt
    } else {
        Column::UpdatedAt
    };
    let up = view.by_due() != backwards;
    let order = if up { Order::Asc } else { Order::Desc };
    let mut rows: Vec<Line> = vec![];
    for part in parts {
        let mut part = part.clone();
        if let Some(place) = from {
            let its = Expr::tuple([
                Expr::col((Entity, column)),
                Expr::col((Entity, Column::ManuscriptId)),
            ]);
            let mark = Expr::tuple([Expr::value(place.at), Expr::value(place.id.0)]);
            part = part.filter(if up { its.gt(mark) } else { its.lt(mark) });
        }
        let found = part
            .order_by(column, order.clone())
            .order_by(Column::ManuscriptId, order.clone())
            .limit(PER_PAGE + 1)
            .select_only()
            .columns(LINE)
            .expr_as(forwarding::stops((Entity, Column::ManuscriptId)), "stopped")
            .into_model::<Line>()
            .all(db)
            .await?;
        rows.extend(found);
    }
    if parts.len() > 1 {
        rows.sort_by_key(|row| row.place(view));
        if !up {
            rows.reverse();
        }
    }
    Ok(rows)
}

/// So many are counted, and no further.
const COUNTED: u64 = 100;

/// How many are past their due time within the actor's scope; counts no further than 100.
///
/// # Errors
/// When the database fails.
pub async fn overdue(
    db: &impl ConnectionTrait,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<u64, Fault> {
    let asked = Query {
        view: View::Overdue,
        ..Query::default()
    };
    counted(db, parts(db, actor, &asked, now).await?).await
}

/// How many wait for the actor; counts no further than 100 at each seat.
///
/// # Errors
/// When the database fails.
pub async fn waiting(
    db: &impl ConnectionTrait,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<u64, Fault> {
    let parts = turns(actor, now).into_iter();
    counted(db, parts.map(|part| Entity::find().filter(part)).collect()).await
}

/// How many rows some parts have together.
async fn counted(db: &impl ConnectionTrait, parts: Vec<Select<Entity>>) -> Result<u64, Fault> {
    let mut found = 0;
    for part in parts {
        found += count::rows(db, part, COUNTED).await?;
    }
    Ok(found)
}

/// A condition within another that must hold as a whole.
trait AllOf {
    fn all_of(self) -> Condition;
}

impl AllOf for Condition {
    fn all_of(self) -> Condition {
        Condition::all().add(self)
    }
}
