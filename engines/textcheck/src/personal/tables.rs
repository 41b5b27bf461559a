//! Tables whose headings say what their columns hold: cells of a document, or lines with tabs.

use std::collections::HashMap;

use super::{Hit, What};
use crate::{scan::Line, text::BlockKind};

/// What the columns hold that are being read.
#[derive(Default)]
pub(super) struct Tables {
    table: Option<u32>,
    columns: HashMap<usize, What>,
    tabs: HashMap<usize, What>,
}

impl Tables {
    /// Passes a block that is no cell and has no columns.
    pub(super) fn pass(&mut self) {
        self.tabs.clear();
    }

    /// Adds what a heading tells about the cells of a block.
    pub(super) fn block(&mut self, line: &Line, kind: BlockKind, hits: &mut Vec<Hit>) {
        if let BlockKind::Cell { table, column, .. } = kind {
            if self.table != Some(table) {
                self.table = Some(table);
                self.columns.clear();
            }
            let mut told = Vec::new();
            cell(
                line,
                0..line.len(),
                column as usize,
                &mut self.columns,
                hits,
                &mut told,
            );
            merge(hits, told);
            return;
        }
        if !line.chars.contains(&'\t') {
            self.pass();
            return;
        }
        let mut told = Vec::new();
        let mut start = 0;
        for (column, words) in line.chars.split(|character| *character == '\t').enumerate() {
            cell(
                line,
                start..start + words.len(),
                column,
                &mut self.tabs,
                hits,
                &mut told,
            );
            start += words.len() + 1;
        }
        merge(hits, told);
    }
}

/// What the headings tell takes the place of what was emptied for it.
fn merge(hits: &mut Vec<Hit>, told: Vec<Hit>) {
    if !told.is_empty() {
        hits.retain(|hit| !hit.range.is_empty());
        hits.extend(told);
        hits.sort_by_key(|hit| hit.range.start);
    }
}

fn cell(
    line: &Line,
    range: std::ops::Range<usize>,
    column: usize,
    columns: &mut HashMap<usize, What>,
    hits: &mut [Hit],
    told: &mut Vec<Hit>,
) {
    let blank = |at: &usize| line.chars[*at].is_whitespace();
    let start = range.clone().find(|at| !blank(at)).unwrap_or(range.end);
    let end = range.rev().find(|at| !blank(at)).map_or(start, |at| at + 1);
    if start >= end {
        return;
    }
    let words: String = line.chars[start..end.min(start + 80)].iter().collect();
    if let Some(heading) = heading(&words) {
        match heading {
            Some(what) => columns.insert(column, what),
            None => columns.remove(&column),
        };
        return;
    }
    let Some(what) = columns.get(&column).and_then(|what| value(*what, &words)) else {
        return;
    };
    let first = hits.partition_point(|hit| hit.range.end <= start);
    let last = hits.partition_point(|hit| hit.range.start < end);
    let inside = &mut hits[first..last];
    // A number that proves itself stays what it is; for all others the heading knows better.
    if inside
        .iter()
        .any(|hit| hit.what == What::ResidentId || hit.what == what)
    {
        return;
    }
    for hit in inside {
        hit.range = hit.range.start..hit.range.start;
    }
    told.push(Hit {
        what,
        range: start..end,
    });
}

/// What a heading says: nothing if it is no heading, none if its column holds nothing personal.
fn heading(words: &str) -> Option<Option<What>> {
    if words.chars().count() > 14 || words.chars().any(|character| character.is_ascii_digit()) {
        return None;
    }
    const HEADINGS: &[(&str, What)] = &[
        ("身份证", What::ResidentId),
        ("身份号码", What::ResidentId),
        ("证件号", What::ResidentId),
        ("手机", What::Mobile),
        ("电话", What::Mobile),
        ("联系方式", What::Mobile),
        ("银行卡", What::BankCard),
        ("卡号", What::BankCard),
        ("银行账号", What::BankCard),
        ("工资卡", What::BankCard),
        ("护照", What::Passport),
        ("通行证", What::Passport),
        ("邮箱", What::Mail),
        ("电子邮件", What::Mail),
        ("E-mail", What::Mail),
        ("Email", What::Mail),
        ("车牌", What::Plate),
        ("车号", What::Plate),
        ("住址", What::Address),
        ("家庭地址", What::Address),
        ("户籍地", What::Address),
        ("学号", What::PersonNumber),
        ("工号", What::PersonNumber),
        ("职工号", What::PersonNumber),
        ("考生号", What::PersonNumber),
        ("准考证", What::PersonNumber),
        ("学籍号", What::PersonNumber),
        ("一卡通", What::PersonNumber),
        ("人事编号", What::PersonNumber),
        ("出生日期", What::BirthDate),
        ("出生年月", What::BirthDate),
        ("生日", What::BirthDate),
    ];
    if words.contains("校园卡") {
        return Some(Some(What::PersonNumber));
    }
    if let Some((_, what)) = HEADINGS.iter().find(|(word, _)| words.contains(word)) {
        return Some(Some(*what));
    }
    const OTHERS: &[&str] = &[
        "姓名", "序号", "学院", "单位", "部门", "班级", "职务", "专业", "备注", "性别", "成绩",
        "年级", "金额",
    ];
    OTHERS.contains(&words).then_some(None)
}

/// Whether a cell holds what its heading says, and not a mask, a dash or another word.
fn value(what: What, words: &str) -> Option<What> {
    if words.contains(['*', '＊', '×', '●', '□']) {
        return None;
    }
    let digits = words.chars().filter(char::is_ascii_digit).count();
    let signs = words.chars().filter(char::is_ascii_alphanumeric).count();
    let number = signs
        == words
            .chars()
            .filter(|sign| {
                !matches!(
                    sign,
                    ' ' | '-' | '(' | ')' | '/' | '+' | '.' | ',' | ';' | '、' | '转'
                )
            })
            .count();
    let fits = match what {
        What::ResidentId => number && digits >= 14,
        What::Mobile | What::Landline => number && digits >= 7,
        What::BankCard => number && digits >= 12,
        What::Passport => number && digits >= 7,
        What::Mail => words.contains('@'),
        What::Plate => digits >= 3 && signs >= 5,
        What::Address => words.chars().count() >= 4,
        What::PersonNumber => number && digits >= 3,
        What::BirthDate => digits >= 4,
    };
    if !fits {
        return None;
    }
    Some(match what {
        What::Mobile
            if !(digits >= 11
                && words
                    .trim_start_matches(['+', '8', '6', ' ', '-'])
                    .starts_with('1')) =>
        {
            What::Landline
        }
        what => what,
    })
}
