//! From approval to what is live (R-REV-5 to R-REV-7): publishing, correcting, withdrawing, emergencies.

mod approval;
mod effect;
mod rules;
mod store;

pub use approval::{Approval, Approver, NewApproval, find as find_approval, grant, of_manuscript as approvals, revoke};
pub use rules::{Act, Emergency, Party, Publication, Reason, Refusal, Review, State, Withdrawal};
pub use store::{find, of_manuscript as of};

use crate::ids::{ManuscriptId, PublicationId, VersionId};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{ChannelId, Fault, jobs::Handlers, web::Routes};

/// What publications are called in the audit chain and the list of work.
pub const SUBJECT: &str = "publication";

/// The kinds of work, with their names for people.
pub const WORK_KINDS: &[(&str, &str)] = &[
    (effect::PUBLISH, "发布稿件"),
    (effect::CONFIRM, "登记发布链接"),
    (effect::MEND, "处理发布失败"),
    (effect::TAKE_DOWN, "撤下稿件并上传证明"),
    (effect::REVIEW, "应急发布补审"),
];

/// What of a manuscript is at a platform now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    pub publication: PublicationId,
    pub channel: ChannelId,
    pub version: VersionId,
    pub link: Option<String>,
}

/// What of a manuscript is live, one for each channel at most.
///
/// # Errors
/// When the database fails.
pub async fn live(db: &impl ConnectionTrait, manuscript: ManuscriptId) -> Result<Vec<Live>, Fault> {
    let all = store::of_manuscript(db, manuscript).await?;
    let live = all.into_iter().filter(|one| one.state.holds_the_place());
    Ok(live
        .map(|one| Live {
            publication: one.id,
            channel: one.channel,
            version: one.content,
            link: one.link,
        })
        .collect())
}

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
}
