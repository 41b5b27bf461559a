//! The words of the pages for what records are about.

/// Kinds of subjects that the filter offers, with their words.
pub(super) const KINDS: &[(&str, &str)] = &[
    ("person", "人员"),
    ("unit", "单位"),
    ("channel", "网络阵地"),
    ("filing", "备案"),
    ("plan", "工作计划"),
    ("regulation", "规章制度"),
    ("delegation", "工作委托"),
    ("platform", "平台"),
    ("channel_list", "台账清单"),
    ("filing_list", "备案清单"),
    ("setting", "设置"),
    ("job", "后台任务"),
    ("audit", "审计记录"),
];

/// The word for a kind; a kind without one is shown as it is.
pub(super) fn kind(code: &str) -> &str {
    KINDS
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(code, |(_, word)| word)
}
