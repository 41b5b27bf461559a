//! Rows of `connection`: how a channel reaches its platform, with what secret.

use super::{Failure, Way};
use crate::ids::ConnectionId;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, QueryOrder, Set, entity::prelude::*, sea_query::Expr};
use url::Url;
use zhendi_kernel::{
    App, ChannelId, Fault, PersonId, Tx,
    secrets::{Sealed, SealedColumn},
};

/// The purpose under which secrets are sealed.
const SECRET: &str = "connection.secret";
/// The purpose of the blind index of feeds' tokens.
const FEED: &str = "connection.feed";

/// For the rotation of keys.
pub(super) const SEALED: [SealedColumn; 1] = [SealedColumn {
    table: "connection",
    key: "id",
    column: "secret",
    purpose: SECRET,
}];

zhendi_kernel::named! {
    /// Whether a connection served when it was last used.
    Health {
        Untested = "untested", "尚未测试";
        Good = "good", "正常";
        Failing = "failing", "异常";
    }
}

/// A connection's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connection")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: ConnectionId,
    pub version: i32,
    #[sea_orm(unique)]
    pub channel_id: ChannelId,
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub address: String,
    #[sea_orm(column_type = "Text")]
    pub account: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub options: Json,
    #[sea_orm(column_type = "Text", nullable)]
    pub secret: Option<Sealed>,
    pub feed_key: Option<String>,
    pub expires_on: Option<Date>,
    pub health: String,
    #[sea_orm(column_type = "Text")]
    pub message: String,
    pub checked_at: Option<DateTimeUtc>,
    pub updated_by: PersonId,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// How a channel reaches its platform.
#[derive(Clone)]
pub struct Connection {
    pub id: ConnectionId,
    /// Counts the changes; a change names the one it saw.
    pub version: i32,
    pub channel: ChannelId,
    pub way: Way,
    pub address: String,
    /// User name or app id.
    pub account: String,
    secret: Option<String>,
    /// The last day of the secret, where it has one.
    pub expires_on: Option<NaiveDate>,
    pub health: Health,
    pub message: String,
    pub checked_at: Option<DateTimeUtc>,
}

impl Connection {
    /// The platform's address.
    pub(super) fn url(&self) -> Result<Url, Failure> {
        Url::parse(&self.address).map_err(|_| Failure::lasting("发布通道的地址不是完整的网址"))
    }

    /// What opens the door there.
    pub(super) fn secret(&self) -> Result<String, Failure> {
        self.secret
            .clone()
            .ok_or_else(|| Failure::lasting("发布通道还没有填写密钥"))
    }

    /// Whether a secret is kept.
    pub fn has_secret(&self) -> bool {
        self.secret.is_some()
    }
}

fn read(app: &App, row: Model) -> Result<Connection, Fault> {
    let odd = |what: &str| Fault::internal(format!("connection {}: {what}", row.id));
    Ok(Connection {
        way: Way::parse(&row.kind).ok_or_else(|| odd(&row.kind))?,
        health: Health::parse(&row.health).ok_or_else(|| odd(&row.health))?,
        secret: match &row.secret {
            Some(sealed) => Some(app.keys.open(SECRET, sealed)?),
            None => None,
        },
        id: row.id,
        version: row.version,
        channel: row.channel_id,
        address: row.address,
        account: row.account,
        expires_on: row.expires_on,
        message: row.message,
        checked_at: row.checked_at,
    })
}

/// A channel's connection; none where nothing was set up: what goes out goes by hand.
///
/// # Errors
/// When the database fails, or the secret cannot be opened.
pub async fn of_channel(
    db: &impl ConnectionTrait,
    app: &App,
    channel: ChannelId,
) -> Result<Option<Connection>, Fault> {
    let row = Entity::find()
        .filter(COLUMN.channel_id.eq(channel))
        .one(db)
        .await?;
    row.map(|row| read(app, row)).transpose()
}

/// How a channel's content gets out now.
///
/// # Errors
/// When the database fails.
pub async fn way_of(db: &impl ConnectionTrait, channel: ChannelId) -> Result<Way, Fault> {
    let row = Entity::find()
        .filter(COLUMN.channel_id.eq(channel))
        .one(db)
        .await?;
    Ok(row
        .and_then(|row| Way::parse(&row.kind))
        .unwrap_or(Way::Hand))
}

/// Every connection that the program itself uses, in order.
pub(super) async fn all(db: &impl ConnectionTrait, app: &App) -> Result<Vec<Connection>, Fault> {
    Entity::find()
        .filter(COLUMN.kind.ne(Way::Hand.code()))
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?
        .into_iter()
        .map(|row| read(app, row))
        .collect()
}

/// The channel whose feed has this token.
pub(super) async fn of_feed(
    db: &impl ConnectionTrait,
    app: &App,
    token: &str,
) -> Result<Option<ChannelId>, Fault> {
    let row = Entity::find()
        .filter(COLUMN.feed_key.eq(app.keys.blind(FEED, token)))
        .filter(COLUMN.kind.eq(Way::Feed.code()))
        .one(db)
        .await?;
    Ok(row.map(|row| row.channel_id))
}

/// What is to be kept of a connection.
#[derive(Clone)]
pub struct NewConnection {
    pub way: Way,
    pub address: String,
    pub account: String,
    /// A new secret; the one before stays where none is given.
    pub secret: Option<String>,
    pub expires_on: Option<NaiveDate>,
}

/// Keeps a channel's connection over the version that was seen (0 for none). Untested until it is used.
///
/// # Errors
/// `Fault::Stale` when someone else was first; when the database fails.
pub async fn save(
    tx: &Tx,
    app: &App,
    channel: ChannelId,
    seen: i32,
    new: NewConnection,
    by: PersonId,
) -> Result<ConnectionId, Fault> {
    let before = Entity::find()
        .filter(COLUMN.channel_id.eq(channel))
        .one(tx)
        .await?;
    if before.as_ref().map_or(0, |row| row.version) != seen {
        return Err(Fault::Stale);
    }
    let now = app.now();
    // A secret is for the address it was given for.
    let same = before.as_ref().is_some_and(|row| {
        row.kind == new.way.code() && row.address == new.address && row.account == new.account
    });
    let kept = before
        .as_ref()
        .and_then(|row| row.secret.clone())
        .filter(|_| same);
    let sealed = match (&new.way, &new.secret) {
        (Way::Hand, _) => None,
        (_, Some(secret)) => Some(app.keys.seal(&app.entropy, SECRET, secret)),
        (_, None) => kept,
    };
    let feed_key = match (new.way, &new.secret) {
        (Way::Feed, Some(token)) => Some(app.keys.blind(FEED, token)),
        (Way::Feed, None) => before.as_ref().and_then(|row| row.feed_key.clone()),
        _ => None,
    };
    let mut row = ActiveModel {
        id: sea_orm::NotSet,
        version: Set(seen + 1),
        channel_id: Set(channel),
        kind: Set(new.way.code().into()),
        address: Set(new.address),
        account: Set(new.account),
        options: Set(serde_json::json!({})),
        secret: Set(sealed),
        feed_key: Set(feed_key),
        expires_on: Set(new.expires_on),
        health: Set(Health::Untested.code().into()),
        message: Set(String::new()),
        checked_at: Set(None),
        updated_by: Set(by),
        created_at: Set(now),
        updated_at: Set(now),
    };
    match before {
        None => Ok(row.insert(tx).await?.id),
        Some(before) => {
            row.created_at = Set(before.created_at);
            let done = Entity::update_many()
                .set(row)
                .filter(COLUMN.id.eq(before.id))
                .filter(COLUMN.version.eq(seen))
                .exec(tx)
                .await?;
            if done.rows_affected == 1 {
                Ok(before.id)
            } else {
                Err(Fault::Stale)
            }
        }
    }
}

/// Notes whether a connection served.
pub(super) async fn note(
    tx: &Tx,
    id: ConnectionId,
    health: Health,
    message: &str,
    now: DateTimeUtc,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::Health, Expr::value(health.code()))
        .col_expr(Column::Message, Expr::value(message))
        .col_expr(Column::CheckedAt, Expr::value(now))
        .filter(COLUMN.id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
