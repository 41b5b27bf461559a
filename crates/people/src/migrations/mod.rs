//! The context's tables, one file for each step of their history.

mod m0010_people;
mod m0011_account;
mod m0013_version;

use zhendi_kernel::migrations::Steps;

/// The context's steps; they come after the kernel's.
pub fn steps() -> Steps {
    vec![
        Box::new(m0010_people::Migration),
        Box::new(m0011_account::Migration),
        Box::new(m0013_version::Migration),
    ]
}
