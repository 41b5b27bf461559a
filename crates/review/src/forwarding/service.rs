//! What people do with forwardings, one function for each verb; pages and API call the same. Each checks sight
//! first (404), then the law, then writes everything in one transaction.

use super::{
    effect,
    rules::{
        Addressed, CLOSERS, Forwarding, Handling, Harm, MOST_UNITS, Outcome, Refusal, due, staffed,
    },
    store,
};
use crate::{
    course::{self, Party},
    hooks::What,
    ids::{ForwardingId, ManuscriptId, PublicationId},
    manuscript::{self, Manuscript, Version},
    publication,
};
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;
use zhendi_kernel::{Actor, App, Fault, Permission, PersonId, Place, UnitId, scope, text};
use zhendi_people::{role, unit};

/// Longest words.
pub(super) const LONG: usize = 2000;

/// What is wrong with what was typed: the field and the words.
pub type Wrong = (&'static str, String);

/// What came of it, or what is wrong with what was typed.
pub type Answered<T> = Result<Result<T, Vec<Wrong>>, Fault>;

/// Where something was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// In what is or was under review.
    Manuscript(ManuscriptId),
    /// In what went out.
    Publication(PublicationId),
}

/// What is forwarded, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct New {
    pub kind: String,
    pub units: Vec<UnitId>,
    pub why: String,
    pub quote: String,
}

/// The text that somebody may forward.
pub(super) struct Found {
    pub of: Manuscript,
    /// The exact content that is the evidence.
    pub version: Version,
    pub publication: Option<PublicationId>,
    place: Place,
}

/// The person who acts.
fn person_of(actor: &Actor) -> Result<PersonId, Fault> {
    actor
        .person()
        .ok_or_else(|| Fault::Forbidden("转送须由实名人员办理。".into()))
}

/// A text that the actor may forward: what they see by a role that looks at others' texts.
///
/// # Errors
/// `Fault::NotFound` for what they may not see, the author's own included; [`Refusal::NothingThere`] for a draft.
pub(super) async fn look(app: &App, actor: &Actor, about: About) -> Result<Found, Fault> {
    let db = app.db.read();
    let (of, version, publication) = match about {
        About::Manuscript(id) => {
            let of = manuscript::open_for(db, actor, id).await?;
            let version = match course::of(db, id).await? {
                Some(course) => manuscript::version(db, course.content().0).await?,
                // Published in an emergency, perhaps, and never handed in.
                None => manuscript::latest(db, id)
                    .await?
                    .ok_or(Refusal::NothingThere)?,
            };
            (of, version, None)
        }
        About::Publication(id) => {
            let (one, place) = publication::open_for(app, actor, id).await?;
            let of = manuscript::load(db, one.manuscript).await?;
            let version = manuscript::version(db, one.content).await?;
            if actor.may(Permission::ViewManuscripts, &place) {
                return Ok(Found {
                    of,
                    version,
                    publication: Some(id),
                    place,
                });
            }
            (of, version, Some(id))
        }
    };
    let place = seen_at(db, actor, &of).await?.ok_or(Fault::NotFound)?;
    Ok(Found {
        of,
        version,
        publication,
        place,
    })
}

/// Where the actor holds what lets them see others' texts: at the manuscript's unit or on one of its channels.
async fn seen_at(
    db: &impl ConnectionTrait,
    actor: &Actor,
    of: &Manuscript,
) -> Result<Option<Place>, Fault> {
    let place = scope::place(db, of.unit).await?;
    Ok(std::iter::once(None)
        .chain(of.content.channels.iter().copied().map(Some))
        .map(|channel| place.clone().on(channel))
        .find(|place| actor.may(Permission::ViewManuscripts, place)))
}

/// Whether the actor may forward a manuscript that was handed in: whether a page shows the way.
///
/// # Errors
/// When the database fails.
pub async fn may_forward(
    db: &impl ConnectionTrait,
    actor: &Actor,
    of: &Manuscript,
) -> Result<bool, Fault> {
    Ok(actor.person().is_some() && seen_at(db, actor, of).await?.is_some())
}

/// Everyone who wrote a text or handed it in: none of them judges it here.
pub(super) async fn authors(
    db: &impl ConnectionTrait,
    id: ManuscriptId,
) -> Result<BTreeSet<PersonId>, Fault> {
    let mut all: BTreeSet<PersonId> = manuscript::load(db, id)
        .await?
        .writers()
        .into_iter()
        .collect();
    if let Some(course) = course::of(db, id).await? {
        all.extend(course.authors);
    }
    Ok(all)
}

/// One that the actor may see.
///
/// # Errors
/// `Fault::NotFound` for everything else.
pub async fn open_for(app: &App, actor: &Actor, id: ForwardingId) -> Result<Forwarding, Fault> {
    store::find(app.db.read(), actor, id)
        .await?
        .ok_or(Fault::NotFound)
}

/// Whether a quote stands in a text, whatever its spaces and line breaks are.
fn stands_in(quote: &str, content: &manuscript::Content) -> bool {
    let bare = |text: &str| -> String { text.chars().filter(|c| !c.is_whitespace()).collect() };
    let whole = format!("{}{}", content.title, manuscript::plain(&content.html));
    bare(&whole).contains(&bare(quote))
}

/// Forwards a text to departments: stops it, keeps the evidence, asks the departments' heads.
///
/// # Errors
/// `Fault::NotFound`; [`Refusal::NothingThere`], [`Refusal::NobodyThere`]; `Fault::Stale` when somebody decides
/// or orders at this moment; when the database fails. The inner error names fields.
pub async fn forward(app: &App, actor: &Actor, about: About, new: New) -> Answered<Forwarding> {
    let person = person_of(actor)?;
    let found = look(app, actor, about).await?;
    let db = app.db.read();
    let mut wrongs = vec![];
    let kind = Harm::parse(&new.kind);
    if kind.is_none() {
        wrongs.push(("kind", "请选择问题类型。".to_owned()));
    }
    let mut units = new.units;
    let mut met = BTreeSet::new();
    units.retain(|unit| met.insert(*unit));
    for id in &units {
        let known = unit::find(db, *id).await?;
        if known.is_none_or(|unit| unit.closed_at.is_some()) {
            wrongs.push(("unit", "请从列表中选择处理部门。".into()));
            break;
        }
    }
    if units.is_empty() {
        wrongs.push(("unit", Refusal::NoUnit.to_string()));
    } else if units.len() > MOST_UNITS {
        wrongs.push(("unit", Refusal::TooMany.to_string()));
    }
    let why = text::required_lines(&new.why, LONG).unwrap_or_else(|error| {
        wrongs.push(("why", error.to_string()));
        String::new()
    });
    let quote = text::lines(&new.quote, LONG).unwrap_or_else(|error| {
        wrongs.push(("quote", error.to_string()));
        String::new()
    });
    if !quote.is_empty() && !stands_in(&quote, &found.version.content) {
        let words = "正文中没有这段文字，请照原文摘录；图片、附件中的内容请写在情况说明里。";
        wrongs.push(("quote", words.into()));
    }
    let (Some(kind), true) = (kind, wrongs.is_empty()) else {
        return Ok(Err(wrongs));
    };
    let authors = authors(db, found.of.id).await?;
    let mut heads = vec![];
    for id in &units {
        heads.push(effect::heads_of(db, app, *id).await?);
    }
    if let Err(place) = staffed(&heads, &authors) {
        let id = units.get(place).copied();
        let names = unit::names(db, id).await?;
        let name = names.into_values().next().unwrap_or_default();
        let words = Refusal::NobodyThere(name).to_string();
        return Ok(Err(vec![("unit", words)]));
    }
    let now = app.now();
    let by = Party {
        person,
        on_behalf_of: role::principal(actor, Permission::ViewManuscripts, &found.place),
    };
    let tx = app.db.begin().await?;
    let one = Forwarding {
        id: ForwardingId(0),
        version: 1,
        manuscript: found.of.id,
        content: found.version.id,
        hash: found.version.hash.clone(),
        publication: found.publication,
        unit: found.of.unit,
        channel: found.of.main_channel(),
        title: found.version.content.title.clone(),
        kind,
        why,
        quote,
        by,
        at: now,
        due: due(now),
        units: units
            .into_iter()
            .map(|unit| Addressed {
                id: 0,
                unit,
                answer: None,
            })
            .collect(),
        closing: None,
    };
    let held = store::is_open(&tx, one.manuscript).await?;
    let one = store::insert(&tx, one).await?;
    course::stop(&tx, one.manuscript).await?;
    publication::stop(&tx, app, actor, one.manuscript).await?;
    for part in &one.units {
        effect::ask(&tx, app, &one, part, &authors).await?;
    }
    effect::tell_publicity(&tx, app, actor, &one, &authors).await?;
    if !held {
        effect::tell_of_text(&tx, app, &one, What::Held).await?;
    }
    let said = serde_json::json!({ "why": one.why, "quote": one.quote });
    let action = "forwarding.made";
    effect::record(&tx, app, actor, &one, by, action, "转送有关部门", said).await?;
    tx.commit().await?;
    Ok(Ok(one))
}

/// Tells the leaders in charge of departments that let a day go by without an answer, once.
///
/// # Errors
/// When the database fails.
pub(super) async fn tell_late(app: &App) -> Result<(), Fault> {
    for one in store::late(app.db.read(), app.now()).await? {
        let tx = app.db.begin().await?;
        if store::mark_told(&tx, one.id, app.now()).await? {
            effect::tell_late(&tx, app, &one).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// A unit went up in another: what it was asked is asked of the other's head, with the time that is left.
///
/// # Errors
/// When the database fails.
pub(super) async fn move_unit(app: &App, from: UnitId, into: UnitId) -> Result<(), Fault> {
    let program = Actor::program("转送");
    let tx = app.db.begin().await?;
    for (id, part) in store::move_unit(&tx, from, into).await? {
        let mut one = store::get(&tx, id).await?;
        if one.closing.is_some() {
            continue;
        }
        let authors = authors(&tx, one.manuscript).await?;
        effect::answered(&tx, app, &program, part).await?;
        if let Some(part) = one.units.iter().find(|one| one.id == part) {
            effect::ask(&tx, app, &one, part, &authors).await?;
        }
        store::replace(&tx, &mut one).await?;
        if one.answered_at().is_some() {
            effect::ask_to_close(&tx, app, &one, &authors).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// As whom the actor heads a unit.
pub(super) async fn heading(
    db: &impl ConnectionTrait,
    actor: &Actor,
    unit: UnitId,
) -> Result<Vec<Party>, Fault> {
    let Some(person) = actor.person() else {
        return Ok(vec![]);
    };
    let place = scope::place(db, unit).await?;
    let roles = effect::roles_of(db, unit).await?;
    let mut parties: Vec<Party> = roles
        .iter()
        .flat_map(|role| actor.holding(*role, &place))
        .map(|grant| Party {
            person,
            on_behalf_of: grant.on_behalf_of,
        })
        .collect();
    parties.sort();
    Ok(parties)
}

/// As whom the actor acts for the publicity department.
pub(super) async fn publicity(
    db: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<Vec<Party>, Fault> {
    let (Some(person), Some(root)) = (actor.person(), unit::root(db).await?) else {
        return Ok(vec![]);
    };
    let place = scope::place(db, root.id).await?;
    let mut parties: Vec<Party> = CLOSERS
        .iter()
        .flat_map(|role| actor.holding(*role, &place))
        .map(|grant| Party {
            person,
            on_behalf_of: grant.on_behalf_of,
        })
        .collect();
    parties.sort();
    Ok(parties)
}

fn words(raw: &str) -> Result<String, Vec<Wrong>> {
    text::required_lines(raw, LONG).map_err(|error| vec![("words", error.to_string())])
}

/// The head of a department says what it did.
///
/// # Errors
/// `Fault::NotFound`; what the law refuses; `Fault::Stale`; when the database fails. The inner error names fields.
pub async fn answer(
    app: &App,
    actor: &Actor,
    id: ForwardingId,
    seen: i32,
    unit: UnitId,
    handling: &str,
    said: &str,
) -> Answered<Forwarding> {
    let mut one = open_for(app, actor, id).await?;
    person_of(actor)?;
    let db = app.db.read();
    let authors = authors(db, one.manuscript).await?;
    let heads = heading(db, actor, unit).await?;
    one.may_answer(unit, &heads, &authors)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    let handling = Handling::parse(handling);
    let (handling, said) = match (handling, words(said)) {
        (Some(handling), Ok(said)) => (handling, said),
        (handling, said) => {
            let mut wrongs = said.err().unwrap_or_default();
            if handling.is_none() {
                wrongs.insert(0, ("handling", "请选择处理结果。".into()));
            }
            return Ok(Err(wrongs));
        }
    };
    let said_of = serde_json::json!({ "unit": unit, "handling": handling, "words": said });
    let by = one.answer(unit, &heads, &authors, (handling, said), app.now())?;
    let tx = app.db.begin().await?;
    store::replace(&tx, &mut one).await?;
    for part in one.units.iter().filter(|part| part.unit == unit) {
        effect::answered(&tx, app, actor, part.id).await?;
    }
    if one.answered_at().is_some() {
        effect::ask_to_close(&tx, app, &one, &authors).await?;
    }
    let action = "forwarding.answered";
    effect::record(&tx, app, actor, &one, by, action, "答复转送事项", said_of).await?;
    tx.commit().await?;
    Ok(Ok(one))
}

/// The publicity department, or whoever forwarded it, says how it ended. With the last one that is open the text
/// goes on where it stood.
///
/// # Errors
/// As [`answer`].
pub async fn close(
    app: &App,
    actor: &Actor,
    id: ForwardingId,
    seen: i32,
    outcome: &str,
    said: &str,
) -> Answered<Forwarding> {
    let mut one = open_for(app, actor, id).await?;
    let me = person_of(actor)?;
    let db = app.db.read();
    let authors = authors(db, one.manuscript).await?;
    let parties = publicity(db, actor).await?;
    one.may_close(me, &parties, &authors)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    let outcome = Outcome::parse(outcome);
    let (outcome, said) = match (outcome, words(said)) {
        (Some(outcome), Ok(said)) => (outcome, said),
        (outcome, said) => {
            let mut wrongs = said.err().unwrap_or_default();
            if outcome.is_none() {
                wrongs.insert(0, ("outcome", "请选择办结结论。".into()));
            }
            return Ok(Err(wrongs));
        }
    };
    let said_of = serde_json::json!({ "outcome": outcome, "words": said });
    let by = one.close(me, &parties, &authors, (outcome, said), app.now())?;
    let tx = app.db.begin().await?;
    store::replace(&tx, &mut one).await?;
    effect::closed(&tx, app, actor, &one).await?;
    if !store::is_open(&tx, one.manuscript).await? {
        effect::tell_of_text(&tx, app, &one, What::Freed).await?;
    }
    let action = "forwarding.closed";
    effect::record(&tx, app, actor, &one, by, action, "办结转送事项", said_of).await?;
    tx.commit().await?;
    Ok(Ok(one))
}
