//! Past working days, and the clock by which the demonstration's history is written.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use std::sync::{Arc, Mutex, PoisonError};
use zhendi_kernel::{Clock, clock};

/// Counts working days back from today, which is none of them.
#[derive(Clone, Copy)]
pub struct Calendar {
    today: NaiveDate,
}

impl Calendar {
    /// A calendar whose today is that of a moment.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            today: clock::local(now).date_naive(),
        }
    }

    /// The day so many working days ago; 1 is the last one.
    pub fn day(self, ago: i64) -> NaiveDate {
        let (mut day, mut left) = (self.today, ago);
        while left > 0 {
            day = day.checked_sub_days(Days::new(1)).unwrap_or(day);
            if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
                left -= 1;
            }
        }
        day
    }

    /// A moment of that day.
    pub fn moment(self, ago: i64, hour: i64, minute: i64) -> DateTime<Utc> {
        clock::start_of(self.day(ago)) + TimeDelta::minutes(hour * 60 + minute)
    }
}

/// The hand that sets a clock.
#[derive(Clone)]
pub struct Hand(Arc<Mutex<DateTime<Utc>>>);

impl Hand {
    /// A hand that stands at a moment.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(at)))
    }

    /// The clock that it sets.
    pub fn clock(&self) -> Clock {
        let hand = self.clone();
        Clock::from_fn(move || *hand.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets it.
    pub fn set(&self, to: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_ago_are_working_days() {
        // A Monday, shortly after midnight in China.
        let calendar = Calendar::at("2026-11-22T16:10:00Z".parse().expect("a moment"));
        let day = |ago| calendar.day(ago).to_string();
        assert_eq!(day(1), "2026-11-20");
        assert_eq!(day(5), "2026-11-16");
        assert_eq!(day(6), "2026-11-13");
        assert_eq!(
            calendar.moment(1, 9, 30).to_rfc3339(),
            "2026-11-20T01:30:00+00:00"
        );
    }
}
