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

const MARK: u8 = 1;
const DIGIT: u8 = 2;
const NUMERAL: u8 = 4;
const NAME: u8 = 8;
const HEAD: u8 = 16;
/// Never where something begins: what a name begins with.
const SURNAME: u8 = 32;

static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    Classes::new(&[
        (MARK, punctuation::MARKS),
        (DIGIT, "0123456789０１２３４５６７８９"),
        (NUMERAL, "〇零○一二两三四五六七八九十"),
        (NAME, names::TRIGGERS),
        (SURNAME, names::SURNAMES),
        (HEAD, "第①②③④⑤⑥⑦⑧⑨⑩（("),
    ])
});

/// The places in a block where something may begin, in order.
#[derive(Default)]
struct Spots {
    marks: Vec<u32>,
    /// Where numbers begin, Arabic or Chinese.
    numbers: Vec<u32>,
    names: Vec<u32>,
    heads: Vec<u32>,
}

impl Spots {
    fn find(&mut self, line: &Line) {
        self.marks.clear();
        self.numbers.clear();
        self.names.clear();
        self.heads.clear();
        let classes = &*CLASSES;
        let mut before = 0;
        for (at, character) in line.chars.iter().enumerate() {
            let class = classes.of(*character);
            if class & !SURNAME != 0 {
                let at = at as u32;
                if class & MARK != 0 {
                    self.marks.push(at);
                }
                if class & (DIGIT | NUMERAL) != 0 && class & (DIGIT | NUMERAL) & before == 0 {
                    self.numbers.push(at);
                }
                if class & NAME != 0 {
                    self.names.push(at);
                }
                if class & (NUMERAL | DIGIT | HEAD) != 0 {
                    self.heads.push(at);
                }
            }
            before = class;
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
