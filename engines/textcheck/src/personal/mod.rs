//! Personal data: numbers of identity, telephone, bank and passport, mail, plates, addresses, staff and student numbers.

mod address;
mod numbers;
mod tables;
mod words;

use std::{
    ops::Range,
    sync::{Arc, LazyLock},
};

use crate::{
    finding::{Context, Finding, Kind, Rule, Severity},
    scan::{Classes, Line},
    text::{BlockKind, Text},
};

/// How an institution writes its staff and student numbers: `#` is a digit, `@` a letter, all else stands for itself.
///
/// `2021######` is a number of ten digits that begins with 2021, `T@####` one like `TA0123`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<char>);

/// A pattern that would match almost anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the pattern needs at least five signs, one of them `#`, and nothing but letters, digits, `#` and `@`"
)]
pub struct PatternError;

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It is too short, has no `#`, or other signs than letters, digits, `#` and `@`.
    pub fn new(pattern: &str) -> Result<Self, PatternError> {
        let signs: Vec<char> = pattern.trim().chars().collect();
        let good = (5..=24).contains(&signs.len())
            && signs.contains(&'#')
            && signs
                .iter()
                .all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '#' | '@'));
        good.then_some(Self(signs)).ok_or(PatternError)
    }

    fn fits(&self, token: &[char]) -> bool {
        token.len() == self.0.len()
            && self
                .0
                .iter()
                .zip(token)
                .all(|(sign, character)| match sign {
                    '#' => character.is_ascii_digit(),
                    '@' => character.is_ascii_alphabetic(),
                    sign => sign.eq_ignore_ascii_case(character),
                })
    }
}

/// The rules of this kind; their ids begin with `personal.`. Masked forms are no finding.
///
/// `patterns` find staff and student numbers without a word before them.
#[must_use]
pub fn rules(patterns: Vec<Pattern>) -> Vec<Rule> {
    vec![Arc::new(move |text, context, findings| {
        check(text, context, &patterns, findings)
    })]
}

/// What a place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    ResidentId,
    Mobile,
    Landline,
    BankCard,
    Passport,
    Mail,
    Plate,
    Address,
    PersonNumber,
    BirthDate,
}

impl What {
    fn words(self) -> (&'static str, Severity, &'static str) {
        match self {
            Self::ResidentId => ("personal.resident-id", Severity::Error, "居民身份证号"),
            Self::Mobile => ("personal.mobile", Severity::Warning, "手机号"),
            Self::Landline => ("personal.landline", Severity::Notice, "固定电话"),
            Self::BankCard => ("personal.bank-card", Severity::Error, "银行卡号"),
            Self::Passport => ("personal.passport", Severity::Error, "护照、通行证号"),
            Self::Mail => ("personal.mail", Severity::Notice, "电子邮箱"),
            Self::Plate => ("personal.plate", Severity::Warning, "车牌号"),
            Self::Address => ("personal.address", Severity::Warning, "住址"),
            Self::PersonNumber => (
                "personal.person-number",
                Severity::Warning,
                "学号、工号一类的编号",
            ),
            Self::BirthDate => ("personal.birth-date", Severity::Notice, "出生日期"),
        }
    }
}

/// A place in a line.
pub(super) struct Hit {
    what: What,
    range: Range<usize>,
}

const DIGIT: u8 = 1;
const AT: u8 = 2;
const PROVINCE: u8 = 4;
const HOME: u8 = 8;
const LABEL: u8 = 16;
const LETTER: u8 = 32;

static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    Classes::new(&[
        (DIGIT, "0123456789"),
        (AT, "@"),
        (PROVINCE, words::PROVINCES),
        (HOME, "址住栋幢弄元楼"),
        (LABEL, "号生月期"),
        (
            LETTER,
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        ),
    ])
});

fn check(text: &Text<'_>, _: &Context, patterns: &[Pattern], findings: &mut Vec<Finding>) {
    let mut line = Line::default();
    let mut tables = tables::Tables::default();
    let mut hits = Vec::new();
    for block in text.blocks() {
        let words = text.block(block);
        if !matches!(block.kind, BlockKind::Cell { .. }) && !may_hold(words) {
            tables.pass();
            continue;
        }
        line.read_folded(words, block.bytes.start);
        hits.clear();
        scan(&line, patterns, &mut hits);
        tables.block(&line, block.kind, &mut hits);
        for hit in &hits {
            let (rule, severity, name) = hit.what.words();
            findings.push(Finding::new(
                Kind::PersonalData,
                severity,
                rule,
                line.bytes(hit.range.clone()),
                name,
            ));
        }
    }
}

/// Whether a block that is no cell may hold something of a person: there is a digit, an @, a word for a home, or a tab
/// between columns. This looks at many bytes at once, and half of a text's paragraphs need not be read for it.
fn may_hold(block: &str) -> bool {
    const HOME: &[u8] = "址".as_bytes();
    const LIVES: &[u8] = "住".as_bytes();
    let narrow = |byte: u8| byte.is_ascii_digit() | (byte == b'@') | (byte == b'\t');
    let wide = |a: u8, b: u8, c: u8| {
        // ０ to ９ and ＠.
        ((a == 0xef) & (b == 0xbc) & ((c.wrapping_sub(0x90) < 10) | (c == 0xa0)))
            | ((a == HOME[0]) & (b == HOME[1]) & (c == HOME[2]))
            | ((a == LIVES[0]) & (b == LIVES[1]) & (c == LIVES[2]))
    };
    let bytes = block.as_bytes();
    let next = bytes.get(1..).unwrap_or_default();
    let third = bytes.get(2..).unwrap_or_default();
    let threes = bytes.iter().zip(next).zip(third);
    // Numbers instead of truths: the compiler makes wide instructions of them.
    bytes
        .iter()
        .fold(0, |any, byte| any | u8::from(narrow(*byte)))
        != 0
        || threes.fold(0, |any, ((a, b), c)| any | u8::from(wide(*a, *b, *c))) != 0
}

/// All of a line, in order, none over another.
fn scan(line: &Line, patterns: &[Pattern], hits: &mut Vec<Hit>) {
    let classes = &*CLASSES;
    let chars = &line.chars;
    let mut past = 0;
    let mut before = 0;
    let mut home = 0;
    for (at, character) in chars.iter().enumerate() {
        let class = classes.of(*character);
        let starts = class & (DIGIT | LETTER) != 0 && before & (DIGIT | LETTER) == 0;
        let last = before;
        before = class;
        if class == 0 || at < past {
            continue;
        }
        let found = if class & AT != 0 {
            words::mail(line, at)
        } else if class & PROVINCE != 0 {
            words::plate(line, at)
        } else if class & HOME != 0 {
            if at < home {
                None
            } else {
                address::find(line, at)
            }
        } else if class & LABEL != 0 {
            words::labelled(line, at)
        } else if class & DIGIT != 0 && last & DIGIT == 0 {
            if starts && let Some(hit) = words::token(line, at, patterns) {
                Some(hit)
            } else {
                let (hit, end) = numbers::find(line, at);
                past = past.max(end);
                hit
            }
        } else if starts {
            words::token(line, at, patterns)
        } else {
            None
        };
        if let Some(hit) = found {
            match hit.what {
                What::Address => home = hit.range.end,
                _ => past = past.max(hit.range.end),
            }
            // What was found within it is a part of it.
            while hits
                .last()
                .is_some_and(|earlier| earlier.range.end > hit.range.start)
            {
                hits.pop();
            }
            hits.push(hit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_is_passed_over_holds_nothing() {
        let corpora = [
            include_str!("../../corpus/personal.txt"),
            include_str!("../../corpus/hostile.txt"),
            "校址在京\nＡ＠b.cn\n１２\n姓名\t电话\n",
        ];
        let mut line = Line::default();
        let (mut read, mut passed) = (0, 0);
        for words in corpora.iter().flat_map(|corpus| corpus.lines()) {
            if may_hold(words) {
                read += 1;
                continue;
            }
            passed += 1;
            line.read_folded(words, 0);
            let mut hits = Vec::new();
            scan(&line, &[], &mut hits);
            assert!(hits.is_empty(), "{words}");
        }
        assert!(read > 100 && passed > 10, "{read} read, {passed} passed");
    }
}
