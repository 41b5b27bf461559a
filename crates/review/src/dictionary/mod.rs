//! Words that are wrong, to be avoided or to be watched: each institution's and unit's own data (R-REV-4,
//! R-INS-2). No list of political terms comes with the program: institutions keep and import their own.

mod api;
mod export;
mod form;
mod import;
mod import_pages;
mod list;
mod numbers;
mod service;
mod store;
mod terms;
#[cfg(test)]
pub(crate) mod tests;

pub use api::docs;
pub use import::{Line, read as read_list};
pub(crate) use store::{Row, enabled, number, number_forms};
pub use terms::{NewWord, Severity, Word, WordKind};

use zhendi_kernel::{
    Permission,
    web::{Access, Routes},
};

/// What words are called in the audit chain.
pub const SUBJECT: &str = "dictionary_word";

/// A unit keeps no more words than this.
pub(crate) const MOST: u64 = 100_000;

/// What an uploaded list may weigh.
const UPLOAD: usize = 20 << 20;

/// Pages and API.
pub fn routes() -> Routes {
    let keep = Access::Needs(Permission::ManageDictionaries);
    Routes::new()
        .get("/dictionaries", keep, list::page)
        .get("/dictionaries.csv", keep, export::csv)
        .get("/dictionaries.xlsx", keep, export::xlsx)
        .get("/dictionaries/sample.xlsx", keep, export::sample)
        .get("/dictionaries/new", keep, form::new)
        .post("/dictionaries", keep, form::create)
        .get("/dictionaries/words/{id}", keep, form::show)
        .post("/dictionaries/words/{id}", keep, form::change)
        .post("/dictionaries/words/{id}/switches", keep, form::switch)
        .post("/dictionaries/words/{id}/removals", keep, form::remove)
        .get("/dictionaries/numbers", keep, numbers::page)
        .post("/dictionaries/numbers", keep, numbers::add)
        .post("/dictionaries/numbers/{id}/removals", keep, numbers::remove)
        .get("/dictionaries/imports/new", keep, import_pages::new)
        .upload("/dictionaries/imports", keep, UPLOAD, import_pages::upload)
        .get("/dictionaries/imports/{id}", keep, import_pages::show)
        .post(
            "/dictionaries/imports/{id}/confirmations",
            keep,
            import_pages::confirm,
        )
        .get("/api/v1/dictionary-words", keep, api::list)
        .post("/api/v1/dictionary-words", keep, api::create)
        .get("/api/v1/dictionary-words/{id}", keep, api::show)
        .put("/api/v1/dictionary-words/{id}", keep, api::change)
        .delete("/api/v1/dictionary-words/{id}", keep, api::remove)
}
