//! Rows of `publication`, `publication_attempt` and `publication_proof`. With `approval`, `emergency` and
//! `lookup` the only files of the feature that know SQL exists.

mod rows;
mod trail;

pub(super) use rows::{COLUMN, Column, Entity, read};
pub(super) use trail::{
    NewProof, add_proof, attempt, attempts, begin_attempt, end_attempt, proof, proofs,
};

use super::rules::{Publication, State};
use crate::{
    connector::Way,
    ids::{ManuscriptId, PublicationId},
};
use rows::{link_key, write};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, entity::prelude::*};
use zhendi_kernel::{ChannelId, Fault, fault::is_duplicate, files::ContentHash, search};

/// The kind of search subject.
pub(super) const SEARCH: &str = "publication";

/// Keeps a new publication; its id is given here.
pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    mut new: Publication,
) -> Result<Publication, Fault> {
    let mut row = write(&new);
    row.id = sea_orm::NotSet;
    let row = row.insert(tx).await?;
    new.id = row.id;
    search::index_new(tx, SEARCH, &[(row.id.0, &row.haystack)]).await?;
    Ok(new)
}

/// Writes a publication over the version it was read at.
///
/// # Errors
/// `Fault::Stale` when someone else was first; when the database fails.
pub(super) async fn replace(tx: &impl ConnectionTrait, one: &mut Publication) -> Result<(), Fault> {
    let seen = one.version;
    one.version += 1;
    let written = Entity::update_many()
        .set(write(one))
        .filter(COLUMN.id.eq(one.id))
        .filter(COLUMN.version.eq(seen))
        .exec(tx)
        .await;
    match written {
        Ok(done) if done.rows_affected == 1 => Ok(()),
        Ok(_) => Err(Fault::Stale),
        // Another version of the manuscript went live on the channel meanwhile.
        Err(error) if is_duplicate(&error) => Err(Fault::Stale),
        Err(error) => Err(error.into()),
    }
}

/// A publication.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    id: PublicationId,
) -> Result<Option<Publication>, Fault> {
    Entity::find_by_id(id).one(db).await?.map(read).transpose()
}

fn in_states(states: &[State]) -> Vec<String> {
    states.iter().map(|one| one.code().to_owned()).collect()
}

/// A manuscript's publications, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_manuscript(
    db: &impl ConnectionTrait,
    manuscript: ManuscriptId,
) -> Result<Vec<Publication>, Fault> {
    Entity::find()
        .filter(COLUMN.manuscript_id.eq(manuscript))
        .order_by_desc(COLUMN.id)
        .all(db)
        .await?
        .into_iter()
        .map(read)
        .collect()
}

/// Those of a manuscript that wait to get to their channel.
pub(super) async fn waiting(
    db: &impl ConnectionTrait,
    manuscript: ManuscriptId,
) -> Result<Vec<Publication>, Fault> {
    let all = of_manuscript(db, manuscript).await?;
    Ok(all.into_iter().filter(|one| one.state.waits()).collect())
}

/// Those in certain states.
pub(super) async fn standing_at(
    db: &impl ConnectionTrait,
    states: &[State],
) -> Result<Vec<Publication>, Fault> {
    Entity::find()
        .filter(COLUMN.state.is_in(in_states(states)))
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?
        .into_iter()
        .map(read)
        .collect()
}

/// What a channel shows or showed by a way, the latest first.
pub(super) async fn on_channel(
    db: &impl ConnectionTrait,
    channel: ChannelId,
    way: Way,
    states: &[State],
    limit: u64,
) -> Result<Vec<Publication>, Fault> {
    Entity::find()
        .filter(COLUMN.channel_id.eq(channel))
        .filter(COLUMN.way.eq(way.code()))
        .filter(COLUMN.state.is_in(in_states(states)))
        .order_by_desc(COLUMN.updated_at)
        .limit(limit)
        .all(db)
        .await?
        .into_iter()
        .map(read)
        .collect()
}

/// The publications that a link belongs to, the newest first.
pub(super) async fn by_link(
    db: &impl ConnectionTrait,
    link: &str,
) -> Result<Vec<Publication>, Fault> {
    Entity::find()
        .filter(COLUMN.link_key.eq(link_key(link)))
        .order_by_desc(COLUMN.id)
        .limit(50)
        .all(db)
        .await?
        .into_iter()
        .map(read)
        .collect()
}

/// The publications of exactly this content, the newest first.
pub(super) async fn by_hash(
    db: &impl ConnectionTrait,
    hash: &ContentHash,
) -> Result<Vec<Publication>, Fault> {
    Entity::find()
        .filter(COLUMN.hash.eq(hash.clone()))
        .order_by_desc(COLUMN.id)
        .limit(50)
        .all(db)
        .await?
        .into_iter()
        .map(read)
        .collect()
}
