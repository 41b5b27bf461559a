//! Lists and counts of filings: filtered, sorted and paged by the database, within what the actor may see.

use super::{
    rules::{Closing, Kind, Stage, Step},
    store::{COLUMN, Column, Entity, Model, SEARCH, act},
};
use crate::channel::store::{COUNTED, Total, no_further};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, Order, PaginatorTrait, QueryOrder, QuerySelect,
    QueryTrait, entity::prelude::*, sea_query::Expr,
};
use zhendi_kernel::{
    Actor, ChannelId, Fault, FilingId, Permission, PersonId, Role, UnitId, actor::Scope, clock,
    scope, search,
};

/// Whose filings a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Everything within the actor's scope.
    #[default]
    All,
    /// What the actor wrote, or had written.
    Mine,
    /// What waits for the actor.
    Waiting,
}

impl View {
    /// As it stands in an address.
    pub fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mine => "mine",
            Self::Waiting => "waiting",
        }
    }
}

/// What a list shows, and how.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub view: View,
    /// This unit with everything below it.
    pub unit: Option<UnitId>,
    pub kind: Option<Kind>,
    /// In force: without the cancellations that still wait for something.
    pub stage: Option<Stage>,
    /// Cancellations in force that stand there.
    pub closing: Option<Closing>,
    /// Only those on which something was decided on paper.
    pub paper: bool,
    /// Only those handed in in this year.
    pub year: Option<i32>,
    pub text: String,
    pub overdue: bool,
    /// `updated` (default), `submitted`, `due` or `name`.
    pub sort: String,
    pub descending: bool,
    /// From 1; 0 is 1 too.
    pub page: u64,
}

/// A filing as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: FilingId,
    pub version: i32,
    pub kind: Kind,
    pub name: String,
    pub platform: String,
    pub unit: UnitId,
    pub channel: Option<ChannelId>,
    pub stage: Stage,
    /// What a cancellation in force waits for.
    pub closing: Option<Closing>,
    /// Whether something was decided on paper.
    pub paper: bool,
    /// The role whose turn it is.
    pub awaiting: Option<Role>,
    pub author: PersonId,
    pub document_number: Option<String>,
    pub due: Option<DateTime<Utc>>,
    pub overdue: bool,
    pub submitted_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

impl Line {
    pub(super) fn of(row: Model, now: DateTime<Utc>) -> Result<Self, Fault> {
        let stage = Stage::parse(&row.stage)
            .ok_or_else(|| Fault::internal(format!("filing {}: stage {}", row.id, row.stage)))?;
        let closing = row.closing.as_deref().and_then(Closing::parse);
        let waits = stage.step().is_some() || closing.is_some_and(Closing::is_open);
        Ok(Self {
            id: row.id,
            version: row.version,
            kind: Kind::parse(&row.kind)
                .ok_or_else(|| Fault::internal(format!("filing {}: kind {}", row.id, row.kind)))?,
            closing,
            paper: row.paper,
            name: row.name,
            platform: row.platform,
            unit: row.unit_id,
            channel: row.channel_id,
            stage,
            awaiting: row.awaiting_role.as_deref().and_then(Role::parse),
            author: row.author_id,
            document_number: row.document_number,
            due: row.due_at,
            overdue: waits && row.due_at.is_some_and(|due| due < now),
            submitted_at: row.submitted_at,
            updated_at: row.updated_at,
        })
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Listing {
    pub rows: Vec<Line>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// Rows on a page.
const PAGE: u64 = 20;

/// What the actor may see at all: what was submitted within their scope, and their own.
fn visible(actor: &Actor) -> Condition {
    let within = actor
        .filter(Permission::ViewFilings)
        .condition(Column::UnitId, Some(Column::ChannelId));
    let Some(me) = actor.person() else {
        return Condition::all();
    };
    Condition::any()
        .add(Condition::all().add(COLUMN.round.gt(0)).add(within))
        .add(mine(me))
}

fn mine(me: PersonId) -> Condition {
    Condition::any()
        .add(COLUMN.author_id.eq(me))
        .add(COLUMN.author_for.eq(me))
}

/// What one of the actor's roles must act on now, where neither they nor the one they would act for
/// had a hand in it: the same law as [`Course::may_take`](super::Course::may_take), as a condition.
fn waiting(actor: &Actor) -> Condition {
    let mut any = Condition::any().add(Expr::value(1).eq(0));
    let Some(me) = actor.person() else {
        return any;
    };
    for grant in &actor.grants {
        if !grant
            .role
            .permissions()
            .contains(&Permission::DecideFilings)
        {
            continue;
        }
        let mut one = Condition::all().add(COLUMN.awaiting_role.eq(grant.role.code()));
        match grant.scope {
            Scope::Institution(_) => {}
            Scope::Unit(unit) => {
                one = one.add(Column::UnitId.in_subquery(scope::subtree([unit])));
            }
            Scope::Channel(channel) => one = one.add(COLUMN.channel_id.eq(channel)),
        }
        let party: Vec<PersonId> = std::iter::once(me).chain(grant.on_behalf_of).collect();
        let acted = act::Entity::find()
            .select_only()
            .column(act::Column::FilingId)
            .filter(Expr::col((act::Entity, act::Column::Round)).equals((Entity, Column::Round)))
            .filter(
                Condition::any()
                    .add(act::COLUMN.person_id.is_in(party.clone()))
                    .add(act::COLUMN.on_behalf_of.is_in(party.clone()))
                    .add(act::COLUMN.recorded_by.is_in(party.clone()))
                    .add(act::COLUMN.recorded_for.is_in(party.clone())),
            )
            .into_query();
        one = one
            .add(COLUMN.author_id.is_not_in(party.clone()))
            .add(
                Condition::any()
                    .add(COLUMN.author_for.is_null())
                    .add(COLUMN.author_for.is_not_in(party)),
            )
            .add(Column::Id.not_in_subquery(acted));
        any = any.add(one);
    }
    any
}

fn awaiting() -> Vec<&'static str> {
    Step::ALL
        .iter()
        .map(|step| Stage::Awaiting(*step).code())
        .collect()
}

fn open_closings() -> Vec<&'static str> {
    Closing::ALL
        .into_iter()
        .filter(|one| one.is_open())
        .map(Closing::code)
        .collect()
}

/// The moments at which a year begins and ends by the institution's clock.
fn year(year: i32) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let first = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(clock::start_of);
    Some((first(year)?, first(year + 1)?))
}

pub(super) fn query(actor: &Actor, query: &Query, now: DateTime<Utc>) -> Select<Entity> {
    let mut select = Entity::find().filter(visible(actor));
    select = match (query.view, actor.person()) {
        (View::Mine, Some(me)) => select.filter(mine(me)),
        (View::Waiting, _) => select.filter(waiting(actor)),
        _ => select,
    };
    if let Some(unit) = query.unit {
        select = select.filter(Column::UnitId.in_subquery(scope::subtree([unit])));
    }
    if let Some(kind) = query.kind {
        select = select.filter(COLUMN.kind.eq(kind.code()));
    }
    if let Some(stage) = query.stage {
        select = select.filter(COLUMN.stage.eq(stage.code()));
        if stage == Stage::Effective {
            // What is in force and still waits for something stands elsewhere: as its badge says.
            select = select.filter(
                Condition::any()
                    .add(COLUMN.closing.is_null())
                    .add(COLUMN.closing.is_not_in(open_closings())),
            );
        }
    }
    if let Some(closing) = query.closing {
        select = select.filter(COLUMN.closing.eq(closing.code()));
    }
    if query.paper {
        select = select.filter(COLUMN.paper.eq(true));
    }
    if let Some((from, until)) = query.year.and_then(year) {
        select = select
            .filter(COLUMN.submitted_at.gte(from))
            .filter(COLUMN.submitted_at.lt(until));
    }
    if query.overdue {
        select = select
            .filter(
                Condition::any()
                    .add(COLUMN.stage.is_in(awaiting()))
                    .add(COLUMN.closing.is_in(open_closings())),
            )
            .filter(COLUMN.due_at.lt(now));
    }
    if let Some(found) = search::condition(
        SEARCH,
        &query.text,
        (Entity, Column::Id),
        (Entity, Column::Haystack),
    ) {
        select = select.filter(found);
    }
    select
}

/// The filings that an actor may see and asked for.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    asked: &Query,
    now: DateTime<Utc>,
) -> Result<Listing, Fault> {
    let order = if asked.descending {
        Order::Desc
    } else {
        Order::Asc
    };
    let select = query(actor, asked, now);
    let select = match asked.sort.as_str() {
        "name" => select.order_by(Column::Name, order),
        // Those without a date come last either way, on both databases.
        "due" => select
            .order_by_asc(Column::DueAt.is_null())
            .order_by(Column::DueAt, order),
        "submitted" => select
            .order_by_asc(Column::SubmittedAt.is_null())
            .order_by(Column::SubmittedAt, order),
        "updated" => select.order_by(Column::UpdatedAt, order),
        _ => select.order_by_desc(Column::UpdatedAt),
    };
    let paginator = select.order_by_desc(Column::Id).paginate(db, PAGE);
    let count = paginator.num_items_and_pages().await?;
    let pages = Ord::max(count.number_of_pages, 1);
    let page = asked.page.clamp(1, pages);
    let rows = paginator.fetch_page(page - 1).await?;
    Ok(Listing {
        rows: rows
            .into_iter()
            .map(|row| Line::of(row, now))
            .collect::<Result<_, _>>()?,
        page,
        pages,
        total: count.number_of_items,
    })
}

/// The filings of a channel that an actor may see, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_channel(
    db: &impl ConnectionTrait,
    actor: &Actor,
    channel: ChannelId,
    now: DateTime<Utc>,
) -> Result<Vec<Line>, Fault> {
    Entity::find()
        .filter(visible(actor))
        .filter(COLUMN.channel_id.eq(channel))
        .order_by_desc(Column::Id)
        .all(db)
        .await?
        .into_iter()
        .map(|row| Line::of(row, now))
        .collect()
}

/// The filing of a channel that is on its way, or a cancellation in force whose proof is awaited: while
/// there is one, no other begins, and the channel is merged into no other.
///
/// # Errors
/// When the database fails.
pub async fn under_way(
    db: &impl ConnectionTrait,
    channel: ChannelId,
) -> Result<Option<FilingId>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(COLUMN.under_way.eq(channel))
        .into_tuple()
        .one(db)
        .await?)
}

/// When the last filing of a channel came into force: a change since then is to be reported (R-REG-5).
///
/// # Errors
/// When the database fails.
pub async fn last_effective(
    db: &impl ConnectionTrait,
    channel: ChannelId,
) -> Result<Option<DateTime<Utc>>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::EffectiveAt)
        .filter(COLUMN.channel_id.eq(channel))
        .filter(COLUMN.effective_at.is_not_null())
        .order_by_desc(Column::EffectiveAt)
        .into_tuple()
        .one(db)
        .await?)
}

/// The names of a unit's openings that are under way on a platform, other than this one: each would
/// become an account there (R-REG-4).
///
/// # Errors
/// When the database fails.
pub(super) async fn under_way_on(
    db: &impl ConnectionTrait,
    unit: UnitId,
    platform: &str,
    but: FilingId,
) -> Result<Vec<String>, Fault> {
    let mut stages = awaiting();
    stages.push(Stage::Returned.code());
    Ok(Entity::find()
        .select_only()
        .column(Column::Name)
        .filter(COLUMN.unit_id.eq(unit))
        .filter(COLUMN.platform.eq(platform))
        .filter(COLUMN.channel_id.is_null())
        .filter(COLUMN.kind.eq(Kind::Opening.code()))
        .filter(COLUMN.id.ne(but))
        .filter(COLUMN.stage.is_in(stages))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await?)
}

/// How many filings wait, among those an actor may see. Nobody reads further than [`COUNTED`], and counting
/// further would cost the more the more there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// For each step, in their order.
    pub steps: Vec<(Step, Total)>,
    /// Past their due moment.
    pub overdue: Total,
}

/// Counts what waits.
///
/// # Errors
/// When the database fails.
pub async fn waits(
    db: &impl ConnectionTrait,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Waiting, Fault> {
    let mut steps = vec![];
    for step in Step::ALL {
        let asked = Query {
            stage: Some(Stage::Awaiting(step)),
            ..Query::default()
        };
        steps.push((step, count(db, actor, &asked, now).await?));
    }
    let asked = Query {
        overdue: true,
        ..Query::default()
    };
    let overdue = count(db, actor, &asked, now).await?;
    Ok(Waiting { steps, overdue })
}

/// Counts what a list would show, no further than [`COUNTED`].
///
/// # Errors
/// When the database fails.
pub async fn count(
    db: &impl ConnectionTrait,
    actor: &Actor,
    asked: &Query,
    now: DateTime<Utc>,
) -> Result<Total, Fault> {
    no_further(db, query(actor, asked, now).into_query(), COUNTED).await
}

/// How many filings of each unit are late, among those an actor may see. Few ever are.
///
/// # Errors
/// When the database fails.
pub(super) async fn overdue_by_unit(
    db: &impl ConnectionTrait,
    actor: &Actor,
    kind: Option<Kind>,
    now: DateTime<Utc>,
) -> Result<Vec<(UnitId, i64)>, Fault> {
    let asked = Query {
        overdue: true,
        kind,
        ..Query::default()
    };
    Ok(query(actor, &asked, now)
        .select_only()
        .column(Column::UnitId)
        .column_as(Column::Id.count(), "number")
        .group_by(Column::UnitId)
        .into_tuple()
        .all(db)
        .await?)
}

/// Whole rows of what a query finds, in order of id, after the one given. Cheap however far in.
///
/// # Errors
/// When the database fails.
pub(super) async fn page_of_export(
    db: &impl ConnectionTrait,
    actor: &Actor,
    asked: &Query,
    now: DateTime<Utc>,
    after: FilingId,
    limit: u64,
) -> Result<Vec<Line>, Fault> {
    query(actor, asked, now)
        .filter(COLUMN.id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db)
        .await?
        .into_iter()
        .map(|row| Line::of(row, now))
        .collect()
}
