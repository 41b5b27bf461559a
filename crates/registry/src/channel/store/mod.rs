//! Rows of `channel` and `channel_person`: the only place of the feature that knows SQL exists.

mod annex_two;

pub mod counters;
mod entity;
mod leaf;
mod list;
mod rows;
mod units;
mod write;

pub use counters::{COUNTED, Total, no_further};
pub(crate) use entity::{COLUMN, Column, Entity, Model};
pub use leaf::{Cursor, Leaf, Mark, leaf};
pub(crate) use list::filtered;
pub use list::{
    PER_PAGE, Page, Query, Row, Sort, Tally, count, figures_of_annex_two, list, page_in_order,
    page_of_export, tally_of,
};
pub use rows::{Same, first_names, of_ids, same_names};
pub use units::{counts_of_units, page_of_units};
pub use write::{insert, insert_many, replace};

use super::{Channel, ChannelPeople, similar};
use crate::platform::PlatformCode;
use chrono::NaiveDate;
use entity::person;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr};
use std::collections::HashMap;
use zhendi_kernel::{App, ChannelId, Fault, PersonId, UnitId, text};

/// The kind under which channels stand in the search index, the audit chain and the work list.
pub const KIND: &str = "channel";

/// A channel.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: ChannelId) -> Result<Option<Channel>, Fault> {
    let Some(row) = Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let people = people_of(db, &[id]).await?.remove(&id).unwrap_or_default();
    row.into_channel(people).map(Some)
}

/// A channel that must be there.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn get(db: &impl ConnectionTrait, id: ChannelId) -> Result<Channel, Fault> {
    find(db, id).await?.ok_or(Fault::NotFound)
}

/// The people of some channels.
///
/// # Errors
/// When the database fails.
pub async fn people_of(
    db: &impl ConnectionTrait,
    channels: &[ChannelId],
) -> Result<HashMap<ChannelId, ChannelPeople>, Fault> {
    let rows = person::Entity::find()
        .filter(person::COLUMN.channel_id.is_in(channels.iter().copied()))
        .order_by_asc(person::COLUMN.channel_id)
        .order_by_asc(person::COLUMN.position)
        .all(db)
        .await?;
    let mut found: HashMap<ChannelId, ChannelPeople> = HashMap::new();
    for row in rows {
        let people = found.entry(row.channel_id).or_default();
        match row.duty.as_str() {
            "leader" => people.leader = Some(row.person_id),
            "reviewer" => people.reviewers.push(row.person_id),
            _ => people.operators.push(row.person_id),
        }
    }
    Ok(found)
}

/// The channels on which a person has a duty, for hand-over.
///
/// # Errors
/// When the database fails.
pub async fn of_person(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<ChannelId>, Fault> {
    let rows = person::Entity::find()
        .filter(person::COLUMN.person_id.eq(person))
        .order_by_asc(person::COLUMN.channel_id)
        .all(db)
        .await?;
    let mut ids: Vec<ChannelId> = rows.into_iter().map(|row| row.channel_id).collect();
    ids.dedup();
    Ok(ids)
}

/// The channels that a unit has on a platform and that are not gone, the oldest first: further accounts
/// need a reason (集约化, R-REG-4).
///
/// # Errors
/// When the database fails.
pub async fn on_platform(
    db: &impl ConnectionTrait,
    unit: UnitId,
    platform: &PlatformCode,
) -> Result<Vec<Channel>, Fault> {
    let rows = there(unit, platform).all(db).await?;
    with_people(db, rows).await
}

fn there(unit: UnitId, platform: &PlatformCode) -> Select<Entity> {
    Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .filter(COLUMN.platform.eq(platform.clone()))
        .filter(COLUMN.running_state.ne("closed"))
        .filter(COLUMN.filing_state.is_not_in(["cancelled", "merged"]))
        .order_by_asc(COLUMN.id)
}

/// The channels of a unit on a platform whose name is the same however it is written. An annex without
/// ids finds by it a channel whose id is known already.
///
/// # Errors
/// When the database fails.
pub async fn by_name(
    db: &impl ConnectionTrait,
    unit: UnitId,
    platform: &PlatformCode,
    name: &str,
) -> Result<Vec<Channel>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .filter(COLUMN.platform.eq(platform.clone()))
        .filter(COLUMN.filing_state.ne("merged"))
        // An index finds these; a key that was not made yet is empty.
        .filter(
            COLUMN
                .name_key
                .is_in([similar::name_key(name), String::new()]),
        )
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?;
    let wanted = text::fold(name);
    let same = rows
        .into_iter()
        .filter(|row| text::fold(&row.name) == wanted);
    with_people(db, same.collect()).await
}

async fn with_people(
    db: &impl ConnectionTrait,
    rows: Vec<entity::Model>,
) -> Result<Vec<Channel>, Fault> {
    let ids: Vec<ChannelId> = rows.iter().map(|row| row.id).collect();
    let mut people = people_of(db, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let its = people.remove(&row.id).unwrap_or_default();
            row.into_channel(its)
        })
        .collect()
}

/// The records that were merged into a channel, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn merged_into(db: &impl ConnectionTrait, id: ChannelId) -> Result<Vec<Channel>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.merged_into.eq(id))
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?;
    with_people(db, rows).await
}

/// Lets the records that were merged into one point to another.
///
/// # Errors
/// When the database fails.
pub async fn point_to(
    tx: &impl ConnectionTrait,
    from: ChannelId,
    into: ChannelId,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::MergedInto, Expr::value(into.0))
        .filter(COLUMN.merged_into.eq(from))
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes the keys by which names are compared, for some rows that have none; false when none are left.
///
/// # Errors
/// When the database fails.
pub async fn fill_name_keys(app: &App, key: fn(&str) -> String) -> Result<bool, Fault> {
    let tx = app.db.begin().await?;
    let rows: Vec<(ChannelId, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(COLUMN.name_key.eq(""))
        .filter(COLUMN.name.ne(""))
        .limit(500)
        .into_tuple()
        .all(&tx)
        .await?;
    let mut made = false;
    for (id, name) in rows {
        let key = key(&name);
        // A name of nothing but marks has no key, and would be asked for for ever.
        let key = if key.is_empty() { name } else { key };
        Entity::update_many()
            .col_expr(Column::NameKey, Expr::value(key))
            .filter(COLUMN.id.eq(id))
            .exec(&tx)
            .await?;
        made = true;
    }
    tx.commit().await?;
    Ok(made)
}

/// Some channels of 等保 levels that were last tested, or graded, by a day; those after the one given.
///
/// # Errors
/// When the database fails.
pub async fn tested_before(
    db: &impl ConnectionTrait,
    levels: std::ops::RangeInclusive<i32>,
    day: NaiveDate,
    after: ChannelId,
) -> Result<Vec<ChannelId>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(COLUMN.mlps_level.between(*levels.start(), *levels.end()))
        .filter(COLUMN.mlps_since.lte(day))
        .filter(COLUMN.running_state.ne("closed"))
        .filter(COLUMN.id.gt(after))
        .order_by_asc(COLUMN.id)
        .limit(200)
        .into_tuple()
        .all(db)
        .await?)
}

/// The channels of a unit itself, without those below it.
///
/// # Errors
/// When the database fails.
pub async fn of_unit(db: &impl ConnectionTrait, unit: UnitId) -> Result<Vec<ChannelId>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A row as a channel without its people, where those do not matter.
///
/// # Errors
/// When the row holds a state that this version does not know.
pub fn of_row(row: Model) -> Result<Channel, Fault> {
    row.into_channel(ChannelPeople::default())
}
