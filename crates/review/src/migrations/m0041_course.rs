//! The course of manuscripts through their review: workflows, submissions, decisions, counters.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            workflow(),
            workflow_version(),
            course(),
            round(),
            decision(),
            barred(),
            named(),
            tally(),
        ] {
            manager.create_table(table).await?;
        }
        let indexes: [(&str, &str, &[&str]); 11] = [
            // Whose turn it is, the most urgent first.
            (
                "review_course_due",
                "review_course",
                &["stage", "due_at", "manuscript_id"],
            ),
            (
                "review_course_turn",
                "review_course",
                &["turn", "due_at", "manuscript_id"],
            ),
            (
                "review_course_level",
                "review_course",
                &["stage", "level", "due_at", "manuscript_id"],
            ),
            (
                "review_course_updated",
                "review_course",
                &["stage", "updated_at", "manuscript_id"],
            ),
            (
                "review_course_unit",
                "review_course",
                &["unit_id", "stage", "due_at", "manuscript_id"],
            ),
            (
                "review_course_channel",
                "review_course",
                &["channel_id", "stage", "due_at", "manuscript_id"],
            ),
            (
                "review_course_held",
                "review_course",
                &["held_until", "manuscript_id"],
            ),
            (
                "review_decision_of",
                "review_decision",
                &["manuscript_id", "id"],
            ),
            (
                "review_decision_person",
                "review_decision",
                &["person_id", "id"],
            ),
            (
                "review_decision_for",
                "review_decision",
                &["on_behalf_of", "id"],
            ),
            (
                "review_barred_person",
                "review_barred",
                &["person_id", "manuscript_id"],
            ),
        ];
        for (name, table, columns) in indexes {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn workflow() -> TableCreateStatement {
    Table::create()
        .table("review_workflow")
        .col(big_pk_auto("id"))
        // None is the institution's own default, for units without one.
        .col(big_integer_null("unit_id"))
        // None is every kind of channel.
        .col(string_null("platform"))
        // One of a unit for a kind of channel; those that ended have given it up.
        .col(string_null("slot").unique_key())
        .col(big_integer_null("current_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .to_owned()
}

fn workflow_version() -> TableCreateStatement {
    Table::create()
        .table("review_workflow_version")
        .col(big_pk_auto("id"))
        .col(big_integer("workflow_id"))
        .col(integer("number"))
        .col(json_binary("law"))
        .col(big_integer_null("made_by"))
        .col(big_integer_null("made_for"))
        .col(timestamp_with_time_zone("made_at"))
        .index(
            Index::create()
                .name("review_workflow_version_number")
                .col("workflow_id")
                .col("number")
                .unique(),
        )
        .to_owned()
}

fn course() -> TableCreateStatement {
    Table::create()
        .table("review_course")
        .col(big_integer("manuscript_id").primary_key())
        .col(integer("version"))
        .col(big_integer("unit_id"))
        // The main channel and its platform.
        .col(big_integer("channel_id"))
        .col(string("platform"))
        .col(big_integer("author_id"))
        .col(text("title"))
        .col(text("haystack"))
        .col(integer("number"))
        .col(string("stage"))
        .col(integer("round"))
        .col(integer("level"))
        // The seat whose turn it is, while it is someone's.
        .col(string_null("turn"))
        // Whether only the persons of `review_named` may act.
        .col(boolean("named"))
        // The version under review, or last reviewed.
        .col(big_integer("content_id"))
        .col(string("hash"))
        .col(big_integer("law_id"))
        .col(json_binary("route"))
        .col(json_binary("authors"))
        .col(boolean("major"))
        .col(json_binary_null("mark"))
        .col(big_integer_null("held_by"))
        .col(big_integer_null("held_for"))
        .col(timestamp_with_time_zone_null("held_until"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(timestamp_with_time_zone("submitted_at"))
        .col(timestamp_with_time_zone("level_since"))
        .col(timestamp_with_time_zone_null("approved_at"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn round() -> TableCreateStatement {
    Table::create()
        .table("review_round")
        .col(big_integer("manuscript_id"))
        .col(integer("number"))
        .col(integer("starts"))
        .col(big_integer("content_id"))
        .col(string("hash"))
        .col(big_integer("law_id"))
        // Set for a small correction: the version that it corrects.
        .col(big_integer_null("base_id"))
        .col(string_null("base_hash"))
        .col(big_integer("submitted_by"))
        .col(big_integer_null("submitted_for"))
        .col(text("note"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("manuscript_id").col("number"))
        .to_owned()
}

fn decision() -> TableCreateStatement {
    Table::create()
        .table("review_decision")
        .col(big_pk_auto("id"))
        .col(big_integer("manuscript_id"))
        .col(integer("round"))
        .col(integer("level"))
        .col(big_integer("content_id"))
        .col(string("hash"))
        .col(string("verdict"))
        // The earlier level to which it was returned; none is the author.
        .col(integer_null("to_level"))
        .col(big_integer("person_id"))
        .col(big_integer_null("on_behalf_of"))
        .col(text("opinion"))
        .col(json_binary("checklist"))
        .col(json_binary_null("proofread"))
        .col(json_binary("asked"))
        // A decision taken on paper (R-REV-11).
        .col(big_integer_null("recorded_by"))
        .col(big_integer_null("recorded_for"))
        .col(date_null("decided_on"))
        .col(string_null("paper_number"))
        .col(string_null("scan"))
        // When the level had it first: how long it took.
        .col(timestamp_with_time_zone("since"))
        .col(timestamp_with_time_zone("at"))
        .to_owned()
}

/// Who may not act at the present level: the law's own answer, kept for lists.
fn barred() -> TableCreateStatement {
    Table::create()
        .table("review_barred")
        .col(big_integer("manuscript_id"))
        .col(big_integer("person_id"))
        .primary_key(Index::create().col("manuscript_id").col("person_id"))
        .to_owned()
}

/// Who alone may act at the present level, where the workflow names persons.
fn named() -> TableCreateStatement {
    Table::create()
        .table("review_named")
        .col(big_integer("manuscript_id"))
        .col(big_integer("person_id"))
        .primary_key(Index::create().col("manuscript_id").col("person_id"))
        .to_owned()
}

fn tally() -> TableCreateStatement {
    Table::create()
        .table("review_tally")
        .col(big_integer("unit_id"))
        .col(big_integer("channel_id"))
        .col(string("standing"))
        .col(big_integer("number"))
        .primary_key(
            Index::create()
                .col("unit_id")
                .col("channel_id")
                .col("standing"),
        )
        .to_owned()
}
