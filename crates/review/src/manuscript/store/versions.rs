//! Immutable versions.

use super::{
    super::terms::Version,
    rows::{ChannelList, FileList, version as row},
};
use crate::ids::{ManuscriptId, VersionId};
use sea_orm::{ConnectionTrait, NotSet, QueryOrder, QuerySelect, Set, entity::prelude::*};
use zhendi_kernel::{Fault, Tx};

/// A version.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn version(db: &impl ConnectionTrait, id: VersionId) -> Result<Version, Fault> {
    let found = row::Entity::find_by_id(id).one(db).await?;
    found.ok_or(Fault::NotFound)?.read()
}

/// The latest version of a manuscript, if it was ever handed in.
///
/// # Errors
/// When the database fails.
pub async fn latest(db: &impl ConnectionTrait, id: ManuscriptId) -> Result<Option<Version>, Fault> {
    let found = row::Entity::find()
        .filter(row::COLUMN.manuscript_id.eq(id))
        .order_by_desc(row::COLUMN.number)
        .one(db)
        .await?;
    found.map(row::Model::read).transpose()
}

/// All versions of a manuscript, the first one first.
///
/// # Errors
/// When the database fails.
pub async fn versions(db: &impl ConnectionTrait, id: ManuscriptId) -> Result<Vec<Version>, Fault> {
    let found = row::Entity::find()
        .filter(row::COLUMN.manuscript_id.eq(id))
        .order_by_asc(row::COLUMN.number)
        .all(db)
        .await?;
    found.into_iter().map(row::Model::read).collect()
}

/// Whether a version has a file.
///
/// # Errors
/// When the database fails.
pub async fn was_handed_in(
    db: &impl ConnectionTrait,
    of: ManuscriptId,
    file: i64,
) -> Result<bool, Fault> {
    let files: Vec<FileList> = row::Entity::find()
        .select_only()
        .column(row::Column::Files)
        .filter(row::COLUMN.manuscript_id.eq(of))
        .into_tuple()
        .all(db)
        .await?;
    Ok(files
        .iter()
        .flat_map(|list| &list.0)
        .any(|one| one.id == file))
}

/// Keeps a new version; its id is given here.
///
/// # Errors
/// When the database fails.
pub async fn add_version(tx: &Tx, mut version: Version) -> Result<Version, Fault> {
    let content = version.content.clone();
    let kept = row::ActiveModel {
        id: NotSet,
        manuscript_id: Set(version.manuscript),
        number: Set(version.number),
        hash: Set(version.hash.clone()),
        title: Set(content.title),
        html: Set(content.html),
        text: Set(version.text.clone()),
        layout: Set(content.layout.code().into()),
        link: Set(content.link),
        channels: Set(ChannelList(content.channels)),
        files: Set(FileList(content.files)),
        category: Set(content.category),
        origin: Set(content.origin.code().into()),
        source: Set(content.source),
        source_link: Set(content.source_link),
        source_title: Set(content.source_title),
        names: Set(content.names),
        cover_id: Set(content.cover),
        words: Set(version.words),
        made_by: Set(version.made_by),
        made_at: Set(version.made_at),
    };
    version.id = kept.insert(tx).await?.id;
    Ok(version)
}
