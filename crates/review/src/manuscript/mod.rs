//! Manuscripts (R-REV-1): written, kept as immutable versions, found again.

mod begin;
mod canonical;
mod categories;
mod edit;
mod files;
mod form;
mod frame;
mod list;
mod media;
mod rules;
mod sanitize;
mod service;
mod show;
mod store;
mod targets;
mod terms;
#[cfg(test)]
mod tests;

pub use canonical::{hash, plain, words};
pub use categories::Categories;
pub use files::{NewFile, keep as keep_file, show as show_file};
pub use frame::entrusted;
pub use rules::{Lack, lacks};
pub use sanitize::file_address;
pub use service::{
    Draft, Said, Save, Saved, begin, copy, discard, filter, freeze, is_visible, may_write,
    open_for, place, save,
};
pub use store::{latest, load, version, versions};
pub(crate) use targets::named as channel_names;
pub use terms::{Content, FileRef, FileRole, Layout, Manuscript, Origin, Rights, Version};

use zhendi_kernel::{
    Fault, Permission, UnitId,
    jobs::{Handlers, JobError},
    web::{Access, Routes},
};
use zhendi_people::holding;

/// What manuscripts are called in the audit chain.
pub const SUBJECT: &str = "manuscript";

/// Pages. Who may see which manuscript is the manuscript's own law: its writers need no other role.
pub fn routes() -> Routes {
    let open = Access::SignedIn;
    let write = Access::Needs(Permission::DraftManuscripts);
    Routes::new()
        .get("/manuscripts", open, list::page)
        .get("/manuscripts.csv", open, list::csv)
        .get("/manuscripts.xlsx", open, list::xlsx)
        .get("/manuscripts/new", write, begin::new)
        .post("/manuscripts", write, begin::create)
        .get("/manuscripts/{id}", open, show::show)
        .get("/manuscripts/{id}/edit", write, edit::edit)
        .upload(
            "/manuscripts/{id}/edit",
            write,
            edit::FORM_LIMIT,
            edit::save,
        )
        .get("/manuscripts/{id}/frame", open, edit::frame)
        .post("/manuscripts/{id}/copies", write, show::copy)
        .post("/manuscripts/{id}/removals", write, show::discard)
        .upload(
            "/manuscripts/{id}/files",
            write,
            files::REQUEST_LIMIT,
            media::upload,
        )
        .get("/manuscripts/{id}/files/{file}", open, media::file)
        .post(
            "/manuscripts/{id}/files/{file}/removals",
            write,
            media::remove_file,
        )
        .post("/manuscripts/{id}/pictures", write, media::bring_in)
        .get(
            "/manuscripts/{id}/versions/{number}",
            open,
            show::one_version,
        )
        .get(
            "/manuscripts/versions/{id}/frame",
            open,
            show::version_frame,
        )
}

/// A unit that went up in another, as `people` tells it.
#[derive(serde::Deserialize)]
struct Merged {
    from: UnitId,
    into: UnitId,
}

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers.also(holding::UNIT_MERGED, |app, payload| async move {
        let merged: Merged = serde_json::from_value(payload)
            .map_err(|error| JobError::Permanent(error.to_string()))?;
        let tx = app.db.begin().await?;
        store::move_unit(&tx, merged.from, merged.into).await?;
        tx.commit().await.map_err(Fault::from)?;
        Ok(())
    })
}
