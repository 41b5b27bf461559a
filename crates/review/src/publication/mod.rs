//! From approval to what is live (R-REV-5 to R-REV-7): publishing, correcting, withdrawing, emergencies.

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
