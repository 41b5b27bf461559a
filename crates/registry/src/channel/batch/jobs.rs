//! Doing an order, channel by channel: each in a transaction of its own with the note of it, so that a job
//! that ends half way goes on where it was and does nothing twice.

use super::{Act, State, act, store};
use serde_json::Value;
use zhendi_kernel::{
    App, ChannelId, Fault,
    jobs::{JobError, NewJob},
};

/// The job's kind.
pub const JOB: &str = "channel.batch";

/// The job that does an order.
pub fn job(batch: i64) -> NewJob {
    NewJob::new(JOB, serde_json::json!({ "batch": batch }))
}

/// Does an order.
pub async fn run(app: &App, payload: Value) -> Result<(), JobError> {
    let unknown = || JobError::Permanent("没有这个批量办理".into());
    let id = payload["batch"].as_i64().ok_or_else(unknown)?;
    let batch = store::find(app.db.read(), id).await?.ok_or_else(unknown)?;
    let act = Act::parse(&batch.act).ok_or_else(unknown)?;
    loop {
        let some = store::waiting(app.db.read(), id, 100).await?;
        if some.is_empty() {
            break;
        }
        // Rights are those of now: who lost them meanwhile does nothing more.
        let actor = app.holders.actor(app, batch.made_by).await?;
        for channel in some {
            let Some(actor) = &actor else {
                note(app, id, channel, "经办人已不能登录。".into()).await?;
                continue;
            };
            let tx = app.db.begin().await?;
            let first = store::note(&tx, id, channel, State::Done, None).await?;
            if !first {
                continue;
            }
            match act::apply(&tx, app, actor, channel, act, &batch.detail).await {
                Ok(()) => tx.commit().await?,
                Err(fault @ (Fault::Unavailable(_) | Fault::Internal(_))) => {
                    return Err(fault.into());
                }
                Err(fault) => {
                    tx.rollback().await?;
                    note(app, id, channel, fault.to_string()).await?;
                }
            }
        }
    }
    let tx = app.db.begin().await?;
    store::finish(&tx, app.now(), id).await?;
    tx.commit().await?;
    Ok(())
}

async fn note(app: &App, batch: i64, channel: ChannelId, why: String) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    store::note(&tx, batch, channel, State::Refused, Some(why)).await?;
    tx.commit().await?;
    Ok(())
}
