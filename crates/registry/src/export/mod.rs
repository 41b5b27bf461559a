//! Exports that take longer than anyone waits for: made in the background, with progress, to be fetched for a
//! day by whoever asked for them.
//!
//! Whoever asks gets what their roles allow at the moment of the making. A file holds names and numbers, so it
//! lies sealed in the database like an upload, for every node to serve, and is forgotten after [`KEPT_HOURS`].

mod pages;
mod print;
mod run;
mod store;
#[cfg(test)]
mod tests;

pub use print::long_pdf;
pub use run::{Made, Make, Progress, Source};

use zhendi_kernel::{
    Actor, App, Fault, audit,
    jobs::{self, Handlers, NewJob},
    secrets::SealedColumn,
    web::{Access, Routes},
};

/// A file can be fetched for so many hours.
pub const KEPT_HOURS: i64 = 24;

/// One person has no more exports under way.
const AT_ONCE: u64 = 3;

/// The pages of one's own exports.
pub fn routes() -> Routes {
    let own = Access::SignedIn;
    Routes::new()
        .get("/exports", own, pages::list)
        .get("/exports/{id}/file", own, pages::file)
        .post("/exports/{id}/cancellations", own, pages::cancel)
}

/// Makes files, and forgets old ones.
pub fn jobs(handlers: Handlers, sources: &'static [Source]) -> Handlers {
    handlers
        .on("export.run", move |app, _| run::run(app, sources))
        .called("export.run", "生成导出文件")
        .on("export.forget", |app, _| async move {
            store::forget_old(&app).await?;
            Ok(())
        })
        .called("export.forget", "清除过期的导出文件")
        .hourly("export.forget")
}

/// The files lie sealed.
pub const SEALED: &[SealedColumn] = &[SealedColumn {
    table: "export_part",
    key: "id",
    column: "content",
    purpose: store::PURPOSE,
}];

/// What is to be exported.
#[derive(Clone, Debug)]
pub struct Order {
    /// Which source makes it.
    pub kind: &'static str,
    /// What it is, for its page: no personal data.
    pub title: String,
    /// What the source needs to know: ids and words, no personal data.
    pub asked: serde_json::Value,
}

/// Begins an export; the page `/exports` shows how far it is.
///
/// # Errors
/// `Fault::Refused` when the person has several under way; when the database fails.
pub async fn start(app: &App, actor: &Actor, order: Order) -> Result<i64, Fault> {
    let person = actor.person().ok_or(Fault::NotFound)?;
    let tx = app.db.begin().await?;
    if store::under_way(&tx, person).await? >= AT_ONCE {
        return Err(Fault::Refused(format!(
            "您已有 {AT_ONCE} 个导出正在进行，请等其中一个完成，或在“导出文件”页面取消后再试。"
        )));
    }
    let summary = format!("申请导出：{}", order.title);
    let detail = serde_json::json!({ "kind": order.kind, "asked": order.asked });
    let id = store::insert(&tx, app, person, order).await?;
    jobs::enqueue(&tx, app, NewJob::new("export.run", serde_json::json!({}))).await?;
    record(&tx, app, actor, "export.requested", id, summary, detail).await?;
    tx.commit().await?;
    Ok(id)
}

/// One record about an export.
async fn record(
    tx: &zhendi_kernel::Tx,
    app: &App,
    actor: &Actor,
    action: &'static str,
    id: i64,
    summary: String,
    detail: serde_json::Value,
) -> Result<(), Fault> {
    let entry = audit::Entry {
        action,
        subject: ("export", id),
        unit: None,
        on_behalf_of: None,
        summary,
        detail,
    };
    audit::append(tx, app, actor, entry).await
}
