//! Units with their history, persons, role grants and requests, delegations, holdings, imports.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            unit(),
            unit_event(),
            person(),
            role_grant(),
            role_request(),
            delegation(),
            holding(),
            people_import(),
        ] {
            manager.create_table(table).await?;
        }
        for (table, columns) in [
            ("unit", &["parent_id"][..]),
            ("unit", &["name_key"]),
            ("unit_event", &["unit_id"]),
            ("person", &["unit_id"]),
            ("person", &["name"]),
            ("person", &["phone_key"]),
            ("role_grant", &["person_id"]),
            ("role_grant", &["role", "unit_id"]),
            ("role_grant", &["unit_id"]),
            ("role_grant", &["channel_id"]),
            ("delegation", &["to_id"]),
            ("delegation", &["from_id"]),
            ("delegation", &["grant_id"]),
            ("holding", &["kind", "subject_id"]),
            ("holding", &["unit_id"]),
            ("holding", &["person_id"]),
            ("people_import", &["created_at"]),
        ] {
            let mut index = Index::create();
            index
                .name(format!("{table}_{}", columns.join("_")))
                .table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn unit() -> TableCreateStatement {
    Table::create()
        .table("unit")
        .col(big_pk_auto("id"))
        .col(big_integer_null("parent_id"))
        .col(string("name"))
        .col(string("short_name"))
        .col(string("name_key"))
        // Both keys are there while the unit is open, so that a closed unit gives its names free.
        .col(string_null("sibling_key").unique_key())
        .col(string_null("short_key").unique_key())
        .col(string("kind"))
        .col(boolean("publicity"))
        .col(boolean("to_check"))
        .col(text("haystack"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(integer("version"))
        .to_owned()
}

fn unit_event() -> TableCreateStatement {
    Table::create()
        .table("unit_event")
        .col(big_pk_auto("id"))
        .col(big_integer("unit_id"))
        .col(string("kind"))
        .col(text("what"))
        .col(date("effective_on"))
        .col(big_integer_null("by_id"))
        .col(string("by_name"))
        .col(timestamp_with_time_zone("at"))
        .to_owned()
}

fn person() -> TableCreateStatement {
    Table::create()
        .table("person")
        .col(big_pk_auto("id"))
        .col(big_integer("unit_id"))
        .col(string("name"))
        .col(string("employment"))
        .col(string("post"))
        .col(text_null("staff_number"))
        .col(string_null("staff_number_key").unique_key())
        .col(text_null("phone"))
        .col(string_null("phone_key"))
        .col(text_null("mail"))
        .col(text("haystack"))
        .col(timestamp_with_time_zone_null("left_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(integer("version"))
        .to_owned()
}

fn role_grant() -> TableCreateStatement {
    Table::create()
        .table("role_grant")
        .col(big_pk_auto("id"))
        .col(big_integer("person_id"))
        .col(string("role"))
        .col(big_integer_null("unit_id"))
        .col(big_integer_null("channel_id"))
        .col(timestamp_with_time_zone_null("until"))
        .col(string("granted_by"))
        .col(timestamp_with_time_zone("granted_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(string_null("ended_by"))
        // There while the grant is open: nobody holds the same role twice at one place.
        .col(string_null("open_key").unique_key())
        .to_owned()
}

fn role_request() -> TableCreateStatement {
    Table::create()
        .table("role_request")
        .col(big_pk_auto("id"))
        .col(big_integer("person_id"))
        .col(string("role"))
        .col(big_integer_null("unit_id"))
        .col(big_integer_null("channel_id"))
        .col(timestamp_with_time_zone("asked_at"))
        .col(string("asked_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(string_null("open_key").unique_key())
        .to_owned()
}

fn delegation() -> TableCreateStatement {
    Table::create()
        .table("delegation")
        .col(big_pk_auto("id"))
        .col(big_integer("grant_id"))
        .col(big_integer("from_id"))
        .col(big_integer("to_id"))
        .col(timestamp_with_time_zone("starts_at"))
        .col(timestamp_with_time_zone("ends_at"))
        .col(text("reason"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .to_owned()
}

fn holding() -> TableCreateStatement {
    Table::create()
        .table("holding")
        .col(big_pk_auto("id"))
        .col(string("kind"))
        .col(big_integer("subject_id"))
        .col(string("title"))
        .col(string("href"))
        .col(big_integer("unit_id"))
        .col(big_integer_null("person_id"))
        .col(string("capacity"))
        .to_owned()
}

fn people_import() -> TableCreateStatement {
    Table::create()
        .table("people_import")
        .col(big_pk_auto("id"))
        .col(big_integer("person_id"))
        .col(text("sealed"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned()
}
