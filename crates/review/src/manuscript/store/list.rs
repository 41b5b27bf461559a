//! Lists of manuscripts.

use super::{
    rows::{channel, coauthor, manuscript},
    working::{SEARCH, seen},
};
use crate::{course::Stage, ids::ManuscriptId};
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, FromQueryResult, PaginatorTrait, QueryOrder,
    QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, Query as Sql, SelectStatement},
};
use std::collections::HashMap;
use zhendi_kernel::{Actor, ChannelId, Fault, PersonId, UnitId, scope, search};

/// Where a manuscript stands, as lists say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Never handed in.
    Draft,
    /// On its course.
    On(Stage),
}

impl State {
    /// All of them with codes and labels, for selects.
    pub fn options() -> Vec<(&'static str, &'static str)> {
        std::iter::once(Self::Draft)
            .chain(Stage::ALL.iter().copied().map(Self::On))
            .map(|state| (state.code(), state.label()))
            .collect()
    }

    /// The code in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::On(stage) => stage.code(),
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::On(stage) => stage.label(),
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        if code == Self::Draft.code() {
            return Some(Self::Draft);
        }
        Stage::parse(code).map(Self::On)
    }
}

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub text: String,
    pub state: Option<State>,
    /// This unit with everything below it.
    pub unit: Option<UnitId>,
    pub channel: Option<ChannelId>,
    pub category: String,
    /// Only those that the actor writes.
    pub mine: bool,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
}

/// Rows on a page.
pub const PER_PAGE: u64 = 30;

/// A line of the list.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Line {
    pub id: ManuscriptId,
    pub title: String,
    pub unit_id: UnitId,
    pub author_id: PersonId,
    pub category: String,
    pub origin: String,
    pub layout: String,
    pub words: i32,
    pub saved_at: DateTime<Utc>,
}

/// The courses' own table, by name: every list needs the stage in the same query.
const COURSE: &str = "review_course";

fn on_stage(stage: Option<Stage>) -> SelectStatement {
    let mut ids = Sql::select();
    ids.column("manuscript_id").from(COURSE);
    if let Some(stage) = stage {
        ids.and_where(Expr::col("stage").eq(stage.code()));
    }
    ids
}

fn select(actor: &Actor, query: &Query) -> Select<manuscript::Entity> {
    let id = || Expr::col((manuscript::Entity, manuscript::Column::Id));
    let mut select = manuscript::Entity::find().filter(seen(actor));
    if let Some(unit) = query.unit {
        let column = Expr::col((manuscript::Entity, manuscript::Column::UnitId));
        select = select.filter(column.in_subquery(scope::subtree([unit])));
    }
    if let Some(wanted) = query.channel {
        let on = channel::Entity::find()
            .select_only()
            .column(channel::Column::ManuscriptId)
            .filter(channel::COLUMN.channel_id.eq(wanted))
            .into_query();
        select = select.filter(id().in_subquery(on));
    }
    if !query.category.is_empty() {
        select = select.filter(manuscript::COLUMN.category.eq(query.category.as_str()));
    }
    match query.state {
        Some(State::Draft) => select = select.filter(id().not_in_subquery(on_stage(None))),
        Some(State::On(stage)) => select = select.filter(id().in_subquery(on_stage(Some(stage)))),
        None => {}
    }
    if let (true, Some(me)) = (query.mine, actor.person()) {
        let with = coauthor::Entity::find()
            .select_only()
            .column(coauthor::Column::ManuscriptId)
            .filter(coauthor::COLUMN.person_id.eq(me))
            .into_query();
        select = select.filter(
            Condition::any()
                .add(manuscript::COLUMN.author_id.eq(me))
                .add(id().in_subquery(with)),
        );
    }
    match search::condition(
        SEARCH,
        &query.text,
        (manuscript::Entity, manuscript::Column::Id),
        (manuscript::Entity, manuscript::Column::Haystack),
    ) {
        Some(found) => select.filter(found),
        None => select,
    }
}

/// A page of manuscripts, the last saved first, and how many there are in all.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    query: &Query,
) -> Result<(Vec<Line>, u64), Fault> {
    let select = select(actor, query);
    let total = select.clone().count(db).await?;
    let rows = select
        .select_only()
        .columns([
            manuscript::Column::Id,
            manuscript::Column::Title,
            manuscript::Column::UnitId,
            manuscript::Column::AuthorId,
            manuscript::Column::Category,
            manuscript::Column::Origin,
            manuscript::Column::Layout,
            manuscript::Column::Words,
            manuscript::Column::VersionId,
            manuscript::Column::CreatedAt,
            manuscript::Column::SavedAt,
        ])
        .order_by_desc(manuscript::COLUMN.saved_at)
        .order_by_desc(manuscript::COLUMN.id)
        .limit(query.per_page)
        // No page lies behind the last row; a number beyond the database's own would be a fault.
        .offset(std::cmp::min(query.page.saturating_sub(1), total) * query.per_page)
        .into_model::<Line>()
        .all(db)
        .await?;
    Ok((rows, total))
}

/// Where these manuscripts stand, and the names of their channels' ids, the main one first.
///
/// # Errors
/// When the database fails.
pub async fn states(
    db: &impl ConnectionTrait,
    ids: &[ManuscriptId],
) -> Result<
    (
        HashMap<ManuscriptId, State>,
        HashMap<ManuscriptId, Vec<ChannelId>>,
    ),
    Fault,
> {
    let mut stage: HashMap<ManuscriptId, State> =
        ids.iter().map(|id| (*id, State::Draft)).collect();
    let mut on: HashMap<ManuscriptId, Vec<ChannelId>> = HashMap::new();
    for some in ids.chunks(500) {
        let asked = Sql::select()
            .columns(["manuscript_id", "stage"])
            .from(COURSE)
            .and_where(Expr::col("manuscript_id").is_in(some.iter().copied()))
            .to_owned();
        for row in db.query_all(&asked).await? {
            let code: String = row.try_get("", "stage")?;
            let found = Stage::parse(&code)
                .ok_or_else(|| Fault::internal(format!("a course is at {code}")))?;
            stage.insert(row.try_get("", "manuscript_id")?, State::On(found));
        }
        let rows = channel::Entity::find()
            .filter(channel::COLUMN.manuscript_id.is_in(some.iter().copied()))
            .order_by_asc(channel::COLUMN.position)
            .all(db)
            .await?;
        for row in rows {
            on.entry(row.manuscript_id)
                .or_default()
                .push(row.channel_id);
        }
    }
    Ok((stage, on))
}
