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
    // A stored file is named by a text called hash, and stands there with its size.
    let sql = "SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' \
               AND c.name IN ('hash', 'size') AND lower(c.type) NOT LIKE '%blob%' GROUP BY m.name HAVING count(*) = 2";
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
