//! Filing (备案): a channel is registered only after its unit, the publicity officer and the publicity
//! head have each signed (R-REG-2). Rules, store, pages and API of openings.

mod api;
mod attachments;
mod checklist;
mod content;
mod drafting;
mod effect;
mod form;
mod list;
mod lookup;
mod pages;
mod route;
mod rules;
mod service;
mod show;
mod store;
#[cfg(test)]
mod tests;
mod upload;

pub use api::docs;
pub use attachments::{Attachment, add as attach};
pub use checklist::{CheckItem, checklist};
pub use content::{Contact, Contacts, Content, Wrong};
pub use drafting::{Draft, begin, edit, submit};
pub use effect::move_unit;
pub use lookup::{Counts, Line, Listing, Query, View, counts, list as listing, of_channel};
pub use route::{Route, Shortage};
pub use rules::{Act, Course, Party, Refusal, Stage, Standing, Step, Verdict};
pub use service::{Opinion, agree, open_for, send_back, withdraw};
pub use store::find;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    ChannelId, Fault, FilingId, Permission, Place, UnitId, scope,
    secrets::SealedColumn,
    web::{Access, Routes},
};

/// A filing. Openings only, so far: changes and cancellations are kinds of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    pub id: FilingId,
    /// Counts the changes; a change names the one it saw.
    pub version: i32,
    /// 开设部门.
    pub unit: UnitId,
    /// The channel: from the beginning for one that is 待补录备案, else from the decision on.
    pub channel: Option<ChannelId>,
    pub content: Content,
    pub contacts: Contacts,
    pub course: Course,
    pub document_number: Option<String>,
    /// Until when the present step should be taken.
    pub due: Option<DateTime<Utc>>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub effective_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Filing {
    /// Where rights over it are held.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn place(&self, db: &impl ConnectionTrait) -> Result<Place, Fault> {
        Ok(scope::place(db, self.unit).await?.on(self.channel))
    }

    /// The name for titles; a draft may have none yet.
    pub fn title(&self) -> &str {
        match self.content.name.as_str() {
            "" => "未命名",
            name => name,
        }
    }

    /// The name for what can never be deleted or leaves the house (audit, work, mail): the account of a
    /// person may bear their name.
    pub fn lasting_title(&self) -> String {
        if self.content.holder == "person_by_post" {
            format!("职务个人账号（备案第 {} 号）", self.id)
        } else {
            format!("“{}”", self.title())
        }
    }

    /// Its page.
    pub fn href(&self) -> String {
        format!("/filings/{}", self.id)
    }
}

/// What filings are called in the audit chain and the list of work.
pub const SUBJECT: &str = "filing";

/// The kinds of work that filings make, with their names for people.
pub const WORK_KINDS: &[(&str, &str)] = &[
    (effect::SIGN, "备案签署"),
    (effect::CHECK, "备案审核"),
    (effect::DECIDE, "备案审定"),
    (effect::CORRECT, "修改被退回的备案"),
    (effect::SEAL, "补交盖章扫描件"),
    (zhendi_people::role::AWAITED, "为运维人员授权"),
];

/// The sealed columns of filings, for the rotation of keys.
pub const SEALED: &[SealedColumn] = &[store::SEALED];

/// The pages and the API of filings.
pub fn routes() -> Routes {
    let see = Access::Needs(Permission::ViewFilings);
    let write = Access::Needs(Permission::DraftFilings);
    let decide = Access::Needs(Permission::DecideFilings);
    Routes::new()
        .get("/filings", see, list::page)
        .get("/filings/new", write, form::new)
        .post("/filings", write, form::create)
        .get("/filings/{id}", see, show::show)
        .get("/filings/{id}/edit", write, form::edit)
        .post("/filings/{id}/edit", write, form::save)
        .post("/filings/{id}/submissions", write, pages::submit)
        .post("/filings/{id}/signatures", decide, pages::sign)
        .post("/filings/{id}/checks", decide, pages::check)
        .post("/filings/{id}/decisions", decide, pages::decide)
        .post("/filings/{id}/returns", decide, pages::send_back)
        .post("/filings/{id}/withdrawals", see, pages::withdraw)
        .upload(
            "/filings/{id}/attachments",
            see,
            attachments::REQUEST_LIMIT,
            upload::add,
        )
        .get("/filings/{id}/attachments/{number}", see, upload::download)
        .post(
            "/filings/{id}/attachments/{number}/removals",
            write,
            upload::remove,
        )
        .get("/api/v1/filings", see, api::list)
        .post("/api/v1/filings", write, api::create)
        .get("/api/v1/filings/{id}", see, api::show)
        .post("/api/v1/filings/{id}/submissions", write, api::submit)
        .post("/api/v1/filings/{id}/signatures", decide, api::sign)
        .post("/api/v1/filings/{id}/checks", decide, api::check)
        .post("/api/v1/filings/{id}/decisions", decide, api::decide)
        .post("/api/v1/filings/{id}/returns", decide, api::send_back)
        .post("/api/v1/filings/{id}/withdrawals", see, api::withdraw)
}
