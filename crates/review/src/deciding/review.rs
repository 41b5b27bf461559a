//! The page on which a level decides, and the screen of a small correction.

use super::{
    compared::Part,
    diff,
    document::Document,
    found,
    pages::{Compared, Past, Point, channel_names, channels_of, on_behalf, past, people, points},
    render::{self, Mark},
    service, store,
};
use crate::{
    course::{self, Course, ERROR_KINDS, Level, Now, Stage, Standing},
    ids::{AnnotationId, ManuscriptId, VersionId},
    manuscript::{self, FileRef, Layout, Version},
    publication,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, PersonId, clock,
    web::{Flash, Shell, redirect},
};
use zhendi_people::person;

/// What a page of review is asked for.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Asked {
    /// `seen` or `live`: the differences to that version instead of the whole text.
    #[serde(default)]
    with: String,
    /// The whole page even where a small correction could be looked at alone.
    full: Option<String>,
    /// The passage that a note is written on, with script off.
    passage: Option<usize>,
}

/// A note beside the text: what the machine found, or what a person noted.
pub(super) struct Note {
    pub number: usize,
    /// `error`, `warning`, `notice` or `remark`.
    pub tone: &'static str,
    pub label: String,
    pub text: String,
    pub suggestion: String,
    pub who: String,
    pub at: String,
    /// Set for one's own that may still be taken back.
    pub removable: Option<AnnotationId>,
    /// The place, to make a note of what was found.
    pub place: Option<Place>,
}

/// A place in the text, as forms post it.
pub(super) struct Place {
    pub from: usize,
    pub to: usize,
    pub quote: String,
}

impl Note {
    fn icon(&self) -> &'static str {
        match self.tone {
            "error" => "alert-octagon",
            "warning" => "alert-triangle",
            "notice" => "info-circle",
            _ => "message-2",
        }
    }
}

/// A passage with the notes beside it.
struct Passage {
    number: usize,
    start: usize,
    html: String,
    beginning: String,
    notes: Vec<Note>,
}

struct Tab {
    label: String,
    href: String,
    active: bool,
}

/// What may be asked of the author together with a return.
struct Request {
    what: String,
    quote: String,
    from: String,
    to: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "deciding/review.html")]
struct ReviewPage {
    shell: Shell,
    id: ManuscriptId,
    /// The version of the course that this page shows.
    seen: i32,
    content: VersionId,
    version: Version,
    level: Level,
    channels: Vec<String>,
    author: String,
    note: String,
    now: Now,
    tabs: Vec<Tab>,
    /// Said when the reviewer saw an earlier version.
    changed: Option<(String, String)>,
    passages: Vec<Passage>,
    whole: Vec<Note>,
    counts: (usize, usize),
    /// Links that are still being asked.
    waiting: usize,
    diff: Option<Compared>,
    frame: Option<String>,
    files: Vec<FileRef>,
    checklist: Vec<(usize, String, bool)>,
    proofread: Option<&'static str>,
    error_kinds: [&'static str; 5],
    earlier: Vec<(&'static str, &'static str)>,
    requests: Vec<Request>,
    points: Vec<Point>,
    past: Vec<Past>,
    /// Whether the actor decides now; else why not.
    may_decide: bool,
    why_not: String,
    may_take: bool,
    may_release: bool,
    may_mark: bool,
    may_unmark: bool,
    next: String,
    passage: Option<usize>,
}

impl ReviewPage {
    fn is_chosen(&self, passage: &usize) -> bool {
        self.passage == Some(*passage)
    }

    fn required(&self) -> usize {
        self.checklist.iter().filter(|point| point.2).count()
            + usize::from(self.proofread.is_some())
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "deciding/correction.html")]
struct CorrectionPage {
    shell: Shell,
    id: ManuscriptId,
    seen: i32,
    title: String,
    level: Level,
    compared: Compared,
    /// When the same person approved what this corrects.
    approved: String,
    note: String,
    author: String,
    next: String,
}

/// Who has it after this level.
fn next(course: &Course) -> String {
    if course.stopped {
        return "已转送有关部门，办结前不能通过。".into();
    }
    let stand = course.standing();
    let rest = course
        .levels()
        .find(|level| *level > course.level && !stand.contains_key(level));
    match rest.and_then(|level| Some((level, course.route.0.get(&level)?))) {
        Some((level, post)) => format!("通过后到“{level}”，由{}办理。", post.seat.label()),
        None => "通过后即审定，可以发布。".into(),
    }
}

/// The version that is live somewhere, if it is another one; the newest.
async fn live(app: &App, course: &Course) -> Result<Option<VersionId>, Fault> {
    let all = publication::live(app.db.read(), course.manuscript).await?;
    let other = all
        .into_iter()
        .map(|one| one.version)
        .filter(|version| *version != course.content().0);
    Ok(other.max())
}

/// GET /manuscripts/{id}/review
pub(super) async fn review(
    State(app): State<App>,
    actor: Actor,
    mut shell: Shell,
    Path(id): Path<ManuscriptId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let (course, place) = course::open_for(&app, &actor, id).await?;
    let by = course::standing(&actor, &place)?;
    if course.is_author(by.person) && course.may_act(&by).is_err() {
        // Its author reads what was asked, once it is theirs again.
        return Ok(if course.stage == Stage::Reviewing {
            redirect(
                format!("/manuscripts/{id}"),
                Flash::warning("您是这篇稿件的作者，不能审核自己的稿件。"),
            )
        } else {
            redirect(format!("/manuscripts/{id}/answers"), None)
        });
    }
    // Whoever comes here comes from the queue, though the address is the manuscript's.
    if shell.nav.iter().any(|link| link.href == "/reviews") {
        for link in &mut shell.nav {
            link.active = link.href == "/reviews";
        }
    }
    if course.may_act(&by).is_ok() {
        service::look(&app, by.person, &course).await?;
    }
    let may_reapprove = course
        .may_decide(&by, app.now())
        .is_ok_and(|party| course.may_reapprove(party).is_ok());
    if may_reapprove && asked.full.is_none() {
        return Box::pin(correction(&app, shell, &course, &by)).await;
    }
    Box::pin(whole(&app, shell, &course, &by, asked)).await
}

async fn correction(
    app: &App,
    shell: Shell,
    course: &Course,
    by: &Standing,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let base = course.round().base.as_ref().ok_or(Fault::NotFound)?.0;
    let old = manuscript::version(db, base).await?;
    let new = manuscript::version(db, course.content().0).await?;
    let names = channel_names(app, channels_of(&old, &new)).await?;
    let diff = diff::compare(old.content.clone(), new.content.clone(), names).await?;
    let approved = course
        .approved_base(course.level)
        .map(|one| clock::show(&one.at))
        .unwrap_or_default();
    let people = person::names(db, [course.about.author, by.person]).await?;
    Ok(CorrectionPage {
        id: course.manuscript,
        seen: course.version,
        title: new.content.title.clone(),
        level: course.level,
        compared: Compared::new(
            format!("您审过的第 {} 版", old.number),
            format!("第 {} 版", new.number),
            &diff,
        ),
        approved,
        note: course.round().note.clone(),
        author: people
            .get(&course.about.author)
            .cloned()
            .unwrap_or_default(),
        next: next(course),
        shell,
    }
    .into_response())
}

async fn whole(
    app: &App,
    shell: Shell,
    course: &Course,
    by: &Standing,
    asked: Asked,
) -> Result<Response, Fault> {
    let (db, at, id) = (app.db.read(), app.now(), course.manuscript);
    let content = course.content().0;
    let version = manuscript::version(db, content).await?;
    let document = Document::read(&version.content.html);
    let notes = store::of_version(db, content).await?;
    let before = match store::noted_before(db, id, content).await? {
        Some(before) => store::of_version(db, before).await?,
        None => vec![],
    };
    let names = person::names(
        db,
        people(course, &[notes.clone(), before.clone()].concat()),
    )
    .await?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_else(|| "他人".into());
    let seen = store::seen_by(db, id, by.person).await?;
    let seen = seen.into_iter().find(|(version, _)| *version < content);
    let live = live(app, course).await?;

    // The version to compare with: the one that is asked for, and the one seen last for the notice.
    let mut tabs = vec![Tab {
        label: "全文".into(),
        href: format!("/manuscripts/{id}/review?full=1"),
        active: true,
    }];
    let mut changed = None;
    let mut compared = None;
    for (code, what, old) in [
        ("seen", "上次看过的", seen.map(|(old, _)| old)),
        ("live", "已发布的", live),
    ] {
        let Some(old) = old else { continue };
        let old = manuscript::version(db, old).await?;
        let href = format!("/manuscripts/{id}/review?full=1&with={code}");
        let channels = channel_names(app, channels_of(&old, &version)).await?;
        let diff = diff::compare(old.content.clone(), version.content.clone(), channels).await?;
        let active = asked.with == code;
        tabs.push(Tab {
            label: format!("与{what}第 {} 版比较", old.number),
            href: href.clone(),
            active,
        });
        if active {
            tabs[0].active = false;
            compared = Some(Compared::new(
                format!("{what}第 {} 版", old.number),
                format!("第 {} 版", version.number),
                &diff,
            ));
        } else if code == "seen" {
            changed = Some((
                format!("您看过第 {} 版。这一版{}。", old.number, diff.summary()),
                href,
            ));
        }
    }

    let (found, waiting) = found::machine(app, course, &version, &document).await?;
    let mut marks: Vec<Mark> = vec![];
    let mut all: Vec<(Option<usize>, Note)> = vec![];
    for one in &found {
        let place = one.range.clone().map(|range| Place {
            from: range.start,
            to: range.end,
            quote: document.quote(&range),
        });
        all.push((
            one.range.as_ref().map(|range| range.start),
            Note {
                number: 0,
                tone: one.tone,
                label: one.label.clone(),
                text: one.text.clone(),
                suggestion: one.suggestion.clone(),
                who: String::new(),
                at: String::new(),
                removable: None,
                place,
            },
        ));
    }
    for one in &notes {
        let range = one
            .range
            .as_ref()
            .and_then(|range| document.find(range, &one.quote).or(Some(range.clone())));
        all.push((
            range.as_ref().map(|range| range.start),
            Note {
                number: 0,
                tone: "remark",
                label: format!("{}批注", one.level),
                text: one.note.clone(),
                suggestion: String::new(),
                who: on_behalf(&name, one.by, one.on_behalf_of),
                at: clock::show(&one.at),
                removable: (one.by == by.person && service::is_open(course, one)).then_some(one.id),
                place: range.map(|range| Place {
                    from: range.start,
                    to: range.end,
                    quote: one.quote.clone(),
                }),
            },
        ));
    }
    all.sort_by_key(|(start, note)| (*start, note.tone != "remark"));
    let mut by_number: HashMap<usize, Note> = HashMap::new();
    let mut whole_notes = vec![];
    for ((_, mut note), number) in all.into_iter().zip(1..) {
        note.number = number;
        match &note.place {
            Some(place) => {
                marks.push(Mark {
                    range: place.from..place.to,
                    number,
                    tone: note.tone,
                });
                by_number.insert(number, note);
            }
            None => whole_notes.push(note),
        }
    }
    let counts = (found.len(), notes.len());
    let passages = render::passages(&document, &marks)
        .into_iter()
        .map(|passage| Passage {
            number: passage.number,
            start: passage.range.start,
            html: passage.html,
            beginning: passage.beginning,
            notes: passage
                .notes
                .iter()
                .filter_map(|number| by_number.remove(number))
                .collect(),
        })
        .collect();
    // Whatever lies between two blocks is not lost.
    whole_notes.extend(by_number.into_values());

    let rung = course.law.rung(course.level);
    let may_act = course.may_act(by);
    let may_decide = course.may_decide(by, at);
    let mine = course
        .held(at)
        .is_some_and(|hold| hold.by.person == by.person);
    let why_not = match (&may_decide, course.held(at)) {
        (Err(_), Some(hold)) if may_act.is_ok() => {
            let holder = person::names(db, [hold.by.person])
                .await?
                .remove(&hold.by.person)
                .unwrap_or_default();
            format!(
                "这篇稿件已由{holder}领取，{} 前由其办理。",
                clock::show(&hold.until)
            )
        }
        (Err(refusal), _) => refusal.to_string(),
        (Ok(_), _) => String::new(),
    };
    let channels = channel_names(app, version.content.channels.clone()).await?;
    let requests = notes.iter().filter(|one| service::is_open(course, one));
    Ok(ReviewPage {
        id,
        seen: course.version,
        content,
        level: course.level,
        channels: version
            .content
            .channels
            .iter()
            .filter_map(|id| channels.get(id).cloned())
            .collect(),
        author: name(course.about.author),
        note: course.round().note.clone(),
        now: course::now(app, course).await?,
        tabs,
        changed,
        passages,
        whole: whole_notes,
        counts,
        waiting,
        diff: compared,
        frame: (version.content.layout == Layout::Framed).then(|| version.frame()),
        files: version.content.files.clone(),
        checklist: rung
            .map(|rung| {
                rung.checklist
                    .iter()
                    .zip(0..)
                    .map(|(point, nth)| (nth, point.text.clone(), point.required))
                    .collect()
            })
            .unwrap_or_default(),
        proofread: rung
            .and_then(|rung| rung.proofread)
            .map(|which| which.label()),
        error_kinds: ERROR_KINDS,
        earlier: course
            .earlier()
            .into_iter()
            .map(|level| (level.code(), level.label()))
            .collect(),
        requests: requests
            .map(|one| Request {
                what: one.note.clone(),
                quote: render::quotation(&one.quote),
                from: one
                    .range
                    .as_ref()
                    .map(|range| range.start.to_string())
                    .unwrap_or_default(),
                to: one
                    .range
                    .as_ref()
                    .map(|range| range.end.to_string())
                    .unwrap_or_default(),
            })
            .collect(),
        points: points(&before, &document, &name),
        past: past(course, &name),
        may_decide: may_decide.is_ok(),
        why_not,
        may_take: may_decide.is_ok() && !mine,
        may_release: mine,
        may_mark: course.stage == Stage::Reviewing && course.may_mark(by).is_ok(),
        may_unmark: course.may_unmark(by).is_ok(),
        next: next(course),
        passage: asked.passage,
        version,
        shell,
    }
    .into_response())
}
