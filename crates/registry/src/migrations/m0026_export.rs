//! Exports made in the background, with their files.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("export")
                    .col(big_pk_auto("id"))
                    .col(big_integer("person_id"))
                    .col(string("kind"))
                    .col(text("title"))
                    .col(json_binary("asked"))
                    .col(string("state"))
                    .col(big_integer("done"))
                    .col(big_integer("total"))
                    .col(integer("attempt"))
                    .col(text_null("reason"))
                    .col(text_null("file_name"))
                    .col(string_null("file_kind"))
                    .col(big_integer("bytes"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("alive_at"))
                    .col(timestamp_with_time_zone_null("finished_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("export_person")
                    .table("export")
                    .col("person_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("export_state")
                    .table("export")
                    .col("state")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("export_part")
                    .col(big_pk_auto("id"))
                    .col(big_integer("export_id"))
                    .col(integer("part"))
                    .col(text("content"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("export_part_of")
                    .table("export_part")
                    .col("export_id")
                    .col("part")
                    .unique()
                    .to_owned(),
            )
            .await
    }
}
