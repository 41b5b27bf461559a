//! What a change or a cancellation in force does to the register (R-REG-2, R-REG-4).

use super::{
    Channel, Content, FilingState, RunningState,
    acts::{lasting_title, record, settle, write},
    rules::Refusal,
    source, store,
    store::KIND,
};
use serde_json::json;
use zhendi_kernel::{Actor, App, Fault, Tx, work};

impl Channel {
    /// The channel after a change in force.
    ///
    /// # Errors
    /// Unless it is filed.
    pub fn change(mut self, to: Content, number: String) -> Result<Self, Refusal> {
        match self.filing {
            FilingState::Filed => {}
            FilingState::Cancelled => return Err(Refusal::Cancelled),
            other => return Err(Refusal::NotInFiling(other)),
        }
        self.facts = to.facts;
        self.people = to.people;
        self.second_account_reason = to.second_account_reason;
        self.filed_source = Some(source::ONLINE.into());
        self.filing_number = Some(number);
        Ok(self)
    }

    /// The channel once its platform shows that it is gone.
    pub fn cancel(mut self) -> Self {
        self.filing = FilingState::Cancelled;
        self.running = RunningState::Closed;
        self.file_by = None;
        self
    }

    /// A cancelled channel that somebody could still open.
    ///
    /// # Errors
    /// Unless it is cancelled.
    pub fn still_there(mut self) -> Result<Self, Refusal> {
        if self.filing != FilingState::Cancelled {
            return Err(Refusal::NotInFiling(self.filing));
        }
        self.running = RunningState::Live;
        Ok(self)
    }
}

/// A change is in force: writes what it says, with identity, people and unit.
///
/// # Errors
/// What [`Channel::change`] refuses; `Fault::Refused` when the new address or id is another's;
/// `Fault::Stale`; when the database fails.
pub async fn apply_change(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
    to: Content,
    number: String,
) -> Result<Channel, Fault> {
    let after = before.clone().change(to, number)?;
    let after = write(tx, app, &before, after).await?;
    settle(tx, app, actor, &after).await?;
    let summary = format!(
        "网络阵地{}变更备案生效",
        lasting_title(&after.facts, after.id)
    );
    let detail = json!({
        "before": { "facts": before.facts, "people": before.people },
        "after": { "facts": after.facts, "people": after.people },
        "number": after.filing_number,
    });
    record(tx, app, actor, "channel.changed", &after, summary, detail).await?;
    Ok(after)
}

/// A cancellation is in force whose proof is awaited: the channel goes on as it is until it is gone.
///
/// # Errors
/// When the database fails.
pub async fn begin_cancel(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    channel: &Channel,
    number: &str,
) -> Result<(), Fault> {
    let title = lasting_title(&channel.facts, channel.id);
    let summary = format!("网络阵地{title}注销备案生效，待办理注销");
    let detail = json!({ "number": number });
    record(
        tx,
        app,
        actor,
        "channel.cancel_approved",
        channel,
        summary,
        detail,
    )
    .await
}

/// The platform shows that the channel is gone: 已注销, closed, no official channel any more; it stays
/// searchable, and nothing about it waits for anyone.
///
/// # Errors
/// `Fault::Stale`; when the database fails.
pub async fn close_cancelled(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
) -> Result<Channel, Fault> {
    let after = store::replace(tx, app.now(), before.cancel()).await?;
    work::close(tx, app, actor, (KIND, after.id.0), None).await?;
    settle(tx, app, actor, &after).await?;
    let summary = format!("网络阵地{}已注销", lasting_title(&after.facts, after.id));
    record(
        tx,
        app,
        actor,
        "channel.cancelled",
        &after,
        summary,
        json!({}),
    )
    .await?;
    Ok(after)
}

/// A cancelled channel could still be opened: it runs, whatever the register said.
///
/// # Errors
/// Unless it is cancelled; `Fault::Stale`; when the database fails.
pub async fn found_reachable(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
) -> Result<Channel, Fault> {
    let after = store::replace(tx, app.now(), before.still_there()?).await?;
    let title = lasting_title(&after.facts, after.id);
    let summary = format!("复查发现已注销的网络阵地{title}仍可访问");
    record(
        tx,
        app,
        actor,
        "channel.found_reachable",
        &after,
        summary,
        json!({}),
    )
    .await?;
    Ok(after)
}
