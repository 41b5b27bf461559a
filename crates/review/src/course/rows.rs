//! The tables of courses as rows, and how rows become courses.

use super::rules::{
    About, Course, Decision, Hold, Law, Level, Mark, Paper, Party, ProofRecord, Round, Route,
    Stage, Verdict,
};
use crate::ids::{ManuscriptId, VersionId};
use sea_orm::entity::prelude::*;
use std::{collections::BTreeSet, sync::Arc};
use zhendi_kernel::{ChannelId, Fault, PersonId, UnitId, files::ContentHash};

/// A course's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_course")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub manuscript_id: ManuscriptId,
    pub version: i32,
    pub unit_id: UnitId,
    pub channel_id: ChannelId,
    pub platform: String,
    pub author_id: PersonId,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub haystack: String,
    pub number: i32,
    pub stage: String,
    pub round: i32,
    pub level: i32,
    pub turn: Option<String>,
    pub named: bool,
    pub content_id: VersionId,
    pub hash: ContentHash,
    pub law_id: i64,
    #[sea_orm(column_type = "JsonBinary")]
    pub route: Route,
    #[sea_orm(column_type = "JsonBinary")]
    pub authors: Json,
    pub major: bool,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub mark: Option<Mark>,
    pub held_by: Option<PersonId>,
    pub held_for: Option<PersonId>,
    pub held_until: Option<DateTimeUtc>,
    pub due_at: Option<DateTimeUtc>,
    pub submitted_at: DateTimeUtc,
    pub level_since: DateTimeUtc,
    pub approved_at: Option<DateTimeUtc>,
    pub expires_at: Option<DateTimeUtc>,
    pub updated_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// Submissions.
pub mod round {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_round")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub manuscript_id: ManuscriptId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub starts: i32,
        pub content_id: VersionId,
        pub hash: ContentHash,
        pub law_id: i64,
        pub base_id: Option<VersionId>,
        pub base_hash: Option<ContentHash>,
        pub submitted_by: PersonId,
        pub submitted_for: Option<PersonId>,
        #[sea_orm(column_type = "Text")]
        pub note: String,
        pub at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Decisions.
pub mod decision {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_decision")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub manuscript_id: ManuscriptId,
        pub round: i32,
        pub level: i32,
        pub content_id: VersionId,
        pub hash: ContentHash,
        pub verdict: String,
        pub to_level: Option<i32>,
        pub person_id: PersonId,
        pub on_behalf_of: Option<PersonId>,
        #[sea_orm(column_type = "Text")]
        pub opinion: String,
        #[sea_orm(column_type = "JsonBinary")]
        pub checklist: Json,
        #[sea_orm(column_type = "JsonBinary", nullable)]
        pub proofread: Option<ProofRecord>,
        #[sea_orm(column_type = "JsonBinary")]
        pub asked: Json,
        pub recorded_by: Option<PersonId>,
        pub recorded_for: Option<PersonId>,
        pub decided_on: Option<Date>,
        pub paper_number: Option<String>,
        pub scan: Option<ContentHash>,
        pub since: DateTimeUtc,
        pub at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Who may not act at the present level.
pub mod barred {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_barred")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub manuscript_id: ManuscriptId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Who alone may act at the present level, where persons are named.
pub mod named {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_named")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub manuscript_id: ManuscriptId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

fn level(rank: i32) -> Result<Level, Fault> {
    Level::of_rank(rank).ok_or_else(|| Fault::internal(format!("level {rank}")))
}

impl decision::Model {
    /// The row as a decision.
    ///
    /// # Errors
    /// When it holds something that this version does not know.
    pub fn read(self) -> Result<Decision, Fault> {
        let verdict = Verdict::parse(&self.verdict)
            .ok_or_else(|| Fault::internal(format!("verdict {}", self.verdict)))?;
        let paper = match (self.recorded_by, self.decided_on, self.scan) {
            (Some(person), Some(decided_on), Some(scan)) => Some(Paper {
                recorded_by: Party {
                    person,
                    on_behalf_of: self.recorded_for,
                },
                decided_on,
                number: self.paper_number.unwrap_or_default(),
                scan,
            }),
            _ => None,
        };
        Ok(Decision {
            id: self.id,
            round: self.round,
            level: level(self.level)?,
            content: self.content_id,
            hash: self.hash,
            verdict,
            to: self.to_level.map(level).transpose()?,
            by: Party {
                person: self.person_id,
                on_behalf_of: self.on_behalf_of,
            },
            opinion: self.opinion,
            checklist: serde_json::from_value(self.checklist).map_err(Fault::internal)?,
            proofread: self.proofread,
            asked: serde_json::from_value(self.asked).map_err(Fault::internal)?,
            paper,
            since: self.since,
            at: self.at,
        })
    }
}

impl round::Model {
    /// The row as a submission.
    ///
    /// # Errors
    /// When it holds something that this version does not know.
    pub fn read(self) -> Result<Round, Fault> {
        Ok(Round {
            number: self.number,
            starts: level(self.starts)?,
            content: self.content_id,
            hash: self.hash,
            law: self.law_id,
            base: self.base_id.zip(self.base_hash),
            by: Party {
                person: self.submitted_by,
                on_behalf_of: self.submitted_for,
            },
            note: self.note,
            at: self.at,
        })
    }
}

/// A row with what belongs to it as a course.
///
/// # Errors
/// When it holds something that this version does not know.
pub fn read(
    row: Model,
    law: Arc<Law>,
    rounds: Vec<Round>,
    decisions: Vec<Decision>,
) -> Result<Course, Fault> {
    let stage = Stage::parse(&row.stage).ok_or_else(|| {
        Fault::internal(format!("review {}: stage {}", row.manuscript_id, row.stage))
    })?;
    let authors: BTreeSet<PersonId> =
        serde_json::from_value(row.authors).map_err(Fault::internal)?;
    Ok(Course {
        manuscript: row.manuscript_id,
        about: About {
            unit: row.unit_id,
            channel: row.channel_id,
            platform: row.platform,
            author: row.author_id,
            title: row.title,
            number: row.number,
        },
        version: row.version,
        stage,
        level: level(row.level)?,
        authors,
        law,
        law_id: row.law_id,
        route: row.route,
        major: row.major,
        mark: row.mark,
        hold: row.held_by.zip(row.held_until).map(|(person, until)| Hold {
            by: Party {
                person,
                on_behalf_of: row.held_for,
            },
            until,
        }),
        stopped: false,
        rounds,
        decisions,
        due: row.due_at,
        since: row.level_since,
        approved_at: row.approved_at,
        expires_at: row.expires_at,
        submitted_at: row.submitted_at,
        updated_at: row.updated_at,
    })
}
