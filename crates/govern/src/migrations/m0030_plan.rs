//! Plans with their tasks, who helps, what was said about the progress and the proofs.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [plan(), task(), helper(), note(), proof()] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("plan_unit", "plan", ["unit_id", "year"]),
            ("plan_year", "plan", ["year", "stage"]),
            ("plan_revises", "plan", ["revises", "id"]),
            ("plan_task_plan", "plan_task", ["plan_id", "position"]),
            ("plan_task_person", "plan_task", ["person_id", "state"]),
            (
                "plan_helper_person",
                "plan_helper",
                ["person_id", "task_id"],
            ),
            ("plan_note_thread", "plan_note", ["thread_id", "id"]),
            ("plan_proof_thread", "plan_proof", ["thread_id", "id"]),
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

fn plan() -> TableCreateStatement {
    Table::create()
        .table("plan")
        .col(big_pk_auto("id"))
        .col(integer("version"))
        .col(string("kind"))
        .col(big_integer("unit_id"))
        .col(integer("year"))
        .col(integer("through"))
        // One plan of a unit for a year; those that were revised have given it up.
        .col(string_null("slot").unique_key())
        .col(big_integer_null("revises"))
        .col(integer("edition"))
        .col(text("revision_reason"))
        .col(text("title"))
        .col(text("goals"))
        .col(text("haystack"))
        .col(big_integer("author_id"))
        .col(big_integer_null("author_for"))
        .col(string("stage"))
        .col(integer("round"))
        .col(text("opinion"))
        .col(timestamp_with_time_zone_null("submitted_at"))
        .col(big_integer_null("decided_by"))
        .col(big_integer_null("decided_for"))
        .col(timestamp_with_time_zone_null("in_force_at"))
        .col(text("summary"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn task() -> TableCreateStatement {
    Table::create()
        .table("plan_task")
        .col(big_pk_auto("id"))
        .col(big_integer("plan_id"))
        .col(integer("position"))
        // The first of the editions of one task; none for itself.
        .col(big_integer_null("thread_id"))
        .col(integer("version"))
        .col(text("what"))
        .col(text("detail"))
        .col(big_integer("person_id"))
        .col(date("due"))
        .col(date("first_due"))
        .col(integer("progress"))
        .col(string("state"))
        .col(timestamp_with_time_zone_null("done_at"))
        .foreign_key(
            ForeignKey::create()
                .name("plan_task_of_plan")
                .from("plan_task", "plan_id")
                .to("plan", "id"),
        )
        .to_owned()
}

fn helper() -> TableCreateStatement {
    Table::create()
        .table("plan_helper")
        .col(big_integer("task_id"))
        .col(big_integer("person_id"))
        .primary_key(Index::create().col("task_id").col("person_id"))
        .foreign_key(
            ForeignKey::create()
                .name("plan_helper_of_task")
                .from("plan_helper", "task_id")
                .to("plan_task", "id"),
        )
        .to_owned()
}

fn note() -> TableCreateStatement {
    Table::create()
        .table("plan_note")
        .col(big_pk_auto("id"))
        .col(big_integer("thread_id"))
        .col(string("kind"))
        .col(integer("progress"))
        .col(text("text"))
        .col(big_integer("person_id"))
        .col(big_integer_null("on_behalf_of"))
        .col(timestamp_with_time_zone("at"))
        .to_owned()
}

fn proof() -> TableCreateStatement {
    Table::create()
        .table("plan_proof")
        .col(big_pk_auto("id"))
        .col(big_integer("thread_id"))
        .col(text("name"))
        .col(string("kind"))
        .col(big_integer("size"))
        .col(string("hash"))
        .col(big_integer("uploaded_by"))
        .col(timestamp_with_time_zone("uploaded_at"))
        .to_owned()
}
