//! What happens to channels because of what happened below: people leave, units merge.

use super::{acts, batch, recheck, store};
use crate::filing;
use serde::Deserialize;
use serde_json::Value;
use zhendi_kernel::{
    Actor, App, ChannelId, PersonId, UnitId,
    jobs::{Handlers, JobError},
};
use zhendi_people::holding;

/// The daily look at terms.
const WATCH: &str = "channel.watch";

/// Counters' rows become one for each again.
const FOLD: &str = "channel.fold_counters";

/// The handlers of channels.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .on(holding::HANDED_OVER, |app, payload| async move {
            handed_over(&app, payload).await
        })
        .on(holding::UNIT_MERGED, |app, payload| async move {
            unit_merged(&app, payload).await
        })
        .on(batch::JOB, |app, payload| async move {
            batch::run(&app, payload).await
        })
        .on(recheck::ROUND, |app, payload| async move {
            recheck::round(&app, payload).await
        })
        .on(WATCH, |app, _| async move { recheck::watch(&app).await })
        .on(FOLD, |app, _| async move {
            let tx = app.db.begin().await?;
            store::counters::fold(&tx).await?;
            tx.commit().await?;
            Ok(())
        })
        .hourly(FOLD)
        .called(FOLD, "整理网络阵地计数")
        .daily_at(WATCH, 5, 40)
        .called(batch::JOB, "批量办理网络阵地")
        .called(recheck::ROUND, "分派年检核对")
        .called(WATCH, "检查网络阵地的期限")
        .called(holding::HANDED_OVER, "交接网络阵地")
        .called(holding::UNIT_MERGED, "随单位合并转移网络阵地")
}

#[derive(Deserialize)]
struct HandedOver {
    kind: String,
    subject: ChannelId,
    from: PersonId,
    to: PersonId,
}

#[derive(Deserialize)]
struct UnitMerged {
    from: UnitId,
    into: UnitId,
}

fn unreadable(error: serde_json::Error) -> JobError {
    JobError::Permanent(error.to_string())
}

async fn handed_over(app: &App, payload: Value) -> Result<(), JobError> {
    let order: HandedOver = serde_json::from_value(payload).map_err(unreadable)?;
    if order.kind != holding::CHANNEL {
        return Ok(());
    }
    let tx = app.db.begin().await?;
    if let Some(channel) = store::find(&tx, order.subject).await? {
        let actor = Actor::program("人员交接");
        acts::replace_person(&tx, app, &actor, channel, order.from, order.to).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn unit_merged(app: &App, payload: Value) -> Result<(), JobError> {
    let order: UnitMerged = serde_json::from_value(payload).map_err(unreadable)?;
    let actor = Actor::program("单位合并");
    for id in store::of_unit(app.db.read(), order.from).await? {
        // One at a time: a job that is run again goes on where it was.
        let tx = app.db.begin().await?;
        let channel = store::get(&tx, id).await?;
        if channel.facts.unit == order.from {
            acts::move_to_unit(&tx, app, &actor, channel, order.into).await?;
            tx.commit().await?;
        }
    }
    let tx = app.db.begin().await?;
    filing::move_unit(&tx, app, &actor, order.from, order.into).await?;
    tx.commit().await?;
    Ok(())
}
