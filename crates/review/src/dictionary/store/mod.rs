//! Rows of the dictionaries; the only files of the feature that know SQL exists.

mod forms;
mod imports;
mod words;

pub use forms::{Model as NumberForm, add_form, form, forms_of, number_forms, remove_form};
pub use imports::{Model as Import, add_import, finish_import, import_of, texts};
pub use words::{
    Model as Row, Wanted, categories, count, delete, enabled, find, in_slot, insert, insert_many,
    list, replace, slots,
};

use sea_orm::{
    Condition, ConnectionTrait, ExprTrait,
    entity::prelude::*,
    sea_query::{Expr, Query as Sql},
};
use zhendi_kernel::{Fault, ScopeFilter, Tx, UnitId};

/// The number of the last change.
///
/// # Errors
/// When the database fails.
pub(crate) async fn number(db: &impl ConnectionTrait) -> Result<i64, Fault> {
    let select = Sql::select()
        .column("number")
        .from("dictionary_state")
        .and_where(Expr::col("id").eq(1))
        .to_owned();
    let row = db.query_one(&select).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
}

/// Tells that something changed: what is compiled is out of date. Whoever changes words waits here for others
/// who do.
async fn tell(tx: &Tx) -> Result<(), Fault> {
    let update = Sql::update()
        .table("dictionary_state")
        .value("number", Expr::col("number").add(1))
        .and_where(Expr::col("id").eq(1))
        .to_owned();
    tx.execute(&update).await?;
    Ok(())
}

/// What keepers may see: that of their own units, and the institution's.
fn seen(scope: &ScopeFilter, root: Option<UnitId>, unit: impl ColumnTrait) -> Condition {
    Condition::any()
        .add(scope.units(unit.as_column_ref()))
        .add_option(root.map(|root| unit.eq(root)))
}
