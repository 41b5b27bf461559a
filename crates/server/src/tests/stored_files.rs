//! Whatever names a stored file is backed up and read again: no table is forgotten.

use crate::program::{FACTS, steps};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::collections::BTreeSet;
use zhendi_kernel::{Db, migrations};

#[tokio::test]
async fn every_column_that_names_stored_files_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&Db::sqlite_url(folder.path())).await.unwrap();
    migrations::run(&db, steps).await.unwrap();
    // A stored file is named by a text called hash that stands there with its size, or with the name of the
    // file, or by one called scan.
    let sql = "SELECT DISTINCT m.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' \
               AND lower(c.type) NOT LIKE '%blob%' AND (c.name = 'scan' OR c.name = 'hash' AND EXISTS \
               (SELECT 1 FROM pragma_table_info(m.name) o WHERE o.name IN ('size', 'name')))";
    let found: BTreeSet<String> = db
        .read()
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap()
        .iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect();
    let listed: BTreeSet<String> = FACTS
        .files
        .iter()
        .map(|column| column.table.to_owned())
        .collect();
    assert!(!found.is_empty());
    assert_eq!(found, listed);
}
