//! Workflows: who reviews at which level of a unit's channels, kept as versions. What is under way follows
//! the version with which it began.

pub mod store;

pub use store::{Reach, Workflow};

use super::rules::{Law, OwnChannels, Route};
use zhendi_kernel::{App, Fault, UnitId};
use zhendi_people::unit;
use zhendi_registry::settings::{PublicityRoute, Registry};

/// The workflow for a channel: that of the nearest unit that has one, or the Rule's own. `units` begins with
/// the channel's unit.
///
/// # Errors
/// When the database fails.
pub async fn in_force(app: &App, units: &[UnitId], platform: &str) -> Result<Workflow, Fault> {
    if let Some(found) = store::for_channel(app.db.read(), units, platform).await? {
        return Ok(found);
    }
    let tx = app.db.begin().await?;
    let default = store::default(&tx, app.now()).await?;
    tx.commit().await?;
    Ok(default)
}

/// Who sits at each level of a unit's channels by a law: the publicity department's own need other people
/// than everyone else's (R-ORG-11).
///
/// # Errors
/// When the database fails.
pub async fn route(app: &App, law: &Law, owner: UnitId) -> Result<Route, Fault> {
    let unit = unit::find(app.db.read(), owner).await?;
    if !unit.is_some_and(|unit| unit.publicity) {
        return Ok(law.route());
    }
    let settings: Registry = app.setting().await?;
    Ok(law.route().of_publicity(match settings.publicity_route {
        PublicityRoute::DeputySigns => OwnChannels::DeputyReviews,
        PublicityRoute::LeaderDecides => OwnChannels::LeaderDecides,
    }))
}
