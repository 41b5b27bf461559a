//! Forms of staff and student numbers.

use super::{seen, tell};
use sea_orm::{ConnectionTrait, QueryOrder, Set, entity::prelude::*};
use zhendi_kernel::{App, Fault, ScopeFilter, Tx, UnitId};

/// A form of numbers.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "number_form")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub unit_id: UnitId,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub form: String,
    pub enabled: bool,
    pub changed_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// The forms of numbers of all units.
///
/// # Errors
/// When the database fails.
pub async fn number_forms(db: &impl ConnectionTrait) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find().order_by_asc(COLUMN.id).all(db).await?)
}

/// The forms that a keeper may see.
///
/// # Errors
/// When the database fails.
pub async fn forms_of(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    root: Option<UnitId>,
) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(seen(scope, root, Column::UnitId))
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?)
}

/// Keeps a form and says its id; none if the unit has it already.
///
/// # Errors
/// When the database fails.
pub async fn add_form(
    tx: &Tx,
    app: &App,
    unit: UnitId,
    name: &str,
    said: &str,
) -> Result<Option<i64>, Fault> {
    let known = Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .filter(COLUMN.form.eq(said))
        .one(tx)
        .await?;
    if known.is_some() {
        return Ok(None);
    }
    tell(tx).await?;
    let row = ActiveModel {
        unit_id: Set(unit),
        name: Set(name.into()),
        form: Set(said.into()),
        enabled: Set(true),
        changed_at: Set(app.now()),
        ..Default::default()
    };
    Ok(Some(row.insert(tx).await?.id))
}

/// A form of numbers.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn form(db: &impl ConnectionTrait, id: i64) -> Result<Model, Fault> {
    let found = Entity::find_by_id(id).one(db).await?;
    found.ok_or(Fault::NotFound)
}

/// Takes a form away.
///
/// # Errors
/// When the database fails.
pub async fn remove_form(tx: &Tx, id: i64) -> Result<(), Fault> {
    tell(tx).await?;
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}
