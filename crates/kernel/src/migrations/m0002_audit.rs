//! The audit chain, its head and its checkpoints.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("audit")
                    // Assigned from the head: a sequence would leave gaps.
                    .col(big_integer("seq").primary_key())
                    .col(big_integer("at"))
                    .col(big_integer_null("actor_id"))
                    .col(big_integer_null("on_behalf_of"))
                    .col(string("action"))
                    .col(string("subject_kind"))
                    .col(big_integer("subject_id"))
                    .col(big_integer_null("unit_id"))
                    .col(text("summary"))
                    .col(string_null("actor_name"))
                    .col(string_null("address"))
                    .col(text_null("detail"))
                    .col(blob_null("salt"))
                    .col(blob("digest"))
                    .col(blob("prev"))
                    .col(blob("hash"))
                    .to_owned(),
            )
            .await?;
        for (name, columns) in [
            (
                "audit_subject",
                ["subject_kind", "subject_id", "seq"].as_slice(),
            ),
            ("audit_at", &["at"]),
            ("audit_actor", &["actor_id", "seq"]),
            ("audit_action", &["action", "seq"]),
            ("audit_unit", &["unit_id", "seq"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("audit");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("audit_head")
                    .col(integer("id").primary_key())
                    .col(big_integer("seq"))
                    .col(blob("hash"))
                    .to_owned(),
            )
            .await?;
        manager
            .exec_stmt(
                Query::insert()
                    .into_table("audit_head")
                    .columns(["id", "seq", "hash"])
                    .values_panic([1.into(), 0i64.into(), vec![0u8; 32].into()])
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("audit_checkpoint")
                    .col(big_integer("seq").primary_key())
                    .col(blob("hash"))
                    .col(big_integer("at"))
                    .col(string("key_id"))
                    .col(blob("signature"))
                    .to_owned(),
            )
            .await
    }
}
