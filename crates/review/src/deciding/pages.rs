//! The differences between versions, what happens besides deciding, and the parts that pages of deciding share.

use super::{
    compared::Part,
    diff::{self, Diff},
    document::Document,
    render,
    service::{self, Spot},
    terms::Annotation,
};
use crate::{
    course::{self, Course, Stage, Verdict},
    ids::{AnnotationId, ManuscriptId, VersionId},
    manuscript::{self, Version},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, PersonId, clock,
    form::Posted,
    web::{Flash, Shell, redirect},
};

/// What was asked before, and what the author did about it.
pub(super) struct Point {
    pub id: AnnotationId,
    pub note: String,
    pub quote: String,
    pub who: String,
    pub level: &'static str,
    pub answer: Option<&'static str>,
    pub answer_code: &'static str,
    pub answer_text: String,
    /// Whether the words that were noted still stand in the newer text; none for the whole.
    pub stands: Option<bool>,
}

/// A decision of the trail.
pub(super) struct Past {
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub who: String,
    pub iso: String,
    pub at: String,
    pub text: String,
    pub asked: Vec<(String, String)>,
}

/// Differences as a page shows them.
pub(super) struct Compared {
    pub from: String,
    pub to: String,
    pub summary: String,
    pub facts: Vec<diff::Fact>,
    pub parts: Vec<Part>,
    pub is_none: bool,
}

impl Compared {
    pub fn new(from: String, to: String, diff: &Diff) -> Self {
        Self {
            from,
            to,
            summary: diff.summary(),
            parts: if diff.amount.is_none() {
                vec![]
            } else {
                diff.parts()
            },
            is_none: diff.is_none(),
            facts: diff.facts.clone(),
        }
    }
}

/// The names of channels.
pub(super) async fn channel_names(
    app: &App,
    ids: Vec<ChannelId>,
) -> Result<HashMap<ChannelId, String>, Fault> {
    manuscript::channel_names(app, app.db.read(), &ids).await
}

pub(super) fn channels_of(old: &Version, new: &Version) -> Vec<ChannelId> {
    [old.content.channels.clone(), new.content.channels.clone()].concat()
}

pub(super) fn on_behalf(
    name: &impl Fn(PersonId) -> String,
    by: PersonId,
    principal: Option<PersonId>,
) -> String {
    match principal {
        Some(principal) => format!("{}（代{}）", name(by), name(principal)),
        None => name(by),
    }
}

/// Everyone that a page of this course names.
pub(super) fn people(course: &Course, notes: &[Annotation]) -> Vec<PersonId> {
    let mut all: Vec<PersonId> = course
        .decisions
        .iter()
        .flat_map(|one| one.everyone())
        .collect();
    all.extend(course.rounds.iter().flat_map(|round| round.by.everyone()));
    all.push(course.about.author);
    all.extend(notes.iter().flat_map(|note| {
        std::iter::once(note.by)
            .chain(note.on_behalf_of)
            .chain(note.reply.iter().map(|reply| reply.by))
    }));
    all
}

/// The trail, newest first.
pub(super) fn past(course: &Course, name: &impl Fn(PersonId) -> String) -> Vec<Past> {
    let each = course.decisions.iter().rev();
    each.map(|one| {
        let (tone, icon, verb) = match (one.verdict, one.to) {
            (Verdict::Approve, _) => ("success", "circle-check", "同意".to_owned()),
            (Verdict::Reapprove, _) => ("success", "circle-check", "复核同意".to_owned()),
            (Verdict::Return, Some(to)) => ("warning", "arrow-back-up", format!("退回到{to}")),
            (Verdict::Return, None) => ("warning", "arrow-back-up", "退回作者".to_owned()),
            (Verdict::Discard, _) => ("neutral", "ban", "不予采用".to_owned()),
        };
        let mut text = one.opinion.clone();
        if let Some(record) = &one.proofread {
            let errors: Vec<String> = record
                .errors
                .iter()
                .map(|(kind, count)| format!("{kind} {count}"))
                .collect();
            let found = if errors.is_empty() {
                "没有发现差错".into()
            } else {
                format!("发现差错：{}", errors.join("，"))
            };
            text.push_str(&format!("\n{}：{found}。", record.which));
        }
        if one.paper.is_some() {
            text.push_str("\n（纸质审核，由工作人员登记）");
        }
        Past {
            tone,
            icon,
            title: format!("{}：{verb}", one.level),
            who: on_behalf(name, one.by.person, one.by.on_behalf_of),
            iso: one.at.to_rfc3339(),
            at: clock::show(&one.at),
            text: text.trim().to_owned(),
            asked: one
                .asked
                .iter()
                .map(|asked| (render::quotation(&asked.quote), asked.what.clone()))
                .collect(),
        }
    })
    .collect()
}

/// Points with what became of them in a newer text.
pub(super) fn points(
    all: &[Annotation],
    newer: &Document,
    name: &impl Fn(PersonId) -> String,
) -> Vec<Point> {
    let text = newer.text();
    all.iter()
        .map(|one| Point {
            id: one.id,
            note: one.note.clone(),
            quote: render::quotation(&one.quote),
            who: on_behalf(name, one.by, one.on_behalf_of),
            level: one.level.label(),
            answer: one.reply.as_ref().map(|reply| reply.answer.label()),
            answer_code: one.reply.as_ref().map_or("", |reply| reply.answer.code()),
            answer_text: one
                .reply
                .as_ref()
                .map(|reply| reply.text.clone())
                .unwrap_or_default(),
            stands: (!one.quote.is_empty()).then(|| text.contains(&one.quote)),
        })
        .collect()
}

/// What a page asks while it is open.
#[derive(serde::Deserialize)]
pub(super) struct Since {
    #[serde(default)]
    version: i32,
}

/// GET /manuscripts/{id}/review/news: whether something happened since the page was opened, in words.
pub(super) async fn news(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    Query(since): Query<Since>,
) -> Result<Response, Fault> {
    let (course, _) = course::open_for(&app, &actor, id).await?;
    if course.version == since.version {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let words = match course.stage {
        Stage::Recalled => "作者已撤回这篇稿件，正在修改。本页内容已不在审核中。".to_owned(),
        Stage::Reviewing => format!(
            "这篇稿件刚有新的进展：现在是第 {} 版，处于“{}”。请刷新后再办理。",
            course.about.number, course.level
        ),
        stage => format!("这篇稿件刚刚办理过，现在是“{stage}”。"),
    };
    Ok(words.into_response())
}

/// POST /manuscripts/{id}/annotations
pub(super) async fn annotate(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let content: VersionId = posted
        .get("content")
        .parse()
        .map_err(|_| Fault::Malformed("没有收到稿件的版本，请刷新页面。".into()))?;
    let place = |name| posted.get(name).parse::<usize>().ok();
    // With script off a passage is chosen instead of words.
    let spot = match (place("from").zip(place("to")), place("passage")) {
        (Some((from, to)), _) => Spot::Words(from..to, posted.get("quote").to_owned()),
        (None, Some(number)) if number > 0 => Spot::Passage(number),
        _ => Spot::Whole,
    };
    let made = service::annotate(&app, &actor, id, content, spot, posted.get("note")).await?;
    let to = format!("/manuscripts/{id}/review?full=1#annotation-{made}");
    Ok(redirect(to, Flash::success("批注已保存。")))
}

/// POST /manuscripts/{id}/annotations/{annotation}/removals
pub(super) async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path((id, annotation)): Path<(ManuscriptId, AnnotationId)>,
    _: Posted,
) -> Result<Response, Fault> {
    service::remove(&app, &actor, id, annotation).await?;
    Ok(redirect(
        format!("/manuscripts/{id}/review?full=1"),
        Flash::success("批注已删除。"),
    ))
}

/// Which versions are compared.
#[derive(serde::Deserialize)]
pub(super) struct Between {
    #[serde(default)]
    from: i32,
    #[serde(default)]
    to: i32,
}

#[derive(Template, WebTemplate)]
#[template(path = "deciding/differences.html")]
struct DifferencesPage {
    shell: Shell,
    id: ManuscriptId,
    title: String,
    from: i32,
    to: i32,
    numbers: Vec<i32>,
    compared: Compared,
}

impl DifferencesPage {
    fn is(&self, a: &i32, b: &i32) -> bool {
        a == b
    }
}

/// GET /manuscripts/{id}/differences: any two versions, the last two unless asked otherwise.
pub(super) async fn differences(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ManuscriptId>,
    Query(between): Query<Between>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let of = manuscript::open_for(db, &actor, id).await?;
    let all = manuscript::versions(db, id).await?;
    let last = all.last().ok_or(Fault::NotFound)?.number;
    let to = if between.to == 0 { last } else { between.to };
    let from = if between.from == 0 {
        to.saturating_sub(1).max(1)
    } else {
        between.from
    };
    let find = |number| {
        all.iter()
            .find(|one| one.number == number)
            .ok_or(Fault::NotFound)
    };
    let (old, new) = (find(from)?, find(to)?);
    let names = channel_names(&app, channels_of(old, new)).await?;
    let diff = diff::compare(old.content.clone(), new.content.clone(), names).await?;
    Ok(DifferencesPage {
        id,
        title: of.called().to_owned(),
        compared: Compared::new(format!("第 {from} 版"), format!("第 {to} 版"), &diff),
        numbers: all.iter().map(|one| one.number).collect(),
        from,
        to,
        shell,
    }
    .into_response())
}
