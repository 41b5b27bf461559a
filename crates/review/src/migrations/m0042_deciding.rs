//! What reviewers saw, what they noted at places of a version, and what the author did about it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [annotation(), seen()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            (
                "review_annotation_version",
                "review_annotation",
                ["content_id", "id"],
            ),
            (
                "review_annotation_manuscript",
                "review_annotation",
                ["manuscript_id", "id"],
            ),
            (
                "review_seen_person",
                "review_seen",
                ["manuscript_id", "person_id"],
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

fn annotation() -> TableCreateStatement {
    Table::create()
        .table("review_annotation")
        .col(big_pk_auto("id"))
        .col(big_integer("manuscript_id"))
        // The version that it speaks of.
        .col(big_integer("content_id"))
        .col(integer("round"))
        .col(integer("level"))
        // Signs of the version's text, and the words there; none and empty for the whole.
        .col(integer_null("from_sign"))
        .col(integer_null("to_sign"))
        .col(text("quote"))
        .col(text("note"))
        .col(big_integer("person_id"))
        .col(big_integer_null("on_behalf_of"))
        .col(timestamp_with_time_zone("made_at"))
        // What the author did about it.
        .col(string_null("answer"))
        .col(text("answer_text"))
        .col(big_integer_null("answered_by"))
        .col(timestamp_with_time_zone_null("answered_at"))
        .to_owned()
}

fn seen() -> TableCreateStatement {
    Table::create()
        .table("review_seen")
        .col(big_integer("content_id"))
        .col(big_integer("person_id"))
        .col(big_integer("manuscript_id"))
        .col(integer("number"))
        .col(timestamp_with_time_zone("first_at"))
        .primary_key(Index::create().col("content_id").col("person_id"))
        .to_owned()
}
