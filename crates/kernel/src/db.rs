//! The database: SQLite with one writer and many readers, or a PostgreSQL pool, behind one front.

use crate::Fault;
use sea_orm::{
    AccessMode, ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use std::{path::Path, time::Duration};

/// A transaction that may write. Everything one request changes goes through one of these.
pub type Tx = DatabaseTransaction;

/// Handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Db {
    /// Opens `sqlite://path` (made when it is not there) or `postgres://…`.
    ///
    /// # Errors
    /// When the database cannot be reached or opened.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            Self::sqlite(url).await
        } else {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(5))
                .connect_timeout(Duration::from_secs(5))
                .set_application_name("zhendi")
                .sqlx_logging(false);
            let pool = Database::connect(options).await?;
            Ok(Self {
                read: pool.clone(),
                write: pool,
            })
        }
    }

    /// The embedded database in a folder.
    pub fn sqlite_url(folder: &Path) -> String {
        format!("sqlite://{}?mode=rwc", folder.join("zhendi.db").display())
    }

    /// SQLite lets one connection write at a time. Taking turns at a pool of one is fair and never
    /// busy; readers see the last commit and wait for nobody (WAL).
    async fn sqlite(url: &str) -> Result<Self, DbErr> {
        let open = |connections: u32, read_only: bool| {
            let mut options = ConnectOptions::new(url);
            options
                .min_connections(1)
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(30))
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
                .sqlx_logging(false)
                .map_sqlx_sqlite_opts(move |o| {
                    let o = o
                        .foreign_keys(true)
                        .busy_timeout(Duration::from_secs(10))
                        .pragma("cache_size", "-8000")
                        .pragma("temp_store", "memory");
                    if read_only {
                        // `query_only` instead of a read-only file: WAL readers must be able to
                        // make the shared-memory file.
                        o.pragma("query_only", "on")
                    } else {
                        o.journal_mode(SqliteJournalMode::Wal)
                            .synchronous(SqliteSynchronous::Full)
                    }
                });
            Database::connect(options)
        };
        // The writer first: it makes the file and switches it to WAL.
        let write = open(1, false).await?;
        let readers = std::thread::available_parallelism().map_or(4, |n| n.get() as u32 * 2);
        let read = open(readers.max(4), true).await?;
        Ok(Self { read, write })
    }

    /// For queries outside a transaction. Never writes.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// The connection that migrations run on.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Begins a transaction that may write. It takes SQLite's write lock at once; a lock taken later
    /// could only fail.
    ///
    /// # Errors
    /// `Fault::Unavailable` when no connection can be had in time.
    pub async fn begin(&self) -> Result<Tx, Fault> {
        Ok(self
            .write
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            })
            .await?)
    }

    /// Begins a transaction that sees one moment of the data and cannot write.
    ///
    /// # Errors
    /// `Fault::Unavailable` when no connection can be had in time.
    pub async fn snapshot(&self) -> Result<Tx, Fault> {
        Ok(self
            .read
            .begin_with_options(TransactionOptions {
                access_mode: (self.backend() == DbBackend::Postgres)
                    .then_some(AccessMode::ReadOnly),
                isolation_level: (self.backend() == DbBackend::Postgres)
                    .then_some(sea_orm::IsolationLevel::RepeatableRead),
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
            })
            .await?)
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
        if self.backend() == DbBackend::Sqlite {
            self.read.close().await?;
        }
        self.write.close().await
    }
}
