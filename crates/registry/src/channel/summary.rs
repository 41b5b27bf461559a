//! What annex 4 (新媒体（网站）备案汇总表) says of a channel: it was opened, changed or cancelled by a
//! filing on paper, before there was this system or beside it.

use super::{
    Channel, Content, FilingState, RunningState,
    acts::{correct, lasting_title, record, settle, write},
    rules::Refusal,
    source,
};
use serde_json::json;
use zhendi_kernel::{Actor, App, Fault, Tx};

/// 备案类型 of annex 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperFiling {
    Opening,
    Change,
    Cancellation,
}

impl Channel {
    /// The channel after a filing on paper. A filing here that is on its way goes first.
    ///
    /// # Errors
    /// While a filing is on its way, and when a cancelled channel is said to be open.
    pub fn on_paper(mut self, content: Content, filing: PaperFiling) -> Result<Self, Refusal> {
        match (filing, self.filing) {
            (_, FilingState::InProgress) => {
                return Err(Refusal::InFiling("名称、平台、账号等".into()));
            }
            (_, FilingState::Merged) => return Err(Refusal::Merged),
            (PaperFiling::Cancellation, _) => {
                self.filing = FilingState::Cancelled;
                self.running = RunningState::Closed;
            }
            (_, FilingState::Cancelled) => return Err(Refusal::Cancelled),
            _ => self.filing = FilingState::Filed,
        }
        self.filed_source
            .get_or_insert_with(|| source::IMPORTED.into());
        self.file_by = None;
        self.facts = content.facts;
        self.people = content.people;
        Ok(self)
    }
}

/// Takes what a row of annex 4, or with no filing of annex 1, says of a channel that is there. Nothing is
/// written when nothing differs.
///
/// # Errors
/// `Fault::Refused` when the rules refuse, or the new address or id is another's; `Fault::Stale`; when
/// the database fails.
pub async fn take(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
    content: Content,
    filing: Option<PaperFiling>,
) -> Result<Channel, Fault> {
    let Some(filing) = filing else {
        return correct(tx, app, actor, before, content).await;
    };
    let after = before.clone().on_paper(content, filing)?;
    if after == before {
        return Ok(before);
    }
    let after = write(tx, app, &before, after).await?;
    settle(tx, app, actor, &after).await?;
    let verb = match filing {
        PaperFiling::Opening => "开设",
        PaperFiling::Change => "变更",
        PaperFiling::Cancellation => "注销",
    };
    let title = lasting_title(&after.facts, after.id);
    let summary = format!("按汇总表记录网络阵地{title}的{verb}备案");
    let detail = json!({
        "before": { "facts": before.facts, "people": before.people, "filing": before.filing },
        "after": { "facts": after.facts, "people": after.people, "filing": after.filing },
    });
    record(
        tx,
        app,
        actor,
        "channel.filed_on_paper",
        &after,
        summary,
        detail,
    )
    .await?;
    Ok(after)
}
