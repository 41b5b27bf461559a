//! The steps of a filing and where it can stand.

/// One of the three signatures that a filing needs, in their order.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = FilingStep)]
pub enum Step {
    /// The unit's head signs.
    Signature,
    /// A publicity officer checks.
    Check,
    /// The publicity department decides.
    Decision,
}

impl Step {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::Signature, Self::Check, Self::Decision];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Signature => "单位签署",
            Self::Check => "宣传部审核",
            Self::Decision => "审定",
        }
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Check => "check",
            Self::Decision => "decision",
        }
    }

    pub(super) fn next(self) -> Stage {
        match self {
            Self::Signature => Stage::Awaiting(Self::Check),
            Self::Check => Stage::Awaiting(Self::Decision),
            Self::Decision => Stage::Effective,
        }
    }
}

/// Where a filing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Being written; may be incomplete.
    Draft,
    /// Waiting for the person of a step.
    Awaiting(Step),
    /// Sent back with reasons; the author corrects and submits again.
    Returned,
    /// Given up.
    Withdrawn,
    /// In force.
    Effective,
}

impl Stage {
    /// All, in the order that pages show.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Awaiting(Step::Signature),
        Self::Awaiting(Step::Check),
        Self::Awaiting(Step::Decision),
        Self::Returned,
        Self::Withdrawn,
        Self::Effective,
    ];

    /// The stable code: database and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Awaiting(Step::Signature) => "awaiting_unit_head",
            Self::Awaiting(Step::Check) => "awaiting_officer_check",
            Self::Awaiting(Step::Decision) => "awaiting_decision",
            Self::Returned => "returned",
            Self::Withdrawn => "withdrawn",
            Self::Effective => "effective",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Awaiting(Step::Signature) => "待单位签署",
            Self::Awaiting(Step::Check) => "待宣传部审核",
            Self::Awaiting(Step::Decision) => "待审定",
            Self::Returned => "已退回",
            Self::Withdrawn => "已撤回",
            Self::Effective => "已备案",
        }
    }

    /// The step that is waited for.
    pub fn step(self) -> Option<Step> {
        match self {
            Self::Awaiting(step) => Some(step),
            _ => None,
        }
    }

    /// Whether the contents may still be written.
    pub fn is_open_to_author(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }
}

/// How an act ended its step.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = FilingVerdict)]
pub enum Verdict {
    Agreed,
    Returned,
}
