//! The list of filings.

use super::{
    lookup::{self, Listing, Query as Wanted, View},
    rules::Stage,
};
use crate::platform::{self, Platforms};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use std::collections::HashMap;
use zhendi_kernel::{Actor, App, Fault, Permission, UnitId, clock, web::Shell};
use zhendi_people::unit;

/// What stands in the address.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    view: String,
    unit: String,
    stage: String,
    q: String,
    overdue: String,
    sort: String,
    dir: String,
    page: String,
}

impl Asked {
    fn view(&self) -> View {
        [View::Mine, View::Waiting]
            .into_iter()
            .find(|view| view.code() == self.view)
            .unwrap_or_default()
    }

    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            view: self.view(),
            unit: self.unit.parse().map(UnitId).ok(),
            stage: Stage::parse(&self.stage),
            text: self.q.chars().take(100).collect(),
            overdue: self.overdue == "1",
            sort: self.sort.clone(),
            descending: self.dir == "desc",
            page: self.page.parse().unwrap_or(1),
        }
    }

    /// The address with what was asked for, to which order and page are added.
    fn base(&self, sorted: bool) -> String {
        let mut line = url::form_urlencoded::Serializer::new(String::new());
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                line.append_pair(name, value);
            }
        };
        put("view", &self.view);
        put("unit", &self.unit);
        put("stage", &self.stage);
        put("q", &self.q);
        put("overdue", &self.overdue);
        if sorted {
            put("sort", &self.sort);
            put("dir", &self.dir);
        }
        match line.finish().as_str() {
            "" => "/filings?".into(),
            some => format!("/filings?{some}&"),
        }
    }
}

struct Row {
    line: lookup::Line,
    name: String,
    unit: String,
    platform: String,
    due: String,
    due_iso: String,
    updated: String,
    updated_iso: String,
}

impl Row {
    fn badge(&self) -> (&'static str, &'static str) {
        badge(self.line.stage)
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "filing/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    view: View,
    counts: lookup::Counts,
    all: u64,
    units: Vec<(String, String)>,
    stages: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    page: u64,
    pages: u64,
    total: u64,
    filtered: bool,
    may_draft: bool,
}

impl ListPage {
    fn base(&self, sorted: bool) -> String {
        self.asked.base(sorted)
    }

    fn descending(&self) -> bool {
        self.asked.dir == "desc"
    }

    fn aria_sort(&self, key: &str) -> &'static str {
        match (self.asked.sort == key, self.descending()) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }
}

/// The tone and the icon of a stage's badge.
pub(super) fn badge(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Draft => ("neutral", "pencil"),
        Stage::Awaiting(_) => ("info", "hourglass"),
        Stage::Returned => ("warning", "arrow-back-up"),
        Stage::Withdrawn => ("neutral", "ban"),
        Stage::Effective => ("success", "circle-check"),
    }
}

/// Filings: all, one's own, those that wait for one.
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let (db, now) = (app.db.read(), app.now());
    let Listing {
        rows,
        page,
        pages,
        total,
    } = lookup::list(db, &actor, &asked.wanted(), now).await?;
    let names = unit::names(db, rows.iter().map(|row| row.unit)).await?;
    let platforms = platform::load(db).await?;
    let counts = lookup::counts(db, &actor, None, now).await?;
    let rows = rows
        .into_iter()
        .map(|line| row(line, &names, &platforms))
        .collect();
    let filtered = [&asked.unit, &asked.stage, &asked.q, &asked.overdue]
        .iter()
        .any(|part| !part.is_empty());
    Ok(ListPage {
        units: unit::options(db, &actor.filter(Permission::ViewFilings)).await?,
        stages: Stage::ALL
            .iter()
            .map(|stage| (stage.code(), stage.label()))
            .collect(),
        all: Stage::ALL.iter().map(|stage| counts.at(*stage)).sum(),
        may_draft: actor.may_somewhere(Permission::DraftFilings),
        view: asked.view(),
        shell,
        asked,
        counts,
        rows,
        page,
        pages,
        total,
        filtered,
    }
    .into_response())
}

fn row(line: lookup::Line, names: &HashMap<UnitId, String>, platforms: &Platforms) -> Row {
    Row {
        name: match line.name.as_str() {
            "" => "未命名".into(),
            name => name.into(),
        },
        unit: names.get(&line.unit).cloned().unwrap_or_default(),
        platform: platforms.name(&line.platform.as_str().into()).to_owned(),
        due: line.due.as_ref().map(clock::show).unwrap_or_default(),
        due_iso: line.due.map(|at| at.to_rfc3339()).unwrap_or_default(),
        updated: clock::show(&line.updated_at),
        updated_iso: line.updated_at.to_rfc3339(),
        line,
    }
}
