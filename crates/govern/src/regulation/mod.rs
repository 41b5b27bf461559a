//! Regulations (规章制度, R-GOV-1): issued in versions with their days of effect, binding a unit with everything
//! below it, read and confirmed by those who must.

mod api;
mod attachments;
mod diff;
mod form;
mod list;
mod pages;
mod readings;
mod rules;
mod service;
mod show;
mod store;
#[cfg(test)]
mod tests;

pub use api::docs;
pub use attachments::attach;
pub use readings::ask as ask_all;
pub(crate) use readings::{ask, unit_merged};
pub use rules::{Readers, Refusal, RegulationState};
pub use service::{Content, begin, confirm, discard, edit, issue, open_for, renew, repeal};
pub use store::{Version, evidence, find};

use chrono::{DateTime, NaiveDate, Utc};
use zhendi_kernel::{
    Permission, RegulationId, UnitId,
    web::{Access, Routes},
};

/// A regulation, without the text of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regulation {
    pub id: RegulationId,
    /// Counts the changes; who issues names the one they saw.
    pub version: i32,
    /// The unit that issues it.
    pub unit: UnitId,
    /// The unit that it binds, with everything below.
    pub scope: UnitId,
    /// Title and number of the last issued version, or of the first draft.
    pub title: String,
    pub number: String,
    /// The version that was issued last.
    pub issued: Option<i64>,
    /// From when its first version is in effect.
    pub effective_on: Option<NaiveDate>,
    /// The regulation that it takes the place of.
    pub supersedes: Option<RegulationId>,
    pub repealed_on: Option<NaiveDate>,
    pub repeal_reason: String,
    pub readers: Readers,
    /// So many days there are for reading.
    pub read_days: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Regulation {
    /// Where it stands on a day.
    pub fn state(&self, today: NaiveDate) -> RegulationState {
        rules::state(self.effective_on, self.repealed_on, today)
    }

    /// Its page.
    pub fn href(&self) -> String {
        format!("/regulations/{}", self.id)
    }
}

/// What regulations are called in the audit chain and the list of work.
pub const SUBJECT: &str = "regulation";
/// What readings are called in the list of work.
pub const READING: &str = "regulation_reading";
/// Job: asks those who must read and have not been asked.
pub const ASK: &str = "regulation.ask";

/// The kinds of work that regulations make, with their names for people.
pub const WORK_KINDS: &[(&str, &str)] = &[(readings::READ, "阅读规章制度")];

/// The pages and the API of regulations. Whoever they bind may read them, with or without a role.
pub fn routes() -> Routes {
    let open = Access::SignedIn;
    let write = Access::Needs(Permission::DraftRegulations);
    let issue = Access::Needs(Permission::IssueRegulations);
    Routes::new()
        .get("/regulations", open, list::page)
        .get("/regulations.csv", open, list::csv)
        .get("/regulations.xlsx", open, list::xlsx)
        .get("/regulations/new", write, form::new)
        .post("/regulations", write, form::create)
        .get("/regulations/{id}", open, show::show)
        .get("/regulations/{id}/differences", open, show::differences)
        .get("/regulations/{id}/edit", write, form::edit)
        .post("/regulations/{id}/edit", write, form::save)
        .post("/regulations/{id}/versions", write, pages::renew)
        .post("/regulations/{id}/removals", write, pages::discard)
        .post("/regulations/{id}/issues", issue, pages::issue)
        .post("/regulations/{id}/repeals", issue, pages::repeal)
        .get("/regulations/{id}/readings", open, readings::page)
        .get("/regulations/{id}/readings.csv", open, readings::csv)
        .get("/regulations/{id}/readings.xlsx", open, readings::xlsx)
        .post("/regulations/{id}/readings", open, pages::confirm)
        .upload(
            "/regulations/{id}/attachments",
            write,
            attachments::REQUEST_LIMIT,
            pages::attach,
        )
        .get(
            "/regulations/{id}/attachments/{number}",
            open,
            pages::download,
        )
        .post(
            "/regulations/{id}/attachments/{number}/removals",
            write,
            pages::detach,
        )
        .get("/api/v1/regulations", open, api::list)
        .get("/api/v1/regulations/{id}", open, api::show)
        .get("/api/v1/regulations/{id}/readings", open, api::readings)
        .post("/api/v1/regulations/{id}/readings", open, api::confirm)
}
