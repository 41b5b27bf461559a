//! What a reviewer sees and does (R-REV-3, R-REV-4): the text, findings, annotations, differences, the decision.

mod cut;
mod difference;
mod document;
mod pairing;
mod reading;
#[cfg(test)]
mod tests;

pub use difference::{Amount, CellChange, Change, Fate, Inside, RowChange, Span, amount, compare};
pub use document::{Block, Document, Glyph, Kind, Medium, Row, Sign, Style, Words};

use zhendi_kernel::web::Routes;

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}
