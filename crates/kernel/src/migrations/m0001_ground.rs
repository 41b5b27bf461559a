//! Settings, the scope index and the search index.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("setting")
                    .col(string("key").primary_key())
                    .col(json_binary("value"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("unit_ancestor")
                    .col(big_integer("ancestor_id"))
                    .col(big_integer("unit_id"))
                    .col(integer("depth"))
                    .primary_key(Index::create().col("ancestor_id").col("unit_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("unit_ancestor_unit")
                    .table("unit_ancestor")
                    .col("unit_id")
                    .col("depth")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("search_gram")
                    .col(string("kind"))
                    .col(string("gram"))
                    .col(big_integer("subject_id"))
                    .primary_key(Index::create().col("kind").col("gram").col("subject_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("search_gram_subject")
                    .table("search_gram")
                    .col("kind")
                    .col("subject_id")
                    .to_owned(),
            )
            .await
    }
}
