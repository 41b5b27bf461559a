//! Rows of `review_sheet_number` and `review_sheet`: the numbers of review sheets, and each sheet that left the
//! house with the hash that stands on it.

use crate::ids::ManuscriptId;
use sea_orm::{
    ConnectionTrait, ExprTrait, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use zhendi_kernel::{Actor, App, Fault, PersonId, Tx};

mod year {
    use sea_orm::entity::prelude::*;

    /// The last number of a year.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_sheet_year")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        pub last: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

mod number {
    use crate::ids::ManuscriptId;
    use sea_orm::entity::prelude::*;

    /// The number of a manuscript's sheet.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_sheet_number")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub manuscript_id: ManuscriptId,
        pub year: i32,
        pub number: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// A sheet's row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_sheet")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub key: String,
    pub hash: String,
    pub manuscript_id: ManuscriptId,
    pub format: String,
    pub number: String,
    pub person_id: Option<PersonId>,
    pub printed_at: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// So many digits of a hash stand in addresses, as for the registry's forms.
pub const KEY: usize = 16;

fn written(row: &number::Model) -> String {
    format!("FG-{}-{:04}", row.year, row.number)
}

/// The number of a manuscript's sheet; none until one was printed.
///
/// # Errors
/// When the database fails.
pub async fn of(db: &impl ConnectionTrait, id: ManuscriptId) -> Result<Option<String>, Fault> {
    let row = number::Entity::find_by_id(id).one(db).await?;
    Ok(row.as_ref().map(written))
}

/// The number of a manuscript's sheet, given now when it has none: running through the year.
///
/// # Errors
/// When the database fails.
pub async fn give(tx: &Tx, id: ManuscriptId, this_year: i32) -> Result<String, Fault> {
    // The year's row first: who prints the same sheet at the same time waits here.
    let last = Expr::col((year::Entity, year::Column::Last));
    let row = |last: Expr| {
        OnConflict::column(year::Column::Year)
            .value(year::Column::Last, last)
            .to_owned()
    };
    let fresh = || year::ActiveModel {
        year: Set(this_year),
        last: Set(0),
    };
    year::Entity::insert(fresh())
        .on_conflict(row(last.clone()))
        .exec_without_returning(tx)
        .await?;
    if let Some(number) = of(tx, id).await? {
        return Ok(number);
    }
    let next = year::Entity::insert(fresh())
        .on_conflict(row(last.add(1)))
        .exec_with_returning(tx)
        .await?
        .last;
    let given = number::ActiveModel {
        manuscript_id: Set(id),
        year: Set(this_year),
        number: Set(next),
    };
    Ok(written(&given.insert(tx).await?))
}

/// Keeps that a sheet is printed.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    id: ManuscriptId,
    hash: &str,
    number: &str,
    format: &str,
) -> Result<(), Fault> {
    let row = ActiveModel {
        key: Set(hash[..KEY].into()),
        hash: Set(hash.into()),
        manuscript_id: Set(id),
        format: Set(format.into()),
        number: Set(number.into()),
        person_id: Set(actor.person()),
        printed_at: Set(app.now()),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(())
}

/// The sheets of a hash, newest first; of many the latest. Takes the whole hash or its first digits.
///
/// # Errors
/// When the database fails.
pub async fn of_hash(db: &impl ConnectionTrait, typed: &str) -> Result<Vec<Model>, Fault> {
    let typed = typed.trim().to_ascii_lowercase();
    let plausible =
        (KEY..=64).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_hexdigit());
    if !plausible {
        return Ok(vec![]);
    }
    let rows = Entity::find()
        .filter(COLUMN.key.eq(&typed[..KEY]))
        .order_by_desc(COLUMN.id)
        .limit(50)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.hash.starts_with(&typed))
        .collect())
}
