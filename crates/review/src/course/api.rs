//! Review, as programs see it: the same verbs as the pages.

use super::{
    queue::{self, Cursor, Line, Place, Query as Wanted, View},
    rules::{
        Asked, Checked, Course, Decision, Level, ProofRecord, Said, Seat, Stage, Target, Verdict,
    },
    service::{self, Deed, Submitting},
};
use crate::ids::{ManuscriptId, VersionId};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::web::body::{self, Body};
use zhendi_kernel::{Actor, App, ChannelId, Fault, PersonId, UnitId};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{
        __path_decide, __path_list, __path_mark_major, __path_recall, __path_release, __path_show,
        __path_submit, __path_take, decide, list, mark_major, recall, release, show, submit, take,
    };
}

/// A manuscript in the queue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewSummary {
    pub manuscript: ManuscriptId,
    /// What a change must name.
    pub version: i32,
    pub title: String,
    pub unit: UnitId,
    pub channel: ChannelId,
    pub platform: String,
    pub author: PersonId,
    pub stage: Stage,
    pub level: Level,
    /// Who has it now.
    pub turn: Option<Seat>,
    pub major: bool,
    /// Departments have it (R-INS-7): until they are done nobody approves it.
    pub stopped: bool,
    pub held_by: Option<PersonId>,
    pub due: Option<DateTime<Utc>>,
    pub overdue: bool,
    pub submitted_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl ReviewSummary {
    fn of(line: Line, now: DateTime<Utc>) -> Self {
        let stage = line.stage();
        Self {
            level: line.level(),
            turn: line.seat(),
            held_by: line.held(now),
            overdue: stage == Stage::Reviewing && line.due_at.is_some_and(|due| due < now),
            stage,
            manuscript: line.manuscript_id,
            version: line.version,
            title: line.title,
            unit: line.unit_id,
            channel: line.channel_id,
            platform: line.platform,
            author: line.author_id,
            major: line.major,
            stopped: line.stopped,
            due: line.due_at,
            submitted_at: line.submitted_at,
            updated_at: line.updated_at,
        }
    }
}

/// A page of the queue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewPage {
    pub items: Vec<ReviewSummary>,
    /// Give it as `after` for the next page; none at the end.
    pub next: Option<String>,
}

/// What of the queue is wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct ReviewParams {
    pub view: Option<View>,
    pub level: Option<Level>,
    /// A unit with everything below it.
    pub unit: Option<UnitId>,
    /// A platform's code.
    pub platform: Option<String>,
    /// Only major matters.
    pub major: bool,
    pub q: String,
    pub after: Option<String>,
}

/// A decision at a level.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewDecision {
    pub id: i64,
    /// Counts submissions, from 1.
    pub round: i32,
    pub level: Level,
    /// The exact content that was decided on.
    pub content: VersionId,
    /// Its SHA-256.
    pub hash: String,
    pub verdict: Verdict,
    /// The earlier level to which it was returned; none is the author.
    pub to: Option<Level>,
    pub person: PersonId,
    pub on_behalf_of: Option<PersonId>,
    pub opinion: String,
    pub checklist: Vec<Checked>,
    pub proofread: Option<ProofRecord>,
    pub asked: Vec<Asked>,
    /// Set for a decision that was taken on paper: its number and date.
    pub paper_number: Option<String>,
    pub paper_date: Option<NaiveDate>,
    pub at: DateTime<Utc>,
}

impl From<Decision> for ReviewDecision {
    fn from(one: Decision) -> Self {
        Self {
            paper_number: one.paper.as_ref().map(|paper| paper.number.clone()),
            paper_date: one.paper.as_ref().map(|paper| paper.decided_on),
            id: one.id,
            round: one.round,
            level: one.level,
            content: one.content,
            hash: one.hash.to_string(),
            verdict: one.verdict,
            to: one.to,
            person: one.by.person,
            on_behalf_of: one.by.on_behalf_of,
            opinion: one.opinion,
            checklist: one.checklist,
            proofread: one.proofread,
            asked: one.asked,
            at: one.at,
        }
    }
}

/// Where a manuscript stands in review.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewView {
    pub manuscript: ManuscriptId,
    /// What a change must name.
    pub version: i32,
    pub stage: Stage,
    /// The level that has it, or had it last.
    pub level: Level,
    pub turn: Option<Seat>,
    /// Counts submissions, from 1.
    pub round: i32,
    /// The content under review, or last reviewed, with its number and SHA-256.
    pub content: VersionId,
    pub content_number: i32,
    pub hash: String,
    pub major: bool,
    /// Departments have it (R-INS-7): until they are done nobody approves it.
    pub stopped: bool,
    pub held_by: Option<PersonId>,
    pub due: Option<DateTime<Utc>>,
    pub submitted_at: DateTime<Utc>,
    pub approved_at: Option<DateTime<Utc>>,
    /// Until when the approval is good.
    pub expires_at: Option<DateTime<Utc>>,
    pub decisions: Vec<ReviewDecision>,
}

impl ReviewView {
    fn of(course: Course, now: DateTime<Utc>) -> Self {
        let (content, hash) = course.content();
        let hash = hash.to_string();
        let turn = course
            .at_level()
            .ok()
            .and_then(|level| course.route.0.get(&level));
        Self {
            manuscript: course.manuscript,
            version: course.version,
            stage: course.stage,
            level: course.level,
            turn: turn.map(|post| post.seat),
            round: course.round().number,
            content,
            content_number: course.about.number,
            hash,
            major: course.major,
            stopped: course.stopped,
            held_by: course.held(now).map(|hold| hold.by.person),
            due: course.due,
            submitted_at: course.submitted_at,
            approved_at: course.approved_at,
            expires_at: course.expires_at,
            decisions: course
                .decisions
                .into_iter()
                .map(ReviewDecision::from)
                .collect(),
        }
    }
}

/// The queue.
#[utoipa::path(
    get, path = "/api/v1/reviews", operation_id = "list_reviews", tag = "review", params(ReviewParams),
    responses((status = 200, body = ReviewPage))
)]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(params): Query<ReviewParams>,
) -> Result<Json<ReviewPage>, Fault> {
    let now = app.now();
    let wanted = Wanted {
        view: params.view.unwrap_or_default(),
        level: params.level,
        unit: params.unit,
        platform: params.platform,
        major: params.major,
        text: params.q.chars().take(100).collect(),
        at: params
            .after
            .as_deref()
            .and_then(Place::parse)
            .map_or(Cursor::First, Cursor::After),
    };
    let db = app.db.read();
    let leaf = queue::leaf(db, &actor, &wanted, now).await?;
    Ok(Json(ReviewPage {
        items: leaf
            .rows
            .into_iter()
            .map(|line| ReviewSummary::of(line, now))
            .collect(),
        next: leaf.after.map(|place| place.to_string()),
    }))
}

/// Where a manuscript stands, with all decisions.
#[utoipa::path(
    get, path = "/api/v1/manuscripts/{id}/review", operation_id = "show_review", tag = "review",
    params(("id" = ManuscriptId, Path)), responses((status = 200, body = ReviewView), (status = 404))
)]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
) -> Result<Json<ReviewView>, Fault> {
    let (course, _) = service::open_for(&app, &actor, id).await?;
    Ok(Json(ReviewView::of(course, app.now())))
}

/// A submission.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewSubmission {
    /// The revision of the working copy that was seen; without it the copy is taken as it is.
    #[serde(default)]
    pub revision: Option<i64>,
    /// Why it is a major matter, when it is one.
    #[serde(default)]
    pub major: Option<String>,
    /// For the reviewers.
    #[serde(default)]
    pub note: String,
}

/// Hands a manuscript in.
#[utoipa::path(
    post, path = "/api/v1/manuscripts/{id}/submissions", operation_id = "submit_manuscript", tag = "review",
    params(("id" = ManuscriptId, Path)), request_body = NewSubmission,
    responses((status = 200, body = ReviewView), (status = 404), (status = 409))
)]
pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    new: Body<NewSubmission>,
) -> Result<Json<ReviewView>, Fault> {
    let new = body::read(new)?;
    let submitting = Submitting {
        seen: new.revision,
        major: new.major,
        note: new.note,
    };
    let after = Box::pin(service::submit(&app, &actor, id, submitting)).await?;
    Ok(Json(ReviewView::of(after, app.now())))
}

/// A decision to be taken.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewReviewDecision {
    /// The version of the course that was looked at.
    pub version: i32,
    pub verdict: Verdict,
    #[serde(default)]
    pub opinion: String,
    /// Where a return goes: an earlier level; none is the author.
    #[serde(default)]
    pub to: Option<Level>,
    /// The points of the checklist that were ticked, by their words.
    #[serde(default)]
    pub checked: Vec<String>,
    #[serde(default)]
    pub proofread: Option<ProofRecord>,
    #[serde(default)]
    pub asked: Vec<Asked>,
}

/// Decides at the level that has it.
#[utoipa::path(
    post, path = "/api/v1/manuscripts/{id}/decisions", operation_id = "decide_review", tag = "review",
    params(("id" = ManuscriptId, Path)), request_body = NewReviewDecision,
    responses((status = 200, body = ReviewView), (status = 403), (status = 404), (status = 409))
)]
pub async fn decide(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    new: Body<NewReviewDecision>,
) -> Result<Json<ReviewView>, Fault> {
    let new = body::read(new)?;
    let opened = service::open_for(&app, &actor, id).await?;
    let rung = opened.0.law.rung(opened.0.level);
    let points = rung.map_or(&[][..], |rung| &rung.checklist);
    let said = Said {
        opinion: super::opinion(&new.opinion)?,
        checklist: points
            .iter()
            .map(|point| Checked {
                text: point.text.clone(),
                required: point.required,
                ok: new.checked.contains(&point.text),
            })
            .collect(),
        proofread: new.proofread,
        asked: new.asked,
    };
    let deed = match new.verdict {
        Verdict::Approve => Deed::Approve(said),
        Verdict::Reapprove => Deed::Reapprove(said.opinion),
        Verdict::Discard => Deed::Discard(said.opinion),
        Verdict::Return => Deed::Return(new.to.map_or(Target::Author, Target::Level), said),
    };
    let after = Box::pin(service::decide(&app, &actor, opened, new.version, deed)).await?;
    Ok(Json(ReviewView::of(after, app.now())))
}

/// The version that was looked at, with a reason where one is needed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ReviewSeen {
    /// The version of the course that was looked at.
    pub version: i32,
    #[serde(default)]
    pub reason: String,
}

/// The author takes it back.
#[utoipa::path(
    post, path = "/api/v1/manuscripts/{id}/recalls", operation_id = "recall_manuscript", tag = "review",
    params(("id" = ManuscriptId, Path)), request_body = ReviewSeen,
    responses((status = 200, body = ReviewView), (status = 403), (status = 404), (status = 409))
)]
pub async fn recall(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    seen: Body<ReviewSeen>,
) -> Result<Json<ReviewView>, Fault> {
    let seen = body::read(seen)?;
    let after = service::recall(&app, &actor, id, seen.version, &seen.reason).await?;
    Ok(Json(ReviewView::of(after, app.now())))
}

/// Takes it for oneself for some hours.
#[utoipa::path(
    post, path = "/api/v1/manuscripts/{id}/holds", operation_id = "take_review", tag = "review",
    params(("id" = ManuscriptId, Path)), request_body = ReviewSeen,
    responses((status = 200, body = ReviewView), (status = 403), (status = 404), (status = 409))
)]
pub async fn take(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    seen: Body<ReviewSeen>,
) -> Result<Json<ReviewView>, Fault> {
    let after = service::take(&app, &actor, id, body::read(seen)?.version).await?;
    Ok(Json(ReviewView::of(after, app.now())))
}

/// Gives it back to everyone of the level.
#[utoipa::path(
    post, path = "/api/v1/manuscripts/{id}/holds/releases", operation_id = "release_review", tag = "review",
    params(("id" = ManuscriptId, Path)), request_body = ReviewSeen,
    responses((status = 200, body = ReviewView), (status = 404), (status = 409))
)]
pub async fn release(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    seen: Body<ReviewSeen>,
) -> Result<Json<ReviewView>, Fault> {
    let after = service::release(&app, &actor, id, body::read(seen)?.version).await?;
    Ok(Json(ReviewView::of(after, app.now())))
}

/// That it is a major matter, or is none after all.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewMajorMark {
    /// The version of the course that was looked at.
    pub version: i32,
    pub major: bool,
    pub reason: String,
}

/// Marks it as a major matter, or takes the mark away.
#[utoipa::path(
    post, path = "/api/v1/manuscripts/{id}/major-marks", operation_id = "mark_manuscript_major", tag = "review",
    params(("id" = ManuscriptId, Path)), request_body = NewMajorMark,
    responses((status = 200, body = ReviewView), (status = 403), (status = 404), (status = 409))
)]
pub async fn mark_major(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    mark: Body<NewMajorMark>,
) -> Result<Json<ReviewView>, Fault> {
    let mark = body::read(mark)?;
    let marked = service::mark_major(&app, &actor, id, mark.version, mark.major, &mark.reason);
    Ok(Json(ReviewView::of(marked.await?, app.now())))
}
