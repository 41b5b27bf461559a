//! Regulations with their versions, attachments, and who has read which version.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [regulation(), version(), attachment(), reading()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns, unique) in [
            ("regulation_unit", "regulation", ["unit_id", "id"], false),
            ("regulation_scope", "regulation", ["scope_id", "id"], false),
            (
                "regulation_version_ordinal",
                "regulation_version",
                ["regulation_id", "ordinal"],
                true,
            ),
            (
                "regulation_file_version",
                "regulation_file",
                ["version_id", "id"],
                false,
            ),
            (
                "regulation_reading_once",
                "regulation_reading",
                ["version_id", "person_id"],
                true,
            ),
            (
                "regulation_reading_person",
                "regulation_reading",
                ["person_id", "read_at"],
                false,
            ),
        ] {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(column);
            }
            if unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn regulation() -> TableCreateStatement {
    Table::create()
        .table("regulation")
        .col(big_pk_auto("id"))
        .col(integer("version"))
        // Who issued it, and whom it binds with everything below.
        .col(big_integer("unit_id"))
        .col(big_integer("scope_id"))
        .col(text("title"))
        .col(string("number"))
        .col(text("haystack"))
        // The version that was issued last; none while the first is written.
        .col(big_integer_null("issued_id"))
        .col(date_null("effective_on"))
        .col(big_integer_null("supersedes"))
        .col(date_null("repealed_on"))
        .col(text("repeal_reason"))
        // Roles that must read it; `*` for everyone.
        .col(json_binary("readers"))
        .col(integer("read_days"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn version() -> TableCreateStatement {
    Table::create()
        .table("regulation_version")
        .col(big_pk_auto("id"))
        .col(big_integer("regulation_id"))
        .col(integer("ordinal"))
        .col(text("title"))
        .col(string("number"))
        .col(text("text"))
        .col(text("note"))
        .col(date("effective_on"))
        .col(big_integer("author_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("issued_at"))
        .col(big_integer_null("issued_by"))
        .col(big_integer_null("issued_for"))
        .foreign_key(
            ForeignKey::create()
                .name("regulation_version_of_regulation")
                .from("regulation_version", "regulation_id")
                .to("regulation", "id"),
        )
        .to_owned()
}

fn attachment() -> TableCreateStatement {
    Table::create()
        .table("regulation_file")
        .col(big_pk_auto("id"))
        .col(big_integer("version_id"))
        .col(text("name"))
        .col(string("kind"))
        .col(big_integer("size"))
        .col(string("hash"))
        .col(big_integer("uploaded_by"))
        .col(timestamp_with_time_zone("uploaded_at"))
        .foreign_key(
            ForeignKey::create()
                .name("regulation_file_of_version")
                .from("regulation_file", "version_id")
                .to("regulation_version", "id"),
        )
        .to_owned()
}

fn reading() -> TableCreateStatement {
    Table::create()
        .table("regulation_reading")
        .col(big_pk_auto("id"))
        .col(big_integer("version_id"))
        .col(big_integer("person_id"))
        .col(timestamp_with_time_zone_null("asked_at"))
        .col(timestamp_with_time_zone_null("read_at"))
        .foreign_key(
            ForeignKey::create()
                .name("regulation_reading_of_version")
                .from("regulation_reading", "version_id")
                .to("regulation_version", "id"),
        )
        .to_owned()
}
