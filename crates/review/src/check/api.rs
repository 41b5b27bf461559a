//! Checks for the editor and for other systems.

use super::{Draft, Found, FoundKind, Report, Where, examine};
use crate::{
    dictionary::Severity,
    ids::{ManuscriptId, WordId},
    manuscript,
};
use axum::{Json, extract::State};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zhendi_kernel::web::body::{self, Body};
use zhendi_kernel::{Actor, App, ChannelId, Fault, Permission, UnitId, scope};
use zhendi_registry::channel;

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{__path_check, check};
}

/// A text to be checked.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// Whose dictionaries hold; left out for those of the manuscript's unit.
    pub unit: Option<UnitId>,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub html: String,
    /// The manuscript whose attachments, channels and category are checked with the text.
    pub manuscript: Option<ManuscriptId>,
    /// The channels that the text is for; left out for those of the manuscript.
    pub channels: Option<Vec<ChannelId>>,
    /// The text's category; left out for that of the manuscript.
    pub category: Option<String>,
    /// The text's own day; today when left out.
    pub date: Option<NaiveDate>,
}

/// One thing that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FoundView {
    pub kind: FoundKind,
    /// The kind as people read it.
    pub label: &'static str,
    pub severity: Severity,
    pub rule: String,
    /// `title`, `text`, `channel`, `beside`, or the name of a file.
    #[serde(rename = "where")]
    pub place: String,
    /// In a file: where in it. For a channel or a link beside the text: its name.
    pub spot: String,
    /// First character in the title or in the HTML.
    pub start: usize,
    /// Behind the last character in the title or in the HTML.
    pub end: usize,
    /// First character in the plain text.
    pub text_start: usize,
    /// Behind the last character in the plain text.
    pub text_end: usize,
    pub message: String,
    /// What could stand there instead, the best first; an empty one means: leave it out.
    pub suggestions: Vec<String>,
    pub category: Option<String>,
    /// The word of a dictionary that found it.
    pub word: Option<WordId>,
}

impl From<Found> for FoundView {
    fn from(found: Found) -> Self {
        let (place, spot) = match found.place {
            Where::Title => ("title".to_owned(), String::new()),
            Where::Text => ("text".to_owned(), String::new()),
            Where::File { name, spot } => (name, spot),
            Where::Channel(name) => ("channel".to_owned(), name),
            Where::Beside(name) => ("beside".to_owned(), name.to_owned()),
        };
        Self {
            label: found.kind.label(),
            kind: found.kind,
            severity: found.severity,
            rule: found.rule,
            place,
            spot,
            start: found.html.start,
            end: found.html.end,
            text_start: found.chars.start,
            text_end: found.chars.end,
            message: found.message,
            suggestions: found.suggestions,
            category: found.category,
            word: found.word,
        }
    }
}

/// A file, or a part of one, that could not be read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnreadView {
    pub file: String,
    pub reason: String,
}

/// What a check says of a text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckReport {
    pub findings: Vec<FoundView>,
    /// What could not be read, and so was not checked.
    pub unread: Vec<UnreadView>,
    /// Links of which it is not known yet whether they lead anywhere: a manuscript's are asked when it is saved.
    pub waiting: usize,
    /// Whether there is more than is listed.
    pub more: bool,
}

impl From<Report> for CheckReport {
    fn from(report: Report) -> Self {
        let unread = report.unread.into_iter();
        Self {
            findings: report.findings.into_iter().map(FoundView::from).collect(),
            unread: unread
                .map(|(file, reason)| UnreadView { file, reason })
                .collect(),
            waiting: report.waiting,
            more: report.more,
        }
    }
}

/// Checks a text with the dictionaries of a unit; nothing of it is kept.
#[utoipa::path(
    post, path = "/api/v1/checks", tag = "dictionaries", operation_id = "check_text", request_body = CheckBody,
    responses((status = 200, body = CheckReport), (status = 400), (status = 401), (status = 403), (status = 404)),
)]
pub async fn check(
    State(app): State<App>,
    actor: Actor,
    asked: Body<CheckBody>,
) -> Result<Json<CheckReport>, Fault> {
    let asked = body::read(asked).map_err(|fault| match fault {
        Fault::TooLarge(_) => Fault::TooLarge("文字过多，请分开检查。".into()),
        fault => fault,
    })?;
    let db = app.db.read();
    let on = asked.date.unwrap_or_else(|| app.clock.today());
    let mut draft = match (asked.manuscript, asked.unit) {
        (Some(id), _) => {
            let of = manuscript::open_for(db, &actor, id).await?;
            // What its writers have changed since it was handed in is theirs.
            match manuscript::latest(db, id).await? {
                Some(latest) if !of.is_written_by(&actor) => Draft::version(&latest, of.unit, on),
                _ => Draft::working(&of, on),
            }
        }
        (None, Some(unit)) => {
            // What words a unit keeps is seen in what they find: only those who write there may ask.
            let place = scope::place(db, unit).await?;
            if !actor.may(Permission::DraftManuscripts, &place) {
                return Err(Fault::NotFound);
            }
            Draft {
                unit,
                on,
                title: String::new(),
                html: String::new(),
                category: String::new(),
                channels: vec![],
                files: vec![],
                beside: vec![],
            }
        }
        (None, None) => return Err(Fault::Malformed("请写明 unit 或 manuscript。".into())),
    };
    (draft.title, draft.html) = (asked.title, asked.html);
    if let Some(channels) = asked.channels {
        draft.channels = vec![];
        for id in channels.into_iter().take(20) {
            let Some(found) = channel::store::find(db, id).await? else {
                continue;
            };
            let place = scope::place(db, found.facts.unit).await?.on(Some(id));
            if actor.may(Permission::ViewChannels, &place) {
                draft.channels.push(id);
            }
        }
    }
    if let Some(category) = asked.category {
        draft.category = category;
    }
    Ok(Json(examine(&app, draft).await?.into()))
}
