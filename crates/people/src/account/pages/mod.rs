//! The pages of accounts: signing in, one's own, and those of the system administrator.

pub mod admin;
pub mod batch;
pub mod limits;
pub mod own;
pub mod password;
pub mod sign_in;
mod state;
pub mod tokens;

pub use state::{StateBlock, state_block};

use super::acts::Issued;
use chrono::{DateTime, Utc};
use zhendi_kernel::clock;

/// A moment for a page: for machines and for people.
#[derive(Clone, Debug)]
pub struct Moment {
    pub iso: String,
    pub text: String,
}

impl From<DateTime<Utc>> for Moment {
    fn from(at: DateTime<Utc>) -> Self {
        Self {
            iso: clock::local(at).to_rfc3339(),
            text: clock::show(&at),
        }
    }
}

/// A slip with a one-time code, to print and hand over.
#[derive(Clone, Debug)]
pub struct Slip {
    pub name: String,
    /// What the person is to do with it, such as 系统管理员; may be blank.
    pub duty: String,
    pub login: String,
    pub code: String,
    pub until: String,
}

impl Slip {
    /// The slip of an account; one without a code of its own has none to show.
    pub fn of(issued: Issued, duty: &str) -> Self {
        Self {
            name: issued.name,
            duty: duty.into(),
            login: issued.login,
            code: issued.code.unwrap_or_default(),
            until: clock::show(&issued.until),
        }
    }
}
