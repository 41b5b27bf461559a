//! Rows of `platform`.

use super::{Annex2, NamedBy, Platform, PlatformCode, Platforms};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, Set, entity::prelude::*};
use std::{collections::HashMap, sync::Arc};
use zhendi_kernel::{App, Fault, known::Version};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "platform")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: PlatformCode,
    pub name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub aliases: Aliases,
    pub annex2: String,
    pub named_by: String,
    pub sort: i32,
    pub retired: bool,
    pub version: i32,
}
impl ActiveModelBehavior for ActiveModel {}

/// Other names, as JSON.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, sea_orm::FromJsonQueryResult,
)]
pub struct Aliases(pub Vec<String>);

impl TryFrom<Model> for Platform {
    type Error = Fault;

    fn try_from(row: Model) -> Result<Self, Fault> {
        let unknown = |what: &str| Fault::internal(format!("platform {}: {what}", row.code));
        Ok(Self {
            annex2: Annex2::parse(&row.annex2).ok_or_else(|| unknown("annex2"))?,
            named_by: NamedBy::parse(&row.named_by).ok_or_else(|| unknown("named_by"))?,
            code: row.code,
            name: row.name,
            aliases: row.aliases.0,
            sort: row.sort,
            retired: row.retired,
            version: row.version,
        })
    }
}

/// All platforms.
///
/// # Errors
/// When the database fails.
pub async fn load(db: &impl ConnectionTrait) -> Result<Platforms, Fault> {
    let rows = Entity::find()
        .order_by_asc(COLUMN.sort)
        .order_by_asc(COLUMN.code)
        .all(db)
        .await?;
    rows.into_iter()
        .map(Platform::try_from)
        .collect::<Result<_, _>>()
        .map(Platforms)
}

/// One platform.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    code: &PlatformCode,
) -> Result<Option<Platform>, Fault> {
    let row = Entity::find_by_id(code.clone()).one(db).await?;
    row.map(Platform::try_from).transpose()
}

/// The name of a code; the code itself for one that is not known.
///
/// # Errors
/// When the database fails.
pub async fn name(db: &impl ConnectionTrait, code: &PlatformCode) -> Result<String, Fault> {
    let platform = find(db, code).await?;
    Ok(platform.map_or_else(|| code.0.clone(), |platform| platform.name))
}

/// All platforms as of a version, from memory.
///
/// # Errors
/// When the database fails.
pub async fn known(app: &App, version: Version) -> Result<Arc<Platforms>, Fault> {
    app.db
        .known(version, async || load(app.db.read()).await)
        .await
}

/// Writes a platform over the version it was read at; version 0 of an unknown code is a new one.
///
/// # Errors
/// `Fault::Stale` when someone else was first; when the database fails.
pub async fn save(tx: &impl ConnectionTrait, platform: &Platform, new: bool) -> Result<(), Fault> {
    let mut row = ActiveModel {
        code: Set(platform.code.clone()),
        name: Set(platform.name.clone()),
        aliases: Set(Aliases(platform.aliases.clone())),
        annex2: Set(platform.annex2.code().into()),
        named_by: Set(platform.named_by.code().into()),
        sort: Set(platform.sort),
        retired: Set(platform.retired),
        version: Set(platform.version),
    };
    if new {
        return match Entity::insert(row).exec_without_returning(tx).await {
            Ok(_) => Ok(()),
            Err(error) if zhendi_kernel::fault::is_duplicate(&error) => Err(Fault::Stale),
            Err(error) => Err(error.into()),
        };
    }
    row.version = Set(platform.version + 1);
    let done = Entity::update_many()
        .set(row)
        .filter(COLUMN.code.eq(platform.code.clone()))
        .filter(COLUMN.version.eq(platform.version))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Fault::Stale)
    }
}

/// Removes a platform that no channel was ever on; the database itself refuses others.
///
/// # Errors
/// `Fault::Refused` when channels are on it; when the database fails.
pub async fn delete(tx: &impl ConnectionTrait, code: &PlatformCode) -> Result<(), Fault> {
    match Entity::delete_by_id(code.clone()).exec(tx).await {
        Ok(done) if done.rows_affected == 1 => Ok(()),
        Ok(_) => Err(Fault::NotFound),
        Err(error)
            if matches!(
                error.sql_err(),
                Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_))
            ) =>
        {
            Err(Fault::Refused(
                "已有网络阵地使用这个平台，不能删除。可以改为“停用”：旧的保留，不再新开。".into(),
            ))
        }
        Err(error) => Err(error.into()),
    }
}

/// How many channels are on each platform.
///
/// # Errors
/// When the database fails.
pub async fn used(db: &impl ConnectionTrait) -> Result<HashMap<PlatformCode, i64>, Fault> {
    use crate::channel::store::{Column, Entity};
    let rows: Vec<(PlatformCode, i64)> = Entity::find()
        .select_only()
        .column(Column::Platform)
        .column_as(Column::Id.count(), "channels")
        .group_by(Column::Platform)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}
