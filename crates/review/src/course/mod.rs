//! The course of a manuscript through its review (R-REV-2, R-REV-3, R-REV-5): the law, who has it, until when.

use zhendi_kernel::{jobs::Handlers, web::Routes};

/// The kinds of work, with their names for people.
pub const WORK_KINDS: &[(&str, &str)] = &[];

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
}
