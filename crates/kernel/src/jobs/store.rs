//! The queue's table: claiming, keeping and ending jobs, each step a compare-and-swap on the owner.

use super::NewJob;
use crate::{App, Fault};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ConnectionTrait, DbBackend, ExprTrait, FromQueryResult, PaginatorTrait, QueryOrder,
    QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, LockBehavior, LockType, OnConflict, Query, SimpleExpr, UpdateStatement},
};

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum State {
    /// Waits for its time or for a free hand.
    #[sea_orm(string_value = "ready")]
    Ready,
    /// Someone has it.
    #[sea_orm(string_value = "running")]
    Running,
    #[sea_orm(string_value = "done")]
    Done,
    /// Failed for good, or was cancelled; waits for an operator.
    #[sea_orm(string_value = "dead")]
    Dead,
}

impl State {
    /// All of them, in the order that pages show.
    pub const ALL: &'static [Self] = &[Self::Dead, Self::Running, Self::Ready, Self::Done];

    /// As it stands in the table and in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ready => "等待中",
            Self::Running => "执行中",
            Self::Done => "已完成",
            Self::Dead => "已失败",
        }
    }
}

/// A job as it lies in the queue.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kind: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    pub state: State,
    /// How many times it was begun.
    pub attempt: i32,
    pub max_attempts: i32,
    pub run_at: DateTimeUtc,
    /// Until when the owner has it; whoever wants may take it afterwards.
    pub lease_until: Option<DateTimeUtc>,
    pub owner: Option<String>,
    pub dedup_key: Option<String>,
    pub last_error: Option<String>,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// A job as it lies in the queue.
pub type Job = Model;

/// So often a job is begun before it is given up: with the pauses between, about two hours and a half.
const MAX_ATTEMPTS: i32 = 10;

/// Longer explanations of a failure are cut.
const ERROR_CHARS: usize = 500;

pub(super) async fn insert(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    job: NewJob,
) -> Result<(), Fault> {
    Entity::insert(ActiveModel {
        kind: Set(job.kind.into()),
        payload: Set(job.payload),
        state: Set(State::Ready),
        attempt: Set(0),
        max_attempts: Set(MAX_ATTEMPTS),
        run_at: Set(job.run_at.unwrap_or(now)),
        dedup_key: Set(job.dedup_key),
        created_at: Set(now),
        ..Default::default()
    })
    .on_conflict(OnConflict::new().do_nothing().to_owned())
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Takes the job that is due longest, of the kinds that this node knows: a new kind waits for a node
/// that was already brought up to date.
pub(super) async fn claim(app: &App, owner: &str) -> Result<Option<Job>, Fault> {
    let claim = claim_statement(
        app.db.backend(),
        owner,
        app.jobs.kinds(),
        app.now(),
        app.jobs.pace.lease(),
    );
    let tx = app.db.begin().await?;
    let row = tx.query_one(&claim).await?;
    let job = row
        .map(|row| Job::from_query_result(&row, ""))
        .transpose()?;
    tx.commit().await?;
    Ok(job)
}

pub(super) fn claim_statement(
    backend: DbBackend,
    owner: &str,
    kinds: impl IntoIterator<Item = &'static str>,
    now: DateTime<Utc>,
    lease: TimeDelta,
) -> UpdateStatement {
    let mut next = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(due(now))
        .filter(COLUMN.kind.is_in(kinds))
        .order_by_asc(COLUMN.run_at)
        .order_by_asc(COLUMN.id)
        .limit(1);
    if backend == DbBackend::Postgres {
        next = next.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    Query::update()
        .table(Entity)
        .value(Column::State, State::Running)
        .value(Column::Owner, owner)
        .value(Column::Attempt, Expr::col(Column::Attempt).add(1))
        .value(Column::LeaseUntil, now + lease)
        .and_where(Expr::col(Column::Id).eq(SimpleExpr::SubQuery(
            None,
            Box::new(next.into_query().into()),
        )))
        .returning_all()
        .to_owned()
}

/// Waiting and due, or in the hands of someone who has not been heard of.
fn due(now: DateTime<Utc>) -> sea_orm::Condition {
    let lost = COLUMN
        .state
        .eq(State::Running)
        .and(COLUMN.lease_until.lt(now));
    sea_orm::Condition::all()
        // Said once more with the states in the text of the query: of parameters neither database
        // knows whether the partial index serves.
        .add(Expr::col(Column::State).is_in([State::Ready, State::Running].map(constant)))
        .add(COLUMN.run_at.lte(now))
        .add(COLUMN.state.eq(State::Ready).or(lost))
}

fn constant(state: State) -> Expr {
    Expr::Constant(state.code().into())
}

/// The kinds of the jobs that are due and lie there.
///
/// # Errors
/// When the database fails.
pub async fn waiting(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<String>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Kind)
        .filter(due(now))
        .order_by_asc(COLUMN.id)
        .into_tuple()
        .all(db)
        .await?)
}

/// How many jobs are due and lie there.
pub(super) async fn backlog(app: &App) -> Result<u64, Fault> {
    Ok(Entity::find()
        .filter(due(app.now()))
        .count(app.db.read())
        .await?)
}

/// What became of a job.
pub(super) enum End {
    Done,
    /// Failed; try again at this moment.
    Again(DateTime<Utc>, String),
    /// Failed for good.
    Dead(String),
    /// Not done for want of time; as if it had not been begun.
    Released,
}

/// Notes what became of a job. Nothing happens when the lease was lost in the meantime.
pub(super) async fn end(app: &App, job: &Job, end: End) -> Result<bool, Fault> {
    let now = app.now();
    let mut update = held(job)
        .col_expr(Column::Owner, Expr::value(None::<String>))
        .col_expr(Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>));
    let (state, finished, error) = match end {
        End::Done => (State::Done, Some(now), None),
        End::Again(at, error) => {
            update = update.col_expr(Column::RunAt, Expr::value(at));
            (State::Ready, None, Some(error))
        }
        End::Dead(error) => (State::Dead, Some(now), Some(error)),
        End::Released => {
            update = update.col_expr(Column::Attempt, Expr::value(job.attempt - 1));
            (State::Ready, None, job.last_error.clone())
        }
    };
    let error = error.map(|text| text.chars().take(ERROR_CHARS).collect::<String>());
    let ended = update
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::FinishedAt, Expr::value(finished))
        .col_expr(Column::LastError, Expr::value(error))
        .exec(app.db.writer())
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Prolongs the lease; false when it was lost.
pub(super) async fn prolong(app: &App, job: &Job) -> Result<bool, Fault> {
    let until = app.now() + app.jobs.pace.lease();
    let prolonged = held(job)
        .col_expr(Column::LeaseUntil, Expr::value(until))
        .exec(app.db.writer())
        .await?;
    Ok(prolonged.rows_affected == 1)
}

/// The job while it is still in the same hands.
fn held(job: &Job) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .filter(COLUMN.id.eq(job.id))
        .filter(COLUMN.state.eq(State::Running))
        .filter(COLUMN.owner.eq(job.owner.clone()))
        .filter(COLUMN.attempt.eq(job.attempt))
}

/// Puts a waiting or failed job at the head of the queue, with all its attempts before it; false
/// when it is neither.
pub(super) async fn retry(
    tx: &impl ConnectionTrait,
    id: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let retried = Entity::update_many()
        .filter(COLUMN.id.eq(id))
        .filter(COLUMN.state.is_in([State::Ready, State::Dead]))
        .col_expr(Column::State, Expr::value(State::Ready))
        .col_expr(Column::Attempt, Expr::value(0))
        .col_expr(Column::RunAt, Expr::value(now))
        .col_expr(Column::FinishedAt, Expr::value(None::<DateTime<Utc>>))
        .exec(tx)
        .await?;
    Ok(retried.rows_affected == 1)
}

/// Gives a waiting job up, or forgets a failed one; false when it is neither.
pub(super) async fn cancel(tx: &impl ConnectionTrait, id: i64) -> Result<bool, Fault> {
    let cancelled = Entity::delete_many()
        .filter(COLUMN.id.eq(id))
        .filter(COLUMN.state.is_in([State::Ready, State::Dead]))
        .exec(tx)
        .await?;
    Ok(cancelled.rows_affected == 1)
}

/// Forgets what was done before a moment.
pub(super) async fn prune(app: &App, before: DateTime<Utc>) -> Result<u64, Fault> {
    let pruned = Entity::delete_many()
        .filter(COLUMN.state.eq(State::Done))
        .filter(COLUMN.finished_at.lt(before))
        .exec(app.db.writer())
        .await?;
    Ok(pruned.rows_affected)
}

/// One job.
pub(super) async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Job>, Fault> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Every job, for tests.
#[cfg(test)]
pub(crate) async fn all(app: &App) -> Vec<Job> {
    let all = Entity::find().order_by_asc(COLUMN.id).all(app.db.read());
    all.await.expect("the queue answers")
}

/// One page of jobs.
pub(super) struct Listing {
    pub rows: Vec<Job>,
    pub page: u64,
    pub pages: u64,
    pub total: u64,
}

/// Rows on a page.
const PER_PAGE: u64 = 50;

/// Jobs of a state and a kind, latest first.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    state: Option<State>,
    kind: Option<&str>,
    page: u64,
) -> Result<Listing, Fault> {
    let mut query = Entity::find();
    if let Some(state) = state {
        query = query.filter(COLUMN.state.eq(state));
    }
    if let Some(kind) = kind {
        query = query.filter(COLUMN.kind.eq(kind));
    }
    let total = query.clone().count(db).await?;
    let pages = Ord::max(total.div_ceil(PER_PAGE), 1);
    let page = page.clamp(1, pages);
    let rows = query
        .order_by_desc(COLUMN.id)
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE)
        .all(db)
        .await?;
    Ok(Listing {
        rows,
        page,
        pages,
        total,
    })
}

/// How many jobs there are in each state.
pub(super) struct Counts(Vec<(State, i64)>);

impl Counts {
    /// How many are in this state.
    pub fn of(&self, state: State) -> i64 {
        let count = self.0.iter().find(|count| count.0 == state);
        count.map_or(0, |count| count.1)
    }
}

/// Counts the jobs.
pub(super) async fn counts(db: &impl ConnectionTrait) -> Result<Counts, Fault> {
    let rows = Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Expr::col(Column::Id).count(), "jobs")
        .group_by(Column::State)
        .into_tuple()
        .all(db)
        .await?;
    Ok(Counts(rows))
}

/// How many jobs of each kind are in each state.
///
/// # Errors
/// When the database fails.
pub async fn tally(db: &impl ConnectionTrait) -> Result<Vec<(String, State, i64)>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Kind)
        .column(Column::State)
        .column_as(Expr::col(Column::Id).count(), "jobs")
        .group_by(Column::Kind)
        .group_by(Column::State)
        .into_tuple()
        .all(db)
        .await?)
}
