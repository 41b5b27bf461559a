//! What an institution says online goes through a registered channel: the platforms, the channels with
//! their facts and states, filings, imports of spreadsheets, the public directory and the first page.

// `pub mod filing;` and `pub mod import;` stand here with their folders.
pub mod channel;
pub mod platform;
pub mod settings;

mod migrations;

use zhendi_kernel::migrations::Steps;

pub use zhendi_office::PartialDate;

/// The context's tables, after those of the kernel and of people.
pub fn steps() -> Steps {
    migrations::steps()
}
