//! The search index is its primary key and nothing else: what a subject was found by is told when it goes.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let subjects = Index::drop()
            .name("search_gram_subject")
            .table("search_gram")
            .to_owned();
        manager.drop_index(subjects).await?;
        if manager.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        let anew = "
            CREATE TABLE search_gram_anew (
                kind varchar NOT NULL, gram varchar NOT NULL, subject_id integer NOT NULL,
                PRIMARY KEY (kind, gram, subject_id)
            ) WITHOUT ROWID;
            INSERT INTO search_gram_anew SELECT kind, gram, subject_id FROM search_gram ORDER BY 1, 2, 3;
            DROP TABLE search_gram;
            ALTER TABLE search_gram_anew RENAME TO search_gram;";
        manager.get_connection().execute_unprepared(anew).await?;
        Ok(())
    }
}
