//! How review goes (R-REV-10): passed, returned, time at each level, errors found.

use zhendi_kernel::web::Routes;

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}
