//! Rows of `export` and `export_part`: what is under way, what lies ready.

use super::{AT_ONCE, KEPT_HOURS, Order};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ConnectionTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, Query},
};
use zhendi_kernel::{App, Fault, PersonId, Tx, files::Kind};

/// What the files are sealed for.
pub const PURPOSE: &str = "export_part.content";

/// Whoever makes a file says so every second; silent for so long, the export is another's.
pub(super) const SILENT_SECONDS: i64 = 15;

/// An export whose maker was lost so often is given up.
const ATTEMPTS: i32 = 3;

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum State {
    #[sea_orm(string_value = "waiting")]
    Waiting,
    #[sea_orm(string_value = "running")]
    Running,
    #[sea_orm(string_value = "ready")]
    Ready,
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
    #[sea_orm(string_value = "failed")]
    Failed,
}

impl State {
    /// Whether it is still to be made, or being made.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

const UNDER_WAY: [State; 2] = [State::Waiting, State::Running];

/// An export.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: PersonId,
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub asked: Json,
    pub state: State,
    /// Rows that are written.
    pub done: i64,
    /// Rows in all; 0 while nobody knows.
    pub total: i64,
    /// How many times it was begun.
    pub attempt: i32,
    /// Why it failed, for its reader.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub file_name: Option<String>,
    pub file_kind: Option<String>,
    pub bytes: i64,
    pub created_at: DateTimeUtc,
    /// When its maker was last heard of.
    pub alive_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

mod part {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::secrets::Sealed;

    /// A piece of a file.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "export_part")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub export_id: i64,
        pub part: i32,
        #[sea_orm(column_type = "Text")]
        pub content: Sealed,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Keeps an order; gives its number.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &Tx, app: &App, person: PersonId, order: Order) -> Result<i64, Fault> {
    let row = ActiveModel {
        person_id: Set(person),
        kind: Set(order.kind.into()),
        title: Set(order.title),
        asked: Set(order.asked),
        state: Set(State::Waiting),
        done: Set(0),
        total: Set(0),
        attempt: Set(0),
        bytes: Set(0),
        created_at: Set(app.now()),
        ..Default::default()
    };
    Ok(row.insert(tx).await?.id)
}

/// How many exports of a person are under way.
///
/// # Errors
/// When the database fails.
pub async fn under_way(db: &impl ConnectionTrait, person: PersonId) -> Result<u64, Fault> {
    let own = Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .filter(COLUMN.state.is_in(UNDER_WAY));
    // No more are ever counted: a person has no more.
    Ok(own.limit(AT_ONCE).count(db).await?)
}

/// Takes the export that waits longest, or one whose maker is lost.
///
/// # Errors
/// When the database fails.
pub async fn take(app: &App) -> Result<Option<Model>, Fault> {
    let tx = app.db.begin().await?;
    let now = app.now();
    let lost = COLUMN
        .state
        .eq(State::Running)
        .and(COLUMN.alive_at.lt(now - TimeDelta::seconds(SILENT_SECONDS)));
    let next = Entity::find()
        .filter(COLUMN.state.eq(State::Waiting).or(lost))
        .order_by_asc(COLUMN.id)
        .limit(1)
        .one(&tx)
        .await?;
    let Some(mut row) = next else {
        tx.rollback().await?;
        return Ok(None);
    };
    let given_up = row.attempt >= ATTEMPTS;
    // Another node may have seen it too: the attempt says who was first.
    let mut update = Entity::update_many()
        .filter(COLUMN.id.eq(row.id))
        .filter(COLUMN.state.eq(row.state))
        .filter(COLUMN.attempt.eq(row.attempt));
    update = if given_up {
        update
            .col_expr(Column::State, Expr::value(State::Failed))
            .col_expr(
                Column::Reason,
                Expr::value("多次中途中断，请改为导出较小的范围。"),
            )
            .col_expr(Column::FinishedAt, Expr::value(now))
    } else {
        update
            .col_expr(Column::State, Expr::value(State::Running))
            .col_expr(Column::Attempt, Expr::value(row.attempt + 1))
            .col_expr(Column::Done, Expr::value(0_i64))
            .col_expr(Column::AliveAt, Expr::value(now))
    };
    let taken = update.exec(&tx).await?.rows_affected == 1;
    forget_parts(&tx, row.id).await?;
    tx.commit().await?;
    row.attempt += 1;
    Ok((taken && !given_up).then_some(row))
}

/// The exports that somebody else seems to be making, and when they were last heard of.
///
/// # Errors
/// When the database fails.
pub async fn running(
    db: &impl ConnectionTrait,
) -> Result<Vec<(i64, Option<DateTime<Utc>>)>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::AliveAt)
        .filter(COLUMN.state.eq(State::Running))
        .order_by_asc(COLUMN.id)
        .into_tuple()
        .all(db)
        .await?)
}

/// Whether one waits.
///
/// # Errors
/// When the database fails.
pub async fn is_one_waiting(db: &impl ConnectionTrait) -> Result<bool, Fault> {
    let waiting = Entity::find().filter(COLUMN.state.eq(State::Waiting));
    Ok(waiting.one(db).await?.is_some())
}

/// Notes how far an export is; false when it is no longer this maker's: cancelled, or taken by another.
///
/// # Errors
/// When the database fails.
pub async fn note(app: &App, row: &Model, done: u64, total: u64) -> Result<bool, Fault> {
    let noted = held(row)
        .col_expr(Column::Done, Expr::value(count(done)))
        .col_expr(Column::Total, Expr::value(count(total)))
        .col_expr(Column::AliveAt, Expr::value(app.now()))
        .exec(app.db.writer())
        .await?;
    Ok(noted.rows_affected == 1)
}

fn count(rows: u64) -> i64 {
    rows.try_into().unwrap_or(i64::MAX)
}

/// The export while it is in the same hands.
fn held(row: &Model) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .filter(COLUMN.id.eq(row.id))
        .filter(COLUMN.state.eq(State::Running))
        .filter(COLUMN.attempt.eq(row.attempt))
}

/// Keeps a piece of the file.
///
/// # Errors
/// When the database fails.
pub async fn add_part(app: &App, row: &Model, at: i32, bytes: &[u8]) -> Result<(), Fault> {
    let content = app
        .keys
        .seal(&app.entropy, PURPOSE, &STANDARD.encode(bytes));
    let row = part::ActiveModel {
        export_id: Set(row.id),
        part: Set(at),
        content: Set(content),
        ..Default::default()
    };
    row.insert(app.db.writer()).await?;
    Ok(())
}

/// The file lies whole: it can be fetched. False when the export was cancelled in the meantime.
///
/// # Errors
/// When the database fails.
pub async fn ready(
    tx: &Tx,
    app: &App,
    row: &Model,
    name: &str,
    kind: Kind,
    bytes: u64,
) -> Result<bool, Fault> {
    let done = held(row)
        .col_expr(Column::State, Expr::value(State::Ready))
        .col_expr(Column::FileName, Expr::value(name))
        .col_expr(Column::FileKind, Expr::value(kind.code()))
        .col_expr(Column::Bytes, Expr::value(count(bytes)))
        .col_expr(Column::FinishedAt, Expr::value(app.now()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The file could not be made; false when the export was cancelled in the meantime.
///
/// # Errors
/// When the database fails.
pub async fn fail(tx: &Tx, app: &App, row: &Model, reason: &str) -> Result<bool, Fault> {
    let done = held(row)
        .col_expr(Column::State, Expr::value(State::Failed))
        .col_expr(Column::Reason, Expr::value(reason))
        .col_expr(Column::FinishedAt, Expr::value(app.now()))
        .exec(tx)
        .await?;
    forget_parts(tx, row.id).await?;
    Ok(done.rows_affected == 1)
}

/// Ends an export of a person that is under way, or throws its file away; false when there is neither.
///
/// # Errors
/// When the database fails.
pub async fn cancel(tx: &Tx, app: &App, row: &Model) -> Result<bool, Fault> {
    let cancelled = Entity::update_many()
        .filter(COLUMN.id.eq(row.id))
        .filter(
            COLUMN
                .state
                .is_in([State::Waiting, State::Running, State::Ready]),
        )
        .col_expr(Column::State, Expr::value(State::Cancelled))
        .col_expr(Column::FinishedAt, Expr::value(app.now()))
        .exec(tx)
        .await?;
    forget_parts(tx, row.id).await?;
    Ok(cancelled.rows_affected == 1)
}

/// Forgets the pieces of a file.
///
/// # Errors
/// When the database fails.
pub async fn forget_parts(db: &impl ConnectionTrait, id: i64) -> Result<(), Fault> {
    part::Entity::delete_many()
        .filter(part::COLUMN.export_id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// A person's own export.
///
/// # Errors
/// When the database fails.
pub async fn find(
    db: &impl ConnectionTrait,
    person: PersonId,
    id: i64,
) -> Result<Option<Model>, Fault> {
    Ok(Entity::find_by_id(id)
        .filter(COLUMN.person_id.eq(person))
        .one(db)
        .await?)
}

/// A person's exports, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_person(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .order_by_desc(COLUMN.id)
        .limit(50)
        .all(db)
        .await?)
}

/// A piece of a file; none after the last.
///
/// # Errors
/// When the database fails or a key is missing.
pub async fn read_part(app: &App, id: i64, at: i32) -> Result<Option<Vec<u8>>, Fault> {
    let found = part::Entity::find()
        .filter(part::COLUMN.export_id.eq(id))
        .filter(part::COLUMN.part.eq(at))
        .one(app.db.read())
        .await?;
    let Some(row) = found else { return Ok(None) };
    let text = app.keys.open(PURPOSE, &row.content)?;
    Ok(Some(STANDARD.decode(text).map_err(Fault::internal)?))
}

/// Forgets what was finished more than [`KEPT_HOURS`] ago, with its file.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, Fault> {
    let before = app.now() - TimeDelta::hours(KEPT_HOURS);
    let tx = app.db.begin().await?;
    let old = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Expr::col(Column::FinishedAt).lt(before))
        .to_owned();
    part::Entity::delete_many()
        .filter(part::COLUMN.export_id.in_subquery(old))
        .exec(&tx)
        .await?;
    let gone = Entity::delete_many()
        .filter(COLUMN.finished_at.lt(before))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(gone.rows_affected)
}
