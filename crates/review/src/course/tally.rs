//! How many manuscripts stand where: counters by unit, main channel and standing, kept in the transaction of
//! each change, so that the queue counts nothing.

use super::rules::{Course, Stage};
use sea_orm::{
    ConnectionTrait, ExprTrait, IntoActiveModel, QueryOrder,
    entity::prelude::*,
    sea_query::{Expr, OnConflict, Query},
};
use std::collections::BTreeMap;
use zhendi_kernel::{ChannelId, Fault, ScopeFilter, UnitId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_tally")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit_id: UnitId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub standing: String,
    pub number: i64,
}
impl ActiveModelBehavior for ActiveModel {}

/// The unit and channel that stand for the whole institution.
const ALL: (UnitId, ChannelId) = (UnitId(0), ChannelId(0));

/// Where a course stands, as counters name it: its stage, or the level that has it.
pub fn standing(course: &Course) -> &'static str {
    match course.stage {
        Stage::Reviewing => course.level.code(),
        stage => stage.code(),
    }
}

/// Counts a course where it is now and no longer where it was.
///
/// # Errors
/// When the database fails.
pub(super) async fn shift(
    tx: &impl ConnectionTrait,
    before: Option<&Course>,
    after: &Course,
) -> Result<(), Fault> {
    let mut by: BTreeMap<(UnitId, ChannelId, &'static str), i64> = BTreeMap::new();
    for (course, number) in [(before, -1), (Some(after), 1)] {
        if let Some(course) = course {
            let standing = standing(course);
            for (unit, channel) in [(course.about.unit, course.about.channel), ALL] {
                *by.entry((unit, channel, standing)).or_default() += number;
            }
        }
    }
    // In one order always, so that two transactions cannot wait for each other.
    let rows = by.into_iter().filter(|(_, number)| *number != 0);
    let rows = rows.map(|((unit_id, channel_id, standing), number)| Model {
        unit_id,
        channel_id,
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
            OnConflict::columns([Column::UnitId, Column::ChannelId, Column::Standing])
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
        .order_by_asc(Column::ChannelId)
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

/// How many stand where within a scope.
///
/// # Errors
/// When the database fails.
pub(super) async fn within(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
) -> Result<BTreeMap<String, u64>, Fault> {
    let mut query = Query::select();
    query
        .expr_as(Expr::col((Entity, Column::Standing)), "standing")
        .expr_as(
            Expr::col((Entity, Column::Number)).sum().cast_as("bigint"),
            "number",
        )
        .from(Entity)
        .add_group_by([Expr::col((Entity, Column::Standing))]);
    match scope {
        ScopeFilter::All => query.and_where(Expr::col((Entity, Column::UnitId)).eq(ALL.0.0)),
        within => query.cond_where(
            within.condition((Entity, Column::UnitId), Some((Entity, Column::ChannelId))),
        ),
    };
    let mut found = BTreeMap::new();
    for row in db.query_all(&query).await? {
        let number: i64 = row.try_get("", "number")?;
        found.insert(
            row.try_get("", "standing")?,
            u64::try_from(number).unwrap_or(0),
        );
    }
    Ok(found)
}
