//! Facts of sites and apps, merged records, what was looked at and kept, the yearly re-check, and acts on
//! many channels at once.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column at a time: SQLite adds no more by one statement.
        for mut column in [
            json_binary("web").default("{}").to_owned(),
            integer_null("mlps_level"),
            date_null("mlps_since"),
            big_integer_null("merged_into"),
            text("name_key").default("").to_owned(),
        ] {
            let alter = Table::alter()
                .table("channel")
                .add_column(&mut column)
                .to_owned();
            manager.alter_table(alter).await?;
        }
        for (name, columns) in [
            ("channel_name_key", vec!["name_key", "unit_id", "platform"]),
            ("channel_mlps", vec!["mlps_level", "mlps_since"]),
            ("channel_merged_into", vec!["merged_into"]),
            (
                "channel_body",
                vec!["certified_body", "platform", "unit_id"],
            ),
        ] {
            manager
                .create_index(index(name, "channel", columns))
                .await?;
        }
        manager.create_table(kept()).await?;
        manager.create_table(recheck()).await?;
        manager
            .create_index(index(
                "recheck_channel",
                "recheck",
                vec!["channel_id", "year"],
            ))
            .await?;
        manager.create_table(batch()).await?;
        manager.create_table(batch_item()).await
    }
}

fn index(
    name: &'static str,
    table: &'static str,
    columns: Vec<&'static str>,
) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).to_owned();
    for column in columns {
        index.col(column);
    }
    index
}

/// Similar or little-used accounts that stay as they are, with the reason.
fn kept() -> TableCreateStatement {
    Table::create()
        .table("channel_kept")
        .col(text("key").primary_key())
        .col(text("fingerprint"))
        .col(big_integer_null("channel_id"))
        .col(integer_null("version"))
        .col(text("reason"))
        .col(big_integer_null("decided_by"))
        .col(timestamp_with_time_zone("decided_at"))
        .to_owned()
}

fn recheck() -> TableCreateStatement {
    Table::create()
        .table("recheck")
        .col(integer("year"))
        .col(big_integer("channel_id"))
        .col(date("due"))
        .col(string_null("outcome"))
        .col(big_integer_null("done_by"))
        .col(timestamp_with_time_zone_null("done_at"))
        .primary_key(Index::create().col("year").col("channel_id"))
        .to_owned()
}

fn batch() -> TableCreateStatement {
    Table::create()
        .table("channel_batch")
        .col(big_pk_auto("id"))
        .col(string("act"))
        .col(json_binary("detail"))
        .col(big_integer("made_by"))
        .col(timestamp_with_time_zone("made_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .to_owned()
}

fn batch_item() -> TableCreateStatement {
    Table::create()
        .table("channel_batch_item")
        .col(big_integer("batch_id"))
        .col(big_integer("channel_id"))
        .col(string("state"))
        .col(text_null("why"))
        .primary_key(Index::create().col("batch_id").col("channel_id"))
        .to_owned()
}
