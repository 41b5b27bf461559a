//! The database: SQLite with one writer and many readers, or two pools of PostgreSQL, behind one front.

mod lane;
mod readers;
mod sqlite;
#[cfg(test)]
mod tests;

use crate::{Fault, known::Known};
use lane::{Lane, Turn};
use readers::{Readers, Snapshot};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, ExecResult, QueryResult, Statement, TransactionOptions, TransactionTrait,
};
use std::{path::Path, sync::Arc, time::Duration};

/// Connections to PostgreSQL that only read, and those that write. Writers soon wait for each other (the
/// audit chain has one end), so that more of them would only wait inside the server.
const READERS: u32 = 10;
const WRITERS: u32 = 8;

/// How long someone waits for one of them: through a rush of some hundred writers, but not so long that
/// nobody is told when the server is gone.
const POOL_PATIENCE: Duration = Duration::from_secs(8);

/// Handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    url: Arc<str>,
    read: Read,
    write: Write,
    known: Arc<Known>,
}

/// For queries outside a transaction. Each sees the last commit and waits for no writer.
#[derive(Clone)]
pub struct Read(ReadVia);

#[derive(Clone)]
enum ReadVia {
    Sqlite(Arc<Readers>),
    Pool(DatabaseConnection),
}

/// For single statements that write; each is a transaction of its own.
#[derive(Clone)]
pub struct Write(WriteVia);

#[derive(Clone)]
enum WriteVia {
    Sqlite(Arc<Lane>),
    Pool(DatabaseConnection),
}

/// A transaction. Everything one request changes goes through one of these; dropping it takes all of
/// it back.
pub struct Tx(TxVia);

/// A transaction for writes whose outcome nobody asks: no number of rows, no new id, no error that is met. SQLite
/// runs them together with the next statement, or before the commit, since each statement by itself costs two
/// changes of threads; when one fails, that statement does, and the transaction cannot be committed.
pub struct Later<'a>(&'a Tx);

enum TxVia {
    Turn(Turn),
    Snapshot(Snapshot),
    Pool(DatabaseTransaction),
}

impl Db {
    /// Opens `sqlite://path` (made when it is not there) or `postgres://…`.
    ///
    /// # Errors
    /// When the database cannot be reached or opened.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            // The writer first: it makes the file and switches it to WAL.
            let write = Arc::new(Lane::open(url).await?);
            let read = Arc::new(Readers::open(url).await?);
            return Ok(Self {
                url: url.into(),
                read: Read(ReadVia::Sqlite(read)),
                write: Write(WriteVia::Sqlite(write)),
                known: Arc::default(),
            });
        }
        // Two pools: whoever is in a transaction may read outside of it, and would wait for ever if all
        // connections were held by others who are about to do the same.
        let pool = async |connections| {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(connections)
                .acquire_timeout(POOL_PATIENCE)
                .connect_timeout(Duration::from_secs(5))
                .set_application_name("zhendi")
                .map_sqlx_postgres_opts(|o| {
                    o.statement_cache_capacity(sqlite::STATEMENTS)
                        // Helpers take longer to start than any of our questions takes to answer.
                        .options([("max_parallel_workers_per_gather", "0")])
                })
                .sqlx_logging(false);
            Database::connect(options).await
        };
        let (read, write) = (pool(READERS).await?, pool(WRITERS).await?);
        Ok(Self {
            url: url.into(),
            read: Read(ReadVia::Pool(read)),
            write: Write(WriteVia::Pool(write)),
            known: Arc::default(),
        })
    }

    /// The embedded database in a folder.
    pub fn sqlite_url(folder: &Path) -> String {
        format!("sqlite://{}?mode=rwc", folder.join("zhendi.db").display())
    }

    /// For queries outside a transaction. Never writes.
    pub fn read(&self) -> &Read {
        &self.read
    }

    /// For single statements that write.
    pub fn writer(&self) -> &Write {
        &self.write
    }

    /// A connection for migrations, which want sea-orm's own; for [`Db::end_migrations`] afterwards.
    pub(crate) async fn for_migrations(&self) -> Result<DatabaseConnection, DbErr> {
        match &self.write.0 {
            WriteVia::Sqlite(_) => {
                let mut options = ConnectOptions::new(&*self.url);
                options
                    .max_connections(1)
                    .sqlx_logging(false)
                    .map_sqlx_sqlite_opts(sqlite::for_writing);
                Database::connect(options).await
            }
            WriteVia::Pool(pool) => Ok(pool.clone()),
        }
    }

    pub(crate) async fn end_migrations(&self, connection: DatabaseConnection) -> Result<(), DbErr> {
        match &self.write.0 {
            WriteVia::Sqlite(_) => connection.close().await,
            WriteVia::Pool(_) => Ok(()),
        }
    }

    /// Begins a transaction that may write. SQLite's writers take turns in the order in which they
    /// came; those that come while others wait share one commit (see [`lane`]).
    ///
    /// # Errors
    /// `Fault::Unavailable` when no connection can be had in time.
    pub async fn begin(&self) -> Result<Tx, Fault> {
        Ok(Tx(match &self.write.0 {
            WriteVia::Sqlite(lane) => TxVia::Turn(Lane::begin(lane, true).await?),
            WriteVia::Pool(pool) => TxVia::Pool(pool.begin().await?),
        }))
    }

    /// Begins a transaction that will take long, such as an import: nobody's commit waits for it.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub async fn begin_long(&self) -> Result<Tx, Fault> {
        Ok(Tx(match &self.write.0 {
            WriteVia::Sqlite(lane) => TxVia::Turn(Lane::begin(lane, false).await?),
            WriteVia::Pool(pool) => TxVia::Pool(pool.begin().await?),
        }))
    }

    /// Begins a transaction that sees one moment of the data and cannot write.
    ///
    /// # Errors
    /// `Fault::Unavailable` when no connection can be had in time.
    pub async fn snapshot(&self) -> Result<Tx, Fault> {
        Ok(Tx(match &self.read.0 {
            ReadVia::Sqlite(readers) => TxVia::Snapshot(Readers::snapshot(readers).await?),
            ReadVia::Pool(pool) => TxVia::Pool(
                pool.begin_with_options(TransactionOptions {
                    access_mode: Some(AccessMode::ReadOnly),
                    isolation_level: Some(sea_orm::IsolationLevel::RepeatableRead),
                    ..Default::default()
                })
                .await?,
            ),
        }))
    }

    /// What is kept in memory of what rarely changes.
    pub(crate) fn kept(&self) -> &Known {
        &self.known
    }

    /// Which of the two it is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Closes every connection; SQLite folds its log into the file.
    ///
    /// # Errors
    /// When closing fails.
    pub async fn close(self) -> Result<(), DbErr> {
        match self.read.0 {
            ReadVia::Sqlite(readers) => readers.close().await?,
            ReadVia::Pool(pool) => pool.close().await?,
        }
        match self.write.0 {
            WriteVia::Sqlite(lane) => lane.close().await,
            WriteVia::Pool(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// For writes whose outcome nobody asks.
    pub fn later(&self) -> Later<'_> {
        Later(self)
    }

    /// Makes everything that was done in this transaction last. When it returns, the disk has it. A
    /// commit that has begun is carried through even if nobody waits for it any more.
    ///
    /// # Errors
    /// When the database could not keep it; then nothing of it is there.
    pub async fn commit(self) -> Result<(), DbErr> {
        match self.0 {
            TxVia::Turn(turn) => turn.commit().await,
            TxVia::Snapshot(snapshot) => snapshot.end().await,
            TxVia::Pool(tx) => tx.commit().await,
        }
    }

    /// Takes everything back.
    ///
    /// # Errors
    /// When the database fails; then too nothing is kept.
    pub async fn rollback(self) -> Result<(), DbErr> {
        match self.0 {
            TxVia::Turn(turn) => turn.rollback().await,
            TxVia::Snapshot(snapshot) => snapshot.end().await,
            TxVia::Pool(tx) => tx.rollback().await,
        }
    }
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tx")
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            TxVia::Turn(_) | TxVia::Snapshot(_) => DbBackend::Sqlite,
            TxVia::Pool(tx) => tx.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            TxVia::Turn(turn) => turn.execute(statement).await,
            TxVia::Snapshot(snapshot) => snapshot.execute(statement).await,
            TxVia::Pool(tx) => tx.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            TxVia::Turn(turn) => turn.batch(sql).await,
            TxVia::Snapshot(snapshot) => snapshot.batch(sql).await,
            TxVia::Pool(tx) => tx.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            TxVia::Turn(turn) => turn.one(statement).await,
            TxVia::Snapshot(snapshot) => snapshot.one(statement).await,
            TxVia::Pool(tx) => tx.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            TxVia::Turn(turn) => turn.all(statement).await,
            TxVia::Snapshot(snapshot) => snapshot.all(statement).await,
            TxVia::Pool(tx) => tx.query_all_raw(statement).await,
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Later<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0.0 {
            TxVia::Turn(turn) => turn.later(statement).await,
            _ => self.0.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.0.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.0.query_all_raw(statement).await
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Read {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            ReadVia::Sqlite(_) => DbBackend::Sqlite,
            ReadVia::Pool(pool) => pool.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            ReadVia::Sqlite(readers) => {
                let mut reader = Readers::take(readers).await?;
                reader
                    .run(async |conn| sqlite::execute(conn, statement).await)
                    .await
            }
            ReadVia::Pool(pool) => pool.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            ReadVia::Sqlite(readers) => {
                let mut reader = Readers::take(readers).await?;
                reader
                    .run(async |conn| sqlite::batch(conn, sql).await)
                    .await
            }
            ReadVia::Pool(pool) => pool.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            ReadVia::Sqlite(readers) => {
                let mut reader = Readers::take(readers).await?;
                reader
                    .run(async |conn| sqlite::one(conn, statement).await)
                    .await
            }
            ReadVia::Pool(pool) => pool.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            ReadVia::Sqlite(readers) => {
                let mut reader = Readers::take(readers).await?;
                reader
                    .run(async |conn| sqlite::all(conn, statement).await)
                    .await
            }
            ReadVia::Pool(pool) => pool.query_all_raw(statement).await,
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Write {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            WriteVia::Sqlite(_) => DbBackend::Sqlite,
            WriteVia::Pool(pool) => pool.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            WriteVia::Sqlite(lane) => {
                let turn = Lane::begin(lane, true).await?;
                let done = turn.execute(statement).await?;
                turn.commit().await?;
                Ok(done)
            }
            WriteVia::Pool(pool) => pool.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            WriteVia::Sqlite(lane) => Lane::alone(lane, sql).await,
            WriteVia::Pool(pool) => pool.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            WriteVia::Sqlite(lane) => {
                let turn = Lane::begin(lane, true).await?;
                let found = turn.one(statement).await?;
                turn.commit().await?;
                Ok(found)
            }
            WriteVia::Pool(pool) => pool.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            WriteVia::Sqlite(lane) => {
                let turn = Lane::begin(lane, true).await?;
                let found = turn.all(statement).await?;
                turn.commit().await?;
                Ok(found)
            }
            WriteVia::Pool(pool) => pool.query_all_raw(statement).await,
        }
    }
}
