//! The list of words.

use super::{
    service,
    store::{self, Wanted},
    terms::{Word, WordKind},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::collections::HashMap;
use zhendi_kernel::{Actor, App, Fault, Permission, UnitId, web::Shell};
use zhendi_people::unit;

/// What stands in the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub unit: String,
    pub kind: String,
    pub category: String,
    pub state: String,
    pub q: String,
    pub page: String,
}

const PER_PAGE: u64 = 30;

impl Asked {
    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            unit: self.unit.parse().map(UnitId).ok(),
            kind: WordKind::parse(&self.kind),
            category: self.category.chars().take(50).collect(),
            enabled: match self.state.as_str() {
                "on" => Some(true),
                "off" => Some(false),
                _ => None,
            },
            text: self.q.chars().take(100).collect(),
            page: self.page.parse().unwrap_or(1).max(1),
            per_page: PER_PAGE,
        }
    }

    /// What was asked for, without the page.
    pub(super) fn base(&self) -> String {
        let mut line = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("unit", &self.unit),
            ("kind", &self.kind),
            ("category", &self.category),
            ("state", &self.state),
            ("q", &self.q),
        ] {
            if !value.is_empty() {
                line.append_pair(name, value);
            }
        }
        line.finish()
    }

    fn is_narrow(&self) -> bool {
        !self.base().is_empty()
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "dictionary/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    base: String,
    units: Vec<(String, String)>,
    kinds: Vec<(&'static str, &'static str)>,
    categories: Vec<(String, String)>,
    names: HashMap<UnitId, String>,
    rows: Vec<Word>,
    root: Option<UnitId>,
    page: u64,
    pages: u64,
    total: u64,
}

impl ListPage {
    fn whose(&self, word: &Word) -> &str {
        if self.root == Some(word.unit) {
            "全院"
        } else {
            self.names.get(&word.unit).map_or("", String::as_str)
        }
    }

    fn states(&self) -> [(&'static str, &'static str); 2] {
        [("on", "启用"), ("off", "停用")]
    }
}

/// The tone and icon of a kind of word.
pub(super) fn badge(kind: &WordKind) -> (&'static str, &'static str) {
    match kind {
        WordKind::Wrong => ("danger", "x"),
        WordKind::Avoid => ("warning", "ban"),
        WordKind::Watch => ("info", "eye"),
        WordKind::Allow => ("success", "check"),
    }
}

/// The days for which a word is right or wrong, as people write them.
pub(super) fn days(word: &Word) -> String {
    match (word.said.valid_from, word.said.valid_to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("{from} 起"),
        (None, Some(to)) => format!("至 {to}"),
        (Some(from), Some(to)) => format!("{from} 至 {to}"),
    }
}

/// GET /dictionaries
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let wanted = asked.wanted();
    let scope = actor.filter(Permission::ManageDictionaries);
    let root = service::root(db).await?;
    let (rows, total) = store::list(db, &scope, root, &wanted).await?;
    let names = unit::names(db, rows.iter().map(|word| word.unit)).await?;
    let base = match asked.base().as_str() {
        "" => "/dictionaries?".to_owned(),
        some => format!("/dictionaries?{some}&"),
    };
    let mut units = unit::options(db, &scope).await?;
    if let Some(root) = root
        && !units.iter().any(|(id, _)| *id == root.to_string())
    {
        units.insert(0, (root.to_string(), "全院".into()));
    }
    Ok(ListPage {
        units,
        kinds: WordKind::ALL
            .iter()
            .map(|kind| (kind.code(), kind.label()))
            .collect(),
        categories: store::categories(db, &scope, root)
            .await?
            .into_iter()
            .map(|name| (name.clone(), name))
            .collect(),
        page: wanted.page,
        pages: total.div_ceil(PER_PAGE).max(1),
        shell,
        asked,
        base,
        names,
        rows,
        root,
        total,
    }
    .into_response())
}
