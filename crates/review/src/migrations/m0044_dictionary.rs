//! Words of the institution's and the units' dictionaries, forms of staff and student numbers, imports that
//! wait for a confirmation.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [word(), number_form(), import(), state()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns, unique) in [
            (
                "dictionary_word_slot",
                "dictionary_word",
                ["unit_id", "slot"],
                true,
            ),
            (
                "dictionary_word_kind",
                "dictionary_word",
                ["kind", "id"],
                false,
            ),
            ("number_form_slot", "number_form", ["unit_id", "form"], true),
            (
                "dictionary_import_made",
                "dictionary_import",
                ["made_by", "made_at"],
                false,
            ),
        ] {
            let mut index = Index::create().name(name).table(table).to_owned();
            if unique {
                index.unique();
            }
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        let first = Query::insert()
            .into_table("dictionary_state")
            .columns(["id", "number"])
            .values_panic([1.into(), 1.into()])
            .to_owned();
        manager.execute(first).await
    }
}

fn word() -> TableCreateStatement {
    Table::create()
        .table("dictionary_word")
        .col(big_pk_auto("id"))
        .col(integer("version"))
        .col(big_integer("unit_id"))
        .col(string("kind"))
        .col(text("word"))
        // The folded word and the first day: a unit says one thing of a word from that day on.
        .col(text("slot"))
        .col(text("right_words"))
        .col(text("category"))
        .col(string("severity"))
        .col(date_null("valid_from"))
        .col(date_null("valid_to"))
        .col(text("note"))
        .col(boolean("enabled"))
        .col(text("haystack"))
        .col(big_integer_null("changed_by"))
        .col(timestamp_with_time_zone("changed_at"))
        .to_owned()
}

fn number_form() -> TableCreateStatement {
    Table::create()
        .table("number_form")
        .col(big_pk_auto("id"))
        .col(big_integer("unit_id"))
        .col(text("name"))
        .col(string("form"))
        .col(boolean("enabled"))
        .col(timestamp_with_time_zone("changed_at"))
        .to_owned()
}

fn import() -> TableCreateStatement {
    Table::create()
        .table("dictionary_import")
        .col(big_pk_auto("id"))
        .col(big_integer("unit_id"))
        .col(text("name"))
        .col(string("hash"))
        .col(big_integer("made_by"))
        .col(timestamp_with_time_zone("made_at"))
        .col(timestamp_with_time_zone_null("done_at"))
        .to_owned()
}

/// One row: the number of the last change, by which compiled words are known to be out of date.
fn state() -> TableCreateStatement {
    Table::create()
        .table("dictionary_state")
        .col(integer("id").primary_key())
        .col(big_integer("number"))
        .to_owned()
}
