//! The law of signing in: when a secret counts, when an account locks, when a password is too old.
//! No database, no clock.

use super::settings::{AccountSettings, LONGEST_LOCK, WARN_BEFORE};
use chrono::{DateTime, TimeDelta, Utc};

/// What signing in depends on, beside the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Wrong secrets since the last right one.
    pub failures: u32,
    pub locked_until: Option<DateTime<Utc>>,
    pub disabled: bool,
    /// Set when the secret is a one-time code: until when it is good.
    pub code_until: Option<DateTime<Utc>>,
    pub password_set_at: DateTime<Utc>,
    /// Demonstration accounts share a printed password that nobody has to change.
    pub demo: bool,
}

/// How an attempt ended. The page says the same of all but the first: a stranger must not learn which
/// logins exist, nor that a locked account's password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    Accepted,
    /// The secret was wrong; the account's new count, and the lock that it caused.
    Wrong {
        failures: u32,
        locked_until: Option<DateTime<Utc>>,
    },
    /// The account is locked: the secret was not even considered.
    Locked,
    Disabled,
    /// The one-time code was right, but too old.
    CodeExpired,
}

/// What must be done before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The person came with a one-time code.
    FirstPassword,
    /// The password is too old.
    Expired,
}

impl Standing {
    /// Judges an attempt. `right` says whether the secret was the account's.
    pub fn judge(&self, right: bool, now: DateTime<Utc>, settings: &AccountSettings) -> Attempt {
        if self.is_locked(now) {
            return Attempt::Locked;
        }
        if !right {
            let failures = self.failures.saturating_add(1);
            return Attempt::Wrong {
                failures,
                locked_until: lock_after(failures, settings).map(|length| now + length),
            };
        }
        if self.disabled {
            return Attempt::Disabled;
        }
        if self.code_until.is_some_and(|until| until <= now) {
            return Attempt::CodeExpired;
        }
        Attempt::Accepted
    }

    /// Whether the account is locked at the moment.
    pub fn is_locked(&self, now: DateTime<Utc>) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    /// What the signed-in person must do first.
    pub fn demand(&self, now: DateTime<Utc>, settings: &AccountSettings) -> Option<Demand> {
        if self.demo {
            None
        } else if self.code_until.is_some() {
            Some(Demand::FirstPassword)
        } else {
            self.expires_at(settings)
                .is_some_and(|at| at <= now)
                .then_some(Demand::Expired)
        }
    }

    /// When the password gets too old.
    pub fn expires_at(&self, settings: &AccountSettings) -> Option<DateTime<Utc>> {
        if self.demo || self.code_until.is_some() {
            return None;
        }
        Some(self.password_set_at + settings.max_age()?)
    }

    /// Whether the owner should be told that the password gets too old soon.
    pub fn warns(&self, now: DateTime<Utc>, settings: &AccountSettings) -> bool {
        !self.disabled
            && self
                .expires_at(settings)
                .is_some_and(|at| at - WARN_BEFORE <= now)
    }
}

/// The lock that a number of failures in a row causes: each `failures`th locks, twice as long as before.
fn lock_after(failures: u32, settings: &AccountSettings) -> Option<TimeDelta> {
    let limit = settings.failures.max(1);
    if !failures.is_multiple_of(limit) {
        return None;
    }
    let doublings = (failures / limit - 1).min(20);
    let length = TimeDelta::seconds(i64::from(settings.lock_seconds) << doublings);
    // An institution may want even the first lock longer than our longest.
    Some(length.min(LONGEST_LOCK.max(TimeDelta::seconds(settings.lock_seconds.into()))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn standing() -> Standing {
        Standing {
            failures: 0,
            locked_until: None,
            disabled: false,
            code_until: None,
            password_set_at: at(0),
            demo: false,
        }
    }

    /// The account after an attempt, as the store keeps it.
    fn after(mut standing: Standing, attempt: Attempt) -> Standing {
        match attempt {
            Attempt::Accepted => {
                standing.failures = 0;
                standing.locked_until = None;
            }
            Attempt::Wrong {
                failures,
                locked_until,
            } => {
                standing.failures = failures;
                standing.locked_until = locked_until;
            }
            _ => {}
        }
        standing
    }

    #[test]
    fn the_fifth_failure_locks_for_five_minutes_and_the_tenth_for_ten() {
        let settings = AccountSettings::default();
        let mut account = standing();
        for _ in 0..5 {
            account = after(account.clone(), account.judge(false, at(0), &settings));
        }
        assert_eq!(account.locked_until, Some(at(300)));
        assert_eq!(account.judge(true, at(299), &settings), Attempt::Locked);
        assert_eq!(account.judge(true, at(300), &settings), Attempt::Accepted);
        for _ in 0..5 {
            account = after(account.clone(), account.judge(false, at(300), &settings));
        }
        assert_eq!(account.locked_until, Some(at(900)));
    }

    #[test]
    fn a_password_is_good_for_ninety_days_and_a_code_for_its_time() {
        let settings = AccountSettings::default();
        let day = 86_400;
        let account = standing();
        assert_eq!(account.demand(at(90 * day - 1), &settings), None);
        assert_eq!(
            account.demand(at(90 * day), &settings),
            Some(Demand::Expired)
        );
        assert!(!account.warns(at(83 * day - 1), &settings));
        assert!(account.warns(at(83 * day), &settings));

        let code = Standing {
            code_until: Some(at(72 * 3600)),
            ..standing()
        };
        assert_eq!(code.demand(at(0), &settings), Some(Demand::FirstPassword));
        assert_eq!(
            code.judge(true, at(72 * 3600 - 1), &settings),
            Attempt::Accepted
        );
        assert_eq!(
            code.judge(true, at(72 * 3600), &settings),
            Attempt::CodeExpired
        );

        let demo = Standing {
            demo: true,
            ..standing()
        };
        assert_eq!(demo.demand(at(1000 * day), &settings), None);
        let never = AccountSettings {
            max_age_days: 0,
            ..settings
        };
        assert_eq!(account.demand(at(1000 * day), &never), None);
    }

    proptest! {
        /// However someone guesses, no more than the limit of guesses is considered per lock, and a
        /// locked account lets nobody in.
        #[test]
        fn guessing_is_bounded(steps in prop::collection::vec((0..400i64, any::<bool>()), 1..80)) {
            let settings = AccountSettings::default();
            let (mut account, mut now, mut considered) = (standing(), 0, 0u32);
            for (pause, right) in steps {
                now += pause;
                let attempt = account.judge(right, at(now), &settings);
                match attempt {
                    Attempt::Accepted => {
                        prop_assert!(!account.is_locked(at(now)));
                        prop_assert!(right);
                        considered = 0;
                    }
                    Attempt::Wrong { locked_until, .. } => {
                        considered += 1;
                        if let Some(until) = locked_until {
                            prop_assert!(until - at(now) >= TimeDelta::seconds(300));
                            prop_assert!(until - at(now) <= LONGEST_LOCK);
                            considered = 0;
                        }
                    }
                    Attempt::Locked => prop_assert!(account.is_locked(at(now))),
                    other => prop_assert!(false, "{:?}", other),
                }
                prop_assert!(considered < settings.failures);
                account = after(account, attempt);
            }
        }
    }
}
