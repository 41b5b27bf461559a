//! Uploaded lists, and the texts on which they are tried before they are taken.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, ExprTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, Order, Query as Sql},
};
use zhendi_kernel::{App, Fault, PersonId, Tx, UnitId, files::ContentHash, scope};

/// A list that waits for its confirmation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dictionary_import")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub unit_id: UnitId,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub hash: ContentHash,
    pub made_by: PersonId,
    pub made_at: DateTimeUtc,
    pub done_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// Keeps an uploaded list until it is confirmed.
///
/// # Errors
/// When the database fails.
pub async fn add_import(
    tx: &Tx,
    app: &App,
    unit: UnitId,
    name: &str,
    hash: ContentHash,
    by: PersonId,
) -> Result<i64, Fault> {
    let row = ActiveModel {
        unit_id: Set(unit),
        name: Set(name.into()),
        hash: Set(hash),
        made_by: Set(by),
        made_at: Set(app.now()),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// An uploaded list of a person.
///
/// # Errors
/// `Fault::NotFound`; when the database fails.
pub async fn import_of(db: &impl ConnectionTrait, id: i64, by: PersonId) -> Result<Model, Fault> {
    Entity::find_by_id(id)
        .filter(COLUMN.made_by.eq(by))
        .one(db)
        .await?
        .ok_or(Fault::NotFound)
}

/// Marks a list as taken; false if it was before.
///
/// # Errors
/// When the database fails.
pub async fn finish_import(tx: &Tx, id: i64, now: DateTime<Utc>) -> Result<bool, Fault> {
    let done = Entity::update_many()
        .col_expr(Column::DoneAt, Expr::value(Some(now)))
        .filter(COLUMN.id.eq(id))
        .filter(COLUMN.done_at.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Texts that a dry run looks at.
const TEXTS: u64 = 2_000;

/// The latest versions' titles and plain texts of a unit and those below, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn texts(
    db: &impl ConnectionTrait,
    unit: UnitId,
) -> Result<Vec<(String, String)>, Fault> {
    let (of, version) = ("manuscript", "manuscript_version");
    let select = Sql::select()
        .column((version, "title"))
        .column((version, "text"))
        .from(version)
        .inner_join(of, Expr::col((of, "version_id")).equals((version, "id")))
        .and_where(Expr::col((of, "unit_id")).in_subquery(scope::subtree([unit])))
        .order_by((version, "id"), Order::Desc)
        .limit(TEXTS)
        .to_owned();
    let rows = db.query_all(&select).await?;
    rows.into_iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}
