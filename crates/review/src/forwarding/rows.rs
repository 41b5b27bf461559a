//! Rows of `forwarding` and `forwarding_unit`, and what they are as the law knows them.

use super::rules::{Addressed, Answer, Closing, Forwarding, Handling, Harm, Outcome};
use crate::{
    course::Party,
    ids::{ForwardingId, ManuscriptId, PublicationId, VersionId},
};
use sea_orm::entity::prelude::*;
use zhendi_kernel::{ChannelId, Fault, PersonId, UnitId, files::ContentHash};

pub mod forwarding {
    use super::*;

    /// A forwarding's row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "forwarding")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: ForwardingId,
        pub version: i32,
        pub manuscript_id: ManuscriptId,
        pub version_id: VersionId,
        pub hash: ContentHash,
        pub publication_id: Option<PublicationId>,
        pub unit_id: UnitId,
        pub channel_id: Option<ChannelId>,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub why: String,
        #[sea_orm(column_type = "Text")]
        pub quote: String,
        pub made_by: PersonId,
        pub made_for: Option<PersonId>,
        pub made_at: DateTimeUtc,
        pub due_at: DateTimeUtc,
        pub answered_at: Option<DateTimeUtc>,
        pub told_at: Option<DateTimeUtc>,
        pub outcome: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub closing_words: String,
        pub closed_by: Option<PersonId>,
        pub closed_for: Option<PersonId>,
        pub closed_at: Option<DateTimeUtc>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod addressed {
    use super::*;

    /// An addressed unit's row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "forwarding_unit")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub forwarding_id: ForwardingId,
        pub unit_id: UnitId,
        pub result: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub words: String,
        pub answered_by: Option<PersonId>,
        pub answered_for: Option<PersonId>,
        pub answered_at: Option<DateTimeUtc>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

fn unknown(what: &str) -> Fault {
    Fault::internal(format!("forwarding: {what}"))
}

impl addressed::Model {
    /// The row as a department's part.
    ///
    /// # Errors
    /// When it holds something that this version does not know.
    pub fn read(self) -> Result<Addressed, Fault> {
        let answer = match (self.result, self.answered_by, self.answered_at) {
            (Some(code), Some(person), Some(at)) => Some(Answer {
                handling: Handling::parse(&code).ok_or_else(|| unknown(&code))?,
                words: self.words,
                by: Party {
                    person,
                    on_behalf_of: self.answered_for,
                },
                at,
            }),
            _ => None,
        };
        Ok(Addressed {
            id: self.id,
            unit: self.unit_id,
            answer,
        })
    }
}

/// A row with its parts as a forwarding.
///
/// # Errors
/// When it holds something that this version does not know.
pub fn read(row: forwarding::Model, units: Vec<Addressed>) -> Result<Forwarding, Fault> {
    let closing = match (row.outcome, row.closed_by, row.closed_at) {
        (Some(code), Some(person), Some(at)) => Some(Closing {
            outcome: Outcome::parse(&code).ok_or_else(|| unknown(&code))?,
            words: row.closing_words,
            by: Party {
                person,
                on_behalf_of: row.closed_for,
            },
            at,
        }),
        _ => None,
    };
    Ok(Forwarding {
        id: row.id,
        version: row.version,
        manuscript: row.manuscript_id,
        content: row.version_id,
        hash: row.hash,
        publication: row.publication_id,
        unit: row.unit_id,
        channel: row.channel_id,
        title: row.title,
        kind: Harm::parse(&row.kind).ok_or_else(|| unknown(&row.kind))?,
        why: row.why,
        quote: row.quote,
        by: Party {
            person: row.made_by,
            on_behalf_of: row.made_for,
        },
        at: row.made_at,
        due: row.due_at,
        units,
        closing,
    })
}
