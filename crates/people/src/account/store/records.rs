//! Rows of `sign_in_record`: who signed in or tried to, when, from where. A login that does not exist
//! is not kept: people type passwords there by mistake.

use super::sessions::Origin;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, PaginatorTrait, QueryOrder, QuerySelect, Set, entity::prelude::*,
};
use zhendi_kernel::{Fault, PersonId};

/// How an attempt to sign in ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Ended {
    #[sea_orm(string_value = "accepted")]
    Accepted,
    /// The secret was wrong, or there is no such login.
    #[sea_orm(string_value = "wrong")]
    Wrong,
    #[sea_orm(string_value = "locked")]
    Locked,
    #[sea_orm(string_value = "disabled")]
    Disabled,
    #[sea_orm(string_value = "code_expired")]
    CodeExpired,
}

impl Ended {
    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Accepted => "登录成功",
            Self::Wrong => "密码错误",
            Self::Locked => "账号锁定，未受理",
            Self::Disabled => "账号停用，未受理",
            Self::CodeExpired => "一次性登录码过期",
        }
    }
}

/// One attempt.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_record")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: Option<PersonId>,
    pub outcome: Ended,
    pub address: Option<String>,
    pub agent: String,
    pub at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// Writes an attempt down.
///
/// # Errors
/// When the database fails.
pub async fn add(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: Option<PersonId>,
    outcome: Ended,
    origin: &Origin,
) -> Result<(), Fault> {
    Entity::insert(ActiveModel {
        person_id: Set(person),
        outcome: Set(outcome),
        address: Set(origin.address.clone()),
        agent: Set(origin.agent.clone()),
        at: Set(now),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// How many failed attempts came from an address since a moment.
///
/// # Errors
/// When the database fails.
pub async fn failures_from(
    db: &impl ConnectionTrait,
    address: &str,
    since: DateTime<Utc>,
) -> Result<u64, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.address.eq(address))
        .filter(COLUMN.at.gt(since))
        .filter(COLUMN.outcome.ne(Ended::Accepted))
        .count(db)
        .await?)
}

/// A person's last attempts, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn last(
    db: &impl ConnectionTrait,
    person: PersonId,
    number: u64,
) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .order_by_desc(COLUMN.at)
        .order_by_desc(COLUMN.id)
        .limit(number)
        .all(db)
        .await?)
}

/// Deletes what is older than a moment. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn prune(tx: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, Fault> {
    Ok(Entity::delete_many()
        .filter(COLUMN.at.lt(before))
        .exec(tx)
        .await?
        .rows_affected)
}
