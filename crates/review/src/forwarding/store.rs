//! Keeps forwardings and finds them again; with `rows` the only file of the feature that knows SQL exists.

use super::{
    rows::{addressed, forwarding, read},
    rules::{Addressed, CLOSERS, Forwarding, Harm, heads},
};
use crate::ids::{ForwardingId, ManuscriptId};
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait,
    Set,
    entity::prelude::*,
    sea_query::{Expr, IntoColumnRef},
};
use std::collections::{BTreeSet, HashMap};
use zhendi_kernel::{Actor, Fault, Permission, Role, UnitId, scope};

use forwarding::{COLUMN, Column, Entity};

/// Whether departments have something of a manuscript: then nothing of it is approved or goes out.
///
/// # Errors
/// When the database fails.
pub async fn is_open(db: &impl ConnectionTrait, of: ManuscriptId) -> Result<bool, Fault> {
    let open = Entity::find()
        .filter(COLUMN.manuscript_id.eq(of))
        .filter(COLUMN.closed_at.is_null());
    Ok(PaginatorTrait::count(open, db).await? > 0)
}

/// Which of these manuscripts departments have.
///
/// # Errors
/// When the database fails.
pub async fn open_of(
    db: &impl ConnectionTrait,
    of: impl IntoIterator<Item = ManuscriptId>,
) -> Result<BTreeSet<ManuscriptId>, Fault> {
    let open = Entity::find()
        .select_only()
        .column(Column::ManuscriptId)
        .filter(COLUMN.manuscript_id.is_in(of))
        .filter(COLUMN.closed_at.is_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(open.into_iter().collect())
}

/// Whether departments have the manuscript of a row's column, as a column of that row.
pub fn stops(of: impl IntoColumnRef) -> Expr {
    let open = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Expr::col((Entity, Column::ManuscriptId)).eq(Expr::col(of)))
        .filter(COLUMN.closed_at.is_null())
        .into_query();
    Expr::exists(open)
}

/// Keeps a new one; ids are given here.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &impl ConnectionTrait, mut new: Forwarding) -> Result<Forwarding, Fault> {
    let row = forwarding::ActiveModel {
        id: sea_orm::NotSet,
        version: Set(new.version),
        manuscript_id: Set(new.manuscript),
        version_id: Set(new.content),
        hash: Set(new.hash.clone()),
        publication_id: Set(new.publication),
        unit_id: Set(new.unit),
        channel_id: Set(new.channel),
        title: Set(new.title.clone()),
        kind: Set(new.kind.code().into()),
        why: Set(new.why.clone()),
        quote: Set(new.quote.clone()),
        made_by: Set(new.by.person),
        made_for: Set(new.by.on_behalf_of),
        made_at: Set(new.at),
        due_at: Set(new.due),
        answered_at: Set(None),
        told_at: Set(None),
        outcome: Set(None),
        closing_words: Set(String::new()),
        closed_by: Set(None),
        closed_for: Set(None),
        closed_at: Set(None),
    }
    .insert(tx)
    .await?;
    new.id = row.id;
    for one in &mut new.units {
        let row = addressed::ActiveModel {
            id: sea_orm::NotSet,
            forwarding_id: Set(new.id),
            unit_id: Set(one.unit),
            result: Set(None),
            words: Set(String::new()),
            answered_by: Set(None),
            answered_for: Set(None),
            answered_at: Set(None),
        }
        .insert(tx)
        .await?;
        one.id = row.id;
    }
    Ok(new)
}

/// Writes answers and the end over the version it was read at. What was forwarded never changes.
///
/// # Errors
/// `Fault::Stale` when someone else was first; when the database fails.
pub async fn replace(tx: &impl ConnectionTrait, one: &mut Forwarding) -> Result<(), Fault> {
    let seen = one.version;
    one.version += 1;
    let closing = one.closing.as_ref();
    let done = Entity::update_many()
        .set(forwarding::ActiveModel {
            version: Set(one.version),
            answered_at: Set(one.answered_at()),
            outcome: Set(closing.map(|one| one.outcome.code().into())),
            closing_words: Set(closing.map(|one| one.words.clone()).unwrap_or_default()),
            closed_by: Set(closing.map(|one| one.by.person)),
            closed_for: Set(closing.and_then(|one| one.by.on_behalf_of)),
            closed_at: Set(closing.map(|one| one.at)),
            ..Default::default()
        })
        .filter(COLUMN.id.eq(one.id))
        .filter(COLUMN.version.eq(seen))
        .exec(tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Fault::Stale);
    }
    for asked in &one.units {
        let Some(answer) = &asked.answer else {
            continue;
        };
        addressed::Entity::update_many()
            .set(addressed::ActiveModel {
                result: Set(Some(answer.handling.code().into())),
                words: Set(answer.words.clone()),
                answered_by: Set(Some(answer.by.person)),
                answered_for: Set(answer.by.on_behalf_of),
                answered_at: Set(Some(answer.at)),
                ..Default::default()
            })
            .filter(addressed::COLUMN.id.eq(asked.id))
            .filter(addressed::COLUMN.answered_at.is_null())
            .exec(tx)
            .await?;
    }
    Ok(())
}

async fn with_units(
    db: &impl ConnectionTrait,
    rows: Vec<forwarding::Model>,
) -> Result<Vec<Forwarding>, Fault> {
    let mut units: HashMap<ForwardingId, Vec<Addressed>> = HashMap::new();
    // A database takes only so many values in one query.
    let ids: Vec<ForwardingId> = rows.iter().map(|row| row.id).collect();
    for some in ids.chunks(500) {
        let found = addressed::Entity::find()
            .filter(addressed::COLUMN.forwarding_id.is_in(some.to_vec()))
            .order_by_asc(addressed::COLUMN.id)
            .all(db)
            .await?;
        for row in found {
            let of = row.forwarding_id;
            units.entry(of).or_default().push(row.read()?);
        }
    }
    rows.into_iter()
        .map(|row| {
            let units = units.remove(&row.id).unwrap_or_default();
            read(row, units)
        })
        .collect()
}

/// What the actor may see: of manuscripts within their scope, what is addressed to units that they head or are in
/// charge of, what they forwarded, and everything for the publicity department.
fn seen(actor: &Actor) -> Condition {
    let scope = actor
        .filter(Permission::ViewManuscripts)
        .condition((Entity, Column::UnitId), Some((Entity, Column::ChannelId)));
    let headed: Vec<UnitId> = actor
        .grants
        .iter()
        .filter(|grant| {
            heads(true).contains(&grant.role)
                || CLOSERS.contains(&grant.role)
                || grant.role == Role::PortfolioLeader
        })
        .filter_map(|grant| match grant.scope {
            zhendi_kernel::actor::Scope::Institution(unit)
            | zhendi_kernel::actor::Scope::Unit(unit) => Some(unit),
            zhendi_kernel::actor::Scope::Channel(_) => None,
        })
        .collect();
    let to_me = addressed::Entity::find()
        .select_only()
        .column(addressed::Column::ForwardingId)
        .filter(Expr::col(addressed::Column::UnitId).in_subquery(scope::subtree(headed)))
        .into_query();
    let mut any = Condition::any()
        .add(scope)
        .add(Expr::col((Entity, Column::Id)).in_subquery(to_me));
    if let Some(me) = actor.person() {
        any = any.add(COLUMN.made_by.eq(me)).add(COLUMN.made_for.eq(me));
    }
    any
}

/// One that the actor may see; none for everything else.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: ForwardingId,
) -> Result<Option<Forwarding>, Fault> {
    let row = Entity::find_by_id(id).filter(seen(actor)).one(db).await?;
    let mut found = with_units(db, row.into_iter().collect()).await?;
    Ok(found.pop())
}

/// Those of a manuscript that the actor may see, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_manuscript(
    db: &impl ConnectionTrait,
    actor: &Actor,
    of: ManuscriptId,
) -> Result<Vec<Forwarding>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.manuscript_id.eq(of))
        .filter(seen(actor))
        .order_by_desc(COLUMN.id)
        .all(db)
        .await?;
    with_units(db, rows).await
}

zhendi_kernel::named! {
    /// Which of them a list shows.
    View {
        All = "all", "全部";
        Open = "open", "办理中";
        Overdue = "overdue", "已超时";
        Closed = "closed", "已办结";
    }
}

/// What a list is asked for.
#[derive(Clone, Debug)]
pub struct Query {
    pub view: View,
    pub kind: Option<Harm>,
    /// Addressed to this unit or one below it.
    pub unit: Option<UnitId>,
    pub now: DateTime<Utc>,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
}

fn select(actor: &Actor, query: &Query) -> Select<Entity> {
    let mut select = Entity::find().filter(seen(actor));
    match query.view {
        View::All => {}
        View::Open => select = select.filter(COLUMN.closed_at.is_null()),
        View::Overdue => {
            select = select
                .filter(COLUMN.closed_at.is_null())
                .filter(COLUMN.answered_at.is_null())
                .filter(COLUMN.due_at.lt(query.now));
        }
        View::Closed => select = select.filter(COLUMN.closed_at.is_not_null()),
    }
    if let Some(kind) = query.kind {
        select = select.filter(COLUMN.kind.eq(kind.code()));
    }
    if let Some(unit) = query.unit {
        let to = addressed::Entity::find()
            .select_only()
            .column(addressed::Column::ForwardingId)
            .filter(Expr::col(addressed::Column::UnitId).in_subquery(scope::subtree([unit])))
            .into_query();
        select = select.filter(Expr::col((Entity, Column::Id)).in_subquery(to));
    }
    select
}

/// How many a list has.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &impl ConnectionTrait, actor: &Actor, query: &Query) -> Result<u64, Fault> {
    Ok(PaginatorTrait::count(select(actor, query), db).await?)
}

/// A page of what the actor may see, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    query: &Query,
) -> Result<Vec<Forwarding>, Fault> {
    let rows = select(actor, query)
        .order_by_desc(COLUMN.id)
        .offset(query.page.clamp(1, 1_000_000).saturating_sub(1) * query.per_page)
        .limit(query.per_page)
        .all(db)
        .await?;
    with_units(db, rows).await
}

/// Those whose departments are late, of which nobody was told yet.
///
/// # Errors
/// When the database fails.
pub async fn late(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Forwarding>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.answered_at.is_null())
        .filter(COLUMN.closed_at.is_null())
        .filter(COLUMN.told_at.is_null())
        .filter(COLUMN.due_at.lt(now))
        .order_by_asc(COLUMN.id)
        .limit(200)
        .all(db)
        .await?;
    with_units(db, rows).await
}

/// Notes that the leader in charge was told; says whether this was the first time.
///
/// # Errors
/// When the database fails.
pub async fn mark_told(
    tx: &impl ConnectionTrait,
    id: ForwardingId,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let done = Entity::update_many()
        .col_expr(Column::ToldAt, Expr::value(now))
        .filter(COLUMN.id.eq(id))
        .filter(COLUMN.told_at.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// One, whoever may see it.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn get(db: &impl ConnectionTrait, id: ForwardingId) -> Result<Forwarding, Fault> {
    let row = Entity::find_by_id(id).one(db).await?;
    let mut found = with_units(db, row.into_iter().collect()).await?;
    found.pop().ok_or(Fault::NotFound)
}

/// What belongs to a unit that went up in another is the other's. Where both were asked and one has not answered,
/// the other's answer is enough. Gives the open forwardings with the parts whose work has to be handed anew.
///
/// # Errors
/// When the database fails.
pub async fn move_unit(
    tx: &impl ConnectionTrait,
    from: UnitId,
    into: UnitId,
) -> Result<Vec<(ForwardingId, i64)>, Fault> {
    Entity::update_many()
        .col_expr(Column::UnitId, Expr::value(into))
        .filter(COLUMN.unit_id.eq(from))
        .exec(tx)
        .await?;
    let parts = addressed::Entity::find()
        .filter(addressed::COLUMN.unit_id.eq(from))
        .order_by_asc(addressed::COLUMN.id)
        .all(tx)
        .await?;
    let mut anew = vec![];
    for part in parts {
        let twin = addressed::Entity::find()
            .filter(addressed::COLUMN.forwarding_id.eq(part.forwarding_id))
            .filter(addressed::COLUMN.unit_id.eq(into))
            .one(tx)
            .await?;
        let one = addressed::Entity::update_many().filter(addressed::COLUMN.id.eq(part.id));
        let open = part.answered_at.is_none();
        match twin {
            None => {
                let one = one.col_expr(addressed::Column::UnitId, Expr::value(into));
                one.exec(tx).await?;
            }
            Some(_) if open => {
                addressed::Entity::delete_by_id(part.id).exec(tx).await?;
            }
            // Both answers stay as they were given.
            Some(_) => {}
        }
        if open {
            anew.push((part.forwarding_id, part.id));
        }
    }
    Ok(anew)
}
