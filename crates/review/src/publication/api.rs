//! Publications, as programs see them, and the question whether something is approved.

use super::{
    lookup,
    question::{self, Question, Standing},
    rules::{Publication, State, Withdrawal},
    service::{self, TakeDown, Wrong},
};
use crate::{
    connector::Way,
    ids::{ManuscriptId, PublicationId, VersionId},
};
use axum::{
    Json,
    extract::{Path, Query, State as Extract},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::web::body::{self, Body};
use zhendi_kernel::{Actor, App, ChannelId, Fault};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{
        __path_ask, __path_cancel, __path_list, __path_order, __path_show, __path_withdraw, ask,
        cancel, list, order, show, withdraw,
    };
}

/// A version of a manuscript on one channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicationView {
    pub id: PublicationId,
    /// Goes with every verb: nobody publishes what they have not seen.
    pub version: i32,
    pub manuscript: ManuscriptId,
    pub content: VersionId,
    /// SHA-256 of the content.
    pub hash: String,
    pub channel: ChannelId,
    pub title: String,
    pub state: State,
    pub way: Way,
    pub link: Option<String>,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub published_at: Option<DateTime<Utc>>,
    /// Went live before its review, and nobody approved it yet.
    pub unapproved_emergency: bool,
    pub withdrawal: Option<WithdrawalView>,
    /// What the platform said last.
    pub message: String,
}

/// Why it was taken down.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WithdrawalView {
    pub reason: super::Reason,
    pub note: String,
    pub at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
}

impl From<Withdrawal> for WithdrawalView {
    fn from(one: Withdrawal) -> Self {
        Self {
            reason: one.reason,
            note: one.note,
            at: one.at,
            done_at: one.done_at,
        }
    }
}

impl From<Publication> for PublicationView {
    fn from(one: Publication) -> Self {
        Self {
            unapproved_emergency: one.is_unapproved_emergency(),
            id: one.id,
            version: one.version,
            manuscript: one.manuscript,
            content: one.content,
            hash: one.hash.to_string(),
            channel: one.channel,
            title: one.title,
            state: one.state,
            way: one.way,
            link: one.link,
            scheduled_at: one.scheduled_at,
            published_at: one.published_at,
            withdrawal: one.withdrawal.map(Into::into),
            message: one.message,
        }
    }
}

/// A page of publications.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicationPage {
    pub items: Vec<PublicationView>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// Which publications.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PublicationQuery {
    pub channel: Option<i64>,
    /// A code of a state.
    pub state: String,
    pub q: String,
    /// From 1.
    pub page: u64,
}

fn wrong(wrongs: Vec<Wrong>) -> Fault {
    let words: Vec<String> = wrongs.into_iter().map(|(_, words)| words).collect();
    Fault::Malformed(words.join(" "))
}

/// The publications that the caller may see, the newest first.
#[utoipa::path(
    get, path = "/api/v1/publications", tag = "publications", params(PublicationQuery), operation_id = "list_publications",
    responses((status = 200, body = PublicationPage), (status = 401)),
)]
pub async fn list(
    Extract(app): Extract<App>,
    actor: Actor,
    Query(asked): Query<PublicationQuery>,
) -> Result<Json<PublicationPage>, Fault> {
    let wanted = lookup::Query {
        channel: asked.channel.map(ChannelId),
        state: State::parse(&asked.state),
        text: asked.q.chars().take(100).collect(),
        page: asked.page.max(1),
        per_page: lookup::PER_PAGE,
        ..lookup::Query::default()
    };
    let (rows, total) = lookup::list(app.db.read(), &actor, &wanted).await?;
    Ok(Json(PublicationPage {
        items: rows.into_iter().map(Into::into).collect(),
        page: wanted.page,
        pages: total.div_ceil(lookup::PER_PAGE).max(1),
        total,
    }))
}

/// One publication.
#[utoipa::path(
    get, path = "/api/v1/publications/{id}", tag = "publications", params(("id" = i64, Path)), operation_id = "show_publication",
    responses((status = 200, body = PublicationView), (status = 401), (status = 404)),
)]
pub async fn show(
    Extract(app): Extract<App>,
    actor: Actor,
    Path(id): Path<PublicationId>,
) -> Result<Json<PublicationView>, Fault> {
    let (one, _) = service::open_for(&app, &actor, id).await?;
    Ok(Json(one.into()))
}

/// An order to publish.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// The version that was looked at.
    pub version: i32,
    /// At this moment; at once without one.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
}

/// The channel's admin orders it, at once or at a time.
#[utoipa::path(
    post, path = "/api/v1/publications/{id}/orders", tag = "publications", params(("id" = i64, Path)), request_body = NewOrder, operation_id = "order_publication",
    responses((status = 200, body = PublicationView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn order(
    Extract(app): Extract<App>,
    actor: Actor,
    Path(id): Path<PublicationId>,
    posted: Body<NewOrder>,
) -> Result<Json<PublicationView>, Fault> {
    let new = body::read(posted)?;
    let one = service::order(&app, &actor, id, new.version, new.at).await?;
    Ok(Json(one.into()))
}

/// The version that was looked at.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PublicationSeen)]
pub struct Seen {
    pub version: i32,
}

/// Takes an order back that was not carried out yet.
#[utoipa::path(
    post, path = "/api/v1/publications/{id}/cancellations", tag = "publications", params(("id" = i64, Path)), request_body = Seen, operation_id = "cancel_publication",
    responses((status = 200, body = PublicationView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn cancel(
    Extract(app): Extract<App>,
    actor: Actor,
    Path(id): Path<PublicationId>,
    posted: Body<Seen>,
) -> Result<Json<PublicationView>, Fault> {
    let seen = body::read(posted)?.version;
    let one = service::cancel(&app, &actor, id, seen).await?;
    Ok(Json(one.into()))
}

/// A withdrawal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWithdrawal {
    /// The version that was looked at.
    pub version: i32,
    pub reason: super::Reason,
    /// Needed where the reason is another.
    #[serde(default)]
    pub note: String,
}

/// Orders that it be taken down.
#[utoipa::path(
    post, path = "/api/v1/publications/{id}/withdrawals", tag = "publications", params(("id" = i64, Path)), request_body = NewWithdrawal, operation_id = "withdraw_publication",
    responses((status = 200, body = PublicationView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
)]
pub async fn withdraw(
    Extract(app): Extract<App>,
    actor: Actor,
    Path(id): Path<PublicationId>,
    posted: Body<NewWithdrawal>,
) -> Result<Json<PublicationView>, Fault> {
    let new = body::read(posted)?;
    let said = TakeDown {
        reason: new.reason.code().into(),
        note: new.note,
        proof: None,
    };
    let one = service::withdraw(&app, &actor, id, new.version, said)
        .await?
        .map_err(wrong)?;
    Ok(Json(one.into()))
}

/// What is asked about: one of the two.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ApprovalQuery {
    /// SHA-256 of the content, 64 hexadecimal digits.
    pub hash: String,
    /// The link of a post.
    pub link: String,
}

/// Whether it is approved.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApprovalView {
    pub approved: bool,
    pub standing: Standing,
    pub hash: Option<String>,
    pub granted_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub places: Vec<ApprovalPlace>,
}

/// Where it stands or stood.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ApprovalPlace {
    pub channel: ChannelId,
    pub state: State,
    pub link: Option<String>,
    pub published_at: Option<DateTime<Utc>>,
}

/// Whether a content or link is approved. The answer names neither persons nor content.
#[utoipa::path(
    get, path = "/api/v1/approvals", tag = "publications", params(ApprovalQuery), operation_id = "ask_approval",
    responses((status = 200, body = ApprovalView), (status = 400), (status = 401)),
)]
pub async fn ask(
    Extract(app): Extract<App>,
    _: Actor,
    Query(asked): Query<ApprovalQuery>,
) -> Result<Json<ApprovalView>, Fault> {
    let question = match (asked.hash.trim(), asked.link.trim()) {
        ("", "") => {
            return Err(Fault::Malformed("请给出 hash 或 link 中的一个。".into()));
        }
        ("", link) => Question::Link(link.chars().take(2000).collect()),
        (hash, _) => Question::Hash(
            hash.to_lowercase()
                .parse()
                .map_err(|_| Fault::Malformed("hash 须是 64 位十六进制的 SHA-256。".into()))?,
        ),
    };
    let said = question::is_approved(app.db.read(), &question, app.now()).await?;
    Ok(Json(ApprovalView {
        approved: said.is_approved(),
        standing: said.standing,
        hash: said.hash.map(|hash| hash.to_string()),
        granted_at: said.granted_at,
        expires_at: said.expires_at,
        places: said
            .places
            .into_iter()
            .map(|one| ApprovalPlace {
                channel: one.channel,
                state: one.state,
                link: one.link,
                published_at: one.published_at,
            })
            .collect(),
    }))
}
