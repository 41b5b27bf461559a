//! Illegal or harmful content in a text (Notice 3(6), R-INS-7): stopped first, the exact content kept as evidence,
//! forwarded to the departments that handle it, within 24 hours.

mod api;
mod effect;
mod list;
mod pages;
mod rows;
mod rules;
mod service;
mod show;
mod store;
#[cfg(test)]
mod tests;

pub use api::docs;
pub use rules::{
    Addressed, Answer, Closing, Forwarding, HOURS, Handling, Harm, Outcome, Refusal, Stage,
};
pub use service::{About, New, answer, close, forward, may_forward, open_for};
pub use show::part;
pub use store::{is_open, open_of, stops};

use zhendi_kernel::{
    Permission, UnitId,
    jobs::{Handlers, JobError},
    web::{Access, Routes},
};
use zhendi_people::holding;

/// What forwardings are called in the audit chain and the list of work.
pub const SUBJECT: &str = "forwarding";

/// The kinds of work, with their names for people.
pub const WORK_KINDS: &[(&str, &str)] = &[
    (effect::ANSWER, "处理转送事项"),
    (effect::CLOSE, "办结转送事项"),
];

/// Pages and API. Everyone who forwards, answers or closes may see manuscripts somewhere; who does which is the
/// law of the feature.
pub fn routes() -> Routes {
    let see = Access::Needs(Permission::ViewManuscripts);
    Routes::new()
        .get("/forwardings", see, list::page)
        .get("/forwardings.csv", see, list::csv)
        .get("/forwardings.xlsx", see, list::xlsx)
        .get("/forwardings/new", see, pages::new)
        .post("/forwardings", see, pages::create)
        .get("/forwardings/{id}", see, show::show)
        .get("/forwardings/{id}/frame", see, show::frame)
        .get("/forwardings/{id}/files/{file}", see, show::file)
        .post("/forwardings/{id}/answers", see, pages::answer)
        .post("/forwardings/{id}/closings", see, pages::close)
        .get("/api/v1/forwardings", see, api::list)
        .get("/api/v1/forwardings/{id}", see, api::show)
        .post("/api/v1/forwardings", see, api::create)
        .post("/api/v1/forwardings/{id}/answers", see, api::answer)
        .post("/api/v1/forwardings/{id}/closings", see, api::close)
}

/// A unit that went up in another, as `people` tells it.
#[derive(serde::Deserialize)]
struct Merged {
    from: UnitId,
    into: UnitId,
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    let quarter = std::time::Duration::from_secs(15 * 60);
    handlers
        .on("forwarding.late", |app, _| async move {
            service::tell_late(&app).await.map_err(JobError::from)
        })
        .called("forwarding.late", "转送事项超时提醒")
        .every("forwarding.late", quarter)
        .also(holding::UNIT_MERGED, |app, payload| async move {
            let merged: Merged = serde_json::from_value(payload)
                .map_err(|error| JobError::Permanent(error.to_string()))?;
            service::move_unit(&app, merged.from, merged.into).await?;
            Ok(())
        })
}
