//! Channels unit by unit: forms list them in the order of the institution's tree.

use super::{COLUMN, Column, Query, entity::Model, list::filtered};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, entity::prelude::*};
use std::collections::HashMap;
use zhendi_kernel::{ChannelId, Fault, ScopeFilter, UnitId};

/// How many channels of each unit a query finds; units without any are not named.
///
/// # Errors
/// When the database fails.
pub async fn counts_of_units(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
) -> Result<HashMap<UnitId, i64>, Fault> {
    let rows: Vec<(UnitId, i64)> = filtered(scope, query)
        .select_only()
        .column(Column::UnitId)
        .column_as(Column::Id.count(), "channels")
        .group_by(Column::UnitId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The next `limit` whole rows of some units, in order of id, after the one given.
///
/// # Errors
/// When the database fails.
pub async fn page_of_units(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    query: &Query,
    units: &[UnitId],
    after: ChannelId,
    limit: u64,
) -> Result<Vec<Model>, Fault> {
    Ok(filtered(scope, query)
        .filter(COLUMN.unit_id.is_in(units.iter().copied()))
        .filter(COLUMN.id.gt(after))
        .order_by_asc(COLUMN.id)
        .limit(limit)
        .all(db)
        .await?)
}
