//! The context's tables, one file for each step of their history.

mod m0040_manuscript;

use zhendi_kernel::migrations::Steps;

/// The steps, in order.
pub fn steps() -> Steps {
    vec![Box::new(m0040_manuscript::Migration)]
}
