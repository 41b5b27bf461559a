//! What a check says: findings, how grave they are, and by what facts a text is judged.

use std::{borrow::Cow, ops::Range, sync::Arc};

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use crate::text::Text;

/// What sort of slip a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A word of a dictionary that is wrong.
    WrongWord,
    /// A word of a dictionary that is not to be used.
    AvoidWord,
    /// A word of a dictionary that a person should look at.
    WatchWord,
    /// A slip that needs no dictionary: punctuation, numbers, dates, numbering.
    Proofreading,
    /// What belongs to a person: numbers of identity, telephone, bank, addresses.
    PersonalData,
    /// A mark of secrecy, or a form of an internal document.
    Secrecy,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Notice,
    /// Probably wrong.
    Warning,
    /// Wrong, or must not go out.
    Error,
}

/// Where something stands, counted from 0 in bytes (UTF-8) and in characters (Unicode scalar values).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    pub bytes: Range<usize>,
    pub chars: Range<usize>,
}

/// The entry of a dictionary that a finding comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The layer's name.
    #[serde(serialize_with = "name")]
    pub layer: Arc<str>,
    /// The entry's place in the layer as it was given, from 0.
    pub entry: usize,
}

/// One slip and its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub kind: Kind,
    pub severity: Severity,
    /// The rule that found it, such as `date.weekday`; stable, for switching off and counting.
    pub rule: &'static str,
    /// Bytes in the plain text ([`Text::as_str`]).
    pub bytes: Range<usize>,
    /// Characters in the plain text; filled in by the [`Checker`](crate::Checker).
    pub chars: Range<usize>,
    /// The same place in the source, with its tags and entities; filled in by the [`Checker`](crate::Checker).
    pub source: Place,
    /// What is wrong, in short Chinese.
    pub message: Cow<'static, str>,
    /// What could stand there instead, the best first.
    pub suggestions: Vec<String>,
    /// The entry's category, if a dictionary found it.
    #[serde(serialize_with = "optional_name")]
    pub category: Option<Arc<str>>,
    /// The entry, if a dictionary found it.
    pub origin: Option<Origin>,
}

impl Finding {
    /// What a rule reports: `bytes` is a range of the plain text. All other places are filled in afterwards.
    pub fn new(
        kind: Kind,
        severity: Severity,
        rule: &'static str,
        bytes: Range<usize>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            kind,
            severity,
            rule,
            bytes,
            chars: 0..0,
            source: Place::default(),
            message: message.into(),
            suggestions: Vec::new(),
            category: None,
            origin: None,
        }
    }

    /// Adds what could stand there instead.
    #[must_use]
    pub fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestions.push(suggestion.into());
        self
    }
}

fn name<S: Serializer>(name: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name)
}

fn optional_name<S: Serializer>(name: &Option<Arc<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    name.as_deref().serialize(serializer)
}

/// By what facts a text is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The text's own day: entries of dictionaries hold for their days only.
    pub date: NaiveDate,
    /// The text's title, if it is not a part of the text.
    pub title: Option<String>,
}

impl Context {
    /// A text of that day, without a title of its own.
    #[must_use]
    pub fn on(date: NaiveDate) -> Self {
        Self { date, title: None }
    }

    /// The same with a title.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }
}

/// A check that looks at a whole text. It pushes findings made by [`Finding::new`], in any order.
pub type Rule = Arc<dyn Fn(&Text<'_>, &Context, &mut Vec<Finding>) + Send + Sync>;
