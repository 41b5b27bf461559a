//! The list of regulations, on a page and as a file.

use super::{
    Regulation, RegulationState,
    store::{self, Query as Wanted, View},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use std::collections::HashMap;
use zhendi_kernel::{Actor, App, Fault, Permission, UnitId, audit, web::Shell};
use zhendi_people::{
    lists::{self, Format, List, Value},
    unit,
};

/// What stands in the address.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    view: String,
    unit: String,
    q: String,
    page: String,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        Wanted {
            view: View::ALL
                .into_iter()
                .find(|view| view.code() == self.view)
                .unwrap_or_default(),
            unit: self.unit.parse().map(UnitId).ok(),
            text: self.q.chars().take(100).collect(),
            page: self.page.parse().unwrap_or(1).max(1),
            per_page: store::PER_PAGE,
        }
    }

    fn base(&self) -> String {
        let mut line = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("view", &self.view), ("unit", &self.unit), ("q", &self.q)] {
            if !value.is_empty() {
                line.append_pair(name, value);
            }
        }
        line.finish()
    }
}

/// The tone and the icon of a state's badge.
pub(super) fn badge(state: RegulationState) -> (&'static str, &'static str) {
    match state {
        RegulationState::Draft => ("neutral", "pencil"),
        RegulationState::Upcoming => ("info", "clock"),
        RegulationState::InForce => ("success", "circle-check"),
        RegulationState::Repealed => ("neutral", "ban"),
    }
}

struct Row {
    regulation: Regulation,
    state: RegulationState,
    unit: String,
    scope: String,
}

impl Row {
    fn badge(&self) -> (&'static str, &'static str) {
        badge(self.state)
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "regulation/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    view: View,
    base: String,
    units: Vec<(String, String)>,
    rows: Vec<Row>,
    page: u64,
    pages: u64,
    total: u64,
    waiting: u64,
    is_maker: bool,
    may_draft: bool,
}

async fn rows(app: &App, found: Vec<Regulation>, today: NaiveDate) -> Result<Vec<Row>, Fault> {
    let ids = found.iter().flat_map(|one| [one.unit, one.scope]);
    let names: HashMap<UnitId, String> = unit::names(app.db.read(), ids).await?;
    let name = |id: UnitId| names.get(&id).cloned().unwrap_or_default();
    Ok(found
        .into_iter()
        .map(|regulation| Row {
            state: regulation.state(today),
            unit: name(regulation.unit),
            scope: name(regulation.scope),
            regulation,
        })
        .collect())
}

/// GET /regulations
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let (db, today) = (app.db.read(), app.clock.today());
    let wanted = asked.wanted();
    let (found, total) = store::list(db, &actor, &wanted, today).await?;
    let waiting = match actor.person() {
        Some(me) => store::waiting(db, me, today).await?,
        None => 0,
    };
    let may_draft = actor.may_somewhere(Permission::DraftRegulations);
    Ok(ListPage {
        rows: rows(&app, found, today).await?,
        units: unit::options(db, &actor.filter(Permission::ViewUnits)).await?,
        base: match asked.base().as_str() {
            "" => "/regulations?".to_owned(),
            some => format!("/regulations?{some}&"),
        },
        view: wanted.view,
        page: wanted.page,
        pages: total.div_ceil(store::PER_PAGE).max(1),
        is_maker: may_draft || actor.may_somewhere(Permission::IssueRegulations),
        may_draft,
        shell,
        asked,
        total,
        waiting,
    }
    .into_response())
}

/// A file holds no more rows than this.
const MOST: u64 = 20_000;

/// GET /regulations.csv
pub(super) async fn csv(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Csv).await
}

/// GET /regulations.xlsx
pub(super) async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Xlsx).await
}

async fn file(app: &App, actor: &Actor, asked: &Asked, format: Format) -> Result<Response, Fault> {
    let (db, today) = (app.db.read(), app.clock.today());
    let wanted = Wanted {
        page: 1,
        per_page: MOST,
        ..asked.wanted()
    };
    let (found, _) = store::list(db, actor, &wanted, today).await?;
    let rows = rows(app, found, today).await?.into_iter().map(|row| {
        let text = |text: &str| Value::Text(text.into());
        vec![
            text(&row.regulation.title),
            text(&row.regulation.number),
            text(&row.unit),
            text(&row.scope),
            text(row.state.label()),
            row.regulation.effective_on.into(),
            row.regulation.repealed_on.into(),
            text(&row.regulation.readers.label()),
        ]
    });
    let list = List {
        title: "规章制度".into(),
        headings: vec![
            "名称",
            "文号",
            "发布单位",
            "适用范围",
            "状态",
            "施行日期",
            "废止日期",
            "须阅读",
        ],
        rows: rows.collect(),
    };
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "regulation.exported",
        subject: ("regulation", 0),
        unit: wanted.unit,
        on_behalf_of: None,
        summary: format!("导出规章制度清单 {} 行", list.rows.len()),
        detail: serde_json::json!({ "filter": asked.base() }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    lists::download(list, format, today).await
}
