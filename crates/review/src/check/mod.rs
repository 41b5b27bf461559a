//! The machine's findings in a text (R-REV-4, R-REV-9, R-INS-2): the engine with the layers of the institution and of a unit.

use zhendi_kernel::web::Routes;

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}
