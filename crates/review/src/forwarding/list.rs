//! The list of forwardings (转送记录), and the same as a file.

use super::{
    rules::{Forwarding, Harm, Stage},
    show,
    store::{self, Query as Wanted, View},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use zhendi_kernel::{Actor, App, Fault, PersonId, ScopeFilter, UnitId, audit, clock, web::Shell};
use zhendi_people::{
    lists::{self, Format, List, Value},
    person, unit,
};

/// Rows on a page.
pub(super) const PER_PAGE: u64 = 50;
/// A file holds no more lines than this.
const MOST: u64 = 20_000;

/// What stands in the address.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    view: String,
    kind: String,
    unit: String,
    page: String,
}

impl Asked {
    fn wanted(&self, now: DateTime<Utc>) -> Wanted {
        Wanted {
            view: View::parse(&self.view).unwrap_or(View::All),
            kind: Harm::parse(&self.kind),
            unit: self.unit.parse().map(UnitId).ok(),
            now,
            page: self.page.parse().unwrap_or(1).max(1),
            per_page: PER_PAGE,
        }
    }

    /// What was asked for, without the page.
    fn base(&self) -> String {
        let mut line = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("view", &self.view),
            ("kind", &self.kind),
            ("unit", &self.unit),
        ] {
            if !value.is_empty() {
                line.append_pair(name, value);
            }
        }
        line.finish()
    }

    fn is_narrow(&self) -> bool {
        !self.kind.is_empty() || !self.unit.is_empty()
    }
}

struct Row {
    one: Forwarding,
    units: String,
    overdue: bool,
    badge: (&'static str, &'static str),
}

impl Row {
    /// Whether the time to answer still runs.
    fn waits(&self) -> bool {
        self.one.stage() == Stage::Handling
    }

    fn iso(&self, at: &DateTime<Utc>) -> String {
        at.to_rfc3339()
    }

    fn shown(&self, at: &DateTime<Utc>) -> String {
        clock::show(at)
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "forwarding/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    base: String,
    /// Label, address, whether it is shown, and how many there are.
    tabs: Vec<(&'static str, String, bool, String)>,
    kinds: Vec<(&'static str, &'static str)>,
    units: Vec<(String, String)>,
    rows: Vec<Row>,
    page: u64,
    pages: u64,
    total: u64,
}

/// The names of the units that a forwarding is addressed to.
fn addressed(one: &Forwarding, names: &HashMap<UnitId, String>) -> String {
    let names: Vec<&str> = one
        .units
        .iter()
        .filter_map(|part| names.get(&part.unit).map(String::as_str))
        .collect();
    names.join("、")
}

/// GET /forwardings
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let (db, now) = (app.db.read(), app.now());
    let wanted = asked.wanted(now);
    let mut tabs = vec![];
    for view in View::ALL {
        let query = Wanted {
            view: *view,
            kind: None,
            unit: None,
            ..wanted.clone()
        };
        // How many are done, or are at all, is nobody's work.
        let count = match view {
            View::Open | View::Overdue => store::count(db, &actor, &query).await?.to_string(),
            View::All | View::Closed => String::new(),
        };
        let href = match view {
            View::All => "/forwardings".to_owned(),
            view => format!("/forwardings?view={}", view.code()),
        };
        tabs.push((view.label(), href, *view == wanted.view, count));
    }
    let total = store::count(db, &actor, &wanted).await?;
    let found = store::list(db, &actor, &wanted).await?;
    let ids: Vec<UnitId> = found
        .iter()
        .flat_map(|one| &one.units)
        .map(|part| part.unit)
        .collect();
    let names = unit::names(db, ids).await?;
    Ok(ListPage {
        tabs,
        kinds: Harm::ALL
            .iter()
            .map(|one| (one.code(), one.label()))
            .collect(),
        units: unit::options(db, &ScopeFilter::All).await?,
        rows: found
            .into_iter()
            .map(|one| {
                let overdue = one.is_overdue(now);
                Row {
                    units: addressed(&one, &names),
                    overdue,
                    badge: show::badge(one.stage(), overdue),
                    one,
                }
            })
            .collect(),
        page: wanted.page,
        pages: total.div_ceil(PER_PAGE).max(1),
        total,
        base: match asked.base().as_str() {
            "" => "/forwardings?".to_owned(),
            some => format!("/forwardings?{some}&"),
        },
        shell,
        asked,
    }
    .into_response())
}

const HEADINGS: [&str; 14] = [
    "编号",
    "稿件",
    "单位",
    "问题类型",
    "情况说明",
    "转送人",
    "转送时间",
    "处理部门",
    "答复时限",
    "状态",
    "是否超时",
    "办结结论",
    "办结时间",
    "内容指纹",
];

/// GET /forwardings.csv
pub(super) async fn csv(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Csv).await
}

/// GET /forwardings.xlsx
pub(super) async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Xlsx).await
}

async fn file(app: &App, actor: &Actor, asked: &Asked, format: Format) -> Result<Response, Fault> {
    let (db, now) = (app.db.read(), app.now());
    let wanted = Wanted {
        page: 1,
        per_page: MOST,
        ..asked.wanted(now)
    };
    let found = store::list(db, actor, &wanted).await?;
    let units: Vec<UnitId> = found
        .iter()
        .flat_map(|one| one.units.iter().map(|part| part.unit).chain([one.unit]))
        .collect();
    let units = unit::names(db, units).await?;
    let people: Vec<PersonId> = found.iter().map(|one| one.by.person).collect();
    let people = person::names(db, people).await?;
    let text = |text: &str| Value::Text(text.into());
    let rows: Vec<Vec<Value>> = found
        .iter()
        .map(|one| {
            let end = one.closing.as_ref();
            let by = people.get(&one.by.person).map_or("", String::as_str);
            let overdue = if one.is_overdue(now) { "是" } else { "" };
            vec![
                Value::Number(one.id.0 as f64),
                text(&one.title),
                text(units.get(&one.unit).map_or("", String::as_str)),
                text(one.kind.label()),
                text(&one.why),
                text(by),
                text(&clock::show(&one.at)),
                text(&addressed(one, &units)),
                text(&clock::show(&one.due)),
                text(one.stage().label()),
                text(overdue),
                text(end.map_or("", |end| end.outcome.label())),
                text(&end.map(|end| clock::show(&end.at)).unwrap_or_default()),
                text(&one.hash.to_string()),
            ]
        })
        .collect();
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "forwarding.exported",
        subject: ("forwarding_list", 0),
        unit: None,
        on_behalf_of: None,
        summary: format!("导出转送记录 {} 行", rows.len()),
        detail: serde_json::json!({ "filter": asked.base() }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    let list = List {
        title: "转送记录".into(),
        headings: HEADINGS.to_vec(),
        rows,
    };
    lists::download(list, format, app.clock.today()).await
}
