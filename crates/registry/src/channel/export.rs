//! The filtered list as a spreadsheet file, `.csv` or `.xlsx`, written while it is read.

use super::{
    Asked, Cell as WebCell, FilingState, Holder, RunningState, WebKind,
    store::{self, Model},
};
use crate::platform::{self, Platforms};
use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use std::{collections::HashMap, io, sync::Arc};
use tokio::sync::mpsc;
use zhendi_kernel::{Actor, App, ChannelId, Fault, Permission, ScopeFilter, UnitId, audit, clock};
use zhendi_office::{
    sheet::Value,
    write::{CSV_MARK, Table, csv_lines, table_xlsx},
};
use zhendi_people::unit;

/// The columns that every channel has; those of sites and apps follow, and then [`LAST`].
const FIRST: [&str; 24] = [
    "编号",
    "名称",
    "账号ID（网址）",
    "开设单位",
    "认证主体",
    "平台",
    "账号性质",
    "职务",
    "开通时间",
    "粉丝量",
    "发布频次",
    "责任部门",
    "ICP备案号",
    "备案状态",
    "备案期限",
    "备案来源",
    "备案编号",
    "运行状态",
    "问题排查情况",
    "是否整改",
    "是否具有互动功能",
    "是否建立内容发布审核制度",
    "是否委托其他单位运营",
    "受托运营单位",
];
const LAST: [&str; 2] = ["备注", "更新时间"];
/// What the public may have.
const PUBLIC: [&str; 6] = [
    "名称",
    "开设单位",
    "平台",
    "账号ID（网址）",
    "认证主体",
    "备案编号",
];

/// Rows read at a time.
const AT_ONCE: u64 = 500;
/// Lists up to so many rows come in the order of the screen, longer ones by number: whoever goes through
/// them by offset reads everything again and again.
const IN_ORDER: u64 = 10_000;

/// GET /channels.csv
pub async fn csv(State(app): State<App>, actor: Actor, asked: Asked) -> Result<Response, Fault> {
    let export = Arc::new(begin(&app, &actor, &asked).await?);
    let name = format!("网络阵地清单-{}.csv", app.clock.today().format("%Y%m%d"));
    Ok(csv_of(export, &name, "channels.csv"))
}

/// GET /channels.xlsx
pub async fn xlsx(State(app): State<App>, actor: Actor, asked: Asked) -> Result<Response, Fault> {
    let export = Arc::new(begin(&app, &actor, &asked).await?);
    let name = format!("网络阵地清单-{}.xlsx", app.clock.today().format("%Y%m%d"));
    Ok(xlsx_of(export, &name))
}

/// What everyone may see of the channels that a query finds, as `.csv`.
///
/// # Errors
/// When the database fails.
pub async fn public_csv(app: &App, query: store::Query) -> Result<Response, Fault> {
    let export = Export::new(app, ScopeFilter::All, query, true).await?;
    let name = format!("官方账号名录-{}.csv", app.clock.today().format("%Y%m%d"));
    Ok(csv_of(Arc::new(export), &name, "directory.csv"))
}

/// Notes who takes which list away.
async fn begin(app: &App, actor: &Actor, asked: &Asked) -> Result<Export, Fault> {
    let scope = actor.filter(Permission::ViewChannels);
    let query = asked.query(app.clock.today());
    let unit = query.unit;
    let export = Export::new(app, scope, query, false).await?;
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "channel.exported",
        subject: ("channel_list", 0),
        unit,
        on_behalf_of: None,
        summary: format!("导出网络阵地清单 {} 条", export.total),
        detail: serde_json::json!({ "filter": asked.to_sort("/channels") }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    Ok(export)
}

struct Export {
    app: App,
    scope: ScopeFilter,
    query: store::Query,
    total: u64,
    units: HashMap<UnitId, String>,
    platforms: Platforms,
    public: bool,
}

/// Where the next rows begin.
#[derive(Clone, Copy)]
enum Mark {
    After(ChannelId),
    Offset(u64),
}

impl Export {
    async fn new(
        app: &App,
        scope: ScopeFilter,
        query: store::Query,
        public: bool,
    ) -> Result<Self, Fault> {
        let db = app.db.read();
        let all = unit::all(db).await?;
        Ok(Self {
            total: store::count(db, &scope, &query).await?,
            units: unit::names(db, all.into_iter().map(|unit| unit.id)).await?,
            platforms: platform::load(db).await?,
            app: app.clone(),
            scope,
            query,
            public,
        })
    }

    fn first(&self) -> Mark {
        if self.total <= IN_ORDER {
            Mark::Offset(0)
        } else {
            Mark::After(ChannelId(0))
        }
    }

    fn web_cells() -> impl Iterator<Item = &'static WebCell> {
        WebKind::Site.cells().iter().chain(WebKind::App.cells())
    }

    fn headings(&self) -> Vec<String> {
        if self.public {
            return PUBLIC.map(String::from).into();
        }
        let web = Self::web_cells().map(|cell| cell.label);
        let all = FIRST.into_iter().chain(web).chain(LAST);
        all.map(String::from).collect()
    }

    /// Some rows and where the next begin.
    async fn rows(&self, at: Mark) -> Result<(Vec<Model>, Option<Mark>), Fault> {
        let db = self.app.db.read();
        let rows = match at {
            Mark::After(id) => {
                store::page_of_export(db, &self.scope, &self.query, id, AT_ONCE).await?
            }
            Mark::Offset(n) => {
                store::page_in_order(db, &self.scope, &self.query, n, AT_ONCE).await?
            }
        };
        let full = rows.len() as u64 == AT_ONCE;
        let next = match (at, rows.last()) {
            (Mark::After(_), Some(last)) if full => Some(Mark::After(last.id)),
            (Mark::Offset(n), Some(_)) if full => Some(Mark::Offset(n + AT_ONCE)),
            _ => None,
        };
        Ok((rows, next))
    }

    fn cells(&self, row: Model) -> Vec<Value> {
        let unit = self.units.get(&row.unit_id).cloned().unwrap_or_default();
        let platform = self.platforms.name(&row.platform).to_owned();
        if self.public {
            return vec![
                row.name.into(),
                unit.into(),
                platform.into(),
                row.address_or_id.into(),
                row.certified_body.into(),
                row.filing_number.unwrap_or_default().into(),
            ];
        }
        let yes_no = |value: Option<bool>| -> Value {
            match value {
                Some(true) => "是".into(),
                Some(false) => "否".into(),
                None => Value::Empty,
            }
        };
        let holder = Holder::parse(&row.holder_kind, &row.holder_post);
        let filing = FilingState::parse(&row.filing_state).map_or("", FilingState::label);
        let running = RunningState::parse(&row.running_state).map_or("", RunningState::label);
        let mut cells: Vec<Value> = vec![
            row.id.0.unsigned_abs().into(),
            row.name.into(),
            row.address_or_id.into(),
            unit.into(),
            row.certified_body.into(),
            platform.into(),
            holder.map_or("", |holder| holder.label()).into(),
            row.holder_post.into(),
            row.opened_on.unwrap_or_default().into(),
            row.followers
                .map_or(Value::Empty, |count| count.unsigned_abs().into()),
            row.posting_frequency.into(),
            row.responsible_department.into(),
            row.icp.unwrap_or_default().into(),
            filing.into(),
            row.file_by.map_or(Value::Empty, Value::Date),
            row.filed_source.unwrap_or_default().into(),
            row.filing_number.unwrap_or_default().into(),
            running.into(),
            row.survey.problem.into(),
            yes_no(row.survey.rectified),
            yes_no(row.survey.interactive),
            yes_no(row.survey.review_system),
            yes_no(row.survey.outsourced),
            row.survey.operator.unwrap_or_default().into(),
        ];
        cells.extend(Self::web_cells().map(|cell| row.web.shown(cell).into()));
        cells.push(row.remark.into());
        cells.push(clock::show(&row.updated_at).into());
        cells
    }
}

enum Step {
    Headings,
    Rows(Mark),
}

fn csv_of(export: Arc<Export>, name: &str, plain_name: &str) -> Response {
    let body = stream::try_unfold(Some(Step::Headings), move |step| {
        let export = Arc::clone(&export);
        async move {
            match step {
                None => Ok::<_, io::Error>(None),
                Some(Step::Headings) => {
                    let mut bytes = CSV_MARK.to_vec();
                    bytes.extend(csv_lines([export.headings()])?);
                    Ok(Some((bytes, Some(Step::Rows(export.first())))))
                }
                Some(Step::Rows(mark)) => {
                    let (rows, next) = export.rows(mark).await.map_err(io::Error::other)?;
                    let lines = rows.into_iter().map(|row| {
                        let cells = export.cells(row);
                        cells.iter().map(Value::to_string).collect()
                    });
                    Ok(Some((csv_lines(lines)?, next.map(Step::Rows))))
                }
            }
        }
    });
    download(
        Body::from_stream(body),
        "text/csv; charset=utf-8",
        name,
        plain_name,
    )
}

/// The rows are read here and written by a thread that may wait; what it writes is sent as it comes. When
/// the browser goes away, the writer finds nobody to write to, and the reader nobody to read for.
fn xlsx_of(export: Arc<Export>, name: &str) -> Response {
    let (rows_in, mut rows_out) = mpsc::channel::<Result<Vec<Vec<Value>>, Fault>>(2);
    let (bytes_in, mut bytes_out) = mpsc::channel::<Result<Bytes, io::Error>>(4);
    let headings = export.headings();
    tokio::spawn(async move {
        let mut mark = Some(export.first());
        while let Some(at) = mark {
            let part = match export.rows(at).await {
                Ok((rows, next)) => {
                    mark = next;
                    Ok(rows.into_iter().map(|row| export.cells(row)).collect())
                }
                Err(fault) => {
                    mark = None;
                    Err(fault)
                }
            };
            if rows_in.send(part).await.is_err() {
                return;
            }
        }
    });
    tokio::task::spawn_blocking(move || {
        let parts = std::iter::from_fn(move || rows_out.blocking_recv());
        let rows = parts.flat_map(|part| match part {
            Ok(rows) => rows.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(fault) => vec![Err(fault.into())],
        });
        let table = Table {
            title: "网络阵地清单".into(),
            headings,
            rows: Box::new(rows),
        };
        let mut out = Sender(bytes_in.clone());
        let written = table_xlsx(table, None, &mut out);
        if let Err(error) = written {
            tracing::warn!(error = %error, "an export was not finished");
            // The browser sees a broken file, not a short one.
            let _ = bytes_in.blocking_send(Err(io::Error::other("unfinished")));
        }
    });
    // Asked again after the end, it only says so again: compression does ask.
    let body = stream::poll_fn(move |context| bytes_out.poll_recv(context));
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    download(Body::from_stream(body), kind, name, "channels.xlsx")
}

/// Sends what is written.
struct Sender(mpsc::Sender<Result<Bytes, io::Error>>);

impl io::Write for Sender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .blocking_send(Ok(Bytes::copy_from_slice(bytes)))
            .map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn download(body: Body, kind: &str, name: &str, plain_name: &str) -> Response {
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let disposition = format!("attachment; filename=\"{plain_name}\"; filename*=UTF-8''{encoded}");
    (
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        body,
    )
        .into_response()
}
