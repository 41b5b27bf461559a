//! Rows of `session`: who is signed in, on which device. Only the digest of a token is kept.

use super::super::{rules::Standing, settings::AccountSettings};
use crate::role;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, FromQueryResult, QueryOrder, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query},
};
use sha2::{Digest, Sha256};
use zhendi_kernel::{Fault, PersonId, known};

/// A signed-in device.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub token_hash: String,
    pub person_id: PersonId,
    pub created_at: DateTimeUtc,
    pub last_seen_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub address: Option<String>,
    pub agent: String,
}
impl ActiveModelBehavior for ActiveModel {}

/// `last_seen_at` is written no more often than this: SQLite has one writer.
const SEEN_EVERY: TimeDelta = TimeDelta::seconds(60);

/// The digest by which a session or API token is found. The tokens are random: no salt is needed.
pub fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// Where a session comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub address: Option<String>,
    /// The browser's summary.
    pub agent: String,
}

/// Begins a session and ends the person's oldest ones beyond the limit.
///
/// # Errors
/// When the database fails.
pub async fn begin(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: PersonId,
    token: &str,
    origin: &Origin,
    settings: &AccountSettings,
) -> Result<(), Fault> {
    let keep = Ord::max(settings.sessions_per_person, 1) as usize - 1;
    let surplus: Vec<i64> = of_person(tx, person)
        .await?
        .into_iter()
        .skip(keep)
        .map(|session| session.id)
        .collect();
    Entity::delete_many()
        .filter(COLUMN.id.is_in(surplus))
        .exec(tx)
        .await?;
    Entity::insert(ActiveModel {
        token_hash: Set(digest(token)),
        person_id: Set(person),
        created_at: Set(now),
        last_seen_at: Set(now),
        expires_at: Set(now + settings.session_life()),
        address: Set(origin.address.clone()),
        agent: Set(origin.agent.clone()),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Who comes with a session's token, and what decides whether they may come in: all that a request needs
/// to know, by one query.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Comer {
    pub session: i64,
    pub last_seen_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub person: PersonId,
    pub name: String,
    pub left_at: Option<DateTimeUtc>,
    pub failures: i32,
    pub locked_until: Option<DateTimeUtc>,
    pub disabled_at: Option<DateTimeUtc>,
    pub code_until: Option<DateTimeUtc>,
    pub password_set_at: DateTimeUtc,
    pub demo: bool,
    /// Their roles, for [`role::in_order`].
    pub granted: Option<String>,
    /// Of what rarely changes ([`known`]).
    pub version: i64,
}

impl Comer {
    /// Whether the session still lives.
    pub fn lives(&self, now: DateTime<Utc>, settings: &AccountSettings) -> bool {
        self.expires_at > now && self.last_seen_at > now - settings.idle()
    }

    /// Whether it is time to write that the session is in use.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        now - self.last_seen_at >= SEEN_EVERY
    }

    /// What the rules look at.
    pub fn standing(&self) -> Standing {
        Standing {
            failures: self.failures.try_into().unwrap_or(0),
            locked_until: self.locked_until,
            disabled: self.disabled_at.is_some(),
            code_until: self.code_until,
            password_set_at: self.password_set_at,
            demo: self.demo,
        }
    }
}

/// Who comes with a token, live session or not.
///
/// # Errors
/// When the database fails.
pub async fn comer(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    token: &str,
) -> Result<Option<Comer>, Fault> {
    let granted = role::granted(db.get_database_backend(), now, Expr::col(("person", "id")));
    let of = |table: &'static str, column: &'static str| Expr::col((table, column));
    let mut select = Query::select();
    for column in ["last_seen_at", "expires_at"] {
        select.expr_as(of("session", column), column);
    }
    for column in [
        "failures",
        "locked_until",
        "disabled_at",
        "code_until",
        "password_set_at",
        "demo",
    ] {
        select.expr_as(of("account", column), column);
    }
    select
        .expr_as(of("session", "id"), "session")
        .expr_as(of("person", "id"), "person")
        .expr_as(of("person", "name"), "name")
        .expr_as(of("person", "left_at"), "left_at")
        .expr_as(
            Expr::SubQuery(None, Box::new(known::number().into())),
            "version",
        )
        .expr_as(Expr::SubQuery(None, Box::new(granted.into())), "granted")
        .from("session")
        .inner_join(
            "account",
            of("account", "person_id").equals(("session", "person_id")),
        )
        .inner_join(
            "person",
            of("person", "id").equals(("session", "person_id")),
        )
        .and_where(of("session", "token_hash").eq(digest(token)));
    let row = db.query_one(&select).await?;
    Ok(row
        .map(|row| Comer::from_query_result(&row, ""))
        .transpose()?)
}

/// Writes that the session is in use.
///
/// # Errors
/// When the database fails.
pub async fn touch(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    session: i64,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::LastSeenAt, Expr::value(now))
        .filter(COLUMN.id.eq(session))
        .exec(db)
        .await?;
    Ok(())
}

/// A person's sessions, the last used first.
///
/// # Errors
/// When the database fails.
pub async fn of_person(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .order_by_desc(COLUMN.last_seen_at)
        .order_by_desc(COLUMN.id)
        .all(db)
        .await?)
}

/// A person's live sessions, the last used first.
///
/// # Errors
/// When the database fails.
pub async fn live(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: PersonId,
    settings: &AccountSettings,
) -> Result<Vec<Model>, Fault> {
    let mut all = of_person(db, person).await?;
    all.retain(|s| s.expires_at > now && s.last_seen_at > now - settings.idle());
    Ok(all)
}

/// Ends the session of a token, if there is one.
///
/// # Errors
/// When the database fails.
pub async fn end_token(tx: &impl ConnectionTrait, token: &str) -> Result<(), Fault> {
    Entity::delete_many()
        .filter(COLUMN.token_hash.eq(digest(token)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends one session of a person. Says whether there was one.
///
/// # Errors
/// When the database fails.
pub async fn end_one(
    tx: &impl ConnectionTrait,
    person: PersonId,
    session: i64,
) -> Result<bool, Fault> {
    let done = Entity::delete_many()
        .filter(COLUMN.person_id.eq(person))
        .filter(COLUMN.id.eq(session))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends a person's sessions, but for one. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn end_all(
    tx: &impl ConnectionTrait,
    person: PersonId,
    but: Option<i64>,
) -> Result<u64, Fault> {
    let mut delete = Entity::delete_many().filter(COLUMN.person_id.eq(person));
    if let Some(but) = but {
        delete = delete.filter(COLUMN.id.ne(but));
    }
    Ok(delete.exec(tx).await?.rows_affected)
}

/// Deletes what has ended by itself. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn prune(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    settings: &AccountSettings,
) -> Result<u64, Fault> {
    let ended = sea_orm::Condition::any()
        .add(Column::ExpiresAt.lte(now))
        .add(Column::LastSeenAt.lte(now - settings.idle()));
    Ok(Entity::delete_many()
        .filter(ended)
        .exec(tx)
        .await?
        .rows_affected)
}
