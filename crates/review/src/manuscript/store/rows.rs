//! The entities.

use super::super::terms::{
    Content, FileRef, FileRole, Layout, Manuscript, Origin, Rights, Version,
};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{ChannelId, Fault, PersonId, files::Kind};

/// A manuscript's row.
pub mod manuscript {
    use crate::ids::{ManuscriptId, VersionId};
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, UnitId};

    /// The working copy.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "manuscript")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: ManuscriptId,
        pub revision: i64,
        pub unit_id: UnitId,
        pub author_id: PersonId,
        pub author_for: Option<PersonId>,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        #[sea_orm(column_type = "Text")]
        pub html: String,
        pub layout: String,
        #[sea_orm(column_type = "Text")]
        pub link: String,
        #[sea_orm(column_type = "Text")]
        pub category: String,
        pub origin: String,
        #[sea_orm(column_type = "Text")]
        pub source: String,
        #[sea_orm(column_type = "Text")]
        pub source_link: String,
        #[sea_orm(column_type = "Text")]
        pub source_title: String,
        #[sea_orm(column_type = "Text")]
        pub names: String,
        pub cover_id: Option<i64>,
        pub words: i32,
        #[sea_orm(column_type = "Text")]
        pub haystack: String,
        pub version_id: Option<VersionId>,
        pub copied_from: Option<ManuscriptId>,
        pub created_at: DateTimeUtc,
        pub saved_at: DateTimeUtc,
        pub saved_by: PersonId,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// The channels that a manuscript is for.
pub mod channel {
    use crate::ids::ManuscriptId;
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::ChannelId;

    /// One channel of one manuscript.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "manuscript_channel")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub manuscript_id: ManuscriptId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub channel_id: ChannelId,
        pub position: i32,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Who writes with the author.
pub mod coauthor {
    use crate::ids::ManuscriptId;
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::PersonId;

    /// One person who writes one manuscript with its author.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "manuscript_coauthor")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub manuscript_id: ManuscriptId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// A manuscript's files.
pub mod file {
    use crate::ids::ManuscriptId;
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, files::ContentHash};

    /// One file. It stays when it is taken out of the working copy: versions name it.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "manuscript_file")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub manuscript_id: ManuscriptId,
        pub role: String,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub kind: String,
        pub size: i64,
        pub width: i32,
        pub height: i32,
        pub hash: ContentHash,
        #[sea_orm(column_type = "Text")]
        pub alt: String,
        pub rights: String,
        #[sea_orm(column_type = "Text")]
        pub credit: String,
        pub removed: bool,
        pub uploaded_by: PersonId,
        pub uploaded_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// What was saved and then replaced by another's text.
pub mod aside {
    use crate::ids::ManuscriptId;
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::PersonId;

    /// One text that was put aside.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "manuscript_aside")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub manuscript_id: ManuscriptId,
        pub revision: i64,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        #[sea_orm(column_type = "Text")]
        pub html: String,
        pub saved_by: PersonId,
        pub saved_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// A text that was put aside when two wrote at once.
pub type Aside = aside::Model;

/// A manuscript's versions.
pub mod version {
    use super::{ChannelList, FileList};
    use crate::ids::{ManuscriptId, VersionId};
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, files::ContentHash};

    /// One version.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "manuscript_version")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: VersionId,
        pub manuscript_id: ManuscriptId,
        pub number: i32,
        pub hash: ContentHash,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        #[sea_orm(column_type = "Text")]
        pub html: String,
        #[sea_orm(column_type = "Text")]
        pub text: String,
        pub layout: String,
        #[sea_orm(column_type = "Text")]
        pub link: String,
        #[sea_orm(column_type = "JsonBinary")]
        pub channels: ChannelList,
        #[sea_orm(column_type = "JsonBinary")]
        pub files: FileList,
        #[sea_orm(column_type = "Text")]
        pub category: String,
        pub origin: String,
        #[sea_orm(column_type = "Text")]
        pub source: String,
        #[sea_orm(column_type = "Text")]
        pub source_link: String,
        #[sea_orm(column_type = "Text")]
        pub source_title: String,
        #[sea_orm(column_type = "Text")]
        pub names: String,
        pub cover_id: Option<i64>,
        pub words: i32,
        pub made_by: PersonId,
        pub made_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// The channels of a version, the main one first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromJsonQueryResult)]
pub struct ChannelList(pub Vec<ChannelId>);

/// The files of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromJsonQueryResult)]
pub struct FileList(pub Vec<FileRef>);

fn unknown(what: impl std::fmt::Display) -> Fault {
    Fault::internal(format!("a manuscript's row holds {what}"))
}

impl manuscript::Model {
    /// The manuscript of a row, with what other rows say of it.
    pub fn read(
        self,
        channels: Vec<ChannelId>,
        coauthors: Vec<PersonId>,
        files: Vec<FileRef>,
    ) -> Result<Manuscript, Fault> {
        Ok(Manuscript {
            id: self.id,
            revision: self.revision,
            unit: self.unit_id,
            author: self.author_id,
            author_for: self.author_for,
            coauthors,
            content: Content {
                title: self.title,
                html: self.html,
                layout: Layout::parse(&self.layout).ok_or_else(|| unknown(&self.layout))?,
                link: self.link,
                channels,
                files,
                category: self.category,
                origin: Origin::parse(&self.origin).ok_or_else(|| unknown(&self.origin))?,
                source: self.source,
                source_link: self.source_link,
                source_title: self.source_title,
                names: self.names,
                cover: self.cover_id,
            },
            version: self.version_id,
            copied_from: self.copied_from,
            created_at: self.created_at,
            saved_at: self.saved_at,
            saved_by: self.saved_by,
        })
    }
}

impl file::Model {
    /// The file of a row.
    pub fn read(self) -> Result<FileRef, Fault> {
        Ok(FileRef {
            id: self.id,
            role: FileRole::parse(&self.role).ok_or_else(|| unknown(&self.role))?,
            kind: Kind::parse(&self.kind).ok_or_else(|| unknown(&self.kind))?,
            rights: Rights::parse(&self.rights),
            name: self.name,
            size: self.size,
            width: self.width,
            height: self.height,
            hash: self.hash.to_string(),
            alt: self.alt,
            credit: self.credit,
        })
    }
}

impl version::Model {
    /// The version of a row.
    pub fn read(self) -> Result<Version, Fault> {
        Ok(Version {
            id: self.id,
            manuscript: self.manuscript_id,
            number: self.number,
            hash: self.hash,
            content: Content {
                title: self.title,
                html: self.html,
                layout: Layout::parse(&self.layout).ok_or_else(|| unknown(&self.layout))?,
                link: self.link,
                channels: self.channels.0,
                files: self.files.0,
                category: self.category,
                origin: Origin::parse(&self.origin).ok_or_else(|| unknown(&self.origin))?,
                source: self.source,
                source_link: self.source_link,
                source_title: self.source_title,
                names: self.names,
                cover: self.cover_id,
            },
            text: self.text,
            words: self.words,
            made_by: self.made_by,
            made_at: self.made_at,
        })
    }
}
