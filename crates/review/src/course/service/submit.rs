//! Handing in: a working copy becomes an immutable version, and review begins where the workflow says.

use super::{
    super::{
        correction,
        effect::{self, Handing},
        hours::WorkingHours,
        rules::{About, Course, Law, Party, Refusal, Route, Stage, Submission},
        store, workflow,
    },
    LONG, person_of, record, set_due, staffed,
};
use crate::{
    hooks::What,
    ids::ManuscriptId,
    link,
    manuscript::{self, Manuscript},
    publication,
};
use std::{collections::BTreeSet, sync::Arc};
use zhendi_kernel::{Actor, App, Fault, Permission, PersonId, scope, text};
use zhendi_people::role;
use zhendi_registry::channel::{self, RunningState};

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
    link::want(&tx, app, &link::all(&version.content)).await?;
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
