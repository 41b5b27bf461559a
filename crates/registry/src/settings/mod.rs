//! What an institution decides about its registry: deadlines, the seal, who stands in for whom.

use serde::{Deserialize, Serialize};
use zhendi_kernel::settings::Setting;

/// Whether a sealed form (盖章) is needed, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    None,
    BeforeDecision,
    BeforeClosing,
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

/// The registry's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registry {
    /// Days after opening within which a channel is filed; universities use 7 or 30.
    pub days_to_file: u16,
    /// Days within which a change is reported; universities use 3 or 7.
    pub days_to_change: u16,
    /// Days within which channels taken in as 待补录备案 are filed.
    pub days_to_catch_up: u16,
    pub seal: Seal,
    pub publicity_route: PublicityRoute,
    /// Whether students may hold admin or review roles (R-REG-7; Notice 3(3)).
    pub students_may_hold: bool,
    /// Words in names that may claim more than the unit is; they only warn.
    pub misleading_words: Vec<String>,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            days_to_file: 7,
            days_to_change: 7,
            days_to_catch_up: 30,
            seal: Seal::None,
            publicity_route: PublicityRoute::DeputySigns,
            students_may_hold: false,
            misleading_words: ["官方", "中国", "中华", "全国", "国家", "中央", "国务院", "第一", "唯一", "最"]
                .map(String::from)
                .into(),
        }
    }
}

impl Setting for Registry {
    const KEY: &'static str = "registry";
}
