//! Whether everything stored is still what was written: the database's structure, every cell's type, the
//! audit chain, sealed texts, files; and, against a backup, every row. `docs/security.md` says what each of
//! these finds and what none can.

use crate::{
    Facts, Trouble,
    archive::{self, Key, Kind, Place, ROWS, Unpack},
    backup::WorkFolder,
    database::{self, Difference, Moment, Standing},
};
use futures::{StreamExt, stream};
use sea_orm::{
    ConnectionTrait, DbBackend, ExprTrait, Statement,
    sea_query::{Alias, Expr, Order, Query},
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, BufWriter, Write},
};
use zhendi_kernel::{
    App,
    audit::verify,
    clock,
    files::{ContentHash, Found},
    secrets::{Keyring, Sealed, SealedColumn},
};

/// The kind of work item for damage that was found.
pub const FOUND: &str = "operate.found";

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// Damage, a line each, named as closely as it can be.
    pub findings: Vec<String>,
    /// Rows that differ from the backup, by table; nothing tells of them whether that was lawful.
    pub changed: BTreeMap<String, Vec<String>>,
    /// Rows that are newer than the backup.
    pub renewed: u64,
    pub records: i64,
    pub rows: u64,
    pub files: u64,
    /// What the check could not see, for people.
    pub notes: Vec<String>,
}

/// Lines of one sort are enough to know what happened.
const ENOUGH: usize = 200;

/// Checks everything, against a backup too if one is given with what opens it.
///
/// # Errors
/// When the database, the store or the backup cannot be read at all. Damage is a finding.
pub async fn check(
    app: &App,
    facts: Facts,
    against: Option<(Place, Key)>,
) -> Result<Report, Trouble> {
    let mut report = Report::default();
    let url = database::url(&app.config);
    let kind = database::kind_of(&url);
    let name = format!("check-{}", hex::encode(app.entropy.bytes::<6>()));
    let folder = WorkFolder::new(&app.config.data, &name)?;
    let moment = Moment::open(&url).await?;
    match kind {
        Kind::Sqlite => {
            report
                .findings
                .extend(database::integrity(&moment.tx).await?);
            types(&moment.tx, &mut report.findings).await?;
        }
        Kind::Postgres => checksums(&moment.tx, &mut report.notes).await?,
    }
    let rows = folder.0.join("rows-now.txt");
    let mut out = BufWriter::new(File::create_new(&rows)?);
    match database::digests(&moment.tx, &mut out, &mut report.findings).await {
        Ok(counts) => report.rows = counts.values().sum(),
        Err(trouble) => report.findings.push(format!("数据库无法通读：{trouble}")),
    }
    out.flush()?;
    drop(out);
    let verdict = verify::walk_at(&moment.tx, &app.signer, &[]).await?;
    report.records = verdict.records;
    if let Some(found) = verdict.first_break {
        report
            .findings
            .push(format!("审计记录：{}", found.explanation));
    }
    sealed(
        &moment.tx,
        &app.keys,
        &(facts.sealed)(),
        &mut report.findings,
    )
    .await?;
    let files = database::named_files(&moment.tx, facts.files).await;
    moment.close().await?;
    match files {
        Ok(files) => {
            report.files = files.len() as u64;
            let found = stored(app, facts, files).await?;
            report.findings.extend(found);
        }
        Err(trouble) => report.findings.push(trouble.to_string()),
    }
    if let Some((place, key)) = against {
        let then = folder.0.join("then");
        let unpack = then.clone();
        let backup = place
            .read(&app.config, move |input| {
                archive::read(input, &key, Unpack::Only(ROWS, &unpack))
            })
            .await?;
        let differences = tokio::task::spawn_blocking(move || {
            let mut all = vec![];
            database::compare(
                BufReader::new(File::open(then.join(ROWS))?),
                BufReader::new(File::open(rows)?),
                |difference| all.push(difference),
            )?;
            Ok::<_, Trouble>(all)
        })
        .await??;
        let since = clock::show(&backup.at);
        for difference in differences {
            report.note(difference, &since);
        }
    }
    Ok(report)
}

impl Report {
    fn note(&mut self, difference: Difference, since: &str) {
        let Difference {
            table,
            key,
            standing,
        } = difference;
        match standing {
            Standing::Damaged => self.findings.push(format!(
                "表 {table} 的 {key}：内容与 {since} 的备份不同，版本却没有变，不是经程序改的"
            )),
            Standing::Changed | Standing::Gone => {
                let word = if standing == Standing::Gone {
                    "（已不在）"
                } else {
                    ""
                };
                self.changed
                    .entry(table)
                    .or_default()
                    .push(format!("{key}{word}"));
            }
            Standing::Renewed | Standing::Added => self.renewed += 1,
        }
    }
}

/// SQLite keeps whatever lands in a cell; what is not of its column's type was not written by the program.
async fn types(db: &impl ConnectionTrait, findings: &mut Vec<String>) -> Result<(), Trouble> {
    let backend = DbBackend::Sqlite;
    for table in database::tables(db).await? {
        for wrong in table.wrong_cells() {
            let rows = match db
                .query_all_raw(Statement::from_string(backend, wrong.sql))
                .await
            {
                Ok(rows) => rows,
                Err(error) => {
                    findings.push(format!(
                        "表 {} 的 {} 无法通读：{error}",
                        table.name, wrong.column
                    ));
                    continue;
                }
            };
            for row in rows.iter().take(ENOUGH) {
                let key: Vec<u8> = row.try_get_by_index(0)?;
                findings.push(format!(
                    "表 {} 的 {}：{} 不是{}，已损坏",
                    table.name,
                    String::from_utf8_lossy(&key),
                    wrong.column,
                    wrong.expected
                ));
            }
        }
    }
    Ok(())
}

/// PostgreSQL finds a changed byte by itself if its pages carry checksums.
async fn checksums(db: &impl ConnectionTrait, notes: &mut Vec<String>) -> Result<(), Trouble> {
    let sql = Statement::from_string(
        DbBackend::Postgres,
        "SELECT current_setting('data_checksums')",
    );
    let row = db.query_one_raw(sql).await?;
    let on: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    if on.as_deref() != Some("on") {
        notes.push("数据库服务器没有开启页校验（data_checksums），磁盘上的单字节损坏只能与备份比对才能发现。".into());
    }
    Ok(())
}

/// Opens everything sealed and says how much there was to open; what does not open was changed, or the keys
/// are not those that sealed it.
pub(crate) async fn sealed(
    db: &impl ConnectionTrait,
    keys: &Keyring,
    columns: &[SealedColumn],
    findings: &mut Vec<String>,
) -> Result<u64, Trouble> {
    let mut sound = 0;
    for column in columns {
        let (key, name) = (Alias::new(column.key), Alias::new(column.column));
        let mut after = i64::MIN;
        loop {
            let select = Query::select()
                .columns([key.clone(), name.clone()])
                .from(Alias::new(column.table))
                .and_where(Expr::col(key.clone()).gt(after))
                .and_where(Expr::col(name.clone()).is_not_null())
                .order_by(key.clone(), Order::Asc)
                .limit(1_000)
                .to_owned();
            let rows = db.query_all(&select).await?;
            for row in &rows {
                after = row.try_get_by_index(0)?;
                let opened = row
                    .try_get_by_index::<Sealed>(1)
                    .is_ok_and(|text| keys.open(column.purpose, &text).is_ok());
                if opened {
                    sound += 1;
                } else if findings.len() < ENOUGH {
                    findings.push(format!(
                        "表 {} 的 {after}：{} 中加密的内容打不开，已损坏或密钥不对",
                        column.table, column.column
                    ));
                }
            }
            if rows.len() < 1_000 {
                break;
            }
        }
    }
    Ok(sound)
}

/// Reads stored files again and names those that are not what they were.
pub(crate) async fn stored(
    app: &App,
    facts: Facts,
    files: Vec<ContentHash>,
) -> Result<Vec<String>, Trouble> {
    let mut checks = stream::iter(files)
        .map(|hash| async move { (app.files.check(&hash).await, hash) })
        .buffer_unordered(4);
    let mut findings = vec![];
    while let Some((found, hash)) = checks.next().await {
        if !matches!(found?, Found::Whole(_)) {
            findings.push(name_file(app, facts, &hash).await?);
        }
    }
    findings.sort();
    Ok(findings)
}

/// Says of a file that is not whole what it is and which records name it.
pub(crate) async fn name_file(
    app: &App,
    facts: Facts,
    hash: &ContentHash,
) -> Result<String, Trouble> {
    let state = match app.files.check(hash).await? {
        Found::Missing => "不见了",
        Found::Damaged => "内容被改变或损坏",
        Found::Whole(_) => "曾经读取失败",
    };
    let mut holders = vec![];
    for column in facts.files {
        let select = Query::select()
            .column(Alias::new(column.key))
            .from(Alias::new(column.table))
            .and_where(Expr::col(Alias::new(column.column)).eq(hash.to_string()))
            .order_by(Alias::new(column.key), Order::Asc)
            .limit(5)
            .to_owned();
        for row in app.db.read().query_all(&select).await? {
            let id: i64 = row.try_get_by_index(0)?;
            holders.push(format!("{} {id}", column.table));
        }
    }
    Ok(format!("文件 {hash} {state}（{}）", holders.join("、")))
}
