//! Counting no further than somebody reads: the cost of a count does not grow with what there is.

use crate::Fault;
use sea_orm::{
    ConnectionTrait, QueryTrait, Select,
    entity::prelude::*,
    sea_query::{Expr, Query, SelectStatement},
};

/// How many rows a query has, at most `most`.
///
/// # Errors
/// When the database fails.
pub async fn rows<E: EntityTrait>(
    db: &impl ConnectionTrait,
    wanted: Select<E>,
    most: u64,
) -> Result<u64, Fault> {
    counted(db, &of(wanted.into_query(), most)).await
}

/// The count of what a query has, at most `most`, for a question that asks other things too. What it selects does
/// not matter.
pub fn of(mut wanted: SelectStatement, most: u64) -> SelectStatement {
    wanted.clear_selects().expr(Expr::value(1)).limit(most);
    Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from_subquery(wanted, "some")
        .to_owned()
}

/// Asks for such a count alone.
///
/// # Errors
/// When the database fails.
pub async fn counted(db: &impl ConnectionTrait, count: &SelectStatement) -> Result<u64, Fault> {
    let row = db.query_one(count).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(count as u64)
}
