//! The machine's findings in a text (R-REV-4, R-REV-9, R-INS-2): the engine with the layers of the institution and of a unit.

mod api;
mod files;
mod layers;
mod scope;
mod scope_pages;
#[cfg(test)]
mod tests;

pub use api::docs;
pub use scope::{Carrier, Scopes};

use crate::{
    dictionary::Severity,
    ids::WordId,
    link,
    manuscript::{Content, FileRef, FileRole, Manuscript, Version},
};
use chrono::NaiveDate;
use layers::Layers;
use std::{ops::Range, sync::Arc};
use zhendi_kernel::{
    App, ChannelId, Fault, Permission, UnitId, named,
    web::{Access, Routes},
};
use zhendi_textcheck::{self as engine, Context, Text};

named! {
    /// What sort of thing was found.
    FoundKind {
        /// A word of a dictionary that is wrong.
        WrongWord = "wrong_word", "错误用词";
        /// A word of a dictionary that is not to be used.
        AvoidWord = "avoid_word", "不宜使用";
        /// A word of a dictionary that a person should look at.
        WatchWord = "watch_word", "需要核对";
        /// A slip that needs no dictionary.
        Proofreading = "proofreading", "校对";
        PersonalData = "personal_data", "个人信息";
        Secrecy = "secrecy", "涉密";
        /// Outside of what a channel may carry (Rule 7).
        Scope = "scope", "发布范围";
        /// A link that leads nowhere, or not for everyone.
        Link = "link", "链接";
    }
}

impl From<engine::Kind> for FoundKind {
    fn from(of: engine::Kind) -> Self {
        match of {
            engine::Kind::WrongWord => Self::WrongWord,
            engine::Kind::AvoidWord => Self::AvoidWord,
            engine::Kind::WatchWord => Self::WatchWord,
            engine::Kind::Proofreading => Self::Proofreading,
            engine::Kind::PersonalData => Self::PersonalData,
            engine::Kind::Secrecy => Self::Secrecy,
        }
    }
}

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    Title,
    /// In the text; the ranges say where.
    Text,
    /// In an attachment, at a place in words: `工作表“名单” B2（隐藏列）`.
    File {
        name: String,
        spot: String,
    },
    /// Not in the text: it does not belong on the channel of that name.
    Channel(String),
    /// A link of that name beside the text.
    Beside(&'static str),
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub kind: FoundKind,
    pub severity: Severity,
    /// The rule that found it; stable.
    pub rule: String,
    pub place: Where,
    /// Characters in the title, or in the plain text of the body or of the attachment's part.
    pub chars: Range<usize>,
    /// Characters in the HTML of the body; of a title, the same as `chars`.
    pub html: Range<usize>,
    /// What is wrong, in short Chinese.
    pub message: String,
    /// What could stand there instead, the best first.
    pub suggestions: Vec<String>,
    pub category: Option<String>,
    /// The word of a dictionary that found it.
    pub word: Option<WordId>,
}

/// What a check says of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub findings: Vec<Found>,
    /// Attachments, or parts of them, that could not be read: name and reason.
    pub unread: Vec<(String, String)>,
    /// Links of which it is not known yet whether they lead anywhere.
    pub waiting: usize,
    /// Whether there is more than is listed.
    pub more: bool,
}

/// A report lists no more findings than this.
const MOST: usize = 1_000;

/// A text that is to be checked.
#[derive(Clone, Debug)]
pub struct Draft {
    pub unit: UnitId,
    /// The text's own day: names and posts are judged by the facts of that day.
    pub on: NaiveDate,
    pub title: String,
    pub html: String,
    pub category: String,
    pub channels: Vec<ChannelId>,
    pub files: Vec<FileRef>,
    /// Links that stand beside the text, with what they are called.
    pub beside: Vec<(&'static str, String)>,
}

impl Draft {
    /// A manuscript's working copy.
    pub fn working(of: &Manuscript, on: NaiveDate) -> Self {
        Self::content(of.unit, &of.content, on)
    }

    /// A version of a manuscript of that unit.
    pub fn version(of: &Version, unit: UnitId, on: NaiveDate) -> Self {
        Self::content(unit, &of.content, on)
    }

    fn content(unit: UnitId, content: &Content, on: NaiveDate) -> Self {
        let attached = |file: &&FileRef| file.role == FileRole::Attachment;
        Self {
            unit,
            on,
            title: content.title.clone(),
            html: content.html.clone(),
            category: content.category.clone(),
            channels: content.channels.clone(),
            files: content.files.iter().filter(attached).cloned().collect(),
            beside: link::beside(content),
        }
    }
}

/// Checks a text with everything that holds for its unit and its channels.
///
/// # Errors
/// When the database or the store of files fails.
pub async fn examine(app: &App, draft: Draft) -> Result<Report, Fault> {
    let db = app.db.read();
    let layers = layers::of(app, draft.unit).await?;
    let carried = scope::channels(db, &draft.channels).await?;
    let scopes = zhendi_kernel::settings::get::<Scopes>(db).await?;
    let mut report = Report {
        findings: scopes.categories(&draft.category, &carried),
        ..Report::default()
    };
    let attached = files::examine(app, &layers, &draft).await?;
    let known = link::sought(db, &draft).await?;
    let by = Arc::clone(&layers);
    let Draft {
        title,
        html,
        on,
        beside,
        ..
    } = draft;
    let forum = carried
        .iter()
        .any(|channel| channel.carrier == Carrier::Forum);
    let (mut found, (links, waiting)) = tokio::task::spawn_blocking(move || {
        let mut found = in_text(&by, &title, &html, on);
        if forum {
            found.extend(scopes.advertising(&title, &html));
        }
        (found, link::findings(&html, &beside, &known))
    })
    .await
    .map_err(Fault::internal)?;
    report.waiting = waiting;
    for (file, unread) in attached {
        found.extend(file);
        report.unread.extend(unread);
    }
    if forum {
        found.iter_mut().for_each(scope::forbid_in_forum);
    }
    report.findings.extend(found);
    report.findings.extend(links);
    report.more = report.findings.len() > MOST;
    report.findings.truncate(MOST);
    Ok(report)
}

/// What is found in title and body.
fn in_text(by: &Layers, title: &str, html: &str, on: NaiveDate) -> Vec<Found> {
    let mut found = vec![];
    let text = Text::plain(title);
    for finding in by.checker.check(&text, &Context::on(on)) {
        found.push(by.found(finding, Where::Title));
    }
    let text = Text::html(html);
    let context = Context::on(on).titled(title);
    for finding in by.checker.check(&text, &context) {
        found.push(by.found(finding, Where::Text));
    }
    found
}

/// Pages and API.
pub fn routes() -> Routes {
    let write = Access::Needs(Permission::DraftManuscripts);
    let keep = Access::Needs(Permission::ManageDictionaries);
    Routes::new()
        .post("/checks", write, api::check)
        .post("/api/v1/checks", write, api::check)
        .get("/dictionaries/scopes", keep, scope_pages::page)
        .post("/dictionaries/scopes", keep, scope_pages::save)
}
