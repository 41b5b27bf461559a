//! The ways out to platforms (R-REV-7): WordPress, webhook, feed, WeChat, and by hand.

use zhendi_kernel::{secrets::SealedColumn, web::Routes};

/// Columns that hold something sealed.
pub const SEALED: &[SealedColumn] = &[];

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}
