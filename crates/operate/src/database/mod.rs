//! A copy of the database at one moment while everybody goes on writing, and what is known of it.

mod moment;
mod postgres;
mod rows;
mod sqlite;

pub use moment::Moment;
pub use postgres::{dump, is_empty, restore};
pub use rows::{Difference, Standing, compare, digests, tables};
pub use sqlite::{copy, integrity};

use crate::{FileColumn, Trouble, archive::Kind};
use sea_orm::{
    ConnectionTrait, DbBackend, ExprTrait, Statement,
    sea_query::{Alias, Expr, Order, Query},
};
use zhendi_kernel::{Db, config::Config, files::ContentHash};

/// Where the database is. The address may hold a password: it is not for printing.
pub fn url(config: &Config) -> String {
    match &config.database {
        Some(url) => url.to_string(),
        None => Db::sqlite_url(&config.data),
    }
}

/// Which of the two an address means.
pub fn kind_of(url: &str) -> Kind {
    if url.starts_with("sqlite:") {
        Kind::Sqlite
    } else {
        Kind::Postgres
    }
}

/// The value of a query that finds one text.
async fn text(db: &impl ConnectionTrait, sql: &str) -> Result<String, Trouble> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Trouble::Failed("数据库没有应答。".into()))?;
    Ok(row.try_get_by_index(0)?)
}

/// The database's own version, and its size in bytes.
///
/// # Errors
/// When the database fails.
pub async fn version_and_size(db: &impl ConnectionTrait) -> Result<(String, u64), Trouble> {
    let (version, size) = match db.get_database_backend() {
        DbBackend::Sqlite => (
            "SELECT sqlite_version()",
            "SELECT CAST(page_count * page_size AS TEXT) FROM pragma_page_count(), pragma_page_size()",
        ),
        _ => (
            "SELECT current_setting('server_version')",
            "SELECT pg_database_size(current_database())::text",
        ),
    };
    let size = text(db, size).await?;
    Ok((text(db, version).await?, size.parse().unwrap_or(0)))
}

/// The steps of the tables' history that a database has, in order.
///
/// # Errors
/// When the database fails.
pub async fn steps(db: &impl ConnectionTrait) -> Result<Vec<String>, Trouble> {
    let select = Query::select()
        .column(Alias::new("version"))
        .from(Alias::new("seaql_migrations"))
        .order_by(Alias::new("version"), Order::Asc)
        .to_owned();
    let rows = db.query_all(&select).await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()?)
}

/// The names of all stored files that the database names, in order, each once.
///
/// # Errors
/// When the database fails, or one is no name of a file.
pub async fn named_files(
    db: &impl ConnectionTrait,
    columns: &[FileColumn],
) -> Result<Vec<ContentHash>, Trouble> {
    let mut all = vec![];
    for column in columns {
        let name = Alias::new(column.column);
        let select = Query::select()
            .distinct()
            .column(name.clone())
            .from(Alias::new(column.table))
            .and_where(Expr::col(name).is_not_null())
            .to_owned();
        for row in db.query_all(&select).await? {
            let hash: String = row.try_get_by_index(0)?;
            all.push(hash.parse().map_err(|_| {
                Trouble::Failed(format!(
                    "表 {} 的 {} 中有一个不是文件摘要的值，数据库可能已损坏。",
                    column.table, column.column
                ))
            })?);
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}
