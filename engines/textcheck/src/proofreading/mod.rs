//! Slips that need no dictionary: punctuation, doubled words, dates, numbers, numbering, names.

mod dates;
mod doubled;
mod moments;
mod names;
mod numbering;
mod numbers;
mod punctuation;
mod ranges;

use std::sync::{Arc, LazyLock};

use crate::{
    finding::{Context, Finding, Kind, Rule, Severity},
    scan::{Classes, Line},
    text::{BlockKind, Text},
};

/// The rules of this kind; their ids begin with `proofreading.`.
#[must_use]
pub fn rules() -> Vec<Rule> {
    vec![Arc::new(check)]
}

/// A mark that is looked at wherever it stands.
const MARK: u8 = 1;
/// A mark that is looked at only if another such stands before it.
const STOP: u8 = 2;
const DIGIT: u8 = 4;
const NUMERAL: u8 = 8;
const HEAD: u8 = 16;
/// What stands before the head of an item.
const OPENS: u8 = 32;
/// The last two characters of what a name ends with, or of a word with two spellings.
const LAST_BUT_ONE: u8 = 64;
const LAST: u8 = LAST_BUT_ONE << 1;

static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    let [last_but_one, last] = names::tails();
    Classes::new(&[
        (MARK, punctuation::MARKS),
        (STOP, punctuation::STOPS),
        (DIGIT, "0123456789０１２３４５６７８９"),
        (NUMERAL, "〇零○一二两三四五六七八九十"),
        (HEAD, "第①②③④⑤⑥⑦⑧⑨⑩（("),
        (OPENS, numbering::OPENS),
        (LAST_BUT_ONE, &last_but_one),
        (LAST, &last),
    ])
});

/// The places in a block where something may begin, in order. Most of what a rule would pass over by a look at the
/// neighbours is left out here, where each character is at hand.
#[derive(Default)]
struct Spots {
    marks: Vec<u32>,
    /// Where numbers begin, Arabic, or Chinese ones that go on.
    numbers: Vec<u32>,
    /// Where names end.
    names: Vec<u32>,
    /// The first in any case: a paragraph whose item has an unknown number is told by it.
    heads: Vec<u32>,
}

impl Spots {
    fn find(&mut self, line: &Line) {
        self.marks.clear();
        self.numbers.clear();
        self.names.clear();
        self.heads.clear();
        let classes = &*CLASSES;
        let mut before = OPENS;
        for (at, character) in line.chars.iter().enumerate() {
            let class = classes.of(*character);
            let alone = class & (MARK | DIGIT | NUMERAL | HEAD);
            let together = class & (before & STOP | before << 1 & LAST);
            if alone | together != 0 {
                self.add(line, at, class, before);
            }
            before = class;
        }
    }

    fn add(&mut self, line: &Line, index: usize, class: u8, before: u8) {
        let at = index as u32;
        if class & before & STOP != 0 {
            self.marks.push(at - 1);
        }
        if class & MARK != 0 {
            self.marks.push(at);
        }
        let number = class & (DIGIT | NUMERAL);
        if number != 0
            && number & before == 0
            && (class & DIGIT != 0 || numbers::goes_on(line.get(index + 1)))
        {
            self.numbers.push(at);
        }
        if class & LAST & before << 1 != 0 || line.chars[index] == '》' {
            self.names.push(at);
        }
        if class & (DIGIT | NUMERAL | HEAD) != 0 && (before & OPENS != 0 || self.heads.is_empty()) {
            self.heads.push(at);
        }
    }
}

fn check(text: &Text<'_>, context: &Context, findings: &mut Vec<Finding>) {
    let mut line = Line::default();
    let mut spots = Spots::default();
    let mut pairs = punctuation::Pairs::default();
    let mut dates = dates::Dates::new(context.date);
    let mut names = names::Names::default();
    let mut numbering = numbering::Numbering::new(text, context);
    for (index, block) in text.blocks().iter().enumerate() {
        line.read(text.block(block), block.bytes.start);
        spots.find(&line);
        let cell = matches!(block.kind, BlockKind::Cell { .. });
        pairs.line(&line, &spots.marks, cell, findings);
        doubled::line(&line, findings);
        if !spots.numbers.is_empty() {
            let moments = moments::read(&line, &spots.numbers);
            dates.line(&line, &moments, findings);
            ranges::line(&line, &moments, &spots.numbers, findings);
            numbers::line(&line, &spots.numbers, findings);
        }
        names.line(&line, &spots.names);
        if !cell {
            numbering.line(index, &line, &spots.heads, findings);
        }
    }
    pairs.end(findings);
    names.end(findings);
    numbering.end(findings);
}

fn slip(
    severity: Severity,
    rule: &'static str,
    bytes: std::ops::Range<usize>,
    message: impl Into<std::borrow::Cow<'static, str>>,
) -> Finding {
    Finding::new(Kind::Proofreading, severity, rule, bytes, message)
}
