//! Putting channels into the register: one, or many at once.

use super::{
    Channel, FilingState, NewChannel,
    acts::{catch_up, entry, holding_of, lasting_title, named_by, settle},
    identity::{self, Owner},
    store,
};
use crate::platform::{self, NamedBy};
use serde_json::json;
use zhendi_kernel::{Actor, App, Fault, FilingId, Tx, audit, work};
use zhendi_people::holding;

/// Puts a channel into the register. `from` is the opening filing that it comes from, whose keys it
/// takes over.
///
/// # Errors
/// `Fault::Refused` when the account or site is registered already or is being filed (ask
/// [`identity::owner_of`] first to say by whom); when the database fails.
pub async fn register(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    new: NewChannel,
    from: Option<FilingId>,
) -> Result<Channel, Fault> {
    let named_by = named_by(tx, &new.facts).await?;
    let channel = store::insert(tx, app.now(), new).await?;
    if let Some(filing) = from {
        identity::hand_over(tx, filing, channel.id).await?;
    }
    let keys = identity::keys(&channel.facts, named_by);
    identity::claim(tx, &keys, Owner::Channel(channel.id)).await??;
    settle(tx, app, actor, &channel).await?;
    audit::append(tx, app, actor, registered(&channel)).await?;
    Ok(channel)
}

/// As [`register`] for many that come from no filing, which come back in their order. The caller has asked
/// whether their keys are free.
///
/// # Errors
/// `Fault::Refused` when one of the accounts or sites is another's meanwhile; when the database fails.
pub async fn register_all(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    new: Vec<NewChannel>,
) -> Result<Vec<Channel>, Fault> {
    let platforms = platform::load(tx).await?;
    let channels = store::insert_many(tx, app.now(), new).await?;
    let (mut claims, mut held, mut work) = (vec![], vec![], vec![]);
    for channel in &channels {
        let platform = platforms.get(&channel.facts.platform);
        let named_by = platform.map_or(NamedBy::Account, |platform| platform.named_by);
        let keys = identity::keys(&channel.facts, named_by);
        claims.extend(keys.into_iter().map(|key| (key, channel.id)));
        if !channel.filing.is_over() {
            held.push(holding_of(channel));
        }
        if let (FilingState::Unfiled, Some(day)) = (channel.filing, channel.file_by) {
            let platform = platforms.name(&channel.facts.platform);
            work.push(catch_up(channel, platform, day));
        }
    }
    identity::claim_new(tx, claims).await?;
    holding::record_new(tx, held).await?;
    work::open_many(tx, app, work).await?;
    let entries = channels.iter().map(registered).collect();
    audit::append_all(tx, app, actor, entries).await?;
    Ok(channels)
}

fn registered(channel: &Channel) -> audit::Entry {
    let summary = format!("登记网络阵地{}", lasting_title(&channel.facts, channel.id));
    let detail = json!({
        "facts": channel.facts, "people": channel.people,
        "filing": channel.filing, "running": channel.running,
        "second_account_reason": channel.second_account_reason,
    });
    entry("channel.registered", channel, summary, detail)
}
