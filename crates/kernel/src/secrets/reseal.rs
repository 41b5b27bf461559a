//! Moving what older keys sealed over to the newest one, after a rotation.

use super::Sealed;
use crate::{App, Fault};
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Alias, Expr, LikeExpr, Order, Query},
};

/// A column that holds sealed texts. Each context lists its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedColumn {
    pub table: &'static str,
    /// The table's key, a whole number.
    pub key: &'static str,
    pub column: &'static str,
    /// What the texts were sealed for.
    pub purpose: &'static str,
}

/// Rows for which the writer is held at once.
const BATCH: u64 = 200;

/// Seals everything in these columns anew that is not sealed by the newest key; returns how many texts.
/// Texts that change meanwhile are left to whoever changes them. It may be stopped and begun again.
///
/// # Errors
/// When the database fails, or a text cannot be opened.
pub async fn reseal(app: &App, columns: &[SealedColumn]) -> Result<u64, Fault> {
    let mut done = 0;
    for column in columns {
        let mut after = i64::MIN;
        while let Some((last, moved)) = batch(app, column, after).await? {
            after = last;
            done += moved;
        }
    }
    Ok(done)
}

/// One batch after a key; the last key it saw, or none when nothing is left.
async fn batch(app: &App, column: &SealedColumn, after: i64) -> Result<Option<(i64, u64)>, Fault> {
    let SealedColumn {
        table,
        key,
        column: name,
        purpose,
    } = *column;
    let (table, key, name) = (Alias::new(table), Alias::new(key), Alias::new(name));
    let newest = LikeExpr::new(Sealed::prefix(&app.keys.newest()) + "%");
    let tx = app.db.begin().await?;
    let rows = tx
        .query_all(
            Query::select()
                .columns([key.clone(), name.clone()])
                .from(table.clone())
                .and_where(Expr::col(key.clone()).gt(after))
                .and_where(Expr::col(name.clone()).is_not_null())
                .and_where(Expr::col(name.clone()).not_like(newest))
                .order_by(key.clone(), Order::Asc)
                .limit(BATCH),
        )
        .await?;
    let (mut last, mut moved) = (None, 0);
    for row in rows {
        let id: i64 = row.try_get_by_index(0)?;
        let old = Sealed(row.try_get_by_index(1)?);
        let new = app
            .keys
            .seal(&app.entropy, purpose, &app.keys.open(purpose, &old)?);
        let update = tx
            .execute(
                Query::update()
                    .table(table.clone())
                    .value(name.clone(), new.0)
                    .and_where(Expr::col(key.clone()).eq(id))
                    .and_where(Expr::col(name.clone()).eq(old.0)),
            )
            .await?;
        moved += update.rows_affected();
        last = Some(id);
    }
    tx.commit().await?;
    Ok(last.map(|last| (last, moved)))
}
