//! The levels of review, who sits at each, and where a manuscript can stand.

use zhendi_kernel::{Role, named};

/// One of the levels that content must pass, in their order (Rule 6(1)).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[schema(as = ReviewLevel)]
pub enum Level {
    /// 一审, by the channel's admin.
    #[serde(rename = "first")]
    One = 1,
    /// 二审, by the unit's head.
    #[serde(rename = "second")]
    Two = 2,
    /// 三审, by the publicity head.
    #[serde(rename = "third")]
    Three = 3,
    /// Major matters go to the leader in charge as well.
    #[serde(rename = "leader")]
    Leader = 4,
}

impl Level {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::One, Self::Two, Self::Three, Self::Leader];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::One => "first",
            Self::Two => "second",
            Self::Three => "third",
            Self::Leader => "leader",
        }
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::One => "初审",
            Self::Two => "复审",
            Self::Three => "终审",
            Self::Leader => "分管领导审批",
        }
    }

    /// Its place in the order, from 1.
    pub const fn rank(self) -> i32 {
        self as i32
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// The level of a rank.
    pub fn of_rank(rank: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.rank() == rank)
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.label())
    }
}

named! {
    /// Who acts at a level: holders of these roles at the manuscript's place (Rule 6(1), R-ORG-11).
    Seat {
        /// The admin of the main channel, or the deputy (AB岗).
        ChannelAdmin = "channel_admin", "网络阵地管理员";
        UnitHead = "unit_head", "单位负责人";
        PublicityDeputy = "publicity_deputy", "宣传部副职";
        PublicityHead = "publicity_head", "宣传部负责人";
        PortfolioLeader = "portfolio_leader", "分管领导";
    }
}

impl Seat {
    /// The roles that sit there.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::ChannelAdmin => &[Role::ChannelAdmin, Role::ChannelDeputy],
            Self::UnitHead => &[Role::UnitHead],
            Self::PublicityDeputy => &[Role::PublicityDeputy],
            Self::PublicityHead => &[Role::PublicityHead],
            Self::PortfolioLeader => &[Role::PortfolioLeader],
        }
    }

    /// The seat of a role, where it has one.
    pub fn of_role(role: Role) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|seat| seat.roles().contains(&role))
    }
}

named! {
    /// Where a manuscript stands once it was submitted; before that it is a draft and has no course.
    Stage {
        /// Someone has it at a level.
        Reviewing = "reviewing", "审核中";
        /// Sent back to its author with reasons.
        Returned = "returned", "已退回";
        /// Taken back by its author.
        Recalled = "recalled", "已撤回";
        /// All levels agreed to exactly this content; it may be published (授权发布).
        Approved = "approved", "已审定";
        /// It will not be used (不予采用); the end.
        Discarded = "discarded", "不予采用";
    }
}

impl Stage {
    /// Whether the author may write and submit.
    pub fn is_open_to_author(self) -> bool {
        matches!(self, Self::Returned | Self::Recalled | Self::Approved)
    }
}

named! {
    /// How someone decided.
    Verdict {
        Approve = "approve", "同意";
        /// To the author, or to an earlier level.
        Return = "return", "退回";
        /// A small correction of what the same person had approved (R-REV-3).
        Reapprove = "reapprove", "复核同意";
        /// It will not be used.
        Discard = "discard", "不予采用";
    }
}

impl Verdict {
    /// Whether it lets the content pass.
    pub fn passes(self) -> bool {
        matches!(self, Self::Approve | Self::Reapprove)
    }
}

named! {
    /// Which of the three proofreads (三校, Notice 2).
    Proofread {
        First = "first", "一校";
        Second = "second", "二校";
        Third = "third", "三校";
    }
}
