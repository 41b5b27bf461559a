//! Times and days that end before they begin.

use super::{
    moments::{Moment, What, joined},
    slip,
};
use crate::{
    finding::{Finding, Severity},
    scan::{Line, arabic_number, blank},
};

const RULE: &str = "proofreading.range";

pub(super) fn line(line: &Line, moments: &[Moment], numbers: &[u32], findings: &mut Vec<Finding>) {
    for (index, moment) in moments.iter().enumerate() {
        if let What::Hour(hour @ 13..=23, _) = moment.what
            && line.ends(
                moment.start - back(line, moment.start),
                &["上午", "早上", "早晨", "凌晨", "清晨"],
            )
        {
            findings.push(slip(
                Severity::Warning,
                RULE,
                line.bytes(moment.start..moment.end),
                format!("{hour}时不在上午"),
            ));
        }
        let Some(next) = moments.get(index + 1) else {
            break;
        };
        let Some(words) = joined(line, moment.end, next.start) else {
            continue;
        };
        let wrong = match (moment.what, next.what) {
            (What::Hour(..), What::Hour(..)) => hours(line, moment, next, &words),
            (What::Day(..), What::Day(..)) => days(moment, next),
            // 5月3日9:00至5月1日17:00
            (What::Hour(..), What::Day(..)) => {
                index > 0
                    && attached(line, &moments[index - 1], moment)
                    && days(&moments[index - 1], next)
            }
            _ => false,
        };
        if wrong && !moment.lunar && !words.starts_with("次年") && !words.starts_with("翌年") {
            findings.push(slip(
                Severity::Warning,
                RULE,
                line.bytes(moment.start..next.end),
                "结束早于开始",
            ));
        }
    }
    for start in numbers.iter().map(|at| *at as usize) {
        years(line, start, findings);
    }
}

fn back(line: &Line, start: usize) -> usize {
    usize::from(start > 0 && blank(line.before(start, 1)))
}

/// Whether an hour belongs to the day before it.
fn attached(line: &Line, day: &Moment, hour: &Moment) -> bool {
    matches!(day.what, What::Day(_, _, Some(_)))
        && hour.start >= day.end
        && hour.start - day.end <= 8
        && !line.chars[day.end..hour.start]
            .iter()
            .any(|c| "，。；、至到—".contains(*c))
}

fn days(from: &Moment, to: &Moment) -> bool {
    let (What::Day(from_year, from_month, from_day), What::Day(to_year, to_month, to_day)) =
        (from.what, to.what)
    else {
        return false;
    };
    match (to_year, to_month) {
        (None, None) => matches!((from_day, to_day), (Some(from), Some(to)) if to < from),
        (Some(year), _) if from_year.is_some() => {
            (year, to_month, to_day) < (from_year.unwrap_or(year), from_month, from_day)
                && to_month.is_some() == from_month.is_some()
                && to_day.is_some() == from_day.is_some()
        }
        (None, Some(to_month)) => {
            let Some(from_month) = from_month else {
                return false;
            };
            // December to March goes over the new year.
            let (Some(from_day), Some(to_day)) = (from_day, to_day) else {
                return false;
            };
            (to_month, to_day) < (from_month, from_day) && from_month - to_month <= 3
        }
        _ => false,
    }
}

fn hours(line: &Line, from: &Moment, to: &Moment, words: &str) -> bool {
    let (What::Hour(from_hour, from_minute), What::Hour(to_hour, to_minute)) = (from.what, to.what)
    else {
        return false;
    };
    if from_hour > 24 || to_hour > 24 || from_minute > 59 || to_minute > 59 || score(line, from) {
        return false;
    }
    if ["次", "翌", "第二天", "隔", "凌晨"]
        .iter()
        .any(|word| words.starts_with(word))
    {
        return false;
    }
    let afternoon = |words: &str| words.starts_with("下午") || words.starts_with('晚');
    let before = from.start - back(line, from.start);
    let late = line.ends(before, &["下午", "晚上", "晚", "傍晚"]);
    let noon = line.ends(before, &["中午"]);
    let half = |hour: u32, late: bool| if late && hour < 12 { hour + 12 } else { hour };
    let begin = half(from_hour, late) * 60 + from_minute;
    let end = half(to_hour, late || noon || afternoon(words)) * 60 + to_minute;
    let overnight = begin >= 18 * 60 && end <= 12 * 60;
    end <= begin && !overnight
}

fn score(line: &Line, moment: &Moment) -> bool {
    line.within(
        moment.start.saturating_sub(6)..moment.start,
        &["比分", "以", "战平"],
    )
}

/// 2025—2022年.
fn years(line: &Line, start: usize, findings: &mut Vec<Finding>) {
    let Some((from, end)) = arabic_number(line, start).filter(|(_, end)| end - start == 4) else {
        return;
    };
    let mut at = end + usize::from(line.get(end) == '年');
    let first = at;
    while at < first + 2
        && matches!(
            line.get(at),
            '—' | '–' | '－' | '-' | '~' | '～' | '至' | '到'
        )
    {
        at += 1;
    }
    if at == first {
        return;
    }
    if let Some((to, last)) = arabic_number(line, at)
        && last - at == 4
        && matches!(line.get(last), '年' | '学')
        && to < from
        && (1900..=2100).contains(&to)
        && (1900..=2100).contains(&from)
        // With months the days are compared.
        && !(line.get(last) == '年' && arabic_number(line, last + 1).is_some_and(|(_, end)| line.get(end) == '月'))
    {
        findings.push(slip(
            Severity::Warning,
            RULE,
            line.bytes(start..last + 1),
            "结束早于开始",
        ));
    }
}
