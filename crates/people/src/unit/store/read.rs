//! Finding units.

use super::{super::rules::Contents, COLUMN, Column, Entity, Event, Model, Unit, event};
use crate::{holding, person};
use sea_orm::{Condition, ConnectionTrait, QueryOrder, QuerySelect, entity::prelude::*};
use std::collections::{BTreeSet, HashMap};
use zhendi_kernel::{Fault, ScopeFilter, UnitId, search, text};

/// A unit by id.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: UnitId) -> Result<Option<Unit>, Fault> {
    Ok(Entity::find_by_id(id).one(db).await?.map(Unit::from))
}

/// The institution itself; none before the first run.
///
/// # Errors
/// When the database fails.
pub async fn root(db: &impl ConnectionTrait) -> Result<Option<Unit>, Fault> {
    let row = Entity::find()
        .filter(COLUMN.sibling_key.eq("root"))
        .one(db)
        .await?;
    Ok(row.map(Unit::from))
}

/// The open unit of a name or short name, however it is spaced. A name that two units have under
/// different parents names none.
///
/// # Errors
/// When the database fails.
pub async fn by_name(db: &impl ConnectionTrait, name: &str) -> Result<Option<Unit>, Fault> {
    let key = text::fold(name);
    if key.is_empty() {
        return Ok(None);
    }
    let rows = Entity::find()
        .filter(COLUMN.closed_at.is_null())
        .filter(
            Condition::any()
                .add(COLUMN.name_key.eq(&key))
                .add(COLUMN.short_key.eq(key.as_str())),
        )
        .all(db)
        .await?;
    let (full, short): (Vec<Model>, Vec<Model>) =
        rows.into_iter().partition(|row| row.name_key == key);
    let mut found = if full.is_empty() { short } else { full };
    Ok((found.len() == 1).then(|| found.remove(0).into()))
}

/// The names of open units that are most like a name, best first; for suggestions.
///
/// # Errors
/// When the database fails.
pub async fn nearest(
    db: &impl ConnectionTrait,
    name: &str,
    n: usize,
) -> Result<Vec<String>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.closed_at.is_null())
        .filter(COLUMN.parent_id.is_not_null())
        .all(db)
        .await?;
    let mut scored: Vec<(usize, String)> = rows
        .into_iter()
        .map(|row| {
            (
                likeness(name, &row.name).max(likeness(name, &row.short_name)),
                row.name,
            )
        })
        .filter(|(score, _)| *score > 0)
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Ok(scored.into_iter().take(n).map(|(_, name)| name).collect())
}

/// In thousandths, how many of both names' characters they share.
fn likeness(one: &str, other: &str) -> usize {
    let chars = |text: &str| text::fold(text).chars().collect::<BTreeSet<char>>();
    let (one, other) = (chars(one), chars(other));
    let shared = one.intersection(&other).count();
    2000 * shared / (one.len() + other.len()).max(1)
}

/// Every unit in the order of the tree (each below its parent, siblings by age), closed ones included.
///
/// # Errors
/// When the database fails.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Unit>, Fault> {
    let mut below: HashMap<Option<UnitId>, Vec<Unit>> = HashMap::new();
    for row in Entity::find().order_by_desc(COLUMN.id).all(db).await? {
        below.entry(row.parent_id).or_default().push(row.into());
    }
    let mut tree = vec![];
    let mut next = below.remove(&None).unwrap_or_default();
    while let Some(unit) = next.pop() {
        let children = below.remove(&Some(unit.id)).unwrap_or_default();
        let depth = unit.depth + 1;
        next.extend(children.into_iter().map(|child| Unit { depth, ..child }));
        tree.push(unit);
    }
    Ok(tree)
}

/// The open units within a filter for a form's choice: id and name, indented as the tree is.
///
/// # Errors
/// When the database fails.
pub async fn options(
    db: &impl ConnectionTrait,
    filter: &ScopeFilter,
) -> Result<Vec<(String, String)>, Fault> {
    let seen = ids(db, filter).await?;
    let shown: Vec<Unit> = all(db)
        .await?
        .into_iter()
        .filter(|unit| unit.closed_at.is_none() && seen.contains(&unit.id))
        .collect();
    let least = shown.iter().map(|unit| unit.depth).min().unwrap_or(0);
    Ok(shown
        .into_iter()
        .map(|unit| {
            let indent = "\u{3000}".repeat(unit.depth - least);
            (unit.id.to_string(), indent + &unit.name)
        })
        .collect())
}

/// The units within a filter.
pub async fn ids(
    db: &impl ConnectionTrait,
    filter: &ScopeFilter,
) -> Result<BTreeSet<UnitId>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(filter.units((Entity, Column::Id)))
        .into_tuple::<UnitId>()
        .all(db)
        .await?
        .into_iter()
        .collect())
}

/// The names of units.
///
/// # Errors
/// When the database fails.
pub async fn names(
    db: &impl ConnectionTrait,
    units: impl IntoIterator<Item = UnitId>,
) -> Result<HashMap<UnitId, String>, Fault> {
    Ok(Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(COLUMN.id.is_in(units))
        .into_tuple::<(UnitId, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect())
}

/// The units whose names hold what was typed; none when nothing searchable was typed.
pub async fn search(
    db: &impl ConnectionTrait,
    typed: &str,
) -> Result<Option<BTreeSet<UnitId>>, Fault> {
    let Some(condition) = search::condition(
        "unit",
        typed,
        (Entity, Column::Id),
        (Entity, Column::Haystack),
    ) else {
        return Ok(None);
    };
    let found = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(condition)
        .into_tuple::<UnitId>()
        .all(db)
        .await?;
    Ok(Some(found.into_iter().collect()))
}

/// A unit's history, newest first.
///
/// # Errors
/// When the database fails.
pub async fn history(db: &impl ConnectionTrait, unit: UnitId) -> Result<Vec<Event>, Fault> {
    Ok(event::Entity::find()
        .filter(event::COLUMN.unit_id.eq(unit))
        .order_by_desc(event::COLUMN.id)
        .all(db)
        .await?)
}

/// What keeps a unit open.
pub async fn contents(db: &impl ConnectionTrait, unit: UnitId) -> Result<Contents, Fault> {
    Ok(Contents {
        children: Entity::find()
            .filter(COLUMN.parent_id.eq(unit))
            .filter(COLUMN.closed_at.is_null())
            .count(db)
            .await?,
        people: person::count(db, unit).await?,
        holdings: holding::of_unit(db, unit).await?.len() as u64,
    })
}
