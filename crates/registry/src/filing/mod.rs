//! Filing (备案): a channel is opened, changed and cancelled only after its unit, the publicity officer and
//! the publicity head have each signed (R-REG-2). Rules, store, pages and API.

mod api;
mod attachments;
mod batch;
mod checklist;
mod closing;
mod complete;
mod contacts;
mod content;
mod drafting;
mod effect;
mod export;
mod force;
mod form;
mod list;
mod lookup;
mod map;
mod pages;
mod paper;
mod print;
mod record;
mod route;
mod rules;
mod service;
mod show;
mod store;
mod tally;
#[cfg(test)]
mod tests;
mod upload;
mod yearly;

pub use api::docs;
pub use attachments::{Attachment, Purpose, Scan, add as attach};
pub use checklist::{CheckItem, checklist};
pub use closing::{Looked, cancelled_on, prove, recheck};
pub use contacts::{Contact, Contacts};
pub use content::{CONTENT_PLANS, Content, FOLLOWERS_PLANS, Wrong};
pub use drafting::{Draft, begin, edit, submit};
pub use effect::{move_channel, move_unit};
pub use lookup::{
    Line, Listing, Query, View, Waiting, last_effective, list as listing, of_channel, under_way,
    waits,
};
pub use paper::{Entry as PaperEntry, record as record_paper};
pub use print::{Print, PrintedOpinion, for_print};
pub use record::Record;
pub use route::{Route, Shortage};
pub use rules::{
    Act, Closing, Course, Kind, Paper, Party, Refusal, Slip, Stage, Standing, Step, Unsuitable,
    Verdict,
};
pub use service::{Opinion, agree, open_for, send_back, withdraw};
pub use store::find;
pub use yearly::{After, Decided, InForce, in_force};

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    ChannelId, Fault, FilingId, Permission, Place, UnitId, scope,
    secrets::SealedColumn,
    web::{Access, Routes},
};

/// A filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    pub id: FilingId,
    /// Counts the changes; a change names the one it saw.
    pub version: i32,
    /// 备案类型.
    pub kind: Kind,
    /// 开设部门; of a channel that a change gives to another unit, the one that gives it.
    pub unit: UnitId,
    /// The channel: an opening for a new one has none before the decision.
    pub channel: Option<ChannelId>,
    pub content: Content,
    pub contacts: Contacts,
    /// The channel's record that a change or cancellation was written against; once in force, the one it
    /// was applied to.
    pub base: Option<Record>,
    pub course: Course,
    /// What a cancellation in force still waits for.
    pub closing: Option<Closing>,
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

    /// Whether it holds its channel: submitted and not at its end, or a cancellation whose proof is awaited.
    pub fn is_under_way(&self) -> bool {
        match self.course.stage {
            Stage::Awaiting(_) | Stage::Returned => true,
            Stage::Effective => self.closing == Some(Closing::Proof),
            Stage::Draft | Stage::Withdrawn => false,
        }
    }

    /// What a change would do to the record as it stands, or did to the one it was applied to: that record,
    /// with what this makes of it. None for openings.
    pub fn against<'a>(
        &'a self,
        current: Option<&'a Record>,
    ) -> Option<(&'a Record, record::Said)> {
        let base = self.base.as_ref()?;
        let said = self.said();
        match (self.course.stage, current) {
            (Stage::Effective | Stage::Withdrawn, _) | (_, None) => Some((base, said)),
            (_, Some(current)) => Some((current, record::merged(base, &said, current))),
        }
    }

    /// Its cells and people as they were written.
    fn said(&self) -> record::Said {
        record::Said {
            content: self.content.clone(),
            contacts: self.contacts.clone(),
        }
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
    (closing::PROVE, "办理注销并上传平台证明"),
    (closing::RECHECK, "注销复查"),
    (zhendi_people::role::AWAITED, "为运维人员授权"),
    (zhendi_people::role::TO_TAKE, "收回原运维人员角色"),
];

/// The sealed columns of filings, for the rotation of keys.
pub const SEALED: &[SealedColumn] = &store::SEALED;

/// The pages and the API of filings.
pub fn routes() -> Routes {
    let see = Access::Needs(Permission::ViewFilings);
    let write = Access::Needs(Permission::DraftFilings);
    let decide = Access::Needs(Permission::DecideFilings);
    let record = Access::Needs(Permission::RecordPaper);
    let keep = Access::Needs(Permission::ManageRegistry);
    let limit = attachments::REQUEST_LIMIT;
    Routes::new()
        .get("/filings", see, list::page)
        .get("/filings.csv", see, export::csv)
        .get("/filings.xlsx", see, export::xlsx)
        .get("/filings/map", see, map::page)
        .get("/filings/batch", decide, batch::page)
        .post("/filings/batch", decide, batch::agree)
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
        .upload("/filings/{id}/papers", record, limit, upload::paper)
        .upload("/filings/{id}/proofs", write, limit, upload::prove)
        .upload("/filings/{id}/rechecks", keep, limit, upload::recheck)
        .upload("/filings/{id}/attachments", see, limit, upload::add)
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
        .upload(
            "/api/v1/filings/{id}/papers",
            record,
            api::SCAN_LIMIT,
            api::paper,
        )
        .upload(
            "/api/v1/filings/{id}/proofs",
            write,
            api::SCAN_LIMIT,
            api::prove,
        )
        .upload(
            "/api/v1/filings/{id}/rechecks",
            keep,
            api::SCAN_LIMIT,
            api::recheck,
        )
}
