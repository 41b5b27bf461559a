//! What a browser would show of HTML, and where each piece of it stands.

use crate::text::{Block, Segment};

/// The visible text of a piece of HTML.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub plain: String,
    pub segments: Vec<Segment>,
    pub blocks: Vec<Block>,
}

pub(crate) fn read(source: &str) -> Read {
    let _ = source;
    Read::default()
}
