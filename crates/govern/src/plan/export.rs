//! Plans with their tasks as a spreadsheet file.

use super::{list::Asked, store};
use axum::{
    extract::{Query, State},
    response::Response,
};
use zhendi_kernel::{Actor, App, Fault, audit};
use zhendi_people::{
    lists::{self, Format, List, Value},
    person, unit,
};

const HEADINGS: [&str; 14] = [
    "单位",
    "类别",
    "年度",
    "计划名称",
    "状态",
    "任务",
    "要求",
    "负责人",
    "协助人员",
    "完成时限",
    "原定时限",
    "进度（%）",
    "任务状态",
    "是否逾期",
];

/// A file holds no more plans than this; a year of 2,000 units fits.
const MOST: u64 = 5_000;

/// GET /plans.csv
pub async fn csv(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Csv).await
}

/// GET /plans.xlsx
pub async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Xlsx).await
}

async fn file(app: &App, actor: &Actor, asked: &Asked, format: Format) -> Result<Response, Fault> {
    let (db, today) = (app.db.read(), app.clock.today());
    let wanted = store::Query {
        page: 1,
        per_page: MOST,
        ..asked.wanted()
    };
    let (lines, _) = store::list(db, actor, &wanted, today).await?;
    let units = unit::names(db, lines.iter().map(|line| line.plan.unit)).await?;
    let mut rows = vec![];
    for line in lines {
        let plan = line.plan;
        let tasks = store::tasks_of(db, plan.id).await?;
        let people = tasks
            .iter()
            .flat_map(|task| std::iter::once(task.person).chain(task.helpers.iter().copied()));
        let names = person::names(db, people).await?;
        let name = |id| names.get(&id).cloned().unwrap_or_default();
        let text = |text: &str| Value::Text(text.into());
        let head = [
            text(units.get(&plan.unit).map_or("", String::as_str)),
            text(plan.kind.label()),
            text(&plan.years()),
            text(&plan.title),
            text(plan.stage.label()),
        ];
        if tasks.is_empty() {
            let blank = std::iter::repeat_n(text(""), HEADINGS.len() - head.len());
            rows.push(head.iter().cloned().chain(blank).collect());
        }
        for task in tasks {
            let helpers: Vec<String> = task.helpers.iter().map(|id| name(*id)).collect();
            let overdue = if task.is_overdue(today) { "是" } else { "否" };
            let own = [
                text(&task.what),
                text(&task.detail),
                text(&name(task.person)),
                text(&helpers.join("、")),
                Value::Date(task.due),
                Value::Date(task.first_due),
                Value::Number(task.progress.into()),
                text(task.state.label()),
                text(overdue),
            ];
            rows.push(head.iter().cloned().chain(own).collect());
        }
    }
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "plan.exported",
        subject: ("plan", 0),
        unit: wanted.unit,
        on_behalf_of: None,
        summary: format!("导出工作计划清单 {} 行", rows.len()),
        detail: serde_json::json!({ "filter": asked.base() }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    let list = List {
        title: "工作计划".into(),
        headings: HEADINGS.to_vec(),
        rows,
    };
    lists::download(list, format, today).await
}
