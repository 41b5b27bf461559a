//! How review goes (R-REV-10): passed, returned, time at each level, errors found.

mod figures;
mod pages;
#[cfg(test)]
mod tests;

pub use pages::{
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
        .get("/reviews/statistics.xlsx", see, pages::xlsx)
        .get("/api/v1/review-statistics", see, pages::api)
}
