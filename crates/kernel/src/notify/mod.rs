//! Word to people: in the app, and by mail to those who have an address and want mail. A title is one
//! line without personal data, for it leaves the house.

pub(crate) mod mail;
pub mod pages;
mod store;

pub(crate) use store::count_unread;
#[cfg(test)]
pub(crate) use store::{Column, Entity};
pub(crate) use store::{reachable, require_local};
pub use store::{seen, set_address, tell, unread};

use crate::jobs::Handlers;

/// Mail addresses, for the rotation of keys.
pub const SEALED: &[crate::secrets::SealedColumn] = &[crate::secrets::SealedColumn {
    table: "mail_address",
    key: "person_id",
    column: "address",
    purpose: store::PURPOSE,
}];

/// What people are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// One line without personal data.
    pub title: String,
    /// Where to go: a path of this site.
    pub href: String,
}

/// The jobs of notifications.
pub(crate) fn jobs(handlers: Handlers) -> Handlers {
    handlers.on("mail.send", |app, payload| async move {
        mail::send_notification(&app, payload).await
    })
}

#[cfg(test)]
mod tests;
