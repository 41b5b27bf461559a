//! Who filled in a form and when, from the lines around its table.

use std::ops::RangeInclusive;

use serde::Serialize;

use crate::{
    Cell, PartialDate, Sheet,
    value::{date::locate_date, tidy::tidy},
};

/// What the lines above and below a table declare.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Declared {
    /// 填报单位（盖章） or 填报部门（盖章）
    pub unit: Option<String>,
    /// 填表人
    pub filled_by: Option<String>,
    /// 电话 or 联系电话, as written
    pub phone: Option<String>,
    /// 填表时间, or the date that stands alone
    pub date: Option<PartialDate>,
}

#[derive(Clone, Copy, PartialEq)]
enum Label {
    Unit,
    FilledBy,
    Phone,
    Date,
    /// Ends the value before it.
    Other,
}

/// Longer spellings first: 联系电话 holds 电话.
const LABELS: &[(&str, Label)] = &[
    ("填报单位", Label::Unit),
    ("填报部门", Label::Unit),
    ("填表单位", Label::Unit),
    ("填表部门", Label::Unit),
    ("填表人", Label::FilledBy),
    ("填报人", Label::FilledBy),
    ("联系电话", Label::Phone),
    ("联系方式", Label::Phone),
    ("手机号码", Label::Phone),
    ("电话", Label::Phone),
    ("填表时间", Label::Date),
    ("填报时间", Label::Date),
    ("填表日期", Label::Date),
    ("填报日期", Label::Date),
    ("日期", Label::Date),
    ("审核人", Label::Other),
    ("负责人", Label::Other),
    ("注：", Label::Other),
    ("注:", Label::Other),
];

/// Rows with more cells declare nothing, they are data.
const CELLS: usize = 8;
/// Nor does a longer cell: the labels and what a person writes behind them are short.
const BYTES: usize = 2_000;

impl Declared {
    /// Reads the lines among some rows of a sheet that begin like one that declares.
    pub(crate) fn around(sheet: &Sheet, rows: RangeInclusive<u32>) -> Self {
        let mut declared = Self::default();
        let lines = sheet
            .rows_in(&rows)
            .filter(|(_, cells)| cells.len() <= CELLS)
            .filter(|(_, cells)| cells.iter().map(Cell::bytes).sum::<usize>() <= BYTES);
        for (_, cells) in lines {
            if cells.iter().any(|cell| Self::is_line(&cell.text())) {
                let texts: Vec<_> = cells.iter().map(|cell| cell.text()).collect();
                declared.read(&texts.join("    "));
            }
        }
        declared
    }

    /// Reads one line; what an earlier line declared stays.
    pub(crate) fn read(&mut self, line: &str) {
        let chars: Vec<char> = line.chars().collect();
        let starts = labels(&chars);
        for (i, &(at, length, label)) in starts.iter().enumerate() {
            let end = starts.get(i + 1).map_or(chars.len(), |next| next.0);
            let value = value_after_label(&chars[at + length..end]);
            let slot = match label {
                Label::Unit => &mut self.unit,
                Label::FilledBy => &mut self.filled_by,
                Label::Phone => &mut self.phone,
                Label::Date | Label::Other => continue,
            };
            if slot.is_none() {
                *slot = value;
            }
        }
        // A date counts only in a line that declares something: a note may name a deadline.
        if self.date.is_none() && starts.iter().any(|(_, _, label)| *label != Label::Other) {
            self.date = locate_date(line).map(|(_, date)| date);
        }
    }

    /// Whether a line is one of those that declare.
    pub(crate) fn is_line(text: &str) -> bool {
        LABELS.iter().any(|(label, what)| {
            text.starts_with(label) && matches!(what, Label::Unit | Label::FilledBy | Label::Date)
        })
    }
}

fn labels(chars: &[char]) -> Vec<(usize, usize, Label)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let label = LABELS.iter().find(|(text, _)| {
            chars[at..]
                .iter()
                .take(text.chars().count())
                .copied()
                .eq(text.chars())
        });
        match label {
            Some((text, label)) => {
                let length = text.chars().count();
                found.push((at, length, *label));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// Skips （盖章） and the colon; stops at a date, at the empty date `年   月   日` and where a wide gap ends the entry.
fn value_after_label(chars: &[char]) -> Option<String> {
    let text: String = chars.iter().collect();
    let mut rest = text.trim_start();
    for seal in [
        "（盖章）",
        "(盖章)",
        "（公章）",
        "(公章)",
        "（签章）",
        "(签章)",
    ] {
        rest = rest.strip_prefix(seal).unwrap_or(rest).trim_start();
    }
    rest = rest.strip_prefix(['：', ':']).unwrap_or(rest);
    let before_date = locate_date(rest).map_or(rest.chars().count(), |(at, _)| at);
    let value: String = rest.chars().take(before_date).collect();
    let value = tidy(&value);
    let value = value.split("   ").next().unwrap_or_default();
    let value = tidy(value);
    let blank = value.is_empty()
        || value
            .chars()
            .all(|c| c.is_whitespace() || matches!(c, '年' | '月' | '日' | '_' | '＿' | '-'));
    (!blank).then(|| value.into_owned())
}
