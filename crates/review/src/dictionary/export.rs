//! Words as a spreadsheet file, in the columns that an import reads again.

use super::{
    list::Asked,
    service, store,
    terms::{NewWord, Word},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use zhendi_kernel::{Actor, App, Fault, Permission, audit};
use zhendi_people::lists::{self, Format, List, Value};

/// The columns, in the order of the file.
pub(super) const HEADINGS: [&str; 8] = [
    "词语",
    "正确用词",
    "类型",
    "分类",
    "级别",
    "生效日期",
    "失效日期",
    "说明",
];

/// GET /dictionaries.csv
pub(super) async fn csv(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Csv).await
}

/// GET /dictionaries.xlsx
pub(super) async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Xlsx).await
}

async fn file(app: &App, actor: &Actor, asked: &Asked, format: Format) -> Result<Response, Fault> {
    let db = app.db.read();
    let wanted = store::Wanted {
        page: 1,
        per_page: super::MOST,
        ..asked.wanted()
    };
    let scope = actor.filter(Permission::ManageDictionaries);
    let root = service::root(db).await?;
    let (words, _) = store::list(db, &scope, root, &wanted).await?;
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "word.exported",
        subject: ("dictionary_list", 0),
        unit: wanted.unit,
        on_behalf_of: None,
        summary: format!("导出词条 {} 行", words.len()),
        detail: serde_json::json!({ "filter": asked.base() }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    let rows = words.iter().map(|Word { said, .. }| row(said)).collect();
    lists::download(list("词库", rows), format, app.clock.today()).await
}

fn list(title: &str, rows: Vec<Vec<Value>>) -> List {
    List {
        title: title.into(),
        headings: HEADINGS.to_vec(),
        rows,
    }
}

fn row(said: &NewWord) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.into());
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(|| text(""), Value::Date);
    vec![
        text(&said.word),
        text(&said.right.join("、")),
        text(said.kind.label()),
        text(&said.category),
        text(said.severity.label()),
        day(said.valid_from),
        day(said.valid_to),
        text(&said.note),
    ]
}

/// GET /dictionaries/sample.xlsx: an empty list with a line for each kind of word.
pub(super) async fn sample(State(app): State<App>, _: Actor) -> Result<Response, Fault> {
    let line = |cells: [&str; 8]| cells.map(|cell| Value::Text(cell.into())).to_vec();
    let rows = vec![
        line([
            "网路信息中心",
            "网络信息中心",
            "错误用词",
            "机构名称",
            "错误",
            "",
            "",
            "机构名称以发文为准",
        ]),
        line(["绝无仅有", "", "不宜使用", "广告用语", "警告", "", "", ""]),
        line([
            "张三校长",
            "",
            "需要核对",
            "职务",
            "提示",
            "2026-01-01",
            "",
            "职务有变动，请核对",
        ]),
        line(["信工青年", "", "允许使用", "账号名称", "", "", "", ""]),
    ];
    lists::download(list("词库导入样表", rows), Format::Xlsx, app.clock.today()).await
}
