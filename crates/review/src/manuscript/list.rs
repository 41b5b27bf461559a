//! The list of manuscripts, and the same as a file.

use super::{
    categories::Categories,
    store::{self, Line, PER_PAGE, State},
    targets,
};
use crate::{forwarding, ids::ManuscriptId};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State as Has},
    response::{IntoResponse, Response},
};
use std::collections::{BTreeSet, HashMap};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, PersonId, UnitId, audit, clock, web::Shell,
};
use zhendi_people::{
    lists::{self, Format, List, MOST, Value},
    person, unit,
};

/// What stands in the address.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub q: String,
    pub state: String,
    pub unit: String,
    pub channel: String,
    pub category: String,
    pub mine: String,
    pub page: String,
}

impl Asked {
    fn wanted(&self) -> store::Query {
        store::Query {
            text: self.q.chars().take(100).collect(),
            state: State::parse(&self.state),
            unit: self.unit.parse().map(UnitId).ok(),
            channel: self.channel.parse().map(ChannelId).ok(),
            category: self.category.clone(),
            mine: self.mine == "1",
            page: self.page.parse().unwrap_or(1).max(1),
            per_page: PER_PAGE,
        }
    }

    /// What was asked for, without the page.
    fn base(&self) -> String {
        let mut line = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", &self.q),
            ("state", &self.state),
            ("unit", &self.unit),
            ("channel", &self.channel),
            ("category", &self.category),
            ("mine", &self.mine),
        ] {
            if !value.is_empty() {
                line.append_pair(name, value);
            }
        }
        line.finish()
    }

    fn is_narrow(&self) -> bool {
        [
            &self.q,
            &self.state,
            &self.unit,
            &self.channel,
            &self.category,
        ]
        .iter()
        .any(|part| !part.is_empty())
    }
}

/// The tone and the icon of a state's badge.
pub(super) fn badge(state: State) -> (&'static str, &'static str) {
    use crate::course::Stage;
    match state {
        State::Draft => ("neutral", "pencil"),
        State::On(Stage::Reviewing) => ("info", "hourglass"),
        State::On(Stage::Returned) => ("warning", "arrow-back-up"),
        State::On(Stage::Recalled) => ("neutral", "corner-up-right"),
        State::On(Stage::Approved) => ("success", "circle-check"),
        State::On(Stage::Discarded) => ("neutral", "ban"),
    }
}

/// A row of the page.
struct Row {
    line: Line,
    state: State,
    unit: String,
    author: String,
    channels: Vec<String>,
    saved: String,
}

impl Row {
    fn title(&self) -> &str {
        match self.line.title.as_str() {
            "" => "（无标题）",
            title => title,
        }
    }

    fn mark(&self) -> (&'static str, &'static str) {
        badge(self.state)
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "manuscript/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    base: String,
    states: Vec<(&'static str, &'static str)>,
    units: Vec<(String, String)>,
    channels: Vec<(String, String)>,
    categories: Vec<(String, String)>,
    rows: Vec<Row>,
    /// Those that departments have.
    stopped: BTreeSet<ManuscriptId>,
    page: u64,
    pages: u64,
    total: u64,
    may_draft: bool,
    sees_others: bool,
}

impl ListPage {
    fn mine(&self) -> bool {
        self.asked.mine == "1"
    }
}

async fn rows(app: &App, lines: Vec<Line>) -> Result<Vec<Row>, Fault> {
    let db = app.db.read();
    let ids: Vec<ManuscriptId> = lines.iter().map(|line| line.id).collect();
    let (stages, on) = store::states(db, &ids).await?;
    let units = unit::names(db, lines.iter().map(|line| line.unit_id)).await?;
    let people: HashMap<PersonId, String> =
        person::names(db, lines.iter().map(|line| line.author_id)).await?;
    let mut all: Vec<ChannelId> = on.values().flatten().copied().collect();
    all.sort();
    all.dedup();
    let channels = targets::named(app, db, &all).await?;
    Ok(lines
        .into_iter()
        .map(|line| Row {
            state: stages.get(&line.id).copied().unwrap_or(State::Draft),
            unit: units.get(&line.unit_id).cloned().unwrap_or_default(),
            author: people.get(&line.author_id).cloned().unwrap_or_default(),
            channels: on
                .get(&line.id)
                .into_iter()
                .flatten()
                .filter_map(|id| channels.get(id).cloned())
                .collect(),
            saved: clock::show(&line.saved_at),
            line,
        })
        .collect())
}

/// GET /manuscripts
pub(super) async fn page(
    Has(app): Has<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let wanted = asked.wanted();
    let (lines, total) = store::list(db, &actor, &wanted).await?;
    let chosen: Vec<ChannelId> = wanted.channel.into_iter().collect();
    let offered = targets::offered(&app, &actor, &chosen).await?;
    let categories: Categories = app.setting().await?;
    let stopped = forwarding::open_of(db, lines.iter().map(|line| line.id)).await?;
    let base = match asked.base().as_str() {
        "" => "/manuscripts?".to_owned(),
        some => format!("/manuscripts?{some}&"),
    };
    Ok(ListPage {
        states: State::options(),
        units: unit::options(db, &actor.filter(Permission::ViewManuscripts)).await?,
        channels: offered
            .iter()
            .map(|target| (target.id.to_string(), target.label()))
            .collect(),
        categories: categories
            .names
            .into_iter()
            .map(|name| (name.clone(), name))
            .collect(),
        rows: rows(&app, lines).await?,
        stopped,
        page: wanted.page,
        pages: total.div_ceil(PER_PAGE).max(1),
        may_draft: actor.may_somewhere(Permission::DraftManuscripts),
        sees_others: actor.may_somewhere(Permission::ViewManuscripts),
        shell,
        asked,
        base,
        total,
    }
    .into_response())
}

const HEADINGS: [&str; 11] = [
    "编号",
    "标题",
    "单位",
    "拟稿人",
    "类别",
    "来源性质",
    "版式",
    "网络阵地",
    "状态",
    "字数",
    "最近保存",
];

/// GET /manuscripts.csv
pub(super) async fn csv(
    Has(app): Has<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Csv).await
}

/// GET /manuscripts.xlsx
pub(super) async fn xlsx(
    Has(app): Has<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Xlsx).await
}

async fn file(app: &App, actor: &Actor, asked: &Asked, format: Format) -> Result<Response, Fault> {
    let wanted = store::Query {
        page: 1,
        per_page: MOST,
        ..asked.wanted()
    };
    let (lines, _) = store::list(app.db.read(), actor, &wanted).await?;
    let text = |text: &str| Value::Text(text.into());
    let rows: Vec<Vec<Value>> = rows(app, lines)
        .await?
        .into_iter()
        .map(|row| {
            let origin = super::Origin::parse(&row.line.origin).map_or("", super::Origin::label);
            let layout = super::Layout::parse(&row.line.layout).map_or("", super::Layout::label);
            vec![
                Value::Number(row.line.id.0 as f64),
                text(row.title()),
                text(&row.unit),
                text(&row.author),
                text(&row.line.category),
                text(origin),
                text(layout),
                text(&row.channels.join("、")),
                text(row.state.label()),
                Value::Number(row.line.words.into()),
                text(&row.saved),
            ]
        })
        .collect();
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "manuscript.exported",
        subject: (super::SUBJECT, 0),
        unit: wanted.unit,
        on_behalf_of: None,
        summary: format!("导出稿件清单 {} 行", rows.len()),
        detail: serde_json::json!({ "filter": asked.base() }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    let list = List {
        title: "稿件清单".into(),
        headings: HEADINGS.to_vec(),
        rows,
    };
    lists::download(list, format, app.clock.today()).await
}
