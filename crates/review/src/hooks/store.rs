//! Rows of `hook` and `hook_delivery`; the only file of the feature that knows SQL exists.

use super::{Event, State, What};
use crate::ids::{HookId, ManuscriptId};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, FromJsonQueryResult, PaginatorTrait, QueryOrder, QuerySelect, Set,
    entity::prelude::*, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{
    App, Fault, PersonId, Tx, UnitId, scope,
    secrets::{Sealed, SealedColumn},
};

/// The purpose under which secrets are sealed.
const SECRET: &str = "hook.secret";

/// For the rotation of keys.
pub const SEALED: &[SealedColumn] = &[SealedColumn {
    table: "hook",
    key: "id",
    column: "secret",
    purpose: SECRET,
}];

/// Codes of changes, as they are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Kinds(pub Vec<What>);

mod hook {
    use super::*;

    /// A subscription's row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "hook")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: HookId,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub url: String,
        pub unit_id: UnitId,
        #[sea_orm(column_type = "JsonBinary")]
        pub kinds: Kinds,
        #[sea_orm(column_type = "Text")]
        pub secret: Sealed,
        pub enabled: bool,
        pub made_by: Option<PersonId>,
        pub made_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

mod delivery {
    use super::*;

    /// A message's row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "hook_delivery")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub hook_id: HookId,
        pub kind: String,
        pub manuscript_id: Option<ManuscriptId>,
        #[sea_orm(column_type = "Text")]
        pub body: String,
        pub state: String,
        pub attempts: i32,
        pub status: Option<i32>,
        #[sea_orm(column_type = "Text")]
        pub error: String,
        pub made_at: DateTimeUtc,
        pub tried_at: Option<DateTimeUtc>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub use delivery::Model as Delivery;
pub use hook::Model as Hook;

impl Hook {
    /// The secret that signs.
    ///
    /// # Errors
    /// When the key does not fit.
    pub fn secret(&self, app: &App) -> Result<String, Fault> {
        app.keys.open(SECRET, &self.secret)
    }

    /// Whether it is told of such a change.
    pub fn wants(&self, what: What) -> bool {
        self.kinds.0.is_empty() || self.kinds.0.contains(&what)
    }
}

/// What a subscription says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub name: String,
    pub url: String,
    pub unit: UnitId,
    pub kinds: Vec<What>,
}

/// Keeps a new subscription.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    tx: &Tx,
    app: &App,
    said: Said,
    secret: &str,
    by: Option<PersonId>,
) -> Result<Hook, Fault> {
    Ok(hook::ActiveModel {
        name: Set(said.name),
        url: Set(said.url),
        unit_id: Set(said.unit),
        kinds: Set(Kinds(said.kinds)),
        secret: Set(app.keys.seal(&app.entropy, SECRET, secret)),
        enabled: Set(true),
        made_by: Set(by),
        made_at: Set(app.now()),
        ..Default::default()
    }
    .insert(tx)
    .await?)
}

/// Changes what a subscription says.
///
/// # Errors
/// When the database fails.
pub async fn change(tx: &Tx, id: HookId, said: Said) -> Result<(), Fault> {
    hook::Entity::update(hook::ActiveModel {
        id: Set(id),
        name: Set(said.name),
        url: Set(said.url),
        unit_id: Set(said.unit),
        kinds: Set(Kinds(said.kinds)),
        ..Default::default()
    })
    .exec(tx)
    .await?;
    Ok(())
}

/// Gives a subscription another secret.
///
/// # Errors
/// When the database fails.
pub async fn set_secret(tx: &Tx, app: &App, id: HookId, secret: &str) -> Result<(), Fault> {
    hook::Entity::update(hook::ActiveModel {
        id: Set(id),
        secret: Set(app.keys.seal(&app.entropy, SECRET, secret)),
        ..Default::default()
    })
    .exec(tx)
    .await?;
    Ok(())
}

/// Pauses a subscription or lets it go on.
///
/// # Errors
/// When the database fails.
pub async fn switch(tx: &Tx, id: HookId, enabled: bool) -> Result<(), Fault> {
    hook::Entity::update(hook::ActiveModel {
        id: Set(id),
        enabled: Set(enabled),
        ..Default::default()
    })
    .exec(tx)
    .await?;
    Ok(())
}

/// Takes a subscription away with its messages.
///
/// # Errors
/// When the database fails.
pub async fn remove(tx: &Tx, id: HookId) -> Result<(), Fault> {
    delivery::Entity::delete_many()
        .filter(delivery::COLUMN.hook_id.eq(id))
        .exec(tx)
        .await?;
    hook::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// All subscriptions by name.
///
/// # Errors
/// When the database fails.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Hook>, Fault> {
    Ok(hook::Entity::find()
        .order_by_asc(hook::COLUMN.name)
        .order_by_asc(hook::COLUMN.id)
        .all(db)
        .await?)
}

/// One subscription.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn find(db: &impl ConnectionTrait, id: HookId) -> Result<Hook, Fault> {
    hook::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Fault::NotFound)
}

/// The subscriptions that are told of a change.
///
/// # Errors
/// When the database fails.
pub async fn for_event(db: &impl ConnectionTrait, event: &Event) -> Result<Vec<Hook>, Fault> {
    let enabled = hook::Entity::find()
        .filter(hook::COLUMN.enabled.eq(true))
        .order_by_asc(hook::COLUMN.id)
        .all(db)
        .await?;
    let wanted: Vec<Hook> = enabled
        .into_iter()
        .filter(|hook| hook.wants(event.what))
        .collect();
    if wanted.is_empty() {
        return Ok(wanted);
    }
    let above = scope::place(db, event.unit).await?.units;
    Ok(wanted
        .into_iter()
        .filter(|hook| above.contains(&hook.unit_id))
        .collect())
}

/// Keeps a message that is to be delivered; returns its number.
///
/// # Errors
/// When the database fails.
pub async fn add(
    tx: &Tx,
    hook: HookId,
    kind: &str,
    manuscript: Option<ManuscriptId>,
    body: String,
    now: DateTime<Utc>,
) -> Result<i64, Fault> {
    let row = delivery::ActiveModel {
        hook_id: Set(hook),
        kind: Set(kind.into()),
        manuscript_id: Set(manuscript),
        body: Set(body),
        state: Set(State::Waiting.code().into()),
        attempts: Set(0),
        error: Set(String::new()),
        made_at: Set(now),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// A message with its subscription; none when either is gone.
///
/// # Errors
/// When the database fails.
pub async fn message(
    db: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<(Delivery, Hook)>, Fault> {
    let Some(delivery) = delivery::Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let hook = hook::Entity::find_by_id(delivery.hook_id).one(db).await?;
    Ok(hook.map(|hook| (delivery, hook)))
}

/// What came of trying to deliver a message.
#[derive(Clone, Debug)]
pub struct Tried {
    pub state: State,
    pub status: Option<i32>,
    pub error: String,
}

/// Notes what came of an attempt; false when another was faster.
///
/// # Errors
/// When the database fails.
pub async fn note(
    tx: &impl ConnectionTrait,
    message: &Delivery,
    tried: Tried,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let noted = delivery::Entity::update_many()
        .filter(delivery::COLUMN.id.eq(message.id))
        .filter(delivery::COLUMN.attempts.eq(message.attempts))
        .filter(delivery::COLUMN.state.eq(State::Waiting.code()))
        .col_expr(
            delivery::Column::Attempts,
            Expr::value(message.attempts + 1),
        )
        .col_expr(delivery::Column::State, Expr::value(tried.state.code()))
        .col_expr(delivery::Column::Status, Expr::value(tried.status))
        .col_expr(delivery::Column::Error, Expr::value(tried.error))
        .col_expr(delivery::Column::TriedAt, Expr::value(Some(now)))
        .exec(tx)
        .await?;
    Ok(noted.rows_affected == 1)
}

/// Sets a message that failed going again; false when it is no such one.
///
/// # Errors
/// When the database fails.
pub async fn again(tx: &Tx, hook: HookId, id: i64) -> Result<bool, Fault> {
    let set = delivery::Entity::update_many()
        .filter(delivery::COLUMN.id.eq(id))
        .filter(delivery::COLUMN.hook_id.eq(hook))
        .filter(delivery::COLUMN.state.ne(State::Waiting.code()))
        .col_expr(delivery::Column::Attempts, Expr::value(0))
        .col_expr(delivery::Column::State, Expr::value(State::Waiting.code()))
        .exec(tx)
        .await?;
    Ok(set.rows_affected == 1)
}

/// A page of messages.
#[derive(Clone, Debug)]
pub struct Listing {
    pub rows: Vec<Delivery>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

const PER_PAGE: u64 = 30;

/// The messages of a subscription, latest first.
///
/// # Errors
/// When the database fails.
pub async fn deliveries(
    db: &impl ConnectionTrait,
    hook: HookId,
    page: u64,
) -> Result<Listing, Fault> {
    let query = delivery::Entity::find().filter(delivery::COLUMN.hook_id.eq(hook));
    let total = query.clone().count(db).await?;
    let pages = total.div_ceil(PER_PAGE).max(1);
    let page = page.clamp(1, pages);
    let rows = query
        .order_by_desc(delivery::COLUMN.id)
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
        .all(db)
        .await?;
    Ok(Listing {
        rows,
        page,
        pages,
        total,
    })
}

/// The last message of a subscription that was tried.
///
/// # Errors
/// When the database fails.
pub async fn last(db: &impl ConnectionTrait, hook: HookId) -> Result<Option<Delivery>, Fault> {
    Ok(delivery::Entity::find()
        .filter(delivery::COLUMN.hook_id.eq(hook))
        .order_by_desc(delivery::COLUMN.id)
        .limit(1)
        .one(db)
        .await?)
}

/// Forgets messages that were made before a moment and wait no more.
///
/// # Errors
/// When the database fails.
pub async fn forget(app: &App, before: DateTime<Utc>) -> Result<(), Fault> {
    delivery::Entity::delete_many()
        .filter(delivery::COLUMN.made_at.lt(before))
        .filter(delivery::COLUMN.state.ne(State::Waiting.code()))
        .exec(app.db.writer())
        .await?;
    Ok(())
}
