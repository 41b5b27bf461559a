//! Filings with their acts and attachments, and the document numbers of each year.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [filing(), act(), attachment(), number()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("filing_unit", "filing", ["unit_id", "stage"]),
            ("filing_stage", "filing", ["stage", "due_at"]),
            ("filing_awaiting", "filing", ["awaiting_role", "unit_id"]),
            ("filing_author", "filing", ["author_id", "author_for"]),
            ("filing_channel", "filing", ["channel_id", "id"]),
            ("filing_updated", "filing", ["updated_at", "id"]),
            (
                "filing_act_person",
                "filing_act",
                ["person_id", "filing_id"],
            ),
            (
                "filing_attachment_filing",
                "filing_attachment",
                ["filing_id", "id"],
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

fn filing() -> TableCreateStatement {
    Table::create()
        .table("filing")
        .col(big_pk_auto("id"))
        .col(integer("version"))
        .col(string("kind"))
        .col(big_integer("unit_id"))
        .col(big_integer_null("channel_id"))
        .col(text("name"))
        .col(string("platform"))
        .col(text("haystack"))
        .col(json_binary("content"))
        // Names and telephone numbers, sealed.
        .col(text("contacts"))
        .col(big_integer("author_id"))
        .col(big_integer_null("author_for"))
        .col(json_binary("route"))
        .col(string("stage"))
        .col(string_null("awaiting_role"))
        .col(integer("round"))
        .col(string_null("document_number").unique_key())
        .col(timestamp_with_time_zone_null("due_at"))
        .col(timestamp_with_time_zone_null("submitted_at"))
        .col(timestamp_with_time_zone_null("effective_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn act() -> TableCreateStatement {
    Table::create()
        .table("filing_act")
        .col(big_integer("filing_id"))
        .col(integer("position"))
        .col(integer("round"))
        .col(string("step"))
        .col(big_integer("person_id"))
        .col(big_integer_null("on_behalf_of"))
        .col(timestamp_with_time_zone("at"))
        .col(text("opinion"))
        .col(string("verdict"))
        .primary_key(Index::create().col("filing_id").col("position"))
        .foreign_key(
            ForeignKey::create()
                .name("filing_act_of_filing")
                .from("filing_act", "filing_id")
                .to("filing", "id"),
        )
        .to_owned()
}

fn attachment() -> TableCreateStatement {
    Table::create()
        .table("filing_attachment")
        .col(big_pk_auto("id"))
        .col(big_integer("filing_id"))
        .col(text("name"))
        .col(string("kind"))
        .col(big_integer("size"))
        .col(string("hash"))
        .col(boolean("sealed"))
        .col(big_integer("uploaded_by"))
        .col(timestamp_with_time_zone("uploaded_at"))
        .foreign_key(
            ForeignKey::create()
                .name("filing_attachment_of_filing")
                .from("filing_attachment", "filing_id")
                .to("filing", "id"),
        )
        .to_owned()
}

fn number() -> TableCreateStatement {
    Table::create()
        .table("filing_number")
        .col(integer("year").primary_key())
        .col(big_integer("last"))
        .to_owned()
}
