//! A digest of each row, taken with every backup: against it a row that changed by itself is found later.
//! A byte that flips in a plain cell leaves the database well-formed, so nothing inside it can tell.

use crate::Trouble;
use futures::TryStreamExt;
use sea_orm::{ConnectionTrait, DbBackend, Statement, StreamTrait};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
};

/// What is left out: the audit chain has its own proof, and the search index is an index whose every value
/// stands in two structures that are compared with each other.
const PROVEN_OTHERWISE: [&str; 2] = ["audit", "search_gram"];

/// A table as far as digests need to know it.
pub struct Table {
    pub name: String,
    key: Vec<String>,
    columns: Vec<(String, String)>,
    /// The columns that every lawful change moves on.
    stamps: Vec<String>,
}

/// Every table of the program.
///
/// # Errors
/// When the database fails.
pub async fn tables(db: &impl ConnectionTrait) -> Result<Vec<Table>, Trouble> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => {
            "SELECT m.name, c.name, lower(c.type), c.pk FROM sqlite_schema m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY m.name, c.cid"
        }
        _ => {
            "SELECT c.table_name::text, c.column_name::text, c.data_type::text, \
             coalesce(k.ordinal_position, 0)::int FROM information_schema.columns c \
             JOIN information_schema.tables t ON t.table_schema = c.table_schema \
               AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE' \
             LEFT JOIN information_schema.table_constraints p ON p.table_schema = c.table_schema \
               AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY' \
             LEFT JOIN information_schema.key_column_usage k ON k.constraint_name = p.constraint_name \
               AND k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name \
             WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.ordinal_position"
        }
    };
    let mut all: Vec<(Table, BTreeMap<i32, String>)> = vec![];
    for row in db
        .query_all_raw(Statement::from_string(backend, sql))
        .await?
    {
        let (table, column): (String, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let (kind, key): (String, i32) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        if all.last().is_none_or(|(last, _)| last.name != table) {
            let new = Table {
                name: table,
                key: vec![],
                columns: vec![],
                stamps: vec![],
            };
            all.push((new, BTreeMap::new()));
        }
        let (last, keys) = all.last_mut().expect("one was just added");
        if key > 0 {
            keys.insert(key, column.clone());
        }
        if matches!(column.as_str(), "version" | "updated_at") && key == 0 {
            last.stamps.push(column.clone());
        }
        last.columns.push((column, kind));
    }
    Ok(all
        .into_iter()
        .map(|(mut table, keys)| {
            table.key = keys.into_values().collect();
            table
        })
        .collect())
}

/// Names come from the database's own catalogue; quoted they are names and nothing else.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Table {
    /// Key, stamp and the whole row as text, by the database itself: one wording for every type.
    fn select(&self, backend: DbBackend) -> String {
        let words = |columns: &[String]| match (backend, columns) {
            (_, []) => "''".to_owned(),
            (DbBackend::Sqlite, columns) => columns
                .iter()
                .map(|name| format!("quote({})", quoted(name)))
                .collect::<Vec<_>>()
                .join("||','||"),
            (_, columns) => format!(
                "ROW({})::text",
                columns
                    .iter()
                    .map(|name| quoted(name))
                    .collect::<Vec<_>>()
                    .join(",")
            ),
        };
        let all: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let key = if self.key.is_empty() { &all } else { &self.key };
        let is_text = |name: &String| {
            self.columns.iter().any(|(column, kind)| {
                column == name && (kind.contains("char") || kind.contains("text"))
            })
        };
        // One order wherever the database stands, whatever its language.
        let order: Vec<String> = key
            .iter()
            .map(|name| match backend {
                DbBackend::Postgres if is_text(name) => format!("{} COLLATE \"C\"", quoted(name)),
                _ => quoted(name),
            })
            .collect();
        let row = match backend {
            // As bytes: a damaged text may not be UTF-8 any more.
            DbBackend::Sqlite => format!("CAST({} AS BLOB)", words(&all)),
            _ => format!("convert_to({}, 'UTF8')", words(&all)),
        };
        let bytes = |text: String| match backend {
            DbBackend::Sqlite => format!("CAST({text} AS BLOB)"),
            _ => format!("convert_to({text}, 'UTF8')"),
        };
        format!(
            "SELECT {}, {}, {row} FROM {} ORDER BY {}",
            bytes(words(key)),
            bytes(words(&self.stamps)),
            quoted(&self.name),
            order.join(",")
        )
    }
}

/// A query for the cells of a column that are not what the column holds.
pub struct WrongCells {
    pub sql: String,
    pub column: String,
    pub expected: &'static str,
}

impl Table {
    /// One query for each column, for SQLite; each gives the keys of the rows in question.
    pub fn wrong_cells(&self) -> Vec<WrongCells> {
        let key = if self.key.is_empty() {
            "'?'".to_owned()
        } else {
            self.key
                .iter()
                .map(|name| format!("quote({})", quoted(name)))
                .collect::<Vec<_>>()
                .join("||','||")
        };
        self.columns
            .iter()
            .filter_map(|(name, kind)| {
                let column = quoted(name);
                let (bad, expected) = match kind.split('(').next().unwrap_or_default() {
                    kind if kind.contains("json") => (
                        format!("typeof({column}) <> 'text' OR NOT json_valid({column})"),
                        "JSON",
                    ),
                    kind if kind.contains("timestamp") => (
                        format!("typeof({column}) <> 'text' OR julianday({column}) IS NULL"),
                        "时间",
                    ),
                    kind if kind.contains("int") || kind.contains("bool") => {
                        (format!("typeof({column}) <> 'integer'"), "整数")
                    }
                    kind if kind.contains("blob") => {
                        (format!("typeof({column}) <> 'blob'"), "二进制内容")
                    }
                    kind if kind.contains("char") || kind.contains("text") => {
                        (format!("typeof({column}) <> 'text'"), "文字")
                    }
                    _ => return None,
                };
                let sql = format!(
                    "SELECT CAST({key} AS BLOB) FROM {} WHERE {column} IS NOT NULL AND ({bad}) LIMIT 200",
                    quoted(&self.name)
                );
                Some(WrongCells { sql, column: name.clone(), expected })
            })
            .collect()
    }
}

/// Writes the digest of every row, a line each, and says how many rows each table has (those without digests
/// too). What is not text any more is added to `findings`.
///
/// # Errors
/// When the database or the writer fails.
pub async fn digests<C: ConnectionTrait + StreamTrait>(
    db: &C,
    out: &mut (impl Write + Send),
    findings: &mut Vec<String>,
) -> Result<BTreeMap<String, u64>, Trouble> {
    let backend = ConnectionTrait::get_database_backend(db);
    let mut counts = BTreeMap::new();
    for table in tables(db).await? {
        if PROVEN_OTHERWISE.contains(&table.name.as_str()) {
            let sql = format!("SELECT count(*) FROM {}", quoted(&table.name));
            let row = db
                .query_one_raw(Statement::from_string(backend, sql))
                .await?;
            let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
            counts.insert(table.name, count.unsigned_abs());
            continue;
        }
        let statement = Statement::from_string(backend, table.select(backend));
        let mut rows = std::pin::pin!(db.stream_raw(statement).await?);
        let mut count = 0;
        while let Some(row) = rows.try_next().await? {
            let (key, stamp): (Vec<u8>, Vec<u8>) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let row: Vec<u8> = row.try_get_by_index(2)?;
            let (key, stamp) = (one_line(&key), one_line(&stamp));
            if std::str::from_utf8(&row).is_err() {
                findings.push(format!(
                    "表 {} 的 {key}：内容不是文字编码，已损坏",
                    table.name
                ));
            }
            let digest = hex::encode(&Sha256::digest(&row)[..16]);
            writeln!(out, "{}\t{key}\t{stamp}\t{digest}", table.name)?;
            count += 1;
        }
        counts.insert(table.name, count);
    }
    Ok(counts)
}

fn one_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace(['\t', '\n', '\r'], " ")
}

/// How a row stands to its digest of then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Another content under the same version: nobody changed it by the program.
    Damaged,
    /// Another content, and nothing in the row tells whether that was lawful.
    Changed,
    /// Gone.
    Gone,
    /// A new version.
    Renewed,
    /// New.
    Added,
}

/// A row that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub table: String,
    pub key: String,
    pub standing: Standing,
}

struct Line {
    table: String,
    key: String,
    stamp: String,
    digest: String,
}

fn next(
    lines: &mut impl Iterator<Item = std::io::Result<String>>,
) -> Result<Option<Line>, Trouble> {
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    let line = line?;
    let mut parts = line.split('\t').map(str::to_owned);
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(table), Some(key), Some(stamp), Some(digest)) => Ok(Some(Line {
            table,
            key,
            stamp,
            digest,
        })),
        _ => Err(Trouble::Failed("备份中的行摘要无法读取。".into())),
    }
}

/// Compares two lists of digests table by table, one table in memory at a time, and tells each difference.
///
/// # Errors
/// When a list cannot be read.
pub fn compare(
    then: impl BufRead,
    now: impl BufRead,
    mut tell: impl FnMut(Difference),
) -> Result<(), Trouble> {
    let (mut then, mut now) = (then.lines(), now.lines());
    let (mut old, mut new) = (next(&mut then)?, next(&mut now)?);
    loop {
        let table = match (&old, &new) {
            (Some(old), Some(new)) => Ord::min(&old.table, &new.table).clone(),
            (Some(line), None) | (None, Some(line)) => line.table.clone(),
            (None, None) => return Ok(()),
        };
        let mut before = BTreeMap::new();
        while let Some(line) = old.take_if(|line| line.table == table) {
            before.insert(line.key, (line.stamp, line.digest));
            old = next(&mut then)?;
        }
        let mut told = |key, standing| {
            tell(Difference {
                table: table.clone(),
                key,
                standing,
            })
        };
        while let Some(line) = new.take_if(|line| line.table == table) {
            match before.remove(&line.key) {
                None => told(line.key, Standing::Added),
                Some((_, digest)) if digest == line.digest => {}
                Some((stamp, _)) if stamp != line.stamp => told(line.key, Standing::Renewed),
                Some((stamp, _)) if stamp.is_empty() => told(line.key, Standing::Changed),
                Some(_) => told(line.key, Standing::Damaged),
            }
            new = next(&mut now)?;
        }
        for key in before.into_keys() {
            told(key, Standing::Gone);
        }
    }
}
