//! What people do with manuscripts under review, one function for each verb; pages and API call the same. Each
//! checks sight first (404), then the law, then writes everything in one transaction.

use super::{
    correction,
    effect::{self, Handing},
    hours::WorkingHours,
    rules::{
        About, Course, Law, Level, Party, Refusal, Route, Said, Shortage, Slip, Stage, Standing,
        Submission, Target, Verdict, staff,
    },
    store, workflow,
};
use crate::{
    hooks::What,
    ids::ManuscriptId,
    manuscript::{self, Manuscript},
    publication::{self, Approver, NewApproval},
};
use sea_orm::ConnectionTrait;
use std::{collections::BTreeSet, sync::Arc};
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Place, Role, Tx, audit, clock, scope, text,
};
use zhendi_people::{person, role};
use zhendi_registry::channel::{self, RunningState};

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

/// A manuscript as its author hands it in.
#[derive(Clone, Debug, Default)]
pub struct Submitting {
    /// The revision of the working copy that they saw; none takes it as it is.
    pub seen: Option<i64>,
    /// Why it is a major matter, when the author says so.
    pub major: Option<String>,
    /// What the author says of it, for the reviewers.
    pub note: String,
}

/// The workflow and who sits where, for a manuscript's main channel.
struct Rules {
    law: Law,
    law_id: i64,
    route: Route,
    platform: String,
}

async fn rules_for(app: &App, of: &Manuscript) -> Result<Rules, Fault> {
    let db = app.db.read();
    let main = of.main_channel().ok_or(Refusal::NoChannel)?;
    let channel = channel::store::get(db, main).await?;
    if channel.running == RunningState::Closed {
        return Err(Fault::Refused(format!(
            "“{}”已经关闭，不能再向它投稿，请改选其他网络阵地。",
            channel.facts.name
        )));
    }
    let platform = channel.facts.platform.0;
    // The workflow is the channel's unit's; who sits at the levels is found at the manuscript's own.
    let owner = scope::place(db, channel.facts.unit).await?;
    let workflow = workflow::in_force(app, &owner.units, &platform).await?;
    let route = workflow::route(app, &workflow.law, channel.facts.unit).await?;
    Ok(Rules {
        law: workflow.law,
        law_id: workflow.version,
        route,
        platform,
    })
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

/// Hands a manuscript in, or in again after a return, a recall, or a change of what was approved. Its working
/// copy becomes an immutable version; review begins where the workflow says.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Forbidden` for who does not write it; what is missing; a level that nobody
/// could take; `Fault::Stale` when the working copy was saved since; when the database fails.
pub async fn submit(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    submitting: Submitting,
) -> Result<Course, Fault> {
    let me = person_of(actor)?;
    let db = app.db.read();
    let of = manuscript::open_for(db, actor, id).await?;
    if !of.is_of(me) {
        return Err(Refusal::NotTheAuthor.into());
    }
    let note = text::lines(&submitting.note, LONG)
        .map_err(|error| Fault::Malformed(format!("说明：{error}")))?;
    let major = match submitting.major {
        Some(why) => {
            let why = text::lines(&why, LONG)
                .map_err(|error| Fault::Malformed(format!("重大事项理由：{error}")))?;
            Some(if why.is_empty() {
                "作者标明为重大事项".into()
            } else {
                why
            })
        }
        None => None,
    };
    let place = manuscript::place(db, &of).await?;
    let rules = rules_for(app, &of).await?;
    let before = store::of(db, id).await?;
    if let Some(before) = &before {
        before.may_edit()?;
    }
    // Everyone who could sit anywhere: a course under way keeps its own route.
    let mut seats = rules.route.seats();
    seats.extend(before.iter().flat_map(|one| one.route.seats()));
    let handing = Handing::look(app, &place, &seats).await?;
    let hours: WorkingHours = app.setting().await?;
    let now = app.now();
    let tx = app.db.begin().await?;
    let version = manuscript::freeze(&tx, app, id, actor).await?;
    let saved = manuscript::load(&tx, id).await?;
    if submitting.seen.is_some_and(|seen| seen != saved.revision)
        || saved.main_channel() != of.main_channel()
        || saved.unit != of.unit
    {
        return Err(Fault::Stale);
    }
    let main = version.main_channel().ok_or(Refusal::NoChannel)?;
    let small = match &before {
        Some(before) => {
            let old = manuscript::version(&tx, before.content().0).await?;
            correction::is_small(&old.content, &version.content, before.law.correction_limit)
        }
        None => false,
    };
    let on_behalf_of = if me == saved.author {
        saved.author_for
    } else {
        role::principal(actor, Permission::DraftManuscripts, &place)
    };
    let mut authors: BTreeSet<PersonId> = saved.writers().into_iter().collect();
    authors.insert(version.made_by);
    let it = Submission {
        about: About {
            unit: saved.unit,
            channel: main,
            platform: rules.platform,
            author: saved.author,
            title: version.content.title.clone(),
            number: version.number,
        },
        content: version.id,
        hash: version.hash.clone(),
        by: Party {
            person: me,
            on_behalf_of,
        },
        authors,
        always_major: rules.law.always_major.contains(&version.content.category),
        law: Arc::new(rules.law),
        law_id: rules.law_id,
        route: rules.route,
        small,
        major,
        note,
        at: now,
    };
    let mut after = match &before {
        Some(before) => before.clone().submit(it)?,
        None => Course::begin(id, it),
    };
    staffed(&after, &handing)?;
    set_due(&mut after, &hours);
    match &before {
        Some(before) => {
            store::replace(&tx, before, &mut after).await?;
            if before.stage == Stage::Approved {
                publication::revoke(&tx, app, actor, id, "稿件已修改，重新审核。").await?;
            }
        }
        None => store::insert(&tx, &after).await?,
    }
    effect::hand_on(&tx, app, actor, &after, &handing, true).await?;
    effect::tell_systems(&tx, app, &after, What::Submitted).await?;
    let what = match after.round().base {
        Some(_) => "提交小改动复核",
        None if after.rounds.len() > 1 => "再次提交审核",
        None => "提交审核",
    };
    let detail = serde_json::json!({ "major": after.major, "note": after.round().note });
    record(
        &tx,
        app,
        actor,
        &after,
        "review.submitted",
        what,
        on_behalf_of,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(after)
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

/// What someone does at the level that has it.
#[derive(Clone, Debug)]
pub enum Deed {
    Approve(Said),
    Reapprove(String),
    Return(Target, Said),
    Discard(String),
}

/// Decides at the level that has it. `seen` is the version of the course that was looked at: nobody decides on
/// what they have not seen.
///
/// # Errors
/// `Fault::NotFound`; what the law refuses; `Fault::Stale` or who was faster; when the database fails.
pub async fn decide(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    seen: i32,
    deed: Deed,
) -> Result<Course, Fault> {
    let (before, place) = open_for(app, actor, id).await?;
    let by = standing(actor, &place)?;
    let level = before.level;
    if before.version != seen {
        return Err(overtaken_or_stale(app, actor, &before).await);
    }
    let now = app.now();
    let stepped = step(before.clone(), &by, deed, now);
    let after = match stepped {
        Ok(after) => after,
        Err(refusal) => return Err(refused(app, actor, refusal).await?),
    };
    let handing = Handing::of_level(app, &place, &after).await?;
    match write_step(app, actor, &before, after, &handing).await {
        Err(Fault::Stale) => Err(overtaken(app, actor, id, level).await),
        other => other,
    }
}

fn step(
    course: Course,
    by: &Standing,
    deed: Deed,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Course, Refusal> {
    match deed {
        Deed::Approve(mut said) => {
            if said.opinion.trim().is_empty() {
                said.opinion = "同意".into();
            }
            course.approve(by, said, now)
        }
        Deed::Reapprove(opinion) if opinion.trim().is_empty() => {
            course.reapprove(by, "同意改动".into(), now)
        }
        Deed::Reapprove(opinion) => course.reapprove(by, opinion, now),
        Deed::Return(to, said) => course.send_back(by, to, said, now),
        Deed::Discard(why) => course.discard(by, why, now),
    }
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

/// Writes a step that was taken, here or on paper: hands the manuscript on, back, or approves it.
async fn write_step(
    app: &App,
    actor: &Actor,
    before: &Course,
    mut after: Course,
    handing: &Handing,
) -> Result<Course, Fault> {
    let hours: WorkingHours = app.setting().await?;
    set_due(&mut after, &hours);
    let tx = app.db.begin().await?;
    store::replace(&tx, before, &mut after).await?;
    let last = after
        .decisions
        .last()
        .filter(|_| after.decisions.len() > before.decisions.len());
    let (action, words, what) = match (after.stage, last.map(|one| (one.verdict, one.to))) {
        (Stage::Approved, _) => ("review.approved", "审定", What::Approved),
        (_, Some((Verdict::Return, _))) => ("review.returned", "退回", What::Returned),
        (Stage::Discarded, _) => ("review.discarded", "定为不予采用", What::Discarded),
        _ => ("review.passed", "审核通过", What::Passed),
    };
    match after.stage {
        Stage::Reviewing => effect::hand_on(&tx, app, actor, &after, handing, true).await?,
        Stage::Returned => effect::back_to_author(&tx, app, actor, &after).await?,
        _ => effect::ended(&tx, app, actor, &after).await?,
    }
    if after.stage == Stage::Approved {
        grant(&tx, app, actor, &after).await?;
    }
    effect::tell_systems(&tx, app, &after, what).await?;
    let paper = last.and_then(|one| one.paper.as_ref());
    // Who enters a paper acts for themselves or for who delegated that to them.
    let principal = match (paper, last) {
        (Some(paper), _) => paper.recorded_by.on_behalf_of,
        (None, Some(one)) => one.by.on_behalf_of,
        (None, None) => None,
    };
    let level = last.map_or(before.level, |one| one.level);
    let on_paper = if paper.is_some() { "（纸质）" } else { "" };
    let detail = serde_json::json!({
        "level": level,
        "verdict": last.map(|one| one.verdict),
        "to": last.and_then(|one| one.to),
        "opinion": last.map(|one| &one.opinion),
        "checklist": last.map(|one| &one.checklist),
        "proofread": last.map(|one| &one.proofread),
        "asked": last.map(|one| &one.asked),
        "paper": last.and_then(|one| one.paper.as_ref().map(|paper| serde_json::json!({
            "decided_by": one.by, "decided_on": paper.decided_on,
            "recorded_by": paper.recorded_by, "number": paper.number, "scan": paper.scan,
        }))),
    });
    let words = format!("{level}{words}{on_paper}");
    record(&tx, app, actor, &after, action, &words, principal, detail).await?;
    tx.commit().await?;
    Ok(after)
}

/// The last level agreed: exactly this content may be published.
async fn grant(tx: &Tx, app: &App, actor: &Actor, course: &Course) -> Result<(), Fault> {
    let (content, hash) = course.content();
    let version = manuscript::version(tx, content).await?;
    let approvers = course
        .standing()
        .into_iter()
        .map(|(level, one)| Approver {
            level: level as u8,
            person: one.by.person,
            on_behalf_of: one.by.on_behalf_of,
            at: one.at,
        })
        .collect();
    let new = NewApproval {
        manuscript: course.manuscript,
        unit: course.about.unit,
        version: content,
        title: course.about.title.clone(),
        hash: hash.clone(),
        channels: version.content.channels,
        approvers,
        valid_days: Some(course.law.valid_days),
    };
    publication::grant(tx, app, actor, new).await?;
    Ok(())
}

/// Enters a decision that was taken on paper (R-REV-11). The scan is kept already.
///
/// # Errors
/// `Fault::NotFound`; what the law refuses; `Fault::Stale`; when the database fails.
pub async fn record_paper(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    seen: i32,
    decider: PersonId,
    slip: Slip,
) -> Result<Course, Fault> {
    let (before, place) = open_for(app, actor, id).await?;
    let me = person_of(actor)?;
    if before.version != seen {
        return Err(overtaken_or_stale(app, actor, &before).await);
    }
    let recorder: Vec<Party> = Role::ALL
        .iter()
        .filter(|role| role.permissions().contains(&Permission::RecordPaper))
        .flat_map(|role| actor.holding(*role, &place))
        .map(|grant| Party {
            person: me,
            on_behalf_of: grant.on_behalf_of,
        })
        .collect();
    let other = role::load_actor(app.db.read(), app.now(), decider).await?;
    let decides = standing(&other, &place)?;
    let now = app.now();
    let days = (
        clock::local(before.round().at).date_naive(),
        clock::local(now).date_naive(),
    );
    let stepped = before
        .clone()
        .record_paper(&decides, &recorder, slip, days, now);
    let after = match stepped {
        Ok(after) => after,
        Err(refusal) => return Err(refused(app, actor, refusal).await?),
    };
    let handing = Handing::of(app, &place, &after).await?;
    if after.stage == Stage::Reviewing {
        // Who enters it must not be the last who could have taken a later level.
        staffed(&after, &handing)?;
    }
    let level = before.level;
    match write_step(app, actor, &before, after, &handing).await {
        Err(Fault::Stale) => Err(overtaken(app, actor, id, level).await),
        other => other,
    }
}

/// A change that decides nothing: what it is, what the record says, and what others are told.
struct Aside {
    after: Course,
    action: &'static str,
    words: String,
    on_behalf_of: Option<PersonId>,
    detail: serde_json::Value,
    what: Option<What>,
    /// Whether the people of the level are told anew.
    tell: bool,
}

async fn write_aside(
    app: &App,
    actor: &Actor,
    before: &Course,
    place: &Place,
    aside: Aside,
) -> Result<Course, Fault> {
    let mut after = aside.after;
    let handing = if after.major && !before.major {
        let all = Handing::of(app, place, &after).await?;
        staffed(&after, &all)?;
        all
    } else {
        Handing::of_level(app, place, &after).await?
    };
    let tx = app.db.begin().await?;
    if after.stage != Stage::Reviewing {
        after.due = None;
    }
    store::replace(&tx, before, &mut after).await?;
    match after.stage {
        Stage::Reviewing => effect::hand_on(&tx, app, actor, &after, &handing, aside.tell).await?,
        _ => effect::ended(&tx, app, actor, &after).await?,
    }
    if let Some(what) = aside.what {
        effect::tell_systems(&tx, app, &after, what).await?;
    }
    record(
        &tx,
        app,
        actor,
        &after,
        aside.action,
        &aside.words,
        aside.on_behalf_of,
        aside.detail,
    )
    .await?;
    tx.commit().await?;
    Ok(after)
}

async fn begin(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    seen: i32,
) -> Result<(Course, Place, Standing), Fault> {
    let (before, place) = open_for(app, actor, id).await?;
    let by = standing(actor, &place)?;
    if before.version != seen {
        return Err(overtaken_or_stale(app, actor, &before).await);
    }
    Ok((before, place, by))
}

fn reason(raw: &str) -> Result<String, Fault> {
    text::lines(raw, LONG).map_err(|error| Fault::Malformed(format!("理由：{error}")))
}

/// Takes it for oneself for some working hours, so that two do not read the same (领取).
///
/// # Errors
/// As [`decide`].
pub async fn take(app: &App, actor: &Actor, id: ManuscriptId, seen: i32) -> Result<Course, Fault> {
    let (before, place, by) = begin(app, actor, id, seen).await?;
    let hours: WorkingHours = app.setting().await?;
    let now = app.now();
    let until = hours.after(now, before.law.hold_hours);
    let after = match before.clone().take(&by, now, until) {
        Ok(after) => after,
        Err(refusal) => return Err(refused(app, actor, refusal).await?),
    };
    let aside = Aside {
        on_behalf_of: after.hold.and_then(|hold| hold.by.on_behalf_of),
        words: format!("领取{}", after.level),
        action: "review.taken",
        detail: serde_json::json!({ "until": until }),
        what: None,
        tell: false,
        after,
    };
    write_aside(app, actor, &before, &place, aside).await
}

/// Gives it back to everyone of the level (放回).
///
/// # Errors
/// As [`decide`].
pub async fn release(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    seen: i32,
) -> Result<Course, Fault> {
    let (before, place, by) = begin(app, actor, id, seen).await?;
    let after = before.clone().release(by.person, app.now())?;
    let aside = Aside {
        words: format!("放回{}", after.level),
        action: "review.released",
        on_behalf_of: None,
        detail: serde_json::Value::Null,
        what: None,
        tell: true,
        after,
    };
    write_aside(app, actor, &before, &place, aside).await
}

/// The author takes it back to change it (撤回).
///
/// # Errors
/// As [`decide`].
pub async fn recall(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    seen: i32,
    why: &str,
) -> Result<Course, Fault> {
    let (before, place, by) = begin(app, actor, id, seen).await?;
    let why = reason(why)?;
    let after = before.clone().recall(by.person, app.now())?;
    let aside = Aside {
        words: "撤回".into(),
        action: "review.recalled",
        on_behalf_of: None,
        detail: serde_json::json!({ "why": why }),
        what: Some(What::Recalled),
        tell: false,
        after,
    };
    write_aside(app, actor, &before, &place, aside).await
}

/// Marks it as a major matter (重大事项), or takes the mark away.
///
/// # Errors
/// As [`decide`]; when the leader's level could not be filled.
pub async fn mark_major(
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    seen: i32,
    major: bool,
    why: &str,
) -> Result<Course, Fault> {
    let (before, place, by) = begin(app, actor, id, seen).await?;
    let (why, now) = (reason(why)?, app.now());
    let (party, after) = if major {
        (
            before.may_mark(&by)?,
            before.clone().mark_major(&by, why.clone(), now)?,
        )
    } else {
        (
            before.may_unmark(&by)?,
            before.clone().unmark_major(&by, &why, now)?,
        )
    };
    let aside = Aside {
        words: if major {
            "标为重大事项"
        } else {
            "取消重大事项"
        }
        .into(),
        action: if major {
            "review.marked_major"
        } else {
            "review.unmarked_major"
        },
        on_behalf_of: party.on_behalf_of,
        detail: serde_json::json!({ "why": why }),
        what: major.then_some(What::MarkedMajor),
        tell: false,
        after,
    };
    write_aside(app, actor, &before, &place, aside).await
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

/// Gives back what someone took and left lying, so that the others of the level see it again.
///
/// # Errors
/// When the database fails.
pub async fn release_run_out(app: &App) -> Result<(), Fault> {
    let program = Actor::program("审核");
    for id in store::run_out(app.db.read(), app.now()).await? {
        let Some(before) = store::of(app.db.read(), id).await? else {
            continue;
        };
        let Some(hold) = before.hold.filter(|hold| hold.until <= app.now()) else {
            continue;
        };
        let place = place(app.db.read(), &before).await?;
        let after = before.clone().release(hold.by.person, app.now())?;
        let aside = Aside {
            words: format!("领取到期，放回{}", after.level),
            action: "review.released",
            on_behalf_of: None,
            detail: serde_json::Value::Null,
            what: None,
            tell: true,
            after,
        };
        match write_aside(app, &program, &before, &place, aside).await {
            // Somebody has just done something with it; the next time tells.
            Ok(_) | Err(Fault::Stale) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// The courses of a unit that went up in another are the other's; what waited for that unit's people waits
/// for the other's.
///
/// # Errors
/// When the database fails.
pub async fn move_unit(
    app: &App,
    from: zhendi_kernel::UnitId,
    into: zhendi_kernel::UnitId,
) -> Result<(), Fault> {
    let program = Actor::program("审核");
    let tx = app.db.begin().await?;
    let waiting = store::move_unit(&tx, from, into).await?;
    for id in waiting {
        let course = store::of(&tx, id).await?.ok_or(Fault::NotFound)?;
        let place = place(&tx, &course).await?;
        let handing = Handing::of_level(app, &place, &course).await?;
        effect::hand_on(&tx, app, &program, &course, &handing, true).await?;
    }
    tx.commit().await?;
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
