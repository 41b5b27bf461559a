//! Decisions at the level that has it, here or on paper, and what the last one grants.

use super::{
    super::{
        effect::{self, Handing},
        hours::WorkingHours,
        rules::{Course, Party, Refusal, Said, Slip, Stage, Standing, Target, Verdict},
        store,
    },
    open_for, overtaken, overtaken_or_stale, person_of, record, refused, set_due, staffed,
    standing,
};
use crate::{
    hooks::What,
    ids::ManuscriptId,
    manuscript,
    publication::{self, Approver, NewApproval},
};
use zhendi_kernel::{Actor, App, Fault, Permission, PersonId, Place, Role, Tx, clock};
use zhendi_people::role;

/// What someone does at the level that has it.
#[derive(Clone, Debug)]
pub enum Deed {
    Approve(Said),
    Reapprove(String),
    Return(Target, Said),
    Discard(String),
}

/// Decides at the level that has it, on a course [as it was opened](open_for) for the actor. `seen` is the version
/// that they looked at: nobody decides on what they have not seen.
///
/// # Errors
/// What the law refuses; `Fault::Stale` or who was faster; when the database fails.
pub async fn decide(
    app: &App,
    actor: &Actor,
    (before, place): (Course, Place),
    seen: i32,
    deed: Deed,
) -> Result<Course, Fault> {
    let by = standing(actor, &place)?;
    let (id, level) = (before.manuscript, before.level);
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
