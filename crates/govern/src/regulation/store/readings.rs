//! Who has to read which version, and who has.

use super::rows::{reading, regulation, version};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, NotSet, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use zhendi_kernel::{Fault, PersonId, RegulationId, Tx};

/// One person and one version.
pub type Reading = reading::Model;

/// The readings of a version, by person.
///
/// # Errors
/// When the database fails.
pub async fn readings_of(db: &impl ConnectionTrait, version: i64) -> Result<Vec<Reading>, Fault> {
    Ok(reading::Entity::find()
        .filter(reading::COLUMN.version_id.eq(version))
        .order_by_asc(reading::COLUMN.person_id)
        .all(db)
        .await?)
}

/// Whether a person confirmed a version.
///
/// # Errors
/// When the database fails.
pub async fn confirmed(
    db: &impl ConnectionTrait,
    version: i64,
    person: PersonId,
) -> Result<Option<Reading>, Fault> {
    Ok(reading::Entity::find()
        .filter(reading::COLUMN.version_id.eq(version))
        .filter(reading::COLUMN.person_id.eq(person))
        .one(db)
        .await?)
}

/// Asks a person to read a version; the reading's id. Who was asked and excused before is asked again.
///
/// # Errors
/// When the database fails.
pub async fn insert_asked(
    tx: &Tx,
    version: i64,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<i64, Fault> {
    let row = reading::ActiveModel {
        id: NotSet,
        version_id: Set(version),
        person_id: Set(person),
        asked_at: Set(Some(now)),
        read_at: Set(None),
    };
    let row = reading::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([reading::Column::VersionId, reading::Column::PersonId])
                .update_column(reading::Column::AskedAt)
                .to_owned(),
        )
        .exec_with_returning(tx)
        .await?;
    Ok(row.id)
}

/// The person has not to read it any more.
///
/// # Errors
/// When the database fails.
pub async fn unask(tx: &Tx, reading: i64) -> Result<(), Fault> {
    reading::Entity::update_many()
        .col_expr(reading::Column::AskedAt, Expr::value(None::<DateTime<Utc>>))
        .filter(reading::COLUMN.id.eq(reading))
        .exec(tx)
        .await?;
    Ok(())
}

/// The person confirms that they have read it; the reading's id. The first moment stands.
///
/// # Errors
/// When the database fails.
pub async fn stamp(
    tx: &Tx,
    version: i64,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<i64, Fault> {
    if let Some(found) = confirmed(tx, version, person).await? {
        if found.read_at.is_none() {
            reading::Entity::update_many()
                .col_expr(reading::Column::ReadAt, Expr::value(now))
                .filter(reading::COLUMN.id.eq(found.id))
                .exec(tx)
                .await?;
        }
        return Ok(found.id);
    }
    let row = reading::ActiveModel {
        id: NotSet,
        version_id: Set(version),
        person_id: Set(person),
        asked_at: Set(None),
        read_at: Set(Some(now)),
    };
    Ok(row.insert(tx).await?.id)
}

/// Open readings of earlier versions of a regulation, or of all when none is to be read any more.
///
/// # Errors
/// When the database fails.
pub async fn overtaken(
    db: &impl ConnectionTrait,
    regulation: RegulationId,
    but: Option<i64>,
) -> Result<Vec<i64>, Fault> {
    let mut versions = version::Entity::find()
        .select_only()
        .column(version::Column::Id)
        .filter(version::COLUMN.regulation_id.eq(regulation));
    if let Some(but) = but {
        versions = versions.filter(version::COLUMN.id.ne(but));
    }
    Ok(reading::Entity::find()
        .select_only()
        .column(reading::Column::Id)
        .filter(reading::COLUMN.read_at.is_null())
        .filter(reading::COLUMN.asked_at.is_not_null())
        .filter(Expr::col(reading::Column::VersionId).in_subquery(versions.into_query()))
        .into_tuple()
        .all(db)
        .await?)
}

/// Every regulation whose readers have to be looked at: issued, and asking or having asked somebody.
///
/// # Errors
/// When the database fails.
pub async fn due_to_ask(
    db: &impl ConnectionTrait,
    today: NaiveDate,
) -> Result<Vec<RegulationId>, Fault> {
    // One that was repealed lately may still have open readings.
    let lately = today - chrono::Days::new(7);
    Ok(regulation::Entity::find()
        .select_only()
        .column(regulation::Column::Id)
        .filter(regulation::COLUMN.issued_id.is_not_null())
        .filter(
            Condition::any()
                .add(regulation::COLUMN.repealed_on.is_null())
                .add(regulation::COLUMN.repealed_on.gte(lately)),
        )
        .order_by_asc(regulation::COLUMN.id)
        .into_tuple()
        .all(db)
        .await?)
}
