//! Working hours: due times count those only.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{clock, settings::Setting};

/// When the institution works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkingHours {
    /// Morning and afternoon: from and to.
    pub spans: Vec<(NaiveTime, NaiveTime)>,
    /// Days off besides Saturday and Sunday.
    pub holidays: Vec<NaiveDate>,
    /// Saturdays and Sundays on which people work (调休).
    pub workdays: Vec<NaiveDate>,
}

const fn at(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

impl Default for WorkingHours {
    fn default() -> Self {
        Self {
            spans: vec![(at(8, 30), at(12, 0)), (at(14, 0), at(17, 30))],
            holidays: vec![],
            workdays: vec![],
        }
    }
}

impl Setting for WorkingHours {
    const KEY: &'static str = "review.hours";
}

/// No due time is looked for further ahead than this: a calendar without working days would have none.
const FURTHEST: u64 = 400;

impl WorkingHours {
    fn is_workday(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        !self.holidays.contains(&day) && (!weekend || self.workdays.contains(&day))
    }

    /// The moment at which so many working hours have passed.
    pub fn after(&self, from: DateTime<Utc>, hours: u16) -> DateTime<Utc> {
        let mut left = TimeDelta::hours(i64::from(hours));
        let first = clock::local(from);
        for day in first.date_naive().iter_days().take(FURTHEST as usize) {
            if !self.is_workday(day) {
                continue;
            }
            for (begins, ends) in &self.spans {
                let start = clock::start_of(day);
                let moment = |time: NaiveTime| start + (time - NaiveTime::MIN);
                let (begins, ends) = (Ord::max(moment(*begins), from), moment(*ends));
                if ends <= begins {
                    continue;
                }
                if left <= ends - begins {
                    return begins + left;
                }
                left -= ends - begins;
            }
        }
        from + TimeDelta::hours(i64::from(hours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn utc(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        // November 2026; the institution's clock is eight hours ahead.
        Utc.with_ymd_and_hms(2026, 11, day, hour, minute, 0)
            .unwrap()
    }

    #[test]
    fn nights_lunch_and_weekends_do_not_count() {
        let hours = WorkingHours::default();
        // Friday 14:05 + 2 h is Friday 16:05.
        assert_eq!(hours.after(utc(20, 6, 5), 2), utc(20, 8, 5));
        // Friday 14:05 has 3 h 25 min left; 8 h end on Monday after 3.5 h of the morning and 1 h 5 min.
        assert_eq!(hours.after(utc(20, 6, 5), 8), utc(23, 7, 5));
        // At night nothing passes.
        assert_eq!(hours.after(utc(20, 16, 0), 1), utc(23, 1, 30));
    }

    #[test]
    fn holidays_and_shifted_workdays_are_data() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let hours = WorkingHours {
            holidays: vec![day(23)],
            workdays: vec![day(21)],
            ..WorkingHours::default()
        };
        assert_eq!(hours.after(utc(20, 9, 30), 1), utc(21, 1, 30));
        assert_eq!(hours.after(utc(21, 9, 30), 1), utc(24, 1, 30));
    }

    #[test]
    fn a_calendar_without_working_days_still_answers() {
        let hours = WorkingHours {
            spans: vec![],
            ..WorkingHours::default()
        };
        assert_eq!(hours.after(utc(20, 6, 5), 2), utc(20, 8, 5));
    }
}
