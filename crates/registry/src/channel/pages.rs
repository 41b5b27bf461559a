//! The list of channels.

use super::{
    Asked, FilingState, Holder, RunningState, batch, rules,
    store::{self, Cursor, Leaf, Mark, PER_PAGE, Row, Sort},
};
use crate::platform::{self, Platforms};
use askama::Template;
use askama_web::WebTemplate;
use axum::{extract::State, response::IntoResponse};
use chrono::NaiveDate;
use std::collections::HashMap;
use zhendi_kernel::{Actor, App, Fault, Permission, UnitId, clock, known::Version, web::Shell};
use zhendi_people::unit;

/// A row as the page shows it.
pub struct Shown {
    pub row: Row,
    pub unit: String,
    pub platform: String,
    pub overdue: bool,
    pub updated: String,
    pub updated_iso: String,
}

impl Shown {
    /// Names instead of codes.
    pub fn new(
        row: Row,
        units: &HashMap<UnitId, String>,
        platforms: &Platforms,
        today: NaiveDate,
    ) -> Self {
        Self {
            unit: units.get(&row.unit_id).cloned().unwrap_or_default(),
            platform: platforms.name(&row.platform).to_owned(),
            overdue: rules::is_overdue(row.filing(), row.file_by, today),
            updated: clock::show(&row.updated_at),
            updated_iso: clock::local(row.updated_at).to_rfc3339(),
            row,
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "channel/list.html")]
struct List {
    shell: Shell,
    asked: Asked,
    found: Leaf<Shown>,
    units: Vec<(String, String)>,
    platforms: Vec<(String, String)>,
    may_import: bool,
    may_file: bool,
    /// Whether rows can be chosen: there is something to be done to many.
    selects: bool,
    sort: Sort,
    descending: bool,
}

impl List {
    fn filing_options(&self) -> Vec<(&'static str, &'static str)> {
        FilingState::ALL
            .iter()
            .map(|s| (s.code(), s.label()))
            .collect()
    }

    fn running_options(&self) -> Vec<(&'static str, &'static str)> {
        RunningState::ALL
            .iter()
            .map(|s| (s.code(), s.label()))
            .collect()
    }

    fn holder_options(&self) -> [(&'static str, &'static str); 2] {
        Holder::OPTIONS
    }

    fn per_options(&self) -> Vec<(String, String)> {
        PER_PAGE
            .iter()
            .map(|n| (n.to_string(), format!("{n} 条")))
            .collect()
    }

    fn first(&self) -> String {
        self.asked.leaf("/channels", &Cursor::First)
    }

    fn before(&self) -> Option<String> {
        let at = |mark: &Mark| Cursor::Before(mark.clone());
        let mark = self.found.before.as_ref()?;
        Some(self.asked.leaf("/channels", &at(mark)))
    }

    fn after(&self) -> Option<String> {
        let at = |mark: &Mark| Cursor::After(mark.clone());
        let mark = self.found.after.as_ref()?;
        Some(self.asked.leaf("/channels", &at(mark)))
    }

    fn sort_base(&self) -> String {
        self.asked.to_sort("/channels")
    }

    /// The filter as it is posted with a choice.
    fn filter(&self) -> String {
        self.asked.to_page("")
    }

    fn xlsx(&self) -> String {
        self.asked.to_page("/channels.xlsx")
    }

    fn csv(&self) -> String {
        self.asked.to_page("/channels.csv")
    }

    /// `aria-sort` of a column.
    fn aria(&self, column: &str) -> &'static str {
        match (self.sort.code() == column, self.descending) {
            (true, true) => "descending",
            (true, false) => "ascending",
            (false, _) => "none",
        }
    }
}

/// GET /channels
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    version: Version,
    asked: Asked,
) -> Result<impl IntoResponse, Fault> {
    let db = app.db.read();
    let today = app.clock.today();
    let scope = actor.filter(Permission::ViewChannels);
    let query = asked.query(today);
    let page = store::leaf(db, &scope, &query).await?;
    let platforms = platform::known(&app, version).await?;
    let tree = unit::tree(&app, version).await?;
    let rows = page.rows.into_iter();
    let found = Leaf {
        rows: rows
            .map(|row| Shown::new(row, tree.names(), &platforms, today))
            .collect(),
        total: page.total,
        before: page.before,
        after: page.after,
    };
    Ok(List {
        shell,
        units: tree.options(&scope, &asked.unit),
        platforms: platforms.options(&asked.platform),
        may_import: actor.may_somewhere(Permission::ImportChannels),
        selects: batch::Act::ALL.iter().any(|act| act.is_offered(&actor)),
        may_file: actor.may_somewhere(Permission::DraftFilings),
        sort: query.sort,
        descending: query.descending,
        found,
        asked,
    })
}
