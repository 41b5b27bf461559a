//! What a reviewer sees and does (R-REV-3, R-REV-4): the text, findings, annotations, differences, the decision.

use zhendi_kernel::web::Routes;

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}
