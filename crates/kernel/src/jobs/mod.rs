//! Work that is done later or again and again: a queue in the database, filled in the transaction
//! that causes the work, emptied by every node; and the timetable that fills it by the clock.
//!
//! A handler may run more than once for one job (a node dies after the work and before the note of
//! it), so what it does must bear being done again. A payload names rows by id and holds nothing
//! personal: it is shown to operators and stays in the table for a week.

mod cron;
mod handlers;
pub mod pages;
mod runner;
mod store;

pub use cron::Timing;
pub use handlers::{Handlers, JobError, Pace};
pub use runner::run;
#[cfg(feature = "testing")]
pub use runner::run_due_once;
#[cfg(test)]
pub(crate) use store::all;
pub use store::{Job, State, tally, waiting};

use crate::{App, Fault, Tx};
use chrono::{DateTime, Utc};

/// A job to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// Which handler does it, for example `mail.send`.
    pub kind: &'static str,
    /// What the handler needs to know: ids, nothing personal.
    pub payload: serde_json::Value,
    /// Not before this moment; at once when none.
    pub run_at: Option<DateTime<Utc>>,
    /// While a job with this key waits or runs, another is not added. Only for work that is the same
    /// whenever it is done: a change made while the job runs may have come too late for it.
    pub dedup_key: Option<String>,
}

impl NewJob {
    /// A job to be done at once.
    pub fn new(kind: &'static str, payload: serde_json::Value) -> Self {
        Self {
            kind,
            payload,
            run_at: None,
            dedup_key: None,
        }
    }
}

/// Adds a job. It exists when the caller's transaction commits, and only then.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(tx: &Tx, app: &App, job: NewJob) -> Result<(), Fault> {
    store::insert(tx, app.now(), job).await?;
    app.jobs.wake();
    Ok(())
}

#[cfg(test)]
mod tests;
