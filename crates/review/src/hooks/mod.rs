//! Signed messages to other systems on changes of state (R-API-1).

mod api;
mod deliver;
mod event;
mod pages;
mod service;
mod sign;
mod store;
#[cfg(test)]
mod tests;

pub use deliver::jobs;
pub use event::{Event, What};
pub use service::create;
pub use sign::signature;
pub use store::{SEALED, Said};

use serde_json::json;
use zhendi_kernel::{
    App, Fault, Permission, Tx,
    web::{Access, Routes},
};

/// The kind of a message that only tries the way.
const TEST: &str = "test";

zhendi_kernel::named! {
    /// What became of a message.
    State {
        /// Not yet tried, or to be tried again.
        Waiting = "waiting", "等待发送";
        /// The receiver has it.
        Delivered = "delivered", "已送达";
        /// Nobody tries again by itself.
        Failed = "failed", "未送达";
    }
}

/// Pages and API.
pub fn routes() -> Routes {
    let keep = Access::Needs(Permission::ManageWorkflows);
    Routes::new()
        .get("/settings/hooks", keep, pages::list)
        .get("/settings/hooks/new", keep, pages::new)
        .post("/settings/hooks", keep, pages::create)
        .get("/settings/hooks/{id}", keep, pages::show)
        .get("/settings/hooks/{id}/edit", keep, pages::edit)
        .post("/settings/hooks/{id}", keep, pages::change)
        .post("/settings/hooks/{id}/tests", keep, pages::test)
        .post("/settings/hooks/{id}/switches", keep, pages::switch)
        .post("/settings/hooks/{id}/secrets", keep, pages::renew)
        .post("/settings/hooks/{id}/removals", keep, pages::remove)
        .post(
            "/settings/hooks/{id}/deliveries/{message}/retries",
            keep,
            pages::again,
        )
        .get("/api/v1/hooks", keep, api::list)
        .post("/api/v1/hooks", keep, api::create)
        .delete("/api/v1/hooks/{id}", keep, api::remove)
        .get("/api/v1/hooks/{id}/deliveries", keep, api::deliveries)
        .post("/api/v1/hooks/{id}/tests", keep, api::test)
}

/// The descriptions of the API's routes, for the OpenAPI document.
pub use api::docs;

/// Tells the systems that subscribed to such a change. Called in the transaction of the change, before its
/// audit record: they are told if it commits, and only then. What they get names no person.
///
/// # Errors
/// When the database fails.
pub async fn tell(tx: &Tx, app: &App, event: Event) -> Result<(), Fault> {
    let hooks = store::for_event(tx, &event).await?;
    if hooks.is_empty() {
        return Ok(());
    }
    let (number, hash) = event.version.clone().unzip();
    let body = json!({
        "type": event.what,
        "timestamp": app.now(),
        "data": {
            "manuscript": event.manuscript,
            "title": event.title,
            "unit": event.unit,
            "version": number,
            "hash": hash,
            "channel": event.channel,
            "link": event.link,
        },
    })
    .to_string();
    for hook in hooks {
        let code = event.what.code();
        let about = Some(event.manuscript);
        let message = store::add(tx, hook.id, code, about, body.clone(), app.now()).await?;
        deliver::enqueue(tx, app, message, None).await?;
    }
    Ok(())
}
