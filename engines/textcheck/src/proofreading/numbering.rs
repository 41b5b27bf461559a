//! Gaps in numbering, and titles that promise another number of items than the text lists.

use super::slip;
use crate::{
    finding::{Context, Finding, Severity},
    scan::{Line, arabic_number, blank, chinese_number, han},
    text::{BlockKind, Text},
};

/// What stands before an item within a paragraph, as far as one character tells: marks, blanks, nothing.
pub(super) const OPENS: &str = "。；：:;！，,、\0 \u{3000}\u{a0}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}";

/// How an item is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// 一、
    Chinese,
    /// （一）
    ChineseBracket,
    /// 1. and 1、
    Arabic,
    /// （1） and 1）
    ArabicBracket,
    /// ①
    Circle,
    /// 第一章, by the word.
    Unit(char),
    /// 一是, 一要, by the word.
    Point(char),
    /// 第一，
    Ordinal,
}

struct Marker {
    style: Style,
    number: u32,
    start: usize,
    end: usize,
}

/// A list that is open, with the number last seen.
struct Level {
    style: Style,
    last: u32,
}

/// A number of items that was announced.
struct Promise {
    number: u32,
    bytes: std::ops::Range<usize>,
    listed: u32,
    style: Option<Style>,
    /// The styles that were open when it was made: one of them ends its list.
    outer: Vec<Style>,
    /// The block after which a list has to begin.
    block: usize,
    title: bool,
    /// Its list began anew, or has a gap.
    unclear: bool,
}

pub(super) struct Numbering {
    levels: Vec<Level>,
    promises: Vec<Promise>,
    many: bool,
    headings: Vec<bool>,
}

/// Lists in lists in lists: nobody goes deeper.
const DEPTH: usize = 8;

impl Numbering {
    pub(super) fn new(text: &Text<'_>, context: &Context) -> Self {
        let blocks = text.blocks();
        let mut numbering = Self {
            levels: Vec::new(),
            promises: Vec::new(),
            many: blocks.len() > 2,
            headings: blocks
                .iter()
                .map(|block| matches!(block.kind, BlockKind::Heading(_)))
                .collect(),
        };
        if let (Some(title), Some(first)) = (&context.title, blocks.first()) {
            let mut line = Line::default();
            line.read(title, 0);
            if let Some((number, _)) = promised(&line, 0..line.len()) {
                // The title is not in the text: the finding stands at the beginning.
                let bytes = first.bytes.start..first.bytes.start;
                numbering.promise(number, bytes, 0, true);
            }
        }
        numbering
    }

    fn promise(&mut self, number: u32, bytes: std::ops::Range<usize>, block: usize, title: bool) {
        let outer = self.levels.iter().map(|level| level.style).collect();
        self.promises.push(Promise {
            number,
            bytes,
            listed: 0,
            style: None,
            outer,
            block,
            title,
            unclear: false,
        });
    }

    pub(super) fn line(
        &mut self,
        index: usize,
        line: &Line,
        heads: &[u32],
        findings: &mut Vec<Finding>,
    ) {
        let start = line.blanks(0);
        let head = heads
            .first()
            .filter(|at| (**at as usize) <= start + 6)
            .and_then(|_| leading(line, start));
        if let Some(marker) = &head {
            self.step(line, index, marker, findings);
        }
        let from = head.as_ref().map_or(0, |marker| marker.end);
        self.inline(line, heads, from, head.as_ref(), findings);
        let last = line.chars.iter().rposition(|c| !blank(*c));
        let announces = last.is_some_and(|at| matches!(line.chars[at], '：' | ':'));
        let title = (index == 0 && self.many || self.headings.get(index) == Some(&true))
            && line.len() <= 40
            && last.is_none_or(|at| !matches!(line.chars[at], '。' | '；' | '，'));
        if (announces || title) && self.promises.len() < DEPTH {
            let tail = if announces {
                line.len().saturating_sub(30)
            } else {
                0
            };
            if let Some((number, at)) = promised(line, tail..line.len()) {
                self.promise(number, line.bytes(at), index, title && !announces);
            }
        }
    }

    /// The marker of a paragraph: judged after its list, and counted for what was announced.
    fn step(&mut self, line: &Line, index: usize, marker: &Marker, findings: &mut Vec<Finding>) {
        let mut gap = false;
        if let Some(depth) = self
            .levels
            .iter()
            .rposition(|level| level.style == marker.style)
        {
            self.levels.truncate(depth + 1);
            let last = self.levels[depth].last;
            // Articles are quoted one here, one there: only a single one left out is a slip.
            let far = marker.number
                > last
                    + if marker.style == Style::Unit('条') {
                        2
                    } else {
                        5
                    };
            if marker.number != last + 1 && marker.number != 1 {
                gap = true;
                if !far {
                    findings.push(gap_at(line, marker, last));
                }
            }
            self.levels[depth].last = marker.number;
        } else {
            if self.levels.len() == DEPTH {
                self.levels.remove(0);
            }
            self.levels.push(Level {
                style: marker.style,
                last: marker.number,
            });
        }
        let mut ended = Vec::new();
        for (place, promise) in self.promises.iter_mut().enumerate() {
            match promise.style {
                None if marker.number == 1 && (promise.title || index == promise.block + 1) => {
                    promise.style = Some(marker.style);
                    promise.listed = 1;
                }
                None => ended.push(place),
                Some(style) if style == marker.style && marker.number == 1 => {
                    promise.unclear |= promise.title;
                    ended.push(place);
                }
                Some(style) if style == marker.style => {
                    promise.listed += 1;
                    promise.unclear |= gap;
                }
                Some(_) if promise.outer.contains(&marker.style) => ended.push(place),
                Some(_) => {}
            }
        }
        for place in ended.into_iter().rev() {
            let promise = self.promises.remove(place);
            judge(promise, findings);
        }
    }

    /// Lists within a paragraph: 一是…；二是….
    fn inline(
        &mut self,
        line: &Line,
        heads: &[u32],
        from: usize,
        head: Option<&Marker>,
        findings: &mut Vec<Finding>,
    ) {
        let mut lists: Vec<(Style, u32, u32, usize)> = Vec::new();
        lists.extend(head.map(|head| (head.style, head.number, 1, head.start)));
        let mut broken = false;
        let mut past = from;
        for at in heads.iter().map(|at| *at as usize) {
            if at < past {
                continue;
            }
            let Some(marker) = within(line, at) else {
                continue;
            };
            past = marker.end;
            match lists.iter_mut().find(|list| list.0 == marker.style) {
                Some(list) if marker.number == list.1 + 1 => {
                    list.1 += 1;
                    list.2 += 1;
                }
                Some(list) if marker.number == 1 => {
                    counted(line, list.3, list.2, broken, findings);
                    *list = (marker.style, 1, 1, at);
                }
                Some(list) => {
                    if marker.number <= list.1 + 5 {
                        findings.push(gap_at(line, &marker, list.1));
                    }
                    list.1 = marker.number;
                    broken = true;
                }
                None if marker.number == 1 => lists.push((marker.style, 1, 1, at)),
                None => {}
            }
        }
        // （1）…；（2）…， and （3） in the next paragraph.
        if let (Some(first), Some(level)) = (
            lists.first().filter(|_| head.is_some()),
            self.levels.last_mut(),
        ) {
            level.last = first.1;
        }
        for (_, _, count, start) in lists {
            counted(line, start, count, broken, findings);
        }
    }

    pub(super) fn end(self, findings: &mut Vec<Finding>) {
        for promise in self.promises {
            judge(promise, findings);
        }
    }
}

fn judge(promise: Promise, findings: &mut Vec<Finding>) {
    if promise.listed >= 2 && promise.listed != promise.number && !promise.unclear {
        findings.push(miscounted(promise.bytes, promise.number, promise.listed));
    }
}

fn miscounted(bytes: std::ops::Range<usize>, number: u32, listed: u32) -> Finding {
    slip(
        Severity::Warning,
        "proofreading.count",
        bytes,
        format!("说是{number}项，列了{listed}项"),
    )
}

fn gap_at(line: &Line, marker: &Marker, last: u32) -> Finding {
    let message = if marker.number <= last {
        "序号重复或倒退"
    } else {
        "序号不连续"
    };
    slip(
        Severity::Warning,
        "proofreading.numbering",
        line.bytes(marker.start..marker.end),
        message,
    )
}

/// A list within a paragraph and what was announced just before it.
fn counted(line: &Line, start: usize, count: u32, broken: bool, findings: &mut Vec<Finding>) {
    if count < 2 || broken {
        return;
    }
    let mut end = start;
    while end > 0 && blank(line.chars[end - 1]) {
        end -= 1;
    }
    if !matches!(line.before(end, 1), '：' | ':' | '。') {
        return;
    }
    let from = (end.saturating_sub(25)..end - 1)
        .rev()
        .find(|at| matches!(line.chars[*at], '。' | '；' | '！' | '？'))
        .map_or(end.saturating_sub(25), |at| at + 1);
    if let Some((number, at)) = promised(line, from..end)
        && number != count
    {
        findings.push(miscounted(line.bytes(at), number, count));
    }
}

/// What one lists with numbers.
const LISTED: &[&str] = &[
    "举措", "措施", "建议", "要求", "任务", "方面", "条件", "阶段", "步骤", "环节", "原则", "重点",
    "要点", "问题", "意见", "办法", "方法", "理由", "原因", "特点", "亮点", "变化", "希望", "启示",
    "体会", "保障", "行动", "工程", "工作", "关键", "抓手", "转变", "目标", "内容", "类别", "注意",
    "技巧", "误区", "优势", "事项", "规定", "情形", "秘诀", "提示", "看点", "经验", "思考", "途径",
    "层面", "维度", "部分", "想法", "承诺",
];

/// The last number of items that these words announce, and where.
fn promised(line: &Line, range: std::ops::Range<usize>) -> Option<(u32, std::ops::Range<usize>)> {
    let mut found = None;
    let mut at = range.start;
    while at < range.end {
        let number = arabic_number(line, at).or_else(|| chinese_number(line, at));
        let Some((number, end)) = number else {
            at += 1;
            continue;
        };
        let measure = end;
        let before = line.before(at, 1);
        let counts = matches!(
            line.get(measure),
            '项' | '条' | '点' | '个' | '大' | '种' | '步'
        );
        if counts
            && (2..=30).contains(&number)
            && !(before != '\0' && "第这前后另其上述余首该某近".contains(before))
        {
            let rest = measure + 1..(measure + 7).min(range.end);
            let listed = rest.clone().any(|at| line.any(at, LISTED).is_some())
                || (line.get(measure) == '点' && !han(line.get(measure + 1)));
            if listed {
                found = Some((number, at..measure + 1));
            }
        }
        at = end.max(at + 1);
    }
    found
}

fn circled(character: char) -> Option<u32> {
    matches!(character, '①'..='⑳').then(|| character as u32 - '①' as u32 + 1)
}

/// A bracketed number that begins there.
fn bracketed(line: &Line, start: usize) -> Option<Marker> {
    let (style, (number, end)) =
        match arabic_number(line, start + 1).filter(|(_, end)| end - start <= 3) {
            Some(found) => (Style::ArabicBracket, found),
            None => (Style::ChineseBracket, chinese_number(line, start + 1)?),
        };
    matches!(line.get(end), '）' | ')').then_some(Marker {
        style,
        number,
        start,
        end: end + 1,
    })
}

/// The marker with which a paragraph begins.
fn leading(line: &Line, start: usize) -> Option<Marker> {
    let first = line.get(start);
    if let Some(number) = circled(first) {
        return Some(Marker {
            style: Style::Circle,
            number,
            start,
            end: start + 1,
        });
    }
    if matches!(first, '（' | '(') {
        return bracketed(line, start);
    }
    if first == '第' {
        let (number, end) =
            chinese_number(line, start + 1).or_else(|| arabic_number(line, start + 1))?;
        let unit = line.get(end);
        let next = line.get(end + 1);
        let free = next == '\0' || blank(next) || next == '\t';
        return match unit {
            '条' if free || matches!(next, '【' | '（') => Some(Marker {
                style: Style::Unit(unit),
                number,
                start,
                end: end + 1,
            }),
            '章' | '节' | '编' if free || line.len() <= 25 => Some(Marker {
                style: Style::Unit(unit),
                number,
                start,
                end: end + 1,
            }),
            _ => None,
        };
    }
    if let Some((number, end)) = chinese_number(line, start) {
        return (line.get(end) == '、' && number > 0 && !counts_on(line, end)).then_some(Marker {
            style: Style::Chinese,
            number,
            start,
            end: end + 1,
        });
    }
    if let Some((number, end)) = arabic_number(line, start) {
        if end - start > 2 || number == 0 {
            return None;
        }
        let next = line.get(end + 1);
        return match line.get(end) {
            '.' | '．' | '、' if !next.is_ascii_digit() && next != '\0' => Some(Marker {
                style: Style::Arabic,
                number,
                start,
                end: end + 1,
            }),
            '）' | ')' => Some(Marker {
                style: Style::ArabicBracket,
                number,
                start,
                end: end + 1,
            }),
            _ => None,
        };
    }
    // 附件：1.…
    if line
        .any(start, &["附件：", "附：", "附件:", "注："])
        .is_some()
    {
        let colon = (start..start + 3).find(|at| matches!(line.get(*at), '：' | ':'))?;
        return leading(line, colon + 1 + line.blanks(colon + 1))
            .filter(|marker| marker.style == Style::Arabic);
    }
    None
}

/// 三、四年级 is no item.
fn counts_on(line: &Line, mark: usize) -> bool {
    chinese_number(line, mark + 1).is_some_and(|(_, end)| {
        line.get(end) != '、' && end == mark + 2 && "年等级、月日".contains(line.get(end))
    })
}

/// A marker within a paragraph.
fn within(line: &Line, start: usize) -> Option<Marker> {
    let first = line.chars[start];
    let mut before = start;
    while before > 0 && blank(line.chars[before - 1]) {
        before -= 1;
    }
    let before = line.before(before, 1);
    let opens = before == '\0' || "。；：:;！".contains(before);
    let loose = opens || before == '，' || before == ',';
    if let Some(number) = circled(first) {
        return (loose || before == '、').then_some(Marker {
            style: Style::Circle,
            number,
            start,
            end: start + 1,
        });
    }
    if !loose {
        return None;
    }
    if matches!(first, '（' | '(') {
        return if opens { bracketed(line, start) } else { None };
    }
    if first == '第' {
        let (number, end) = chinese_number(line, start + 1)?;
        return (opens && line.get(end) == '，').then_some(Marker {
            style: Style::Ordinal,
            number,
            start,
            end,
        });
    }
    if let Some((number, end)) = chinese_number(line, start) {
        return match line.get(end) {
            word @ ('是' | '要') if end == start + 1 || number >= 10 => Some(Marker {
                style: Style::Point(word),
                number,
                start,
                end: end + 1,
            }),
            _ => None,
        };
    }
    let (number, end) = arabic_number(line, start)?;
    (opens
        && end - start <= 2
        && number > 0
        && matches!(line.get(end), '.' | '．')
        && han(line.get(end + 1)))
    .then_some(Marker {
        style: Style::Arabic,
        number,
        start,
        end: end + 1,
    })
}
