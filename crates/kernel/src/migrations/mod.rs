//! The kernel's tables, one file for each step of their history.

mod m0001_ground;
mod m0002_audit;
mod m0003_jobs;
mod m0004_version;
mod m0005_grams;

use sea_orm_migration::{
    MigrationTrait, MigratorTraitSelf, SchemaManager, async_trait, sea_orm::DbErr,
};

/// A list of steps, in order.
pub type Steps = Vec<Box<dyn MigrationTrait>>;

/// The kernel's own steps; contexts append theirs.
pub fn steps() -> Steps {
    vec![
        Box::new(m0001_ground::Migration),
        Box::new(m0002_audit::Migration),
        Box::new(m0003_jobs::Migration),
        Box::new(m0004_version::Migration),
        Box::new(m0005_grams::Migration),
    ]
}

struct Migrator(fn() -> Steps);

#[async_trait::async_trait]
impl MigratorTraitSelf for Migrator {
    fn migrations(&self) -> Steps {
        (self.0)()
    }
}

/// Brings a database up to date: each step in a transaction where the database can.
///
/// # Errors
/// When a step fails, or the database was written by a newer version.
pub async fn run(db: &crate::Db, steps: fn() -> Steps) -> Result<(), DbErr> {
    let connection = db.for_migrations().await?;
    let done = Migrator(steps).up(&connection, None).await;
    db.end_migrations(connection).await?;
    done
}

/// How many steps the database still lacks.
///
/// # Errors
/// As [`run`].
pub async fn pending(db: &crate::Db, steps: fn() -> Steps) -> Result<usize, DbErr> {
    let connection = db.for_migrations().await?;
    let pending = Migrator(steps).get_pending_migrations(&connection).await;
    db.end_migrations(connection).await?;
    Ok(pending?.len())
}

/// Whether the database has a table, without changing anything in it.
///
/// # Errors
/// When the database fails.
pub async fn has_table(db: &crate::Db, table: &str) -> Result<bool, DbErr> {
    let connection = db.for_migrations().await?;
    let has = SchemaManager::new(&connection).has_table(table).await;
    db.end_migrations(connection).await?;
    has
}

/// Drops every table of the database and makes the program's anew, empty. The caller is sure.
///
/// # Errors
/// When a step fails.
pub async fn begin_anew(db: &crate::Db, steps: fn() -> Steps) -> Result<(), DbErr> {
    let connection = db.for_migrations().await?;
    let done = Migrator(steps).fresh(&connection).await;
    db.end_migrations(connection).await?;
    done
}
