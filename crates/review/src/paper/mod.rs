//! Review sheets (审核表/发稿单, R-REV-10) and decisions taken on paper (R-REV-11).

mod api;
mod download;
mod form;
mod names;
mod numbers;
mod pages;
mod record;
#[cfg(test)]
mod tests;
mod trail;

pub use api::docs;
pub use names::line as names_line;
pub use record::{Entry, Scan, record};
pub use trail::{Trail, TrailDecision, TrailNote, TrailPaper, TrailPublication, TrailRound};

use zhendi_kernel::{
    Permission,
    web::{Access, Routes},
};

/// Pages and API.
pub fn routes() -> Routes {
    let mine = Access::SignedIn;
    let officer = Access::Needs(Permission::RecordPaper);
    let mut routes = Routes::new()
        .get("/manuscripts/{id}/sheet", mine, pages::show)
        .get("/review-sheets/{key}", Access::Public, pages::check)
        .get("/manuscripts/{id}/papers/new", officer, record::new)
        .upload(
            "/manuscripts/{id}/papers",
            officer,
            record::LIMIT,
            record::create,
        )
        .get("/manuscripts/{id}/papers/{scan}", mine, record::scan)
        .get("/api/v1/manuscripts/{id}/trail", mine, api::show)
        .get("/api/v1/manuscripts/{id}/sheet/{format}", mine, api::sheet)
        .upload(
            "/api/v1/manuscripts/{id}/papers",
            officer,
            api::LIMIT,
            api::create,
        );
    for path in [
        "/manuscripts/{id}/sheet.pdf",
        "/manuscripts/{id}/sheet.docx",
        "/manuscripts/{id}/sheet.xls",
    ] {
        routes = routes.get(path, mine, download::of_manuscript);
    }
    routes
}
