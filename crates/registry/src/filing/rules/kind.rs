//! What a filing is about, and what a cancellation in force still waits for (R-REG-2, R-REG-4).

use crate::channel::{FilingState, RunningState};
use zhendi_kernel::Fault;

/// 备案类型 of annex 3.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = FilingKind)]
pub enum Kind {
    /// 开设.
    #[default]
    Opening,
    /// 变更: the channel's record is to say something else.
    Change,
    /// 注销: the channel is to be closed.
    Cancellation,
}

impl Kind {
    /// All, in the order that the form prints them.
    pub const ALL: [Self; 3] = [Self::Opening, Self::Change, Self::Cancellation];

    /// The stable code: database and API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Change => "change",
            Self::Cancellation => "cancellation",
        }
    }

    /// As annex 3 prints it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Opening => "开设",
            Self::Change => "变更",
            Self::Cancellation => "注销",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Where a cancellation stands once it is in force: an account is gone only when its platform shows so,
/// and when somebody looked again later (R-REG-4).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = FilingClosing)]
pub enum Closing {
    /// The platform's proof is awaited.
    Proof,
    /// The channel is closed; it is to be looked at again.
    Recheck,
    /// Looked at again and gone.
    Confirmed,
}

impl Closing {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::Proof, Self::Recheck, Self::Confirmed];

    /// The stable code: database and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proof => "awaiting_proof",
            Self::Recheck => "awaiting_recheck",
            Self::Confirmed => "confirmed_gone",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Proof => "待办理注销",
            Self::Recheck => "待注销复查",
            Self::Confirmed => "已确认注销",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// Whether somebody still has something to do.
    pub fn is_open(self) -> bool {
        self != Self::Confirmed
    }
}

/// Why a channel may not be changed or cancelled by a filing now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsuitable {
    #[error("只有已备案的网络阵地才能办理变更备案，它现在是“{0}”。")]
    NotFiled(FilingState),
    #[error("它现在是“{0}”，不能办理注销备案。")]
    NotCancellable(FilingState),
    #[error("这个网络阵地已经关闭，不能办理变更备案。")]
    Closed,
    #[error("这个网络阵地已有一件备案正在办理，办结或撤回后才能再次提交。")]
    UnderWay,
    #[error("没有任何变更：填写的内容与台账现在的记录完全相同。请修改需要变更的内容后再提交。")]
    NothingChanged,
    #[error("请先选择要办理的网络阵地：变更和注销备案从已备案的网络阵地发起。")]
    NoChannel,
    #[error("办理期间台账中这个网络阵地的资料已变动，请刷新页面，看清现在的内容再办理。")]
    RecordMoved,
    #[error(
        "变更开设部门须先取得接收单位同意：请先存为草稿，在附件中上传“接收单位同意函”，再提交。"
    )]
    ConsentMissing,
    #[error("这件备案没有需要办理的注销手续。")]
    NothingToClose,
    #[error("请先上传平台显示已注销的截图（附件类别选“平台注销证明”）。")]
    ProofMissing,
}

impl From<Unsuitable> for Fault {
    fn from(refusal: Unsuitable) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl Kind {
    /// Whether a channel in these states may have such a filing.
    ///
    /// # Errors
    /// Why not. Openings of channels are judged by the channel itself.
    pub fn suits(self, filing: FilingState, running: RunningState) -> Result<(), Unsuitable> {
        match (self, filing) {
            (Self::Opening, _) => Ok(()),
            (Self::Change, FilingState::Filed) if running == RunningState::Closed => {
                Err(Unsuitable::Closed)
            }
            (Self::Change, FilingState::Filed) => Ok(()),
            (Self::Change, other) => Err(Unsuitable::NotFiled(other)),
            (Self::Cancellation, FilingState::Filed | FilingState::Unfiled) => Ok(()),
            (Self::Cancellation, other) => Err(Unsuitable::NotCancellable(other)),
        }
    }
}
