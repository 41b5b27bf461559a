//! What every page needs and hardly ever changes (settings, names of units, platforms) is kept in memory
//! for as long as the database says that it is still the same. The number that says so is read by each
//! request anew, with the session; nothing about who may do what is ever kept.

use crate::{App, Db, Fault, settings};
use axum::{extract::FromRequestParts, http::request::Parts};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use sea_orm_migration::SchemaManager;
use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// The number of the last change, as a request read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub i64);

/// Selects the number, for a query that reads something else too.
pub fn number() -> SelectStatement {
    Query::select()
        .column("number")
        .from("data_version")
        .and_where(Expr::col("id").eq(1))
        .to_owned()
}

impl Version {
    /// The present number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(db: &impl ConnectionTrait) -> Result<Self, Fault> {
        let row = db.query_one(&number()).await?;
        Ok(Self(row.map_or(Ok(0), |row| row.try_get_by_index(0))?))
    }
}

impl FromRequestParts<App> for Version {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        match parts.extensions.get::<Self>() {
            Some(version) => Ok(*version),
            None => {
                let version = Self::read(app.db.read()).await?;
                parts.extensions.insert(version);
                Ok(version)
            }
        }
    }
}

/// A value of some type, and the version that it is of.
type Kept = (Version, Arc<dyn Any + Send + Sync>);

/// What is kept, one value of each type.
#[derive(Default)]
pub(crate) struct Known(RwLock<HashMap<TypeId, Kept>>);

impl Known {
    fn get<T: Send + Sync + 'static>(&self, version: Version) -> Option<Arc<T>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (of, value) = kept.get(&TypeId::of::<T>())?;
        (*of == version).then(|| Arc::clone(value).downcast().ok())?
    }

    fn put<T: Send + Sync + 'static>(&self, version: Version, value: Arc<T>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(TypeId::of::<T>(), (version, value));
    }
}

impl Db {
    /// A value as of a version, loaded when it is not in memory.
    ///
    /// # Errors
    /// Those of loading.
    pub async fn known<T: Send + Sync + 'static>(
        &self,
        version: Version,
        load: impl AsyncFnOnce() -> Result<T, Fault>,
    ) -> Result<Arc<T>, Fault> {
        if let Some(value) = self.kept().get(version) {
            return Ok(value);
        }
        // What is loaded now may be newer than the version: the next request, which reads a newer one,
        // loads it once more.
        let value = Arc::new(load().await?);
        self.kept().put(version, Arc::clone(&value));
        Ok(value)
    }
}

impl App {
    /// The settings of an area as of a version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_setting<T: settings::Setting + Sync + 'static>(
        &self,
        version: Version,
    ) -> Result<Arc<T>, Fault> {
        self.db
            .known(version, async || settings::get(self.db.read()).await)
            .await
    }
}

/// Lets every change of a table be told by the number. For migrations.
///
/// # Errors
/// When the database fails.
pub async fn watch(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let told = "UPDATE data_version SET number = number + 1 WHERE id = 1";
    if db.get_database_backend() == DbBackend::Postgres {
        let sql = format!(
            "CREATE OR REPLACE FUNCTION tell_version() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN {told}; RETURN NULL; END $$;
             CREATE TRIGGER {table}_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
             FOR EACH STATEMENT EXECUTE FUNCTION tell_version()"
        );
        db.execute_unprepared(&sql).await?;
        return Ok(());
    }
    for act in ["INSERT", "UPDATE", "DELETE"] {
        let name = act.to_lowercase();
        let sql = format!(
            "CREATE TRIGGER {table}_version_{name} AFTER {act} ON {table} BEGIN {told}; END"
        );
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}
