//! Changes of units are told by the number of [`zhendi_kernel::known`].

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        zhendi_kernel::known::watch(manager, "unit").await
    }
}
