//! The directory for programs; open to everyone.

use super::lookup::{self, Wanted};
use crate::platform::{self, Platforms};
use axum::{Json, extract::State};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use zhendi_kernel::{App, ChannelId, Fault, UnitId};
use zhendi_people::unit;

/// An official channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct DirectoryEntry {
    pub id: ChannelId,
    pub name: String,
    pub unit_name: String,
    /// Code of the platform.
    pub platform: String,
    pub platform_name: String,
    /// 账号ID/网址; empty where none is known.
    pub address_or_id: String,
}

/// Whether what was asked for is an official channel.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryVerdict {
    /// The id or link is that of the channel in `official`.
    Official,
    /// No id or link is this one, but names are like it: compare.
    Similar,
    /// Nothing is known of it.
    NotFound,
}

/// What the directory knows.
#[derive(Debug, Serialize, ToSchema)]
pub struct DirectoryPage {
    /// None when nothing was asked for.
    pub verdict: Option<DirectoryVerdict>,
    pub official: Option<DirectoryEntry>,
    pub items: Vec<DirectoryEntry>,
    /// How many there are on all pages.
    pub total: u64,
    /// From 1.
    pub page: u64,
    pub pages: u64,
}

/// Official channels by name, id or link, and whether one is official. Needs no token.
#[utoipa::path(
    get, path = "/api/v1/directory", tag = "directory", operation_id = "search_directory", params(Wanted), security(()),
    responses((status = 200, body = DirectoryPage))
)]
pub async fn search(State(app): State<App>, wanted: Wanted) -> Result<Json<DirectoryPage>, Fault> {
    let db = app.db.read();
    let platforms = platform::load(db).await?;
    let found = lookup::ask(db, &wanted, &platforms).await?;
    let shown = found.page.rows.iter().map(|row| row.unit_id);
    let shown = shown.chain(found.official.iter().map(|channel| channel.facts.unit));
    let units = unit::names(db, shown).await?;
    let verdict = match (&found.official, found.page.total) {
        _ if wanted.q.trim().is_empty() => None,
        (Some(_), _) => Some(DirectoryVerdict::Official),
        (None, 0) => Some(DirectoryVerdict::NotFound),
        (None, _) => Some(DirectoryVerdict::Similar),
    };
    let official = found.official.map(|channel| {
        let facts = channel.facts;
        let place = (facts.unit, facts.platform.0);
        entry(
            &units,
            &platforms,
            channel.id,
            facts.name,
            facts.address_or_id,
            place,
        )
    });
    let rows = found.page.rows.into_iter().map(|row| {
        let place = (row.unit_id, row.platform.0);
        entry(
            &units,
            &platforms,
            row.id,
            row.name,
            row.address_or_id,
            place,
        )
    });
    Ok(Json(DirectoryPage {
        verdict,
        official,
        items: rows.collect(),
        total: found.page.total,
        page: found.page.page,
        pages: found.page.pages,
    }))
}

fn entry(
    units: &HashMap<UnitId, String>,
    platforms: &Platforms,
    id: ChannelId,
    name: String,
    address_or_id: String,
    (unit, platform): (UnitId, String),
) -> DirectoryEntry {
    DirectoryEntry {
        id,
        name,
        unit_name: units.get(&unit).cloned().unwrap_or_default(),
        platform_name: platforms.name(&platform.as_str().into()).to_owned(),
        platform,
        address_or_id,
    }
}
