//! The yearly re-check (年检, R-REG-5): once a year whoever keeps a filed channel says that what is
//! recorded is right, or goes to report what changed.

mod jobs;
mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use jobs::{ROUND, round, round_of, watch};
pub use pages::{answer, note_opening, progress, start};
pub use store::{Progress, forget, open, open_of};

use super::{
    Channel, FilingState, acts,
    store::{self as channels, KIND},
};
use serde_json::json;
use zhendi_kernel::{Actor, App, ChannelId, Fault, Permission, Place, Role, Tx, work};

/// The work item: look whether what is recorded is still right.
pub const WORK: &str = "channel.recheck";

zhendi_kernel::named! {
    /// What came of a re-check.
    Outcome {
        /// All is as recorded.
        Confirmed = "confirmed", "信息无误";
        /// Something is different; a change is to be filed.
        Changed = "changed", "有变化";
    }
}

/// Whether the actor may say that a channel's record is right: its admins, its unit's liaison and head,
/// and the keepers of the registry.
pub fn may_vouch(actor: &Actor, place: &Place) -> bool {
    actor.may(Permission::ManageRegistry, place)
        || actor.may(Permission::ImportChannels, place)
        || [Role::ChannelAdmin, Role::ChannelDeputy, Role::UnitHead]
            .into_iter()
            .any(|role| !actor.holding(role, place).is_empty())
}

/// Says that what is recorded of a channel is right, or that something changed.
///
/// # Errors
/// `Fault::Refused` when nothing is asked now; when the database fails.
pub async fn say(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    channel: &Channel,
    outcome: Outcome,
) -> Result<(), Fault> {
    if channel.filing != FilingState::Filed
        || !store::answer(tx, app, actor, channel.id, outcome).await?
    {
        return Err(Fault::Refused("它现在没有待核对的年检。".into()));
    }
    work::close(tx, app, actor, (KIND, channel.id.0), Some(WORK)).await?;
    let title = acts::lasting_title(&channel.facts, channel.id);
    let summary = format!("网络阵地{title}年检核对：{outcome}");
    let detail = json!({ "outcome": outcome });
    acts::record(
        tx,
        app,
        actor,
        "channel.rechecked",
        channel,
        summary,
        detail,
    )
    .await
}

/// Says it of one of many; used where each is asked for anew.
///
/// # Errors
/// As [`say`]; `Fault::Forbidden` for those who may not.
pub async fn confirm(tx: &Tx, app: &App, actor: &Actor, id: ChannelId) -> Result<(), Fault> {
    let channel = channels::get(tx, id).await?;
    let place = channel.place(tx).await?;
    if !may_vouch(actor, &place) {
        return Err(Fault::Forbidden("您不负责这个网络阵地。".into()));
    }
    say(tx, app, actor, &channel, Outcome::Confirmed).await
}
