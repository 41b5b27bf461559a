//! Days that do not exist, and days of the week that do not fit their date.

use chrono::{Datelike, NaiveDate};

use super::{
    moments::{Moment, What},
    slip,
};
use crate::{
    finding::{Finding, Severity},
    scan::{Line, blank, han},
};

const WEEK: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// Judges dates; a date without a year is of the year named last, or of the text's own time.
pub(super) struct Dates {
    today: NaiveDate,
    year: Option<u32>,
}

impl Dates {
    pub(super) fn new(today: NaiveDate) -> Self {
        Self { today, year: None }
    }

    pub(super) fn line(&mut self, line: &Line, moments: &[Moment], findings: &mut Vec<Finding>) {
        for moment in moments {
            match moment.what {
                What::Day(year, month, day) => {
                    if year.is_some() {
                        self.year = year;
                    }
                    if moment.lunar {
                        continue;
                    }
                    if impossible(year, month, day) {
                        findings.push(slip(
                            Severity::Error,
                            "proofreading.date",
                            line.bytes(moment.start..moment.end),
                            "没有这一天",
                        ));
                    } else if let (Some(month), Some(day)) = (month, day) {
                        self.weekday(line, moment, year, month, day, findings);
                    }
                }
                What::Hour(hour, minute) => {
                    if (hour > 24 || minute > 59 || (hour == 24 && minute > 0))
                        && is_time(line, moment)
                    {
                        findings.push(slip(
                            Severity::Error,
                            "proofreading.date",
                            line.bytes(moment.start..moment.end),
                            "没有这个时刻",
                        ));
                    }
                }
            }
        }
    }

    fn weekday(
        &self,
        line: &Line,
        moment: &Moment,
        year: Option<u32>,
        month: u32,
        day: u32,
        findings: &mut Vec<Finding>,
    ) {
        let Some((at, written)) = written_weekday(line, moment.end) else {
            return;
        };
        let date = |year: u32| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
        let of = |date: NaiveDate| date.weekday().num_days_from_monday();
        let now = u32::try_from(self.today.year()).unwrap_or(0);
        let near = |year: &u32| {
            date(*year).is_some_and(|date| (date - self.today).num_days().abs() <= 190)
        };
        let candidates: Vec<u32> = match year {
            Some(year) => vec![year],
            None => [now.saturating_sub(1), now, now + 1]
                .into_iter()
                .filter(|year| near(year))
                .chain(self.year)
                .collect(),
        };
        let dates: Vec<NaiveDate> = candidates.into_iter().filter_map(date).collect();
        let Some(first) = dates.first() else {
            return;
        };
        if dates.iter().any(|date| of(*date) == written) {
            return;
        }
        let right = WEEK[of(*first) as usize];
        let message = match year {
            Some(_) => format!("这一天是星期{right}"),
            None => format!("{}年的这一天是星期{right}", first.year()),
        };
        findings.push(
            slip(
                Severity::Error,
                "proofreading.weekday",
                line.bytes(at..at + 1),
                message,
            )
            .suggest(right),
        );
    }
}

fn impossible(year: Option<u32>, month: Option<u32>, day: Option<u32>) -> bool {
    let Some(month) = month else {
        return day.is_some_and(|day| day == 0 || day > 31);
    };
    if !(1..=12).contains(&month) {
        return true;
    }
    // A leap year stands for a year that is not named.
    let year = year
        .and_then(|year| i32::try_from(year).ok())
        .unwrap_or(2000);
    day.is_some_and(|day| NaiveDate::from_ymd_opt(year, month, day).is_none())
}

/// Whether 25:30 is meant as a time and not as a score.
fn is_time(line: &Line, moment: &Moment) -> bool {
    let words = ["上午", "下午", "中午", "晚上", "早上", "凌晨", "时间"];
    let score = line.within(
        moment.start.saturating_sub(6)..moment.start,
        &["比分", "以", "战平", "比"],
    );
    let around = line.within(moment.start.saturating_sub(10)..moment.start, &words)
        || line
            .any(
                moment.end,
                &[
                    "前", "后", "之前", "之后", "以前", "开始", "集合", "准时", "截止",
                ],
            )
            .is_some();
    !score
        && (around || line.chars[moment.end - 1] == '分')
        && !line.within(
            moment.start.saturating_sub(4)..moment.start,
            &["用时", "历时", "耗时", "共"],
        )
}

/// Where the day of the week stands that belongs to a date ending there, and which it is, from Monday as 0.
fn written_weekday(line: &Line, end: usize) -> Option<(usize, u32)> {
    let mut at = end;
    let mut bracket = false;
    while at < end + 3
        && (blank(line.get(at))
            || matches!(line.get(at), '（' | '(' | '，' | ',' | '、' | '[' | '【'))
    {
        bracket |= !blank(line.get(at));
        at += 1;
    }
    let length = line.any(at, &["星期", "礼拜", "周"])?;
    let at = at + length;
    let day = match line.get(at) {
        '一' => 0,
        '二' => 1,
        '三' => 2,
        '四' => 3,
        '五' => 4,
        '六' => 5,
        '日' | '天' | '末' if line.get(at) != '末' => 6,
        _ => return None,
    };
    // 周一鸣 is a name.
    let after = line.get(at + 1);
    let plain = bracket || length == 2 || !han(after) || "上下中晚早凌至前起到全".contains(after);
    plain.then_some((at, day))
}
