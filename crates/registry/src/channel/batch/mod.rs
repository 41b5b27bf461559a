//! One act on many channels (批量办理): chosen row by row or by a filter, done by a job one after the other
//! with the rights of who asked for it, with a list of those that it could not be done to and why.

mod act;
mod jobs;
mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use act::{Act, Detail};
pub use jobs::{JOB, run};
pub use pages::{ask, make, show};

zhendi_kernel::named! {
    /// How far one channel of a batch is.
    State {
        Waiting = "waiting", "等待";
        Done = "done", "已办理";
        Refused = "refused", "未办理";
    }
}
