//! Rows of `link`; the only file of the feature that knows SQL exists.

use super::Standing;
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use std::collections::HashMap;
use zhendi_kernel::{App, Fault, Tx, files::ContentHash};

/// An address's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link")]
pub struct Model {
    /// The SHA-256 of the address, which may be too long for a key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    #[sea_orm(column_type = "Text")]
    pub address: String,
    pub standing: String,
    /// The last answer's code.
    pub status: Option<i32>,
    /// How often it failed in a row, without saying that nothing is there.
    pub failures: i32,
    pub asked_at: Option<DateTimeUtc>,
    /// When it is to be asked next, if it is.
    pub due_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// What is known of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub standing: Standing,
    pub status: Option<i32>,
}

impl Model {
    fn known(&self) -> Known {
        Known {
            standing: Standing::parse(&self.standing).unwrap_or(Standing::Waiting),
            status: self.status,
        }
    }
}

fn key(address: &str) -> String {
    ContentHash::of(address.as_bytes()).to_string()
}

/// What is known of addresses; of which nothing was ever asked are left out.
///
/// # Errors
/// When the database fails.
pub async fn known(
    db: &impl ConnectionTrait,
    addresses: &[String],
) -> Result<HashMap<String, Known>, Fault> {
    if addresses.is_empty() {
        return Ok(HashMap::new());
    }
    let keys = addresses.iter().map(|one| key(one));
    let found = Entity::find()
        .filter(COLUMN.hash.is_in(keys))
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .map(|row| (row.address.clone(), row.known()))
        .collect())
}

/// Has addresses asked at once that were not asked since a moment; says how many are to be asked now.
///
/// # Errors
/// When the database fails.
pub async fn demand(
    tx: &Tx,
    addresses: &[String],
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<usize, Fault> {
    let keys: Vec<String> = addresses.iter().map(|one| key(one)).collect();
    let there = Entity::find()
        .filter(COLUMN.hash.is_in(keys.iter().map(String::as_str)))
        .all(tx)
        .await?;
    let old = there
        .iter()
        .filter(|row| row.due_at.is_none() && row.asked_at.is_none_or(|asked| asked < since));
    let old: Vec<&str> = old.map(|row| row.hash.as_str()).collect();
    let new: Vec<ActiveModel> = addresses
        .iter()
        .zip(&keys)
        .filter(|(_, key)| !there.iter().any(|row| row.hash == **key))
        .map(|(address, key)| ActiveModel {
            hash: Set(key.clone()),
            address: Set(address.clone()),
            standing: Set(Standing::Waiting.code().into()),
            status: Set(None),
            failures: Set(0),
            asked_at: Set(None),
            due_at: Set(Some(now)),
        })
        .collect();
    // Whoever took these died before they were asked.
    let left = there
        .iter()
        .filter(|row| row.due_at.is_some_and(|due| due <= now));
    let number = old.len() + new.len() + left.count();
    if !old.is_empty() {
        Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(Some(now)))
            .filter(COLUMN.hash.is_in(old))
            .exec(tx)
            .await?;
    }
    if !new.is_empty() {
        // Another text may bring the same address at this moment.
        Entity::insert_many(new)
            .on_conflict(OnConflict::column(Column::Hash).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(number)
}

/// Takes addresses whose time has come. Until the moment given nobody else takes them; a process that dies
/// leaves them to be taken again then.
///
/// # Errors
/// When the database fails.
pub async fn take(app: &App, number: u64, until: DateTime<Utc>) -> Result<Vec<Model>, Fault> {
    let tx = app.db.begin().await?;
    let taken = Entity::find()
        .filter(COLUMN.due_at.lte(app.now()))
        .order_by_asc(COLUMN.due_at)
        .order_by_asc(COLUMN.hash)
        .limit(number)
        .all(&tx)
        .await?;
    if !taken.is_empty() {
        Entity::update_many()
            .col_expr(Column::DueAt, Expr::value(Some(until)))
            .filter(COLUMN.hash.is_in(taken.iter().map(|row| row.hash.as_str())))
            .exec(&tx)
            .await?;
    }
    tx.commit().await?;
    Ok(taken)
}

/// Notes what became of asking.
///
/// # Errors
/// When the database fails.
pub async fn note(tx: &Tx, of: Model) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::Standing, Expr::value(of.standing))
        .col_expr(Column::Status, Expr::value(of.status))
        .col_expr(Column::Failures, Expr::value(of.failures))
        .col_expr(Column::AskedAt, Expr::value(of.asked_at))
        .col_expr(Column::DueAt, Expr::value(of.due_at))
        .filter(COLUMN.hash.eq(of.hash))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets addresses that no text under review has asked for since a moment.
///
/// # Errors
/// When the database fails.
pub async fn forget(app: &App, since: DateTime<Utc>) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    Entity::delete_many()
        .filter(COLUMN.asked_at.lt(since))
        .filter(COLUMN.due_at.is_null())
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
