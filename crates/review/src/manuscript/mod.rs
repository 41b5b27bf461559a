//! Manuscripts (R-REV-1): written, kept as immutable versions, found again.

mod canonical;
mod files;
mod rules;
mod sanitize;
mod service;
mod store;
mod terms;

pub use canonical::{hash, plain, words};
pub use rules::{Lack, lacks};
pub use files::{NewFile, keep as keep_file};
pub use sanitize::file_address;
pub use service::{
    Draft, Said, Save, Saved, begin, copy, discard, filter, freeze, is_visible, may_write, open_for,
    place, save,
};
pub use store::{latest, load, version, versions};
pub use terms::{Content, FileRef, FileRole, Layout, Manuscript, Origin, Rights, Version};

use zhendi_kernel::{jobs::Handlers, web::Routes};

/// What manuscripts are called in the audit chain and the list of work.
pub const SUBJECT: &str = "manuscript";

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
}
