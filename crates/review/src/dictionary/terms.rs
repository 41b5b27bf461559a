//! What is said of a word, and the rules for saying it.

use crate::ids::WordId;
use chrono::{DateTime, NaiveDate, Utc};
use std::sync::Arc;
use zhendi_kernel::{PersonId, UnitId, named, text};
use zhendi_textcheck as engine;

named! {
    /// What a dictionary says of a word.
    WordKind {
        /// Wrong; the right word is said.
        Wrong = "wrong", "错误用词";
        /// Not to be used.
        Avoid = "avoid", "不宜使用";
        /// A person should look at it.
        Watch = "watch", "需要核对";
        /// Right, whatever other dictionaries say.
        Allow = "allow", "允许使用";
    }
}

named! {
    /// How grave it is.
    Severity {
        Error = "error", "错误";
        Warning = "warning", "警告";
        Notice = "notice", "提示";
    }
}

impl From<engine::Severity> for Severity {
    fn from(of: engine::Severity) -> Self {
        match of {
            engine::Severity::Error => Self::Error,
            engine::Severity::Warning => Self::Warning,
            engine::Severity::Notice => Self::Notice,
        }
    }
}

impl Severity {
    fn for_engine(self) -> engine::Severity {
        match self {
            Self::Error => engine::Severity::Error,
            Self::Warning => engine::Severity::Warning,
            Self::Notice => engine::Severity::Notice,
        }
    }
}

impl WordKind {
    pub(crate) fn for_engine(self) -> engine::EntryKind {
        match self {
            Self::Wrong => engine::EntryKind::Wrong,
            Self::Avoid => engine::EntryKind::Avoid,
            Self::Watch => engine::EntryKind::Watch,
            Self::Allow => engine::EntryKind::Allow,
        }
    }

    /// How grave it is when nobody says so.
    pub fn severity(self) -> Severity {
        self.for_engine().severity().into()
    }
}

/// A word of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub id: WordId,
    pub version: i32,
    /// Whose dictionary: the topmost unit's holds for the whole institution, another's for it and those below.
    pub unit: UnitId,
    pub said: NewWord,
    pub enabled: bool,
    pub changed_by: Option<PersonId>,
    pub changed_at: DateTime<Utc>,
}

/// What is said of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWord {
    pub kind: WordKind,
    pub word: String,
    /// What should stand there, the best first.
    pub right: Vec<String>,
    pub category: String,
    pub severity: Severity,
    /// The first and the last day of the texts that it holds for.
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    /// Why, in a few words; a part of what writers read.
    pub note: String,
}

/// Right words of one entry.
const RIGHTS: usize = 8;

/// Why nothing of the kind can be said of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("请填写词语。")]
    Empty,
    #[error("词语不能超过 {} 个字。", engine::LONGEST_WORD)]
    TooLong,
    #[error("单个字不能作为词语，会误报大量文字。")]
    OneCharacter,
    #[error("“错误用词”须填写正确用词。")]
    NoRight,
    #[error("正确用词与错误用词相同。")]
    SameAsWrong,
    #[error("正确用词最多 {RIGHTS} 个，每个不超过 {} 个字。", engine::LONGEST_WORD)]
    Rights,
    #[error("失效日期不能早于生效日期。")]
    Days,
}

impl NewWord {
    /// Whether it can be kept.
    ///
    /// # Errors
    /// [`Unfit`], for the one who wrote it.
    pub fn check(&self) -> Result<(), Unfit> {
        let folded = text::fold(&self.word);
        match folded.chars().count() {
            0 => return Err(Unfit::Empty),
            1 if self.kind != WordKind::Allow => return Err(Unfit::OneCharacter),
            n if n > engine::LONGEST_WORD => return Err(Unfit::TooLong),
            _ => {}
        }
        if self.kind == WordKind::Wrong && self.right.is_empty() {
            return Err(Unfit::NoRight);
        }
        let long = |right: &String| right.chars().count() > engine::LONGEST_WORD;
        if self.right.len() > RIGHTS || self.right.iter().any(long) {
            return Err(Unfit::Rights);
        }
        if self.right.contains(&self.word) {
            return Err(Unfit::SameAsWrong);
        }
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && to < from
        {
            return Err(Unfit::Days);
        }
        Ok(())
    }

    /// What a unit can say once only.
    pub(super) fn slot(&self) -> String {
        let from = self.valid_from.map(|day| day.to_string());
        format!("{}|{}", text::fold(&self.word), from.unwrap_or_default())
    }

    /// The entry for the engine.
    pub fn for_engine(&self) -> engine::Entry {
        engine::Entry {
            kind: self.kind.for_engine(),
            word: self.word.clone(),
            right: self.right.clone(),
            category: (!self.category.is_empty()).then(|| Arc::from(self.category.as_str())),
            severity: self.severity.for_engine(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            note: (!self.note.is_empty()).then(|| self.note.clone()),
        }
    }
}

/// Right words as people write them: one behind the other with marks between.
pub(super) fn split(rights: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    for word in rights.split(['、', '；', ';', '|', '\n', '\r', '\t']) {
        let word = word.trim();
        if !word.is_empty() && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// Reads the form of a staff or student number: `#` is any digit, `@` any Latin letter, everything else
/// itself: `2026######`, `T@####`.
///
/// # Errors
/// Why it is none, for the one who wrote it.
pub(super) fn read_form(typed: &str) -> Result<String, &'static str> {
    let form: String = typed.trim().chars().map(narrow).collect();
    match engine::personal::Pattern::new(&form) {
        Ok(_) => Ok(form),
        Err(_) => {
            Err("须为 5 至 24 位，只用数字、字母、#（任一数字）和 @（任一字母），至少有一个 #。")
        }
    }
}

/// Full-width forms as plain ones.
fn narrow(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        c => c,
    }
}
