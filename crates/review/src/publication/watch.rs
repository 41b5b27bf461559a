//! What runs out by itself: approvals that were not used in time.

use super::{approval, effect, rules::State, store};
use zhendi_kernel::{
    Actor, App, Fault,
    jobs::{Handlers, JobError},
};

/// The jobs that watch.
pub(super) fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .on("publication.watch", |app: App, _| async move {
            lapse(&app).await.map_err(JobError::from)
        })
        .hourly("publication.watch")
        .called("publication.watch", "检查授权有效期")
}

async fn lapse(app: &App) -> Result<(), Fault> {
    let actor = Actor::program("检查授权有效期");
    let states = [State::Planned, State::Failed];
    for one in store::standing_at(app.db.read(), &states).await? {
        let Some(id) = one.approval else { continue };
        let approval = approval::find(app.db.read(), id).await?;
        if approval.is_some_and(|approval| approval.in_force(app.now())) {
            continue;
        }
        let tx = app.db.begin().await?;
        match effect::lapse(&tx, app, &actor, one, "授权已过期，请重新送审。").await {
            Ok(()) => tx.commit().await?,
            // Somebody was faster; the next hour looks again.
            Err(Fault::Stale) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
