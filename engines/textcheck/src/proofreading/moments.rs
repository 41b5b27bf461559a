//! Days and hours in a block, in all the ways in which they are written.

use crate::scan::{Line, arabic_number, blank, chinese_number, digit, fold, han, numeral};

/// A day or an hour that a text names.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub start: usize,
    pub end: usize,
    pub what: What,
    /// Written 农历 before it.
    pub lunar: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Year, month and day, as far as they are written.
    Day(Option<u32>, Option<u32>, Option<u32>),
    /// Hour and minute.
    Hour(u32, u32),
}

/// All of a block, in order.
pub(super) fn read(line: &Line, numbers: &[u32]) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    let mut end = 0;
    for start in numbers.iter().map(|at| *at as usize) {
        if start < end {
            continue;
        }
        let found = if digit(line.chars[start]).is_some() {
            arabic(line, start, moments.last())
        } else {
            chinese(line, start)
        };
        if let Some((what, to)) = found {
            end = to;
            let lunar = line.ends(start, &["农历", "阴历", "旧历", "古历", "夏历"]);
            moments.push(Moment {
                start,
                end: to,
                what,
                lunar,
            });
        }
    }
    moments
}

fn arabic(line: &Line, start: usize, last: Option<&Moment>) -> Option<(What, usize)> {
    let before = line.before(start, 1);
    if fold(before).is_ascii_alphabetic()
        || (before == '.' && digit(line.before(start, 2)).is_some())
    {
        return None;
    }
    let (value, end) = arabic_number(line, start)?;
    let length = end - start;
    let blanks = line.blanks(end);
    let next = fold(line.get(end + blanks));
    if length == 4 && blanks == 0 && matches!(next, '-' | '/' | '.') {
        return dashed(line, start, value, end, next);
    }
    if next == '年' && (length == 4 || length == 2) && line.get(end + blanks + 1) != '级' {
        let year = if length == 4 { value } else { 2000 + value };
        let after = end + blanks + 1 + line.blanks(end + blanks + 1);
        let month = arabic_number(line, after).or_else(|| chinese_number(line, after));
        if let Some((month, month_end)) = month.filter(|(_, end)| line.get(*end) == '月') {
            let (day, end) = day_after(line, month_end + 1);
            return Some((What::Day(Some(year), Some(month), day), end));
        }
        return (length == 4).then_some((What::Day(Some(year), None, None), end + blanks + 1));
    }
    if next == '月' && length <= 2 && before != '.' {
        let (day, end) = day_after(line, end + blanks + 1);
        // 36月龄 is an age, 13月 without a day no date.
        return (day.is_some() || (1..=12).contains(&value))
            .then_some((What::Day(None, Some(value), day), end));
    }
    if matches!(next, '日' | '号')
        && length <= 2
        && follows(line, start, last)
        && !house(line, end + blanks)
    {
        return Some((What::Day(None, None, Some(value)), end + blanks + 1));
    }
    if length <= 2
        && blanks == 0
        && next == ':'
        && !(matches!(before, ':' | '：') && digit(line.before(start, 2)).is_some())
    {
        let (minute, to) = arabic_number(line, end + 1)?;
        if to - end != 3 || digit(line.get(to)).is_some() {
            return None;
        }
        let seconds = matches!(line.get(to), ':' | '：')
            .then(|| arabic_number(line, to + 1))
            .flatten();
        return Some((
            What::Hour(value, minute),
            seconds.map_or(to, |(_, end)| end),
        ));
    }
    if length <= 2 && matches!(next, '时' | '点') {
        let after = end + blanks + 1;
        if line.get(after) == '半' {
            return Some((What::Hour(value, 30), after + 1));
        }
        return match arabic_number(line, after) {
            Some((minute, to))
                if line.get(to) == '分'
                    && !(line.get(to + 1) == '之' && numeral(line.get(to + 2)).is_some()) =>
            {
                Some((What::Hour(value, minute), to + 1))
            }
            _ if next == '时' && line.get(after) != '代' => Some((What::Hour(value, 0), after)),
            _ => None,
        };
    }
    None
}

/// 2024-05-01, 2024/5/1, 2024.5.1; not a version or a number of a sample.
fn dashed(line: &Line, start: usize, year: u32, end: usize, mark: char) -> Option<(What, usize)> {
    if matches!(line.before(start, 1), '-' | '/' | '.' | '_' | '=' | '&')
        || !(1900..=2100).contains(&year)
    {
        return None;
    }
    let (month, month_end) = arabic_number(line, end + 1).filter(|(_, to)| to - end <= 3)?;
    if fold(line.get(month_end)) != mark {
        return None;
    }
    let (day, to) = arabic_number(line, month_end + 1).filter(|(_, to)| to - month_end <= 3)?;
    let next = fold(line.get(to));
    let ends = !next.is_ascii_alphanumeric()
        && next != '_'
        && !(next == mark && digit(line.get(to + 1)).is_some() && mark != '-');
    let version = line.within(
        start.saturating_sub(6)..start,
        &["版本", "编号", "号为", "版"],
    );
    (ends && !version).then_some((What::Day(Some(year), Some(month), Some(day)), to))
}

/// The day after 月, and where the date ends.
fn day_after(line: &Line, at: usize) -> (Option<u32>, usize) {
    let start = at + line.blanks(at);
    let number = arabic_number(line, start).or_else(|| chinese_number(line, start));
    match number {
        Some((day, end))
            if matches!(line.get(end), '日' | '号') && end - start <= 3 && !house(line, end) =>
        {
            (Some(day), end + 1)
        }
        _ => (None, at),
    }
}

/// 31号楼 is a house and no day.
fn house(line: &Line, mark: usize) -> bool {
    line.get(mark) == '号'
        && "楼院线门文店馆厅机台教公宿".contains(line.get(mark + 1))
        && mark + 1 < line.len()
}

/// 二〇二四年五月一日, 五月一日.
fn chinese(line: &Line, start: usize) -> Option<(What, usize)> {
    if line.before(start, 1) == '第' {
        return None;
    }
    let (value, end) = chinese_number(line, start)?;
    match line.get(end) {
        '年' if end - start == 4
            && line.chars[start..end].iter().all(|c| numeral(*c).is_some()) =>
        {
            let (month, month_end) = chinese_number(line, end + 1)?;
            if line.get(month_end) != '月' {
                return None;
            }
            let (day, to) = day_after(line, month_end + 1);
            Some((What::Day(Some(value), Some(month), day), to))
        }
        '月' => {
            let (day, to) = day_after(line, end + 1);
            day.map(|day| (What::Day(None, Some(value), Some(day)), to))
        }
        _ => None,
    }
}

/// Whether a bare day comes after a date and 至.
fn follows(line: &Line, start: usize, last: Option<&Moment>) -> bool {
    last.is_some_and(|last| {
        matches!(last.what, What::Day(_, _, Some(_)))
            && last.end <= start
            && start - last.end <= 8
            && joined(line, last.end, start).is_some()
    })
}

/// Whether only 至 or a dash stands between two moments, a day of the week and a part of the day aside;
/// the words between them, if so.
pub(super) fn joined(line: &Line, from: usize, to: usize) -> Option<String> {
    if to < from || to - from > 16 {
        return None;
    }
    let mut words = String::new();
    let mut mark = false;
    let mut at = from;
    while at < to {
        let character = line.chars[at];
        match character {
            '至' | '到' | '—' | '–' | '－' | '-' | '~' | '～' | '―' => mark = true,
            '（' | '(' if !mark => {
                // A day of the week in brackets.
                let close =
                    (at..to.min(at + 8)).find(|at| matches!(line.chars[*at], '）' | ')'))?;
                at = close;
            }
            character if blank(character) => {}
            character if han(character) => words.push(character),
            _ => return None,
        }
        at += 1;
    }
    let known = [
        "",
        "次日",
        "翌日",
        "第二天",
        "隔天",
        "次日凌晨",
        "凌晨",
        "上午",
        "下午",
        "晚",
        "晚上",
        "中午",
        "当日",
        "当天",
        "次年",
        "翌年",
    ];
    let weekday = words.starts_with("星期") || words.starts_with('周');
    (mark && (known.contains(&words.as_str()) || weekday)).then_some(words)
}
