//! The course of a manuscript through its review (R-REV-2, R-REV-3, R-REV-5): the law, who has it, until when.

mod correction;
mod effect;
mod hours;
mod rules;
mod service;
mod store;
mod tally;
mod workflow;

pub use effect::Handing;
pub use hours::WorkingHours;
pub use rules::{
    About, Asked, Checked, Course, Decision, Hold, Law, Level, Mark, Paper, Party, Point, Post,
    ProofRecord, Proofread, Refusal, Round, Route, Rung, Said, Seat, Shortage, Slip, Stage,
    Standing, Target, Verdict,
};
pub use service::{
    Deed, Submitting, decide, mark_major, may_edit, open_for, place, recall, record_paper, release,
    standing, submit, take,
};
pub use store::{decisions, of};

use zhendi_kernel::{jobs::Handlers, web::Routes};

/// The kinds of work, with their names for people.
pub const WORK_KINDS: &[(&str, &str)] = &[
    (effect::REVIEW, "稿件审核"),
    (effect::REAPPROVE, "复核小改动"),
    (effect::CORRECT, "修改被退回的稿件"),
];

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
}
