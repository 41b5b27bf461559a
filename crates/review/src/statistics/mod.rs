//! How review goes (R-REV-10): passed, returned, time at each level, errors found.

mod api;
mod export;
mod figures;
mod pages;
#[cfg(test)]
mod tests;

pub use api::{
    ReviewFigures, ReviewLevelFigures, ReviewPersonFigures, ReviewProofFigures, ReviewUnitFigures,
    docs,
};

use zhendi_kernel::{
    Permission,
    web::{Access, Routes},
};

/// Pages and API.
pub fn routes() -> Routes {
    let see = Access::Needs(Permission::ViewManuscripts);
    Routes::new()
        .get("/reviews/statistics", see, pages::show)
        .get("/reviews/statistics.xlsx", see, export::xlsx)
        .get("/api/v1/review-statistics", see, api::api)
}
