//! The course of a manuscript through its review (R-REV-2, R-REV-3, R-REV-5): the law, who has it, until when.

mod api;
mod correction;
mod effect;
mod hours;
mod now;
mod pages;
mod queue;
mod rows;
mod rules;
mod service;
mod store;
mod tally;
#[cfg(test)]
mod tests;
mod workflow;

pub use api::docs;
pub use effect::{Handing, SUBJECT};
pub use hours::WorkingHours;
pub use now::{Now, Step, now};
pub use pages::{ERROR_KINDS, deed};
pub use queue::{page::tone, waiting};
pub use rules::{
    About, Asked, Checked, Course, Decision, Hold, Law, Level, Mark, Paper, Party, Point, Post,
    ProofRecord, Proofread, Refusal, Round, Route, Rung, Said, Seat, Shortage, Slip, Stage,
    Standing, Target, Verdict,
};
pub use service::{
    Deed, Submitting, decide, mark_major, may_edit, open_for, place, recall, record_paper, release,
    standing, stop, submit, take,
};
pub use store::{decisions, of, still, under_review};
pub use workflow::{always_major, docs as workflow_docs};

use zhendi_kernel::{
    Fault, Permission, UnitId,
    jobs::{Handlers, JobError},
    text,
    web::{Access, Routes},
};
use zhendi_people::holding;

/// The kinds of work, with their names for people.
pub const WORK_KINDS: &[(&str, &str)] = &[
    (effect::REVIEW, "稿件审核"),
    (effect::REAPPROVE, "复核小改动"),
    (effect::CORRECT, "修改被退回的稿件"),
];

/// An opinion as it was typed.
fn opinion(raw: &str) -> Result<String, Fault> {
    text::lines(raw, 2_000).map_err(|error| Fault::Malformed(format!("意见：{error}")))
}

/// Pages and API.
pub fn routes() -> Routes {
    let see = Access::Needs(Permission::ViewManuscripts);
    let write = Access::Needs(Permission::DraftManuscripts);
    let review = Access::Needs(Permission::ReviewManuscripts);
    // Authors, who may hold no role that reviews, mark and read as well.
    let all = Access::SignedIn;
    Routes::new()
        .get("/reviews", see, queue::page::page)
        .post("/manuscripts/{id}/submissions", write, pages::submit)
        .post("/manuscripts/{id}/decisions", review, pages::decide)
        .post("/manuscripts/{id}/recalls", write, pages::recall)
        .post("/manuscripts/{id}/discards", write, pages::discard)
        .post("/manuscripts/{id}/holds", review, pages::take)
        .post("/manuscripts/{id}/holds/releases", review, pages::release)
        .post("/manuscripts/{id}/major-marks", all, pages::mark_major)
        .get("/api/v1/reviews", see, api::list)
        .get("/api/v1/manuscripts/{id}/review", all, api::show)
        .post("/api/v1/manuscripts/{id}/submissions", write, api::submit)
        .post("/api/v1/manuscripts/{id}/decisions", review, api::decide)
        .post("/api/v1/manuscripts/{id}/recalls", write, api::recall)
        .post("/api/v1/manuscripts/{id}/holds", review, api::take)
        .post(
            "/api/v1/manuscripts/{id}/holds/releases",
            review,
            api::release,
        )
        .post("/api/v1/manuscripts/{id}/major-marks", all, api::mark_major)
        .merge(workflow::routes())
}

/// A unit that went up in another.
#[derive(serde::Deserialize)]
struct Merged {
    from: UnitId,
    into: UnitId,
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    let quarter = std::time::Duration::from_secs(15 * 60);
    handlers
        .on("review.holds", |app, _| async move {
            service::release_run_out(&app).await.map_err(JobError::from)
        })
        .called("review.holds", "放回领取到期的稿件")
        .every("review.holds", quarter)
        .also(holding::UNIT_MERGED, |app, payload| async move {
            let merged: Merged = serde_json::from_value(payload)
                .map_err(|error| JobError::Permanent(error.to_string()))?;
            service::move_unit(&app, merged.from, merged.into).await?;
            Ok(())
        })
}
