//! Rows of `identity`: one for each key that a channel or a filing under way holds.

use super::Key;
use sea_orm::{ConnectionTrait, Set, entity::prelude::*, sea_query::OnConflict};
use std::collections::HashMap;
use zhendi_kernel::{ChannelId, Fault, FilingId, many};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub channel_id: Option<ChannelId>,
    pub filing_id: Option<FilingId>,
}
impl ActiveModelBehavior for ActiveModel {}

/// Who holds a key: a registered channel, or an opening filing for one that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Channel(ChannelId),
    Filing(FilingId),
}

/// The key is another's already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("这个账号或网址已经登记或正在备案，不能重复登记。")]
pub struct Taken {
    pub by: Owner,
}

impl From<Taken> for Fault {
    fn from(taken: Taken) -> Self {
        Self::Refused(taken.to_string())
    }
}

/// Who holds a key.
///
/// # Errors
/// When the database fails.
pub async fn owner_of(db: &impl ConnectionTrait, key: &Key) -> Result<Option<Owner>, Fault> {
    let row = Entity::find_by_id(key.as_str()).one(db).await?;
    row.as_ref().map(owner).transpose()
}

fn owner(row: &Model) -> Result<Owner, Fault> {
    match (row.channel_id, row.filing_id) {
        (Some(channel), _) => Ok(Owner::Channel(channel)),
        (None, Some(filing)) => Ok(Owner::Filing(filing)),
        (None, None) => Err(Fault::internal(format!(
            "identity {} has no owner",
            row.key
        ))),
    }
}

/// Who holds which of many keys; those that nobody holds are left out.
///
/// # Errors
/// When the database fails.
pub async fn owners_of(
    db: &impl ConnectionTrait,
    keys: &[&Key],
) -> Result<HashMap<String, Owner>, Fault> {
    let mut owners = HashMap::new();
    for some in keys.chunks(many::AT_ONCE) {
        let rows = Entity::find()
            .filter(COLUMN.key.is_in(some.iter().map(|key| key.as_str())))
            .all(db)
            .await?;
        for row in rows {
            let by = owner(&row)?;
            owners.insert(row.key, by);
        }
    }
    Ok(owners)
}

/// The channels that hold any of some keys in the order of the keys.
///
/// # Errors
/// When the database fails.
pub async fn channels_of(db: &impl ConnectionTrait, keys: &[Key]) -> Result<Vec<ChannelId>, Fault> {
    let mut rows = Entity::find()
        .filter(COLUMN.key.is_in(keys.iter().map(Key::as_str)))
        .filter(COLUMN.channel_id.is_not_null())
        .all(db)
        .await?;
    rows.sort_by_key(|row| keys.iter().position(|key| key.as_str() == row.key));
    Ok(rows.into_iter().filter_map(|row| row.channel_id).collect())
}

/// Takes keys for an owner, all or none: on `Taken` the caller rolls back or asks again with others.
/// Keys that the owner holds already are fine. A concurrent claim of the same key waits for this
/// transaction's end and then loses.
///
/// # Errors
/// When the database fails; the inner error when a key is another's.
pub async fn claim(
    tx: &impl ConnectionTrait,
    keys: &[Key],
    owner: Owner,
) -> Result<Result<(), Taken>, Fault> {
    // Always in one order, so that two claims of several keys cannot wait for each other.
    let mut keys: Vec<&Key> = keys.iter().collect();
    keys.sort();
    for key in &keys {
        if let Some(by) = owner_of(tx, key).await?
            && by != owner
        {
            return Ok(Err(Taken { by }));
        }
    }
    for key in keys {
        let (channel_id, filing_id) = match owner {
            Owner::Channel(id) => (Some(id), None),
            Owner::Filing(id) => (None, Some(id)),
        };
        let inserted = Entity::insert(ActiveModel {
            key: Set(key.as_str().into()),
            channel_id: Set(channel_id),
            filing_id: Set(filing_id),
        })
        .on_conflict(OnConflict::column(Column::Key).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
        if inserted == 0
            && let Some(by) = owner_of(tx, key).await?
            && by != owner
        {
            return Ok(Err(Taken { by }));
        }
    }
    Ok(Ok(()))
}

/// Takes keys for channels that are new, all or none.
///
/// # Errors
/// `Fault::Refused` when one of them is another's meanwhile; when the database fails.
pub async fn claim_new(
    tx: &impl ConnectionTrait,
    mut claims: Vec<(Key, ChannelId)>,
) -> Result<(), Fault> {
    claims.sort();
    for some in claims.chunks(many::AT_ONCE) {
        let rows = some.iter().map(|(key, channel)| ActiveModel {
            key: Set(key.as_str().into()),
            channel_id: Set(Some(*channel)),
            filing_id: Set(None),
        });
        let inserted = Entity::insert_many(rows)
            .on_conflict(OnConflict::column(Column::Key).do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
        if inserted < some.len() as u64 {
            return Err(Fault::Refused(TAKEN_MEANWHILE.into()));
        }
    }
    Ok(())
}

const TAKEN_MEANWHILE: &str =
    "其中一个账号或网址刚刚由别人登记或提交备案，没有写入任何内容。请再试一次。";

/// Gives up all keys of an owner: a filing withdrawn, a channel cancelled.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &impl ConnectionTrait, owner: Owner) -> Result<(), Fault> {
    Entity::delete_many()
        .filter(held_by(owner))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives up some keys of an owner. Those of records that were merged into it stay.
///
/// # Errors
/// When the database fails.
pub async fn give_up(tx: &impl ConnectionTrait, keys: &[Key], owner: Owner) -> Result<(), Fault> {
    Entity::delete_many()
        .filter(COLUMN.key.is_in(keys.iter().map(Key::as_str)))
        .filter(held_by(owner))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives the keys of a record to the one that it is merged into: who looks for either finds that one.
///
/// # Errors
/// When the database fails.
pub async fn move_to(
    tx: &impl ConnectionTrait,
    from: ChannelId,
    into: ChannelId,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::ChannelId, Expr::value(into.0))
        .filter(COLUMN.channel_id.eq(from))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives the keys of a filing that became effective to the channel it made.
///
/// # Errors
/// When the database fails.
pub async fn hand_over(
    tx: &impl ConnectionTrait,
    filing: FilingId,
    channel: ChannelId,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::ChannelId, Expr::value(channel.0))
        .col_expr(Column::FilingId, Expr::value(None::<i64>))
        .filter(COLUMN.filing_id.eq(filing))
        .exec(tx)
        .await?;
    Ok(())
}

fn held_by(owner: Owner) -> sea_orm::sea_query::SimpleExpr {
    match owner {
        Owner::Channel(id) => COLUMN.channel_id.eq(id),
        Owner::Filing(id) => COLUMN.filing_id.eq(id),
    }
}
