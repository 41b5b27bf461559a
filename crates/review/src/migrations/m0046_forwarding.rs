//! Texts that were handed to the departments that handle what is illegal or harmful in them (R-INS-7).

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(forwarding()).await?;
        manager.create_table(addressed()).await?;
        for (name, table, columns) in [
            (
                "forwarding_manuscript",
                "forwarding",
                ["manuscript_id", "id"],
            ),
            ("forwarding_unit_of", "forwarding", ["unit_id", "id"]),
            ("forwarding_due", "forwarding", ["due_at", "id"]),
            (
                "forwarding_unit_to",
                "forwarding_unit",
                ["unit_id", "forwarding_id"],
            ),
        ] {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn forwarding() -> TableCreateStatement {
    Table::create()
        .table("forwarding")
        .col(big_pk_auto("id"))
        .col(integer("version"))
        // The evidence: exactly this content, which never changes, with its hash.
        .col(big_integer("manuscript_id"))
        .col(big_integer("version_id"))
        .col(string("hash"))
        .col(big_integer_null("publication_id"))
        // The manuscript's unit and main channel.
        .col(big_integer("unit_id"))
        .col(big_integer_null("channel_id"))
        .col(text("title"))
        .col(string("kind"))
        .col(text("why"))
        .col(text("quote"))
        .col(big_integer("made_by"))
        .col(big_integer_null("made_for"))
        .col(timestamp_with_time_zone("made_at"))
        .col(timestamp_with_time_zone("due_at"))
        // When the last department had answered.
        .col(timestamp_with_time_zone_null("answered_at"))
        // When the leader in charge was told that a department is late.
        .col(timestamp_with_time_zone_null("told_at"))
        .col(string_null("outcome"))
        .col(text("closing_words"))
        .col(big_integer_null("closed_by"))
        .col(big_integer_null("closed_for"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .to_owned()
}

fn addressed() -> TableCreateStatement {
    Table::create()
        .table("forwarding_unit")
        .col(big_pk_auto("id"))
        .col(big_integer("forwarding_id"))
        .col(big_integer("unit_id"))
        .col(string_null("result"))
        .col(text("words"))
        .col(big_integer_null("answered_by"))
        .col(big_integer_null("answered_for"))
        .col(timestamp_with_time_zone_null("answered_at"))
        .foreign_key(
            ForeignKey::create()
                .name("forwarding_unit_of_forwarding")
                .from("forwarding_unit", "forwarding_id")
                .to("forwarding", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .index(
            Index::create()
                .name("forwarding_unit_once")
                .col("forwarding_id")
                .col("unit_id")
                .unique(),
        )
        .to_owned()
}
