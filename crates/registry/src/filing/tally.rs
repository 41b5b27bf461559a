//! How many filings stand where: counters by unit, kind and standing, kept in the transaction of each change,
//! so that the map of all filings costs the same however many there are. Drafts are nobody else's business
//! and not counted.

use super::{
    Filing,
    rules::{Kind, Stage},
};
use sea_orm::{
    ConnectionTrait, ExprTrait, IntoActiveModel, QueryOrder,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use std::collections::BTreeMap;
use zhendi_kernel::{Fault, UnitId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "filing_tally")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit_id: UnitId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub standing: String,
    pub number: i64,
}
impl ActiveModelBehavior for ActiveModel {}

/// Where a filing stands, as counters and filters name it: its stage, or, while a cancellation in force
/// waits for something, what it waits for.
pub fn standing(filing: &Filing) -> &'static str {
    match (filing.course.stage, filing.closing) {
        (Stage::Effective, Some(closing)) if closing.is_open() => closing.code(),
        (stage, _) => stage.code(),
    }
}

type Key = (UnitId, &'static str, &'static str);

fn key(filing: &Filing) -> Option<Key> {
    (filing.course.round > 0).then(|| (filing.unit, filing.kind.code(), standing(filing)))
}

/// Counts a filing where it is now and no longer where it was. Before the first audit record of a
/// transaction: whose chain everyone waits for.
///
/// # Errors
/// When the database fails.
pub(super) async fn shift(
    tx: &impl ConnectionTrait,
    before: &Filing,
    after: &Filing,
) -> Result<(), Fault> {
    let mut by: BTreeMap<Key, i64> = BTreeMap::new();
    for (filing, number) in [(before, -1), (after, 1)] {
        if let Some(key) = key(filing) {
            *by.entry(key).or_default() += number;
        }
    }
    // In one order always, so that two transactions cannot wait for each other.
    let rows = by.into_iter().filter(|(_, number)| *number != 0);
    let rows = rows.map(|((unit_id, kind, standing), number)| Model {
        unit_id,
        kind: kind.into(),
        standing: standing.into(),
        number,
    });
    add(tx, rows.collect()).await
}

async fn add(tx: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let more = Expr::col(("excluded", Column::Number));
    Entity::insert_many(rows.into_iter().map(Model::into_active_model))
        .on_conflict(
            OnConflict::columns([Column::UnitId, Column::Kind, Column::Standing])
                .value(
                    Column::Number,
                    Expr::col((Entity, Column::Number)).add(more),
                )
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The counters of a unit go to another.
///
/// # Errors
/// When the database fails.
pub(super) async fn move_unit(
    tx: &impl ConnectionTrait,
    from: UnitId,
    into: UnitId,
) -> Result<(), Fault> {
    let rows = Entity::find()
        .filter(COLUMN.unit_id.eq(from))
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::Standing)
        .all(tx)
        .await?;
    let rows = rows.into_iter().map(|row| Model {
        unit_id: into,
        ..row
    });
    add(tx, rows.collect()).await?;
    Entity::delete_many()
        .filter(COLUMN.unit_id.eq(from))
        .exec(tx)
        .await?;
    Ok(())
}

/// The figures of units with everything below each, for one kind or all.
///
/// # Errors
/// When the database fails.
pub async fn below(
    db: &impl ConnectionTrait,
    units: &[UnitId],
    kind: Option<Kind>,
) -> Result<BTreeMap<(UnitId, String), i64>, Fault> {
    let mut query = sea_orm::sea_query::Query::select();
    query
        .expr_as(Expr::col(("unit_ancestor", "ancestor_id")), "top")
        .expr_as(Expr::col((Entity, Column::Standing)), "standing")
        .expr_as(
            Expr::col((Entity, Column::Number)).sum().cast_as("bigint"),
            "number",
        )
        .from(Entity)
        .join(
            sea_orm::sea_query::JoinType::InnerJoin,
            "unit_ancestor",
            Expr::col(("unit_ancestor", "unit_id")).equals((Entity, Column::UnitId)),
        )
        .and_where(
            Expr::col(("unit_ancestor", "ancestor_id")).is_in(units.iter().map(|unit| unit.0)),
        )
        .add_group_by([
            Expr::col(("unit_ancestor", "ancestor_id")),
            Expr::col((Entity, Column::Standing)),
        ]);
    if let Some(kind) = kind {
        query.and_where(Expr::col((Entity, Column::Kind)).eq(kind.code()));
    }
    let mut found = BTreeMap::new();
    for row in db.query_all(&query).await? {
        let number: i64 = row.try_get("", "number")?;
        if number > 0 {
            found.insert(
                (row.try_get("", "top")?, row.try_get("", "standing")?),
                number,
            );
        }
    }
    Ok(found)
}
