//! Marks: pairs that do not close, wrong order and depth, half-width marks among Chinese, doubled marks (GB/T 15834).

use std::ops::Range;

use super::slip;
use crate::{
    finding::{Finding, Severity},
    scan::{Line, blank, fold, han},
};

/// Every mark that this module looks at by itself.
pub(super) const MARKS: &str = "“”‘’《》〈〉（）()【】「」『』〔〕\",.;:?!";

/// Marks of which two in a row are a slip.
pub(super) const STOPS: &str = "，。、；：";

/// What closes an opening mark; the narrow and the wide bracket are one sort.
fn closing(open: char) -> Option<char> {
    Some(match open {
        '“' => '”',
        '‘' => '’',
        '《' => '》',
        '〈' => '〉',
        '(' => ')',
        '【' => '】',
        '「' => '」',
        '『' => '』',
        '〔' => '〕',
        _ => return None,
    })
}

#[derive(Clone)]
struct Open {
    /// The mark, brackets as narrow ones.
    sort: char,
    /// The mark as it stands.
    mark: char,
    index: usize,
    bytes: Range<usize>,
}

/// A mark that closes nothing.
struct Stray {
    sort: char,
    bytes: Range<usize>,
    index: usize,
}

/// The pairs of a text. A speech of several paragraphs opens each with a mark and closes the last only,
/// therefore what a paragraph leaves open waits for the following ones.
#[derive(Default)]
pub(super) struct Pairs {
    /// Left open by earlier paragraphs, with the number of the paragraph.
    waiting: Vec<(Open, usize)>,
    lines: usize,
}

/// No text means more pairs within each other than this; what is deeper is not remembered.
const DEPTH: usize = 32;

/// After that many paragraphs an open mark is a slip, not a long quotation.
const PATIENCE: usize = 12;

impl Pairs {
    pub(super) fn line(
        &mut self,
        line: &Line,
        marks: &[u32],
        cell: bool,
        findings: &mut Vec<Finding>,
    ) {
        self.lines += 1;
        if !self.waiting.is_empty() {
            self.give_up(findings);
        }
        let mut stack: Vec<Open> = Vec::new();
        let mut crossed: Vec<Open> = Vec::new();
        let mut strays: Vec<Stray> = Vec::new();
        let mut nested: Vec<(usize, Range<usize>, Range<usize>)> = Vec::new();
        for index in marks.iter().map(|at| *at as usize) {
            let mark = line.chars[index];
            half_width(line, index, mark, findings);
            doubled(line, index, mark, findings);
            let sort = if matches!(mark, '（' | '）') {
                fold(mark)
            } else {
                mark
            };
            if closing(sort).is_some() {
                let bytes = line.bytes(index..index + 1);
                if stack.len() == DEPTH {
                    let deepest = stack.remove(0);
                    findings.push(unpaired(deepest.bytes, deepest.mark, None));
                }
                stack.push(Open {
                    sort,
                    mark,
                    index,
                    bytes,
                });
                continue;
            }
            if !matches!(
                sort,
                '”' | '’' | '》' | '〉' | ')' | '】' | '」' | '』' | '〕'
            ) || listed(line, index, sort, &stack)
                || apostrophe(line, index, sort)
            {
                continue;
            }
            let bytes = line.bytes(index..index + 1);
            let found = stack
                .iter()
                .rposition(|open| closing(open.sort) == Some(sort));
            let Some(depth) = found else {
                if let Some(place) = crossed
                    .iter()
                    .position(|open| closing(open.sort) == Some(sort))
                {
                    crossed.remove(place);
                    findings.push(slip(
                        Severity::Error,
                        "proofreading.nesting",
                        bytes,
                        "成对的标点交叉了：里面的一对应当先结束",
                    ));
                } else if !self.answers(sort, &stack) {
                    strays.push(Stray { sort, bytes, index });
                }
                continue;
            };
            crossed.extend(stack.drain(depth + 1..));
            let surplus = crossed.len().saturating_sub(DEPTH);
            for open in crossed.drain(..surplus) {
                findings.push(unpaired(open.bytes, open.mark, None));
            }
            if let Some(open) = stack.pop() {
                width_of_pair(line, &open, index, mark, findings);
                depth_of_pair(
                    &stack,
                    &open,
                    bytes,
                    &mut nested,
                    self.waiting.is_empty(),
                    findings,
                );
            }
        }
        for (outer, open, close) in nested {
            // If the outer mark never closes, the slip is there and not in the inner pair.
            if stack.iter().all(|open| open.index != outer) {
                for bytes in [open, close] {
                    findings.push(slip(
                        Severity::Warning,
                        "proofreading.nesting",
                        bytes,
                        "引号、书名号里面再用时，应当用单引号、单书名号",
                    ));
                }
            }
        }
        stack.extend(crossed);
        self.settle(line, stack, strays, cell, findings);
    }

    /// Whether a closing mark belongs to what an earlier paragraph left open.
    fn answers(&mut self, sort: char, stack: &[Open]) -> bool {
        if !stack.is_empty() {
            return false;
        }
        let place = self
            .waiting
            .iter()
            .rposition(|(open, _)| closing(open.sort) == Some(sort));
        place.map(|place| self.waiting.remove(place)).is_some()
    }

    /// What is left of a paragraph: marks that did not find another.
    fn settle(
        &mut self,
        line: &Line,
        mut open: Vec<Open>,
        strays: Vec<Stray>,
        cell: bool,
        findings: &mut Vec<Finding>,
    ) {
        let mut strays = strays.into_iter().peekable();
        while let Some(stray) = strays.next() {
            let turned = open.iter().position(|open| {
                open.index > stray.index && closing(open.sort) == Some(stray.sort)
            });
            if let Some(place) = turned {
                for bytes in [stray.bytes, open.remove(place).bytes] {
                    findings.push(slip(
                        Severity::Error,
                        "proofreading.nesting",
                        bytes,
                        "成对的标点前后颠倒",
                    ));
                }
                continue;
            }
            let twin = strays.next_if(|next| next.sort == stray.sort && "”’".contains(stray.sort));
            findings.push(unpaired(
                stray.bytes,
                stray.sort,
                twin.map(|_| if stray.sort == '”' { "“" } else { "‘" }),
            ));
        }
        let mut left = open.into_iter().peekable();
        while let Some(open) = left.next() {
            if let Some(second) =
                left.next_if(|next| next.sort == open.sort && "“‘".contains(next.sort))
            {
                let right = if second.sort == '“' { "”" } else { "’" };
                findings.push(unpaired(second.bytes, second.mark, Some(right)));
                continue;
            }
            let whole = line.chars[..open.index].iter().all(|before| blank(*before))
                || line.before(open.index, 1) == '：';
            if whole && !cell && matches!(open.sort, '“' | '‘' | '(' | '「' | '【') {
                // The next paragraph of the same speech begins with a mark of its own.
                self.waiting
                    .retain(|(earlier, _)| earlier.sort != open.sort);
                self.waiting.push((open, self.lines));
            } else {
                findings.push(unpaired(open.bytes, open.mark, None));
            }
        }
    }

    fn give_up(&mut self, findings: &mut Vec<Finding>) {
        let now = self.lines;
        self.waiting.retain(|(open, line)| {
            let stays = now - line <= PATIENCE;
            if !stays {
                findings.push(unpaired(open.bytes.clone(), open.mark, None));
            }
            stays
        });
    }

    pub(super) fn end(self, findings: &mut Vec<Finding>) {
        for (open, _) in self.waiting {
            findings.push(unpaired(open.bytes, open.mark, None));
        }
    }
}

fn unpaired(bytes: Range<usize>, mark: char, better: Option<&str>) -> Finding {
    let finding = slip(
        Severity::Error,
        "proofreading.pair",
        bytes,
        format!("“{mark}”没有配对"),
    );
    match better {
        Some(better) => finding.suggest(better),
        None => finding,
    }
}

/// The bracket of `1）` and `a)`.
fn listed(line: &Line, index: usize, sort: char, stack: &[Open]) -> bool {
    if sort != ')' || stack.iter().any(|open| open.sort == '(') {
        return false;
    }
    let before = line.before(index, 1);
    let number = fold(before).is_ascii_alphanumeric()
        || crate::scan::numeral(before).is_some()
        || before == '十';
    let start = (0..index).rev().take(3).find(|at| {
        !(fold(line.chars[*at]).is_ascii_alphanumeric()
            || "一二三四五六七八九十".contains(line.chars[*at]))
    });
    number
        && start.is_none_or(|at| {
            blank(line.chars[at]) || "，。；：、,;:.“！？".contains(line.chars[at])
        })
}

/// The mark of `it’s`.
fn apostrophe(line: &Line, index: usize, sort: char) -> bool {
    sort == '’' && line.before(index, 1).is_ascii_alphanumeric()
}

fn chinese(line: &Line, range: Range<usize>) -> bool {
    line.chars[range].iter().any(|character| han(*character))
}

/// Brackets of a pair: both wide if the words within are Chinese.
fn width_of_pair(line: &Line, open: &Open, index: usize, close: char, findings: &mut Vec<Finding>) {
    if open.sort != '(' || (open.mark == '（' && close == '）') {
        return;
    }
    let mixed = (open.mark == '(') != (close == ')');
    // The words between are looked at up to a limit: brackets within brackets stay cheap.
    let words = open.index..index.min(open.index + 60);
    if !mixed && !chinese(line, words) {
        return;
    }
    let message = if mixed {
        "括号一边全角、一边半角"
    } else {
        "中文里的括号应当用全角"
    };
    for (at, mark, wide) in [(open.index, open.mark, "（"), (index, close, "）")] {
        if mark.is_ascii() {
            findings.push(
                slip(
                    Severity::Warning,
                    "proofreading.width",
                    line.bytes(at..at + 1),
                    message,
                )
                .suggest(wide),
            );
        }
    }
}

/// Double quotation marks outside, single ones within; the same for titles.
fn depth_of_pair(
    stack: &[Open],
    open: &Open,
    close: Range<usize>,
    nested: &mut Vec<(usize, Range<usize>, Range<usize>)>,
    first: bool,
    findings: &mut Vec<Finding>,
) {
    match open.sort {
        '“' | '《' => {
            let around = stack.iter().rev().find(|outer| {
                matches!(
                    (open.sort, outer.sort),
                    ('“', '“' | '‘') | ('《', '《' | '〈')
                )
            });
            if let Some(outer) = around.filter(|outer| outer.sort == open.sort) {
                nested.push((outer.index, open.bytes.clone(), close));
            }
        }
        '‘' if first
            && stack
                .iter()
                .all(|outer| outer.sort != '“' && outer.sort != '‘') =>
        {
            findings.push(
                slip(
                    Severity::Notice,
                    "proofreading.nesting",
                    open.bytes.clone(),
                    "外层引号应当用双引号",
                )
                .suggest("“"),
            );
        }
        _ => {}
    }
}

/// Half-width marks after a Chinese character.
fn half_width(line: &Line, index: usize, mark: char, findings: &mut Vec<Finding>) {
    let wide = match mark {
        ',' => "，",
        ';' => "；",
        ':' => "：",
        '?' => "？",
        '!' => "！",
        '.' => "。",
        '"' => "”",
        _ => return,
    };
    let before = line.before(index, 1);
    let after = line.get(index + 1);
    let chinese_before = han(before) || "”》）】’".contains(before);
    let wrong = match mark {
        '"' => {
            (han(before) && before != '\0')
                || han(after)
                || "“”，。；：、".contains(after) && after != '\0'
        }
        '.' => {
            let next = line.get(index + 1 + line.blanks(index + 1));
            chinese_before
                && before != '\0'
                && (next == '\0' || han(next) || "“《（".contains(next))
        }
        _ => chinese_before && before != '\0' && !(mark == ':' && after == '/'),
    };
    if wrong {
        let better = if mark == '"' && !chinese_before {
            "“"
        } else {
            wide
        };
        findings.push(
            slip(
                Severity::Warning,
                "proofreading.width",
                line.bytes(index..index + 1),
                "中文里的标点应当用全角",
            )
            .suggest(better),
        );
    }
}

/// Two marks where one is meant.
fn doubled(line: &Line, index: usize, mark: char, findings: &mut Vec<Finding>) {
    let stop = |mark: char| matches!(mark, '，' | '。' | '、' | '；' | '：');
    if !stop(mark) || !stop(line.get(index + 1)) || stop(line.before(index, 1)) {
        return;
    }
    let run = line.chars[index..]
        .iter()
        .take_while(|character| stop(**character))
        .count();
    let finding = slip(
        Severity::Error,
        "proofreading.doubled",
        line.bytes(index..index + run),
        "标点重复",
    );
    let better = if mark == '。' && run >= 3 {
        "……".to_owned()
    } else {
        mark.to_string()
    };
    findings.push(finding.suggest(better));
}
