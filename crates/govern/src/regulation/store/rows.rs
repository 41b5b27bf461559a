//! The entities.

use super::super::{Readers, Regulation};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// The stored codes of who must read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Codes(pub Vec<String>);

/// A regulation's row.
pub mod regulation {
    use super::Codes;
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{RegulationId, UnitId};

    /// One regulation.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "regulation")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: RegulationId,
        pub version: i32,
        pub unit_id: UnitId,
        pub scope_id: UnitId,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        pub number: String,
        #[sea_orm(column_type = "Text")]
        pub haystack: String,
        pub issued_id: Option<i64>,
        pub effective_on: Option<Date>,
        pub supersedes: Option<RegulationId>,
        pub repealed_on: Option<Date>,
        #[sea_orm(column_type = "Text")]
        pub repeal_reason: String,
        #[sea_orm(column_type = "JsonBinary")]
        pub readers: Codes,
        pub read_days: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// A version's row.
pub mod version {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, RegulationId};

    /// One version.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "regulation_version")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub regulation_id: RegulationId,
        /// From 1.
        pub ordinal: i32,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        /// 文号.
        pub number: String,
        #[sea_orm(column_type = "Text")]
        pub text: String,
        /// What was changed and why.
        #[sea_orm(column_type = "Text")]
        pub note: String,
        pub effective_on: Date,
        pub author_id: PersonId,
        pub created_at: DateTimeUtc,
        /// None while it is written.
        pub issued_at: Option<DateTimeUtc>,
        pub issued_by: Option<PersonId>,
        pub issued_for: Option<PersonId>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// An attachment's row.
pub mod file {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, files::ContentHash};

    /// One attachment of one version.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "regulation_file")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub version_id: i64,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub kind: String,
        pub size: i64,
        pub hash: ContentHash,
        pub uploaded_by: PersonId,
        pub uploaded_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// A reading's row.
pub mod reading {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::PersonId;

    /// One person and one version.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "regulation_reading")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub version_id: i64,
        pub person_id: PersonId,
        /// Since when the person has to read it; none for who read it unasked.
        pub asked_at: Option<DateTimeUtc>,
        pub read_at: Option<DateTimeUtc>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// A version of a regulation.
pub type Version = version::Model;
/// An attachment of a version.
pub type File = file::Model;

impl From<regulation::Model> for Regulation {
    fn from(row: regulation::Model) -> Self {
        Self {
            id: row.id,
            version: row.version,
            unit: row.unit_id,
            scope: row.scope_id,
            title: row.title,
            number: row.number,
            issued: row.issued_id,
            effective_on: row.effective_on,
            supersedes: row.supersedes,
            repealed_on: row.repealed_on,
            repeal_reason: row.repeal_reason,
            readers: Readers::read(row.readers.0.iter().map(String::as_str)),
            read_days: row.read_days,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
