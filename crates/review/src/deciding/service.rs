//! What reviewers and authors do besides deciding, one function for each verb: note something at a place, take it
//! back, answer it. Each checks sight first (404), then the law, then writes everything in one transaction.

use super::{
    document::Document,
    store,
    terms::{Annotation, Answer, Reply},
};
use crate::{
    course::{self, Course},
    ids::{AnnotationId, ManuscriptId, VersionId},
    manuscript,
};
use std::ops::Range;
use zhendi_kernel::{Actor, App, Fault, PersonId, Tx, audit, text};

/// Longest note or answer.
pub(super) const LONG: usize = 1_000;
/// Longest quotation that is kept with a note.
const QUOTED: usize = 2_000;
/// So many notes one version may have.
const MOST: usize = 500;

/// What a note speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    Whole,
    /// A block of the text, from 1.
    Passage(usize),
    /// Signs of the text, and the words there as the reviewer saw them.
    Words(Range<usize>, String),
}

fn person_of(actor: &Actor) -> Result<PersonId, Fault> {
    actor
        .person()
        .ok_or_else(|| Fault::Forbidden("审核须由实名人员办理。".into()))
}

/// What was noted on a version.
///
/// # Errors
/// When the database fails.
pub async fn annotations(
    db: &impl sea_orm::ConnectionTrait,
    version: VersionId,
) -> Result<Vec<Annotation>, Fault> {
    store::of_version(db, version).await
}

/// Records that a reviewer looked at the version under review: a decision is on what was seen.
///
/// # Errors
/// When the database fails.
pub async fn look(app: &App, person: PersonId, course: &Course) -> Result<(), Fault> {
    let (content, _) = course.content();
    let seen = store::seen_by(app.db.read(), course.manuscript, person).await?;
    if seen.iter().any(|(version, _)| *version == content) {
        return Ok(());
    }
    let tx = app.db.begin().await?;
    let at = (course.manuscript, content, course.about.number);
    store::look(&tx, person, at, app.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes something on the version under review: for the author if it is returned, and for the next reviewers.
///
/// # Errors
/// `Fault::NotFound`; what [`Course::may_act`] refuses; an empty or too long note; `Fault::Stale` when another
/// version is under review by now; words that do not stand there.
pub async fn annotate(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    content: VersionId,
    spot: Spot,
    note: &str,
) -> Result<AnnotationId, Fault> {
    let (course, place) = course::open_for(app, actor, id).await?;
    let party = course.may_act(&course::standing(actor, &place)?)?;
    let note = text::required_lines(note, LONG)
        .map_err(|error| Fault::Refused(format!("批注：{error}")))?;
    if course.content().0 != content {
        return Err(Fault::Stale);
    }
    let version = manuscript::version(app.db.read(), content).await?;
    let document = Document::read(&version.content.html);
    let gone = || Fault::Refused("选中的文字与送审稿不一致，请刷新页面后重新选择。".into());
    let range = match spot {
        Spot::Whole => None,
        Spot::Passage(number) => {
            let block = number.checked_sub(1).and_then(|at| document.blocks.get(at));
            Some(block.ok_or_else(gone)?.range())
        }
        Spot::Words(range, quote) if same(&quote, &document.quote(&range)) => Some(range),
        Spot::Words(range, quote) => Some(document.find(&range, &quote).ok_or_else(gone)?),
    };
    let range = range.filter(|range| !range.is_empty());
    let quote = range
        .as_ref()
        .map(|range| document.quote(range).chars().take(QUOTED).collect());
    let tx = app.db.begin().await?;
    if course::still(&tx, id).await?.version != course.version {
        return Err(Fault::Stale);
    }
    if store::of_version(&tx, content).await?.len() >= MOST {
        return Err(Fault::Refused(format!(
            "这一版的批注已有 {MOST} 条，请在审核意见中概括说明。"
        )));
    }
    let annotation = Annotation {
        id: AnnotationId(0),
        manuscript: id,
        content,
        round: course.round().number,
        level: course.level,
        range,
        quote: quote.unwrap_or_default(),
        note,
        by: party.person,
        on_behalf_of: party.on_behalf_of,
        at: app.now(),
        reply: None,
    };
    let annotation = Annotation {
        id: store::add(&tx, annotation.clone()).await?,
        ..annotation
    };
    record(
        &tx,
        app,
        actor,
        &course,
        &annotation,
        "review.annotated",
        "批注",
    )
    .await?;
    tx.commit().await?;
    Ok(annotation.id)
}

/// Quotations come from pages, where line ends and spaces are not kept as they are.
fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| !c.is_whitespace() && *c != super::document::OBJECT)
            .collect()
    };
    plain(a) == plain(b)
}

/// Takes one's own note back, as long as its level has not decided.
///
/// # Errors
/// `Fault::NotFound`; someone else's, or one that was sent on with a decision.
pub async fn remove(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    annotation: AnnotationId,
) -> Result<(), Fault> {
    let me = person_of(actor)?;
    course::open_for(app, actor, id).await?;
    let tx = app.db.begin().await?;
    let course = course::still(&tx, id).await?;
    let found = store::find(&tx, annotation)
        .await?
        .filter(|one| one.manuscript == id);
    let found = found.ok_or(Fault::NotFound)?;
    if found.by != me {
        return Err(Fault::Forbidden("只能删除自己的批注。".into()));
    }
    if !is_open(&course, &found) {
        return Err(Fault::Refused("批注已随审核意见发出，不能删除。".into()));
    }
    store::remove(&tx, annotation).await?;
    record(
        &tx,
        app,
        actor,
        &course,
        &found,
        "review.annotation_removed",
        "删除批注",
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Whether the level that made a note still has the manuscript.
pub(crate) fn is_open(course: &Course, annotation: &Annotation) -> bool {
    let last = course.decisions.last().map(|decision| decision.at);
    course.at_level() == Ok(annotation.level)
        && course.content().0 == annotation.content
        && last.is_none_or(|at| at <= annotation.at)
}

/// What was asked of the author when the manuscript was returned last: notes on the version that was returned.
///
/// # Errors
/// When the database fails.
pub async fn asked(
    db: &impl sea_orm::ConnectionTrait,
    course: &Course,
) -> Result<Vec<Annotation>, Fault> {
    store::of_version(db, course.content().0).await
}

/// The author says what was done about each point.
///
/// # Errors
/// `Fault::NotFound`; for who does not write it; after it was handed in again; a point that was kept without a
/// reason.
pub async fn reply(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    answers: Vec<(AnnotationId, Answer, String)>,
) -> Result<(), Fault> {
    let me = person_of(actor)?;
    course::open_for(app, actor, id).await?;
    let of = manuscript::open_for(app.db.read(), actor, id).await?;
    if !of.is_of(me) {
        return Err(course::Refusal::NotTheAuthor.into());
    }
    let tx = app.db.begin().await?;
    let course = course::still(&tx, id).await?;
    course.may_edit()?;
    let all = asked(&tx, &course).await?;
    for (annotation, answer, text) in answers {
        let found = all
            .iter()
            .find(|one| one.id == annotation)
            .ok_or(Fault::NotFound)?;
        let text =
            text::lines(&text, LONG).map_err(|error| Fault::Refused(format!("说明：{error}")))?;
        if answer == Answer::Kept && text.is_empty() {
            return Err(Fault::Refused(format!(
                "“{}”未改，请说明理由。",
                short(&found.note)
            )));
        }
        let reply = Reply {
            answer,
            text,
            by: me,
            at: app.now(),
        };
        store::answer(&tx, annotation, reply).await?;
        record(
            &tx,
            app,
            actor,
            &course,
            found,
            "review.answered",
            "回复审核意见",
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The beginning of a text.
pub(super) fn short(text: &str) -> String {
    const SHORT: usize = 24;
    let mut short: String = text.chars().take(SHORT).collect();
    if text.chars().count() > SHORT {
        short.push('…');
    }
    short
}

async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    course: &Course,
    annotation: &Annotation,
    action: &'static str,
    words: &str,
) -> Result<(), Fault> {
    let entry = audit::Entry {
        action,
        subject: (manuscript::SUBJECT, course.manuscript.0),
        unit: Some(course.about.unit),
        on_behalf_of: annotation.on_behalf_of,
        summary: format!("{words}：稿件“{}”", short(&course.about.title)),
        detail: serde_json::json!({
            "annotation": annotation.id, "version": course.about.number, "level": annotation.level,
            "quote": annotation.quote, "note": annotation.note,
        }),
    };
    audit::append(tx, app, actor, entry).await
}
