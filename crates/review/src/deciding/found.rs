//! What the machine found, at its places in the text that the reviewer reads.

use super::document::Document;
use crate::manuscript::Version;
use std::ops::Range;
use zhendi_kernel::{App, Fault};

/// One finding.
pub(super) struct Found {
    /// `error`, `warning` or `notice`.
    pub tone: &'static str,
    pub label: String,
    pub text: String,
    pub suggestion: String,
    /// Its place in the document; none when it is not in the text.
    pub range: Option<Range<usize>>,
}

/// What the machine finds in a version.
///
/// # Errors
/// When the database fails.
pub(super) async fn machine(_app: &App, _version: &Version, _document: &Document) -> Result<Vec<Found>, Fault> {
    Ok(vec![])
}
