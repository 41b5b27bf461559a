//! Settings that the institution may change while the program runs, one typed value for each area.

use crate::Fault;
use sea_orm::{ConnectionTrait, Set, entity::prelude::*, sea_query::OnConflict};
use serde::{Serialize, de::DeserializeOwned};

/// One area's settings as JSON.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "setting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub value: Json,
}
impl ActiveModelBehavior for ActiveModel {}

/// A typed group of settings with defaults; fields added later take their default.
pub trait Setting: Serialize + DeserializeOwned + Default + Send {
    /// The row's key.
    const KEY: &'static str;
}

/// The settings of an area, or their defaults.
///
/// # Errors
/// When the database fails, or the stored value does not fit the type.
pub async fn get<T: Setting>(db: &impl ConnectionTrait) -> Result<T, Fault> {
    match Entity::find_by_id(T::KEY).one(db).await? {
        Some(row) => serde_json::from_value(row.value).map_err(Fault::internal),
        None => Ok(T::default()),
    }
}

/// Stores an area's settings. The caller appends the audit record.
///
/// # Errors
/// When the database fails.
pub async fn put<T: Setting>(tx: &impl ConnectionTrait, value: &T) -> Result<(), Fault> {
    Entity::insert(ActiveModel {
        key: Set(T::KEY.into()),
        value: Set(serde_json::to_value(value).map_err(Fault::internal)?),
    })
    .on_conflict(
        OnConflict::column(Column::Key)
            .update_column(Column::Value)
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// What the institution is called; written on the first-run page.
#[derive(Clone, Debug, Default, Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Institution {
    pub name: String,
    /// Whether the data are the demonstration's.
    pub demo: bool,
}

impl Setting for Institution {
    const KEY: &'static str = "institution";
}
