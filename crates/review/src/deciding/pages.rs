//! The page on which a level decides, the screen of a small correction, and the differences between versions.

use super::{
    diff::{self, Diff},
    document::Document,
    found,
    render::{self, Mark, Part},
    service::{self, Spot},
    store,
    terms::Annotation,
};
use crate::{
    course::{self, Course, ERROR_KINDS, Level, Now, Stage, Standing, Verdict},
    ids::{AnnotationId, ManuscriptId, VersionId},
    manuscript::{self, FileRef, Layout, Version},
    publication,
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
use zhendi_people::person;
use zhendi_registry::channel;

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
    fn new(from: String, to: String, diff: &Diff) -> Self {
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

/// Names of channels.
pub(super) async fn channel_names(
    app: &App,
    ids: Vec<ChannelId>,
) -> Result<HashMap<ChannelId, String>, Fault> {
    let mut names = HashMap::new();
    for id in ids {
        if !names.contains_key(&id) {
            names.insert(id, channel::store::get(app.db.read(), id).await?.facts.name);
        }
    }
    Ok(names)
}

fn channels_of(old: &Version, new: &Version) -> Vec<ChannelId> {
    [old.content.channels.clone(), new.content.channels.clone()].concat()
}

fn on_behalf(
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
fn people(course: &Course, notes: &[Annotation]) -> Vec<PersonId> {
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

/// Who has it after this level.
fn next(course: &Course) -> String {
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
    shell: Shell,
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

    let found = found::machine(app, course, &version, &document).await?;
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
        (to - 1).max(1)
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
