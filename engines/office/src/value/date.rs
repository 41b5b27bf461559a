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
/// 1900 calendar from 18264 (1950) to 73050 (2099), as in `43891`, which a spreadsheet shows when a date lost its format.
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

/// 1950-01-01. Day numbers before it are likelier slips, as are those behind the last.
const FIRST_SERIAL: u32 = 18_264;
/// 2099-12-31.
const LAST_SERIAL: u32 = 73_050;

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
        6 => PartialDate::new(part(0..4)? as i32, Some(part(4..6)?), None),
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
    let mark = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '年' | '-' | '/' | '.' | '—' | '–'))?;
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
        let rest = rest.trim_start().strip_prefix(['日', '号']).unwrap_or(rest);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        parse_partial_date(&Value::Text(Arc::from(text)))
            .ok()?
            .map(|date| date.to_string())
    }

    #[test]
    fn the_ways_people_write_dates() {
        for (written, meant) in [
            ("2016-03-01", "2016-03-01"),
            ("2016/3/1", "2016-03-01"),
            ("2016.3.1", "2016-03-01"),
            ("2016—3—1", "2016-03-01"),
            ("2016 - 3 - 1", "2016-03-01"),
            ("20160301", "2016-03-01"),
            ("２０１６年３月１日", "2016-03-01"),
            ("2009年9月", "2009-09"),
            ("2009年09月份", "2009-09"),
            ("2009 年 9 月 1 日", "2009-09-01"),
            ("2009年9月1号", "2009-09-01"),
            ("2009年9月1", "2009-09-01"),
            ("2009-9", "2009-09"),
            ("2009.09", "2009-09"),
            ("200909", "2009-09"),
            ("2009年", "2009"),
            ("2009", "2009"),
            (" 2012/5/4 \u{3000}", "2012-05-04"),
            ("2012-05-04 10:30:00", "2012-05-04"),
            ("2012-05-04T10:30:00Z", "2012-05-04"),
            ("2012/5/4 0:00", "2012-05-04"),
            ("（2012年5月）", "2012-05"),
            ("43891", "2020-03-01"),
            ("43891.75", "2020-03-01"),
            ("2020-02-29", "2020-02-29"),
        ] {
            assert_eq!(read(written).as_deref(), Some(meant), "{written}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for written in [
            "2019-02-29",
            "2016-13-01",
            "2016-00-01",
            "2016-3-32",
            "2016年2月30日",
            "0016-03-01",
            "3016-01-01",
            "去年",
            "2016年春",
            "16-3-1",
            "2016-",
            "2016-03-",
            "2016年3",
            "1",
            "1234",
            "99999",
            "123456789",
            "13800138000",
            "2016-03-01x",
            "2016/3-1",
            "20161301",
            "201613",
            "43891.5.2",
            "-43891",
        ] {
            assert_eq!(read(written), None, "{written}");
        }
        assert_eq!(
            parse_partial_date(&Value::Text(Arc::from(" \u{3000}"))),
            Ok(None)
        );
        assert_eq!(
            parse_partial_date(&Value::Bool(true)),
            Err(NotADate("TRUE".into()))
        );
    }

    #[test]
    fn number_and_date_cells() {
        assert_eq!(
            parse_partial_date(&Value::Number(43_891.0)),
            Ok(PartialDate::new(2020, Some(3), Some(1)))
        );
        assert_eq!(
            parse_partial_date(&Value::Number(43_891.5)),
            Ok(PartialDate::new(2020, Some(3), Some(1)))
        );
        assert_eq!(
            parse_partial_date(&Value::Number(2009.0)),
            Ok(PartialDate::new(2009, None, None))
        );
        assert_eq!(
            parse_partial_date(&Value::Number(2009.9)),
            Ok(PartialDate::new(2009, Some(9), None))
        );
        assert_eq!(
            parse_partial_date(&Value::Number(20_090_901.0)),
            Ok(PartialDate::new(2009, Some(9), Some(1)))
        );
        let at = NaiveDate::from_ymd_opt(2020, 3, 1)
            .unwrap()
            .and_hms_opt(8, 0, 0)
            .unwrap();
        assert_eq!(
            parse_partial_date(&Value::Date(at)),
            Ok(PartialDate::new(2020, Some(3), Some(1)))
        );
    }

    #[test]
    fn dates_in_lines() {
        let date = |line| find_date(line).map(|date| date.to_string());
        assert_eq!(
            date("填报单位（盖章）：信息学院   电话：0691-2130001   2026年11月20日").as_deref(),
            Some("2026-11-20")
        );
        assert_eq!(date("填表时间：2026.12.25").as_deref(), Some("2026-12-25"));
        assert_eq!(
            date("填表时间：２０２６ 年 12 月").as_deref(),
            Some("2026-12")
        );
        assert_eq!(date("填表人：   电话：      年   月   日"), None);
        assert_eq!(date("电话：0691-2130001"), None);
        assert_eq!(date("电话：13800138001"), None);
    }

    proptest! {
        #[test]
        fn a_date_reads_back_as_written(year in 1900..3000, month in proptest::option::of(1u32..13), day in proptest::option::of(1u32..32)) {
            prop_assume!(month.is_some() || day.is_none());
            let Some(date) = PartialDate::new(year, month, day) else { return Ok(()) };
            prop_assert_eq!(date.to_string().parse::<PartialDate>(), Ok(date));
            prop_assert_eq!(serde_json::from_value(serde_json::to_value(date).unwrap()).ok(), Some(date));
        }

        #[test]
        fn every_day_number_is_its_day(days in FIRST_SERIAL..=LAST_SERIAL) {
            let date = from_serial(days).unwrap();
            let zero = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
            prop_assert_eq!((date.first_day() - zero).num_days(), i64::from(days));
        }

        #[test]
        fn what_is_read_is_a_date_that_can_be(text in r"[0-9０-９年月日号\-/. :T]{0,24}|\PC{0,24}") {
            if let Some(date) = parse_text(&text) {
                prop_assert_eq!(PartialDate::new(date.year, date.month, date.day), Some(date));
            }
            find_date(&text);
        }
    }
}
