use super::{Db, Tx, WriteVia};
use futures::future::join_all;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use std::{
    collections::BTreeSet,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

const TABLES: &str = "CREATE TABLE thing (id integer PRIMARY KEY, body blob);
    CREATE TABLE part (id integer PRIMARY KEY, thing_id integer NOT NULL
        REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED)";

struct Place {
    db: Db,
    _folder: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = Db::sqlite_url(folder.path());
        let db = Db::connect(&url).await.expect("a database");
        db.writer()
            .execute_unprepared(TABLES)
            .await
            .expect("tables");
        Self {
            db,
            _folder: folder,
        }
    }

    async fn things(&self) -> BTreeSet<i64> {
        let sql = "SELECT id FROM thing";
        let rows = self.db.read().query_all_raw(statement(sql)).await;
        rows.expect("rows").iter().map(number).collect()
    }

    /// How many times the disk was waited for.
    async fn batches(&self) -> u64 {
        let WriteVia::Sqlite(lane) = &self.db.write.0 else {
            unreachable!("this is SQLite");
        };
        lane.batches().await
    }
}

fn statement(sql: impl Into<String>) -> sea_orm::Statement {
    sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, sql)
}

fn number(row: &QueryResult) -> i64 {
    row.try_get_by_index(0).expect("a number")
}

async fn put(tx: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    let sql = format!("INSERT INTO thing (id) VALUES ({id})");
    tx.execute_raw(statement(sql)).await.map(drop)
}

/// Goes away after so many steps.
struct Impatient<F> {
    of: Pin<Box<F>>,
    steps: usize,
}

impl<F: Future> Future for Impatient<F> {
    type Output = Option<F::Output>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.steps == 0 {
            return Poll::Ready(None);
        }
        self.steps -= 1;
        self.of.as_mut().poll(cx).map(Some)
    }
}

fn impatient<F: Future>(of: F, steps: usize) -> Impatient<F> {
    let of = Box::pin(of);
    Impatient { of, steps }
}

/// What someone was told of their transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Done(i64),
    NotDone(i64),
    /// They went away before they were told.
    Nothing(i64),
}

/// One transaction, ending in one of the ways in which they end.
async fn one(db: &Db, id: i64, steps: usize) -> Told {
    let work = async {
        let tx = db.begin().await.expect("a turn");
        match id % 2 {
            0 => put(&tx, id).await.expect("a row"),
            _ => put(&tx.later(), id).await.expect("a row later"),
        }
        match id % 7 {
            // Refused: dropped on the way out.
            1 => return Told::NotDone(id),
            2 => {
                tx.rollback().await.expect("rolled back");
                return Told::NotDone(id);
            }
            // The same key again: only the statement fails, and the handler gives up.
            3 => {
                put(&tx, id).await.expect_err("the key is taken");
                return Told::NotDone(id);
            }
            _ => {}
        }
        tokio::task::yield_now().await;
        tx.commit().await.expect("committed");
        Told::Done(id)
    };
    impatient(work, steps).await.unwrap_or(Told::Nothing(id))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_told_is_there_and_what_was_refused_is_not() {
    let place = Place::new().await;
    let (people, times) = (24, 40);
    let person = |person: i64| {
        let db = place.db.clone();
        tokio::spawn(async move {
            let mut told = vec![];
            for time in 0..times {
                let id = person * times + time;
                // A third of them leave after one, two, three … steps.
                let steps = if id % 3 == 0 {
                    id as usize % 23
                } else {
                    10_000
                };
                let what = one(&db, id, steps).await;
                if let Told::Done(id) = what {
                    let sql = format!("SELECT count(*) FROM thing WHERE id = {id}");
                    let row = db.read().query_one_raw(statement(sql)).await;
                    let row = row.expect("read").expect("a row");
                    assert_eq!(number(&row), 1, "{id} is seen once it is told");
                }
                told.push(what);
            }
            told
        })
    };
    let told: Vec<Told> = join_all((0..people).map(person))
        .await
        .into_iter()
        .flat_map(|told| told.expect("nobody panics"))
        .collect();
    // Whoever left during their commit may still be under way; a turn after them is behind them.
    let last = place.db.begin().await.expect("a turn");
    last.commit().await.expect("committed");
    let there = place.things().await;
    let mut done = 0;
    for what in &told {
        match what {
            Told::Done(id) => {
                done += 1;
                assert!(there.contains(id), "{id} was told and is lost");
            }
            Told::NotDone(id) => assert!(!there.contains(id), "{id} is a phantom"),
            Told::Nothing(_) => {}
        }
    }
    let left = told.iter().filter(|told| matches!(told, Told::Nothing(_)));
    assert!(left.count() > 20, "some went away");
    assert!(done > 300, "most stayed");
    let batches = place.batches().await;
    assert!(
        batches < done,
        "commits are shared: {batches} for {done} transactions"
    );
}

#[tokio::test]
async fn a_transaction_dropped_at_any_point_leaves_nothing_dirty() {
    let place = Place::new().await;
    let mut told = 0;
    for steps in 0..60 {
        // Beside one that commits, so that it is sometimes a savepoint of the other's batch.
        let (mine, other) = (steps as i64 * 14 + 4, steps as i64 * 14 + 5);
        let (one, two) = tokio::join!(
            one(&place.db, other, usize::MAX),
            one(&place.db, mine, steps)
        );
        assert_eq!(one, Told::Done(other), "{steps} steps");
        told += usize::from(two == Told::Done(mine));
        let there = place.things().await;
        assert!(there.contains(&other), "{steps} steps");
        assert!(two != Told::Done(mine) || there.contains(&mine));
    }
    assert!(told > 0 && told < 60, "{told} of 60 got through");
}

/// Three that share a batch; the second does something to it.
async fn three(place: &Place, second: impl AsyncFnOnce(Tx) -> Result<(), DbErr>) -> [bool; 3] {
    let first = place.db.begin().await.expect("the first turn");
    put(&first, 1).await.expect("a row");
    let others = async {
        let two = async {
            let tx = place.db.begin().await.expect("the second turn");
            second(tx).await
        };
        let three = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let tx = place
                .db
                .begin()
                .await
                .map_err(|_| DbErr::Custom("no turn".into()))?;
            put(&tx, 3).await?;
            tx.commit().await
        };
        tokio::join!(two, three)
    };
    let mut others = pin!(others);
    assert!(futures::poll!(&mut others).is_pending(), "the others wait");
    let (one, (two, three)) = tokio::join!(first.commit(), others);
    [one.is_ok(), two.is_ok(), three.is_ok()]
}

#[tokio::test]
async fn a_commit_that_fails_fails_for_all_who_share_it() {
    let place = Place::new().await;
    let told = three(&place, async |tx| {
        // A part of nothing: SQLite finds it at the commit.
        tx.execute_unprepared("INSERT INTO part (id, thing_id) VALUES (1, 99)")
            .await?;
        put(&tx, 2).await?;
        tx.commit().await
    })
    .await;
    assert_eq!(told[..2], [false, false]);
    let there = place.things().await;
    assert_eq!(there.contains(&3), told[2]);
    assert!(!there.contains(&1) && !there.contains(&2), "{there:?}");
    // And the next one works.
    let tx = place.db.begin().await.expect("a turn");
    put(&tx, 4).await.expect("a row");
    tx.commit().await.expect("committed");
    assert!(place.things().await.contains(&4));
}

#[tokio::test]
async fn a_full_disk_in_one_loses_nothing_that_was_told() {
    let place = Place::new().await;
    let told = three(&place, async |tx| {
        let pages = tx.query_one_raw(statement("PRAGMA page_count")).await?;
        let most = number(&pages.expect("a row")) + 1;
        tx.execute_unprepared(&format!("PRAGMA max_page_count = {most}"))
            .await?;
        let fill = "INSERT INTO thing (id, body) VALUES (2, zeroblob(1000000))";
        tx.execute_raw(statement(fill))
            .await
            .expect_err("the disk is full");
        // One that does not look at the error cannot go on either.
        put(&tx, 22).await.expect_err("it is spoilt");
        tx.commit().await
    })
    .await;
    assert!(!told[1]);
    let there = place.things().await;
    assert_eq!([there.contains(&1), there.contains(&3)], [told[0], told[2]]);
    assert!(!there.contains(&2) && !there.contains(&22));
    let wide = "PRAGMA max_page_count = 1000000";
    place
        .db
        .writer()
        .execute_unprepared(wide)
        .await
        .expect("space again");
    let tx = place.db.begin().await.expect("a turn");
    put(&tx, 5).await.expect("a row");
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn a_panic_takes_back_its_own_transaction_only() {
    let place = Place::new().await;
    let db = place.db.clone();
    let died = tokio::spawn(async move {
        let tx = db.begin().await.expect("a turn");
        put(&tx, 1).await.expect("a row");
        panic!("on purpose");
    });
    died.await.expect_err("it panicked");
    let tx = place.db.begin().await.expect("a turn");
    put(&tx, 2).await.expect("a row");
    tx.commit().await.expect("committed");
    assert_eq!(place.things().await, [2].into());
}

#[tokio::test]
async fn nobody_waits_for_a_long_one() {
    let place = Place::new().await;
    let first = place.db.begin().await.expect("a turn");
    put(&first, 1).await.expect("a row");
    let mut long = pin!(place.db.begin_long());
    assert!(futures::poll!(&mut long).is_pending());
    first
        .commit()
        .await
        .expect("committed while the long one waits");
    assert_eq!(place.things().await, [1].into());
    let long = long.await.expect("its turn");
    put(&long, 2).await.expect("a row");
    long.commit().await.expect("committed");
    assert_eq!(place.batches().await, 2);
}

#[tokio::test]
async fn a_snapshot_sees_one_moment_and_cannot_write() {
    let place = Place::new().await;
    let old = place.db.snapshot().await.expect("a snapshot");
    let count = async |tx: &Tx| {
        let row = tx.query_one_raw(statement("SELECT count(*) FROM thing"));
        number(&row.await.expect("read").expect("a row"))
    };
    assert_eq!(count(&old).await, 0);
    let tx = place.db.begin().await.expect("a turn");
    put(&tx, 1).await.expect("a row");
    assert_eq!(count(&tx).await, 1);
    tx.commit().await.expect("committed");
    assert_eq!(count(&old).await, 0);
    put(&old, 2).await.expect_err("it only reads");
    drop(old);
    let new = place.db.snapshot().await.expect("a snapshot");
    assert_eq!(count(&new).await, 1);
}

fn with(sql: &str, values: [i64; 2]) -> sea_orm::Statement {
    let values = values.map(sea_orm::Value::from);
    sea_orm::Statement::from_sql_and_values(sea_orm::DbBackend::Sqlite, sql, values)
}

#[tokio::test]
async fn writes_for_later_run_in_their_order_before_whatever_is_asked_next() {
    let place = Place::new().await;
    let tx = place.db.begin().await.expect("a turn");
    let write = async |sql: &str, values| {
        let said = tx.later().execute_raw(with(sql, values)).await;
        said.expect("kept for later");
    };
    let bodies = async |sql: &str, values| -> Vec<i64> {
        let rows = tx.query_all_raw(with(sql, values)).await.expect("rows");
        rows.iter().map(number).collect()
    };
    let insert = "INSERT INTO thing (id, body) VALUES (?, ?)";
    let update = "UPDATE thing SET body = body * 10 + ? WHERE id = ?";
    let select = "SELECT body FROM thing WHERE id IN (?, ?) ORDER BY id";
    write(insert, [1, 5]).await;
    write(update, [7, 1]).await;
    write(insert, [2, 6]).await;
    assert_eq!(bodies(select, [1, 2]).await, [57, 6]);

    // The number of rows is that of the statement that was asked, not of those before it.
    write(insert, [3, 8]).await;
    write(insert, [4, 9]).await;
    let both = "UPDATE thing SET body = 0 WHERE id IN (?, ?)";
    let done = tx.execute_raw(with(both, [3, 1])).await.expect("updated");
    assert_eq!(done.rows_affected(), 2);
    assert_eq!(bodies(select, [3, 4]).await, [0, 9]);

    // Parameters with numbers of their own are not mixed up with those of others.
    write(update, [3, 4]).await;
    let numbered = "SELECT body FROM thing WHERE id = ?2 AND body > ?1";
    assert_eq!(bodies(numbered, [1, 4]).await, [93]);
    write(update, [2, 4]).await;
    write(
        "UPDATE thing SET body = body * 10 + ?2 WHERE id = ?1",
        [4, 1],
    )
    .await;
    write(insert, [5, 4]).await;
    tx.commit().await.expect("committed");
    let row = "SELECT body FROM thing WHERE id = 4 AND 5 IN (SELECT id FROM thing)";
    let row = place.db.read().query_one_raw(statement(row)).await;
    assert_eq!(number(&row.expect("read").expect("a row")), 9321);
}

#[tokio::test]
async fn a_write_for_later_that_fails_takes_its_transaction_back_and_no_other() {
    let place = Place::new().await;
    // Found by the commit itself, and by a statement whose own success is not enough.
    for asks in [false, true] {
        let told = three(&place, async |tx| {
            put(&tx, 2).await?;
            put(&tx.later(), 2).await.expect("nobody knows yet");
            if asks {
                put(&tx, 22).await.expect_err("the one before it failed");
                put(&tx, 23).await.expect_err("it is spoilt");
            }
            tx.commit().await
        })
        .await;
        assert_eq!(told, [true, false, true], "asks: {asks}");
        assert_eq!(place.things().await, [1, 3].into(), "asks: {asks}");
        let tx = place.db.begin().await.expect("a turn");
        tx.execute_unprepared("DELETE FROM thing")
            .await
            .expect("empty");
        tx.commit().await.expect("committed");
    }
    let tx = place.db.begin().await.expect("a turn");
    put(&tx.later(), 4).await.expect("kept for later");
    tx.rollback().await.expect("rolled back");
    let tx = place.db.begin().await.expect("a turn");
    put(&tx.later(), 5).await.expect("kept for later");
    drop(tx);
    let tx = place.db.begin().await.expect("a turn");
    tx.commit().await.expect("committed");
    assert_eq!(place.things().await, [].into());
}
