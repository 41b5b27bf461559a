//! Rows of `recheck`: one for each channel and year.

use super::Outcome;
use crate::{
    channel::{
        FilingState, RunningState,
        store::{COLUMN as CHANNEL, Column as ChannelColumn, Entity as Channels},
    },
    platform::PlatformCode,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ConnectionTrait, FromQueryResult, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Func, JoinType, Query as Sql},
};
use zhendi_kernel::{Actor, App, ChannelId, Fault, PersonId, ScopeFilter, Tx, UnitId};

/// One channel's re-check of one year.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recheck")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub year: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    pub due: Date,
    pub outcome: Option<String>,
    pub done_by: Option<PersonId>,
    pub done_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// A channel that is to be asked about.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Asked {
    pub id: ChannelId,
    pub name: String,
    pub unit_id: UnitId,
    pub platform: PlatformCode,
    pub holder_kind: String,
}

/// The next filed channels that a year's round has not come to, registered before it began.
pub async fn left(
    db: &impl ConnectionTrait,
    year: i32,
    began: DateTime<Utc>,
    after: ChannelId,
    limit: u64,
) -> Result<Vec<Asked>, Fault> {
    let asked = Sql::select()
        .column(Column::ChannelId)
        .from(Entity)
        .and_where(Expr::col(Column::Year).eq(year))
        .to_owned();
    Ok(Channels::find()
        .select_only()
        .columns([
            ChannelColumn::Id,
            ChannelColumn::Name,
            ChannelColumn::UnitId,
            ChannelColumn::Platform,
            ChannelColumn::HolderKind,
        ])
        .filter(CHANNEL.id.gt(after))
        .filter(CHANNEL.filing_state.eq(FilingState::Filed.code()))
        .filter(CHANNEL.running_state.ne(RunningState::Closed.code()))
        .filter(CHANNEL.created_at.lt(began))
        .filter(Expr::col(ChannelColumn::Id).not_in_subquery(asked))
        .order_by_asc(CHANNEL.id)
        .limit(limit)
        .into_model()
        .all(db)
        .await?)
}

/// Notes that channels are asked about.
pub async fn insert(
    tx: &Tx,
    year: i32,
    due: NaiveDate,
    channels: impl IntoIterator<Item = ChannelId>,
) -> Result<(), Fault> {
    let rows = channels.into_iter().map(|id| ActiveModel {
        year: Set(year),
        channel_id: Set(id),
        due: Set(due),
        ..Default::default()
    });
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Answers what is open of a channel; false when nothing is.
pub async fn answer(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    channel: ChannelId,
    outcome: Outcome,
) -> Result<bool, Fault> {
    let done = Entity::update_many()
        .set(ActiveModel {
            outcome: Set(Some(outcome.code().into())),
            done_by: Set(actor.person()),
            done_at: Set(Some(app.now())),
            ..Default::default()
        })
        .filter(COLUMN.channel_id.eq(channel))
        .filter(COLUMN.outcome.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// What is open of a channel: the year and the last day.
///
/// # Errors
/// When the database fails.
pub async fn open_of(
    db: &impl ConnectionTrait,
    channel: ChannelId,
) -> Result<Option<(i32, NaiveDate)>, Fault> {
    let row = Entity::find()
        .filter(COLUMN.channel_id.eq(channel))
        .filter(COLUMN.outcome.is_null())
        .order_by_desc(COLUMN.year)
        .one(db)
        .await?;
    Ok(row.map(|row| (row.year, row.due)))
}

/// The channels of which something is open, as a subquery.
pub fn open() -> sea_orm::sea_query::SelectStatement {
    Sql::select()
        .column(Column::ChannelId)
        .from(Entity)
        .and_where(Expr::col(Column::Outcome).is_null())
        .to_owned()
}

/// Asks no more about a channel: it is cancelled, or merged into another.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &impl ConnectionTrait, channel: ChannelId) -> Result<(), Fault> {
    Entity::delete_many()
        .filter(COLUMN.channel_id.eq(channel))
        .filter(COLUMN.outcome.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// How far a unit is.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Progress {
    pub unit: UnitId,
    pub asked: i64,
    pub confirmed: i64,
    pub changed: i64,
}

impl Progress {
    /// How many are still open.
    pub fn open(&self) -> i64 {
        self.asked - self.confirmed - self.changed
    }
}

/// How far the units are in a year, those with most open first.
pub async fn by_unit(
    db: &impl ConnectionTrait,
    scope: &ScopeFilter,
    year: i32,
) -> Result<Vec<Progress>, Fault> {
    let counted = |outcome: Outcome| {
        let is = Expr::col((Entity, Column::Outcome)).eq(outcome.code());
        Expr::from(Func::count(Expr::Case(Box::new(Expr::case(is, 1)))))
    };
    let query = Channels::find()
        .select_only()
        .column_as(ChannelColumn::UnitId, "unit")
        .column_as(Expr::col((Entity, Column::ChannelId)).count(), "asked")
        .column_as(counted(Outcome::Confirmed), "confirmed")
        .column_as(counted(Outcome::Changed), "changed")
        .join(
            JoinType::InnerJoin,
            Channels::belongs_to(Entity)
                .from(ChannelColumn::Id)
                .to(Column::ChannelId)
                .into(),
        )
        .filter(COLUMN.year.eq(year))
        .filter(scope.condition(
            (Channels, ChannelColumn::UnitId),
            Some((Channels, ChannelColumn::Id)),
        ))
        .group_by(ChannelColumn::UnitId);
    let mut found: Vec<Progress> = vec![];
    for row in db.query_all(&query.into_query()).await? {
        found.push(Progress::from_query_result(&row, "")?);
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.open()));
    Ok(found)
}

/// The years that had a round, the latest first.
pub async fn years(db: &impl ConnectionTrait) -> Result<Vec<i32>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Year)
        .distinct()
        .order_by_desc(COLUMN.year)
        .into_tuple()
        .all(db)
        .await?)
}
