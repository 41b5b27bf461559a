//! What the institution may decide about sign-in.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use zhendi_kernel::settings::Setting;

/// Limits of passwords, failures and sessions. The defaults follow Rule 9(2).2 and the level 3
/// guides (5 failures, 300 s, 90 days), except for the idle time: the guides' 600 s suit consoles of
/// servers; people here read and fill in long forms, so it is 30 minutes until the institution says
/// otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountSettings {
    /// Characters that a password needs (Rule 9(2).2: at least 8).
    pub min_length: u32,
    /// A password must be changed after so many days; 0 for never.
    pub max_age_days: u32,
    /// So many wrong passwords in a row lock an account.
    pub failures: u32,
    /// The first lock's length; each further one is twice as long, up to [`LONGEST_LOCK`].
    pub lock_seconds: u32,
    /// So many wrong passwords from one address within `lock_seconds` make that address wait. A whole
    /// campus may stand behind one address, so it is more than for an account.
    pub address_failures: u32,
    /// A session ends after so long without a request.
    pub idle_minutes: u32,
    /// A session ends after so long in any case.
    pub session_hours: u32,
    /// More sessions of one person end the oldest.
    pub sessions_per_person: u32,
    /// A one-time code is good for so long.
    pub code_hours: u32,
    /// Sign-in records are kept so long (the Cybersecurity Law asks for six months).
    pub record_days: u32,
}

/// A stranger who guesses on purpose must not keep the owner out for a day.
pub const LONGEST_LOCK: TimeDelta = TimeDelta::hours(1);

/// So long before a password gets too old, its owner is told.
pub const WARN_BEFORE: TimeDelta = TimeDelta::days(7);

impl Default for AccountSettings {
    fn default() -> Self {
        Self {
            min_length: 8,
            max_age_days: 90,
            failures: 5,
            lock_seconds: 300,
            address_failures: 50,
            idle_minutes: 30,
            session_hours: 12,
            sessions_per_person: 5,
            code_hours: 72,
            record_days: 200,
        }
    }
}

impl Setting for AccountSettings {
    const KEY: &'static str = "account";
}

impl AccountSettings {
    /// How old a password may get; none for any age.
    pub fn max_age(&self) -> Option<TimeDelta> {
        (self.max_age_days > 0).then(|| TimeDelta::days(self.max_age_days.into()))
    }

    /// How long a one-time code is good.
    pub fn code_life(&self) -> TimeDelta {
        TimeDelta::hours(self.code_hours.into())
    }

    /// How long a session may be idle.
    pub fn idle(&self) -> TimeDelta {
        TimeDelta::minutes(self.idle_minutes.into())
    }

    /// How long a session lives at most.
    pub fn session_life(&self) -> TimeDelta {
        TimeDelta::hours(self.session_hours.into())
    }
}
