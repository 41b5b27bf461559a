//! What tells a channel from all others, and the lock that lets each be registered once.
//!
//! The key is an account's id or a site's address in one spelling; without either it is the unit with
//! platform and name. The table's primary key settles races on both databases.

mod keys;
mod store;

pub use keys::{Key, key_of_link, keys};
pub use store::{Owner, Taken, claim, hand_over, owner_of, release};
