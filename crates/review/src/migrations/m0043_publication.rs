//! Approvals, publications with their attempts and proofs, who may publish in an emergency, and the
//! channels' connections to their platforms.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            approval(),
            publication(),
            attempt(),
            proof(),
            emergency_person(),
            connection(),
        ] {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in [
            ("approval_hash", "approval", ["hash", "id"]),
            ("approval_manuscript", "approval", ["manuscript_id", "id"]),
            (
                "publication_manuscript",
                "publication",
                ["manuscript_id", "id"],
            ),
            ("publication_unit", "publication", ["unit_id", "id"]),
            ("publication_channel", "publication", ["channel_id", "id"]),
            ("publication_state", "publication", ["state", "id"]),
            ("publication_hash", "publication", ["hash", "id"]),
            ("publication_link", "publication", ["link_key", "id"]),
            ("publication_key", "publication", ["key", "id"]),
            ("publication_review", "publication", ["review", "id"]),
            (
                "publication_attempt_of",
                "publication_attempt",
                ["publication_id", "id"],
            ),
            (
                "publication_proof_of",
                "publication_proof",
                ["publication_id", "id"],
            ),
            (
                "emergency_person_of",
                "emergency_person",
                ["person_id", "id"],
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

fn approval() -> TableCreateStatement {
    Table::create()
        .table("approval")
        .col(big_pk_auto("id"))
        .col(big_integer("manuscript_id"))
        .col(big_integer("version_id"))
        .col(string("hash"))
        .col(json_binary("channels"))
        // Who approved at which level.
        .col(json_binary("approvers"))
        .col(timestamp_with_time_zone("granted_at"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .col(big_integer_null("revoked_by"))
        .col(text("revoked_why"))
        .to_owned()
}

fn publication() -> TableCreateStatement {
    Table::create()
        .table("publication")
        .col(big_pk_auto("id"))
        .col(integer("version"))
        .col(big_integer("manuscript_id"))
        .col(big_integer("version_id"))
        .col(string("hash"))
        // The manuscript's unit; rights of publishing are held on the channel.
        .col(big_integer("unit_id"))
        .col(big_integer("channel_id"))
        .col(text("title"))
        .col(text("haystack"))
        .col(big_integer_null("approval_id"))
        .col(string("state"))
        // What the post bears at its platform, so that it is found again: one for a manuscript on a channel.
        .col(string("key"))
        // Of a manuscript no more than one is live on a channel.
        .col(string_null("live_slot").unique_key())
        .col(string("way"))
        .col(text_null("remote_id"))
        .col(text_null("link"))
        .col(string_null("link_key"))
        .col(big_integer_null("corrects"))
        .col(integer("orders"))
        .col(integer("failures"))
        .col(text("message"))
        .col(timestamp_with_time_zone_null("scheduled_at"))
        .col(big_integer_null("ordered_by"))
        .col(big_integer_null("ordered_for"))
        .col(timestamp_with_time_zone_null("ordered_at"))
        .col(big_integer_null("published_by"))
        .col(timestamp_with_time_zone_null("published_at"))
        .col(string_null("withdrawal"))
        .col(text("withdrawal_note"))
        .col(big_integer_null("withdrawn_by"))
        .col(big_integer_null("withdrawn_for"))
        .col(timestamp_with_time_zone_null("withdrawal_at"))
        .col(timestamp_with_time_zone_null("withdrawn_at"))
        // Emergencies: why, and what became of the approval afterwards.
        .col(text_null("emergency"))
        .col(string_null("review"))
        .col(timestamp_with_time_zone_null("review_due"))
        .col(big_integer_null("reviewed_by"))
        .col(big_integer_null("reviewed_for"))
        .col(timestamp_with_time_zone_null("reviewed_at"))
        .col(text("review_opinion"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn attempt() -> TableCreateStatement {
    Table::create()
        .table("publication_attempt")
        .col(big_pk_auto("id"))
        .col(big_integer("publication_id"))
        .col(string("what"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(string("outcome"))
        .col(text("detail"))
        .foreign_key(
            ForeignKey::create()
                .name("attempt_of_publication")
                .from("publication_attempt", "publication_id")
                .to("publication", "id"),
        )
        .to_owned()
}

fn proof() -> TableCreateStatement {
    Table::create()
        .table("publication_proof")
        .col(big_pk_auto("id"))
        .col(big_integer("publication_id"))
        .col(string("what"))
        .col(text("name"))
        .col(string("kind"))
        .col(big_integer("size"))
        .col(string("hash"))
        .col(big_integer("uploaded_by"))
        .col(timestamp_with_time_zone("uploaded_at"))
        .foreign_key(
            ForeignKey::create()
                .name("proof_of_publication")
                .from("publication_proof", "publication_id")
                .to("publication", "id"),
        )
        .to_owned()
}

fn emergency_person() -> TableCreateStatement {
    Table::create()
        .table("emergency_person")
        .col(big_pk_auto("id"))
        .col(big_integer("person_id"))
        .col(big_integer("named_by"))
        .col(big_integer_null("named_for"))
        .col(timestamp_with_time_zone("named_at"))
        .col(date_null("until"))
        .col(big_integer_null("ended_by"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .to_owned()
}

fn connection() -> TableCreateStatement {
    Table::create()
        .table("connection")
        .col(big_pk_auto("id"))
        .col(integer("version"))
        .col(big_integer("channel_id").unique_key())
        .col(string("kind"))
        .col(text("address"))
        // User name or app id.
        .col(text("account"))
        .col(json_binary("options"))
        .col(text_null("secret"))
        .col(string_null("feed_key").unique_key())
        .col(date_null("expires_on"))
        .col(string("health"))
        .col(text("message"))
        .col(timestamp_with_time_zone_null("checked_at"))
        .col(big_integer("updated_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}
