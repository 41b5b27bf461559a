//! The registry's tables, one file for each step of their history.

mod m0020_registry;

use zhendi_kernel::migrations::Steps;

/// The steps, in order.
pub fn steps() -> Steps {
    vec![Box::new(m0020_registry::Migration)]
}
