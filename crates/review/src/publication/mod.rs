//! From approval to what is live (R-REV-5 to R-REV-7): publishing, correcting, withdrawing, emergencies.

mod api;
mod approval;
mod effect;
pub mod emergency;
mod emergency_pages;
mod list;
mod lookup;
mod pages;
mod question;
mod rules;
mod send;
mod service;
mod show;
mod store;
#[cfg(test)]
mod tests;
mod watch;

pub use api::docs;
pub use approval::{
    Approval, Approver, NewApproval, find as find_approval, grant, of_manuscript as approvals,
    revoke,
};

pub use question::{Question, Standing, Verdict, is_approved};
pub use rules::{Act, Emergency, Party, Publication, Reason, Refusal, Review, State, Withdrawal};
pub use service::{
    TakeDown, Upload, Wrong, cancel, confirm, open_for, order, prove_removed, stop, withdraw,
};
pub use show::part;
pub use store::{find, of_manuscript as of};

use crate::{
    connector::{self, Way},
    ids::{ManuscriptId, PublicationId, VersionId},
};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    ChannelId, Fault, Permission,
    files::MAX_UPLOAD,
    jobs::Handlers,
    web::{Access, Routes},
};

/// What publications are called in the audit chain and the list of work.
pub const SUBJECT: &str = "publication";

/// The kinds of work, with their names for people.
pub const WORK_KINDS: &[(&str, &str)] = &[
    ("connection.mend", "修复发布通道"),
    ("connection.renew", "更新发布通道的密钥"),
    (effect::PUBLISH, "发布稿件"),
    (effect::CONFIRM, "登记发布链接"),
    (effect::MEND, "处理发布失败"),
    (effect::TAKE_DOWN, "撤下稿件并上传证明"),
    (effect::REVIEW, "应急发布补审"),
];

/// What of a manuscript is at a platform now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    pub publication: PublicationId,
    pub channel: ChannelId,
    pub version: VersionId,
    pub link: Option<String>,
}

/// What of a manuscript is live, one for each channel at most.
///
/// # Errors
/// When the database fails.
pub async fn live(db: &impl ConnectionTrait, manuscript: ManuscriptId) -> Result<Vec<Live>, Fault> {
    let all = store::of_manuscript(db, manuscript).await?;
    let live = all.into_iter().filter(|one| one.state.is_live());
    Ok(live
        .map(|one| Live {
            publication: one.id,
            channel: one.channel,
            version: one.content,
            link: one.link,
        })
        .collect())
}

/// What a channel's feed shows, the latest first.
pub(crate) async fn in_feed(
    db: &impl ConnectionTrait,
    channel: ChannelId,
) -> Result<Vec<Publication>, Fault> {
    store::on_channel(db, channel, Way::Feed, &[State::Sent, State::Published], 50).await
}

/// What a channel's feed showed and shows no longer.
pub(crate) async fn out_of_feed(
    db: &impl ConnectionTrait,
    channel: ChannelId,
) -> Result<Vec<Publication>, Fault> {
    store::on_channel(
        db,
        channel,
        Way::Feed,
        &[State::Withdrawing, State::Withdrawn],
        100,
    )
    .await
}

/// Pages and API.
pub fn routes() -> Routes {
    // An author sees their own, whatever roles they hold: each page looks at what is asked for.
    let see = Access::SignedIn;
    let publish = Access::Needs(Permission::PublishContent);
    let settings = Access::Needs(Permission::ManageWorkflows);
    let limit = MAX_UPLOAD + (64 << 10);
    Routes::new()
        .get("/publications", see, list::page)
        .get("/publications.csv", see, list::csv)
        .get("/publications.xlsx", see, list::xlsx)
        .get("/publications/{id}", see, pages::show)
        .get("/publications/{id}/proofs/{number}", see, pages::proof)
        .post("/publications/{id}/orders", publish, pages::order)
        .post("/publications/{id}/cancellations", publish, pages::cancel)
        .upload("/publications/{id}/links", publish, limit, pages::confirm)
        .upload(
            "/publications/{id}/withdrawals",
            see,
            limit,
            pages::withdraw,
        )
        .upload(
            "/publications/{id}/withdrawal-proofs",
            see,
            limit,
            pages::prove,
        )
        .post(
            "/publications/{id}/reviews",
            Access::Needs(Permission::ReviewManuscripts),
            pages::review,
        )
        .post("/manuscripts/{id}/publications", publish, pages::order_all)
        .get("/emergency-publications/new", publish, emergency_pages::new)
        .post("/emergency-publications", publish, emergency_pages::publish)
        .get("/settings/emergency", settings, emergency_pages::list)
        .post("/settings/emergency", settings, emergency_pages::name)
        .post(
            "/settings/emergency/hours",
            settings,
            emergency_pages::hours,
        )
        .post(
            "/settings/emergency/{id}/removals",
            settings,
            emergency_pages::unname,
        )
        .get("/api/v1/publications", see, api::list)
        .get("/api/v1/publications/{id}", see, api::show)
        .post("/api/v1/publications/{id}/orders", publish, api::order)
        .post(
            "/api/v1/publications/{id}/cancellations",
            publish,
            api::cancel,
        )
        .post("/api/v1/publications/{id}/withdrawals", see, api::withdraw)
        .get("/api/v1/approvals", see, api::ask)
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    connector::jobs(watch::jobs(send::jobs(handlers)))
}
