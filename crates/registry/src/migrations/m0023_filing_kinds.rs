//! Changes and cancellations, decisions on paper, and how many filings stand where.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            // The record that a change was written against, sealed: it names people.
            ("filing", text_null("base")),
            ("filing", string_null("closing")),
            ("filing", boolean("paper").default(false).take()),
            // The channel, while this is the filing of it that is on its way.
            ("filing", big_integer_null("under_way")),
            ("filing_act", big_integer_null("recorded_by")),
            ("filing_act", big_integer_null("recorded_for")),
            ("filing_act", date_null("decided_on")),
            ("filing_act", text_null("paper_number")),
            ("filing_act", big_integer_null("scan_id")),
            (
                "filing_attachment",
                string("purpose").default("other").take(),
            ),
        ] {
            manager
                .alter_table(Table::alter().table(table).add_column(column).to_owned())
                .await?;
        }
        let db = manager.get_connection();
        for sql in [
            "UPDATE filing_attachment SET purpose = 'sealed_form' WHERE sealed",
            "UPDATE filing SET under_way = channel_id WHERE stage IN \
             ('awaiting_unit_head', 'awaiting_officer_check', 'awaiting_decision', 'returned')",
        ] {
            db.execute_unprepared(sql).await?;
        }
        manager
            .alter_table(
                Table::alter()
                    .table("filing_attachment")
                    .drop_column("sealed")
                    .to_owned(),
            )
            .await?;
        for table in [closing_act(), tally()] {
            manager.create_table(table).await?;
        }
        db.execute_unprepared(
            "INSERT INTO filing_tally (unit_id, kind, standing, number) \
             SELECT unit_id, kind, stage, COUNT(*) FROM filing WHERE round > 0 \
             GROUP BY unit_id, kind, stage",
        )
        .await?;
        for (name, columns, unique) in [
            ("filing_under_way", &["under_way"][..], true),
            ("filing_closing_due", &["closing", "due_at"], false),
            ("filing_kind", &["kind", "updated_at"], false),
            ("filing_paper", &["paper", "updated_at"], false),
        ] {
            let mut index = Index::create().name(name).table("filing").to_owned();
            if unique {
                index.unique();
            }
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// What was done about a cancellation in force.
fn closing_act() -> TableCreateStatement {
    Table::create()
        .table("filing_closing")
        .col(big_integer("filing_id"))
        .col(integer("position"))
        .col(string("what"))
        .col(big_integer("person_id"))
        .col(big_integer_null("on_behalf_of"))
        .col(timestamp_with_time_zone("at"))
        .col(text("note"))
        .col(big_integer_null("scan_id"))
        .primary_key(Index::create().col("filing_id").col("position"))
        .foreign_key(
            ForeignKey::create()
                .name("filing_closing_of_filing")
                .from("filing_closing", "filing_id")
                .to("filing", "id"),
        )
        .to_owned()
}

/// Counters of what was ever handed in.
fn tally() -> TableCreateStatement {
    Table::create()
        .table("filing_tally")
        .col(big_integer("unit_id"))
        .col(string("kind"))
        .col(string("standing"))
        .col(big_integer("number"))
        .primary_key(Index::create().col("unit_id").col("kind").col("standing"))
        .to_owned()
}
