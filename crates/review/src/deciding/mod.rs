//! What a reviewer sees and does (R-REV-3, R-REV-4): the text, findings, annotations, differences, the decision.

mod compared;
mod cut;
mod diff;
mod difference;
mod document;
mod found;
mod pages;
mod pairing;
mod reading;
mod render;
mod returned;
mod review;
mod service;
mod spans;
mod store;
mod tables;
mod tag;
mod terms;
#[cfg(test)]
mod tests;

pub use diff::{Diff, Fact, between, compare as compare_contents, differences};
pub use difference::{Amount, CellChange, Change, Fate, Inside, RowChange, Span, amount, compare};
pub use document::{Block, Document, Glyph, Kind, Medium, Row, Sign, Style, Words};
pub(crate) use service::is_open;
pub use service::{Spot, annotate, annotations, remove, reply};
pub(crate) use tag::Tag;
pub use terms::{Annotation, Answer, Reply};

use zhendi_kernel::{
    Permission,
    web::{Access, Routes},
};

/// The pages. Who decides is the course's own law; authors answer for their own text and compare its versions
/// without any role.
pub fn routes() -> Routes {
    let review = Access::Needs(Permission::ReviewManuscripts);
    let all = Access::SignedIn;
    Routes::new()
        .get("/manuscripts/{id}/review", all, review::review)
        .get("/manuscripts/{id}/review/news", review, pages::news)
        .get("/manuscripts/{id}/differences", all, pages::differences)
        .post("/manuscripts/{id}/annotations", review, pages::annotate)
        .post(
            "/manuscripts/{id}/annotations/{annotation}/removals",
            review,
            pages::remove,
        )
        .get("/manuscripts/{id}/answers", all, returned::show)
        .post("/manuscripts/{id}/answers", all, returned::save)
}
