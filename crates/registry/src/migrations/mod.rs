//! The registry's tables, one file for each step of their history.

mod m0020_registry;
mod m0021_filing;
mod m0022_import;
mod m0023_filing_kinds;
mod m0024_channel_care;
mod m0025_print;
mod m0026_export;
mod m0027_counters;

use zhendi_kernel::migrations::Steps;

/// The steps, in order.
pub fn steps() -> Steps {
    vec![
        Box::new(m0020_registry::Migration),
        Box::new(m0021_filing::Migration),
        Box::new(m0022_import::Migration),
        Box::new(m0023_filing_kinds::Migration),
        Box::new(m0024_channel_care::Migration),
        Box::new(m0025_print::Migration),
        Box::new(m0026_export::Migration),
        Box::new(m0027_counters::Migration),
    ]
}
