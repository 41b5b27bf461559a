//! The audit chain as auditors see it: finding records, looking at one, verifying, exporting.

use super::{
    ERASED_NAME, Entry, Filter, append, append_numbered,
    checkpoint::Checkpoint,
    export::{self, Format},
    list,
    record::{Payload, Record},
    store::{self, Model},
    verify::{self, Verdict},
    words,
};
use crate::{
    Actor, App, Fault, Permission, UnitId, clock,
    form::Posted,
    web::{Access, Flash, Routes, Shell, redirect},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::Mutex;

/// The routes of the audit pages.
pub fn routes() -> Routes {
    let auditors = Access::Needs(Permission::ReadAudit);
    Routes::new()
        .get("/audit", auditors, index)
        .get("/audit/{seq}", auditors, show)
        .post("/audit/verifications", auditors, verify)
        .get("/audit/verifications/{seq}", auditors, verdict)
        .post("/audit/exports", auditors, export)
}

/// What the address or the export form asks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    from: String,
    to: String,
    actor: String,
    action: String,
    kind: String,
    unit: String,
    q: String,
    before: String,
}

fn some<T: std::str::FromStr>(text: &str, what: &str) -> Result<Option<T>, Fault> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Fault::Malformed(format!("{what}“{text}”无法识别，请重新填写查询条件。"))),
    }
}

impl Asked {
    fn from_form(posted: &Posted) -> Self {
        let get = |name: &str| posted.get(name).to_owned();
        Self {
            from: get("from"),
            to: get("to"),
            actor: get("actor"),
            action: get("action"),
            kind: get("kind"),
            unit: get("unit"),
            q: get("q"),
            before: String::new(),
        }
    }

    fn filter(&self) -> Result<Filter, Fault> {
        Ok(Filter {
            from: some::<NaiveDate>(&self.from, "起始日期")?,
            to: some::<NaiveDate>(&self.to, "截止日期")?,
            actor: some(&self.actor, "操作人")?,
            action: some(&self.action, "操作")?,
            subject_kind: some(&self.kind, "对象类别")?,
            unit: some::<i64>(&self.unit, "单位编号")?.map(UnitId),
            text: some(&self.q, "说明")?,
        })
    }

    /// Names and values as form and address carry them; the page's place is not one of them.
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        [
            ("from", &self.from),
            ("to", &self.to),
            ("actor", &self.actor),
            ("action", &self.action),
            ("kind", &self.kind),
            ("unit", &self.unit),
            ("q", &self.q),
        ]
        .into_iter()
        .map(|(name, value)| (name, value.as_str()))
        .filter(|(_, value)| !value.trim().is_empty())
        .collect()
    }

    /// The list's address, ready for one more value.
    fn base(&self) -> Result<String, Fault> {
        let query = serde_html_form::to_string(self.pairs()).map_err(Fault::internal)?;
        Ok(if query.is_empty() {
            "/audit?".into()
        } else {
            format!("/audit?{query}&")
        })
    }
}

/// A record as pages show it.
struct Row {
    seq: i64,
    iso: String,
    at: String,
    actor: String,
    on_behalf_of: Option<i64>,
    kind: String,
    subject_id: i64,
    summary: String,
}

impl From<&Model> for Row {
    fn from(row: &Model) -> Self {
        let at = store::moment(row.at);
        Self {
            seq: row.seq,
            iso: at.to_rfc3339(),
            at: clock::show(&at),
            actor: row.actor_name.clone().unwrap_or_else(|| ERASED_NAME.into()),
            on_behalf_of: row.on_behalf_of,
            kind: words::kind(&row.subject_kind).to_owned(),
            subject_id: row.subject_id,
            summary: row.summary.clone(),
        }
    }
}

/// The latest checkpoint as pages show it.
struct Signed {
    seq: i64,
    iso: String,
    at: String,
    /// Whether checkpoints are sent anywhere.
    elsewhere: bool,
}

async fn latest(app: &App) -> Result<Option<Signed>, Fault> {
    let config = &app.config.audit;
    let row = store::latest(app.db.read()).await?;
    Ok(row.map(Checkpoint::from).map(|checkpoint| Signed {
        seq: checkpoint.seq,
        iso: checkpoint.at.to_rfc3339(),
        at: clock::show(&checkpoint.at),
        elsewhere: config.checkpoint_file.is_some() || config.checkpoint_url.is_some(),
    }))
}

#[derive(Template, WebTemplate)]
#[template(path = "audit/index.html")]
struct Index {
    shell: Shell,
    asked: Asked,
    kinds: &'static [(&'static str, &'static str)],
    rows: Vec<Row>,
    /// Where older records are listed.
    older: Option<String>,
    /// Where the newest are, when these are not.
    newest: Option<String>,
    checkpoint: Option<Signed>,
}

const ROWS: usize = 50;

async fn index(
    State(app): State<App>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Index, Fault> {
    let filter = asked.filter()?;
    let before = some::<i64>(&asked.before, "起始编号")?;
    let mut rows = list::newest(app.db.read(), &filter, before, ROWS as u64 + 1).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let base = asked.base()?;
    let older = rows
        .last()
        .filter(|_| more)
        .map(|last| format!("{base}before={}", last.seq));
    Ok(Index {
        shell,
        kinds: words::KINDS,
        rows: rows.iter().map(Row::from).collect(),
        older,
        newest: before.map(|_| base.trim_end_matches(['?', '&']).to_owned()),
        checkpoint: latest(&app).await?,
        asked,
    })
}

#[derive(Template, WebTemplate)]
#[template(path = "audit/show.html")]
struct Show {
    shell: Shell,
    row: Row,
    record: Model,
    detail: Option<String>,
    digest: String,
    prev: String,
    hash: String,
    /// Whether the record has its hash and the payload its digest.
    sound: bool,
    before: Option<i64>,
    after: Option<i64>,
}

async fn show(State(app): State<App>, shell: Shell, Path(seq): Path<i64>) -> Result<Show, Fault> {
    let db = app.db.read();
    let record = store::find(db, seq).await?.ok_or(Fault::NotFound)?;
    let before = store::find(db, seq - 1).await?.map(|row| row.seq);
    let after = store::find(db, seq + 1).await?.map(|row| row.seq);
    let pretty = |text: &String| {
        serde_json::from_str::<serde_json::Value>(text)
            .and_then(|value| serde_json::to_string_pretty(&value))
            .unwrap_or_else(|_| text.clone())
    };
    Ok(Show {
        shell,
        row: Row::from(&record),
        detail: record.detail.as_ref().map(pretty),
        digest: hex::encode(&record.digest),
        prev: hex::encode(&record.prev),
        hash: hex::encode(&record.hash),
        sound: is_sound(&record),
        before,
        after,
        record,
    })
}

fn is_sound(row: &Model) -> bool {
    let record = Record {
        seq: row.seq,
        at: row.at,
        actor_id: row.actor_id,
        on_behalf_of: row.on_behalf_of,
        action: &row.action,
        subject_kind: &row.subject_kind,
        subject_id: row.subject_id,
        unit_id: row.unit_id,
        summary: &row.summary,
        digest: &row.digest,
        prev: &row.prev,
    };
    let payload = match (row.actor_name.clone(), row.detail.clone(), &row.salt) {
        (Some(actor_name), Some(detail), Some(salt)) => {
            let payload = Payload {
                actor_name,
                address: row.address.clone(),
                detail,
            };
            payload.digest(salt) == *row.digest
        }
        (None, None, None) => row.address.is_none(),
        _ => false,
    };
    payload && record.hash() == *row.hash
}

/// One verification at a time in a process: each reads everything.
static VERIFYING: Mutex<()> = Mutex::const_new(());

/// What takes longer is for the command line.
const PATIENCE: Duration = Duration::from_secs(60);

async fn verify(State(app): State<App>, actor: Actor) -> Result<Response, Fault> {
    let Ok(_turn) = VERIFYING.try_lock() else {
        return Err(Fault::Refused("另一次核验正在进行，请稍候再试。".into()));
    };
    let verdict = tokio::time::timeout(PATIENCE, verify::walk(&app.db, &app.signer, &[]))
        .await
        .map_err(|_| {
            Fault::Refused(
                "记录太多，一分钟内没有核验完。请系统管理员在服务器上用命令核验（见运维手册）。"
                    .into(),
            )
        })??;
    let summary = match &verdict.first_break {
        None => format!("核验审计记录 {} 条，完整", verdict.records),
        Some(found) => format!(
            "核验审计记录，第 {} 条处发现问题：{}",
            found.seq,
            found.kind.label()
        ),
    };
    let flash = match &verdict.first_break {
        None => Flash::success("核验完成，没有发现问题。"),
        Some(_) => Flash::warning("核验发现问题，请立即查看。"),
    };
    let tx = app.db.begin().await?;
    let entry = Entry {
        action: VERIFIED,
        subject: ("audit", verdict.records),
        unit: None,
        on_behalf_of: None,
        summary,
        detail: serde_json::to_value(&verdict).map_err(Fault::internal)?,
    };
    let seq = append_numbered(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect(format!("/audit/verifications/{seq}"), flash))
}

/// The action of a verification on the page.
pub(super) const VERIFIED: &str = "audit.verified";

#[derive(Template, WebTemplate)]
#[template(path = "audit/verdict.html")]
struct Shown {
    shell: Shell,
    row: Row,
    verdict: Verdict,
    checkpoint: Option<Signed>,
}

async fn verdict(
    State(app): State<App>,
    shell: Shell,
    Path(seq): Path<i64>,
) -> Result<Shown, Fault> {
    let record = store::find(app.db.read(), seq).await?;
    let record = record
        .filter(|row| row.action == VERIFIED)
        .ok_or(Fault::NotFound)?;
    let detail = record.detail.as_deref().ok_or(Fault::NotFound)?;
    Ok(Shown {
        shell,
        row: Row::from(&record),
        verdict: serde_json::from_str(detail).map_err(Fault::internal)?,
        checkpoint: latest(&app).await?,
    })
}

async fn export(State(app): State<App>, actor: Actor, posted: Posted) -> Result<Response, Fault> {
    let asked = Asked::from_form(&posted);
    let filter = asked.filter()?;
    let (format, media_type, ending) = match posted.get("format") {
        "csv" => (Format::Csv, "text/csv; charset=utf-8", "csv"),
        "jsonl" => (Format::JsonLines, "application/jsonl", "jsonl"),
        _ => return Err(Fault::Malformed("请选择导出的格式。".into())),
    };
    let tx = app.db.begin().await?;
    let entry = Entry {
        action: "audit.exported",
        subject: ("audit", 0),
        unit: None,
        on_behalf_of: None,
        summary: "导出审计记录".into(),
        detail: serde_json::json!({ "format": ending, "filter": asked.pairs() }),
    };
    append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    let name = format!(
        "audit-{}.{ending}",
        clock::local(app.now()).format("%Y%m%d-%H%M")
    );
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""))
        .expect("a date is plain ASCII");
    let body = Body::from_stream(export::stream(app.db.clone(), filter, format));
    Ok((
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        body,
    )
        .into_response())
}
