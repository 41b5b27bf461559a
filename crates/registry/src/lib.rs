//! What an institution says online goes through a registered channel: the platforms, the channels with
//! their facts and states, filings, imports of spreadsheets, the public directory and the first page.

pub mod channel;
pub mod dashboard;
pub mod directory;
pub mod export;
pub mod filing;
pub mod forms;
pub mod import;
pub mod platform;
pub mod settings;
pub mod unit_page;

mod migrations;
#[cfg(test)]
mod testing;

pub use zhendi_office::PartialDate;

use zhendi_kernel::{jobs::Handlers, migrations::Steps, secrets::SealedColumn, web::Routes};

/// The context's tables, after those of the kernel and of people.
pub fn steps() -> Steps {
    migrations::steps()
}

/// Every page and API route of the context.
pub fn routes() -> Routes {
    Routes::new()
        .merge(dashboard::routes())
        .merge(channel::routes())
        .merge(filing::routes())
        .merge(forms::routes())
        .merge(import::routes())
        .merge(export::routes())
        .merge(directory::routes())
        .merge(unit_page::routes())
        .merge(platform::routes())
        .merge(settings::routes())
}

/// What the context does in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    export::jobs(import::jobs(channel::jobs(handlers)), &[forms::SOURCE])
}

/// Every column that holds something sealed, for the rotation of keys.
pub fn sealed_columns() -> Vec<SealedColumn> {
    [filing::SEALED, import::SEALED, export::SEALED].concat()
}
