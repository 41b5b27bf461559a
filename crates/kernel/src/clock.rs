//! Time and randomness as parameters: the only two places that ask the machine for either.

use chrono::{DateTime, FixedOffset, NaiveDate, SubsecRound, Utc};
use std::sync::Arc;

/// Tells the time, to the microsecond (the precision that both databases keep).
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// A clock of the caller's making, for tests and the demonstration data.
    pub fn from_fn(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present moment.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }

    /// Today's date where the institution is.
    pub fn today(&self) -> NaiveDate {
        local(self.now()).date_naive()
    }
}

/// China keeps one time, without summer time.
const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset");

/// A moment as the institution's wall clocks show it.
pub fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&CHINA)
}

/// Midnight at the beginning of a date of the institution, as a moment.
pub fn start_of(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN)
        .and_local_timezone(CHINA)
        .single()
        .expect("a fixed offset has no gaps")
        .to_utc()
}

/// `2026-11-20 14:05`, in the institution's time.
pub fn show(at: &DateTime<Utc>) -> String {
    local(*at).format("%Y-%m-%d %H:%M").to_string()
}

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// Gives random bytes.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

impl Entropy {
    /// The machine's own randomness.
    ///
    /// # Panics
    /// When the machine has none to give: nothing that needs secrets may go on then.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    pub fn system() -> Self {
        Self(Arc::new(|buffer| {
            getrandom::fill(buffer).expect("the machine gives random bytes");
        }))
    }

    /// A source of the caller's making, for tests.
    pub fn from_fn(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        (self.0)(&mut buffer);
        buffer
    }

    /// A token of 256 random bits that fits a URL, a cookie and a mail.
    pub fn token(&self) -> String {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// A code that a person can read out and type: `groups` of four letters and digits that cannot
    /// be mistaken for each other.
    pub fn code(&self, groups: usize) -> String {
        const ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
        let group = || -> String {
            self.bytes::<4>()
                .iter()
                .map(|byte| char::from(ALPHABET[usize::from(byte % 31)]))
                .collect()
        };
        (0..groups).map(|_| group()).collect::<Vec<_>>().join("-")
    }
}
