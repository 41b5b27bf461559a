//! Who is told of changes of state and what they were told; review sheets that were printed.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [hook(), delivery(), sheet_year(), sheet_number(), sheet()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("hook_delivery_hook", "hook_delivery", ["hook_id", "id"]),
            (
                "hook_delivery_made",
                "hook_delivery",
                ["made_at", "hook_id"],
            ),
            ("review_sheet_key", "review_sheet", ["key", "id"]),
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

fn hook() -> TableCreateStatement {
    Table::create()
        .table("hook")
        .col(big_pk_auto("id"))
        .col(text("name"))
        .col(text("url"))
        // Everything of this unit and those below it.
        .col(big_integer("unit_id"))
        // Codes of changes; none means all.
        .col(json_binary("kinds"))
        // Sealed.
        .col(text("secret"))
        .col(boolean("enabled"))
        .col(big_integer_null("made_by"))
        .col(timestamp_with_time_zone("made_at"))
        .to_owned()
}

fn delivery() -> TableCreateStatement {
    Table::create()
        .table("hook_delivery")
        .col(big_pk_auto("id"))
        .col(big_integer("hook_id"))
        .col(string("kind"))
        .col(big_integer_null("manuscript_id"))
        // Exactly what is signed and sent.
        .col(text("body"))
        .col(string("state"))
        .col(integer("attempts"))
        .col(integer_null("status"))
        .col(text("error"))
        .col(timestamp_with_time_zone("made_at"))
        .col(timestamp_with_time_zone_null("tried_at"))
        .foreign_key(
            ForeignKey::create()
                .name("hook_delivery_of_hook")
                .from("hook_delivery", "hook_id")
                .to("hook", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn sheet_year() -> TableCreateStatement {
    Table::create()
        .table("review_sheet_year")
        .col(integer("year").primary_key())
        .col(big_integer("last"))
        .to_owned()
}

fn sheet_number() -> TableCreateStatement {
    Table::create()
        .table("review_sheet_number")
        .col(big_integer("manuscript_id").primary_key())
        .col(integer("year"))
        .col(big_integer("number"))
        .index(
            Index::create()
                .name("review_sheet_number_of_year")
                .col("year")
                .col("number")
                .unique(),
        )
        .to_owned()
}

fn sheet() -> TableCreateStatement {
    Table::create()
        .table("review_sheet")
        .col(big_pk_auto("id"))
        // The first 16 digits of the hash: what the address on the sheet ends with.
        .col(string("key"))
        .col(string("hash"))
        .col(big_integer("manuscript_id"))
        .col(string("format"))
        .col(string("number"))
        .col(big_integer_null("person_id"))
        .col(timestamp_with_time_zone("printed_at"))
        .to_owned()
}
