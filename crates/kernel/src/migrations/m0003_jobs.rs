//! Jobs, their timetable, work items, notifications and mail addresses.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            job(),
            cron(),
            work_item(),
            barred(),
            calendar(),
            notification(),
            mail_address(),
        ] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn job() -> TableCreateStatement {
    Table::create()
        .table("job")
        .col(big_pk_auto("id"))
        .col(string("kind"))
        .col(json_binary("payload"))
        .col(string("state"))
        .col(integer("attempt"))
        .col(integer("max_attempts"))
        .col(timestamp_with_time_zone("run_at"))
        .col(timestamp_with_time_zone_null("lease_until"))
        .col(string_null("owner"))
        .col(string_null("dedup_key"))
        .col(text_null("last_error"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .to_owned()
}

fn cron() -> TableCreateStatement {
    Table::create()
        .table("cron")
        .col(string("kind").primary_key())
        .col(timestamp_with_time_zone("next_run"))
        .to_owned()
}

fn work_item() -> TableCreateStatement {
    Table::create()
        .table("work_item")
        .col(big_pk_auto("id"))
        .col(string("kind"))
        .col(string("subject_kind"))
        .col(big_integer("subject_id"))
        .col(text("title"))
        .col(text("href"))
        .col(big_integer("unit_id"))
        .col(big_integer_null("channel_id"))
        .col(big_integer_null("assignee_person"))
        .col(string_null("assignee_role"))
        .col(string_null("escalate_role"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(timestamp_with_time_zone("opened_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(big_integer_null("closed_by"))
        .col(timestamp_with_time_zone_null("reminded_at"))
        .col(timestamp_with_time_zone_null("escalated_at"))
        .to_owned()
}

fn barred() -> TableCreateStatement {
    Table::create()
        .table("work_item_barred")
        .col(big_integer("item_id"))
        .col(big_integer("person_id"))
        .primary_key(Index::create().col("item_id").col("person_id"))
        .foreign_key(
            ForeignKey::create()
                .from("work_item_barred", "item_id")
                .to("work_item", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn calendar() -> TableCreateStatement {
    Table::create()
        .table("calendar_feed")
        .col(big_integer("person_id").primary_key())
        .col(string_uniq("token_hash"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned()
}

fn notification() -> TableCreateStatement {
    Table::create()
        .table("notification")
        .col(big_pk_auto("id"))
        .col(big_integer("person_id"))
        .col(text("title"))
        .col(text("href"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("read_at"))
        .to_owned()
}

fn mail_address() -> TableCreateStatement {
    Table::create()
        .table("mail_address")
        .col(big_integer("person_id").primary_key())
        .col(text_null("address"))
        .col(boolean("muted"))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let unfinished = || Expr::col("state").is_in(["ready", "running"]);
    let open = || Expr::col("closed_at").is_null();
    vec![
        // What the claim looks through stays small however many jobs are done.
        Index::create()
            .name("job_waiting")
            .table("job")
            .col("run_at")
            .col("id")
            .and_where(unfinished())
            .to_owned(),
        Index::create()
            .name("job_dedup")
            .table("job")
            .col("dedup_key")
            .unique()
            .and_where(unfinished())
            .to_owned(),
        Index::create()
            .name("work_item_role")
            .table("work_item")
            .col("assignee_role")
            .col("unit_id")
            .and_where(open())
            .to_owned(),
        Index::create()
            .name("work_item_person")
            .table("work_item")
            .col("assignee_person")
            .and_where(open())
            .to_owned(),
        Index::create()
            .name("work_item_due")
            .table("work_item")
            .col("due_at")
            .and_where(open())
            .to_owned(),
        Index::create()
            .name("work_item_subject")
            .table("work_item")
            .col("subject_kind")
            .col("subject_id")
            .to_owned(),
        Index::create()
            .name("work_item_closed_by")
            .table("work_item")
            .col("closed_by")
            .col("closed_at")
            .to_owned(),
        Index::create()
            .name("notification_person")
            .table("notification")
            .col("person_id")
            .col("id")
            .to_owned(),
        Index::create()
            .name("notification_unread")
            .table("notification")
            .col("person_id")
            .and_where(Expr::col("read_at").is_null())
            .to_owned(),
    ]
}
