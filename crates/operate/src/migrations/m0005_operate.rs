//! Backups and checks with what came of them, and the processes that are running.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("operate_run")
                    .col(big_pk_auto("id"))
                    .col(string("kind"))
                    .col(string("state"))
                    .col(boolean("automatic"))
                    .col(timestamp_with_time_zone("begun_at"))
                    .col(timestamp_with_time_zone_null("ended_at"))
                    .col(big_integer("done"))
                    .col(big_integer("total"))
                    .col(text_null("place"))
                    .col(big_integer_null("size"))
                    .col(string_null("sha256"))
                    .col(text("said"))
                    .col(json_binary("findings"))
                    .col(json_binary("detail"))
                    .col(timestamp_with_time_zone_null("deleted_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("operate_run_kind")
                    .table("operate_run")
                    .col("kind")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("node")
                    .col(string("id").primary_key())
                    .col(string("program"))
                    .col(string("serves"))
                    .col(timestamp_with_time_zone("begun_at"))
                    .col(timestamp_with_time_zone("seen_at"))
                    .col(big_integer("free_bytes"))
                    .col(big_integer("total_bytes"))
                    .to_owned(),
            )
            .await
    }
}
