//! Rows of `channel_batch` and `channel_batch_item`.

use super::{Act, Detail, State};
use crate::channel::store as channels;
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, FromQueryResult, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, JoinType, Query as Sql},
};
use zhendi_kernel::{ChannelId, Fault, PersonId, ScopeFilter, Tx};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_batch")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub act: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub detail: Detail,
    pub made_by: PersonId,
    pub made_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

mod item {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::ChannelId;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "channel_batch_item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub batch_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub channel_id: ChannelId,
        pub state: String,
        pub why: Option<String>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Notes an order with the channels that a query finds within a scope, by one statement however many
/// they are; gives its number and how many they are.
pub async fn insert(
    tx: &Tx,
    now: DateTime<Utc>,
    person: PersonId,
    act: Act,
    detail: Detail,
    chosen: (&ScopeFilter, &channels::Query),
) -> Result<(i64, u64), Fault> {
    let batch = ActiveModel {
        act: Set(act.code().into()),
        detail: Set(detail),
        made_by: Set(person),
        made_at: Set(now),
        ..Default::default()
    }
    .insert(tx)
    .await?;
    let select = channels::filtered(chosen.0, chosen.1)
        .select_only()
        .expr(Expr::val(batch.id))
        .column(channels::Column::Id)
        .expr(Expr::val(State::Waiting.code()))
        .into_query();
    let mut insert = Sql::insert()
        .into_table(item::Entity)
        .columns([
            item::Column::BatchId,
            item::Column::ChannelId,
            item::Column::State,
        ])
        .to_owned();
    insert
        .select_from(select)
        .map_err(|e| Fault::internal(e.to_string()))?;
    let done = tx.execute(&insert).await?;
    Ok((batch.id, done.rows_affected()))
}

/// An order.
pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Model>, Fault> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The next channels of an order.
pub async fn waiting(
    db: &impl ConnectionTrait,
    batch: i64,
    limit: u64,
) -> Result<Vec<ChannelId>, Fault> {
    Ok(item::Entity::find()
        .select_only()
        .column(item::Column::ChannelId)
        .filter(item::COLUMN.batch_id.eq(batch))
        .filter(item::COLUMN.state.eq(State::Waiting.code()))
        .order_by_asc(item::COLUMN.channel_id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

/// Notes what came of one channel; false when that stands already.
pub async fn note(
    tx: &Tx,
    batch: i64,
    channel: ChannelId,
    state: State,
    why: Option<String>,
) -> Result<bool, Fault> {
    let done = item::Entity::update_many()
        .col_expr(item::Column::State, Expr::value(state.code()))
        .col_expr(item::Column::Why, Expr::value(why))
        .filter(item::COLUMN.batch_id.eq(batch))
        .filter(item::COLUMN.channel_id.eq(channel))
        .filter(item::COLUMN.state.eq(State::Waiting.code()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Nothing of it waits any more.
pub async fn finish(tx: &Tx, now: DateTime<Utc>, batch: i64) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::FinishedAt, Expr::value(now))
        .filter(COLUMN.id.eq(batch))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many channels are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub waiting: u64,
    pub done: u64,
    pub refused: u64,
}

/// How far an order is.
pub async fn counts(db: &impl ConnectionTrait, batch: i64) -> Result<Counts, Fault> {
    let rows: Vec<(String, i64)> = item::Entity::find()
        .select_only()
        .column(item::Column::State)
        .column_as(item::COLUMN.channel_id.count(), "many")
        .filter(item::COLUMN.batch_id.eq(batch))
        .group_by(item::Column::State)
        .into_tuple()
        .all(db)
        .await?;
    let mut counts = Counts::default();
    for (state, many) in rows {
        let many = many.unsigned_abs();
        match State::parse(&state) {
            Some(State::Waiting) => counts.waiting = many,
            Some(State::Done) => counts.done = many,
            Some(State::Refused) => counts.refused = many,
            None => {}
        }
    }
    Ok(counts)
}

/// A channel that it was not done to.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Refused {
    pub id: ChannelId,
    pub name: String,
    pub why: Option<String>,
}

/// The channels that it was not done to, as many as a page shows.
pub async fn refused(
    db: &impl ConnectionTrait,
    batch: i64,
    limit: u64,
) -> Result<Vec<Refused>, Fault> {
    Ok(item::Entity::find()
        .select_only()
        .column_as(item::Column::ChannelId, "id")
        .column_as(
            Expr::col((channels::Entity, channels::Column::Name)),
            "name",
        )
        .column(item::Column::Why)
        .join(
            JoinType::InnerJoin,
            item::Entity::belongs_to(channels::Entity)
                .from(item::Column::ChannelId)
                .to(channels::Column::Id)
                .into(),
        )
        .filter(item::COLUMN.batch_id.eq(batch))
        .filter(item::COLUMN.state.eq(State::Refused.code()))
        .order_by_asc(item::COLUMN.channel_id)
        .limit(limit)
        .into_model()
        .all(db)
        .await?)
}
