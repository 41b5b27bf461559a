//! The Notice's four annexes out of the register (R-REG-8): seen on the screen, printed, downloaded, and
//! checked again by the code on the paper.

mod api;
mod archive;
mod background;
mod check;
mod download;
mod gather;
mod named;
mod pages;
mod paper;
mod prints;
mod reader;
mod render;
mod spool;
mod subject;
mod survey;
mod survey_page;
#[cfg(test)]
mod tests;

pub use api::{AnnexTwoFigure, AnnexTwoLine, AnnexTwoView};
pub use archive::{Archive, archive, archive_name};
pub use background::SOURCE;
pub use download::{Asked, produce, this_year};
pub use gather::{Gathered, Summary};
pub(crate) use gather::{figures, platform_or_icp};
pub use named::{channel_named, filing_named};
pub use render::sheet_file;
pub use subject::{Annex, Format, Reach, Subject};
pub use survey::Survey;

use zhendi_kernel::{
    Permission,
    web::{Access, Routes},
};

/// The pages, downloads and API of forms.
pub fn routes() -> Routes {
    let see = Access::Needs(Permission::ViewChannels);
    let filings = Access::Needs(Permission::ViewFilings);
    let keep = Access::Needs(Permission::ManageRegistry);
    let mut routes = Routes::new()
        .get("/forms", see, pages::index)
        .get("/forms/survey.zip", see, archive::survey)
        .get("/forms/{file}", see, download::of_many)
        .get("/channels/{id}/form", see, pages::of_channel)
        .get("/filings/{id}/form", filings, pages::of_filing)
        .get("/prints/{hash}", Access::Public, check::show)
        .get("/settings/survey", keep, survey_page::show)
        .post("/settings/survey", keep, survey_page::save)
        .get("/api/v1/forms/annex-2", see, api::annex_two)
        .get("/api/v1/forms/{file}", see, download::for_programs);
    for path in [
        "/channels/{id}/form.xls",
        "/channels/{id}/form.xlsx",
        "/channels/{id}/form.pdf",
        "/channels/{id}/form.docx",
    ] {
        routes = routes.get(path, see, download::of_channel);
    }
    for path in [
        "/filings/{id}/form.xls",
        "/filings/{id}/form.xlsx",
        "/filings/{id}/form.pdf",
        "/filings/{id}/form.docx",
    ] {
        routes = routes.get(path, filings, download::of_filing);
    }
    routes
}

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::api::{__path_annex_two, annex_two};
    pub use super::download::{__path_for_programs, for_programs};
}
