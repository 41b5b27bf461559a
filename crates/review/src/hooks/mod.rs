//! Signed messages to other systems on changes of state (R-API-1).

use zhendi_kernel::{jobs::Handlers, secrets::SealedColumn, web::Routes};

/// Columns that hold something sealed.
pub const SEALED: &[SealedColumn] = &[];

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
}
