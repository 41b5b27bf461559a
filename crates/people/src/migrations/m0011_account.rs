//! Accounts, sessions, sign-in records and API tokens.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [account(), session(), sign_in_record(), api_token()] {
            manager.create_table(table).await?;
        }
        for (table, columns) in [
            ("session", &["person_id"][..]),
            ("sign_in_record", &["person_id", "at"]),
            ("sign_in_record", &["address", "at"]),
            ("sign_in_record", &["at"]),
            ("api_token", &["person_id"]),
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

fn account() -> TableCreateStatement {
    Table::create()
        .table("account")
        .col(big_integer("person_id").primary_key())
        .col(string("login"))
        .col(string("login_key").unique_key())
        // A password, or a one-time code as long as `code_until` says so.
        .col(text_null("secret_hash"))
        .col(timestamp_with_time_zone_null("code_until"))
        .col(timestamp_with_time_zone("password_set_at"))
        .col(boolean("warned"))
        .col(integer("failures"))
        .col(timestamp_with_time_zone_null("locked_until"))
        .col(timestamp_with_time_zone_null("last_sign_in_at"))
        .col(boolean("demo"))
        .col(timestamp_with_time_zone_null("disabled_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(integer("version"))
        .foreign_key(
            ForeignKey::create()
                .from("account", "person_id")
                .to("person", "id"),
        )
        .to_owned()
}

fn session() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(big_pk_auto("id"))
        .col(string("token_hash").unique_key())
        .col(big_integer("person_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("last_seen_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(string_null("address"))
        .col(string("agent"))
        .foreign_key(
            ForeignKey::create()
                .from("session", "person_id")
                .to("account", "person_id"),
        )
        .to_owned()
}

fn sign_in_record() -> TableCreateStatement {
    Table::create()
        .table("sign_in_record")
        .col(big_pk_auto("id"))
        // None when there is no such login: what strangers type is not kept.
        .col(big_integer_null("person_id"))
        .col(string("outcome"))
        .col(string_null("address"))
        .col(string("agent"))
        .col(timestamp_with_time_zone("at"))
        .to_owned()
}

fn api_token() -> TableCreateStatement {
    Table::create()
        .table("api_token")
        .col(big_pk_auto("id"))
        .col(big_integer("person_id"))
        .col(string("name"))
        .col(string("prefix"))
        .col(string("token_hash").unique_key())
        .col(string("scope"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("last_used_at"))
        .foreign_key(
            ForeignKey::create()
                .from("api_token", "person_id")
                .to("account", "person_id"),
        )
        .to_owned()
}
