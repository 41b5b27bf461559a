//! The page of the queue.

use super::{Cursor, Leaf, Line, Place, Query, View, leaf, overdue};
use crate::course::{
    rules::{Level, Stage},
    tally,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query as Asking, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};
use zhendi_kernel::{Actor, App, Fault, Permission, PersonId, clock, known::Version, web::Shell};
use zhendi_people::{person, unit};
use zhendi_registry::platform;

/// What stands in the address.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    view: String,
    level: String,
    unit: String,
    platform: String,
    major: String,
    q: String,
    after: String,
    before: String,
}

impl Asked {
    /// As a query; without a tab the actor's own work for who has any.
    pub fn query(&self, actor: &Actor) -> Query {
        let own = actor.may_somewhere(Permission::ReviewManuscripts) && actor.person().is_some();
        let begin = if own { View::Mine } else { View::Open };
        let after = Place::parse(&self.after).map(Cursor::After);
        let before = Place::parse(&self.before).map(Cursor::Before);
        Query {
            view: View::parse(&self.view).unwrap_or(begin),
            level: Level::parse(&self.level),
            unit: self.unit.parse().ok(),
            platform: Some(self.platform.clone()).filter(|code| !code.is_empty()),
            major: self.major == "1",
            text: self.q.chars().take(100).collect(),
            at: after.or(before).unwrap_or_default(),
        }
    }

    fn is_narrow(&self) -> bool {
        [
            &self.level,
            &self.unit,
            &self.platform,
            &self.major,
            &self.q,
        ]
        .iter()
        .any(|part| !part.is_empty())
    }

    /// The address with another cursor.
    fn at(&self, view: View, name: &str, place: Option<Place>) -> String {
        let mut line = url::form_urlencoded::Serializer::new(String::new());
        line.append_pair("view", view.code());
        for (name, value) in [
            ("level", &self.level),
            ("unit", &self.unit),
            ("platform", &self.platform),
            ("major", &self.major),
            ("q", &self.q),
        ] {
            if !value.is_empty() {
                line.append_pair(name, value);
            }
        }
        if let Some(place) = place {
            line.append_pair(name, &place.to_string());
        }
        format!("/reviews?{}", line.finish())
    }
}

/// A row as the page shows it.
struct Shown {
    line: Line,
    unit: String,
    platform: String,
    author: String,
    who: String,
    due: Option<(String, String)>,
    overdue: bool,
    updated: (String, String),
}

impl Shown {
    /// The tone and the icon of where it stands.
    fn badge(&self) -> (&'static str, &'static str, &'static str) {
        match self.line.stage() {
            Stage::Reviewing => ("info", "hourglass", self.line.level().label()),
            stage => (tone(stage).0, tone(stage).1, stage.label()),
        }
    }

    fn href(&self, view: &View) -> String {
        let id = self.line.manuscript_id;
        match view {
            View::Mine | View::Open | View::Overdue => format!("/manuscripts/{id}/review"),
            _ => format!("/manuscripts/{id}"),
        }
    }
}

/// The tone and the icon of a stage's badge.
pub fn tone(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Reviewing => ("info", "hourglass"),
        Stage::Returned => ("warning", "arrow-back-up"),
        Stage::Recalled => ("neutral", "arrow-back-up"),
        Stage::Approved => ("success", "circle-check"),
        Stage::Discarded => ("neutral", "ban"),
    }
}

/// A moment for machines and for people.
pub fn moment(at: &DateTime<Utc>) -> (String, String) {
    (clock::local(*at).to_rfc3339(), clock::show(at))
}

#[derive(Template, WebTemplate)]
#[template(path = "course/queue/list.html")]
struct Page {
    shell: Shell,
    asked: Asked,
    view: View,
    counts: BTreeMap<String, u64>,
    overdue: u64,
    units: Vec<(String, String)>,
    platforms: Vec<(String, String)>,
    rows: Vec<Shown>,
    before: Option<Place>,
    after: Option<Place>,
    may_review: bool,
    may_configure: bool,
}

impl Page {
    fn number(&self, standing: &str) -> u64 {
        self.counts.get(standing).copied().unwrap_or(0)
    }

    fn open(&self) -> u64 {
        Level::ALL
            .iter()
            .map(|level| self.number(level.code()))
            .sum()
    }

    fn tabs(&self) -> Vec<(View, String)> {
        let count = |view| match view {
            View::Open => self.open().to_string(),
            View::Overdue if self.overdue >= 100 => "99+".into(),
            View::Overdue => self.overdue.to_string(),
            View::Approved => self.number(Stage::Approved.code()).to_string(),
            View::Returned => (self.number(Stage::Returned.code())
                + self.number(Stage::Recalled.code()))
            .to_string(),
            View::Mine | View::Done => String::new(),
        };
        View::ALL
            .into_iter()
            .filter(|view| self.may_review || !matches!(view, View::Mine | View::Done))
            .map(|view| (view, count(view)))
            .collect()
    }

    fn levels(&self) -> Vec<(&'static str, String)> {
        let own = self.view == View::Mine;
        Level::ALL
            .iter()
            .map(|level| match own {
                true => (level.code(), level.label().to_owned()),
                false => (
                    level.code(),
                    format!("{level}（{}）", self.number(level.code())),
                ),
            })
            .collect()
    }

    fn is(&self, view: View) -> bool {
        self.view == view
    }

    fn by_due(&self) -> bool {
        self.view.by_due()
    }

    fn href(&self, view: &View) -> String {
        format!("/reviews?view={}", view.code())
    }

    fn first(&self) -> String {
        self.asked.at(self.view, "", None)
    }

    fn previous(&self) -> Option<String> {
        self.before
            .map(|place| self.asked.at(self.view, "before", Some(place)))
    }

    fn next(&self) -> Option<String> {
        self.after
            .map(|place| self.asked.at(self.view, "after", Some(place)))
    }
}

/// GET /reviews
pub(in crate::course) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    version: Version,
    Asking(asked): Asking<Asked>,
) -> Result<Response, Fault> {
    let (db, now) = (app.db.read(), app.now());
    let query = asked.query(&actor);
    let scope = actor.filter(Permission::ViewManuscripts);
    let Leaf {
        rows,
        before,
        after,
    } = leaf(db, &actor, &query, now).await?;
    let people = rows
        .iter()
        .flat_map(|row| std::iter::once(row.author_id).chain(row.held(now)));
    let names: HashMap<PersonId, String> = person::names(db, people.collect::<Vec<_>>()).await?;
    let platforms = platform::known(&app, version).await?;
    let tree = unit::tree(&app, version).await?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let rows = rows
        .into_iter()
        .map(|line| Shown {
            unit: tree.names().get(&line.unit_id).cloned().unwrap_or_default(),
            platform: platforms.name(&line.platform.as_str().into()).to_owned(),
            author: name(line.author_id),
            who: match (line.held(now), line.seat()) {
                (Some(holder), _) => format!("{}（已领取）", name(holder)),
                (None, Some(seat)) => seat.label().to_owned(),
                (None, None) => String::new(),
            },
            due: line.due_at.as_ref().map(moment),
            overdue: line.due_at.is_some_and(|due| due < now),
            updated: moment(&line.updated_at),
            line,
        })
        .collect();
    Ok(Page {
        counts: tally::within(db, &scope).await?,
        overdue: overdue(db, &actor, now).await?,
        units: tree.options(&scope, &asked.unit),
        platforms: platforms.options(&asked.platform),
        may_review: actor.may_somewhere(Permission::ReviewManuscripts),
        may_configure: actor.may_somewhere(Permission::ManageWorkflows),
        view: query.view,
        shell,
        asked,
        rows,
        before,
        after,
    }
    .into_response())
}
