//! Single regulations with their versions and attachments.

use super::{
    super::Regulation,
    rows::{Codes, File, Version, file, reading, regulation, version},
};
use sea_orm::{
    ConnectionTrait, ExprTrait, NotSet, QueryOrder, QuerySelect, Set, entity::prelude::*,
    sea_query::Expr,
};
use zhendi_kernel::{Fault, RegulationId, Tx, UnitId, search};

/// The kind of search subject.
pub const SEARCH: &str = "regulation";

/// A regulation.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    id: RegulationId,
) -> Result<Option<Regulation>, Fault> {
    let row = regulation::Entity::find_by_id(id).one(db).await?;
    Ok(row.map(Regulation::from))
}

/// A regulation whose row is held until the transaction ends: verbs on one take turns.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn hold(tx: &Tx, id: RegulationId) -> Result<Regulation, Fault> {
    let row = regulation::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx)
        .await?;
    row.map(Regulation::from).ok_or(Fault::NotFound)
}

fn write(regulation: &Regulation, haystack: String) -> regulation::ActiveModel {
    let codes = regulation.readers.codes();
    regulation::ActiveModel {
        id: NotSet,
        version: Set(regulation.version),
        unit_id: Set(regulation.unit),
        scope_id: Set(regulation.scope),
        title: Set(regulation.title.clone()),
        number: Set(regulation.number.clone()),
        haystack: Set(haystack),
        issued_id: Set(regulation.issued),
        effective_on: Set(regulation.effective_on),
        supersedes: Set(regulation.supersedes),
        repealed_on: Set(regulation.repealed_on),
        repeal_reason: Set(regulation.repeal_reason.clone()),
        readers: Set(Codes(codes.into_iter().map(str::to_owned).collect())),
        read_days: Set(regulation.read_days),
        created_at: Set(regulation.created_at),
        updated_at: Set(regulation.updated_at),
    }
}

fn haystack(regulation: &Regulation, text: &str) -> String {
    let head = [regulation.title.as_str(), regulation.number.as_str()];
    search::haystack(head.into_iter().chain(text.lines()))
}

/// Keeps a new regulation; its id is given here. It is found by its title, number and text.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &Tx, mut regulation: Regulation, text: &str) -> Result<Regulation, Fault> {
    let row = write(&regulation, haystack(&regulation, text))
        .insert(tx)
        .await?;
    search::index_new(tx, SEARCH, &[(row.id.0, &row.haystack)]).await?;
    regulation.id = row.id;
    Ok(regulation)
}

/// Writes a regulation that the transaction holds; its version counts on. With `text` it is found by that
/// from now on.
///
/// # Errors
/// When the database fails.
pub async fn replace(
    tx: &Tx,
    regulation: &mut Regulation,
    text: Option<&str>,
) -> Result<(), Fault> {
    regulation.version += 1;
    let mut row = write(regulation, String::new());
    match text {
        Some(text) => {
            let haystack = haystack(regulation, text);
            let before = haystack_of(tx, regulation.id).await?;
            search::index(tx, SEARCH, regulation.id.0, &before, &haystack).await?;
            row.haystack = Set(haystack);
        }
        None => row.haystack = NotSet,
    }
    regulation::Entity::update_many()
        .set(row)
        .filter(regulation::COLUMN.id.eq(regulation.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes away a regulation that was never issued, with its draft.
///
/// # Errors
/// When the database fails.
pub async fn delete(tx: &Tx, id: RegulationId) -> Result<(), Fault> {
    for one in versions_of(tx, id).await? {
        remove_version(tx, one.id).await?;
    }
    let haystack = haystack_of(tx, id).await?;
    regulation::Entity::delete_by_id(id).exec(tx).await?;
    search::forget(tx, SEARCH, id.0, &haystack).await
}

/// What a regulation is found by as it is stored.
async fn haystack_of(tx: &Tx, id: RegulationId) -> Result<String, Fault> {
    let found = regulation::Entity::find_by_id(id)
        .select_only()
        .column(regulation::Column::Haystack)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(found.unwrap_or_default())
}

/// The versions of a regulation, the first one first; one that is written comes last.
///
/// # Errors
/// When the database fails.
pub async fn versions_of(
    db: &impl ConnectionTrait,
    id: RegulationId,
) -> Result<Vec<Version>, Fault> {
    Ok(version::Entity::find()
        .filter(version::COLUMN.regulation_id.eq(id))
        .order_by_asc(version::COLUMN.ordinal)
        .all(db)
        .await?)
}

/// A version by its id.
///
/// # Errors
/// When the database fails.
pub async fn version(db: &impl ConnectionTrait, id: i64) -> Result<Option<Version>, Fault> {
    Ok(version::Entity::find_by_id(id).one(db).await?)
}

/// Keeps a new version; its id is given here.
///
/// # Errors
/// When the database fails.
pub async fn add_version(tx: &Tx, new: Version) -> Result<Version, Fault> {
    let row = version::ActiveModel {
        id: NotSet,
        ..changed(&new)
    };
    Ok(row.insert(tx).await?)
}

fn changed(version: &Version) -> version::ActiveModel {
    version::ActiveModel {
        id: NotSet,
        regulation_id: Set(version.regulation_id),
        ordinal: Set(version.ordinal),
        title: Set(version.title.clone()),
        number: Set(version.number.clone()),
        text: Set(version.text.clone()),
        note: Set(version.note.clone()),
        effective_on: Set(version.effective_on),
        author_id: Set(version.author_id),
        created_at: Set(version.created_at),
        issued_at: Set(version.issued_at),
        issued_by: Set(version.issued_by),
        issued_for: Set(version.issued_for),
    }
}

/// Writes a version.
///
/// # Errors
/// When the database fails.
pub async fn replace_version(tx: &Tx, version: &Version) -> Result<(), Fault> {
    version::Entity::update_many()
        .set(changed(version))
        .filter(version::COLUMN.id.eq(version.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes away a version that was never issued, with its attachments.
///
/// # Errors
/// When the database fails.
pub async fn remove_version(tx: &Tx, id: i64) -> Result<(), Fault> {
    reading::Entity::delete_many()
        .filter(reading::COLUMN.version_id.eq(id))
        .exec(tx)
        .await?;
    file::Entity::delete_many()
        .filter(file::COLUMN.version_id.eq(id))
        .exec(tx)
        .await?;
    version::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// The attachments of a version, in the order they came.
///
/// # Errors
/// When the database fails.
pub async fn files_of(db: &impl ConnectionTrait, version: i64) -> Result<Vec<File>, Fault> {
    Ok(file::Entity::find()
        .filter(file::COLUMN.version_id.eq(version))
        .order_by_asc(file::COLUMN.id)
        .all(db)
        .await?)
}

/// An attachment.
///
/// # Errors
/// When the database fails.
pub async fn file(db: &impl ConnectionTrait, id: i64) -> Result<Option<File>, Fault> {
    Ok(file::Entity::find_by_id(id).one(db).await?)
}

/// Keeps an attachment.
///
/// # Errors
/// When the database fails.
pub async fn add_file(tx: &Tx, new: File) -> Result<(), Fault> {
    let row = file::ActiveModel {
        id: NotSet,
        version_id: Set(new.version_id),
        name: Set(new.name),
        kind: Set(new.kind),
        size: Set(new.size),
        hash: Set(new.hash),
        uploaded_by: Set(new.uploaded_by),
        uploaded_at: Set(new.uploaded_at),
    };
    file::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes an attachment away.
///
/// # Errors
/// When the database fails.
pub async fn remove_file(tx: &Tx, id: i64) -> Result<(), Fault> {
    file::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Moves what a unit issued, and what binds it, to the unit that it went up in; names what was moved.
///
/// # Errors
/// When the database fails.
pub async fn merge_unit(tx: &Tx, from: UnitId, into: UnitId) -> Result<Vec<RegulationId>, Fault> {
    let mut moved = vec![];
    for column in [regulation::Column::UnitId, regulation::Column::ScopeId] {
        let rows: Vec<RegulationId> = regulation::Entity::find()
            .select_only()
            .column(regulation::Column::Id)
            .filter(Expr::col(column).eq(from))
            .into_tuple()
            .all(tx)
            .await?;
        regulation::Entity::update_many()
            .col_expr(column, Expr::value(into.0))
            .filter(Expr::col(column).eq(from))
            .exec(tx)
            .await?;
        moved.extend(rows);
    }
    moved.sort_unstable();
    moved.dedup();
    Ok(moved)
}
