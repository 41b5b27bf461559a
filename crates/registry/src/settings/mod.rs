//! What an institution decides about its registry: deadlines, the seal, who stands in for whom.

mod pages;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use zhendi_kernel::{
    Permission,
    settings::Setting,
    web::{Access, Routes},
};

/// The page of the settings.
pub fn routes() -> Routes {
    let keep = Access::Needs(Permission::ManageRegistry);
    Routes::new()
        .get("/settings/registry", keep, pages::show)
        .post("/settings/registry", keep, pages::save)
}

/// Whether a sealed form (盖章) is needed, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    None,
    BeforeDecision,
    BeforeClosing,
}

impl Seal {
    /// Codes and labels, for the form.
    pub const OPTIONS: [(&'static str, &'static str); 3] = [
        ("none", "不需要"),
        ("before_decision", "审定前须上传盖章扫描件"),
        ("before_closing", "办结前须上传盖章扫描件"),
    ];

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::BeforeDecision => "before_decision",
            Self::BeforeClosing => "before_closing",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::None, Self::BeforeDecision, Self::BeforeClosing]
            .into_iter()
            .find(|one| one.code() == code)
    }
}

/// How the publicity department's own filings get three distinct people (R-ORG-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicityRoute {
    /// The deputy head signs for the unit, the head decides.
    DeputySigns,
    /// The head signs for the unit, the leader in charge decides.
    LeaderDecides,
}

impl PublicityRoute {
    /// Codes and labels, for the form.
    pub const OPTIONS: [(&'static str, &'static str); 2] = [
        ("deputy_signs", "宣传部副职签字，宣传部负责人审定"),
        ("leader_decides", "宣传部负责人签字，分管领导审定"),
    ];

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::DeputySigns => "deputy_signs",
            Self::LeaderDecides => "leader_decides",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::DeputySigns, Self::LeaderDecides]
            .into_iter()
            .find(|one| one.code() == code)
    }
}

/// Months from one 等保测评 to the next, by level; level 1 is not tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MlpsMonths {
    pub second: u16,
    /// The third level and those above it.
    pub third: u16,
}

impl Default for MlpsMonths {
    fn default() -> Self {
        Self {
            second: 24,
            third: 12,
        }
    }
}

/// When an account counts as little used (R-REG-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Consolidation {
    /// Fewer followers than these.
    pub few_followers: u16,
    /// Nobody has touched its record for so many months.
    pub stale_months: u16,
}

impl Default for Consolidation {
    fn default() -> Self {
        Self {
            few_followers: 100,
            stale_months: 12,
        }
    }
}

/// The registry's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registry {
    /// Days within which channels taken in as 待补录备案 are filed.
    pub days_to_catch_up: u16,
    /// Days from the opening of a channel within which it is filed (R-REG-5).
    pub days_to_file: u16,
    /// Days within which a change is reported (R-REG-5).
    pub days_to_report_change: u16,
    /// The month in which the yearly re-check (年检) of all channels begins; 0 for none.
    pub recheck_month: u16,
    /// Days that the re-check may take.
    pub recheck_days: u16,
    /// Months from one 等保测评 to the next.
    pub mlps_months: MlpsMonths,
    /// When an account counts as little used (R-REG-4).
    pub consolidation: Consolidation,
    /// Working days (Monday to Friday) that each step of a filing may take.
    pub filing_step_days: u16,
    /// Days after which a cancelled channel is looked at again (R-REG-4).
    pub gone_check_days: u16,
    /// How document numbers look; `{year}` and `{n}` stand for the year and the number in it.
    pub filing_number: String,
    pub seal: Seal,
    pub publicity_route: PublicityRoute,
    /// Words in names that may claim more than the unit is; they only warn.
    pub misleading_words: Vec<String>,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            days_to_catch_up: 30,
            days_to_file: 30,
            days_to_report_change: 7,
            recheck_month: 6,
            recheck_days: 30,
            mlps_months: MlpsMonths::default(),
            consolidation: Consolidation::default(),
            filing_step_days: 2,
            gone_check_days: 30,
            filing_number: "宣备〔{year}〕{n}号".into(),
            seal: Seal::None,
            publicity_route: PublicityRoute::DeputySigns,
            misleading_words: [
                "官方",
                "中国",
                "中华",
                "全国",
                "国家",
                "中央",
                "国务院",
                "第一",
                "唯一",
                "最",
            ]
            .map(String::from)
            .into(),
        }
    }
}

impl Setting for Registry {
    const KEY: &'static str = "registry";
}
