//! The audit chain, as auditors see it.

use crate::web::Routes;

/// The routes of the audit pages.
pub fn routes() -> Routes {
    Routes::new()
}
