//! Words that are wrong, to be avoided or to be watched: each institution's and unit's own data.

use zhendi_kernel::web::Routes;

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}
