//! What other systems may be told of.

use crate::ids::ManuscriptId;
use zhendi_kernel::{ChannelId, UnitId, files::ContentHash};

zhendi_kernel::named! {
    /// A change of state that other systems may subscribe to.
    What {
        /// The author submitted it; also when a changed text comes back.
        Submitted = "manuscript.submitted", "提交审核";
        /// A level approved and the next one has it.
        Passed = "manuscript.passed", "通过一级审核";
        /// Returned to the author or to an earlier level.
        Returned = "manuscript.returned", "退回";
        /// The author took it back.
        Recalled = "manuscript.recalled", "撤回";
        /// It will not be published.
        Discarded = "manuscript.discarded", "不予采用";
        /// Somebody on the way marked it as a major matter.
        MarkedMajor = "manuscript.marked_major", "标为重大事项";
        /// The last level approved: it may be published.
        Approved = "manuscript.approved", "审定";
        /// Departments have it for illegal or harmful content: nothing of it is approved or goes out.
        Held = "manuscript.held", "转送有关部门，暂停";
        /// They are done with it: it goes on where it stood.
        Freed = "manuscript.freed", "转送办结，恢复";
        /// It is live on a channel.
        Published = "publication.published", "发布";
        /// A newer version took its place.
        Replaced = "publication.replaced", "更正";
        /// It did not get through, and nobody tries again by itself.
        Failed = "publication.failed", "发布失败";
        /// It was taken down (撤稿).
        Withdrawn = "publication.withdrawn", "撤稿";
        /// It went live before review (R-REV-6).
        PublishedInEmergency = "publication.emergency", "应急发布";
        /// An emergency publication was approved afterwards.
        EmergencyApproved = "publication.emergency_approved", "应急发布补审通过";
    }
}

/// A change of state, as [`tell`](super::tell) passes it on. It names no person.
#[derive(Clone, Debug)]
pub struct Event {
    pub what: What,
    /// The manuscript's unit: subscriptions may be for a unit and those below it.
    pub unit: UnitId,
    pub manuscript: ManuscriptId,
    pub title: String,
    /// The version that it is about: its number within the manuscript and its hash.
    pub version: Option<(i32, ContentHash)>,
    /// The channel, for publications.
    pub channel: Option<ChannelId>,
    /// Where it can be seen.
    pub link: Option<String>,
}

impl Event {
    /// A change of a manuscript as a whole.
    pub fn new(what: What, unit: UnitId, manuscript: ManuscriptId, title: &str) -> Self {
        Self {
            what,
            unit,
            manuscript,
            title: title.to_owned(),
            version: None,
            channel: None,
            link: None,
        }
    }

    /// It is about this version.
    pub fn of_version(mut self, number: i32, hash: ContentHash) -> Self {
        self.version = Some((number, hash));
        self
    }

    /// It happened on this channel.
    pub fn on(mut self, channel: ChannelId, link: Option<String>) -> Self {
        self.channel = Some(channel);
        self.link = link;
        self
    }
}
