//! What tells a channel from all others, and the lock that lets each be registered once.
//!
//! The key is an account's id or a site's address in one spelling; without either it is the unit with
//! platform and name. The table's primary key settles races on both databases.

mod keys;
mod store;
#[cfg(test)]
mod tests;

pub use keys::{Key, keys, keys_of_pasted};
pub use store::{
    Owner, Taken, channels_of, claim, claim_new, give_up, hand_over, move_to, owner_of, owners_of,
    release,
};
