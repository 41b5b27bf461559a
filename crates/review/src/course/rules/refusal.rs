//! Why the law refuses, in words for the page.

use super::{Level, Seat, Stage};
use chrono::{DateTime, Utc};
use zhendi_kernel::{Fault, PersonId, clock};

/// Why an act was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("这篇稿件现在是“{0}”，不在审核中。")]
    NotReviewing(Stage),
    #[error("“{level}”已经办理过了，现在到了“{now}”。")]
    AlreadyDone {
        level: Level,
        now: Level,
        person: PersonId,
        at: DateTime<Utc>,
    },
    #[error("现在是“{level}”，由{seat}办理，您没有担任该角色。")]
    NotYourLevel { level: Level, seat: Seat },
    #[error("“{0}”指定了专人办理，您不在其中。")]
    NotNamed(Level),
    #[error("您是这篇稿件的作者（或参与撰写、代为提交），不能审核自己的稿件。")]
    OwnWork,
    #[error("您代理的人是这篇稿件的作者（或参与撰写），不能代其审核自己的稿件。")]
    OwnWorkOfPrincipal,
    #[error("您已经办理过“{0}”（代他人办理或由他人代理也算），同一人不能办理两级审核。")]
    ActedBefore(Level),
    #[error("您代理的人已经办理过“{0}”，同一人不能办理两级审核，请由其他人办理。")]
    PrincipalActedBefore(Level),
    #[error("这篇稿件已由他人领取，{} 前由其办理。", clock::show(.until))]
    Held { by: PersonId, until: DateTime<Utc> },
    #[error("这篇稿件已转送有关部门，办结前不能审核通过；可以退回或不予采用。")]
    Stopped,
    #[error("您没有领取这篇稿件。")]
    NotHeldByYou,
    #[error("这篇稿件已由您领取。")]
    HeldByYou,
    #[error("退回须写明理由，作者要按理由修改。")]
    ReasonMissing,
    #[error("请写明理由。")]
    WhyMissing,
    #[error("只能退回给作者，或退回到已经办理过的前一级。")]
    NotAnEarlierLevel,
    #[error("检查清单中还有必查项没有确认：{}。不符合的请退回。", .0.join("；"))]
    Unchecked(Vec<String>),
    #[error("请填写{}记录（没有发现差错的填 0）。", .0)]
    ProofreadMissing(&'static str),
    #[error("只有小改动才能“复核同意”；这次请按完整审核办理。")]
    NoCorrection,
    #[error("您没有审过改动前的稿件，不能只看改动，请按完整审核办理。")]
    NotTheSamePerson,
    #[error("只有稿件的作者可以办理。")]
    NotTheAuthor,
    #[error("稿件正在审核中，不能修改。需要修改的，请先撤回。")]
    UnderReview,
    #[error("这篇稿件已定为不予采用，不能再修改或提交；可以复制为新稿。")]
    Closed,
    #[error("这篇稿件现在是“{0}”，不能撤回。")]
    NotRecallable(Stage),
    #[error("这个内容已经审定并在有效期内，没有改动，不需要再次提交。")]
    NothingChanged,
    #[error("请先选择发布的网络阵地。")]
    NoChannel,
    #[error("已经标为重大事项。")]
    MajorAlready,
    #[error("没有标为重大事项。")]
    NotMajor,
    #[error("这类稿件按规定一律作为重大事项，不能取消。")]
    AlwaysMajor,
    #[error("重大事项由“{0}”标记，只有同级或更高一级审核人可以取消。")]
    MarkedAbove(&'static str),
    #[error("现在已到分管领导审批，不能取消重大事项；请由分管领导审批或退回。")]
    WithTheLeader,
    #[error("只有作者和各级审核人可以标记重大事项。")]
    NotOnTheWay,
    #[error("您没有登记纸质审核的权限，请由宣传部工作人员登记。")]
    MayNotRecord,
    #[error(
        "您（或您代理的人）是这篇稿件的作者，不能登记自己稿件的纸质审核，请由其他工作人员登记。"
    )]
    RecorderIsAuthor,
    #[error(
        "您（或您代理的人）已经办理过“{0}”，不能再登记另一级的纸质审核，请由其他工作人员登记。"
    )]
    RecorderActed(Level),
    #[error("不能登记自己（或所代理的人）作出的纸质审核，请由其他工作人员登记，或直接在线办理。")]
    RecorderDecides,
    #[error("现在是“{level}”，由{seat}办理，所选审核人没有担任该角色。")]
    DeciderLacksRole { level: Level, seat: Seat },
    #[error("所选审核人是这篇稿件的作者，不能审核自己的稿件。")]
    DeciderIsAuthor,
    #[error("所选审核人已经办理过“{0}”，同一人不能办理两级审核。")]
    DeciderActed(Level),
    #[error("纸质审核的日期不能晚于今天。")]
    PaperInFuture,
    #[error("纸质审核的日期不能早于这次提交的日期：提交之前的审核不是对这个内容作出的。")]
    PaperBeforeSubmission,
    #[error("请填写纸质审核件的文号或编号。")]
    PaperNumberMissing,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let words = refusal.to_string();
        match refusal {
            Refusal::NotYourLevel { .. }
            | Refusal::NotNamed(_)
            | Refusal::NotTheAuthor
            | Refusal::NotOnTheWay
            | Refusal::MayNotRecord => Self::Forbidden(words),
            _ => Self::Refused(words),
        }
    }
}
