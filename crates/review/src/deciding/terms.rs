//! What is noted on a version and what became of it, as types.

use crate::{
    course::Level,
    ids::{AnnotationId, ManuscriptId, VersionId},
};
use chrono::{DateTime, Utc};
use std::ops::Range;
use zhendi_kernel::{PersonId, named};

named! {
    /// What the author did about something that was asked.
    Answer {
        Done = "done", "已按要求修改";
        /// Changed, but in another way.
        Otherwise = "otherwise", "已另行修改";
        /// Left as it is, with the reason.
        Kept = "kept", "未改，说明理由";
    }
}

/// The author's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub answer: Answer,
    pub text: String,
    pub by: PersonId,
    pub at: DateTime<Utc>,
}

/// What a reviewer noted at a place of a version, or on the whole of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    pub id: AnnotationId,
    pub manuscript: ManuscriptId,
    pub content: VersionId,
    pub round: i32,
    pub level: Level,
    /// Signs of the version's [`super::Document`].
    pub range: Option<Range<usize>>,
    /// The words there.
    pub quote: String,
    pub note: String,
    pub by: PersonId,
    pub on_behalf_of: Option<PersonId>,
    pub at: DateTime<Utc>,
    pub reply: Option<Reply>,
}
