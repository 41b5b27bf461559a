//! What is done by the clock: backups and their retention, reading files again, watching the disks.

use crate::{
    Facts, Trouble,
    archive::{Lock, Place},
    backup::{self, KeysTo, Made, Order, Progress},
    check, database, node,
    run::{self, End, Kind, State, retention},
    settings::BackupSettings,
};
use futures::FutureExt;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use zhendi_kernel::{
    Actor, App, Fault, Role, Tx, audit, clock,
    jobs::{Handlers, JobError, NewJob, enqueue},
    notify::{self, Notice},
    work::{self, Assignee, NewItem},
};
use zhendi_people::unit;

/// The kinds of jobs.
pub(crate) const BACKUP: &str = "operate.backup";
pub(crate) const CHECK: &str = "operate.check";
const DUE: &str = "operate.due";
const SCRUB: &str = "operate.scrub";

/// All files are read again within so many days.
const SCRUB_DAYS: u32 = 14;

/// Who does it, on the record.
const PROGRAM: &str = "自动运维";

/// The context's jobs and their timetable.
pub fn jobs(handlers: Handlers, facts: Facts) -> Handlers {
    handlers
        .on(DUE, move |app: App, _| async move { Ok(due(&app).await?) })
        .called(DUE, "查看备份和磁盘")
        .every(DUE, Duration::from_secs(5 * 60))
        .on(
            BACKUP,
            move |app: App, payload: serde_json::Value| async move {
                let automatic = payload["automatic"].as_bool().unwrap_or(false);
                Ok(backup(&app, facts, automatic).await?)
            },
        )
        .called(BACKUP, "备份")
        .on(CHECK, move |app: App, _| async move {
            Ok(check_all(&app, facts).await?)
        })
        .called(CHECK, "全面检查")
        .on(SCRUB, move |app: App, _| async move {
            Ok(scrub(&app, facts).await?)
        })
        .called(SCRUB, "抽查文件")
        .daily_at(SCRUB, 4, 15)
}

impl From<Trouble> for JobError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Fault(fault) => fault.into(),
            other => Self::Permanent(other.to_string()),
        }
    }
}

/// Adds a backup when its time has come, and looks at the disks.
async fn due(app: &App) -> Result<(), Trouble> {
    node::sweep(app).await?;
    disks(app).await?;
    let settings: BackupSettings = app.setting().await?;
    if !settings.scheduled || !settings.usable() {
        return Ok(());
    }
    let last = run::latest(app.db.read(), Kind::Backup, true).await?;
    if last.is_some_and(|last| last.begun_at >= settings.last_due(app.now())) {
        return Ok(());
    }
    let tx = app.db.begin().await?;
    order(&tx, app, BACKUP, true).await?;
    tx.commit().await?;
    Ok(())
}

/// Adds the job, unless one waits or runs already.
pub(crate) async fn order(
    tx: &Tx,
    app: &App,
    kind: &'static str,
    automatic: bool,
) -> Result<(), Fault> {
    let job = NewJob {
        dedup_key: Some(kind.to_owned()),
        ..NewJob::new(kind, serde_json::json!({ "automatic": automatic }))
    };
    enqueue(tx, app, job).await
}

/// The name of a backup made at this moment.
fn file_name(app: &App) -> String {
    format!(
        "zhendi-{}-{}.tar.zst.age",
        clock::local(app.now()).format("%Y%m%d-%H%M%S"),
        // Two in one second are two.
        hex::encode(app.entropy.bytes::<2>()),
    )
}

fn place(settings: &BackupSettings, name: &str) -> Result<Place, Trouble> {
    format!("{}/{name}", settings.target.trim_end_matches('/')).parse()
}

async fn backup(app: &App, facts: Facts, automatic: bool) -> Result<(), Trouble> {
    run::lost(app, Kind::Backup).await?;
    let settings: BackupSettings = app.setting().await?;
    let place = place(&settings, &file_name(app))?;
    let id = run::begin(app, Kind::Backup, automatic, Some(place.to_string())).await?;
    let progress = Arc::new(Progress::default());
    let actor = Actor::program(PROGRAM);
    let making = async {
        if let Place::File(path) = &place
            && let Some(folder) = path.parent()
        {
            std::fs::create_dir_all(folder)?;
        }
        let order = Order {
            place: place.clone(),
            lock: Lock::new(&settings.recipients, None)?,
            keys: KeysTo::Nowhere,
            key: None,
        };
        backup::make(app, facts, &actor, order, progress.clone()).await
    };
    let made = watched(app, id, &progress, making).await;
    let ended = match &made {
        Ok(made) => made_end(made),
        Err(trouble) => failed(trouble),
    };
    finish(
        app,
        id,
        ended,
        run::FAILED,
        "备份没有完成或发现问题，请查看并处理",
    )
    .await?;
    if made.is_ok() {
        retention::apply(app, &settings).await?;
    }
    // What went wrong is on the page and in the list of work; trying at once again would only repeat it.
    Ok(())
}

/// How a backup ended that was made.
fn made_end(made: &Made) -> End {
    let manifest = &made.manifest;
    End {
        state: match manifest.findings.is_empty() {
            true => State::Good,
            false => State::Flawed,
        },
        said: format!(
            "数据库 {} 行、文件 {} 个，已加密写出并重新读取核对。",
            manifest.rows.values().sum::<u64>(),
            manifest.files.count
        ),
        findings: manifest.findings.clone(),
        detail: serde_json::json!({
            "schema": manifest.schema(),
            "chain": manifest.chain,
            "files": manifest.files,
            "program": manifest.program,
        }),
        size: Some(made.written.size),
        sha256: Some(made.written.sha256.clone()),
    }
}

/// Notes a backup that was made by command: the page counts it as well, retention leaves it alone.
///
/// # Errors
/// When the database fails.
pub async fn note_command(app: &App, place: &Place, made: &Made) -> Result<(), Trouble> {
    let id = run::begin(app, Kind::Backup, false, None).await?;
    let mut end = made_end(made);
    end.said = format!("命令行备份到 {place}。{}", end.said);
    let tx = app.db.begin().await?;
    run::end(&tx, app.now(), id, end).await?;
    tx.commit().await?;
    Ok(())
}

fn failed(trouble: &Trouble) -> End {
    End {
        state: State::Failed,
        said: trouble.to_string(),
        findings: vec![],
        detail: serde_json::json!({}),
        size: None,
        sha256: None,
    }
}

/// Does something and notes every second how far it is.
async fn watched<T>(app: &App, id: i64, progress: &Progress, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work.fuse());
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(Duration::from_secs(1)) => {
                let (done, total) = (
                    progress.done.load(Ordering::Relaxed),
                    progress.total.load(Ordering::Relaxed),
                );
                if let Err(fault) = run::count_up(app, id, done, total).await {
                    tracing::warn!(error = %fault, "cannot note how far a run is");
                }
            }
        }
    }
}

/// Notes how a run ended; opens an item for the system administrators when something is wrong, closes it when
/// all is well again.
async fn finish(
    app: &App,
    id: i64,
    end: End,
    kind: &'static str,
    title: &str,
) -> Result<(), Trouble> {
    let well = end.state == State::Good;
    let tx = app.db.begin().await?;
    run::end(&tx, app.now(), id, end).await?;
    settle(&tx, app, kind, (!well).then_some(title)).await?;
    tx.commit().await?;
    Ok(())
}

/// What the item is about: there is one program.
pub(crate) const SUBJECT: (&str, i64) = ("operate", 0);

/// Sees to it that there is an open item of a kind, or none.
async fn settle(tx: &Tx, app: &App, kind: &'static str, title: Option<&str>) -> Result<(), Fault> {
    let open = work::of_subject(tx, app.now(), SUBJECT).await?;
    let is_open = open.iter().any(|item| item.kind == kind);
    let Some(title) = title else {
        if is_open {
            work::close(tx, app, &Actor::program(PROGRAM), SUBJECT, Some(kind)).await?;
        }
        return Ok(());
    };
    let root = unit::root(tx).await?;
    if let Some(root) = root.filter(|_| !is_open) {
        let item = NewItem {
            kind,
            subject: SUBJECT,
            title: title.to_owned(),
            href: "/operations".into(),
            unit: root.id,
            channel: None,
            assignee: Assignee::Role(Role::SystemAdmin),
            due: None,
            barred: vec![],
            escalate_to: None,
        };
        work::open(tx, app, item).await?;
        let to = app
            .holders
            .holders(app, Role::SystemAdmin, root.id, None)
            .await?;
        let notice = Notice {
            title: title.to_owned(),
            href: "/operations".into(),
        };
        notify::tell(tx, app, &to, notice).await?;
    }
    Ok(())
}

async fn disks(app: &App) -> Result<(), Trouble> {
    let nodes = node::present(app.db.read(), app.now()).await?;
    let low = nodes.iter().any(|node| node.room().is_low());
    let tx = app.db.begin().await?;
    settle(
        &tx,
        app,
        node::LOW,
        low.then_some("服务器磁盘空间不足，请尽快清理或扩容"),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

async fn check_all(app: &App, facts: Facts) -> Result<(), Trouble> {
    run::lost(app, Kind::Check).await?;
    let id = run::begin(app, Kind::Check, false, None).await?;
    let ended = match check::check(app, facts, None).await {
        Ok(report) => End {
            state: if report.findings.is_empty() {
                State::Good
            } else {
                State::Flawed
            },
            said: format!(
                "数据库 {} 行、审计记录 {} 条、文件 {} 个。{}",
                report.rows,
                report.records,
                report.files,
                report.notes.concat()
            ),
            findings: report.findings,
            detail: serde_json::json!({}),
            size: None,
            sha256: None,
        },
        Err(trouble) => failed(&trouble),
    };
    finish(
        app,
        id,
        ended,
        check::FOUND,
        "检查发现数据或文件有损坏，请查看并处理",
    )
    .await
}

/// Reads the files whose hash falls to this day, so that within two weeks each has been read.
async fn scrub(app: &App, facts: Facts) -> Result<(), Trouble> {
    use chrono::Datelike;
    run::lost(app, Kind::Scrub).await?;
    let day = app.clock.today().num_days_from_ce().unsigned_abs() % SCRUB_DAYS;
    let mut files = database::named_files(app.db.read(), facts.files).await?;
    files.retain(|hash| {
        let first = u32::from_str_radix(&hash.to_string()[..4], 16).unwrap_or(0);
        first * SCRUB_DAYS / 0x1_0000 == day
    });
    let id = run::begin(app, Kind::Scrub, true, None).await?;
    let count = files.len();
    let ended = match check::stored(app, facts, files).await {
        Ok(findings) => End {
            state: if findings.is_empty() {
                State::Good
            } else {
                State::Flawed
            },
            said: format!("抽查文件 {count} 个（{SCRUB_DAYS} 天内全部读一遍）。"),
            findings,
            detail: serde_json::json!({}),
            size: None,
            sha256: None,
        },
        Err(trouble) => failed(&trouble),
    };
    if ended.state == State::Good {
        // Only the part of one day: what was found on another day is not mended by it.
        let tx = app.db.begin().await?;
        run::end(&tx, app.now(), id, ended).await?;
        tx.commit().await?;
        return Ok(());
    }
    finish(
        app,
        id,
        ended,
        check::FOUND,
        "检查发现数据或文件有损坏，请查看并处理",
    )
    .await
}

/// On the record: somebody ordered something.
pub(crate) async fn recorded(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    action: &'static str,
    summary: &str,
) -> Result<(), Fault> {
    let entry = audit::Entry {
        action,
        subject: SUBJECT,
        unit: unit::root(tx).await?.map(|unit| unit.id),
        on_behalf_of: None,
        summary: summary.into(),
        detail: serde_json::json!({}),
    };
    audit::append(tx, app, actor, entry).await
}
