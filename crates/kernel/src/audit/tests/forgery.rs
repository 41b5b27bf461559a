//! Somebody with the database in their hands changes one thing, anything: it is found and named.

use super::*;
use crate::audit::{
    record::Hash,
    store::{self, ActiveModel, COLUMN, Entity, Model},
    verify::BreakKind,
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

const RECORDS: i64 = 12;

#[derive(Clone, Debug)]
enum Forgery {
    /// Another value in one column of one record.
    Column(i64, usize),
    Delete(i64),
    Swap(i64, i64),
    SwapPayloads(i64, i64),
    /// Cuts off everything after a record.
    Cut(i64),
    /// The same, with the head made to fit.
    CutWithHead(i64),
    /// A copy of a record behind the last one.
    Insert(i64),
    /// One record with its hash computed anew.
    Rewrite(i64),
    /// The same with everything behind it and the head.
    RewriteAll(i64),
    /// A payload taken away without a word.
    EraseSilently(i64),
    HeadSeq(i64),
    HeadHash,
    NoHead,
    CheckpointSignature,
    CheckpointHash,
}
use Forgery::*;

fn forgery() -> impl Strategy<Value = Forgery> {
    let seq = || 1..=RECORDS;
    prop_oneof![
        10 => (seq(), 0..16usize).prop_map(|(seq, column)| Column(seq, column)),
        2 => seq().prop_map(Delete),
        2 => (seq(), 1..RECORDS).prop_map(|(a, step)| Swap(a, (a + step - 1) % RECORDS + 1)),
        1 => (seq(), 1..RECORDS).prop_map(|(a, step)| SwapPayloads(a, (a + step - 1) % RECORDS + 1)),
        1 => (0..RECORDS).prop_map(Cut),
        1 => (0..RECORDS).prop_map(CutWithHead),
        1 => seq().prop_map(Insert),
        2 => seq().prop_map(Rewrite),
        1 => seq().prop_map(RewriteAll),
        1 => seq().prop_map(EraseSilently),
        1 => (0..2 * RECORDS).prop_filter("changed", |seq| *seq != RECORDS).prop_map(HeadSeq),
        1 => Just(HeadHash),
        1 => Just(NoHead),
        1 => Just(CheckpointSignature),
        1 => Just(CheckpointHash),
    ]
}

fn changed_number(number: &mut Option<i64>) {
    *number = match *number {
        Some(0) => None,
        Some(number) => Some(number ^ 1),
        None => Some(0),
    };
}

fn changed(mut row: Model, column: usize) -> Model {
    let text = |text: &mut Option<String>| match text {
        Some(text) => text.push('x'),
        None => *text = Some(String::new()),
    };
    match column {
        0 => row.seq += 1_000,
        1 => row.at += 1,
        2 => changed_number(&mut row.actor_id),
        3 => changed_number(&mut row.on_behalf_of),
        4 => row.action.push('x'),
        5 => row.subject_kind.push('x'),
        6 => row.subject_id += 1,
        7 => changed_number(&mut row.unit_id),
        8 => row.summary.insert(0, '不'),
        9 => text(&mut row.actor_name),
        10 => row.address = None,
        11 => text(&mut row.detail),
        12 => row.salt = None,
        13 => row.digest[31] ^= 1,
        14 => row.prev[0] ^= 0x80,
        _ => row.hash[7] ^= 4,
    }
    row
}

fn rehashed(mut row: Model, prev: Option<&[u8]>) -> Model {
    if let Some(prev) = prev {
        row.prev = prev.to_vec();
    }
    let hash: Hash = Record {
        seq: row.seq,
        at: row.at,
        actor_id: row.actor_id,
        on_behalf_of: row.on_behalf_of,
        action: &row.action,
        subject_kind: &row.subject_kind,
        subject_id: row.subject_id,
        unit_id: row.unit_id,
        summary: &row.summary,
        digest: &row.digest,
        prev: &row.prev,
    }
    .hash();
    row.hash = hash.to_vec();
    row
}

/// What the table and the head then hold.
struct Forged {
    rows: Vec<Model>,
    head: Option<(i64, Vec<u8>)>,
    checkpoint: store::signed::Model,
}

fn forged(rows: &[Model], checkpoint: &store::signed::Model, what: &Forgery) -> Forged {
    let mut rows = rows.to_vec();
    let mut checkpoint = checkpoint.clone();
    let at = |seq: i64| usize::try_from(seq - 1).expect("an index");
    let mut head = Some((RECORDS, rows[at(RECORDS)].hash.clone()));
    match *what {
        Column(seq, column) => rows[at(seq)] = changed(rows[at(seq)].clone(), column),
        Delete(seq) => drop(rows.remove(at(seq))),
        Swap(a, b) => {
            (rows[at(a)].seq, rows[at(b)].seq) = (b, a);
        }
        SwapPayloads(a, b) => {
            let (one, other) = (rows[at(a)].clone(), rows[at(b)].clone());
            for (seq, from) in [(a, other), (b, one)] {
                let row = &mut rows[at(seq)];
                (row.actor_name, row.address, row.detail, row.salt) =
                    (from.actor_name, from.address, from.detail, from.salt);
            }
        }
        Cut(seq) => rows.truncate(at(seq + 1)),
        CutWithHead(seq) => {
            rows.truncate(at(seq + 1));
            let hash = rows.last().map_or(vec![0; 32], |row| row.hash.clone());
            head = Some((seq, hash));
        }
        Insert(seq) => {
            let mut copy = rows[at(seq)].clone();
            copy.seq = RECORDS + 1;
            let prev = rows[at(RECORDS)].hash.clone();
            rows.push(rehashed(copy, Some(&prev)));
        }
        Rewrite(seq) => rows[at(seq)] = rehashed(changed(rows[at(seq)].clone(), 8), None),
        RewriteAll(seq) => {
            let mut prev = None;
            for row in &mut rows[at(seq)..] {
                let base = if prev.is_none() {
                    changed(row.clone(), 8)
                } else {
                    row.clone()
                };
                *row = rehashed(base, prev.as_deref());
                prev = Some(row.hash.clone());
            }
            head = Some((RECORDS, rows[at(RECORDS)].hash.clone()));
        }
        EraseSilently(seq) => {
            let row = &mut rows[at(seq)];
            (row.actor_name, row.address, row.detail, row.salt) = (None, None, None, None);
        }
        HeadSeq(seq) => head = Some((seq, rows[at(RECORDS)].hash.clone())),
        HeadHash => head = Some((RECORDS, vec![1; 32])),
        NoHead => head = None,
        CheckpointSignature => checkpoint.signature[5] ^= 1,
        CheckpointHash => checkpoint.hash[5] ^= 1,
    }
    Forged {
        rows,
        head,
        checkpoint,
    }
}

async fn put(app: &TestApp, forged: Forged) {
    let tx = app.db.begin().await.expect("begin");
    Entity::delete_many().exec(&tx).await.expect("emptied");
    let rows = forged
        .rows
        .into_iter()
        .map(IntoActiveModel::into_active_model);
    let rows: Vec<ActiveModel> = rows.map(|row: ActiveModel| row.reset_all()).collect();
    if !rows.is_empty() {
        Entity::insert_many(rows)
            .exec_without_returning(&tx)
            .await
            .expect("filled");
    }
    tx.execute_unprepared("DELETE FROM audit_head")
        .await
        .expect("emptied");
    if let Some((seq, hash)) = forged.head {
        let statement = sea_orm::sea_query::Query::insert()
            .into_table("audit_head")
            .columns(["id", "seq", "hash"])
            .values_panic([1.into(), seq.into(), hash.into()])
            .to_owned();
        tx.execute(&statement).await.expect("a head");
    }
    store::signed::Entity::delete_many()
        .exec(&tx)
        .await
        .expect("emptied");
    let checkpoint: store::signed::ActiveModel = forged.checkpoint.into();
    store::signed::Entity::insert(checkpoint.reset_all())
        .exec_without_returning(&tx)
        .await
        .expect("a checkpoint");
    tx.commit().await.expect("commit");
}

/// What the verdict must say: the kinds that name it rightly, and the record.
fn expected(what: &Forgery) -> (Vec<BreakKind>, i64) {
    use BreakKind as K;
    match *what {
        // The last record is then not gone but beyond the head.
        Column(RECORDS, 0) => (vec![K::Inserted], RECORDS + 1_000),
        Column(seq, 0) => (vec![K::Missing], seq),
        Column(seq, 9..=12) | SwapPayloads(seq, _) if !matches!(what, SwapPayloads(..)) => {
            (vec![K::DigestMismatch], seq)
        }
        SwapPayloads(a, b) => (vec![K::DigestMismatch], a.min(b)),
        Column(seq, _) => (vec![K::Edited], seq),
        Delete(RECORDS) => (vec![K::Truncated], RECORDS),
        Delete(seq) => (vec![K::Missing], seq),
        Swap(a, b) => (vec![K::Reordered], a.min(b)),
        Cut(seq) | CutWithHead(seq) => (vec![K::Truncated], seq + 1),
        Insert(_) => (vec![K::Inserted], RECORDS + 1),
        // The checkpoint of the last record tells, or the next record's link.
        Rewrite(RECORDS) => (vec![K::Rewritten], RECORDS),
        Rewrite(seq) => (vec![K::Rewritten], seq + 1),
        RewriteAll(_) => (vec![K::Rewritten], RECORDS),
        EraseSilently(seq) => (vec![K::ErasedSilently], seq),
        HeadSeq(seq) if seq < RECORDS => (vec![K::Inserted], seq + 1),
        HeadSeq(_) => (vec![K::Truncated], RECORDS + 1),
        HeadHash => (vec![K::Head], RECORDS),
        NoHead => (vec![K::Head], RECORDS + 1),
        CheckpointSignature | CheckpointHash => (vec![K::BadSignature], RECORDS),
    }
}

async fn every_single_forgery_is_found_and_named(app: TestApp) {
    write(&app, RECORDS).await;
    checkpoint::make(&app)
        .await
        .expect("made")
        .expect("something to sign");
    let rows = Entity::find()
        .order_by_asc(COLUMN.seq)
        .all(app.db.read())
        .await
        .expect("rows");
    let checkpoint = store::latest(app.db.read())
        .await
        .expect("read")
        .expect("there");
    let mut runner = TestRunner::deterministic();
    for _ in 0..250 {
        let what = forgery()
            .new_tree(&mut runner)
            .expect("a forgery")
            .current();
        put(&app, forged(&rows, &checkpoint, &what)).await;
        let found = verdict(&app, &[]).await.first_break;
        let Some(found) = found else {
            panic!("{what:?} went unnoticed")
        };
        let (kinds, seq) = expected(&what);
        assert!(
            kinds.contains(&found.kind) && found.seq == seq,
            "{what:?} was taken for {found:?}"
        );
    }
    let untouched = Forged {
        head: Some((RECORDS, rows[rows.len() - 1].hash.clone())),
        rows,
        checkpoint,
    };
    put(&app, untouched).await;
    assert_eq!(
        verdict(&app, &[]).await.first_break,
        None,
        "as it was, it is whole again"
    );
}
on_both_databases!(
    every_single_forgery_is_found_and_named,
    crate::testing::Setup::default
);

async fn what_was_kept_elsewhere_convicts_who_rewrote_everything_here(app: TestApp) {
    write(&app, RECORDS).await;
    let kept = [checkpoint::make(&app)
        .await
        .expect("made")
        .expect("something to sign")];
    let clean = |sql: &'static str| {
        let app = &app;
        async move { app.db.writer().execute_unprepared(sql).await.expect(sql) }
    };
    clean("DELETE FROM audit_checkpoint").await;
    let rows = Entity::find()
        .order_by_asc(COLUMN.seq)
        .all(app.db.read())
        .await
        .expect("rows");
    for (what, kind, seq) in [
        (RewriteAll(4), BreakKind::Rewritten, RECORDS),
        (CutWithHead(5), BreakKind::Truncated, 6),
    ] {
        let mut forged = forged(
            &rows,
            &store::signed::Model {
                seq: 0,
                hash: vec![0; 32],
                at: 0,
                key_id: String::new(),
                signature: vec![0; 64],
            },
            &what,
        );
        forged.checkpoint.seq = -1;
        put(&app, forged).await;
        clean("DELETE FROM audit_checkpoint").await;
        assert_eq!(
            verdict(&app, &[]).await.first_break,
            None,
            "{what:?}: nothing here tells"
        );
        let found = verdict(&app, &kept)
            .await
            .first_break
            .expect("the checkpoint tells");
        assert_eq!((found.kind, found.seq), (kind, seq), "{what:?}");
        // A checkpoint of somebody else's making tells nothing but that.
        let mut false_one = kept[0].clone();
        false_one.seq = 3;
        let found = verdict(&app, &[false_one])
            .await
            .first_break
            .expect("not signed");
        assert_eq!((found.kind, found.seq), (BreakKind::BadSignature, 3));
    }
    let count = Entity::find()
        .filter(COLUMN.seq.gt(0))
        .all(app.db.read())
        .await
        .expect("rows")
        .len();
    assert_eq!(count, 5);
}
on_both_databases!(
    what_was_kept_elsewhere_convicts_who_rewrote_everything_here,
    crate::testing::Setup::default
);
