//! Statements on a SQLite connection of our own, and how the connections are set up.

use futures::TryStreamExt;
use sea_orm::{
    ConnAcquireErr, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sea_query::Values,
    sqlx::{
        AssertSqlSafe, Either, Error, Executor, Sqlite, SqliteConnection,
        query::Query,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteQueryResult, SqliteSynchronous},
    },
};
use sea_query_sqlx::SqlxValues;
use std::{str::FromStr, time::Duration};

/// How long someone waits for a connection before they are told to come back.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Prepared statements that a connection keeps.
pub(super) const STATEMENTS: usize = 400;

/// The options of an address.
pub(super) fn options(url: &str) -> Result<SqliteConnectOptions, DbErr> {
    use sea_orm::sqlx::ConnectOptions;
    let options = SqliteConnectOptions::from_str(url).map_err(unreachable)?;
    Ok(options.disable_statement_logging())
}

fn common(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(STATEMENTS)
        .pragma("cache_size", "-8000")
        .pragma("temp_store", "memory")
}

/// The one connection that writes: a commit is on the disk when it returns.
pub(super) fn for_writing(options: SqliteConnectOptions) -> SqliteConnectOptions {
    common(options)
        .pragma("cache_size", "-32000")
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
}

/// A connection that reads. `query_only` instead of a read-only file: WAL readers must be able to make
/// the shared-memory file.
pub(super) fn for_reading(options: SqliteConnectOptions) -> SqliteConnectOptions {
    common(options)
        .row_buffer_size(512)
        .pragma("query_only", "on")
}

fn query(statement: Statement) -> Query<'static, Sqlite, SqlxValues> {
    let values = statement.values.unwrap_or(Values(vec![]));
    sea_orm::sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

/// Runs a statement, and before it those that are joined to it; gives what became of the last.
pub(super) async fn execute(
    conn: &mut SqliteConnection,
    statement: Statement,
) -> Result<ExecResult, DbErr> {
    let mut all = conn.fetch_many(query(statement));
    let mut done = SqliteQueryResult::default();
    while let Some(one) = all.try_next().await.map_err(in_exec)? {
        if let Either::Left(one) = one {
            done = one;
        }
    }
    Ok(done.into())
}

/// What is said of a statement that has not run yet.
pub(super) fn untold() -> ExecResult {
    SqliteQueryResult::default().into()
}

/// Whether a statement can be joined to others: its parameters are taken in their order. One with many values is
/// another one each time, which a common text would make of its neighbours too.
pub(super) fn is_joinable(statement: &Statement) -> bool {
    const MANY: usize = 60;
    let values = statement.values.as_ref().map_or(0, |values| values.0.len());
    values <= MANY && !statement.sql.contains("?1")
}

/// Statements as one, run in this order.
pub(super) fn joined(statements: Vec<Statement>) -> Statement {
    let mut sql = String::new();
    let mut values = vec![];
    for one in statements {
        if !sql.is_empty() {
            sql.push_str(";\n");
        }
        sql.push_str(&one.sql);
        values.extend(one.values.map_or(vec![], |values| values.0));
    }
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

/// Runs several statements that bind nothing.
pub(super) async fn batch(conn: &mut SqliteConnection, sql: &str) -> Result<ExecResult, DbErr> {
    let done = conn
        .execute(AssertSqlSafe(sql.to_owned()))
        .await
        .map_err(in_exec)?;
    Ok(done.into())
}

/// Runs one of the fixed words that begin and end transactions.
pub(super) async fn word(conn: &mut SqliteConnection, sql: &'static str) -> Result<(), DbErr> {
    sea_orm::sqlx::query(sql)
        .execute(conn)
        .await
        .map_err(in_exec)?;
    Ok(())
}

pub(super) async fn one(
    conn: &mut SqliteConnection,
    statement: Statement,
) -> Result<Option<QueryResult>, DbErr> {
    let found = query(statement)
        .fetch_optional(conn)
        .await
        .map_err(in_query)?;
    Ok(found.map(QueryResult::from))
}

pub(super) async fn all(
    conn: &mut SqliteConnection,
    statement: Statement,
) -> Result<Vec<QueryResult>, DbErr> {
    let found = query(statement).fetch_all(conn).await.map_err(in_query)?;
    Ok(found.into_iter().map(QueryResult::from).collect())
}

fn in_exec(error: Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

fn in_query(error: Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// The database cannot be opened.
pub(super) fn unreachable(error: Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

/// Nobody got a connection in time.
pub(super) fn too_busy() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)
}

/// The database is closed.
pub(super) fn closed() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
}

/// Whether SQLite may have taken back a whole transaction by itself when it gave this error, or the
/// connection cannot be trusted any more. Constraints and wrong statements take back only themselves.
pub(super) fn is_grave(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) =
        error
    else {
        // Values that do not fit a column's type are ours, not SQLite's.
        return false;
    };
    match cause.as_ref() {
        Error::Database(cause) => {
            let code = cause.code().and_then(|code| code.parse::<i32>().ok());
            // ERROR, CONSTRAINT, MISMATCH, RANGE, TOOBIG, AUTH, SCHEMA leave a transaction as it was.
            !matches!(code.map(|code| code & 0xff), Some(1 | 17..=20 | 23 | 25))
        }
        Error::Encode(_) | Error::Decode(_) | Error::ColumnDecode { .. } | Error::RowNotFound => {
            false
        }
        _ => true,
    }
}
