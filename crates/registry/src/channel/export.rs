//! The filtered list as a spreadsheet file, written while it is read.

use super::{Asked, FilingState, Holder, RunningState, store};
use crate::platform::{self, Platforms};
use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream;
use std::{collections::HashMap, sync::Arc};
use zhendi_kernel::{Actor, App, ChannelId, Fault, Permission, ScopeFilter, UnitId, audit, clock};
use zhendi_people::unit;

const HEADINGS: [&str; 22] = [
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
];
const MORE_HEADINGS: [&str; 4] = ["是否委托其他单位运营", "受托运营单位", "备注", "更新时间"];

/// Rows read at a time.
const AT_ONCE: u64 = 500;

/// GET /channels.csv
pub async fn csv(State(app): State<App>, actor: Actor, asked: Asked) -> Result<Response, Fault> {
    let scope = actor.filter(Permission::ViewChannels);
    let query = asked.query(app.clock.today());
    let total = store::count(app.db.read(), &scope, &query).await?;
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "channel.exported",
        subject: ("channel_list", 0),
        unit: query.unit,
        on_behalf_of: None,
        summary: format!("导出网络阵地清单 {total} 条"),
        detail: serde_json::json!({ "filter": asked.to_sort("/channels") }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;

    let export = Arc::new(Export {
        units: unit::names(app.db.read(), unit_ids(&app).await?).await?,
        platforms: platform::load(app.db.read()).await?,
        app: app.clone(),
        scope,
        query,
    });
    let name = format!("网络阵地清单-{}.csv", app.clock.today().format("%Y%m%d"));
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let body = stream::try_unfold(Some(Step::Headings), move |step| {
        let export = Arc::clone(&export);
        async move {
            match step {
                None => Ok(None),
                Some(step) => export.part(step).await.map(Some),
            }
        }
    });
    Ok((
        [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"channels.csv\"; filename*=UTF-8''{encoded}"),
            ),
        ],
        Body::from_stream(body),
    )
        .into_response())
}

async fn unit_ids(app: &App) -> Result<Vec<UnitId>, Fault> {
    let all = unit::all(app.db.read()).await?;
    Ok(all.into_iter().map(|unit| unit.id).collect())
}

struct Export {
    app: App,
    scope: ScopeFilter,
    query: store::Query,
    units: HashMap<UnitId, String>,
    platforms: Platforms,
}

enum Step {
    Headings,
    After(ChannelId),
}

impl Export {
    /// One part of the file and what comes next.
    async fn part(&self, step: Step) -> Result<(Vec<u8>, Option<Step>), std::io::Error> {
        let after = match step {
            Step::Headings => {
                let headings = HEADINGS.into_iter().chain(MORE_HEADINGS);
                // The mark at the start tells spreadsheet programs that this is UTF-8.
                let mut bytes = "\u{FEFF}".as_bytes().to_vec();
                bytes.extend(lines([headings.map(String::from).collect()])?);
                return Ok((bytes, Some(Step::After(ChannelId(0)))));
            }
            Step::After(id) => id,
        };
        let rows =
            store::page_of_export(self.app.db.read(), &self.scope, &self.query, after, AT_ONCE)
                .await
                .map_err(std::io::Error::other)?;
        let next = match rows.last() {
            Some(last) if rows.len() as u64 == AT_ONCE => Some(Step::After(last.id)),
            _ => None,
        };
        Ok((lines(rows.into_iter().map(|row| self.cells(row)))?, next))
    }

    fn cells(&self, row: store::Model) -> Vec<String> {
        let yes_no = |value: Option<bool>| match value {
            Some(true) => "是".to_owned(),
            Some(false) => "否".to_owned(),
            None => String::new(),
        };
        let holder = Holder::parse(&row.holder_kind, &row.holder_post);
        vec![
            row.id.to_string(),
            row.name,
            row.address_or_id,
            self.units.get(&row.unit_id).cloned().unwrap_or_default(),
            row.certified_body,
            self.platforms.name(&row.platform).to_owned(),
            holder
                .map(|holder| holder.label().to_owned())
                .unwrap_or_default(),
            row.holder_post,
            row.opened_on.unwrap_or_default(),
            row.followers.map(|n| n.to_string()).unwrap_or_default(),
            row.posting_frequency,
            row.responsible_department,
            row.icp.unwrap_or_default(),
            FilingState::parse(&row.filing_state)
                .map_or("", FilingState::label)
                .to_owned(),
            row.file_by.map(|day| day.to_string()).unwrap_or_default(),
            row.filed_source.unwrap_or_default(),
            row.filing_number.unwrap_or_default(),
            RunningState::parse(&row.running_state)
                .map_or("", RunningState::label)
                .to_owned(),
            row.survey.problem,
            yes_no(row.survey.rectified),
            yes_no(row.survey.interactive),
            yes_no(row.survey.review_system),
            yes_no(row.survey.outsourced),
            row.survey.operator.unwrap_or_default(),
            row.remark,
            clock::show(&row.updated_at),
        ]
    }
}

fn lines(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, std::io::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(vec![]);
    for row in rows {
        writer.write_record(row.into_iter().map(harmless))?;
    }
    writer
        .into_inner()
        .map_err(|e| std::io::Error::other(e.to_string()))
}

/// A cell that no spreadsheet program takes for a formula.
pub(super) fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}
