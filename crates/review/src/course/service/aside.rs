//! What decides nothing: taking and giving back, recalling, marking as a major matter, and what happens by
//! itself.

use super::{
    super::{
        effect::{self, Handing},
        hours::WorkingHours,
        rules::{Course, Stage, Standing},
        store,
    },
    LONG, open_for, overtaken_or_stale, place, record, refused, staffed, standing,
};
use crate::{hooks::What, ids::ManuscriptId};
use zhendi_kernel::{Actor, App, Fault, PersonId, Place, Tx, text};

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

/// Departments have it from now on (R-INS-7): whoever looks at an older page decides nothing any more. Called
/// in the transaction that keeps the forwarding; nothing happens to what was never handed in.
///
/// # Errors
/// `Fault::Stale` when somebody decides at this moment; when the database fails.
pub async fn stop(tx: &Tx, id: ManuscriptId) -> Result<(), Fault> {
    match store::of(tx, id).await? {
        Some(before) => store::replace(tx, &before, &mut before.clone()).await,
        None => Ok(()),
    }
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
