//! Lists of publications. A list is never filtered after its query.

use super::{
    rules::{Publication, Review, State},
    store::{COLUMN, Column, Entity, SEARCH, read},
};
use crate::{ids::ManuscriptId, manuscript};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect,
    entity::prelude::*, sea_query::Expr,
};
use zhendi_kernel::{Actor, ChannelId, Fault, Permission, UnitId, scope, search};

/// Rows on a page.
pub(super) const PER_PAGE: u64 = 50;

/// What a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// This unit with everything below it.
    pub unit: Option<UnitId>,
    pub manuscript: Option<ManuscriptId>,
    pub channel: Option<ChannelId>,
    pub state: Option<State>,
    /// Only what waits for a person.
    pub open: bool,
    /// Only emergencies that nobody approved yet.
    pub emergency: bool,
    pub text: String,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
}

/// What waits for a person.
const OPEN: [State; 4] = [
    State::Planned,
    State::Sent,
    State::Failed,
    State::Withdrawing,
];

fn seen(actor: &Actor) -> Condition {
    let scope = actor
        .filter(Permission::ViewManuscripts)
        .condition((Entity, Column::UnitId), Some((Entity, Column::ChannelId)));
    Condition::any()
        .add(scope)
        .add(manuscript::filter(actor, (Entity, Column::ManuscriptId)))
}

fn select(actor: &Actor, query: &Query) -> Select<Entity> {
    let mut select = Entity::find().filter(seen(actor));
    if let Some(unit) = query.unit {
        let units = scope::subtree([unit]);
        select = select.filter(Expr::col((Entity, Column::UnitId)).in_subquery(units));
    }
    if let Some(manuscript) = query.manuscript {
        select = select.filter(COLUMN.manuscript_id.eq(manuscript));
    }
    if let Some(channel) = query.channel {
        select = select.filter(COLUMN.channel_id.eq(channel));
    }
    if let Some(state) = query.state {
        select = select.filter(COLUMN.state.eq(state.code()));
    }
    if query.open {
        select = select.filter(COLUMN.state.is_in(OPEN.map(State::code)));
    }
    if query.emergency {
        select = select.filter(COLUMN.review.eq(Review::Awaited.code()));
    }
    match search::condition(
        SEARCH,
        &query.text,
        (Entity, Column::Id),
        (Entity, Column::Haystack),
    ) {
        Some(found) => select.filter(found),
        None => select,
    }
}

/// A page of what the actor may see, the newest first, with how many there are.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    query: &Query,
) -> Result<(Vec<Publication>, u64), Fault> {
    let all = select(actor, query);
    let total = PaginatorTrait::count(all.clone(), db).await?;
    let rows = all
        .order_by_desc(COLUMN.id)
        .offset(query.page.clamp(1, 1_000_000).saturating_sub(1) * query.per_page)
        .limit(query.per_page)
        .all(db)
        .await?;
    let rows = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    Ok((rows, total))
}
