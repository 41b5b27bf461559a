//! Which accounts are probably one too many (R-REG-4, 国办发〔2018〕123号): names that are the same but
//! for words that every account has, and the signs of little use. Pure.

use super::{Facts, RunningState};
use crate::settings::Consolidation;
use chrono::{DateTime, Months, NaiveDate, Utc};
use zhendi_kernel::{clock, text};

/// Words that say what kind of account it is, not whose; longer ones first.
const KINDS: [&str; 29] = [
    "微信公众平台",
    "微信公众号",
    "移动客户端",
    "官方网站",
    "门户网站",
    "官方微博",
    "官方微信",
    "公众号",
    "订阅号",
    "服务号",
    "视频号",
    "抖音号",
    "头条号",
    "快手号",
    "今日头条",
    "新浪微博",
    "小红书",
    "小程序",
    "客户端",
    "微信",
    "微博",
    "抖音",
    "快手",
    "头条",
    "官方",
    "官网",
    "官微",
    "网站",
    "app",
];

/// The name as it is compared with others: without width, case, spaces and marks, and without words
/// that only say on which platform it is. A name of nothing but such words keeps them.
pub fn name_key(name: &str) -> String {
    let folded: String = text::fold(name)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let mut key = folded.clone();
    for word in KINDS {
        key = key.replace(word, "");
    }
    if key.chars().count() < 2 { folded } else { key }
}

/// A sign that an account is little used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign(pub String);

/// Words of annex 1's 问题排查情况 and of the posting frequency that say nothing is posted.
pub const IDLE_WORDS: [&str; 8] = [
    "无更新",
    "不更新",
    "未更新",
    "更新不及时",
    "僵尸",
    "停更",
    "停用",
    "闲置",
];

/// Why a running account counts as little used; empty when it does not.
pub fn little_used(
    facts: &Facts,
    running: RunningState,
    updated_at: DateTime<Utc>,
    today: NaiveDate,
    limits: &Consolidation,
) -> Vec<Sign> {
    let mut signs = vec![];
    if running != RunningState::Live {
        return signs;
    }
    let found = |text: &str| IDLE_WORDS.iter().find(|word| text.contains(**word));
    if let Some(word) = found(&facts.survey.problem) {
        signs.push(Sign(format!("排查情况为“{word}”")));
    }
    if let Some(word) = found(&facts.posting_frequency) {
        signs.push(Sign(format!("发布频次为“{word}”")));
    }
    if let Some(count) = facts.followers
        && count < i64::from(limits.few_followers)
    {
        signs.push(Sign(format!("粉丝仅 {count} 个")));
    }
    let touched = clock::local(updated_at).date_naive();
    let limit = today.checked_sub_months(Months::new(u32::from(limits.stale_months)));
    if limit.is_some_and(|limit| touched < limit) {
        signs.push(Sign(format!("资料自 {touched} 起没有更新")));
    }
    signs
}
