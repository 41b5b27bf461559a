//! What people do with workflows, and whether there are people enough for one.

use super::store::{self, Reach, Workflow};
use crate::{
    course::{
        effect::Handing,
        rules::{Law, Level, OwnChannels, Party, Route, Shortage, staff},
    },
    ids::WorkflowId,
};
use std::collections::BTreeSet;
use zhendi_kernel::{Actor, App, Fault, Permission, UnitId, audit, scope};
use zhendi_people::{role, unit};
use zhendi_registry::{
    channel::{self, RunningState},
    settings::{PublicityRoute, Registry},
};

/// The categories that some workflow in force says are major matters always.
///
/// # Errors
/// When the database fails.
pub async fn always_major(app: &App) -> Result<BTreeSet<String>, Fault> {
    // There before anyone asked for it.
    default(app).await?;
    let all = store::all(app.db.read()).await?;
    Ok(all
        .into_iter()
        .flat_map(|workflow| workflow.law.always_major.clone())
        .collect())
}

/// The workflow for a channel: that of the nearest unit that has one, or the Rule's own. `units` begins with
/// the channel's unit.
///
/// # Errors
/// When the database fails.
pub async fn in_force(app: &App, units: &[UnitId], platform: &str) -> Result<Workflow, Fault> {
    match store::for_channel(app.db.read(), units, platform).await? {
        Some(found) => Ok(found),
        None => default(app).await,
    }
}

/// The institution's default; written down as the Rule's own when nobody has changed it yet, so that what
/// begins by it keeps it.
///
/// # Errors
/// When the database fails.
pub async fn default(app: &App) -> Result<Workflow, Fault> {
    let tx = app.db.begin().await?;
    let default = store::default(&tx, app.now()).await?;
    tx.commit().await?;
    Ok(default)
}

/// Who sits at each level of a unit's channels by a law: the publicity department's own need other people
/// than everyone else's (R-ORG-11).
///
/// # Errors
/// When the database fails.
pub async fn route(app: &App, law: &Law, owner: UnitId) -> Result<Route, Fault> {
    let unit = unit::find(app.db.read(), owner).await?;
    if !unit.is_some_and(|unit| unit.publicity) {
        return Ok(law.route());
    }
    let settings: Registry = app.setting().await?;
    Ok(law.route().of_publicity(match settings.publicity_route {
        PublicityRoute::DeputySigns => OwnChannels::DeputyReviews,
        PublicityRoute::LeaderDecides => OwnChannels::LeaderDecides,
    }))
}

/// A law that cannot be followed, in words for the form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlawful {
    #[error("至少要有两级审核（初审、复审、终审中的两级），由不同的人办理。")]
    TooFewLevels,
    #[error("必须保留分管领导审批：重大事项要由分管领导审批。")]
    NoLeader,
    #[error("{0}的时限请填 1 至 400 个工作小时。")]
    Hours(Level),
    #[error("“修改后从哪一级重审”须是流程中已有的一级。")]
    Restart,
    #[error("授权有效期请填 1 至 365 天。")]
    Validity,
    #[error("领取时限请填 1 至 40 个工作小时。")]
    Hold,
    #[error("小改动的字数上限不能超过 200 字。")]
    Correction,
}

/// Whether a law is whole.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn lawful(law: &Law) -> Result<(), Unlawful> {
    let has = |level| law.rung(level).is_some();
    let reviews = [Level::One, Level::Two, Level::Three]
        .into_iter()
        .filter(|level| has(*level));
    if reviews.count() < 2 {
        return Err(Unlawful::TooFewLevels);
    }
    if !has(Level::Leader) {
        return Err(Unlawful::NoLeader);
    }
    if let Some(rung) = law
        .levels
        .iter()
        .find(|rung| !(1..=400).contains(&rung.hours))
    {
        return Err(Unlawful::Hours(rung.level));
    }
    if law.restart == Level::Leader || !has(law.restart) {
        return Err(Unlawful::Restart);
    }
    if !(1..=365).contains(&law.valid_days) {
        return Err(Unlawful::Validity);
    }
    if !(1..=40).contains(&law.hold_hours) {
        return Err(Unlawful::Hold);
    }
    if law.correction_limit > 200 {
        return Err(Unlawful::Correction);
    }
    Ok(())
}

/// So many channels of a unit are looked at: a unit has few.
const LOOKED_AT: usize = 50;

/// For which of a unit's channels the levels could not be filled by different people: name and reason. Of the
/// institution's default only what is the same for all is looked at.
///
/// # Errors
/// When the database fails.
pub async fn shortages(
    app: &App,
    reach: &Reach,
    law: &Law,
) -> Result<Vec<(String, Shortage)>, Fault> {
    let db = app.db.read();
    let nobody = |_| BTreeSet::new();
    let Some(unit) = reach.unit else {
        let Some(root) = unit::root(db).await? else {
            return Ok(vec![]);
        };
        let place = scope::place(db, root.id).await?;
        let route = law.route();
        let handing = Handing::look(app, &place, &route.seats()).await?;
        let levels: Vec<Level> = route
            .0
            .keys()
            .copied()
            .filter(|level| *level >= Level::Three)
            .collect();
        let enough = staff(&route, &levels, nobody, |level| {
            handing.parties(route.0[&level].seat)
        });
        return Ok(enough
            .err()
            .map(|shortage| ("全院".to_owned(), shortage))
            .into_iter()
            .collect());
    };
    let route = route(app, law, unit).await?;
    let place = scope::place(db, unit).await?;
    let levels: Vec<Level> = route.0.keys().copied().collect();
    let mut found = vec![];
    let mut looked_at = 0;
    for id in channel::store::of_unit(db, unit).await? {
        let channel = channel::store::get(db, id).await?;
        let fits = reach
            .platform
            .as_deref()
            .is_none_or(|code| channel.facts.platform.0 == code);
        if !fits || channel.running == RunningState::Closed {
            continue;
        }
        looked_at += 1;
        if looked_at > LOOKED_AT {
            break;
        }
        let at = place.clone().on(Some(id));
        let handing = Handing::look(app, &at, &route.seats()).await?;
        let enough = staff(&route, &levels, nobody, |level| {
            handing.parties(route.0[&level].seat)
        });
        if let Err(shortage) = enough {
            found.push((channel.facts.name, shortage));
        }
    }
    Ok(found)
}

async fn staffed(app: &App, reach: &Reach, law: &Law) -> Result<(), Fault> {
    let found = shortages(app, reach, law).await?;
    // The default is for units that have their people, and for those that still lack some.
    match (reach.unit, found.first()) {
        (Some(_), Some((name, shortage))) => Err(Fault::Refused(format!("“{name}”：{shortage}"))),
        _ => Ok(()),
    }
}

fn party(actor: &Actor) -> Option<Party> {
    actor.person().map(|person| Party {
        person,
        on_behalf_of: role::stands_for(actor, Permission::ManageWorkflows),
    })
}

/// A workflow of a unit's own.
///
/// # Errors
/// `Fault::Refused` for a law that is not whole or cannot be staffed, or when there is one; when the database
/// fails.
pub async fn create(app: &App, actor: &Actor, reach: Reach, law: Law) -> Result<WorkflowId, Fault> {
    lawful(&law).map_err(|wrong| Fault::Refused(wrong.to_string()))?;
    staffed(app, &reach, &law).await?;
    let tx = app.db.begin().await?;
    let id = store::insert(&tx, &reach, law.clone(), party(actor), app.now()).await?;
    record(
        &tx,
        app,
        actor,
        id,
        reach.unit,
        "workflow.created",
        "新建审核流程",
        &law,
    )
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// Another version of a workflow; `seen` is the number of the one that was changed.
///
/// # Errors
/// As [`create`]; `Fault::Stale` when someone else was first.
pub async fn change(
    app: &App,
    actor: &Actor,
    id: WorkflowId,
    seen: i32,
    law: Law,
) -> Result<(), Fault> {
    let before = store::find(app.db.read(), id)
        .await?
        .ok_or(Fault::NotFound)?;
    if before.ended || before.number != seen {
        return Err(Fault::Stale);
    }
    lawful(&law).map_err(|wrong| Fault::Refused(wrong.to_string()))?;
    if before.law == law {
        return Ok(());
    }
    staffed(app, &before.reach, &law).await?;
    let tx = app.db.begin().await?;
    store::add_version(&tx, id, seen + 1, law.clone(), party(actor), app.now()).await?;
    let summary = format!("修改审核流程，第 {} 版", seen + 1);
    record(
        &tx,
        app,
        actor,
        id,
        before.reach.unit,
        "workflow.changed",
        &summary,
        &law,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a unit's own workflow; what is under way keeps it.
///
/// # Errors
/// `Fault::Refused` for the institution's default; when the database fails.
pub async fn end(app: &App, actor: &Actor, id: WorkflowId) -> Result<(), Fault> {
    let before = store::find(app.db.read(), id)
        .await?
        .ok_or(Fault::NotFound)?;
    if before.reach.unit.is_none() && before.reach.platform.is_none() {
        return Err(Fault::Refused("学院默认流程不能停用，可以修改。".into()));
    }
    if before.ended {
        return Ok(());
    }
    let tx = app.db.begin().await?;
    store::end(&tx, id, app.now()).await?;
    record(
        &tx,
        app,
        actor,
        id,
        before.reach.unit,
        "workflow.ended",
        "停用审核流程",
        &before.law,
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "one record, said once")]
async fn record(
    tx: &zhendi_kernel::Tx,
    app: &App,
    actor: &Actor,
    id: WorkflowId,
    unit: Option<UnitId>,
    action: &'static str,
    summary: &str,
    law: &Law,
) -> Result<(), Fault> {
    let entry = audit::Entry {
        action,
        subject: ("workflow", id.0),
        unit,
        on_behalf_of: role::stands_for(actor, Permission::ManageWorkflows),
        summary: summary.to_owned(),
        detail: serde_json::json!({ "law": law }),
    };
    audit::append(tx, app, actor, entry).await
}
