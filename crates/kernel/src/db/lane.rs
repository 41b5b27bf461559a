//! SQLite's one writer. Transactions go through it one after the other, in the order in which they
//! came, and those that meet others waiting share one commit, since a commit is a wait for the disk.
//!
//! The first of a batch is an ordinary transaction. When it is to be committed and somebody waits, it
//! stays open and the next one works in a `SAVEPOINT` of it; whoever finds nobody waiting, or the batch
//! full or old, commits for all. `commit` of each returns only when that has succeeded; when it fails, it
//! fails for all of them, and nothing of any is there.
//!
//! Everything that could leave the connection in a state that is not known leads to its being thrown
//! away: SQLite takes back what was not committed when a connection closes. What is told to nobody as
//! done may be lost; what was told is on the disk.

use super::sqlite;
use sea_orm::{
    DbErr, ExecResult, QueryResult, Statement,
    sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions},
};
use std::{
    sync::{
        Arc, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Mutex, OwnedMutexGuard, watch},
    time::Instant,
};

/// The most transactions that share a commit.
const MOST: usize = 64;

/// How long a batch may stay open when more and more come.
const LONGEST: Duration = Duration::from_millis(10);

/// What became of a batch.
type Outcome = Result<(), DbErr>;

/// The one writer.
pub(super) struct Lane {
    seat: Arc<Mutex<Seat>>,
    /// Those who wait for their turn and would join a batch.
    waiting: AtomicUsize,
}

/// The connection and how far it is; who holds the lock has the turn.
struct Seat {
    options: SqliteConnectOptions,
    /// None when it was thrown away; the next one opens another.
    conn: Option<SqliteConnection>,
    batch: Option<Batch>,
    /// How many batches there were.
    batches: u64,
    /// The last turn did not end, or it is not known how.
    unfinished: bool,
    closed: bool,
}

/// Transactions that are done and wait for their common commit.
struct Batch {
    number: u64,
    since: Instant,
    /// How many are done. The next one is a savepoint if there are any.
    done: usize,
    outcome: watch::Sender<Option<Outcome>>,
}

impl Lane {
    pub async fn open(url: &str) -> Result<Self, DbErr> {
        let options = sqlite::for_writing(sqlite::options(url)?);
        let conn = options.connect().await.map_err(sqlite::unreachable)?;
        Ok(Self {
            seat: Arc::new(Mutex::new(Seat {
                options,
                conn: Some(conn),
                batch: None,
                batches: 0,
                unfinished: false,
                closed: false,
            })),
            waiting: AtomicUsize::new(0),
        })
    }

    /// Takes a turn, joining the open batch or, when `short` is false, ending it first.
    pub async fn begin(lane: &Arc<Self>, short: bool) -> Result<Turn, DbErr> {
        let mut seat = lane.take(short).await?;
        let lane = Arc::clone(lane);
        uninterrupted(async move {
            if !short {
                seat.settle().await;
            }
            seat.begin().await?;
            Ok(Turn {
                seat: Some(Mutex::new(seat)),
                lane,
                short,
                spoilt: OnceLock::new(),
                later: std::sync::Mutex::default(),
            })
        })
        .await
    }

    /// Runs statements outside any transaction, for those that SQLite does not allow in one.
    pub async fn alone(lane: &Arc<Self>, sql: &str) -> Result<ExecResult, DbErr> {
        let (mut seat, sql) = (lane.take(false).await?, sql.to_owned());
        uninterrupted(async move {
            seat.settle().await;
            let conn = seat.conn().await?;
            let done = sqlite::batch(conn, &sql).await;
            if done.as_ref().is_err_and(sqlite::is_grave) {
                seat.throw_away();
            }
            done
        })
        .await
    }

    async fn take(&self, joins: bool) -> Result<OwnedMutexGuard<Seat>, DbErr> {
        let seat = match Arc::clone(&self.seat).try_lock_owned() {
            Ok(seat) => seat,
            Err(_) => {
                let _waiting = joins.then(|| Waiting::new(&self.waiting));
                let turn = Arc::clone(&self.seat).lock_owned();
                tokio::time::timeout(sqlite::PATIENCE, turn)
                    .await
                    .map_err(|_| sqlite::too_busy())?
            }
        };
        if seat.closed {
            return Err(sqlite::closed());
        }
        Ok(seat)
    }

    #[cfg(test)]
    pub async fn batches(&self) -> u64 {
        self.seat.lock().await.batches
    }

    /// Closes the connection; a batch that is open is committed first.
    pub async fn close(&self) -> Result<(), DbErr> {
        let mut seat = Arc::clone(&self.seat).lock_owned().await;
        uninterrupted(async move {
            seat.settle().await;
            seat.closed = true;
            match seat.conn.take() {
                Some(conn) => conn.close().await.map_err(sqlite::unreachable),
                None => Ok(()),
            }
        })
        .await
    }
}

/// Works in a task of its own. A request that goes away would break it off half way, and nobody would
/// know how far the connection is.
async fn uninterrupted<T: Send + 'static>(
    work: impl Future<Output = Result<T, DbErr>> + Send + 'static,
) -> Result<T, DbErr> {
    tokio::spawn(work).await.map_err(|_| lost())?
}

/// Counts one who waits, for as long as they do.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Seat {
    async fn conn(&mut self) -> Result<&mut SqliteConnection, DbErr> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.options.connect().await.map_err(sqlite::unreachable)?,
        };
        Ok(self.conn.insert(conn))
    }

    /// Begins the next transaction.
    async fn begin(&mut self) -> Result<(), DbErr> {
        self.tidy().await;
        self.conn().await?;
        let Some(conn) = self.conn.as_mut() else {
            return Err(sqlite::closed());
        };
        self.unfinished = true;
        let begun = if self.batch.is_some() {
            sqlite::word(conn, "SAVEPOINT turn").await
        } else {
            self.batches += 1;
            self.batch = Some(Batch {
                number: self.batches,
                since: Instant::now(),
                done: 0,
                outcome: watch::Sender::new(None),
            });
            sqlite::word(conn, "BEGIN IMMEDIATE").await
        };
        if let Err(error) = &begun {
            self.fail(error);
        }
        begun
    }

    /// Takes back what the last turn left. Afterwards either nothing is open, or a batch with at least
    /// one transaction that is done.
    async fn tidy(&mut self) {
        if !self.unfinished {
            return;
        }
        let (Some(conn), Some(batch)) = (self.conn.as_mut(), &self.batch) else {
            self.throw_away();
            return;
        };
        let alone = batch.done == 0;
        let taken_back = if alone {
            sqlite::word(conn, "ROLLBACK").await
        } else {
            match sqlite::word(conn, "ROLLBACK TO turn").await {
                Ok(()) => sqlite::word(conn, "RELEASE turn").await,
                error => error,
            }
        };
        match taken_back {
            Ok(()) => {
                self.unfinished = false;
                if alone {
                    self.batch = None;
                }
            }
            // The savepoint is gone, so SQLite has taken back the whole batch, or may have.
            Err(error) => self.lose(&error),
        }
    }

    /// Ends a turn that is to be kept.
    async fn keep(&mut self) -> Result<(), DbErr> {
        let (Some(conn), Some(batch)) = (self.conn.as_mut(), self.batch.as_mut()) else {
            return Err(sqlite::closed());
        };
        if batch.done > 0 {
            // Its success proves that the transaction of the batch was alive all the time.
            let released = sqlite::word(conn, "RELEASE turn").await;
            if let Err(error) = released {
                self.lose(&error);
                return Err(lost());
            }
        }
        batch.done += 1;
        self.unfinished = false;
        Ok(())
    }

    /// Commits the batch and tells everybody in it.
    async fn settle(&mut self) {
        self.tidy().await;
        let (Some(conn), Some(batch)) = (self.conn.as_mut(), &self.batch) else {
            return;
        };
        self.unfinished = true;
        match sqlite::word(conn, "COMMIT").await {
            Ok(()) => {
                batch.outcome.send_replace(Some(Ok(())));
                self.batch = None;
                self.unfinished = false;
            }
            Err(error) => self.fail(&error),
        }
    }

    /// The batch is gone, for a reason that an earlier error told.
    fn lose(&mut self, error: &DbErr) {
        tracing::warn!(%error, "transactions were lost before their commit");
        self.fail(&lost());
    }

    /// Gives the batch and the connection up.
    fn fail(&mut self, error: &DbErr) {
        if let Some(batch) = &self.batch {
            batch.outcome.send_replace(Some(Err(error.clone())));
        }
        self.throw_away();
    }

    /// Whoever still waits for the batch's outcome sees that it is gone, which is a failure.
    fn throw_away(&mut self) {
        self.conn = None;
        self.batch = None;
        self.unfinished = false;
    }
}

/// A transaction's turn.
pub(super) struct Turn {
    /// None only while it is being ended.
    seat: Option<Mutex<OwnedMutexGuard<Seat>>>,
    lane: Arc<Lane>,
    /// Whether others may join.
    short: bool,
    /// What makes it impossible to keep: SQLite may have taken it back already.
    spoilt: OnceLock<DbErr>,
    /// Writes that run with the next statement, or before the commit.
    later: std::sync::Mutex<Vec<Statement>>,
}

impl Turn {
    async fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, DbErr>,
    ) -> Result<T, DbErr> {
        let mut seat = self.seat.as_ref().ok_or_else(sqlite::closed)?.lock().await;
        if let Some(error) = self.spoilt.get() {
            return Err(error.clone());
        }
        let conn = seat.conn.as_mut().ok_or_else(sqlite::closed)?;
        // One that is abandoned in the middle may have done half of its work, or met an error that
        // nobody heard of.
        let mut abandoned = Abandoned(Some(&self.spoilt));
        let done = work(conn).await;
        abandoned.0 = None;
        if let Err(error) = &done
            && sqlite::is_grave(error)
        {
            self.spoilt.get_or_init(|| error.clone());
        }
        done
    }

    /// Runs a statement behind those that wait for it. When that fails, the turn cannot be kept: nobody hears by
    /// itself what became of those.
    async fn run_joined<T>(
        &self,
        statement: Statement,
        work: impl AsyncFnOnce(&mut SqliteConnection, Statement) -> Result<T, DbErr>,
    ) -> Result<T, DbErr> {
        self.run(async |conn| {
            // Taken only now: a future dropped from here on spoils the turn.
            let mut waiting = self.take_waiting();
            if waiting.is_empty() {
                return work(conn, statement).await;
            }
            let done = if sqlite::is_joinable(&statement) {
                waiting.push(statement);
                work(conn, sqlite::joined(waiting)).await
            } else {
                match sqlite::execute(conn, sqlite::joined(waiting)).await {
                    Ok(_) => work(conn, statement).await,
                    Err(error) => Err(error),
                }
            };
            done.inspect_err(|error| self.spoil(error))
        })
        .await
    }

    /// Runs what waits.
    async fn run_waiting(&self) -> Result<(), DbErr> {
        self.run(async |conn| {
            let waiting = self.take_waiting();
            if waiting.is_empty() {
                return Ok(());
            }
            let done = sqlite::execute(conn, sqlite::joined(waiting)).await;
            done.map(drop).inspect_err(|error| self.spoil(error))
        })
        .await
    }

    fn spoil(&self, error: &DbErr) {
        self.spoilt.get_or_init(|| error.clone());
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Statement>> {
        self.later.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_waiting(&self) -> Vec<Statement> {
        std::mem::take(&mut self.waiting())
    }

    /// Keeps a write for the next statement, or runs it with those that wait if it cannot be joined to another.
    pub async fn later(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        if !sqlite::is_joinable(&statement) {
            return self.execute(statement).await;
        }
        self.waiting().push(statement);
        Ok(sqlite::untold())
    }

    pub async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.run_joined(statement, sqlite::execute).await
    }

    pub async fn batch(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.run_waiting().await?;
        self.run(async |conn| sqlite::batch(conn, sql).await).await
    }

    pub async fn one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.run_joined(statement, sqlite::one).await
    }

    pub async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.run_joined(statement, sqlite::all).await
    }

    pub async fn commit(mut self) -> Result<(), DbErr> {
        self.run_waiting().await?;
        let Some(seat) = self.seat.take() else {
            return Err(sqlite::closed());
        };
        let (seat, lane, short) = (seat.into_inner(), Arc::clone(&self.lane), self.short);
        uninterrupted(finish(lane, seat, short)).await
    }

    pub async fn rollback(mut self) -> Result<(), DbErr> {
        let Some(seat) = self.seat.take() else {
            return Ok(());
        };
        let mut seat = seat.into_inner();
        uninterrupted(async move {
            seat.tidy().await;
            Ok(())
        })
        .await
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(seat) = self.seat.take()
            && let Ok(runtime) = Handle::try_current()
        {
            let mut seat = seat.into_inner();
            runtime.spawn(async move { seat.tidy().await });
        }
        // Without a runtime the next turn tidies up.
    }
}

/// Spoils a turn when it is dropped before it was taken off.
struct Abandoned<'a>(Option<&'a OnceLock<DbErr>>);

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        if let Some(spoilt) = self.0 {
            spoilt.get_or_init(|| DbErr::Custom("a statement was abandoned half way".into()));
        }
    }
}

/// Ends a turn and sees to it that its batch is committed.
async fn finish(lane: Arc<Lane>, mut seat: OwnedMutexGuard<Seat>, short: bool) -> Outcome {
    seat.keep().await?;
    let Some(batch) = &seat.batch else {
        return Err(lost());
    };
    let (number, mut outcome) = (batch.number, batch.outcome.subscribe());
    let full = batch.done >= MOST || batch.since.elapsed() >= LONGEST;
    if short && !full && lane.waiting.load(Ordering::Acquire) > 0 {
        drop(seat);
        // Those who wait now go first; if none of them has committed by then, this one does. A batch
        // with something done in it has thus always someone who comes back for it.
        tokio::select! {
            biased;
            told = outcome.wait_for(Option::is_some) => {
                return told.ok().and_then(|told| told.clone()).unwrap_or_else(|| Err(lost()));
            }
            turn = Arc::clone(&lane.seat).lock_owned() => seat = turn,
        }
    }
    if seat
        .batch
        .as_ref()
        .is_some_and(|batch| batch.number == number)
    {
        seat.settle().await;
    }
    drop(seat);
    let told = outcome.borrow().clone();
    told.unwrap_or_else(|| Err(lost()))
}

/// The batch went down with its connection.
fn lost() -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::Internal(
        "the transaction was lost with its connection".into(),
    ))
}
