//! A forwarding's page: the evidence, what is live still, who has answered what; and what a manuscript's page
//! says of its forwardings.

use super::{
    effect,
    rules::{Forwarding, Handling, Outcome, Stage},
    service::{self, Wrong},
    store,
};
use crate::{
    course::Party,
    ids::{ForwardingId, ManuscriptId},
    manuscript::{self, FileRef},
    publication::{self, Act, Publication},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, PersonId, UnitId, clock,
    form::{Errors, Field, Posted, errors},
    web::Shell,
};
use zhendi_people::{person, unit};

/// What was typed, and what is wrong with it.
#[derive(Default)]
pub(super) struct Typed<'a> {
    pub posted: Option<&'a Posted>,
    pub wrongs: &'a [Wrong],
}

struct Part {
    unit: UnitId,
    name: String,
    /// What it did, in words, by whom and when; none while it has not answered.
    answer: Option<(Handling, String, String, String, String)>,
    /// For who may answer.
    form: Option<Form>,
}

/// A department's form.
struct Form {
    /// After the ids of its fields. Those of one form are plain, as the list of what is wrong names them.
    mark: String,
    handling: Field,
    words: Field,
}

/// What of the text may be seen by the public.
struct Out {
    href: String,
    channel: String,
    state: &'static str,
    link: Option<String>,
    may_be_withdrawn: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "forwarding/show.html")]
pub(super) struct Page {
    shell: Shell,
    one: Forwarding,
    called: String,
    stage: Stage,
    overdue: bool,
    by: String,
    unit: String,
    number: i32,
    /// Of the bound version.
    files: Vec<FileRef>,
    /// Whether the kept content still has the hash that was bound.
    intact: bool,
    manuscript_visible: bool,
    parts: Vec<Part>,
    out: Vec<Out>,
    closed_by: String,
    may_close: bool,
    why_not: String,
    handlings: Vec<(&'static str, &'static str)>,
    outcomes: Vec<(&'static str, &'static str)>,
    outcome: Field,
    words: Field,
    errors: Errors,
}

/// Tone and icon of its badge.
pub(super) fn badge(stage: Stage, overdue: bool) -> (&'static str, &'static str) {
    match stage {
        Stage::Handling if overdue => ("danger", "alert-triangle"),
        Stage::Handling => ("warning", "hourglass"),
        Stage::Answered => ("info", "clock"),
        Stage::Closed => ("success", "circle-check"),
    }
}

impl Page {
    fn mark(&self) -> (&'static str, &'static str) {
        badge(self.stage, self.overdue)
    }

    fn iso(&self, at: &DateTime<Utc>) -> String {
        at.to_rfc3339()
    }

    fn shown(&self, at: &DateTime<Utc>) -> String {
        clock::show(at)
    }

    fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }
}

/// GET /forwardings/{id}
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ForwardingId>,
) -> Result<Response, Fault> {
    Ok(page(&app, &actor, shell, id, Typed::default())
        .await?
        .into_response())
}

/// GET /forwardings/{id}/frame: exactly the content that was forwarded, for who may see nothing else of its
/// manuscript too.
pub(super) async fn frame(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ForwardingId>,
) -> Result<Response, Fault> {
    let one = service::open_for(&app, &actor, id).await?;
    let version = manuscript::version(app.db.read(), one.content).await?;
    let files = format!("{}/files", one.href());
    Ok(manuscript::entrusted(
        one.manuscript,
        &version.content,
        &files,
    ))
}

/// GET /forwardings/{id}/files/{file}: a file of that content.
pub(super) async fn file(
    State(app): State<App>,
    actor: Actor,
    Path((id, file)): Path<(ForwardingId, i64)>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let one = service::open_for(&app, &actor, id).await?;
    let version = manuscript::version(app.db.read(), one.content).await?;
    let file = version.content.files.iter().find(|one| one.id == file);
    manuscript::show_file(&app, file.ok_or(Fault::NotFound)?, &headers).await
}

/// What is where the public may see it.
async fn out(app: &App, of: ManuscriptId) -> Result<Vec<Out>, Fault> {
    let db = app.db.read();
    let all = publication::of(db, of).await?;
    let all: Vec<Publication> = all
        .into_iter()
        .filter(|one| {
            one.state.is_live()
                || matches!(
                    one.state,
                    publication::State::Sending | publication::State::Sent
                )
        })
        .collect();
    let ids: Vec<ChannelId> = all.iter().map(|one| one.channel).collect();
    let names = manuscript::channel_names(app, db, &ids).await?;
    Ok(all
        .into_iter()
        .map(|one| Out {
            href: one.href(),
            channel: names.get(&one.channel).cloned().unwrap_or_default(),
            state: one.state.label(),
            may_be_withdrawn: one.state.after(Act::Withdraw).is_ok(),
            link: one.link,
        })
        .collect())
}

/// The page of a forwarding that the actor may see.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub(super) async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    id: ForwardingId,
    typed: Typed<'_>,
) -> Result<Page, Fault> {
    let one = service::open_for(app, actor, id).await?;
    let db = app.db.read();
    let authors = service::authors(db, one.manuscript).await?;
    let version = manuscript::version(db, one.content).await?;
    let of = manuscript::load(db, one.manuscript).await?;
    let mut people: Vec<PersonId> = one.by.everyone().collect();
    people.extend(one.answerers(None));
    people.extend(one.closing.iter().flat_map(|end| end.by.everyone()));
    let names = person::names(db, people).await?;
    let name = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let party = |by: Party| match by.on_behalf_of {
        Some(other) => format!("{}（代{}）", name(by.person), name(other)),
        None => name(by.person),
    };
    let units: Vec<UnitId> = one
        .units
        .iter()
        .map(|part| part.unit)
        .chain([one.unit])
        .collect();
    let units = unit::names(db, units).await?;
    let unit_name = |id: &UnitId| units.get(id).cloned().unwrap_or_default();
    let field = |name: &'static str, label: &'static str| {
        let value = typed.posted.map_or("", |posted| posted.get(name));
        let error = typed.wrongs.iter().find(|(at, _)| *at == name);
        Field {
            error: error.map(|(_, words)| words.clone()),
            ..Field::new(name, label, value)
        }
    };
    let answered = typed.posted.map(|posted| posted.get("unit"));
    let mut parts: Vec<Part> = vec![];
    for part in &one.units {
        let heads = service::heading(db, actor, part.unit).await?;
        let may = one.may_answer(part.unit, &heads, &authors).is_ok();
        let plain = match answered {
            Some(unit) => unit == part.unit.to_string(),
            None => parts.iter().all(|one| one.form.is_none()),
        };
        let form = match plain {
            true => Form {
                mark: String::new(),
                handling: field("handling", "处理结果"),
                words: field("words", "处理情况"),
            },
            false => Form {
                mark: format!("-{}", part.unit),
                handling: Field::empty("handling", "处理结果"),
                words: Field::empty("words", "处理情况"),
            },
        };
        parts.push(Part {
            unit: part.unit,
            name: unit_name(&part.unit),
            answer: part.answer.as_ref().map(|said| {
                (
                    said.handling,
                    said.words.clone(),
                    party(said.by),
                    said.at.to_rfc3339(),
                    clock::show(&said.at),
                )
            }),
            form: may.then_some(form),
        });
    }
    let publicity = service::publicity(db, actor).await?;
    let closing = match actor.person() {
        Some(me) => one.may_close(me, &publicity, &authors).map(|_| ()),
        None => Err(super::Refusal::MayNotClose),
    };
    let (outcome, words) = (field("outcome", "办结结论"), field("words", "说明"));
    // Either there is something to answer, or it can be closed.
    let forms: Vec<&Form> = parts.iter().filter_map(|part| part.form.as_ref()).collect();
    let wrong = match forms.as_slice() {
        [] => errors([&outcome, &words]),
        forms => errors(forms.iter().flat_map(|form| [&form.handling, &form.words])),
    };
    Ok(Page {
        called: effect::called(&one),
        stage: one.stage(),
        overdue: one.is_overdue(app.now()),
        by: party(one.by),
        unit: unit_name(&one.unit),
        number: version.number,
        intact: version.hash == one.hash && manuscript::hash(&version.content) == one.hash,
        files: version.content.files,
        manuscript_visible: manuscript::is_visible(db, actor, &of).await?,
        parts,
        out: out(app, one.manuscript).await?,
        closed_by: one
            .closing
            .as_ref()
            .map(|end| party(end.by))
            .unwrap_or_default(),
        may_close: closing.is_ok(),
        why_not: match (one.stage(), closing) {
            (Stage::Answered, Err(reason)) => reason.to_string(),
            _ => String::new(),
        },
        handlings: Handling::ALL
            .iter()
            .map(|one| (one.code(), one.label()))
            .collect(),
        outcomes: Outcome::ALL
            .iter()
            .map(|one| (one.code(), one.label()))
            .collect(),
        outcome,
        words,
        errors: wrong,
        shell,
        one,
    })
}

struct Row {
    href: String,
    called: String,
    stage: Stage,
    badge: (&'static str, &'static str),
}

/// What pages of a manuscript and its publications say of its forwardings.
#[derive(Template)]
#[template(path = "forwarding/part.html")]
struct PartOfManuscript {
    stopped: bool,
    rows: Vec<Row>,
}

/// The part on a manuscript's page, as HTML: that it is stopped, which anyone who sees the manuscript is told,
/// and the records that the actor may see. Empty when there is nothing of either.
///
/// # Errors
/// When the database fails.
pub async fn part(app: &App, actor: &Actor, of: ManuscriptId) -> Result<String, Fault> {
    let db = app.db.read();
    let stopped = store::is_open(db, of).await?;
    let rows: Vec<Row> = store::of_manuscript(db, actor, of)
        .await?
        .into_iter()
        .map(|one| Row {
            href: one.href(),
            called: effect::called(&one),
            stage: one.stage(),
            badge: badge(one.stage(), one.is_overdue(app.now())),
        })
        .collect();
    if !stopped && rows.is_empty() {
        return Ok(String::new());
    }
    let part = PartOfManuscript { stopped, rows };
    part.render().map_err(Fault::internal)
}
