//! The jobs that bring orders to platforms and take posts down. Each attempt is noted before its first request
//! leaves, so that a crash in between is seen; what it left at the platform is found again by its key.

use super::{
    effect,
    rules::{Act, Publication, State},
    service, store,
};
use crate::{
    connector::{self, Connection, Failure, Post, Put},
    hooks::What,
    ids::PublicationId,
    manuscript::{self, Version},
};
use chrono::TimeDelta;
use zhendi_kernel::{
    Actor, App, Fault, Permission,
    jobs::{self, Handlers, JobError, NewJob},
};

/// The job that sends.
pub(super) const SEND: &str = "publication.send";
/// The job that takes down.
pub(super) const REMOVE: &str = "publication.remove";

/// Minutes until the next attempt; after the last one a person has to see to it.
const PAUSES: [i64; 5] = [1, 2, 5, 15, 60];

/// Whether no further attempt is made by itself.
pub(super) fn gave_up(one: &Publication) -> bool {
    usize::try_from(one.failures).is_ok_and(|failures| failures > PAUSES.len())
}

#[derive(serde::Deserialize)]
struct Order {
    publication: PublicationId,
    order: i32,
}

/// The jobs of publications.
pub(super) fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .on(SEND, |app: App, payload| async move {
            send(&app, order(payload)?).await
        })
        .called(SEND, "发布稿件")
        .on(REMOVE, |app: App, payload| async move {
            remove(&app, order(payload)?).await
        })
        .called(REMOVE, "撤下稿件")
}

fn order(payload: serde_json::Value) -> Result<Order, JobError> {
    serde_json::from_value(payload).map_err(|error| JobError::Permanent(error.to_string()))
}

fn program() -> Actor {
    Actor::program("发布任务")
}

/// The publication of an order that still stands.
async fn load(app: &App, order: &Order, states: &[State]) -> Result<Option<Publication>, Fault> {
    let found = store::find(app.db.read(), order.publication).await?;
    Ok(found.filter(|one| one.orders == order.order && states.contains(&one.state)))
}

/// Whether who ordered it may still publish there: a role that was taken away is gone.
async fn still_ordered(app: &App, one: &Publication) -> Result<(), Fault> {
    let refused = || Fault::Refused("下达发布指令的人员已不再是该网络阵地的管理员。".into());
    let (by, _) = one.ordered.ok_or_else(refused)?;
    let place = service::place_of(app.db.read(), one.channel).await?;
    match app.holders.actor(app, by.person).await? {
        Some(actor) if actor.may(Permission::PublishContent, &place) => Ok(()),
        _ => Err(refused()),
    }
}

async fn send(app: &App, order: Order) -> Result<(), JobError> {
    let Some(mut one) = load(app, &order, &[State::Ordered, State::Sending]).await? else {
        return Ok(());
    };
    let db = app.db.read();
    let version = manuscript::version(db, one.content).await?;
    let allowed = async {
        service::ready(db, &one, &version, app.now()).await?;
        still_ordered(app, &one).await
    };
    match allowed.await {
        Ok(()) => {}
        Err(fault @ (Fault::Refused(_) | Fault::Forbidden(_))) => {
            let failure = Failure::lasting(fault.to_string());
            return note_failure(app, one, None, None, failure).await;
        }
        Err(fault) => return Err(fault.into()),
    }
    let others = store::of_manuscript(db, one.manuscript).await?;
    let mut others = others
        .into_iter()
        .filter(|other| other.id != one.id && other.channel == one.channel);
    if others.clone().any(|other| other.state == State::Sending) {
        return Err(JobError::Retry("同一稿件的另一版本正在发送".into()));
    }
    let there = others.find(|other| matches!(other.state, State::Sent | State::Published));
    let connection = connector::of_channel(db, app, one.channel).await?;
    if let Some(connection) = &connection {
        one.way = connection.way;
    }
    if one.remote_id.is_none() {
        one.remote_id = there
            .filter(|there| there.way == one.way)
            .and_then(|there| there.remote_id);
    }
    let attempt = begin(app, &mut one, Act::Begin, "publish").await?;
    let outcome = put(app, connection.as_ref(), &one, version).await;
    match outcome {
        Ok(put) => note_put(app, one, attempt, connection.as_ref(), put).await,
        Err(failure) => note_failure(app, one, Some(attempt), connection.as_ref(), failure).await,
    }
}

/// Notes that an attempt begins; one without an end was cut off.
async fn begin(app: &App, one: &mut Publication, act: Act, what: &str) -> Result<i64, Fault> {
    let now = app.now();
    if act == Act::Begin {
        one.take(Act::Begin, now)?;
    }
    let tx = app.db.begin().await?;
    for before in store::attempts(&tx, one.id).await? {
        if before.ended_at.is_none() {
            let detail = "执行中断，结果不明；再次尝试时先按编号查找";
            store::end_attempt(&tx, before.id, "unknown", detail, now).await?;
        }
    }
    store::replace(&tx, one).await?;
    let attempt = store::begin_attempt(&tx, one.id, what, now).await?;
    tx.commit().await?;
    Ok(attempt)
}

async fn put(
    app: &App,
    connection: Option<&Connection>,
    one: &Publication,
    version: Version,
) -> Result<Put, Failure> {
    let connector = match connection {
        Some(connection) => connector::connector(connection)?,
        None => None,
    };
    let connector = connector
        .ok_or_else(|| Failure::lasting("这个网络阵地已改为手动发布，请手动发布后登记"))?;
    connector.put(app, &Post::new(one, version)).await
}

async fn note_put(
    app: &App,
    mut one: Publication,
    attempt: i64,
    connection: Option<&Connection>,
    put: Put,
) -> Result<(), JobError> {
    let (actor, now) = (program(), app.now());
    let tx = app.db.begin().await?;
    if let Some(connection) = connection {
        connector::used(&tx, app, &actor, connection, None).await?;
    }
    let (action, verb) = match put {
        Put::Live {
            remote_id,
            link,
            found,
        } => {
            let outcome = if found { "found" } else { "done" };
            store::end_attempt(&tx, attempt, outcome, &link, now).await?;
            one.take(Act::Publish, now).map_err(Fault::from)?;
            one.remote_id = Some(remote_id);
            one.link = Some(link);
            one.message.clear();
            service::went_live(&tx, app, &actor, &mut one, None).await?;
            ("publication.published", "已发布")
        }
        Put::Accepted { remote_id, message } => {
            store::end_attempt(&tx, attempt, "accepted", &message, now).await?;
            one.take(Act::Accept, now).map_err(Fault::from)?;
            one.remote_id = remote_id;
            one.message = message;
            one.failures = 0;
            service::replace_others(&tx, app, &actor, &one, &[State::Sent]).await?;
            store::replace(&tx, &mut one).await?;
            effect::hand_on(&tx, app, &actor, &one).await?;
            ("publication.accepted", "已送达平台")
        }
    };
    let summary = format!("{verb}{}", effect::called(&tx, &one).await?);
    effect::record(&tx, app, &actor, action, &one, None, summary).await?;
    tx.commit().await?;
    Ok(())
}

/// Notes that an attempt failed: another one later, or a person's turn.
async fn note_failure(
    app: &App,
    mut one: Publication,
    attempt: Option<i64>,
    connection: Option<&Connection>,
    failure: Failure,
) -> Result<(), JobError> {
    let (actor, now) = (program(), app.now());
    let pause = usize::try_from(one.failures)
        .ok()
        .and_then(|failures| PAUSES.get(failures))
        .filter(|_| failure.passing);
    let tx = app.db.begin().await?;
    if let Some(attempt) = attempt {
        store::end_attempt(&tx, attempt, "failed", &failure.message, now).await?;
    }
    if let Some(connection) = connection {
        connector::used(&tx, app, &actor, connection, Some(&failure)).await?;
    }
    one.failures += 1;
    one.message = failure.message;
    one.updated_at = now;
    if let Some(minutes) = pause {
        store::replace(&tx, &mut one).await?;
        let at = now + TimeDelta::minutes(*minutes);
        jobs::enqueue(&tx, app, service::job(&one, Some(at))).await?;
        tx.commit().await?;
        return Ok(());
    }
    let others = store::of_manuscript(&tx, one.manuscript).await?;
    let newer = others
        .iter()
        .any(|other| other.channel == one.channel && other.id > one.id && other.state.waits());
    one.take(if newer { Act::Replace } else { Act::Fail }, now)
        .map_err(Fault::from)?;
    store::replace(&tx, &mut one).await?;
    effect::hand_on(&tx, app, &actor, &one).await?;
    effect::tell_people(&tx, app, &one).await?;
    effect::tell_systems(&tx, app, What::Failed, &one).await?;
    let summary = format!("发布失败{}", effect::called(&tx, &one).await?);
    effect::record(&tx, app, &actor, "publication.failed", &one, None, summary).await?;
    tx.commit().await?;
    Ok(())
}

async fn remove(app: &App, order: Order) -> Result<(), JobError> {
    let Some(mut one) = load(app, &order, &[State::Withdrawing]).await? else {
        return Ok(());
    };
    let db = app.db.read();
    let version = manuscript::version(db, one.content).await?;
    let connection = connector::of_channel(db, app, one.channel).await?;
    let attempt = begin(app, &mut one, Act::Remove, "withdraw").await?;
    let outcome = take_down(app, connection.as_ref(), &one, version).await;
    let (actor, now) = (program(), app.now());
    let tx = app.db.begin().await?;
    match outcome {
        Ok(said) => {
            store::end_attempt(&tx, attempt, "done", &said, now).await?;
            one.message = said;
            service::removed(&tx, app, &actor, &mut one).await?;
            let summary = format!("已撤下{}", effect::called(&tx, &one).await?);
            effect::record(&tx, app, &actor, "publication.removed", &one, None, summary).await?;
        }
        Err(failure) => {
            store::end_attempt(&tx, attempt, "failed", &failure.message, now).await?;
            let pause = usize::try_from(one.failures)
                .ok()
                .and_then(|failures| PAUSES.get(failures))
                .filter(|_| failure.passing);
            one.message = failure.message;
            one.updated_at = now;
            one.failures = match pause {
                Some(_) => one.failures + 1,
                // A person's turn.
                None => i32::try_from(PAUSES.len()).map_err(Fault::internal)? + 1,
            };
            store::replace(&tx, &mut one).await?;
            match pause {
                Some(minutes) => {
                    let payload = serde_json::json!({ "publication": one.id, "order": one.orders });
                    let again = NewJob {
                        run_at: Some(now + TimeDelta::minutes(*minutes)),
                        ..NewJob::new(REMOVE, payload)
                    };
                    jobs::enqueue(&tx, app, again).await?;
                }
                None => effect::hand_on(&tx, app, &actor, &one).await?,
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn take_down(
    app: &App,
    connection: Option<&Connection>,
    one: &Publication,
    version: Version,
) -> Result<String, Failure> {
    let connector = match connection {
        // Another platform than the one it was sent to.
        Some(connection) if connection.way != one.way => None,
        Some(connection) => connector::connector(connection)?,
        None => None,
    };
    let connector =
        connector.ok_or_else(|| Failure::lasting("发布通道已更换，请到平台上撤下后上传截图"))?;
    let said = connector.remove(app, &Post::new(one, version)).await?;
    match &one.link {
        Some(link) => {
            let gone = connector::look_gone(app, link).await?;
            Ok(format!("{said}；{gone}"))
        }
        None => Ok(said),
    }
}
