//! Uploads that wait for their confirmation.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("import_run")
                    .col(big_pk_auto("id"))
                    .col(big_integer("person_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(text("files"))
                    .col(text_null("content"))
                    .col(json_binary("options"))
                    .col(text_null("report"))
                    .col(string("state"))
                    .col(text("summary"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("import_run_person")
                    .table("import_run")
                    .col("person_id")
                    .col("id")
                    .to_owned(),
            )
            .await
    }
}
