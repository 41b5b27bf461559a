//! What the program did for its own upkeep, run by run: backups, checks, readings of files.

pub mod retention;
mod store;

pub use store::{End, Kind, Run, State, begin, count_up, end, latest, list, lost, newest_good};

/// The kind of work item for a backup that failed.
pub const FAILED: &str = "operate.failed";
