//! Lists of persons.

use super::{COLUMN, Column, Entity, Person};
use crate::{person::Employment, unit};
use sea_orm::{
    ConnectionTrait, PaginatorTrait, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, SelectStatement},
};
use std::collections::HashMap;
use zhendi_kernel::{Fault, PersonId, ScopeFilter, UnitId, scope, search};

/// What a list of persons asks for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub text: String,
    /// With everything below it.
    pub unit: Option<UnitId>,
    pub employment: Option<Employment>,
    /// With or without a sign-in.
    pub account: Option<bool>,
    /// Those who left, instead of those who are here.
    pub left: bool,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
}

/// One line of the list.
#[derive(Clone, Debug)]
pub struct Row {
    pub person: Person,
    pub unit_name: String,
    pub has_account: bool,
}

fn with_account() -> SelectStatement {
    sea_orm::sea_query::Query::select()
        .column("person_id")
        .from("account")
        .to_owned()
}

/// The persons within a filter: the lines of a page and how many there are in all.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &ScopeFilter,
    query: &Query,
) -> Result<(Vec<Row>, u64), Fault> {
    let mut select = Entity::find().filter(filter.units((Entity, Column::UnitId)));
    if let Some(found) = search::condition(
        "person",
        &query.text,
        (Entity, Column::Id),
        (Entity, Column::Haystack),
    ) {
        select = select.filter(found);
    }
    if let Some(unit) = query.unit {
        select =
            select.filter(Expr::col((Entity, Column::UnitId)).in_subquery(scope::subtree([unit])));
    }
    if let Some(kind) = query.employment {
        select = select.filter(COLUMN.employment.eq(kind.code()));
    }
    let account = Expr::col((Entity, Column::Id)).in_subquery(with_account());
    match query.account {
        Some(true) => select = select.filter(account),
        Some(false) => select = select.filter(account.not()),
        None => {}
    }
    select = select.filter(if query.left {
        COLUMN.left_at.is_not_null()
    } else {
        COLUMN.left_at.is_null()
    });
    let total = select.clone().count(db).await?;
    let rows = select
        .order_by_asc(COLUMN.unit_id)
        .order_by_asc(COLUMN.id)
        .limit(query.per_page)
        // No page lies behind the last row; a number beyond the database's own would be a fault.
        .offset(std::cmp::min(query.page.saturating_sub(1), total) * query.per_page)
        .all(db)
        .await?;
    let units = unit::names(db, rows.iter().map(|row| row.unit_id)).await?;
    let accounts: Vec<PersonId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(COLUMN.id.is_in(rows.iter().map(|row| row.id)))
        .filter(Expr::col((Entity, Column::Id)).in_subquery(with_account()))
        .into_tuple()
        .all(db)
        .await?;
    let rows = rows
        .into_iter()
        .map(|row| Row {
            unit_name: units.get(&row.unit_id).cloned().unwrap_or_default(),
            has_account: accounts.contains(&row.id),
            person: row.into(),
        })
        .collect();
    Ok((rows, total))
}

/// Persons of a filter for a form's choice: id, and name with unit. Those who left are not offered.
///
/// # Errors
/// When the database fails.
pub async fn options(
    db: &impl ConnectionTrait,
    filter: &ScopeFilter,
) -> Result<Vec<(String, String)>, Fault> {
    let rows = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name, Column::UnitId])
        .filter(filter.units((Entity, Column::UnitId)))
        .filter(COLUMN.left_at.is_null())
        .order_by_asc(COLUMN.unit_id)
        .order_by_asc(COLUMN.id)
        .into_tuple::<(PersonId, String, UnitId)>()
        .all(db)
        .await?;
    let units = unit::names(db, rows.iter().map(|row| row.2)).await?;
    let unit = |id| units.get(&id).map_or("", String::as_str);
    Ok(rows
        .iter()
        .map(|(id, name, at)| (id.to_string(), format!("{name}（{}）", unit(*at))))
        .collect())
}

/// A name with its options, for choices in groups.
pub type Group = (String, Vec<(String, String)>);

/// Persons of a filter for a form's choice, by unit: id, and name with post. Those who left are not offered.
///
/// # Errors
/// When the database fails.
pub async fn grouped(db: &impl ConnectionTrait, filter: &ScopeFilter) -> Result<Vec<Group>, Fault> {
    let rows = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name, Column::Post, Column::UnitId])
        .filter(filter.units((Entity, Column::UnitId)))
        .filter(COLUMN.left_at.is_null())
        .order_by_asc(COLUMN.id)
        .into_tuple::<(PersonId, String, String, UnitId)>()
        .all(db)
        .await?;
    let mut of: HashMap<UnitId, Vec<(String, String)>> = HashMap::new();
    for (id, name, post, unit) in rows {
        let label = match post.as_str() {
            "" => name,
            post => format!("{name}（{post}）"),
        };
        of.entry(unit).or_default().push((id.to_string(), label));
    }
    // In the order of the tree, as lists of units are.
    let units = unit::all(db).await?.into_iter();
    Ok(units
        .filter_map(|unit| Some((unit.name, of.remove(&unit.id)?)))
        .collect())
}

/// How many persons a unit has, those below it not counted.
pub async fn count(db: &impl ConnectionTrait, unit: UnitId) -> Result<u64, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .filter(COLUMN.left_at.is_null())
        .count(db)
        .await?)
}

/// How many persons each unit has.
pub async fn headcounts(db: &impl ConnectionTrait) -> Result<HashMap<UnitId, i64>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::UnitId)
        .column_as(COLUMN.id.count(), "people")
        .filter(COLUMN.left_at.is_null())
        .group_by(Column::UnitId)
        .into_tuple::<(UnitId, i64)>()
        .all(db)
        .await?
        .into_iter()
        .collect())
}
