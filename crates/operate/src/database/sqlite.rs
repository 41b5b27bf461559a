//! SQLite: a copy by `VACUUM INTO`, which reads one moment and blocks nobody who writes.

use crate::Trouble;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, Statement};
use std::path::Path;

/// Copies the database at this address into a new file.
///
/// # Errors
/// When it cannot be read, or there is no room for the copy.
pub async fn copy(url: &str, into: &Path) -> Result<(), Trouble> {
    let mut options = ConnectOptions::new(url);
    // A connection of its own: the pool of readers cannot write a copy, and the writer must not wait.
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await?;
    let target = into
        .to_str()
        .ok_or_else(|| Trouble::Usage("数据目录的路径不是 UTF-8 文字。".into()))?;
    let statement =
        Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [target.into()]);
    let copied = db.execute_raw(statement).await;
    db.close().await?;
    copied?;
    Ok(())
}

/// What SQLite finds wrong in its own structure: pages, indexes against tables, references between rows.
///
/// # Errors
/// When the database cannot be read at all.
pub async fn integrity(db: &impl ConnectionTrait) -> Result<Vec<String>, Trouble> {
    let mut found = vec![];
    let statement = |sql: &str| Statement::from_string(DbBackend::Sqlite, sql);
    for row in db
        .query_all_raw(statement("PRAGMA integrity_check(50)"))
        .await?
    {
        let line: String = row.try_get_by_index(0)?;
        if line != "ok" {
            found.push(format!("数据库结构：{line}"));
        }
    }
    for row in db
        .query_all_raw(statement("PRAGMA foreign_key_check"))
        .await?
    {
        let (table, parent): (String, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
        let rowid: Option<i64> = row.try_get_by_index(1)?;
        found.push(format!(
            "表 {table} 第 {} 行引用的 {parent} 记录不存在",
            rowid.unwrap_or_default()
        ));
    }
    Ok(found)
}
