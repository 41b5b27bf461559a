//! What people do with manuscripts under review, one function for each verb; pages and API call the same. Each
//! checks sight first (404), then the law, then writes everything in one transaction.

mod aside;
mod decide;
mod submit;

pub use aside::{mark_major, move_unit, recall, release, release_run_out, stop, take};
pub use decide::{Deed, decide, record_paper};
pub use submit::{Submitting, submit};

use super::{
    effect::{self, Handing},
    hours::WorkingHours,
    rules::{Course, Level, Refusal, Shortage, Stage, Standing, staff},
    store,
};
use crate::{ids::ManuscriptId, manuscript};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Place, Role, Tx, audit, clock, scope,
};
use zhendi_people::person;

/// Longest opinion.
const LONG: usize = 2_000;

/// The person who acts. Review is the work of real, named people (实名).
fn person_of(actor: &Actor) -> Result<PersonId, Fault> {
    actor
        .person()
        .ok_or_else(|| Fault::Forbidden("审核须由实名人员办理。".into()))
}

/// Where rights over a course are held: the manuscript's unit with all above, and its main channel.
///
/// # Errors
/// When the database fails.
pub async fn place(db: &impl ConnectionTrait, course: &Course) -> Result<Place, Fault> {
    Ok(scope::place(db, course.about.unit)
        .await?
        .on(Some(course.about.channel)))
}

/// A course that the actor may see, with its place.
///
/// # Errors
/// `Fault::NotFound` for everything else, and for what was never handed in.
pub async fn open_for(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
) -> Result<(Course, Place), Fault> {
    let db = app.db.read();
    let course = store::of(db, id).await?.ok_or(Fault::NotFound)?;
    let place = place(db, &course).await?;
    let own = actor.person().is_some_and(|me| course.is_author(me));
    if !own && !actor.may(Permission::ViewManuscripts, &place) {
        // One of its further channels may let them see it.
        manuscript::open_for(db, actor, id).await?;
    }
    Ok((course, place))
}

/// What the actor holds at a place.
///
/// # Errors
/// `Fault::Forbidden` for the program.
pub fn standing(actor: &Actor, place: &Place) -> Result<Standing, Fault> {
    let person = person_of(actor)?;
    let held = Role::ALL
        .iter()
        .flat_map(|role| actor.holding(*role, place))
        .map(|grant| (grant.role, grant.on_behalf_of))
        .collect();
    Ok(Standing { person, held })
}

/// The words for a refusal, naming who was faster or has it.
async fn refused(app: &App, actor: &Actor, refusal: Refusal) -> Result<Fault, Fault> {
    let name = async |person| -> Result<String, Fault> {
        let mut names = person::names(app.db.read(), [person]).await?;
        Ok(names.remove(&person).unwrap_or_else(|| "他人".into()))
    };
    Ok(Fault::Refused(match refusal {
        Refusal::AlreadyDone {
            level, person, at, ..
        } => {
            let at = clock::show(&at);
            if actor.person() == Some(person) {
                format!("您已于 {at} 办理过“{level}”，不需要再次办理。")
            } else {
                let name = name(person).await?;
                format!("“{level}”已由{name}于 {at} 办理，您的操作没有生效。")
            }
        }
        Refusal::Held { by, until } => {
            let name = name(by).await?;
            format!(
                "这篇稿件已由{name}领取，{} 前由其办理；需要您办理的，请其放回。",
                clock::show(&until)
            )
        }
        other => return Ok(other.into()),
    }))
}

/// Someone else was first: says who, where the course tells it.
async fn overtaken(app: &App, actor: &Actor, id: ManuscriptId, level: Level) -> Fault {
    let told = async {
        // Who was faster may wait for a commit shared with others; one that shares none comes after it.
        app.db.begin_long().await?.rollback().await?;
        let (course, _) = open_for(app, actor, id).await?;
        match course.overtaken(level) {
            Some(refusal) => refused(app, actor, refusal).await,
            None => Ok(Fault::Stale),
        }
    };
    told.await.unwrap_or_else(|fault| fault)
}

/// Whether different people can fill the levels that a course still needs.
fn staffed(course: &Course, handing: &Handing) -> Result<(), Shortage> {
    let stand = course.standing();
    let levels: Vec<Level> = course
        .levels()
        .filter(|level| !stand.contains_key(level))
        .collect();
    staff(
        &course.route,
        &levels,
        |level| course.barred(level),
        |level| {
            let seat = course.route.0.get(&level).map(|post| post.seat);
            seat.map_or(vec![], |seat| handing.parties(seat))
        },
    )
}

impl From<Shortage> for Fault {
    fn from(shortage: Shortage) -> Self {
        Self::Refused(shortage.to_string())
    }
}

/// Until when the present level should decide.
fn set_due(course: &mut Course, hours: &WorkingHours) {
    course.due = match course.stage {
        Stage::Reviewing => course
            .law
            .rung(course.level)
            .map(|rung| hours.after(course.since, rung.hours)),
        _ => None,
    };
}

/// The page was older than the course: who was faster, where the present course tells it.
async fn overtaken_or_stale(app: &App, actor: &Actor, course: &Course) -> Fault {
    let last = course
        .decisions
        .last()
        .filter(|one| one.round == course.round().number);
    match last.and_then(|one| course.overtaken(one.level)) {
        Some(refusal) => refused(app, actor, refusal)
            .await
            .unwrap_or_else(|fault| fault),
        None => Fault::Stale,
    }
}

/// Whether the author may write now.
///
/// # Errors
/// `Fault::Refused` while it is reviewed or at its end; when the database fails.
pub async fn may_edit(db: &impl ConnectionTrait, id: ManuscriptId) -> Result<(), Fault> {
    if let Some(course) = store::of(db, id).await? {
        course.may_edit()?;
    }
    Ok(())
}

/// Appends to the audit chain; last in its transaction.
#[expect(clippy::too_many_arguments, reason = "one record, said once")]
async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    course: &Course,
    action: &'static str,
    words: &str,
    on_behalf_of: Option<PersonId>,
    mut detail: serde_json::Value,
) -> Result<(), Fault> {
    let (content, hash) = course.content();
    let about = serde_json::json!({
        "stage": course.stage, "at_level": course.level, "round": course.round().number,
        "version": course.about.number, "content": content, "hash": hash, "law": course.law_id,
    });
    match (detail.as_object_mut(), about) {
        (Some(detail), serde_json::Value::Object(about)) => detail.extend(about),
        (None, about) => detail = about,
        _ => {}
    }
    let entry = audit::Entry {
        action,
        subject: (manuscript::SUBJECT, course.manuscript.0),
        unit: Some(course.about.unit),
        on_behalf_of,
        summary: format!("{words}稿件{}", effect::called(course)),
        detail,
    };
    audit::append(tx, app, actor, entry).await
}
