//! The filtered list as a spreadsheet file, written while it is read: nothing of it is kept in memory.

use super::{
    list::Asked,
    lookup::{self, Line, Query as Wanted},
};
use crate::platform::{self, Platforms};
use axum::{
    body::{Body, Bytes},
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use std::{collections::HashMap, io};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use zhendi_kernel::{Actor, App, Fault, FilingId, PersonId, UnitId, audit, clock};
use zhendi_office::{
    sheet::Value,
    write::{Table, table_csv, table_xlsx},
};
use zhendi_people::{person, unit};

const HEADINGS: [&str; 12] = [
    "序号",
    "名称",
    "备案类型",
    "单位",
    "平台",
    "状态",
    "纸质审批",
    "填报人",
    "提交时间",
    "办理期限",
    "备案编号",
    "更新时间",
];

/// Rows read at a time.
const AT_ONCE: u64 = 500;

/// GET /filings.csv
pub(super) async fn csv(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    send(app, actor, asked, false).await
}

/// GET /filings.xlsx
pub(super) async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    send(app, actor, asked, true).await
}

async fn send(app: App, actor: Actor, asked: Asked, xlsx: bool) -> Result<Response, Fault> {
    let wanted = asked.wanted();
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "filing.exported",
        subject: ("filing_list", 0),
        unit: wanted.unit,
        on_behalf_of: None,
        summary: "导出备案清单".into(),
        detail: serde_json::json!({ "filter": asked.base(false) }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;

    let (rows, read) = channel(2);
    let (written, mut out) = channel::<Result<Bytes, io::Error>>(4);
    let list = List {
        platforms: platform::load(app.db.read()).await?,
        now: app.now(),
        app: app.clone(),
        actor,
        wanted,
    };
    // Either ends with the other: who stops the download stops the reading.
    tokio::spawn(list.read(rows));
    tokio::task::spawn_blocking(move || write(read, written, xlsx));
    // Asked again after the end, it only says so again: compression does ask.
    let body = futures::stream::poll_fn(move |context| out.poll_recv(context));
    let (ending, kind) = if xlsx {
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    } else {
        ("csv", "text/csv; charset=utf-8")
    };
    let name = format!("备案清单-{}.{ending}", app.clock.today().format("%Y%m%d"));
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    Ok((
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"filings.{ending}\"; filename*=UTF-8''{encoded}"),
            ),
        ],
        Body::from_stream(body),
    )
        .into_response())
}

type Rows = Result<Vec<Vec<Value>>, Fault>;

struct List {
    app: App,
    actor: Actor,
    wanted: Wanted,
    platforms: Platforms,
    now: DateTime<Utc>,
}

impl List {
    async fn read(self, rows: Sender<Rows>) {
        let mut after = FilingId(0);
        loop {
            let part = self.part(&mut after).await;
            let last = !matches!(&part, Ok(part) if part.len() as u64 == AT_ONCE);
            if rows.send(part).await.is_err() || last {
                return;
            }
        }
    }

    async fn part(&self, after: &mut FilingId) -> Rows {
        let db = self.app.db.read();
        let lines =
            lookup::page_of_export(db, &self.actor, &self.wanted, self.now, *after, AT_ONCE)
                .await?;
        let units = unit::names(db, lines.iter().map(|line| line.unit)).await?;
        let people = person::names(db, lines.iter().map(|line| line.author)).await?;
        if let Some(last) = lines.last() {
            *after = last.id;
        }
        Ok(lines
            .into_iter()
            .map(|line| self.cells(line, &units, &people))
            .collect())
    }

    fn cells(
        &self,
        line: Line,
        units: &HashMap<UnitId, String>,
        people: &HashMap<PersonId, String>,
    ) -> Vec<Value> {
        let at = |at: Option<DateTime<Utc>>| at.as_ref().map(clock::show).unwrap_or_default();
        let text = |text: String| match text.as_str() {
            "" => Value::Empty,
            _ => Value::Text(text),
        };
        let standing = super::list::badge(line.stage, line.closing).2;
        vec![
            text(line.id.to_string()),
            text(line.name),
            text(line.kind.label().into()),
            text(units.get(&line.unit).cloned().unwrap_or_default()),
            text(self.platforms.name(&line.platform.as_str().into()).into()),
            text(standing.into()),
            text(if line.paper { "是" } else { "" }.into()),
            text(people.get(&line.author).cloned().unwrap_or_default()),
            text(at(line.submitted_at)),
            text(at(line.due)),
            text(line.document_number.unwrap_or_default()),
            text(clock::show(&line.updated_at)),
        ]
    }
}

fn write(mut rows: Receiver<Rows>, out: Sender<Result<Bytes, io::Error>>, xlsx: bool) {
    let rows = std::iter::from_fn(move || rows.blocking_recv()).flat_map(|part| match part {
        Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(fault) => vec![Err(fault.to_string().into())],
    });
    let table = Table {
        title: "备案清单".into(),
        headings: HEADINGS.map(String::from).to_vec(),
        rows: Box::new(rows),
    };
    let mut to = io::BufWriter::with_capacity(64 * 1024, To(out.clone()));
    let done = if xlsx {
        table_xlsx(table, None, &mut to)
    } else {
        table_csv(table, &mut to)
    };
    let done = done
        .map_err(io::Error::other)
        .and_then(|()| io::Write::flush(&mut to));
    if let Err(error) = done {
        tracing::warn!(%error, "a list of filings was not exported to its end");
        // The download breaks off instead of looking whole. Nobody may be there to be told.
        let _ = out.blocking_send(Err(error));
    }
}

/// Gives what is written to the body of the answer.
struct To(Sender<Result<Bytes, io::Error>>);

impl io::Write for To {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = Bytes::copy_from_slice(bytes);
        self.0
            .blocking_send(Ok(part))
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
