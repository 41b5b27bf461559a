//! One moment of the database, by a connection of its own: a check or a copy reads for minutes and takes no
//! connection from those who serve pages.

use crate::Trouble;
use sea_orm::{
    AccessMode, ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, IsolationLevel,
    TransactionOptions, TransactionTrait,
};

/// A transaction that sees one moment and does not write.
pub struct Moment {
    connection: DatabaseConnection,
    /// For queries.
    pub tx: DatabaseTransaction,
}

impl Moment {
    /// Opens the database at this address.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn open(url: &str) -> Result<Self, Trouble> {
        let postgres = !url.starts_with("sqlite:");
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(1)
            .connect_timeout(std::time::Duration::from_secs(5))
            .sqlx_logging(false);
        let connection = Database::connect(options).await?;
        let tx = connection
            .begin_with_options(TransactionOptions {
                access_mode: postgres.then_some(AccessMode::ReadOnly),
                isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
                ..Default::default()
            })
            .await?;
        Ok(Self { connection, tx })
    }

    /// Ends it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close(self) -> Result<(), Trouble> {
        self.tx.rollback().await?;
        self.connection.close().await?;
        Ok(())
    }
}
