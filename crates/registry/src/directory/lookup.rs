//! What the directory finds. Only channels that are filed and running are in it.

use crate::{
    channel::{
        Channel, FilingState, RunningState, identity,
        store::{self, PER_PAGE, Page, Query, Row, Sort},
    },
    platform::Platforms,
};
use axum::{extract::FromRequestParts, http::request::Parts};
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use zhendi_kernel::{Fault, ScopeFilter};

/// What a visitor asks.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// A name, an account id or a link.
    pub q: String,
    /// Id of a unit; those below it are included.
    pub unit: String,
    /// Code of a platform.
    pub platform: String,
    /// From 1.
    pub page: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        serde_html_form::from_str(parts.uri.query().unwrap_or_default())
            .map_err(|_| Fault::Malformed("网址中的查询条件无法识别，请重新查询。".into()))
    }
}

/// What is found.
pub struct Found {
    /// The channel that the id or link is that of.
    pub official: Option<Channel>,
    /// Channels whose names or ids hold the words.
    pub page: Page<Row>,
}

/// What was typed. No name or link that serves is longer; a pasted page would only cost time.
fn text(wanted: &Wanted) -> String {
    wanted.q.chars().filter(|c| *c != '\0').take(300).collect()
}

/// The official channels that are asked for.
pub fn query(wanted: &Wanted) -> Query {
    Query {
        unit: wanted.unit.parse().ok(),
        platform: (!wanted.platform.is_empty()).then(|| wanted.platform.as_str().into()),
        filing: Some(FilingState::Filed),
        running: Some(RunningState::Live),
        text: text(wanted),
        sort: Sort::Name,
        page: wanted.page.parse().unwrap_or(1),
        per_page: PER_PAGE[0],
        ..Query::default()
    }
}

/// Asks the directory.
///
/// # Errors
/// When the database fails.
pub async fn ask(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    platforms: &Platforms,
) -> Result<Found, Fault> {
    let text = text(wanted);
    let mut official = None;
    for id in identity::channels_of(db, &identity::keys_of_pasted(&text, platforms)).await? {
        let channel = store::get(db, id).await?;
        if channel.is_public() {
            official = Some(channel);
            break;
        }
    }
    Ok(Found {
        page: store::list(db, &ScopeFilter::All, &query(wanted)).await?,
        official,
    })
}
