//! The table of runs.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect, Set, entity::prelude::*, sea_query::Expr};
use serde_json::Value;
use zhendi_kernel::{App, Fault};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum Kind {
    #[sea_orm(string_value = "backup")]
    Backup,
    /// Database, chain, sealed texts and all files.
    #[sea_orm(string_value = "check")]
    Check,
    /// A part of the files, by the clock.
    #[sea_orm(string_value = "scrub")]
    Scrub,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)")]
pub enum State {
    #[sea_orm(string_value = "running")]
    Running,
    #[sea_orm(string_value = "good")]
    Good,
    /// Done, but something was found to be wrong.
    #[sea_orm(string_value = "flawed")]
    Flawed,
    #[sea_orm(string_value = "failed")]
    Failed,
}

/// One run.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operate_run")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kind: Kind,
    pub state: State,
    /// By the clock, not by somebody's order.
    pub automatic: bool,
    pub begun_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub done: i64,
    pub total: i64,
    /// Where a backup lies.
    #[sea_orm(column_type = "Text", nullable)]
    pub place: Option<String>,
    pub size: Option<i64>,
    pub sha256: Option<String>,
    /// One sentence on how it went.
    #[sea_orm(column_type = "Text")]
    pub said: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub findings: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub detail: Json,
    /// When retention deleted the backup.
    pub deleted_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// One run.
pub type Run = Model;

impl Model {
    /// What was found wrong, a line each.
    pub fn lines(&self) -> Vec<String> {
        serde_json::from_value(self.findings.clone()).unwrap_or_default()
    }
}

/// Notes that something begins.
///
/// # Errors
/// When the database fails.
pub async fn begin(
    app: &App,
    kind: Kind,
    automatic: bool,
    place: Option<String>,
) -> Result<i64, Fault> {
    let row = ActiveModel {
        kind: Set(kind),
        state: Set(State::Running),
        automatic: Set(automatic),
        begun_at: Set(app.now()),
        done: Set(0),
        total: Set(0),
        place: Set(place),
        said: Set(String::new()),
        findings: Set(serde_json::json!([])),
        detail: Set(serde_json::json!({})),
        ..Default::default()
    };
    let inserted = Entity::insert(row).exec(app.db.writer()).await?;
    Ok(inserted.last_insert_id)
}

/// Notes how far it is.
///
/// # Errors
/// When the database fails.
pub async fn count_up(app: &App, id: i64, done: u64, total: u64) -> Result<(), Fault> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    Entity::update_many()
        .filter(COLUMN.id.eq(id))
        .filter(COLUMN.state.eq(State::Running))
        .col_expr(Column::Done, Expr::value(number(done)))
        .col_expr(Column::Total, Expr::value(number(total)))
        .exec(app.db.writer())
        .await?;
    Ok(())
}

/// How something ended.
pub struct End {
    pub state: State,
    pub said: String,
    pub findings: Vec<String>,
    pub detail: Value,
    pub size: Option<u64>,
    pub sha256: Option<String>,
}

/// Notes how it ended.
///
/// # Errors
/// When the database fails.
pub async fn end(
    tx: &impl ConnectionTrait,
    now: DateTime<Utc>,
    id: i64,
    end: End,
) -> Result<(), Fault> {
    let size = end.size.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
    Entity::update_many()
        .set(ActiveModel {
            state: Set(end.state),
            said: Set(end.said),
            findings: Set(serde_json::to_value(end.findings).map_err(Fault::internal)?),
            detail: Set(end.detail),
            size: Set(size),
            sha256: Set(end.sha256),
            ended_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(COLUMN.id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Runs of a kind that still claim to run although another begins now: their process died.
///
/// # Errors
/// When the database fails.
pub async fn lost(app: &App, kind: Kind) -> Result<u64, Fault> {
    let ended = Entity::update_many()
        .filter(COLUMN.kind.eq(kind))
        .filter(COLUMN.state.eq(State::Running))
        .col_expr(Column::State, Expr::value(State::Failed))
        .col_expr(Column::Said, Expr::value("进行中程序停止，没有完成。"))
        .col_expr(Column::EndedAt, Expr::value(app.now()))
        .exec(app.db.writer())
        .await?;
    Ok(ended.rows_affected)
}

/// The latest run of a kind; with `automatic`, the latest by the clock.
///
/// # Errors
/// When the database fails.
pub async fn latest(
    db: &impl ConnectionTrait,
    kind: Kind,
    automatic: bool,
) -> Result<Option<Run>, Fault> {
    let mut query = Entity::find().filter(COLUMN.kind.eq(kind));
    if automatic {
        query = query.filter(COLUMN.automatic.eq(true));
    }
    Ok(query.order_by_desc(COLUMN.id).one(db).await?)
}

/// The latest backup without findings that is still there.
///
/// # Errors
/// When the database fails.
pub async fn newest_good(db: &impl ConnectionTrait) -> Result<Option<Run>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.kind.eq(Kind::Backup))
        .filter(COLUMN.state.eq(State::Good))
        .filter(COLUMN.deleted_at.is_null())
        .order_by_desc(COLUMN.id)
        .one(db)
        .await?)
}

/// The latest runs of these kinds, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    kinds: &[Kind],
    limit: u64,
) -> Result<Vec<Run>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.kind.is_in(kinds.iter().copied()))
        .order_by_desc(COLUMN.id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Every backup that the program made at its own place and that is still there, newest first.
///
/// # Errors
/// When the database fails.
pub async fn kept(db: &impl ConnectionTrait) -> Result<Vec<Run>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.kind.eq(Kind::Backup))
        .filter(COLUMN.state.is_in([State::Good, State::Flawed]))
        .filter(COLUMN.place.is_not_null())
        .filter(COLUMN.deleted_at.is_null())
        .order_by_desc(COLUMN.id)
        .all(db)
        .await?)
}

/// Notes that a backup was deleted.
///
/// # Errors
/// When the database fails.
pub async fn forget(app: &App, id: i64) -> Result<(), Fault> {
    Entity::update_many()
        .filter(COLUMN.id.eq(id))
        .col_expr(Column::DeletedAt, Expr::value(app.now()))
        .exec(app.db.writer())
        .await?;
    Ok(())
}
