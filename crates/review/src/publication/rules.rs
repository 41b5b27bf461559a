//! The law of publishing (R-REV-5 to R-REV-7): pure states and acts, no database, no clock.

use crate::{
    connector::Way,
    ids::{ApprovalId, ManuscriptId, PublicationId, VersionId},
};
use chrono::{DateTime, Utc};
use zhendi_kernel::{ChannelId, Fault, PersonId, UnitId, files::ContentHash};

zhendi_kernel::named! {
    /// Where a publication stands.
    State {
        /// Approved; the channel's admin has not ordered it yet.
        Planned = "planned", "待发布";
        /// Ordered, for now or for a time; nothing has left the house.
        Ordered = "ordered", "等待发送";
        /// On its way to the platform, perhaps there already.
        Sending = "sending", "发送中";
        /// The platform has it, but not the public: in a draft box, or with a system that answers later.
        Sent = "sent_to_draft", "已送达，待确认";
        /// Live.
        Published = "published", "已发布";
        /// It did not get through, and nobody tries again by itself.
        Failed = "failed", "发布失败";
        /// Ordered to be taken down.
        Withdrawing = "withdrawing", "撤稿中";
        /// Taken down, with proof.
        Withdrawn = "withdrawn", "已撤稿";
        /// A newer version took its place.
        Replaced = "replaced", "已被新版替换";
        /// Its approval ran out or was taken back before it was used.
        Lapsed = "lapsed", "授权失效";
    }
}

zhendi_kernel::named! {
    /// Why something is taken down (撤稿原因).
    Reason {
        FactError = "fact_error", "事实有误";
        WordError = "word_error", "文字或图片差错";
        Orientation = "orientation", "导向或表述问题";
        Leak = "leak", "涉密或涉个人信息";
        Rights = "rights", "版权或肖像权";
        Complaint = "complaint", "当事人申请";
        Outdated = "outdated", "内容过期";
        Unapproved = "unapproved", "应急发布补审未通过";
        Order = "order", "上级要求";
        Other = "other", "其他";
    }
}

zhendi_kernel::named! {
    /// What became of the approval that an emergency owes (R-REV-6).
    Review {
        Awaited = "awaited", "待补审";
        Approved = "approved", "补审通过";
        Refused = "refused", "补审未通过";
    }
}

/// What may happen to a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The channel's admin orders it, for now or later.
    Order,
    /// The order is taken back before it was carried out.
    Cancel,
    /// The first request leaves the house.
    Begin,
    /// The platform has it; it is not public yet.
    Accept,
    /// The platform says it is public.
    Publish,
    /// A person says where it can be seen.
    Confirm,
    /// No further attempt is made.
    Fail,
    /// It shall be taken down.
    Withdraw,
    /// It is down.
    Remove,
    /// A newer version takes its place.
    Replace,
    /// Its approval is no longer in force.
    Lapse,
}

/// Why something cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("这条发布记录现在是“{0}”，不能这样办理。")]
    NotNow(State),
    #[error("授权已过期或已被撤销，请重新送审后再发布。")]
    NotApproved,
    #[error("内容与审核通过的版本不一致，不能发布。")]
    OtherContent,
    #[error("发布时间须晚于现在，且在授权有效期内。")]
    BadTime,
    #[error("这个网络阵地上的上一版正在撤稿，撤稿完成后才能发布新版。")]
    BeingWithdrawn,
    #[error("只有这个网络阵地的管理员（含 B 岗）可以发布。")]
    NotTheAdmin,
    #[error("只有该网络阵地的管理员，或对该单位负有审核职责的人员，可以撤稿。")]
    MayNotWithdraw,
    #[error("您不在应急发布人员名单中，不能使用应急发布。")]
    NotNamed,
    #[error("补审须由拟稿人和发布人以外的人员办理。")]
    OwnEmergency,
    #[error("补审由单位负责人、宣传部负责人或分管领导办理。")]
    MayNotReview,
    #[error("这条记录不需要补审。")]
    NothingToReview,
    #[error("这个网络阵地尚未备案或已停止运行，不能发布。")]
    ChannelNotRunning,
    #[error("稿件已转送有关部门，办结前不能发布；已经发布的请撤稿。")]
    Stopped,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotTheAdmin
            | Refusal::MayNotWithdraw
            | Refusal::NotNamed
            | Refusal::OwnEmergency
            | Refusal::MayNotReview => Self::Forbidden(refusal.to_string()),
            _ => Self::Refused(refusal.to_string()),
        }
    }
}

impl Act {
    /// Whether it brings something nearer to the public, or says that a person did.
    pub fn goes_out(self) -> bool {
        matches!(self, Self::Order | Self::Begin | Self::Confirm)
    }

    /// Whether it may be done while departments have the manuscript for illegal or harmful content
    /// (R-INS-7): nothing more of it goes out, everything that takes it back stays open.
    ///
    /// # Errors
    /// [`Refusal::Stopped`].
    pub fn while_stopped(self, stopped: bool) -> Result<(), Refusal> {
        match stopped && self.goes_out() {
            true => Err(Refusal::Stopped),
            false => Ok(()),
        }
    }
}

impl State {
    /// The state after an act.
    ///
    /// # Errors
    /// [`Refusal::NotNow`] when the act does not fit the state.
    pub fn after(self, act: Act) -> Result<Self, Refusal> {
        use State::*;
        match (act, self) {
            (Act::Order, Planned | Failed) => Ok(Ordered),
            (Act::Cancel, Ordered) => Ok(Planned),
            (Act::Begin, Ordered | Sending) => Ok(Sending),
            (Act::Accept, Sending) => Ok(Sent),
            (Act::Publish, Sending) => Ok(Published),
            // By hand; also where the connector failed and a person went there.
            (Act::Confirm, Planned | Failed | Sent | Published) => Ok(Published),
            (Act::Fail, Ordered | Sending) => Ok(Failed),
            // What failed may be there all the same.
            (Act::Withdraw, Sent | Published | Failed) => Ok(Withdrawing),
            (Act::Remove, Withdrawing) => Ok(Withdrawn),
            (Act::Replace, Planned | Ordered | Sending | Failed | Sent | Published) => Ok(Replaced),
            (Act::Lapse, Planned | Ordered | Failed) => Ok(Lapsed),
            _ => Err(Refusal::NotNow(self)),
        }
    }

    /// Whether the public sees it, as far as is known.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Published | Self::Withdrawing)
    }

    /// Whether it waits to get there.
    pub fn waits(self) -> bool {
        matches!(self, Self::Planned | Self::Ordered | Self::Failed)
    }

    /// Tone and icon of its badge.
    pub fn badge(self) -> (&'static str, &'static str) {
        match self {
            Self::Planned => ("info", "hourglass"),
            Self::Ordered | Self::Sending => ("info", "clock"),
            Self::Sent | Self::Withdrawing => ("warning", "hourglass"),
            Self::Published => ("success", "circle-check"),
            Self::Failed | Self::Lapsed => ("danger", "alert-triangle"),
            Self::Withdrawn | Self::Replaced => ("neutral", "ban"),
        }
    }
}

/// A person, and for whom they acted: an act "by X for Y" counts for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    pub person: PersonId,
    pub on_behalf_of: Option<PersonId>,
}

impl Party {
    /// Both persons.
    pub fn everyone(self) -> impl Iterator<Item = PersonId> {
        std::iter::once(self.person).chain(self.on_behalf_of)
    }
}

/// That and why something was taken down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub reason: Reason,
    pub note: String,
    pub by: Party,
    pub at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
}

/// That and why something went live before its review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    pub reason: String,
    pub review: Review,
    pub due: DateTime<Utc>,
    pub by: Option<Party>,
    pub at: Option<DateTime<Utc>>,
    pub opinion: String,
}

/// A version of a manuscript on one channel, from the approval to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    pub id: PublicationId,
    /// Counts the changes; a change names the one it saw.
    pub version: i32,
    pub manuscript: ManuscriptId,
    pub content: VersionId,
    pub hash: ContentHash,
    /// The manuscript's unit.
    pub unit: UnitId,
    pub channel: ChannelId,
    pub title: String,
    pub approval: Option<ApprovalId>,
    pub state: State,
    /// Borne by the post at its platform: the same for every version of a manuscript on a channel.
    pub key: String,
    pub way: Way,
    pub remote_id: Option<String>,
    pub link: Option<String>,
    /// The one that was there when this was approved.
    pub corrects: Option<PublicationId>,
    /// Counts the orders: a job of an older order does nothing.
    pub orders: i32,
    pub failures: i32,
    pub message: String,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub ordered: Option<(Party, DateTime<Utc>)>,
    pub published_by: Option<PersonId>,
    pub published_at: Option<DateTime<Utc>>,
    pub withdrawal: Option<Withdrawal>,
    pub emergency: Option<Emergency>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Publication {
    /// Takes an act.
    ///
    /// # Errors
    /// As [`State::after`].
    pub fn take(&mut self, act: Act, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.state = self.state.after(act)?;
        self.updated_at = now;
        Ok(())
    }

    /// Its page.
    pub fn href(&self) -> String {
        format!("/publications/{}", self.id)
    }

    /// Whether it went out before its review and nobody approved it since.
    pub fn is_unapproved_emergency(&self) -> bool {
        self.emergency
            .as_ref()
            .is_some_and(|one| one.review != Review::Approved)
    }

    /// Whether a person's review of an emergency is independent: neither the author nor who published, nor
    /// one for whom they acted.
    ///
    /// # Errors
    /// [`Refusal::NothingToReview`], [`Refusal::OwnEmergency`].
    pub fn may_review(&self, by: Party, authors: &[PersonId]) -> Result<(), Refusal> {
        let awaited = self
            .emergency
            .as_ref()
            .is_some_and(|one| one.review == Review::Awaited);
        if !awaited {
            return Err(Refusal::NothingToReview);
        }
        let mut involved: Vec<PersonId> = authors.to_vec();
        involved.extend(self.ordered.iter().flat_map(|(party, _)| party.everyone()));
        involved.extend(self.published_by);
        if by.everyone().any(|person| involved.contains(&person)) {
            return Err(Refusal::OwnEmergency);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTS: [Act; 11] = [
        Act::Order,
        Act::Cancel,
        Act::Begin,
        Act::Accept,
        Act::Publish,
        Act::Confirm,
        Act::Fail,
        Act::Withdraw,
        Act::Remove,
        Act::Replace,
        Act::Lapse,
    ];

    #[test]
    fn what_is_at_its_end_stays_there() {
        for end in [State::Withdrawn, State::Replaced, State::Lapsed] {
            for act in ACTS {
                assert_eq!(end.after(act), Err(Refusal::NotNow(end)), "{act:?}");
            }
        }
    }

    #[test]
    fn approved_is_not_published() {
        // From approval to live at least an order and a request, or a person's word, are needed.
        for act in ACTS {
            let live = State::Planned.after(act) == Ok(State::Published);
            assert_eq!(live, act == Act::Confirm, "{act:?}");
        }
        assert!(State::Lapsed.after(Act::Confirm).is_err());
        assert!(State::Ordered.after(Act::Confirm).is_err());
    }

    #[test]
    fn nothing_vanishes_while_it_may_be_live() {
        for state in [State::Sending, State::Sent, State::Published] {
            assert!(state.after(Act::Lapse).is_err(), "{state:?}");
            assert!(state.after(Act::Cancel).is_err(), "{state:?}");
        }
        assert_eq!(
            State::Published.after(Act::Withdraw),
            Ok(State::Withdrawing)
        );
        assert!(State::Published.after(Act::Remove).is_err());
    }

    #[test]
    fn what_departments_have_does_not_go_out_and_can_be_taken_back() {
        for act in ACTS {
            assert_eq!(act.while_stopped(false), Ok(()), "{act:?}");
            let out = matches!(act, Act::Order | Act::Begin | Act::Confirm);
            assert_eq!(act.while_stopped(true).is_err(), out, "{act:?}");
        }
        for act in [Act::Withdraw, Act::Cancel, Act::Remove] {
            assert_eq!(act.while_stopped(true), Ok(()), "{act:?}");
        }
    }

    #[test]
    fn an_order_can_be_repeated_after_a_failure_alone() {
        for state in State::ALL {
            let may = state.after(Act::Order).is_ok();
            assert_eq!(may, matches!(state, State::Planned | State::Failed));
        }
    }
}
