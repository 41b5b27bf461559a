//! The context's tables, one file for each step of their history.

use zhendi_kernel::migrations::Steps;

/// The steps, in order.
pub fn steps() -> Steps {
    vec![]
}
