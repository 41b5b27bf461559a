//! The directory's pages.

use super::lookup::{self, Wanted};
use crate::{
    channel::{
        self, Channel,
        store::{self, Page, Row},
    },
    platform::{self, Platforms},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use std::{collections::HashMap, sync::Arc};
use zhendi_kernel::{
    App, ChannelId, Fault, ScopeFilter, UnitId, clock, known::Version, web::Shell,
};
use zhendi_people::unit;

#[derive(Template, WebTemplate)]
#[template(path = "directory/list.html")]
struct List {
    shell: Shell,
    wanted: Wanted,
    official: Option<Channel>,
    found: Page<Row>,
    names: HashMap<UnitId, String>,
    known: Arc<Platforms>,
    units: Vec<(String, String)>,
    platforms: Vec<(String, String)>,
}

impl List {
    fn unit(&self, id: &UnitId) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }

    fn asked(&self) -> bool {
        !self.wanted.q.trim().is_empty()
    }

    /// Whether a unit or platform is chosen.
    fn narrowed(&self) -> bool {
        !self.wanted.unit.is_empty() || !self.wanted.platform.is_empty()
    }

    fn base(&self) -> String {
        self.address("/directory")
    }

    fn csv(&self) -> String {
        self.address("/directory.csv")
    }

    fn address(&self, path: &str) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", &self.wanted.q),
            ("unit", &self.wanted.unit),
            ("platform", &self.wanted.platform),
        ] {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        let pairs = pairs.finish();
        let and = if pairs.is_empty() { "" } else { "&" };
        format!("{path}?{pairs}{and}")
    }
}

/// GET /directory
pub async fn search(
    State(app): State<App>,
    version: Version,
    shell: Shell,
    wanted: Wanted,
) -> Result<impl IntoResponse, Fault> {
    let db = app.db.read();
    let known = platform::known(&app, version).await?;
    let found = lookup::ask(db, &wanted, &known).await?;
    let shown = found.page.rows.iter().map(|row| row.unit_id);
    let shown = shown.chain(found.official.iter().map(|channel| channel.facts.unit));
    Ok(List {
        shell,
        names: unit::names(db, shown).await?,
        units: unit::options(db, &ScopeFilter::All).await?,
        platforms: known.options(&wanted.platform),
        known,
        official: found.official,
        found: found.page,
        wanted,
    })
}

#[derive(Template, WebTemplate)]
#[template(path = "directory/show.html")]
struct Show {
    shell: Shell,
    name: String,
    platform: String,
    unit: String,
    address_or_id: String,
    id_label: &'static str,
    certified_body: String,
    opened_on: String,
    number: String,
    updated: String,
}

impl Show {
    fn link(&self) -> Option<&str> {
        let address = self.address_or_id.as_str();
        (address.starts_with("http://") || address.starts_with("https://")).then_some(address)
    }
}

/// GET /directory/{id}
pub async fn show(
    State(app): State<App>,
    version: Version,
    shell: Shell,
    Path(id): Path<ChannelId>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let channel = store::get(db, id).await?;
    if let Some(into) = channel.merged_into {
        return Ok(Redirect::permanent(&format!("/directory/{into}")).into_response());
    }
    if !channel.is_public() {
        return Err(Fault::NotFound);
    }
    let platforms = platform::known(&app, version).await?;
    let facts = channel.facts;
    let mut names = unit::names(db, [facts.unit]).await?;
    Ok(Show {
        shell,
        platform: platforms.name(&facts.platform).to_owned(),
        id_label: platforms
            .get(&facts.platform)
            .map_or("账号 ID（网址）", |on| on.named_by.label()),
        unit: names.remove(&facts.unit).unwrap_or_default(),
        name: facts.name,
        address_or_id: facts.address_or_id,
        certified_body: facts.certified_body,
        opened_on: facts
            .opened_on
            .map(|date| date.to_string())
            .unwrap_or_default(),
        number: channel.filing_number.unwrap_or_default(),
        updated: clock::show(&channel.updated_at),
    }
    .into_response())
}

/// GET /directory.csv
pub async fn csv(State(app): State<App>, wanted: Wanted) -> Result<Response, Fault> {
    channel::public_csv(&app, lookup::query(&wanted)).await
}
