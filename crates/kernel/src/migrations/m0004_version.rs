//! A number that tells of each change of what rarely changes, so that it can be kept in memory.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("data_version")
                    .col(integer("id").primary_key())
                    .col(big_integer("number"))
                    .to_owned(),
            )
            .await?;
        let first = Query::insert()
            .into_table("data_version")
            .columns(["id", "number"])
            .values_panic([1.into(), 1i64.into()])
            .to_owned();
        manager.execute(first).await?;
        crate::known::watch(manager, "setting").await
    }
}
