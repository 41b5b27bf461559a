//! How the chain stands, for those who keep the program going: no record's content.

use super::{checkpoint::Checkpoint, pages::VERIFIED, store};
use crate::Fault;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryOrder, entity::prelude::*};

/// The end of the chain, and when it was last signed and last verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainState {
    /// The last record's number; 0 for an empty chain.
    pub seq: i64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
    /// The latest checkpoint: its record and moment.
    pub checkpoint: Option<(i64, DateTime<Utc>)>,
    /// When somebody last had the chain verified on the page.
    pub verified: Option<DateTime<Utc>>,
}

/// Reads it.
///
/// # Errors
/// When the database fails.
pub async fn state(db: &impl ConnectionTrait) -> Result<ChainState, Fault> {
    let head = store::head(db).await?;
    let checkpoint = store::latest(db).await?.map(Checkpoint::from);
    let verified = store::Entity::find()
        .filter(store::COLUMN.action.eq(VERIFIED))
        .order_by_desc(store::COLUMN.seq)
        .one(db)
        .await?;
    Ok(ChainState {
        seq: head.as_ref().map_or(0, |head| head.seq),
        hash: head.map_or_else(String::new, |head| hex::encode(head.hash)),
        checkpoint: checkpoint.map(|checkpoint| (checkpoint.seq, checkpoint.at)),
        verified: verified.map(|row| store::moment(row.at)),
    })
}
