//! Manuscripts (R-REV-1): written, kept as immutable versions, found again.

use zhendi_kernel::{jobs::Handlers, web::Routes};

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
}
