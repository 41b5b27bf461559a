//! The context's tables, one file for each step of their history.

mod m0030_plan;
mod m0031_regulation;

use zhendi_kernel::migrations::Steps;

/// The steps, in order.
pub fn steps() -> Steps {
    vec![
        Box::new(m0030_plan::Migration),
        Box::new(m0031_regulation::Migration),
    ]
}
