//! The channel's admin orders that something goes out, and takes the order back.

use super::{
    super::{
        effect,
        rules::{Act, Publication, Refusal, State},
        store,
    },
    admin, job, open_for, ready,
};
use crate::{
    connector::{self, Way},
    ids::{ManuscriptId, PublicationId},
    manuscript,
};
use chrono::{DateTime, Utc};
use zhendi_kernel::{Actor, App, Fault, Tx, clock, jobs};

/// The channel's admin orders it: at once, or at a time (授权发布).
///
/// # Errors
/// `Fault::NotFound`, `Fault::Forbidden`; what the law refuses; `Fault::Stale`; when the database fails.
pub async fn order(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
    at: Option<DateTime<Utc>>,
) -> Result<Publication, Fault> {
    let (mut one, place) = open_for(app, actor, id).await?;
    let by = admin(actor, &place)?;
    let (db, now) = (app.db.read(), app.now());
    one.take(Act::Order, now)?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    let version = manuscript::version(db, one.content).await?;
    // A retry asks whether it may begin, as the first order did.
    let expires = ready(db, &one, &version, now).await?;
    if at.is_some_and(|at| at <= now || expires.is_some_and(|end| at >= end)) {
        return Err(Refusal::BadTime.into());
    }
    let others = store::of_manuscript(db, one.manuscript).await?;
    if others
        .iter()
        .any(|other| other.channel == one.channel && other.state == State::Withdrawing)
    {
        return Err(Refusal::BeingWithdrawn.into());
    }
    one.way = connector::way_of(db, one.channel).await?;
    if one.way == Way::Hand {
        return Err(Fault::Refused(
            "这个网络阵地没有设置发布通道，请手动发布后登记链接和截图。".into(),
        ));
    }
    one.orders += 1;
    one.failures = 0;
    one.message.clear();
    one.scheduled_at = at;
    one.ordered = Some((by, now));
    let tx = app.db.begin().await?;
    store::replace(&tx, &mut one).await?;
    jobs::enqueue(&tx, app, job(&one, at)).await?;
    effect::hand_on(&tx, app, actor, &one).await?;
    let called = effect::called(&tx, &one).await?;
    let summary = match &at {
        Some(at) => format!("定时发布{called}，{}", clock::show(at)),
        None => format!("发布{called}"),
    };
    let action = "publication.ordered";
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(one)
}

/// Takes an order back that was not carried out yet.
///
/// # Errors
/// As [`order`].
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: PublicationId,
    seen: i32,
) -> Result<Publication, Fault> {
    let (mut one, place) = open_for(app, actor, id).await?;
    let by = admin(actor, &place)?;
    one.take(Act::Cancel, app.now())?;
    if one.version != seen {
        return Err(Fault::Stale);
    }
    // The job of the order finds another number and does nothing.
    one.orders += 1;
    one.scheduled_at = None;
    let tx = app.db.begin().await?;
    store::replace(&tx, &mut one).await?;
    effect::hand_on(&tx, app, actor, &one).await?;
    let summary = format!("取消发布{}", effect::called(&tx, &one).await?);
    let action = "publication.cancelled";
    effect::record(&tx, app, actor, action, &one, by.on_behalf_of, summary).await?;
    tx.commit().await?;
    Ok(one)
}

/// Departments have the manuscript from now on (R-INS-7): orders that have not left the house are taken back,
/// and whoever looks at an older page orders nothing any more. Called in the transaction that keeps the
/// forwarding, whose audit record tells of it.
///
/// # Errors
/// `Fault::Stale` when somebody orders at this moment; when the database fails.
pub async fn stop(tx: &Tx, app: &App, actor: &Actor, id: ManuscriptId) -> Result<(), Fault> {
    for mut one in store::of_manuscript(tx, id).await? {
        if !one.state.waits() {
            continue;
        }
        let ordered = one.state == State::Ordered;
        if ordered {
            one.take(Act::Cancel, app.now())?;
            one.orders += 1;
            one.scheduled_at = None;
            one.message = "稿件已转送有关部门，发布指令自动取消。".into();
        }
        store::replace(tx, &mut one).await?;
        if ordered {
            effect::hand_on(tx, app, actor, &one).await?;
        }
    }
    Ok(())
}
