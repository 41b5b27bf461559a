//! PostgreSQL: its own `pg_dump` and `pg_restore`, of a version that knows the server.

use crate::Trouble;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::process::Command;
use url::Url;

/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Finds a program of PostgreSQL that is at least as new as the server.
async fn program(name: &'static str, server: u32) -> Result<PathBuf, Trouble> {
    let own = PathBuf::from(format!("{DEBIAN}/{server}/bin/{name}"));
    let mut newest = None;
    for candidate in [own, PathBuf::from(name)] {
        let output = Command::new(&candidate)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .await;
        let Ok(output) = output else { continue };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let major = text
            .split_whitespace()
            .find_map(|word| word.split(['.', 'b', 'r', 'd']).next()?.parse::<u32>().ok());
        match major {
            Some(major) if major >= server => return Ok(candidate),
            Some(major) => newest = newest.max(Some(major)),
            None => {}
        }
    }
    Err(Trouble::Failed(match newest {
        None => format!(
            "找不到 {name}。备份和恢复 PostgreSQL 需要它，请安装 PostgreSQL {server} 的客户端程序（Debian：postgresql-client-{server}）。"
        ),
        Some(found) => format!(
            "{name} 的版本是 {found}，低于数据库服务器的 {server}，不能使用；请安装 PostgreSQL {server} 的客户端程序。"
        ),
    }))
}

/// The server's major version.
async fn server_version(db: &impl ConnectionTrait) -> Result<u32, Trouble> {
    let number = super::text(db, "SELECT current_setting('server_version_num')").await?;
    Ok(number.parse::<u32>().unwrap_or(0) / 10_000)
}

/// The address without its password, and that by itself: arguments are seen by everyone on the machine.
fn without_password(url: &str) -> Result<(String, Option<String>), Trouble> {
    let mut url = Url::parse(url).map_err(|_| Trouble::Usage("数据库地址写法不对。".into()))?;
    let password = url.password().map(decoded);
    if password.is_some() {
        url.set_password(None)
            .map_err(|()| Trouble::Usage("数据库地址写法不对。".into()))?;
    }
    Ok((url.into(), password))
}

/// Takes `%41` for `A`.
fn decoded(text: &str) -> String {
    let mut bytes = vec![];
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|pair| hex::decode(pair).ok());
        match digits {
            Some(byte) => {
                bytes.extend(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn command(program: &Path, url: &str) -> Result<Command, Trouble> {
    let (address, password) = without_password(url)?;
    let mut command = Command::new(program);
    command
        .arg("--dbname")
        .arg(address)
        .arg("--no-password")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

async fn run(mut command: Command, name: &str) -> Result<(), Trouble> {
    let output = command.output().await?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String = said.lines().take(5).collect::<Vec<_>>().join("；");
    if said.contains("No space left on device") {
        return Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into());
    }
    Err(Trouble::Failed(format!("{name} 没有完成：{said}")))
}

/// Dumps what the transaction `db` sees into a file.
///
/// # Errors
/// When `pg_dump` is missing, too old, or fails.
pub async fn dump(db: &impl ConnectionTrait, url: &str, into: &Path) -> Result<(), Trouble> {
    let program = program("pg_dump", server_version(db).await?).await?;
    let snapshot = super::text(db, "SELECT pg_export_snapshot()").await?;
    let mut command = command(&program, url)?;
    command
        .args([
            "--format=custom",
            "--compress=0",
            "--no-owner",
            "--no-privileges",
        ])
        .arg(format!("--snapshot={snapshot}"))
        .arg("--file")
        .arg(into);
    run(command, "pg_dump").await
}

/// Brings a dump into an empty database, whole or not at all.
///
/// # Errors
/// When `pg_restore` is missing, too old, or fails.
pub async fn restore(db: &impl ConnectionTrait, url: &str, from: &Path) -> Result<(), Trouble> {
    let program = program("pg_restore", server_version(db).await?).await?;
    let mut command = command(&program, url)?;
    command
        .args([
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
        ])
        .arg(from);
    run(command, "pg_restore").await
}

/// Whether a database has no table at all.
///
/// # Errors
/// When the database fails.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, Trouble> {
    let sql = "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
               WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
               AND n.nspname NOT LIKE 'pg~_%' ESCAPE '~'";
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(count == 0)
}
