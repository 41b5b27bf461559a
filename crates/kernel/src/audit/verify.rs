//! Walking the chain from its beginning and naming the first thing that is not as it was written.

use super::{
    checkpoint::Checkpoint,
    record::{self, GENESIS, Hash, Record},
    sign::Signer,
    store,
};
use crate::{Db, Fault};
use sea_orm::{
    ConnectionTrait, DbErr, ExprTrait, QueryResult,
    sea_query::{Alias, Expr, Order, Query},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The action of a record that tells of a payload's erasure.
pub(super) const ERASED: &str = "audit.erased";

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Records that are as they were written, up to the first break.
    pub records: i64,
    /// Those among them whose payload was erased.
    pub erased: u64,
    /// Checkpoints that the records agree with, stored ones and those kept elsewhere.
    pub checkpoints: usize,
    /// The first break; none when the chain is whole.
    pub first_break: Option<Break>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    /// The number of the record where it shows.
    pub seq: i64,
    pub kind: BreakKind,
    /// What it means, for people.
    pub explanation: String,
}

/// What kind of break it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakKind {
    /// A fixed field was changed.
    Edited,
    /// Name, address or detail was changed or exchanged.
    DigestMismatch,
    /// The payload was deleted without a record of it.
    ErasedSilently,
    /// Records in the middle are gone.
    Missing,
    /// A record stands where another stood.
    Reordered,
    /// A record was added that the chain does not know.
    Inserted,
    /// A record was replaced with its hash computed anew.
    Rewritten,
    /// The end is cut off.
    Truncated,
    /// The head does not fit the last record.
    Head,
    /// A checkpoint is not signed by a known key.
    BadSignature,
}

impl BreakKind {
    /// For pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Edited => "内容被修改",
            Self::DigestMismatch => "附带信息被修改",
            Self::ErasedSilently => "附带信息被擅自删除",
            Self::Missing => "记录缺失",
            Self::Reordered => "顺序被调换",
            Self::Inserted => "多出记录",
            Self::Rewritten => "记录被替换",
            Self::Truncated => "末尾被截断",
            Self::Head => "链头不符",
            Self::BadSignature => "检查点签名无效",
        }
    }
}

/// Rows that are read at once.
const PAGE: u64 = 5_000;

/// Numbers that are tried to find where a misplaced record belongs.
const SEARCH: i64 = 5_000_000;

/// Walks the chain as it is at one moment, against its own head, the stored checkpoints and those that
/// were kept elsewhere.
///
/// # Errors
/// When the database fails. A forged chain is a verdict, not an error.
pub async fn walk(db: &Db, signer: &Signer, elsewhere: &[Checkpoint]) -> Result<Verdict, Fault> {
    let tx = db.snapshot().await?;
    let verdict = walk_at(&tx, signer, elsewhere).await?;
    tx.rollback().await?;
    Ok(verdict)
}

/// The same for a database that does not change while it is walked: a copy, or a transaction that sees one
/// moment.
///
/// # Errors
/// As [`walk`].
pub async fn walk_at(
    tx: &impl ConnectionTrait,
    signer: &Signer,
    elsewhere: &[Checkpoint],
) -> Result<Verdict, Fault> {
    let head = store::head(tx).await?;
    let stored = store::checkpoints(tx)
        .await?
        .into_iter()
        .map(Checkpoint::from);
    let mut checkpoints: Vec<Checkpoint> = stored.chain(elsewhere.iter().cloned()).collect();
    checkpoints.sort_by_key(|checkpoint| checkpoint.seq);
    let mut checker = Checker {
        head_seq: head.as_ref().map_or(i64::MAX, |head| head.seq),
        signed: checkpoints
            .iter()
            .map(|checkpoint| checkpoint.is_signed(signer))
            .collect(),
        checkpoints,
        verdict: Verdict {
            records: 0,
            erased: 0,
            checkpoints: 0,
            first_break: None,
        },
        last: GENESIS,
        unexplained: BTreeSet::new(),
        buffer: Vec::with_capacity(512),
    };
    let mut rows = read(tx, i64::MIN).await?;
    while let Some(last) = rows.last() {
        let last: i64 = last.try_get_by_index(0)?;
        // One page is hashed while the next is read.
        let hashing = tokio::task::spawn_blocking(move || {
            checker.page(&rows);
            checker
        });
        let (hashed, next) = tokio::join!(hashing, read(tx, last));
        checker = hashed.map_err(Fault::internal)?;
        if checker.verdict.first_break.is_some() {
            break;
        }
        rows = next?;
    }
    Ok(checker.end(head.as_ref()))
}

async fn read(db: &impl ConnectionTrait, after: i64) -> Result<Vec<QueryResult>, DbErr> {
    let select = Query::select()
        .columns(
            [
                "seq",
                "at",
                "actor_id",
                "on_behalf_of",
                "action",
                "subject_kind",
                "subject_id",
                "unit_id",
                "summary",
                "digest",
                "prev",
                "hash",
                "actor_name",
                "address",
                "detail",
                "salt",
            ]
            .map(Alias::new),
        )
        .from(Alias::new("audit"))
        .and_where(Expr::col(Alias::new("seq")).gt(after))
        .order_by(Alias::new("seq"), Order::Asc)
        .limit(PAGE)
        .to_owned();
    db.query_all(&select).await
}

struct Checker {
    head_seq: i64,
    /// By record number, with whether each is signed.
    checkpoints: Vec<Checkpoint>,
    signed: Vec<bool>,
    verdict: Verdict,
    /// The hash of the last sound record.
    last: Hash,
    /// Records without payload of whose erasure no record was met yet.
    unexplained: BTreeSet<i64>,
    buffer: Vec<u8>,
}

type Checked = Result<(), Break>;

fn broken<T>(seq: i64, kind: BreakKind, explanation: impl Into<String>) -> Result<T, Break> {
    Err(Break {
        seq,
        kind,
        explanation: explanation.into(),
    })
}

impl Checker {
    fn page(&mut self, rows: &[QueryResult]) {
        for row in rows {
            if let Err(found) = self.row(row) {
                self.verdict.first_break = Some(found);
                return;
            }
        }
    }

    fn row(&mut self, row: &QueryResult) -> Checked {
        let seq = self.verdict.records + 1;
        // A value that does not even fit its column's type was not written by the program.
        let unreadable = |error: DbErr| Break {
            seq,
            kind: BreakKind::Edited,
            explanation: format!("第 {seq} 条记录中有无法读取的内容，已被修改（{error}）。"),
        };
        let found: i64 = row.try_get_by_index(0).map_err(unreadable)?;
        self.number(seq, found)?;
        let (action, kind, summary): (String, String, String) = (
            row.try_get_by_index(4).map_err(unreadable)?,
            row.try_get_by_index(5).map_err(unreadable)?,
            row.try_get_by_index(8).map_err(unreadable)?,
        );
        let (digest, prev, hash): (Vec<u8>, Vec<u8>, Vec<u8>) = (
            row.try_get_by_index(9).map_err(unreadable)?,
            row.try_get_by_index(10).map_err(unreadable)?,
            row.try_get_by_index(11).map_err(unreadable)?,
        );
        let record = Record {
            seq,
            at: row.try_get_by_index(1).map_err(unreadable)?,
            actor_id: row.try_get_by_index(2).map_err(unreadable)?,
            on_behalf_of: row.try_get_by_index(3).map_err(unreadable)?,
            action: &action,
            subject_kind: &kind,
            subject_id: row.try_get_by_index(6).map_err(unreadable)?,
            unit_id: row.try_get_by_index(7).map_err(unreadable)?,
            summary: &summary,
            digest: &digest,
            prev: &prev,
        };
        let real = record.hash_with(&mut self.buffer);
        if real != *hash {
            return self.misfit(record, &hash);
        }
        let payload: (
            Option<String>,
            Option<String>,
            Option<String>,
            Option<Vec<u8>>,
        ) = (
            row.try_get_by_index(12).map_err(unreadable)?,
            row.try_get_by_index(13).map_err(unreadable)?,
            row.try_get_by_index(14).map_err(unreadable)?,
            row.try_get_by_index(15).map_err(unreadable)?,
        );
        let intact = match &payload {
            (Some(name), address, Some(detail), Some(salt)) => {
                record::digest(&mut self.buffer, salt, name, address.as_deref(), detail) == *digest
            }
            (None, None, None, None) => {
                self.verdict.erased += 1;
                self.unexplained.insert(seq)
            }
            _ => false,
        };
        if !intact {
            return broken(
                seq,
                BreakKind::DigestMismatch,
                format!(
                    "第 {seq} 条记录的操作人姓名、地址或详情与写入时不一致，已被修改、调换或部分删除。"
                ),
            );
        }
        if self.last != *prev {
            let before = seq - 1;
            return broken(
                seq,
                BreakKind::Rewritten,
                format!("第 {seq} 条记录与它前面的第 {before} 条衔接不上，其中一条被整条替换过。"),
            );
        }
        if action == ERASED && kind == "audit" {
            self.unexplained.remove(&record.subject_id);
        }
        self.last = real;
        self.verdict.records = seq;
        self.agreed(seq)
    }

    /// Numbers follow each other without gaps up to the head's.
    fn number(&self, expected: i64, found: i64) -> Checked {
        if found < expected {
            return broken(
                found,
                BreakKind::Inserted,
                format!("编号 {found} 的记录不属于这条链，是另外加进去的。"),
            );
        }
        if found > self.head_seq {
            return broken(
                found,
                BreakKind::Inserted,
                format!(
                    "链头记载共 {} 条，却存在第 {found} 条记录：它是另外加进去的，或链头被改过。",
                    self.head_seq
                ),
            );
        }
        if found > expected {
            let last = found - 1;
            let which = if last == expected {
                format!("第 {expected} 条记录")
            } else {
                format!("第 {expected} 至 {last} 条记录")
            };
            return broken(expected, BreakKind::Missing, format!("{which}已被删除。"));
        }
        Ok(())
    }

    /// A record that does not have its hash: edited, or one that belongs elsewhere.
    fn misfit(&mut self, record: Record<'_>, hash: &[u8]) -> Checked {
        let seq = record.seq;
        for other in 1..=Ord::min(self.head_seq, SEARCH) {
            if (Record {
                seq: other,
                ..record
            })
            .hash_with(&mut self.buffer)
                == *hash
            {
                return broken(
                    seq,
                    BreakKind::Reordered,
                    format!("第 {seq} 条位置上的记录原为第 {other} 条，顺序被调换。"),
                );
            }
        }
        broken(
            seq,
            BreakKind::Edited,
            format!("第 {seq} 条记录的内容与写入时的摘要不一致，已被修改。"),
        )
    }

    /// The checkpoints of a sound record say the same hash.
    fn agreed(&mut self, seq: i64) -> Checked {
        while let Some(checkpoint) = self.checkpoints.get(self.verdict.checkpoints) {
            if checkpoint.seq > seq {
                break;
            }
            if !self.signed[self.verdict.checkpoints] || checkpoint.seq < seq {
                return self.unsigned();
            }
            if checkpoint.hash != self.last {
                return broken(
                    seq,
                    BreakKind::Rewritten,
                    format!(
                        "第 {seq} 条记录与 {} 的检查点不一致：它或它之前的记录被整体改写过。",
                        crate::clock::show(&checkpoint.at)
                    ),
                );
            }
            self.verdict.checkpoints += 1;
        }
        Ok(())
    }

    /// The next checkpoint is nobody's.
    fn unsigned(&self) -> Checked {
        let checkpoint = &self.checkpoints[self.verdict.checkpoints];
        broken(
            checkpoint.seq,
            BreakKind::BadSignature,
            format!(
                "第 {} 条记录的检查点（密钥 {}）签名无效：检查点被改过，或不是由本系统签发。",
                checkpoint.seq, checkpoint.key
            ),
        )
    }

    fn end(mut self, head: Option<&store::Head>) -> Verdict {
        if self.verdict.first_break.is_none() {
            self.verdict.first_break = self.ending(head).err();
        }
        self.verdict
    }

    fn ending(&self, head: Option<&store::Head>) -> Checked {
        let last = self.verdict.records;
        let next = last + 1;
        if let Some(checkpoint) = self.checkpoints.get(self.verdict.checkpoints) {
            if !self.signed[self.verdict.checkpoints] {
                return self.unsigned();
            }
            return broken(
                next,
                BreakKind::Truncated,
                format!(
                    "{} 的检查点证明当时已有第 {} 条记录，现在只到第 {last} 条：末尾被截断。",
                    crate::clock::show(&checkpoint.at),
                    checkpoint.seq
                ),
            );
        }
        let Some(head) = head else {
            return broken(
                next,
                BreakKind::Head,
                "链头已被删除，无法确认末尾是否完整。",
            );
        };
        if head.seq > last {
            return broken(
                next,
                BreakKind::Truncated,
                format!(
                    "链头记载共 {} 条，现在只到第 {last} 条：末尾被截断。",
                    head.seq
                ),
            );
        }
        if head.hash != self.last {
            return broken(
                last,
                BreakKind::Head,
                format!(
                    "链头的摘要与最后一条（第 {last} 条）不一致：最后一条被替换过，或链头被改过。"
                ),
            );
        }
        match self.unexplained.first() {
            Some(seq) => broken(
                *seq,
                BreakKind::ErasedSilently,
                format!("第 {seq} 条记录的操作人姓名和详情被删除，却没有相应的删除记录。"),
            ),
            None => Ok(()),
        }
    }
}
