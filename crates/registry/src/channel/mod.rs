//! Channels (网络阵地): every website, account and app through which a unit speaks, with its facts,
//! its people, and its two states.

mod acts;
pub mod annex_two;
mod api;
mod asked;
mod batch;
mod consolidation;
mod detail;
mod edit;
mod export;
mod facts;
mod filing_acts;
pub mod identity;
mod jobs;
mod merge;
pub(crate) mod pages;
mod pause;
mod recheck;
mod register;
pub mod rules;
pub mod similar;
mod state;
pub mod store;
pub mod summary;
pub mod terms;
#[cfg(test)]
mod tests;
mod web_facts;
pub mod web_numbers;

pub use acts::{CATCH_UP, abandon_filing, begin_filing, correct, file, lasting_title, set_running};
pub use api::{ChannelPage, ChannelPerson, ChannelSummary, ChannelView};
pub use asked::Asked;
pub use export::public_csv;
pub use facts::{AnnexOne, ChannelPeople, Facts, Holder, limits};
pub use filing_acts::{apply_change, begin_cancel, close_cancelled, found_reachable};
pub use jobs::jobs;
pub use register::{register, register_all};
pub use state::{FilingState, RunningState};
pub use web_facts::{AppFacts, Cell, CellKind, Hosting, Mlps, SiteFacts, WebFacts, WebKind};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    ChannelId, Fault, Permission, Place, scope,
    web::{Access, Routes},
};

/// The pages and API of channels.
pub fn routes() -> Routes {
    let see = Access::Needs(Permission::ViewChannels);
    let keep = Access::Needs(Permission::ManageRegistry);
    Routes::new()
        .get("/channels", see, pages::list)
        .get("/channels.csv", see, export::csv)
        .get("/channels.xlsx", see, export::xlsx)
        .get("/channels/{id}", see, detail::show)
        .post("/channels/{id}/suspensions", see, pause::suspend)
        .post("/channels/{id}/resumptions", see, pause::resume)
        .post("/channels/{id}/openings", see, recheck::note_opening)
        .post("/channels/{id}/rechecks", see, recheck::answer)
        .get("/channels/{id}/merge", keep, merge::confirm)
        .post("/channels/{id}/merge", keep, merge::post)
        .get("/rechecks", see, recheck::progress)
        .post("/rechecks", keep, recheck::start)
        .get("/channels/consolidation", see, consolidation::list)
        .post("/channels/consolidation", keep, consolidation::keep)
        .post("/channels/batches/new", see, batch::ask)
        .post("/channels/batches", see, batch::make)
        .get("/channels/batches/{id}", see, batch::show)
        .get("/channels/{id}/edit", see, edit::form)
        .post("/channels/{id}/edit", see, edit::save)
        .get("/api/v1/channels", see, api::list)
        .get("/api/v1/channels/{id}", see, api::show)
}

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::api::{__path_list, __path_show, list, show};
}

/// The kinds of work that channels make, with their names for people.
pub const WORK_KINDS: &[(&str, &str)] = &[
    (CATCH_UP, "补录备案"),
    (recheck::WORK, "年检核对"),
    (terms::REPORT_CHANGE, "办理变更备案"),
    (terms::MLPS, "等保测评"),
];

/// Where a channel's being filed is recorded from, as the register says it.
pub mod source {
    /// It was filed on paper and taken from annex 4.
    pub const IMPORTED: &str = "汇总表导入";
    /// It was filed here.
    pub const ONLINE: &str = "线上备案";
}

/// A channel of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    pub id: ChannelId,
    /// Counts the changes; a change names the one it saw.
    pub version: i32,
    pub facts: Facts,
    pub people: ChannelPeople,
    pub filing: FilingState,
    pub running: RunningState,
    /// The last day for filing it, while it is not filed.
    pub file_by: Option<NaiveDate>,
    /// See [`source`]; none while it is not filed.
    pub filed_source: Option<String>,
    /// 备案编号 of the filing in force.
    pub filing_number: Option<String>,
    /// Why the unit has a further account on this platform (集约化, R-REG-4).
    pub second_account_reason: Option<String>,
    /// The record of the same account that this one was merged into.
    pub merged_into: Option<ChannelId>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What can be said of a channel: by a correction, an import, or a filing that became effective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    pub facts: Facts,
    pub people: ChannelPeople,
    pub second_account_reason: Option<String>,
}

/// A channel about to be registered.
#[derive(Clone, Debug)]
pub struct NewChannel {
    pub facts: Facts,
    pub people: ChannelPeople,
    pub filing: FilingState,
    pub running: RunningState,
    pub file_by: Option<NaiveDate>,
    pub filed_source: Option<String>,
    pub filing_number: Option<String>,
    pub second_account_reason: Option<String>,
}

impl Channel {
    /// What is said of it now.
    pub fn content(&self) -> Content {
        Content {
            facts: self.facts.clone(),
            people: self.people.clone(),
            second_account_reason: self.second_account_reason.clone(),
        }
    }

    /// Where rights over it are held: its unit with all above, and itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn place(&self, db: &impl ConnectionTrait) -> Result<Place, Fault> {
        Ok(scope::place(db, self.facts.unit).await?.on(Some(self.id)))
    }
}
