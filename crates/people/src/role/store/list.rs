//! Grants as pages list them.

use super::{COLUMN, Column, Entity, Granted, Model, in_force};
use crate::{holding, person, unit};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, PaginatorTrait, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use std::collections::HashMap;
use zhendi_kernel::{Fault, PersonId, Place, Role, ScopeFilter, UnitId, scope};

/// What the list of grants asks for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub role: Option<Role>,
    /// With everything below it.
    pub unit: Option<UnitId>,
    /// A person's name.
    pub text: String,
    pub page: u64,
    pub per_page: u64,
}

/// The grants in force: the lines of a page and how many there are in all.
pub async fn list(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    query: &Query,
) -> Result<(Vec<Granted>, u64), Fault> {
    let mut select = Entity::find().filter(in_force(now));
    if let Some(role) = query.role {
        select = select.filter(COLUMN.role.eq(role.code()));
    }
    if let Some(unit) = query.unit {
        let within = ScopeFilter::Within {
            units: vec![unit],
            channels: vec![],
        };
        select = select.filter(within.units((Entity, Column::UnitId)));
    }
    if let Some(people) = person::named(&query.text) {
        select = select.filter(Expr::col((Entity, Column::PersonId)).in_subquery(people));
    }
    let total = select.clone().count(db).await?;
    let rows = select
        .order_by_asc(COLUMN.role)
        .order_by_asc(COLUMN.id)
        .limit(query.per_page)
        // No page lies behind the last row; a number beyond the database's own would be a fault.
        .offset(std::cmp::min(query.page.saturating_sub(1), total) * query.per_page)
        .all(db)
        .await?;
    Ok((dress(db, rows).await?, total))
}

/// What a person holds in their own right.
///
/// # Errors
/// When the database fails.
pub async fn of_person(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: PersonId,
) -> Result<Vec<Granted>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .filter(in_force(now))
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?;
    dress(db, rows).await
}

/// Grants by id, ended ones too.
pub async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Granted>, Fault> {
    let rows = Entity::find().filter(COLUMN.id.is_in(ids)).all(db).await?;
    Ok(dress(db, rows)
        .await?
        .into_iter()
        .map(|grant| (grant.id, grant))
        .collect())
}

async fn dress(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Granted>, Fault> {
    let people = person::names(db, rows.iter().map(|row| row.person_id)).await?;
    let units = unit::names(db, rows.iter().filter_map(|row| row.unit_id)).await?;
    let channels: HashMap<i64, String> =
        holding::channels(db, rows.iter().filter_map(|row| row.channel_id))
            .await?
            .into_iter()
            .map(|held| (held.subject_id, held.title))
            .collect();
    let dressed = rows.into_iter().filter_map(|row| {
        let place = match (row.channel_id, row.unit_id) {
            (Some(channel), _) => channels.get(&channel.0).cloned(),
            (None, Some(unit)) => units.get(&unit).cloned(),
            (None, None) => None,
        };
        Some(Granted {
            id: row.id,
            person: row.person_id,
            person_name: people.get(&row.person_id).cloned().unwrap_or_default(),
            role: Role::parse(&row.role)?,
            unit: row.unit_id,
            channel: row.channel_id,
            place: place.unwrap_or_else(|| "已注销的网络阵地".into()),
            until: row.until,
            granted_by: row.granted_by,
            granted_at: row.granted_at,
            open: row.ended_at.is_none(),
        })
    });
    Ok(dressed.collect())
}

/// The place where a grant counts.
pub async fn place_of(db: &impl ConnectionTrait, row: &Model) -> Result<Place, Fault> {
    let unit = match (row.channel_id, row.unit_id) {
        (Some(channel), _) => holding::channels(db, [channel])
            .await?
            .first()
            .map(|h| h.unit_id),
        (None, unit) => unit,
    };
    match unit {
        Some(unit) => Ok(scope::place(db, unit).await?.on(row.channel_id)),
        None => Ok(Place {
            units: vec![],
            channel: row.channel_id,
        }),
    }
}
