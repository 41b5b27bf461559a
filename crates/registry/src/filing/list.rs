//! The list of filings.

use super::{
    lookup::{self, Listing, Query as Wanted, View},
    rules::{Closing, Kind, Stage},
};
use crate::{
    channel::store::Total,
    platform::{self, Platforms},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use chrono::Datelike;
use std::collections::HashMap;
use zhendi_kernel::{Actor, App, Fault, Permission, UnitId, clock, known::Version, web::Shell};
use zhendi_people::unit;

/// What stands in the address.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    view: String,
    unit: String,
    kind: String,
    stage: String,
    paper: String,
    year: String,
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
            kind: Kind::parse(&self.kind),
            stage: Stage::parse(&self.stage),
            closing: Closing::parse(&self.stage),
            paper: self.paper == "1",
            year: self.year.parse().ok(),
            text: self.q.chars().take(100).collect(),
            overdue: self.overdue == "1",
            sort: self.sort.clone(),
            descending: self.dir == "desc",
            page: self.page.parse().unwrap_or(1),
        }
    }

    /// The address with what was asked for, to which order and page are added.
    pub(super) fn base(&self, sorted: bool) -> String {
        self.line("/filings", sorted)
    }

    /// The same for another path.
    fn line(&self, path: &str, sorted: bool) -> String {
        let mut line = url::form_urlencoded::Serializer::new(String::new());
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                line.append_pair(name, value);
            }
        };
        put("view", &self.view);
        put("unit", &self.unit);
        put("kind", &self.kind);
        put("stage", &self.stage);
        put("paper", &self.paper);
        put("year", &self.year);
        put("q", &self.q);
        put("overdue", &self.overdue);
        if sorted {
            put("sort", &self.sort);
            put("dir", &self.dir);
        }
        match line.finish().as_str() {
            "" => format!("{path}?"),
            some => format!("{path}?{some}&"),
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

impl ListPage {
    /// How many a view has, for its tab.
    fn count(&self, view: View) -> String {
        let found = self.counts.iter().find(|(one, _)| *one == view);
        found
            .map(|(_, count)| count.to_string())
            .unwrap_or_default()
    }
}

impl Row {
    fn badge(&self) -> (&'static str, &'static str, &'static str) {
        badge(self.line.stage, self.line.closing)
    }

    fn waits(&self) -> bool {
        self.line.stage.step().is_some() || self.line.closing.is_some_and(Closing::is_open)
    }

    /// Whether it can be picked for the batch: it waits for this person.
    fn pickable(&self, view: &View) -> bool {
        *view == View::Waiting && self.line.stage.step().is_some()
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "filing/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    view: View,
    counts: Vec<(View, Total)>,
    units: Vec<(String, String)>,
    stages: Vec<(&'static str, &'static str)>,
    kinds: Vec<(&'static str, &'static str)>,
    years: Vec<(String, String)>,
    rows: Vec<Row>,
    page: u64,
    pages: u64,
    total: u64,
    filtered: bool,
    may_draft: bool,
    may_decide: bool,
}

impl ListPage {
    /// The filtered list as a file.
    fn export(&self, ending: &str) -> String {
        let line = self.asked.line(&format!("/filings.{ending}"), false);
        line.trim_end_matches(['?', '&']).to_owned()
    }

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

/// Tone, icon and word of the badge of a stage, or of what a cancellation in force waits for.
pub(super) fn badge(
    stage: Stage,
    closing: Option<Closing>,
) -> (&'static str, &'static str, &'static str) {
    let (tone, icon) = match (stage, closing) {
        (Stage::Effective, Some(closing)) => {
            let (tone, icon) = match closing {
                Closing::Proof => ("warning", "hourglass"),
                Closing::Recheck => ("info", "eye"),
                Closing::Confirmed => ("success", "circle-check"),
            };
            return (tone, icon, closing.label());
        }
        (Stage::Draft, _) => ("neutral", "pencil"),
        (Stage::Awaiting(_), _) => ("info", "hourglass"),
        (Stage::Returned, _) => ("warning", "arrow-back-up"),
        (Stage::Withdrawn, _) => ("neutral", "ban"),
        (Stage::Effective, None) => ("success", "circle-check"),
    };
    (tone, icon, stage.label())
}

/// Filings: all, one's own, those that wait for one.
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    version: Version,
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
    let platforms = platform::known(&app, version).await?;
    let mut counts = vec![];
    for view in [View::All, View::Waiting, View::Mine] {
        let all = Wanted {
            view,
            ..Wanted::default()
        };
        counts.push((view, lookup::count(db, &actor, &all, now).await?));
    }
    let rows = rows
        .into_iter()
        .map(|line| row(line, &names, &platforms))
        .collect();
    let filtered = [
        &asked.unit,
        &asked.kind,
        &asked.stage,
        &asked.paper,
        &asked.year,
        &asked.q,
        &asked.overdue,
    ]
    .iter()
    .any(|part| !part.is_empty());
    let this_year = app.clock.today().year();
    Ok(ListPage {
        kinds: Kind::ALL
            .iter()
            .map(|kind| (kind.code(), kind.label()))
            .collect(),
        years: (0..6)
            .map(|back| this_year - back)
            .map(|year| (year.to_string(), format!("{year} 年")))
            .collect(),
        may_decide: actor.may_somewhere(Permission::DecideFilings),
        units: unit::options(db, &actor.filter(Permission::ViewFilings)).await?,
        stages: Stage::ALL
            .iter()
            .map(|stage| (stage.code(), stage.label()))
            .chain(Closing::ALL.iter().map(|one| (one.code(), one.label())))
            .collect(),
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
