//! Marks of secrecy, marks of internal papers, and document numbers that suggest an internal paper.

use std::{
    ops::Range,
    sync::{Arc, LazyLock},
};

use crate::{
    finding::{Context, Finding, Kind, Rule, Severity},
    scan::{Classes, Line, arabic_number, blank, chinese_number, han, invisible},
    text::Text,
};

/// The rules of this kind; their ids begin with `secrecy.`.
#[must_use]
pub fn rules() -> Vec<Rule> {
    vec![Arc::new(check)]
}

const SECRET: u8 = 1;
const INTERNAL: u8 = 2;
const NUMBER: u8 = 4;
/// It tells by itself that a block is to be read: what is in it, or what is left out when it is read.
const ALONE: u8 = 8;
/// Two characters that stand in everything else that is found: 内部, 外传, 扩散, 会后, 阅后, 用后, 公开, 〔2022.
const ONE: u8 = 16;
const OTHER: u8 = ONE << 1;

static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    let invisible: String = ('\0'..='\u{ffff}').filter(|c| invisible(*c)).collect();
    Classes::new(&[
        (SECRET, "密"),
        (INTERNAL, "部传散公保收焚毁回不限依"),
        (NUMBER, BRACKETS),
        (ALONE, "密"),
        (ALONE, &invisible),
        (ONE, "内外扩会阅用公"),
        (ONE, BRACKETS),
        (OTHER, "部传散后开0123456789０１２３４５６７８９"),
    ])
});

const BRACKETS: &str = "〔[【（(﹝［";

/// Whether a block may hold a mark. Most do not, and to tell that from one character and the next is less than to read it.
fn may_hold(block: &str) -> bool {
    let classes = &*CLASSES;
    let (_, seen) = block.chars().fold((0, 0), |(before, seen), character| {
        let class = classes.of(character);
        (class, seen | class & (ALONE | OTHER & before << 1))
    });
    seen != 0
}

fn check(text: &Text<'_>, _: &Context, findings: &mut Vec<Finding>) {
    let classes = &*CLASSES;
    let mut line = Line::default();
    for block in text.blocks() {
        let words = text.block(block);
        if !may_hold(words) {
            continue;
        }
        line.read_folded(words, block.bytes.start);
        let mut end = 0;
        for at in 0..line.len() {
            let class = classes.of(line.chars[at]);
            if class & (SECRET | INTERNAL | NUMBER) == 0 || at < end {
                continue;
            }
            let found = if class & SECRET != 0 {
                mark(&line, at)
            } else if class & INTERNAL != 0 {
                internal(&line, at, end)
            } else {
                document(&line, at)
            };
            if let Some((rule, range, severity, message)) = found {
                end = range.end;
                findings.push(Finding::new(
                    Kind::Secrecy,
                    severity,
                    rule,
                    line.bytes(range),
                    message,
                ));
            }
        }
    }
}

type Found = Option<(&'static str, Range<usize>, Severity, &'static str)>;

/// 绝密★, 机密★, 秘密★5年, and the bare word where it stands as a mark.
fn mark(line: &Line, at: usize) -> Found {
    let mut first = at;
    while first > 0 && at - first < 3 && blank(line.chars[first - 1]) {
        first -= 1;
    }
    let first = first.checked_sub(1)?;
    let start = match line.chars[first] {
        '绝' | '机' | '秘' => first,
        _ if line.has(at.checked_sub(2)?, "注意保密") => return None,
        _ => return notice(line, at),
    };
    let work = line.chars[first] == '秘' && line.ends(first, &["工作"]);
    let (start, rule) = if work {
        (start - 2, "secrecy.internal")
    } else {
        (start, "secrecy.mark")
    };
    let after = at + 1;
    let next = after + line.blanks(after);
    let starred = matches!(line.get(next), '★' | '☆' | '✩' | '✭' | '⭐');
    let dotted =
        matches!(line.get(next), '·' | '*' | '•' | '∗' | '﹡') && period(line, next + 1).is_some();
    if starred || dotted {
        let end = period(line, next + 1).unwrap_or(next + 1);
        return Some((rule, start..end, Severity::Error, "密级标志"));
    }
    let before = line.before(start, 1);
    let labelled = line.within(start.saturating_sub(4)..start, &["密级"]);
    let bracketed = "【（([〔「".contains(before)
        && "】）)]〕」级".contains(line.get(after))
        && after < line.len()
        && start > 0;
    let leads = line.blanks(0) == start;
    let alone = leads
        && (next == line.len()
            || (next > after && !work && (next > after + 1 || line.chars[after] == '\u{3000}'))
            || work && next > after);
    let spaced = start > 0
        && blank(before)
        && line.blanks(start - 1) > 0
        && next == line.len()
        && start >= 2
        && blank(line.chars[start - 2]);
    let paper = line.any(after, &["文件", "材料", "资料", "级文件", "级材料"]);
    let said = paper.is_some()
        && "为系属是".contains(before)
        && start > 0
        && !line.within(start.saturating_sub(4)..start, &["不属", "不是", "不得"]);
    let end = if said {
        after + paper.unwrap_or(0)
    } else {
        after
    };
    (labelled || bracketed || alone || spaced || said).then_some((
        rule,
        start..end,
        Severity::Error,
        "密级标志",
    ))
}

/// 注意保密.
fn notice(line: &Line, at: usize) -> Found {
    let start = at.checked_sub(3)?;
    line.any(start, &["注意保密"])?;
    Some((
        "secrecy.internal",
        start..at + 1,
        Severity::Warning,
        "内部标注",
    ))
}

/// 5年, 长期, 6个月 after a mark.
fn period(line: &Line, start: usize) -> Option<usize> {
    let start = start + line.blanks(start);
    if let Some(length) = line.any(start, &["长期", "启用前"]) {
        return Some(start + length);
    }
    let (_, end) = arabic_number(line, start).or_else(|| chinese_number(line, start))?;
    let end = end + line.blanks(end);
    let length = line.any(end, &["年", "个月", "月"])?;
    Some(end + length)
}

/// Words that say that a paper stays inside.
const INTERNAL_WORDS: &[&str] = &[
    "内部资料",
    "内部文件",
    "内部材料",
    "内部使用",
    "内部参考",
    "内部传阅",
    "内部掌握",
    "内部刊物",
    "内部发行",
    "内部参阅",
    "内部阅读",
    "内部讨论",
];

const STAYS: &[&str] = &[
    "会后收回",
    "阅后收回",
    "用后收回",
    "阅后即焚",
    "阅后销毁",
    "会后销毁",
    "用后销毁",
    "阅后退回",
    "阅后交回",
    "会后交回",
    "注意保密",
    "请保密",
    "此件不公开",
    "此件不予公开",
    "此件依申请公开",
    "不对外公开",
    "不宜公开",
    "公开属性：不予公开",
    "公开属性：依申请公开",
    "公开方式：不公开",
    "公开方式：依申请公开",
];

const FORBIDDEN: &[&str] = &[
    "不得", "请勿", "严禁", "禁止", "不要", "切勿", "不可", "不准", "不许", "谢绝", "不能", "不宜",
    "莫", "勿",
];

fn internal(line: &Line, at: usize, told: usize) -> Found {
    let rule = "secrecy.internal";
    let message = "内部标注";
    match line.chars[at] {
        '部' => {
            let start = at
                .checked_sub(1)
                .filter(|start| line.chars[*start] == '内')?;
            if "室校国境体省市院".contains(line.before(start, 1))
                && start > 0
                && !line.ends(start, &["本校", "我校", "我院", "本院"])
            {
                return None;
            }
            if line.ends(start, &["仅供", "仅限", "只限", "只供", "限于", "限"]) {
                let from = start
                    - if line.before(start, 2) == '仅' || line.before(start, 2) == '只' {
                        2
                    } else {
                        1
                    };
                let end = line
                    .any(start, INTERNAL_WORDS)
                    .map_or(at + 1, |length| start + length);
                return Some((rule, from..end, Severity::Warning, message));
            }
            let length = line.any(start, INTERNAL_WORDS)?;
            // 内部资料性出版物 is a term of the law on printing.
            (line.get(start + length) != '性').then_some((
                rule,
                start..start + length,
                Severity::Warning,
                message,
            ))
        }
        '传' | '散' => {
            if !(line.before(at, 1) == '外' && line.chars[at] == '传'
                || line.before(at, 1) == '扩' && line.chars[at] == '散')
            {
                return None;
            }
            let from = at.saturating_sub(9).max(told);
            let start = (from..at)
                .rev()
                .take_while(|at| !matches!(line.chars[*at], '，' | '。' | '；' | '、' | ','))
                .find(|at| line.any(*at, FORBIDDEN).is_some())?;
            let start = if line.before(start, 1) == '请' || line.before(start, 1) == '切' {
                start - 1
            } else {
                start
            };
            // 防止病毒扩散 and its like speak of other things; a paper's mark is short.
            (line.chars[at] == '传' || at - start <= 4).then_some((
                rule,
                start..at + 1,
                Severity::Warning,
                message,
            ))
        }
        _ => {
            let (start, length) = (at.saturating_sub(3).max(told)..=at)
                .find_map(|start| Some((start, line.any(start, STAYS)?)))?;
            Some((rule, start..start + length, Severity::Warning, message))
        }
    }
}

/// 校密字〔2022〕3号, 内发〔2020〕8号, 明电〔2022〕18号.
fn document(line: &Line, bracket: usize) -> Found {
    let (_, year_end) = arabic_number(line, bracket + 1)
        .filter(|(year, end)| end - bracket == 5 && (1949..=2100).contains(year))?;
    if !matches!(line.get(year_end), '〕' | ']' | '】' | ')' | '﹞') {
        return None;
    }
    let number = year_end + 1 + usize::from(line.get(year_end + 1) == '第');
    let (_, end) = arabic_number(line, number + line.blanks(number))?;
    if line.get(end + line.blanks(end)) != '号' {
        return None;
    }
    let from = (bracket.saturating_sub(12)..bracket)
        .rev()
        .find(|at| !han(line.chars[*at]))
        .map_or(bracket.saturating_sub(12), |at| at + 1);
    let secret = (bracket.saturating_sub(4).max(from)..bracket).find(|at| line.chars[*at] == '密');
    let inner = || {
        line.ends(bracket, &["内", "内字", "内发", "内部", "内参", "内传"])
            .then(|| (from..bracket).rev().find(|at| line.chars[*at] == '内'))
            .flatten()
    };
    let wire = || {
        line.ends(bracket, &["明电", "密电", "发电", "传电", "机发"])
            .then(|| bracket - 2)
    };
    let protocol = || {
        line.ends(bracket, &["纪要", "会纪", "签报", "请示", "签", "呈"])
            .then(|| bracket - 1)
    };
    let (start, severity) = match (secret.or_else(inner).or_else(wire), protocol()) {
        (Some(start), _) => (start, Severity::Error),
        (None, Some(start)) => (start, Severity::Notice),
        (None, None) => return None,
    };
    Some((
        "secrecy.document-number",
        start..end + line.blanks(end) + 1,
        severity,
        "文号像是内部文件的",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_with_any_word_of_the_rules_is_read() {
        let others = [
            "绝密",
            "机 密★",
            "注意保密",
            "不得外传",
            "请勿扩散",
            "校办内〔2022〕3号",
            "明电[２022]18号",
            "内\u{ad}部资料",
            "会\u{200b}后收回",
        ];
        for words in STAYS.iter().chain(INTERNAL_WORDS).chain(&others) {
            assert!(may_hold(words), "{words}");
        }
        assert!(!may_hold("学校召开全校教职工大会，部署新学期工作。"));
    }
}
