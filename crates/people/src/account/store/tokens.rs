//! Rows of `api_token`: what programs of a person's sign in with. Only the digest is kept.

use super::sessions::digest;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryOrder, Set, entity::prelude::*, sea_query::Expr};
use zhendi_kernel::{Fault, PersonId, actor::TokenScope};

/// What a token may be used for, as the column has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Scope {
    #[sea_orm(string_value = "read")]
    Read,
    #[sea_orm(string_value = "write")]
    Write,
}

impl From<TokenScope> for Scope {
    fn from(scope: TokenScope) -> Self {
        match scope {
            TokenScope::Read => Self::Read,
            TokenScope::Write => Self::Write,
        }
    }
}

impl From<Scope> for TokenScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Write => Self::Write,
        }
    }
}

/// A token of a person's.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: PersonId,
    pub name: String,
    /// The token's beginning, by which its owner knows it again.
    pub prefix: String,
    pub token_hash: String,
    pub scope: Scope,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub last_used_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// What every token begins with, so that scanners for leaked secrets know it.
pub const MARK: &str = "zd_";

/// So much of a token is kept to be shown: the mark and eight characters of it.
const SHOWN: usize = MARK.len() + 8;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct New<'a> {
    pub person: PersonId,
    pub name: String,
    pub token: &'a str,
    pub scope: TokenScope,
    pub expires_at: DateTime<Utc>,
}

/// Makes a token.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    new: New<'_>,
) -> Result<i64, Fault> {
    let row = Entity::insert(ActiveModel {
        person_id: Set(new.person),
        name: Set(new.name),
        prefix: Set(new.token.chars().take(SHOWN).collect()),
        token_hash: Set(digest(new.token)),
        scope: Set(new.scope.into()),
        created_at: Set(now),
        expires_at: Set(new.expires_at),
        ..Default::default()
    })
    .exec(tx)
    .await?;
    Ok(row.last_insert_id)
}

/// A token that may still be used.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    token: &str,
) -> Result<Option<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.token_hash.eq(digest(token)))
        .filter(COLUMN.expires_at.gt(now))
        .one(db)
        .await?)
}

/// Whether it is time to write that the token is in use.
pub fn is_due(token: &Model, now: DateTime<Utc>) -> bool {
    token
        .last_used_at
        .is_none_or(|last| now - last >= TimeDelta::minutes(1))
}

/// Writes that the token is in use.
///
/// # Errors
/// When the database fails.
pub async fn touch(db: &impl ConnectionTrait, now: DateTime<Utc>, token: i64) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(COLUMN.id.eq(token))
        .exec(db)
        .await?;
    Ok(())
}

/// A person's tokens, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_person(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .order_by_desc(COLUMN.id)
        .all(db)
        .await?)
}

/// Revokes a token of a person. Says whether there was one.
///
/// # Errors
/// When the database fails.
pub async fn revoke(
    tx: &impl ConnectionTrait,
    person: PersonId,
    token: i64,
) -> Result<bool, Fault> {
    let done = Entity::delete_many()
        .filter(COLUMN.person_id.eq(person))
        .filter(COLUMN.id.eq(token))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Revokes all tokens of a person. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn revoke_all(tx: &impl ConnectionTrait, person: PersonId) -> Result<u64, Fault> {
    let done = Entity::delete_many()
        .filter(COLUMN.person_id.eq(person))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Deletes what ran out before a moment. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn prune(tx: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, Fault> {
    Ok(Entity::delete_many()
        .filter(COLUMN.expires_at.lt(before))
        .exec(tx)
        .await?
        .rows_affected)
}
