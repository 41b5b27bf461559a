//! Review sheets (审核表/发稿单, R-REV-10) and decisions taken on paper (R-REV-11).

use zhendi_kernel::web::Routes;

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}
