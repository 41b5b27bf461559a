//! Inserting many rows in few statements.

use sea_orm::{ConnectionTrait, DbErr, IntoActiveModel, PrimaryKeyTrait, entity::prelude::*};

/// So many rows fit one statement on both databases, which limit its parameters.
pub const AT_ONCE: usize = 200;

/// Inserts rows whose keys are known, or do not matter.
///
/// # Errors
/// When the database fails.
pub async fn put<E>(tx: &impl ConnectionTrait, rows: Vec<E::ActiveModel>) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::ActiveModel: Send,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        E::insert_many(rows.by_ref().take(AT_ONCE))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Inserts rows whose key the database counts up, and gives the keys in the order of the rows.
///
/// # Errors
/// When the database fails.
pub async fn insert<E, K>(
    tx: &impl ConnectionTrait,
    rows: Vec<E::ActiveModel>,
) -> Result<Vec<K>, DbErr>
where
    E: EntityTrait,
    E::ActiveModel: Send,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::PrimaryKey: PrimaryKeyTrait<ValueType = K>,
    K: Ord + Send,
{
    let mut keys = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(AT_ONCE).collect();
        let mut made = E::insert_many(some).exec_with_returning_keys(tx).await?;
        // Numbers are given out in the order of the rows; it is only their return that has no order.
        made.sort_unstable();
        keys.append(&mut made);
    }
    Ok(keys)
}
