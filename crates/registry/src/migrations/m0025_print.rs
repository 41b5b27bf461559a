//! What was printed: each form that left the house, with the hash that stands on it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("print")
                    .col(big_pk_auto("id"))
                    // The first 16 digits of the hash: what the address on the print ends with.
                    .col(string("key"))
                    .col(string("hash"))
                    .col(integer("annex"))
                    .col(string("format"))
                    .col(big_integer_null("unit_id"))
                    .col(boolean("own"))
                    .col(integer_null("year"))
                    .col(big_integer_null("channel_id"))
                    .col(big_integer_null("filing_id"))
                    .col(string("number"))
                    .col(big_integer("row_count"))
                    .col(json_binary("reader"))
                    .col(big_integer_null("person_id"))
                    .col(timestamp_with_time_zone("printed_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("print_key")
                    .table("print")
                    .col("key")
                    .col("id")
                    .to_owned(),
            )
            .await
    }
}
