//! Signed messages to other systems on changes of state (R-API-1).

mod event;

pub use event::{Event, What};

use zhendi_kernel::{App, Fault, Tx, jobs::Handlers, secrets::SealedColumn, web::Routes};

/// Columns that hold something sealed.
pub const SEALED: &[SealedColumn] = &[];

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
}

/// Tells the systems that subscribed to such a change. Called in the transaction of the change, before its
/// audit record: they are told if it commits, and only then.
///
/// # Errors
/// When the database fails.
pub async fn tell(_tx: &Tx, _app: &App, _event: Event) -> Result<(), Fault> {
    Ok(())
}
