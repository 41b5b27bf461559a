//! The audit chain: who did what to what, each record holding the hash of the one before, written in
//! the transaction of the change it tells of (R-AUD-1).
//!
//! What is fixed for ever is hashed directly: number, moment, ids, action, subject, a summary without
//! personal data, the hash before. What may have to be deleted one day (the actor's name and network
//! address, the detail) is a *payload*: only a salted digest of it is in the chain, so [`erase`] can take
//! it away without breaking anything, and the digest that stays tells nothing about it. An erasure is
//! a record of its own; a payload that is gone without one is reported as a break.
//!
//! The chain alone shows edits, deletions and exchanges by someone who cannot recompute it. Against
//! someone who can, and against cutting off the end, stand signed checkpoints kept elsewhere.

pub mod checkpoint;
pub mod export;
mod list;
pub mod pages;
mod record;
mod sign;
mod state;
mod store;
pub mod verify;
mod words;

pub use checkpoint::{Checkpoint, jobs};
pub use list::Filter;
pub use pages::routes;
pub use sign::Signer;
pub use state::{ChainState, state};

use crate::{Actor, App, Fault, PersonId, Tx, UnitId};
use chrono::{DateTime, Utc};
use record::{Payload, Record};
use sea_orm::ConnectionTrait;

/// What a record is about: its kind (`"filing"`) and id.
pub type Subject = (&'static str, i64);

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What, as a stable word: `"filing.signed"`.
    pub action: &'static str,
    /// To what.
    pub subject: Subject,
    /// The unit that it belongs to.
    pub unit: Option<UnitId>,
    /// The person for whom the actor did it, by delegation.
    pub on_behalf_of: Option<PersonId>,
    /// One plain sentence without personal data: it can never be deleted.
    pub summary: String,
    /// Everything else worth keeping. May hold personal data.
    pub detail: serde_json::Value,
}

/// Adds a record to the chain. Call it last in the transaction: until that ends, nobody else can.
///
/// # Errors
/// When the database fails.
pub async fn append(tx: &Tx, app: &App, actor: &Actor, entry: Entry) -> Result<(), Fault> {
    append_numbered(tx, app, actor, entry).await?;
    Ok(())
}

/// As [`append`]; returns the record's number.
async fn append_numbered(tx: &Tx, app: &App, actor: &Actor, entry: Entry) -> Result<i64, Fault> {
    let head = store::advance(tx, 1).await?;
    let (row, hash) = row(app, actor, head.seq, &head.hash, entry);
    store::insert(tx, vec![row], hash).await?;
    Ok(head.seq)
}

/// Adds many records in the order given, as [`append`] would one by one, in few statements.
///
/// # Errors
/// When the database fails.
pub async fn append_all(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    entries: Vec<Entry>,
) -> Result<(), Fault> {
    if entries.is_empty() {
        return Ok(());
    }
    let count = entries.len() as i64;
    let head = store::advance(tx, count).await?;
    let (mut rows, mut last) = (Vec::with_capacity(entries.len()), head.hash);
    for (entry, seq) in entries.into_iter().zip(head.seq - count + 1..) {
        let (row, hash) = row(app, actor, seq, &last, entry);
        rows.push(row);
        last = hash.to_vec();
    }
    let last = last
        .try_into()
        .map_err(|_| Fault::internal("a hash has 32 bytes"))?;
    store::insert(tx, rows, last).await
}

/// A record as it is stored, and its hash.
fn row(
    app: &App,
    actor: &Actor,
    seq: i64,
    prev: &[u8],
    entry: Entry,
) -> (store::ActiveModel, record::Hash) {
    let payload = Payload {
        actor_name: actor.name().to_owned(),
        address: actor.address.map(|address| address.to_string()),
        detail: entry.detail.to_string(),
    };
    let salt: [u8; 16] = app.entropy.bytes();
    let record = Record {
        seq,
        at: app.now().timestamp_micros(),
        actor_id: actor.person().map(|id| id.0),
        on_behalf_of: entry.on_behalf_of.map(|id| id.0),
        action: entry.action,
        subject_kind: entry.subject.0,
        subject_id: entry.subject.1,
        unit_id: entry.unit.map(|id| id.0),
        summary: &entry.summary,
        digest: &payload.digest(&salt),
        prev,
    };
    let hash = record.hash();
    (store::row(&record, payload, salt, hash), hash)
}

/// Deletes the payload of a record for good (somebody's right to have personal data deleted), and
/// records that. What is fixed stays.
///
/// # Errors
/// `Fault::NotFound` when there is no such record; when the database fails.
pub async fn erase(tx: &Tx, app: &App, actor: &Actor, seq: i64, reason: &str) -> Result<(), Fault> {
    let unit = store::erase(tx, seq).await?;
    let entry = Entry {
        action: verify::ERASED,
        subject: ("audit", seq),
        unit,
        on_behalf_of: None,
        summary: format!("删除第 {seq} 条审计记录中的个人信息"),
        detail: serde_json::json!({ "reason": reason }),
    };
    append(tx, app, actor, entry).await
}

/// A line of a thing's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub action: String,
    /// None for the program, and for nobody's record any more after an erasure.
    pub actor_id: Option<PersonId>,
    pub actor: String,
    pub on_behalf_of: Option<PersonId>,
    pub summary: String,
}

/// Whether anything was ever recorded: whether somebody's data are in the database.
///
/// # Errors
/// When the database fails.
pub async fn has_records(db: &impl ConnectionTrait) -> Result<bool, Fault> {
    Ok(store::head(db).await?.is_none_or(|head| head.seq > 0))
}

/// No page shows more of a thing's history than this.
const HISTORY: u64 = 500;

/// What was done to a thing, oldest first; of a very long history the latest part.
///
/// # Errors
/// When the database fails.
pub async fn history(
    db: &impl ConnectionTrait,
    subject_kind: &str,
    subject_id: i64,
) -> Result<Vec<Line>, Fault> {
    let mut rows = store::of_subject(db, subject_kind, subject_id, HISTORY).await?;
    rows.reverse();
    Ok(rows.into_iter().map(Line::from).collect())
}

impl From<store::Model> for Line {
    fn from(row: store::Model) -> Self {
        Self {
            seq: row.seq,
            at: store::moment(row.at),
            action: row.action,
            actor_id: row.actor_id.map(PersonId),
            actor: row.actor_name.unwrap_or_else(|| ERASED_NAME.into()),
            on_behalf_of: row.on_behalf_of.map(PersonId),
            summary: row.summary,
        }
    }
}

/// Stands where a name was before its erasure.
const ERASED_NAME: &str = "（已删除）";

#[cfg(test)]
mod tests;
