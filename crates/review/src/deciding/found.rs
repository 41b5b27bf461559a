//! What the machine found, at its places in the text that the reviewer reads.

use super::document::Document;
use crate::{
    check::{self, Draft, Where},
    course::Course,
    dictionary::Severity,
    manuscript::Version,
};
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

/// What the machine finds in the version under review, judged by the facts of today: this is when it goes out;
/// and of how many links it is not known yet whether they lead anywhere.
///
/// # Errors
/// When the database or the store of files fails.
pub(super) async fn machine(
    app: &App,
    course: &Course,
    version: &Version,
    document: &Document,
) -> Result<(Vec<Found>, usize), Fault> {
    let draft = Draft::version(version, course.about.unit, app.clock.today());
    let report = check::examine(app, draft).await?;
    let html = &version.content.html;
    // Places are told in characters of the HTML, and are bytes of it here.
    let starts: Vec<usize> = html
        .char_indices()
        .map(|(at, _)| at)
        .chain([html.len()])
        .collect();
    let byte = |at: usize| starts.get(at).copied().unwrap_or(html.len());
    let mut all: Vec<Found> = report
        .findings
        .into_iter()
        .map(|one| {
            let (place, range) = match &one.place {
                Where::Title => ("标题：".to_owned(), None),
                Where::Text => {
                    let range = document.signs_at(&(byte(one.html.start)..byte(one.html.end)));
                    (String::new(), range)
                }
                Where::File { name, spot } => (format!("附件“{name}”{spot}："), None),
                Where::Channel(name) => (format!("{name}："), None),
                Where::Beside(name) => (format!("{name}："), None),
            };
            Found {
                tone: match one.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                    Severity::Notice => "notice",
                },
                label: one.kind.label().to_owned(),
                text: format!("{place}{}", one.message),
                suggestion: one.suggestions.into_iter().next().unwrap_or_default(),
                range,
            }
        })
        .collect();
    all.extend(report.unread.into_iter().map(|(file, reason)| Found {
        tone: "warning",
        label: "未能检查".into(),
        text: format!("附件“{file}”：{reason}"),
        suggestion: String::new(),
        range: None,
    }));
    Ok((all, report.waiting))
}
