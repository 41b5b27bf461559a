//! Dates as people write them, often without a day or a month.

use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    NotADate,
    tidy::{half_width, tidy},
};
use crate::grid::Value;

/// A date of which only the year is sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    /// Year, 1900 to 2999.
    pub year: i32,
    /// Month, if given.
    pub month: Option<u32>,
    /// Day, if given; only with a month.
    pub day: Option<u32>,
}

impl PartialDate {
    /// A date that can be, or `None`: no 13th month, no 30 February, no day without a month,
    /// years 1900 to 2999 (a spreadsheet knows none before, and a typing slip is likelier than one after).
    pub fn new(year: i32, month: Option<u32>, day: Option<u32>) -> Option<Self> {
        if !(1900..3000).contains(&year) || (day.is_some() && month.is_none()) {
            return None;
        }
        NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1))?;
        Some(Self { year, month, day })
    }

    /// The first day that the date can mean.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))
            .expect("checked when the date was made")
    }

    fn from_day(day: NaiveDate) -> Option<Self> {
        Self::new(day.year(), Some(day.month()), Some(day.day()))
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl FromStr for PartialDate {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        parse_text(text).ok_or_else(|| NotADate(text.to_owned()))
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// Reads a date cell. A blank one is `None`.
///
/// Read are `2016-03-01`, `2016/3/1`, `2016.3.1`, `20160301`, `2009年9月1日`, `2009年9月`, `2009-9`, `200909`, `2009年`,
/// `2009`, each also in full-width digits and with a time behind it; cells with a date format; and day numbers of the
/// 1900 calendar from 18264 (1950) on, as in `43891`, which a spreadsheet shows when a date lost its format.
///
/// # Errors
/// [`NotADate`] for anything else, impossible dates among it.
pub fn parse_partial_date(value: &Value) -> Result<Option<PartialDate>, NotADate> {
    let text = value.to_string();
    let text = tidy(&text);
    if text.is_empty() {
        return Ok(None);
    }
    let date = match value {
        Value::Date(at) => PartialDate::from_day(at.date()),
        _ => parse_text(&text),
    };
    date.map(Some).ok_or_else(|| NotADate(text.into_owned()))
}

/// Day numbers below are taken for years or slips: 18264 is 1950-01-01.
const FIRST_SERIAL: u32 = 18_264;
/// 2999-12-31.
const LAST_SERIAL: u32 = 401_768;

fn parse_text(text: &str) -> Option<PartialDate> {
    let plain: String = tidy(text).chars().map(half_width).collect();
    let plain = plain
        .trim_start_matches(['(', ' '])
        .trim_end_matches([')', ' ', '。']);
    if plain.bytes().all(|b| b.is_ascii_digit()) {
        return parse_digits(plain);
    }
    // "43891.5": a day number with a time of day.
    if let Some((days, fraction)) = plain.split_once('.')
        && days.len() == 5
        && !fraction.contains('.')
        && fraction.bytes().all(|b| b.is_ascii_digit())
        && days.bytes().all(|b| b.is_ascii_digit())
    {
        return parse_digits(days);
    }
    let (date, rest) = scan_date(plain)?;
    is_time(rest).then_some(date)
}

fn parse_digits(digits: &str) -> Option<PartialDate> {
    let number: u32 = digits.parse().ok()?;
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u32>().ok();
    match digits.len() {
        4 => PartialDate::new(number as i32, None, None),
        6 => match PartialDate::new(part(0..4)? as i32, Some(part(4..6)?), None) {
            Some(date) => Some(date),
            None => from_serial(number),
        },
        8 => PartialDate::new(part(0..4)? as i32, Some(part(4..6)?), Some(part(6..8)?)),
        5 => from_serial(number),
        _ => None,
    }
}

fn from_serial(number: u32) -> Option<PartialDate> {
    if !(FIRST_SERIAL..=LAST_SERIAL).contains(&number) {
        return None;
    }
    // Day 0 of the 1900 calendar for dates after its false 29 February 1900.
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    PartialDate::from_day(zero.checked_add_days(Days::new(number.into()))?)
}

/// A number of `min..=max` digits at the start of a text, and the rest.
fn number(text: &str, min: usize, max: usize) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(min..=max).contains(&digits) {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// A date with separators at the start of a half-width text, and the rest.
fn scan_date(text: &str) -> Option<(PartialDate, &str)> {
    let (year, rest) = number(text, 4, 4)?;
    let year = year as i32;
    let rest = rest.trim_start();
    let Some(mark) = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '年' | '-' | '/' | '.' | '—' | '–' | '－'))
    else {
        return None;
    };
    let after_year = rest[mark.len_utf8()..].trim_start();
    let Some((month, rest)) = number(after_year, 1, 2) else {
        // "2009年" stands alone; "2009-" is cut off.
        return (mark == '年')
            .then(|| PartialDate::new(year, None, None).map(|d| (d, after_year)))?;
    };
    let rest = rest.trim_start();
    let closes = if mark == '年' { '月' } else { mark };
    let (mut after_month, closed) = match rest.strip_prefix(closes) {
        Some(after) => (after.trim_start(), true),
        None => (rest, false),
    };
    if mark == '年' && !closed {
        return None;
    }
    if let Some(after) = after_month.strip_prefix('份') {
        after_month = after;
    }
    if closed && let Some((day, rest)) = number(after_month, 1, 2) {
        let rest = rest.strip_prefix(['日', '号']).unwrap_or(rest);
        return Some((PartialDate::new(year, Some(month), Some(day))?, rest));
    }
    if closed && mark != '年' {
        return None;
    }
    Some((PartialDate::new(year, Some(month), None)?, after_month))
}

/// Nothing, or a time of day, which registers of old systems carry along.
fn is_time(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', 'T']).trim_end_matches('Z');
    rest.is_empty()
        || (rest.contains(':')
            && rest
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b' ')))
}

/// The first full or partial date anywhere in a line such as `填报单位：信息学院  2026年11月20日`.
/// A blank one (`年   月   日`) is none.
pub fn find_date(text: &str) -> Option<PartialDate> {
    locate_date(text).map(|(_, date)| date)
}

/// Like [`find_date`], with the number of characters before it.
pub(crate) fn locate_date(text: &str) -> Option<(usize, PartialDate)> {
    let plain: Vec<char> = text.chars().map(half_width).collect();
    let mut before_digit = false;
    for (at, &c) in plain.iter().enumerate() {
        if c.is_ascii_digit()
            && !before_digit
            && plain.get(at + 4).is_some_and(|c| !c.is_ascii_digit())
        {
            let rest: String = plain[at..].iter().take(40).collect();
            if let Some((date, _)) = scan_date(&rest) {
                return Some((at, date));
            }
        }
        before_digit = c.is_ascii_digit() || c == '-';
    }
    None
}
