//! How the program is (运维): one page with everything that who looks after it wants to know, and the
//! settings of the backups.

mod schedule;
mod words;

use crate::{
    database, jobs as work_jobs,
    node::{self, Room},
    run::{self, Kind, Run, State},
    settings::BackupSettings,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{extract::State as Given, response::Response};
use chrono::{DateTime, Utc};
use words::{age_in_days, bytes};
use zhendi_kernel::{
    Actor, App, Fault, Permission, audit, clock, jobs,
    web::{Access, Flash, Routes, Shell, redirect},
};

/// The routes of the context.
pub fn routes() -> Routes {
    let operators = Access::Needs(Permission::Operate);
    Routes::new()
        .get("/operations", operators, show)
        .post("/operations/backups", operators, back_up)
        .post("/operations/checks", operators, check)
        .get("/settings/backup", operators, schedule::show)
        .post("/settings/backup", operators, schedule::save)
}

/// A moment for the page.
struct Moment {
    iso: String,
    text: String,
}

impl From<DateTime<Utc>> for Moment {
    fn from(at: DateTime<Utc>) -> Self {
        Self {
            iso: at.to_rfc3339(),
            text: clock::show(&at),
        }
    }
}

/// How something stands: never by its colour alone.
struct Mark {
    tone: &'static str,
    icon: &'static str,
    text: String,
}

fn mark(tone: &'static str, text: impl Into<String>) -> Mark {
    let icon = match tone {
        "success" => "circle-check",
        "warning" | "danger" => "alert-triangle",
        "info" => "hourglass",
        _ => "minus",
    };
    Mark {
        tone,
        icon,
        text: text.into(),
    }
}

/// A run as the page shows it.
struct Row {
    what: &'static str,
    mark: Mark,
    begun: Moment,
    took: String,
    place: String,
    size: String,
    said: String,
    findings: Vec<String>,
    more: usize,
    automatic: bool,
    deleted: bool,
    running: bool,
    done: u64,
    total: u64,
}

/// So many findings are shown; the first say what happened.
const SHOWN: usize = 20;

impl From<Run> for Row {
    fn from(run: Run) -> Self {
        let mut findings = run.lines();
        let more = findings.len().saturating_sub(SHOWN);
        findings.truncate(SHOWN);
        let mark = match run.state {
            State::Running => mark("info", "进行中"),
            State::Good => mark("success", "完好"),
            State::Flawed => mark("danger", "发现问题"),
            State::Failed => mark("danger", "没有完成"),
        };
        let took = run
            .ended_at
            .map_or_else(String::new, |ended| words::duration(ended - run.begun_at));
        Self {
            what: match run.kind {
                Kind::Backup => "备份",
                Kind::Check => "全面检查",
                Kind::Scrub => "抽查文件",
            },
            mark,
            took,
            findings,
            more,
            begun: run.begun_at.into(),
            size: run
                .size
                .map_or_else(String::new, |size| bytes(size.unsigned_abs())),
            place: run.place.unwrap_or_default(),
            said: run.said,
            automatic: run.automatic,
            deleted: run.deleted_at.is_some(),
            running: run.state == State::Running,
            done: run.done.unsigned_abs(),
            total: run.total.unsigned_abs(),
        }
    }
}

/// A process as the page shows it.
struct Process {
    id: String,
    program: String,
    serves: &'static str,
    since: Moment,
    room: Mark,
}

fn room_mark(room: Room) -> Mark {
    let text = format!("{} 可用，共 {}", bytes(room.free), bytes(room.total));
    mark(if room.is_low() { "danger" } else { "success" }, text)
}

/// The jobs in figures.
#[derive(Default)]
struct Tally {
    waiting: i64,
    running: i64,
    dead: i64,
    dead_mails: i64,
}

#[derive(Template, WebTemplate)]
#[template(path = "pages/operations.html")]
struct Page {
    shell: Shell,
    newest: Option<Row>,
    age: Mark,
    age_note: String,
    timetable: String,
    next: Option<Moment>,
    usable: bool,
    backups: Vec<Row>,
    checks: Vec<Row>,
    polls: bool,
    tally: Tally,
    chain: audit::ChainState,
    checkpoint: Option<Moment>,
    verified: Option<Moment>,
    elsewhere: bool,
    program: &'static str,
    schema: String,
    database: String,
    database_size: String,
    files_place: String,
    files_shared: bool,
    files_in_backup: String,
    files_reached: Mark,
    room: Mark,
    room_value: String,
    room_note: String,
    processes: Vec<Process>,
    mail: Mark,
    restore: String,
}

async fn show(Given(app): Given<App>, shell: Shell) -> Result<Page, Fault> {
    let db = app.db.read();
    let settings: BackupSettings = app.setting().await?;
    let newest = run::newest_good(db).await?;
    let backups = run::list(db, &[Kind::Backup], 8).await?;
    let checks = run::list(db, &[Kind::Check, Kind::Scrub], 5).await?;
    let running = |runs: &[Run]| runs.iter().any(|run| run.state == State::Running);
    let mut tally = Tally::default();
    for (kind, state, count) in jobs::tally(db).await? {
        match state {
            jobs::State::Ready => tally.waiting += count,
            jobs::State::Running => tally.running += count,
            jobs::State::Dead => {
                tally.dead += count;
                if kind == "mail.send" || kind == "work.digest_mail" {
                    tally.dead_mails += count;
                }
            }
            jobs::State::Done => {}
        }
    }
    let chain = audit::state(db).await?;
    let trouble = |trouble: crate::Trouble| match trouble {
        crate::Trouble::Fault(fault) => fault,
        other => Fault::internal(other.to_string()),
    };
    let (version, size) = database::version_and_size(db).await.map_err(trouble)?;
    let schema = database::steps(db).await.map_err(trouble)?;
    let kind = database::kind_of(&database::url(&app.config)).label();
    let reached = match app.files.reach().await {
        Ok(()) => mark("success", "可以访问"),
        Err(fault) => {
            tracing::warn!(%fault, "the store of files does not answer");
            mark("danger", "无法访问")
        }
    };
    let room = Room::of(&app.config.data)?;
    let processes = node::present(db, app.now()).await?;
    let mail = match (&app.config.mail, tally.dead_mails) {
        (None, _) => mark("neutral", "未配置，不发送邮件"),
        (Some(_), 0) => mark("success", "已配置，没有发送失败的邮件"),
        (Some(_), n) => mark("danger", format!("{n} 封邮件多次发送失败")),
    };
    let (age, age_note) = age_of(newest.as_ref(), app.now());
    Ok(Page {
        age,
        age_note,
        timetable: match (settings.scheduled, settings.usable()) {
            (_, false) => "还没有设置".into(),
            (false, true) => "只手动备份".into(),
            (true, true) => settings.describe(),
        },
        next: (settings.scheduled && settings.usable())
            .then(|| settings.next_due(app.now()).into()),
        usable: settings.usable(),
        files_in_backup: newest.as_ref().map_or_else(String::new, files_words),
        restore: restore_command(newest.as_ref()),
        polls: running(&backups) || running(&checks),
        newest: newest.map(Row::from),
        backups: backups.into_iter().map(Row::from).collect(),
        checks: checks.into_iter().map(Row::from).collect(),
        tally,
        checkpoint: chain.checkpoint.map(|(_, at)| at.into()),
        verified: chain.verified.map(Moment::from),
        chain,
        elsewhere: app.config.audit.checkpoint_file.is_some()
            || app.config.audit.checkpoint_url.is_some(),
        program: env!("CARGO_PKG_VERSION"),
        schema: schema.last().cloned().unwrap_or_default(),
        database: format!("{kind} {version}"),
        database_size: bytes(size),
        files_place: app.files.place().to_owned(),
        files_shared: app.config.files.is_some(),
        files_reached: reached,
        room_value: bytes(room.free),
        room_note: format!("共 {}", bytes(room.total)),
        room: room_mark(room),
        processes: processes
            .into_iter()
            .map(|node| Process {
                room: room_mark(node.room()),
                since: node.begun_at.into(),
                serves: if node.serves == "pages" {
                    "网页和后台任务"
                } else {
                    "后台任务"
                },
                id: node.id,
                program: node.program,
            })
            .collect(),
        mail,
        shell,
    })
}

/// How old the last good backup is, with what that means.
fn age_of(newest: Option<&Run>, now: DateTime<Utc>) -> (Mark, String) {
    let Some(run) = newest else {
        return (
            mark("danger", "还没有"),
            "没有备份，数据损坏后无法找回".into(),
        );
    };
    let at = clock::show(&run.begun_at);
    let days = (now - run.begun_at).num_days();
    let tone = match days {
        ..=1 => "success",
        2..=6 => "warning",
        _ => "danger",
    };
    let note = match days {
        ..=1 => at,
        _ => format!("{at}，已经偏旧"),
    };
    (mark(tone, age_in_days(days)), note)
}

fn files_words(run: &Run) -> String {
    let count = run.detail["files"]["count"].as_u64();
    let size = run.detail["files"]["bytes"].as_u64();
    match (count, size) {
        (Some(count), Some(size)) => format!("{count} 个，共 {}（最近一次备份时）", bytes(size)),
        _ => String::new(),
    }
}

fn restore_command(newest: Option<&Run>) -> String {
    let place = newest
        .and_then(|run| run.place.as_deref())
        .unwrap_or("备份文件");
    format!("zhendi restore --from {place} --identity 私钥文件 --keys 密钥备份 --data 新的空目录")
}

async fn back_up(Given(app): Given<App>, actor: Actor) -> Result<Response, Fault> {
    let settings: BackupSettings = app.setting().await?;
    if !settings.usable() {
        let flash = Flash::warning("请先填写备份放在哪里、用谁的公钥加密。");
        return Ok(redirect("/settings/backup", flash));
    }
    let tx = app.db.begin().await?;
    work_jobs::order(&tx, &app, work_jobs::BACKUP, false).await?;
    work_jobs::recorded(&tx, &app, &actor, "backup.ordered", "要求立即备份").await?;
    tx.commit().await?;
    Ok(redirect(
        "/operations",
        Flash::success("备份已经开始，完成后在此显示。"),
    ))
}

async fn check(Given(app): Given<App>, actor: Actor) -> Result<Response, Fault> {
    let tx = app.db.begin().await?;
    work_jobs::order(&tx, &app, work_jobs::CHECK, false).await?;
    work_jobs::recorded(&tx, &app, &actor, "check.ordered", "要求全面检查数据和文件").await?;
    tx.commit().await?;
    Ok(redirect(
        "/operations",
        Flash::success("检查已经开始，完成后在此显示。"),
    ))
}
