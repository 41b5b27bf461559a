//! 备案类型: written as a word, or ticked among the three that the form names.

use serde::{Deserialize, Serialize};

use super::{
    NotAFilingKind,
    tidy::{fold, tidy},
};

/// What a filing is for (Notice, annex 3: 备案类型包括开设、变更、注销).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingKind {
    /// 开设
    Opening,
    /// 变更
    Change,
    /// 注销
    Cancellation,
}

impl FilingKind {
    /// All three, as the Notice names them.
    pub const ALL: [Self; 3] = [Self::Opening, Self::Change, Self::Cancellation];

    /// The word in the form.
    pub fn label(self) -> &'static str {
        match self {
            Self::Opening => "开设",
            Self::Change => "变更",
            Self::Cancellation => "注销",
        }
    }
}

/// Reads 备案类型: `变更`, `变更备案`, `☑变更 □注销`, `开设√ 变更 注销`. A blank cell, or one with nothing ticked, is `None`.
///
/// # Errors
/// [`NotAFilingKind`] for none of the three words, several without a tick, or several ticks.
pub fn parse_filing_kind(text: &str) -> Result<Option<FilingKind>, NotAFilingKind> {
    let folded = fold(text);
    if folded.is_empty() || folded == "-" || folded == "/" {
        return Ok(None);
    }
    let wrong = || NotAFilingKind(tidy(text).into_owned());
    let named: Vec<(usize, FilingKind)> = FilingKind::ALL
        .into_iter()
        .filter_map(|kind| folded.find(kind.label()).map(|at| (at, kind)))
        .collect();
    let first_box = folded.find(|c| is_tick(c) || is_box(c));
    let first_word = named.iter().map(|(at, _)| *at).min().ok_or_else(wrong)?;
    let Some(first_box) = first_box else {
        return match named[..] {
            [(_, only)] => Ok(Some(only)),
            _ => Err(wrong()),
        };
    };
    // Boxes stand before the words or behind them; the first one tells which.
    let ticked = |&(at, kind): &(usize, FilingKind)| {
        let beside = if first_box < first_word {
            folded[..at]
                .trim_end_matches(['(', ')'])
                .chars()
                .next_back()
        } else {
            let behind = &folded[at + kind.label().len()..];
            behind.trim_start_matches(['(', ')']).chars().next()
        };
        beside.is_some_and(is_tick)
    };
    let ticks: Vec<FilingKind> = named
        .iter()
        .filter(|found| ticked(found))
        .map(|&(_, kind)| kind)
        .collect();
    match ticks[..] {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        _ => Err(wrong()),
    }
}

fn is_tick(c: char) -> bool {
    "√✓✔☑☒■●◼⬛".contains(c)
}

fn is_box(c: char) -> bool {
    "□☐○◻⬜▢".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_ticks() {
        use FilingKind::*;
        for (text, kind) in [
            ("开设", Opening),
            (" 变 更\u{3000}", Change),
            ("注销备案", Cancellation),
            ("□开设 ☑变更 □注销", Change),
            ("√开设  变更  注销", Opening),
            ("开设□ 变更□ 注销■", Cancellation),
            ("开设（√） 变更（ ） 注销（ ）", Opening),
            ("☑开设", Opening),
        ] {
            assert_eq!(parse_filing_kind(text), Ok(Some(kind)), "{text}");
        }
        for blank in ["", "\u{3000}", "□开设 □变更 □注销", "-"] {
            assert_eq!(parse_filing_kind(blank), Ok(None), "{blank}");
        }
        for wrong in ["开设、变更、注销", "■开设 ■变更 □注销", "新增"] {
            assert!(parse_filing_kind(wrong).is_err(), "{wrong}");
        }
    }
}
