//! The working copy with its channels, co-authors and files.

use super::{
    super::terms::{FileRef, Manuscript, Rights},
    rows::{Aside, aside as put, channel, coauthor, file, manuscript, version},
};
use crate::ids::{ManuscriptId, VersionId};
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, NotSet, PaginatorTrait, QueryOrder, QuerySelect,
    QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, IntoColumnRef, SelectStatement},
};
use zhendi_kernel::{
    Actor, Fault, Permission, PersonId, ScopeFilter, Tx, UnitId, files::ContentHash, search,
};

/// The kind of search subject.
pub const SEARCH: &str = "manuscript";

async fn whole(db: &impl ConnectionTrait, row: manuscript::Model) -> Result<Manuscript, Fault> {
    let channels = channel::Entity::find()
        .filter(channel::COLUMN.manuscript_id.eq(row.id))
        .order_by_asc(channel::COLUMN.position)
        .all(db)
        .await?;
    let coauthors = coauthor::Entity::find()
        .filter(coauthor::COLUMN.manuscript_id.eq(row.id))
        .order_by_asc(coauthor::COLUMN.person_id)
        .all(db)
        .await?;
    let files = file::Entity::find()
        .filter(file::COLUMN.manuscript_id.eq(row.id))
        .filter(file::COLUMN.removed.eq(false))
        .order_by_asc(file::COLUMN.id)
        .all(db)
        .await?;
    row.read(
        channels.into_iter().map(|row| row.channel_id).collect(),
        coauthors.into_iter().map(|row| row.person_id).collect(),
        files
            .into_iter()
            .map(file::Model::read)
            .collect::<Result<_, _>>()?,
    )
}

/// A manuscript.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn load(db: &impl ConnectionTrait, id: ManuscriptId) -> Result<Manuscript, Fault> {
    let row = manuscript::Entity::find_by_id(id).one(db).await?;
    whole(db, row.ok_or(Fault::NotFound)?).await
}

/// A manuscript whose row is held until the transaction ends: verbs on one manuscript take turns.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn hold(tx: &Tx, id: ManuscriptId) -> Result<Manuscript, Fault> {
    let row = manuscript::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx)
        .await?;
    whole(tx, row.ok_or(Fault::NotFound)?).await
}

fn haystack(of: &Manuscript) -> String {
    // The text itself is not indexed: a pair of characters stands in almost every text.
    search::haystack([
        of.content.title.as_str(),
        of.content.source.as_str(),
        of.content.names.as_str(),
    ])
}

fn write(of: &Manuscript, words: i32) -> manuscript::ActiveModel {
    let content = of.content.clone();
    manuscript::ActiveModel {
        id: Set(of.id),
        revision: Set(of.revision),
        unit_id: Set(of.unit),
        author_id: Set(of.author),
        author_for: Set(of.author_for),
        title: Set(content.title),
        html: Set(content.html),
        layout: Set(content.layout.code().into()),
        link: Set(content.link),
        category: Set(content.category),
        origin: Set(content.origin.code().into()),
        source: Set(content.source),
        source_link: Set(content.source_link),
        source_title: Set(content.source_title),
        names: Set(content.names),
        cover_id: Set(content.cover),
        words: Set(words),
        haystack: Set(haystack(of)),
        version_id: Set(of.version),
        copied_from: Set(of.copied_from),
        created_at: Set(of.created_at),
        saved_at: Set(of.saved_at),
        saved_by: Set(of.saved_by),
    }
}

async fn set_channels(tx: &Tx, of: &Manuscript) -> Result<(), Fault> {
    channel::Entity::delete_many()
        .filter(channel::COLUMN.manuscript_id.eq(of.id))
        .exec(tx)
        .await?;
    let rows: Vec<_> = of
        .content
        .channels
        .iter()
        .zip(0..)
        .map(|(id, position)| channel::ActiveModel {
            manuscript_id: Set(of.id),
            channel_id: Set(*id),
            position: Set(position),
        })
        .collect();
    if !rows.is_empty() {
        channel::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn set_people(tx: &Tx, of: &Manuscript) -> Result<(), Fault> {
    coauthor::Entity::delete_many()
        .filter(coauthor::COLUMN.manuscript_id.eq(of.id))
        .exec(tx)
        .await?;
    let rows: Vec<_> = of
        .coauthors
        .iter()
        .map(|person| coauthor::ActiveModel {
            manuscript_id: Set(of.id),
            person_id: Set(*person),
        })
        .collect();
    if !rows.is_empty() {
        coauthor::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Keeps a new manuscript; its id is given here. Files are added after it.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &Tx, mut of: Manuscript, words: i32) -> Result<Manuscript, Fault> {
    let mut row = write(&of, words);
    row.id = NotSet;
    let row = row.insert(tx).await?;
    of.id = row.id;
    set_channels(tx, &of).await?;
    set_people(tx, &of).await?;
    search::index_new(tx, SEARCH, &[(of.id.0, &row.haystack)]).await?;
    Ok(of)
}

/// Writes a working copy that the transaction holds; its revision counts on. `before` is what it was: what
/// stays the same is not written again, for saves come every few seconds.
///
/// # Errors
/// When the database fails.
pub async fn replace(
    tx: &Tx,
    before: &Manuscript,
    of: &mut Manuscript,
    words: i32,
) -> Result<(), Fault> {
    of.revision = before.revision + 1;
    manuscript::Entity::update_many()
        .set(manuscript::ActiveModel {
            id: NotSet,
            ..write(of, words)
        })
        .filter(manuscript::COLUMN.id.eq(of.id))
        .exec(tx)
        .await?;
    if of.content.channels != before.content.channels {
        set_channels(tx, of).await?;
    }
    if of.coauthors != before.coauthors {
        set_people(tx, of).await?;
    }
    search::index(tx, SEARCH, of.id.0, &haystack(before), &haystack(of)).await
}

/// Keeps what someone saved before another's text takes its place.
///
/// # Errors
/// When the database fails.
pub async fn put_aside(tx: &Tx, of: &Manuscript) -> Result<(), Fault> {
    let row = put::ActiveModel {
        id: NotSet,
        manuscript_id: Set(of.id),
        revision: Set(of.revision),
        title: Set(of.content.title.clone()),
        html: Set(of.content.html.clone()),
        saved_by: Set(of.saved_by),
        saved_at: Set(of.saved_at),
    };
    row.insert(tx).await?;
    Ok(())
}

/// The texts that were put aside, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn aside(db: &impl ConnectionTrait, of: ManuscriptId) -> Result<Vec<Aside>, Fault> {
    Ok(put::Entity::find()
        .filter(put::COLUMN.manuscript_id.eq(of))
        .order_by_desc(put::COLUMN.id)
        .all(db)
        .await?)
}

/// Takes away a draft that was never handed in. The record of it stays in the audit chain.
///
/// # Errors
/// When the database fails; also when a version names it.
pub async fn delete(tx: &Tx, of: ManuscriptId) -> Result<(), Fault> {
    let versions = version::Entity::find()
        .filter(version::COLUMN.manuscript_id.eq(of))
        .count(tx)
        .await?;
    if versions > 0 {
        return Err(Fault::internal(
            "a manuscript with versions is never deleted",
        ));
    }
    channel::Entity::delete_many()
        .filter(channel::COLUMN.manuscript_id.eq(of))
        .exec(tx)
        .await?;
    coauthor::Entity::delete_many()
        .filter(coauthor::COLUMN.manuscript_id.eq(of))
        .exec(tx)
        .await?;
    file::Entity::delete_many()
        .filter(file::COLUMN.manuscript_id.eq(of))
        .exec(tx)
        .await?;
    put::Entity::delete_many()
        .filter(put::COLUMN.manuscript_id.eq(of))
        .exec(tx)
        .await?;
    let found_by = manuscript::Entity::find_by_id(of)
        .select_only()
        .column(manuscript::Column::Haystack)
        .into_tuple::<String>()
        .one(tx)
        .await?;
    manuscript::Entity::delete_by_id(of).exec(tx).await?;
    search::forget(tx, SEARCH, of.0, &found_by.unwrap_or_default()).await
}

/// The manuscripts of a unit that went up in another are the other's.
///
/// # Errors
/// When the database fails.
pub async fn move_unit(tx: &Tx, from: UnitId, into: UnitId) -> Result<(), Fault> {
    manuscript::Entity::update_many()
        .col_expr(manuscript::Column::UnitId, Expr::value(into.0))
        .filter(manuscript::COLUMN.unit_id.eq(from))
        .exec(tx)
        .await?;
    Ok(())
}

/// Names the latest version.
///
/// # Errors
/// When the database fails.
pub async fn set_version(tx: &Tx, id: ManuscriptId, version: VersionId) -> Result<(), Fault> {
    manuscript::Entity::update_many()
        .col_expr(manuscript::Column::VersionId, Expr::value(version.0))
        .filter(manuscript::COLUMN.id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Keeps a file of a manuscript; its id is given here.
///
/// # Errors
/// When the database fails.
pub async fn add_file(
    tx: &Tx,
    of: ManuscriptId,
    mut new: FileRef,
    by: PersonId,
    at: DateTime<Utc>,
) -> Result<FileRef, Fault> {
    let hash: ContentHash = new.content_hash()?;
    let row = file::ActiveModel {
        id: NotSet,
        manuscript_id: Set(of),
        role: Set(new.role.code().into()),
        name: Set(new.name.clone()),
        kind: Set(new.kind.code().into()),
        size: Set(new.size),
        width: Set(new.width),
        height: Set(new.height),
        hash: Set(hash),
        alt: Set(new.alt.clone()),
        rights: Set(new.rights.map_or("", Rights::code).into()),
        credit: Set(new.credit.clone()),
        removed: Set(false),
        uploaded_by: Set(by),
        uploaded_at: Set(at),
    };
    new.id = row.insert(tx).await?.id;
    Ok(new)
}

/// A file of a manuscript, also one that was taken out of the working copy.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn file_of(
    db: &impl ConnectionTrait,
    of: ManuscriptId,
    id: i64,
) -> Result<FileRef, Fault> {
    let row = file::Entity::find_by_id(id)
        .filter(file::COLUMN.manuscript_id.eq(of))
        .one(db)
        .await?;
    row.ok_or(Fault::NotFound)?.read()
}

/// Takes a file out of the working copy. Versions that name it still have it.
///
/// # Errors
/// When the database fails.
pub async fn remove_file(tx: &Tx, of: ManuscriptId, id: i64) -> Result<(), Fault> {
    file::Entity::update_many()
        .col_expr(file::Column::Removed, Expr::value(true))
        .filter(file::COLUMN.manuscript_id.eq(of))
        .filter(file::COLUMN.id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Writes what is said of a file.
///
/// # Errors
/// When the database fails.
pub async fn tell_of_file(tx: &Tx, of: ManuscriptId, said: &FileRef) -> Result<(), Fault> {
    file::Entity::update_many()
        .col_expr(file::Column::Alt, Expr::value(said.alt.as_str()))
        .col_expr(
            file::Column::Rights,
            Expr::value(said.rights.map_or("", Rights::code)),
        )
        .col_expr(file::Column::Credit, Expr::value(said.credit.as_str()))
        .filter(file::COLUMN.manuscript_id.eq(of))
        .filter(file::COLUMN.id.eq(said.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// What the actor may see: their own, and what was handed in within their scope (by unit, or by any of its
/// channels).
pub fn seen(actor: &Actor) -> Condition {
    let mut any = Condition::any();
    if let Some(me) = actor.person() {
        let with = coauthor::Entity::find()
            .select_only()
            .column(coauthor::Column::ManuscriptId)
            .filter(coauthor::COLUMN.person_id.eq(me))
            .into_query();
        any = any
            .add(manuscript::COLUMN.author_id.eq(me))
            .add(Expr::col((manuscript::Entity, manuscript::Column::Id)).in_subquery(with));
    }
    let filter = actor.filter(Permission::ViewManuscripts);
    let handed_in = manuscript::COLUMN.version_id.is_not_null();
    if filter == ScopeFilter::All {
        return any.add(handed_in);
    }
    let mut scope =
        Condition::any().add(filter.units((manuscript::Entity, manuscript::Column::UnitId)));
    if let ScopeFilter::Within { channels, .. } = &filter
        && !channels.is_empty()
    {
        let on = channel::Entity::find()
            .select_only()
            .column(channel::Column::ManuscriptId)
            .filter(channel::COLUMN.channel_id.is_in(channels.iter().copied()))
            .into_query();
        scope = scope.add(Expr::col((manuscript::Entity, manuscript::Column::Id)).in_subquery(on));
    }
    any.add(Condition::all().add(handed_in).add(scope))
}

/// The condition, for lists of other tables, that the manuscript they name may be seen.
pub fn seen_ids(actor: &Actor, column: impl IntoColumnRef) -> Condition {
    let ids: SelectStatement = manuscript::Entity::find()
        .select_only()
        .column(manuscript::Column::Id)
        .filter(seen(actor))
        .into_query();
    Condition::all().add(Expr::col(column).in_subquery(ids))
}
