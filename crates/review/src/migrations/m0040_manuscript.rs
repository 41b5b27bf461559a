//! Manuscripts: the working copy, its files, who wrote it with others, texts put aside in a conflict, and the
//! immutable versions.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            manuscript(),
            channel(),
            coauthor(),
            file(),
            aside(),
            version(),
        ] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("manuscript_unit", "manuscript", ["unit_id", "id"]),
            ("manuscript_author", "manuscript", ["author_id", "id"]),
            ("manuscript_saved", "manuscript", ["saved_at", "id"]),
            (
                "manuscript_channel_channel",
                "manuscript_channel",
                ["channel_id", "manuscript_id"],
            ),
            (
                "manuscript_coauthor_person",
                "manuscript_coauthor",
                ["person_id", "manuscript_id"],
            ),
            (
                "manuscript_file_of",
                "manuscript_file",
                ["manuscript_id", "id"],
            ),
            (
                "manuscript_aside_of_manuscript",
                "manuscript_aside",
                ["manuscript_id", "id"],
            ),
            (
                "manuscript_version_hash",
                "manuscript_version",
                ["hash", "id"],
            ),
        ] {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("manuscript_version_number")
                    .table("manuscript_version")
                    .col("manuscript_id")
                    .col("number")
                    .unique()
                    .to_owned(),
            )
            .await
    }
}

fn manuscript() -> TableCreateStatement {
    Table::create()
        .table("manuscript")
        .col(big_pk_auto("id"))
        // Counts the saves; who saves names the one they saw.
        .col(big_integer("revision"))
        .col(big_integer("unit_id"))
        .col(big_integer("author_id"))
        .col(big_integer_null("author_for"))
        .col(text("title"))
        .col(text("html"))
        .col(string("layout"))
        .col(text("link"))
        .col(text("category"))
        .col(string("origin"))
        .col(text("source"))
        .col(text("source_link"))
        .col(text("source_title"))
        .col(text("names"))
        .col(big_integer_null("cover_id"))
        .col(integer("words"))
        .col(text("haystack"))
        // The latest version; none while it was never handed in.
        .col(big_integer_null("version_id"))
        .col(big_integer_null("copied_from"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("saved_at"))
        .col(big_integer("saved_by"))
        .to_owned()
}

fn channel() -> TableCreateStatement {
    Table::create()
        .table("manuscript_channel")
        .col(big_integer("manuscript_id"))
        .col(big_integer("channel_id"))
        // 0 is the main channel, which decides on the workflow.
        .col(integer("position"))
        .primary_key(Index::create().col("manuscript_id").col("channel_id"))
        .foreign_key(
            ForeignKey::create()
                .name("manuscript_channel_of")
                .from("manuscript_channel", "manuscript_id")
                .to("manuscript", "id"),
        )
        .to_owned()
}

fn coauthor() -> TableCreateStatement {
    Table::create()
        .table("manuscript_coauthor")
        .col(big_integer("manuscript_id"))
        .col(big_integer("person_id"))
        .primary_key(Index::create().col("manuscript_id").col("person_id"))
        .foreign_key(
            ForeignKey::create()
                .name("manuscript_coauthor_of")
                .from("manuscript_coauthor", "manuscript_id")
                .to("manuscript", "id"),
        )
        .to_owned()
}

fn file() -> TableCreateStatement {
    Table::create()
        .table("manuscript_file")
        .col(big_pk_auto("id"))
        .col(big_integer("manuscript_id"))
        .col(string("role"))
        .col(text("name"))
        .col(string("kind"))
        .col(big_integer("size"))
        .col(integer("width"))
        .col(integer("height"))
        .col(string("hash"))
        .col(text("alt"))
        .col(string("rights"))
        .col(text("credit"))
        .col(boolean("removed"))
        .col(big_integer("uploaded_by"))
        .col(timestamp_with_time_zone("uploaded_at"))
        .foreign_key(
            ForeignKey::create()
                .name("manuscript_file_of_manuscript")
                .from("manuscript_file", "manuscript_id")
                .to("manuscript", "id"),
        )
        .to_owned()
}

/// What someone saved and another one replaced: two wrote at once, and nothing is lost.
fn aside() -> TableCreateStatement {
    Table::create()
        .table("manuscript_aside")
        .col(big_pk_auto("id"))
        .col(big_integer("manuscript_id"))
        .col(big_integer("revision"))
        .col(text("title"))
        .col(text("html"))
        .col(big_integer("saved_by"))
        .col(timestamp_with_time_zone("saved_at"))
        .foreign_key(
            ForeignKey::create()
                .name("manuscript_aside_of")
                .from("manuscript_aside", "manuscript_id")
                .to("manuscript", "id"),
        )
        .to_owned()
}

fn version() -> TableCreateStatement {
    Table::create()
        .table("manuscript_version")
        .col(big_pk_auto("id"))
        .col(big_integer("manuscript_id"))
        .col(integer("number"))
        .col(string("hash"))
        .col(text("title"))
        .col(text("html"))
        .col(text("text"))
        .col(string("layout"))
        .col(text("link"))
        .col(json_binary("channels"))
        .col(json_binary("files"))
        .col(text("category"))
        .col(string("origin"))
        .col(text("source"))
        .col(text("source_link"))
        .col(text("source_title"))
        .col(text("names"))
        .col(big_integer_null("cover_id"))
        .col(integer("words"))
        .col(big_integer("made_by"))
        .col(timestamp_with_time_zone("made_at"))
        .foreign_key(
            ForeignKey::create()
                .name("manuscript_version_of")
                .from("manuscript_version", "manuscript_id")
                .to("manuscript", "id"),
        )
        .to_owned()
}
