//! Rows of `audit`, `audit_head` and `audit_checkpoint`.

use super::{
    checkpoint::Checkpoint,
    record::{Hash, Payload, Record},
};
use crate::{Fault, Tx, UnitId, many};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, ExprTrait, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Alias, Expr, OnConflict, Query},
};

/// A record.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// Microseconds since 1970.
    pub at: i64,
    pub actor_id: Option<i64>,
    pub on_behalf_of: Option<i64>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: i64,
    pub unit_id: Option<i64>,
    pub summary: String,
    pub actor_name: Option<String>,
    pub address: Option<String>,
    pub detail: Option<String>,
    pub salt: Option<Vec<u8>>,
    pub digest: Vec<u8>,
    pub prev: Vec<u8>,
    pub hash: Vec<u8>,
}
impl ActiveModelBehavior for ActiveModel {}

/// Signed checkpoints.
pub mod signed {
    use sea_orm::entity::prelude::*;

    /// A checkpoint.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_checkpoint")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub hash: Vec<u8>,
        pub at: i64,
        pub key_id: String,
        pub signature: Vec<u8>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// The last record's number and hash.
pub(super) struct Head {
    pub seq: i64,
    pub hash: Vec<u8>,
}

/// The moment of a stored number of microseconds; one outside the calendar can only be a forgery and
/// is shown as 1970.
pub(super) fn moment(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// The head as it stands; none when someone deleted it.
pub(super) async fn head(db: &impl ConnectionTrait) -> Result<Option<Head>, Fault> {
    let select = Query::select()
        .columns(["seq", "hash"].map(Alias::new))
        .from(Alias::new("audit_head"))
        .and_where(Expr::col(Alias::new("id")).eq(1))
        .to_owned();
    match db.query_one(&select).await? {
        Some(row) => Ok(Some(Head {
            seq: row.try_get_by_index(0)?,
            hash: row.try_get_by_index(1)?,
        })),
        None => Ok(None),
    }
}

/// Takes the next `count` numbers; the last of them is returned, with the hash before the first. The row
/// stays locked until the transaction ends, which brings the appenders of all nodes into one order.
pub(super) async fn advance(tx: &Tx, count: i64) -> Result<Head, Fault> {
    let seq = Alias::new("seq");
    let update = Query::update()
        .table(Alias::new("audit_head"))
        .value(seq.clone(), Expr::col(seq.clone()).add(count))
        .and_where(Expr::col(Alias::new("id")).eq(1))
        .returning(Query::returning().columns([seq, Alias::new("hash")]))
        .to_owned();
    let row = tx.query_one(&update).await?.ok_or_else(|| {
        Fault::internal("the head of the audit chain is gone; run `zhendi verify-audit`")
    })?;
    Ok(Head {
        seq: row.try_get_by_index(0)?,
        hash: row.try_get_by_index(1)?,
    })
}

/// A record as a row.
pub(super) fn row(
    record: &Record<'_>,
    payload: Payload,
    salt: [u8; 16],
    hash: Hash,
) -> ActiveModel {
    ActiveModel {
        seq: Set(record.seq),
        at: Set(record.at),
        actor_id: Set(record.actor_id),
        on_behalf_of: Set(record.on_behalf_of),
        action: Set(record.action.into()),
        subject_kind: Set(record.subject_kind.into()),
        subject_id: Set(record.subject_id),
        unit_id: Set(record.unit_id),
        summary: Set(record.summary.into()),
        actor_name: Set(Some(payload.actor_name)),
        address: Set(payload.address),
        detail: Set(Some(payload.detail)),
        salt: Set(Some(salt.to_vec())),
        digest: Set(record.digest.to_vec()),
        prev: Set(record.prev.to_vec()),
        hash: Set(hash.to_vec()),
    }
}

/// Writes records, and the hash of the last into the head.
pub(super) async fn insert(tx: &Tx, rows: Vec<ActiveModel>, hash: Hash) -> Result<(), Fault> {
    let tx = tx.later();
    many::put::<Entity>(&tx, rows).await?;
    let update = Query::update()
        .table(Alias::new("audit_head"))
        .value(Alias::new("hash"), hash.to_vec())
        .and_where(Expr::col(Alias::new("id")).eq(1))
        .to_owned();
    tx.execute(&update).await?;
    Ok(())
}

/// Takes a record's payload away; returns its unit.
pub(super) async fn erase(tx: &Tx, seq: i64) -> Result<Option<UnitId>, Fault> {
    let record = find(tx, seq).await?.ok_or(Fault::NotFound)?;
    Entity::update_many()
        .set(ActiveModel {
            actor_name: Set(None),
            address: Set(None),
            detail: Set(None),
            salt: Set(None),
            ..Default::default()
        })
        .filter(COLUMN.seq.eq(seq))
        .exec(tx)
        .await?;
    Ok(record.unit_id.map(UnitId))
}

pub(super) async fn find(db: &impl ConnectionTrait, seq: i64) -> Result<Option<Model>, Fault> {
    Ok(Entity::find_by_id(seq).one(db).await?)
}

/// The latest records of a subject, newest first.
pub(super) async fn of_subject(
    db: &impl ConnectionTrait,
    kind: &str,
    id: i64,
    limit: u64,
) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.subject_kind.eq(kind))
        .filter(COLUMN.subject_id.eq(id))
        .order_by_desc(COLUMN.seq)
        .limit(limit)
        .all(db)
        .await?)
}

/// Keeps a checkpoint; false when there is one of this record already.
pub(super) async fn keep(tx: &Tx, checkpoint: &Checkpoint) -> Result<bool, Fault> {
    let row = signed::ActiveModel {
        seq: Set(checkpoint.seq),
        hash: Set(checkpoint.hash.to_vec()),
        at: Set(checkpoint.at.timestamp_micros()),
        key_id: Set(checkpoint.key.clone()),
        signature: Set(checkpoint.signature.clone()),
    };
    let rows = signed::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(rows == 1)
}

/// The checkpoint of a record.
pub(super) async fn kept(
    db: &impl ConnectionTrait,
    seq: i64,
) -> Result<Option<signed::Model>, Fault> {
    Ok(signed::Entity::find_by_id(seq).one(db).await?)
}

/// The latest checkpoint.
pub(super) async fn latest(db: &impl ConnectionTrait) -> Result<Option<signed::Model>, Fault> {
    Ok(signed::Entity::find()
        .order_by_desc(signed::COLUMN.seq)
        .one(db)
        .await?)
}

/// All checkpoints, by record.
pub(super) async fn checkpoints(db: &impl ConnectionTrait) -> Result<Vec<signed::Model>, Fault> {
    Ok(signed::Entity::find()
        .order_by_asc(signed::COLUMN.seq)
        .all(db)
        .await?)
}
