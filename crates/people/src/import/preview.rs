//! Plans that wait for their owner to take them. They hold personal data, so they lie sealed and are
//! thrown away after use, or after an hour.

use super::plan::Plan;
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Set, entity::prelude::*};
use zhendi_kernel::{App, Fault, PersonId, Tx, secrets::Sealed};

/// What plans are sealed for.
pub const PURPOSE: &str = "people.import";
/// So long a preview waits.
const KEPT: TimeDelta = TimeDelta::hours(1);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "people_import")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: PersonId,
    pub sealed: Sealed,
    pub created_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// Keeps a plan for its owner.
pub async fn keep(tx: &Tx, app: &App, owner: PersonId, plan: &Plan) -> Result<i64, Fault> {
    let plain = serde_json::to_string(plan).map_err(Fault::internal)?;
    let row = ActiveModel {
        person_id: Set(owner),
        sealed: Set(app.keys.seal(&app.entropy, PURPOSE, &plain)),
        created_at: Set(app.now()),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// The plan, if it is the owner's and still waits.
pub async fn find(
    db: &impl ConnectionTrait,
    app: &App,
    owner: PersonId,
    id: i64,
) -> Result<Plan, Fault> {
    let row = Entity::find_by_id(id)
        .filter(COLUMN.person_id.eq(owner))
        .filter(COLUMN.created_at.gt(app.now() - KEPT))
        .one(db)
        .await?
        .ok_or(Fault::NotFound)?;
    serde_json::from_str(&app.keys.open(PURPOSE, &row.sealed)?).map_err(Fault::internal)
}

/// Throws a plan away. Of two who take it at once, one finds nothing to throw away.
pub async fn take(tx: &Tx, id: i64) -> Result<(), Fault> {
    let gone = Entity::delete_by_id(id).exec(tx).await?;
    if gone.rows_affected == 1 {
        Ok(())
    } else {
        Err(Fault::Stale)
    }
}

/// Throws away what nobody took.
pub async fn prune(app: &App) -> Result<u64, Fault> {
    let tx = app.db.begin().await?;
    let gone = Entity::delete_many()
        .filter(COLUMN.created_at.lte(app.now() - KEPT))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(gone.rows_affected)
}
