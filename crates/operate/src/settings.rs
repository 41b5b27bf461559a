//! When backups are made, where to, for whom, and how long they are kept.

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{clock, settings::Setting};

/// The timetable and retention of backups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackupSettings {
    /// Whether backups are made by the clock.
    pub scheduled: bool,
    /// Each week on this day (0 is Monday) instead of each day.
    pub weekday: Option<u8>,
    pub hour: u32,
    pub minute: u32,
    /// A folder of the server, or `s3://bucket/prefix`.
    pub target: String,
    /// age public keys.
    pub recipients: Vec<String>,
    /// The last backup of each of so many days, weeks and months is kept.
    pub keep_daily: u32,
    pub keep_weekly: u32,
    pub keep_monthly: u32,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            scheduled: false,
            weekday: None,
            hour: 2,
            minute: 30,
            target: String::new(),
            recipients: vec![],
            keep_daily: 7,
            keep_weekly: 4,
            keep_monthly: 6,
        }
    }
}

impl Setting for BackupSettings {
    const KEY: &'static str = "backup";
}

impl BackupSettings {
    /// Whether enough is said to make a backup.
    pub fn usable(&self) -> bool {
        !self.target.is_empty() && !self.recipients.is_empty()
    }

    /// The last moment at or before `now` when the timetable wanted a backup.
    pub fn last_due(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut day = clock::local(now).date_naive();
        loop {
            let at =
                clock::start_of(day) + TimeDelta::minutes(i64::from(self.hour * 60 + self.minute));
            let wanted = self
                .weekday
                .is_none_or(|wanted| day.weekday().num_days_from_monday() == u32::from(wanted));
            if at <= now && wanted {
                return at;
            }
            day -= TimeDelta::days(1);
        }
    }

    /// The next moment.
    pub fn next_due(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let step = TimeDelta::days(if self.weekday.is_some() { 7 } else { 1 });
        self.last_due(now) + step
    }

    /// The timetable in words.
    pub fn describe(&self) -> String {
        let time = format!("{:02}:{:02}", self.hour, self.minute);
        match self.weekday {
            None => format!("每天 {time}"),
            Some(day) => format!("每{} {time}", weekday_name(day)),
        }
    }
}

/// The days of the week, Monday first.
pub const WEEKDAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

fn weekday_name(day: u8) -> &'static str {
    let day = Weekday::try_from(day).unwrap_or(Weekday::Mon);
    WEEKDAYS[day.num_days_from_monday() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    #[test]
    fn the_timetable_goes_by_the_institutions_clock() {
        let daily = BackupSettings::default();
        // Half past two in China is half past six the evening before by universal time.
        assert_eq!(
            daily.last_due(at("2026-11-20T18:29:59Z")),
            at("2026-11-19T18:30:00Z")
        );
        assert_eq!(
            daily.last_due(at("2026-11-20T18:30:00Z")),
            at("2026-11-20T18:30:00Z")
        );
        assert_eq!(
            daily.next_due(at("2026-11-20T18:30:00Z")),
            at("2026-11-21T18:30:00Z")
        );
        // Sundays: the 22nd is one.
        let weekly = BackupSettings {
            weekday: Some(6),
            ..daily
        };
        assert_eq!(
            weekly.last_due(at("2026-11-25T00:00:00Z")),
            at("2026-11-21T18:30:00Z")
        );
        assert_eq!(
            weekly.next_due(at("2026-11-25T00:00:00Z")),
            at("2026-11-28T18:30:00Z")
        );
        assert_eq!(weekly.describe(), "每周日 02:30");
    }
}
