//! What stands in the register under the words of many rows of a spreadsheet, asked for at once.

use super::{COLUMN, Channel, Entity, with_people};
use crate::{channel::similar, platform::PlatformCode};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, entity::prelude::*};
use std::collections::HashMap;
use zhendi_kernel::{ChannelId, Fault, UnitId, many, text};

/// A channel as rows name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Same {
    pub id: ChannelId,
    pub address_or_id: String,
}

// The rows come as one parameter: a statement with one for each would be another one each time, to be
// planned anew.
const SAME_TO_SQLITE: &str = "SELECT w.value ->> 0, c.id, c.name, c.address_or_id \
    FROM json_each(?1) w CROSS JOIN channel c \
    WHERE c.unit_id = w.value ->> 1 AND c.platform = w.value ->> 2 \
      AND c.name_key IN (w.value ->> 3, '') AND c.filing_state <> 'merged' ORDER BY c.id";
const SAME_TO_POSTGRES: &str = "SELECT (w.value ->> 0)::bigint, c.id, c.name, c.address_or_id \
    FROM jsonb_array_elements($1::jsonb) w JOIN channel c \
      ON c.unit_id = (w.value ->> 1)::bigint AND c.platform = w.value ->> 2 \
     AND c.name_key IN (w.value ->> 3, '') AND c.filing_state <> 'merged' ORDER BY c.id";
const FIRST_TO_SQLITE: &str = "SELECT w.value ->> 0, (SELECT c.name FROM channel c \
    WHERE c.unit_id = w.value ->> 1 AND c.platform = w.value ->> 2 AND c.running_state <> 'closed' \
      AND c.filing_state NOT IN ('cancelled', 'merged') ORDER BY c.id LIMIT 1) FROM json_each(?1) w";
const FIRST_TO_POSTGRES: &str = "SELECT (w.value ->> 0)::bigint, (SELECT c.name FROM channel c \
    WHERE c.unit_id = (w.value ->> 1)::bigint AND c.platform = w.value ->> 2 AND c.running_state <> 'closed' \
      AND c.filing_state NOT IN ('cancelled', 'merged') ORDER BY c.id LIMIT 1) \
    FROM jsonb_array_elements($1::jsonb) w";

async fn ask<T: serde::Serialize>(
    db: &impl ConnectionTrait,
    to_sqlite: &'static str,
    to_postgres: &'static str,
    rows: &[T],
) -> Result<Vec<QueryResult>, Fault> {
    let rows = serde_json::to_string(rows).map_err(Fault::internal)?;
    let (backend, sql) = match db.get_database_backend() {
        DbBackend::Postgres => (DbBackend::Postgres, to_postgres),
        _ => (DbBackend::Sqlite, to_sqlite),
    };
    Ok(db
        .query_all_raw(Statement::from_sql_and_values(backend, sql, [rows.into()]))
        .await?)
}

/// For each unit, platform and name the channels there whose name is the same however it is written, the
/// oldest first. An annex without ids finds by it a channel whose id is known already.
///
/// # Errors
/// When the database fails.
pub async fn same_names(
    db: &impl ConnectionTrait,
    rows: &[(UnitId, &PlatformCode, &str)],
) -> Result<Vec<Vec<Same>>, Fault> {
    let asked: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(nth, (unit, platform, name))| (nth, unit.0, &platform.0, similar::name_key(name)))
        .collect();
    let mut found = vec![vec![]; rows.len()];
    for row in ask(db, SAME_TO_SQLITE, SAME_TO_POSTGRES, &asked).await? {
        let nth = row.try_get_by_index::<i64>(0)? as usize;
        let name: String = row.try_get_by_index(2)?;
        if text::fold(&name) == text::fold(rows[nth].2) {
            found[nth].push(Same {
                id: row.try_get_by_index(1)?,
                address_or_id: row.try_get_by_index(3)?,
            });
        }
    }
    Ok(found)
}

/// For each unit and platform the name of the oldest channel that is not gone, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn first_names(
    db: &impl ConnectionTrait,
    places: &[(UnitId, &PlatformCode)],
) -> Result<Vec<Option<String>>, Fault> {
    let asked: Vec<_> = places
        .iter()
        .enumerate()
        .map(|(nth, (unit, platform))| (nth, unit.0, &platform.0))
        .collect();
    let mut found = vec![None; places.len()];
    for row in ask(db, FIRST_TO_SQLITE, FIRST_TO_POSTGRES, &asked).await? {
        let nth = row.try_get_by_index::<i64>(0)? as usize;
        found[nth] = row.try_get_by_index(1)?;
    }
    Ok(found)
}

/// Channels by id.
///
/// # Errors
/// When the database fails.
pub async fn of_ids(
    db: &impl ConnectionTrait,
    ids: &[ChannelId],
) -> Result<HashMap<ChannelId, Channel>, Fault> {
    let mut found = HashMap::with_capacity(ids.len());
    for some in ids.chunks(many::AT_ONCE) {
        let rows = Entity::find()
            .filter(COLUMN.id.is_in(some.iter().copied()))
            .all(db)
            .await?;
        let channels = with_people(db, rows).await?;
        found.extend(channels.into_iter().map(|channel| (channel.id, channel)));
    }
    Ok(found)
}
