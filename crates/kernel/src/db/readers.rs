//! SQLite's readers. A connection is taken for one query, or for a snapshot, and put back at once;
//! nothing is asked of it in between, which a general pool would do.

use super::sqlite;
use sea_orm::{
    DbErr, ExecResult, QueryResult, Statement,
    sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions},
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};

pub(super) struct Readers {
    options: SqliteConnectOptions,
    /// The last one used is used next: its cache is warm.
    idle: Mutex<Vec<SqliteConnection>>,
    permits: Arc<Semaphore>,
    most: u32,
}

impl Readers {
    pub async fn open(url: &str) -> Result<Self, DbErr> {
        let most = std::thread::available_parallelism().map_or(4, |n| n.get() as u32 * 2);
        let most = most.max(4);
        let options = sqlite::for_reading(sqlite::options(url)?);
        let first = options.connect().await.map_err(sqlite::unreachable)?;
        Ok(Self {
            options,
            idle: Mutex::new(vec![first]),
            permits: Arc::new(Semaphore::new(most as usize)),
            most,
        })
    }

    /// A connection; it goes back when dropped.
    pub async fn take(readers: &Arc<Self>) -> Result<Reader, DbErr> {
        let permit = match Arc::clone(&readers.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let waiting = Arc::clone(&readers.permits).acquire_owned();
                tokio::time::timeout(sqlite::PATIENCE, waiting)
                    .await
                    .map_err(|_| sqlite::too_busy())?
                    .map_err(|_| sqlite::closed())?
            }
        };
        let idle = readers.lock().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => readers
                .options
                .connect()
                .await
                .map_err(sqlite::unreachable)?,
        };
        Ok(Reader {
            conn: Some(conn),
            permit: Some(permit),
            busy: false,
            readers: Arc::clone(readers),
        })
    }

    /// One moment of the data.
    pub async fn snapshot(readers: &Arc<Self>) -> Result<Snapshot, DbErr> {
        let mut reader = Self::take(readers).await?;
        reader
            .run(async |conn| sqlite::word(conn, "BEGIN").await)
            .await?;
        Ok(Snapshot(Some(tokio::sync::Mutex::new(reader))))
    }

    /// Closes every connection, when those in use have come back.
    pub async fn close(&self) -> Result<(), DbErr> {
        let all = self.permits.acquire_many(self.most);
        if tokio::time::timeout(sqlite::PATIENCE, all).await.is_err() {
            tracing::warn!("the database is closed while it is read");
        }
        self.permits.close();
        let idle = std::mem::take(&mut *self.lock());
        for conn in idle {
            conn.close().await.map_err(sqlite::unreachable)?;
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reading connection in use.
pub(super) struct Reader {
    conn: Option<SqliteConnection>,
    permit: Option<OwnedSemaphorePermit>,
    /// A statement was begun and not seen to end.
    busy: bool,
    readers: Arc<Readers>,
}

impl Reader {
    pub async fn run<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, DbErr>,
    ) -> Result<T, DbErr> {
        let conn = self.conn.as_mut().ok_or_else(sqlite::closed)?;
        self.busy = true;
        let done = work(conn).await;
        self.busy = false;
        if done.as_ref().is_err_and(sqlite::is_grave) {
            // A fresh one costs little; one that may be broken costs more.
            self.conn = None;
        }
        done
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else {
            return;
        };
        if !self.busy {
            self.readers.lock().push(conn);
            return;
        }
        // Somebody went away in the middle of a query: the next one shall not wait behind it.
        if let Ok(runtime) = Handle::try_current() {
            let (readers, permit) = (Arc::clone(&self.readers), self.permit.take());
            runtime.spawn(async move {
                if conn.ping().await.is_ok() {
                    readers.lock().push(conn);
                }
                drop(permit);
            });
        }
    }
}

/// A reading transaction.
pub(super) struct Snapshot(Option<tokio::sync::Mutex<Reader>>);

impl Snapshot {
    async fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, DbErr>,
    ) -> Result<T, DbErr> {
        let reader = self.0.as_ref().ok_or_else(sqlite::closed)?;
        reader.lock().await.run(work).await
    }

    pub async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.run(async |conn| sqlite::execute(conn, statement).await)
            .await
    }

    pub async fn batch(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.run(async |conn| sqlite::batch(conn, sql).await).await
    }

    pub async fn one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.run(async |conn| sqlite::one(conn, statement).await)
            .await
    }

    pub async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.run(async |conn| sqlite::all(conn, statement).await)
            .await
    }

    pub async fn end(mut self) -> Result<(), DbErr> {
        match self.0.take() {
            Some(reader) => end(reader.into_inner()).await,
            None => Ok(()),
        }
    }
}

async fn end(mut reader: Reader) -> Result<(), DbErr> {
    let ended = reader
        .run(async |conn| sqlite::word(conn, "ROLLBACK").await)
        .await;
    if ended.is_err() {
        reader.conn = None;
    }
    ended
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let Some(reader) = self.0.take() else {
            return;
        };
        let mut reader = reader.into_inner();
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if let Err(error) = end(reader).await {
                        tracing::warn!(%error, "a snapshot did not end");
                    }
                });
            }
            // Without a runtime nothing can be asked of it; closing ends its transaction too.
            Err(_) => reader.conn = None,
        }
    }
}
