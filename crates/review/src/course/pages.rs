//! The verbs of review, as the buttons of pages press them. Every form posts `version`, the version of the
//! course that its page showed.

use super::{
    rules::{Asked, Checked, Course, Level, ProofRecord, Said, Stage, Target, Verdict},
    service::{self, Deed, Submitting},
};
use crate::ids::ManuscriptId;
use axum::{
    extract::{Path, State},
    response::Response,
};
use zhendi_kernel::{
    Actor, App, Fault,
    form::Posted,
    text,
    web::{Flash, redirect},
};

/// Points that one return may ask for.
const MOST_ASKED: usize = 100;
/// Longest opinion, and longest of the other words.
const LONG: usize = 2_000;

fn seen(posted: &Posted) -> i32 {
    // Versions begin at 1: a form without one has seen nothing.
    posted.get("version").parse().unwrap_or(0)
}

fn lines(posted: &Posted, name: &str, label: &str) -> Result<String, Fault> {
    text::lines(posted.get(name), LONG)
        .map_err(|error| Fault::Malformed(format!("{label}：{error}")))
}

/// What a decision's form says. Its fields: `verdict` (a code of [`Verdict`]); `to` (`author` or a code of
/// [`Level`]); `opinion`; `checked`, the numbers from 0 of the points of the level's checklist that were
/// ticked; `proofread` when the proofread was done, with numbers `errors_文字` and so on by kind
/// ([`ERROR_KINDS`]); and, each repeated in the same order, `asked`, `asked_quote`, `asked_from`, `asked_to`.
///
/// # Errors
/// `Fault::Malformed` for what cannot be read.
pub fn deed(course: &Course, posted: &Posted) -> Result<Deed, Fault> {
    let opinion = lines(posted, "opinion", "意见")?;
    let verdict = Verdict::parse(posted.get("verdict"))
        .ok_or_else(|| Fault::Malformed("请选择同意或退回。".into()))?;
    let rung = course.law.rung(course.level);
    let ticked: Vec<usize> = posted
        .all("checked")
        .filter_map(|nth| nth.parse().ok())
        .collect();
    let points = rung.map_or(&[][..], |rung| &rung.checklist);
    let checklist = points
        .iter()
        .enumerate()
        .map(|(nth, point)| Checked {
            text: point.text.clone(),
            required: point.required,
            ok: ticked.contains(&nth),
        })
        .collect();
    let proofread = match rung.and_then(|rung| rung.proofread) {
        Some(which) if posted.ticked("proofread") => Some(ProofRecord {
            which,
            errors: errors(posted)?,
        }),
        _ => None,
    };
    let said = Said {
        opinion,
        checklist,
        proofread,
        asked: asked(posted)?,
    };
    Ok(match verdict {
        Verdict::Approve => Deed::Approve(said),
        Verdict::Reapprove => Deed::Reapprove(said.opinion),
        Verdict::Discard => Deed::Discard(said.opinion),
        Verdict::Return => Deed::Return(target(posted.get("to"))?, said),
    })
}

/// What a proofread counts (三校).
pub const ERROR_KINDS: [&str; 5] = ["文字", "标点", "数字", "事实", "格式"];

fn errors(posted: &Posted) -> Result<Vec<(String, u32)>, Fault> {
    let mut found = vec![];
    for kind in ERROR_KINDS {
        let raw = posted.get(&format!("errors_{kind}")).trim().to_owned();
        let number: u32 = match raw.as_str() {
            "" => 0,
            raw => raw
                .parse()
                .ok()
                .filter(|number| *number < 10_000)
                .ok_or_else(|| Fault::Malformed(format!("{kind}差错数请填数字。")))?,
        };
        if number > 0 {
            found.push((kind.to_owned(), number));
        }
    }
    Ok(found)
}

fn target(code: &str) -> Result<Target, Fault> {
    match (code, Level::parse(code)) {
        ("" | "author", _) => Ok(Target::Author),
        (_, Some(level)) => Ok(Target::Level(level)),
        _ => Err(Fault::Malformed("请选择退回给谁。".into())),
    }
}

fn asked(posted: &Posted) -> Result<Vec<Asked>, Fault> {
    let nth =
        |name: &'static str, nth: usize| posted.all(name).nth(nth).unwrap_or_default().to_owned();
    let mut found = vec![];
    for (place, raw) in posted.all("asked").enumerate().take(MOST_ASKED) {
        let what = text::lines(raw, LONG)
            .map_err(|error| Fault::Malformed(format!("修改要求：{error}")))?;
        if what.is_empty() {
            continue;
        }
        let quote: String = nth("asked_quote", place).chars().take(200).collect();
        let range = nth("asked_from", place)
            .parse()
            .ok()
            .zip(nth("asked_to", place).parse().ok());
        found.push(Asked { what, quote, range });
    }
    Ok(found)
}

fn href(id: ManuscriptId) -> String {
    format!("/manuscripts/{id}")
}

/// What became of it, in words for the next page.
fn told(course: &Course) -> String {
    match course.stage {
        Stage::Reviewing => {
            let seat = course
                .route
                .0
                .get(&course.level)
                .map_or("", |post| post.seat.label());
            format!("已办理，现在到“{}”，由{seat}办理。", course.level)
        }
        Stage::Approved => "已审定。由网络阵地管理员按审定的内容发布。".into(),
        Stage::Returned => "已退回作者修改。".into(),
        Stage::Recalled => "已撤回，修改后可再次提交。".into(),
        Stage::Discarded => "已定为不予采用。".into(),
    }
}

/// POST /manuscripts/{id}/submissions
pub(super) async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let submitting = Submitting {
        seen: posted.get("revision").parse().ok(),
        major: posted
            .ticked("major")
            .then(|| posted.get("major_reason").to_owned()),
        note: posted.get("note").to_owned(),
    };
    let after = Box::pin(service::submit(&app, &actor, id, submitting)).await?;
    let seat = after
        .route
        .0
        .get(&after.level)
        .map_or("", |post| post.seat.label());
    let words = format!("已提交，现在到“{}”，由{seat}办理。", after.level);
    Ok(redirect(href(id), Flash::success(words)))
}

/// POST /manuscripts/{id}/decisions
pub(super) async fn decide(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let opened = service::open_for(&app, &actor, id).await?;
    let deed = deed(&opened.0, &posted)?;
    let after = Box::pin(service::decide(&app, &actor, opened, seen(&posted), deed)).await?;
    Ok(redirect(href(id), Flash::success(told(&after))))
}

/// POST /manuscripts/{id}/recalls
pub(super) async fn recall(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let why = posted.get("opinion");
    let after = service::recall(&app, &actor, id, seen(&posted), why).await?;
    Ok(redirect(href(id), Flash::success(told(&after))))
}

/// POST /manuscripts/{id}/holds
pub(super) async fn take(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    posted: Posted,
) -> Result<Response, Fault> {
    service::take(&app, &actor, id, seen(&posted)).await?;
    let words = "已领取，其他人暂时不能办理这一篇。";
    Ok(redirect(
        format!("{}/review", href(id)),
        Flash::success(words),
    ))
}

/// POST /manuscripts/{id}/holds/releases
pub(super) async fn release(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    posted: Posted,
) -> Result<Response, Fault> {
    service::release(&app, &actor, id, seen(&posted)).await?;
    let words = "已放回，同级的其他人可以办理。";
    Ok(redirect(
        format!("{}/review", href(id)),
        Flash::success(words),
    ))
}

/// POST /manuscripts/{id}/major-marks
pub(super) async fn mark_major(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let major = posted.get("major") != "0";
    let why = posted.get("opinion");
    service::mark_major(&app, &actor, id, seen(&posted), major, why).await?;
    let words = if major {
        "已标为重大事项，终审后由分管领导审批。"
    } else {
        "已取消重大事项。"
    };
    let at = match posted.get("back") {
        "review" => format!("{}/review", href(id)),
        _ => href(id),
    };
    Ok(redirect(at, Flash::success(words)))
}

/// POST /manuscripts/{id}/discards: the author gives up what is theirs again.
pub(super) async fn discard(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ManuscriptId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let why = lines(&posted, "opinion", "理由")?;
    let opened = service::open_for(&app, &actor, id).await?;
    let deed = Deed::Discard(why);
    let after = Box::pin(service::decide(&app, &actor, opened, seen(&posted), deed)).await?;
    Ok(redirect(href(id), Flash::success(told(&after))))
}
