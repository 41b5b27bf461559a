//! Addresses that texts link to, and what came of asking for them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let link = Table::create()
            .table("link")
            .col(string("hash").primary_key())
            .col(text("address"))
            .col(string("standing"))
            .col(integer_null("status"))
            .col(integer("failures"))
            .col(timestamp_with_time_zone_null("asked_at"))
            .col(timestamp_with_time_zone_null("due_at"))
            .to_owned();
        manager.create_table(link).await?;
        for column in ["due_at", "asked_at"] {
            let index = Index::create()
                .name(format!("link_{column}"))
                .table("link")
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
