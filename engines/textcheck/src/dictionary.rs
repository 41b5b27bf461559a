//! Dictionaries: layers of entries as their keepers write them.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::finding::{Kind, Severity};

/// What an entry says of its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Wrong; the entry says what is right.
    Wrong,
    /// Not to be used.
    Avoid,
    /// To be looked at by a person.
    Watch,
    /// Right, whatever other entries say of it or of parts of it.
    Allow,
}

impl EntryKind {
    /// What a finding of such an entry is; none for a word that is allowed.
    #[must_use]
    pub fn finds(self) -> Option<Kind> {
        match self {
            Self::Wrong => Some(Kind::WrongWord),
            Self::Avoid => Some(Kind::AvoidWord),
            Self::Watch => Some(Kind::WatchWord),
            Self::Allow => None,
        }
    }

    /// How grave a finding is if the entry does not say.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Wrong => Severity::Error,
            Self::Avoid => Severity::Warning,
            Self::Watch | Self::Allow => Severity::Notice,
        }
    }
}

/// One word and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub kind: EntryKind,
    /// The word. Width, case, traditional forms and spaces between do not matter.
    pub word: String,
    /// What should stand there, the best first.
    pub right: Vec<String>,
    pub category: Option<Arc<str>>,
    pub severity: Severity,
    /// The first and the last day on which the entry holds; none: since ever, for ever.
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    /// The keeper's reason; becomes a part of the message.
    pub note: Option<String>,
}

impl Entry {
    /// An entry that holds always, as grave as its kind.
    pub fn new(kind: EntryKind, word: impl Into<String>) -> Self {
        Self {
            kind,
            word: word.into(),
            right: Vec::new(),
            category: None,
            severity: kind.severity(),
            valid_from: None,
            valid_to: None,
            note: None,
        }
    }

    /// A wrong word and what is right.
    pub fn wrong(word: impl Into<String>, right: impl Into<String>) -> Self {
        let mut entry = Self::new(EntryKind::Wrong, word);
        entry.right.push(right.into());
        entry
    }

    /// Whether the entry holds on that day.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }
}

/// The entries of one keeper: of this program, an institution, a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// For [`Origin`](crate::Origin).
    pub name: Arc<str>,
    pub entries: Vec<Entry>,
}

impl Layer {
    pub fn new(name: impl Into<Arc<str>>, entries: Vec<Entry>) -> Self {
        Self {
            name: name.into(),
            entries,
        }
    }
}
