//! The processes of the program and the room that each has on its disk.

use crate::Trouble;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, QueryOrder, Set, entity::prelude::*, sea_query::OnConflict};
use std::{path::Path, time::Duration};
use tokio_util::sync::CancellationToken;
use zhendi_kernel::{App, Fault};

/// The kind of work item for a disk that fills up.
pub const LOW: &str = "operate.disk";

/// One process.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "node")]
pub struct Model {
    /// Host name and process number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The program's version.
    pub program: String,
    /// `pages` or `jobs`.
    pub serves: String,
    pub begun_at: DateTimeUtc,
    pub seen_at: DateTimeUtc,
    pub free_bytes: i64,
    pub total_bytes: i64,
}
impl ActiveModelBehavior for ActiveModel {}

/// So often a process says that it is there.
const BEAT: Duration = Duration::from_secs(60);

/// A process that was silent for so long is gone.
const SILENT: TimeDelta = TimeDelta::minutes(3);

/// Room on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub free: u64,
    pub total: u64,
}

impl Room {
    /// Of the disk that a folder lies on, as far as the program may use it.
    ///
    /// # Errors
    /// When the machine does not tell.
    pub fn of(folder: &Path) -> std::io::Result<Self> {
        let found = rustix::fs::statvfs(folder)?;
        Ok(Self {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }

    /// Less than a gigabyte, or than a twentieth of a small disk.
    pub fn is_low(self) -> bool {
        self.free < Ord::min(1 << 30, self.total / 20)
    }
}

fn own_id() -> String {
    let host = rustix::system::uname();
    format!(
        "{}:{}",
        host.nodename().to_string_lossy(),
        std::process::id()
    )
}

/// Says again and again that this process is there, until it closes.
pub async fn beat(app: App, serves: &'static str, closing: CancellationToken) {
    let (id, begun) = (own_id(), app.now());
    loop {
        if let Err(fault) = note(&app, &id, serves, begun).await {
            tracing::warn!(error = %fault, "cannot note that this process is there");
        }
        tokio::select! {
            () = closing.cancelled() => break,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
    let gone = Entity::delete_by_id(id).exec(app.db.writer()).await;
    if let Err(error) = gone {
        tracing::warn!(%error, "cannot note that this process ends");
    }
}

async fn note(app: &App, id: &str, serves: &str, begun: DateTime<Utc>) -> Result<(), Fault> {
    let room = Room::of(&app.config.data)?;
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    Entity::insert(ActiveModel {
        id: Set(id.into()),
        program: Set(env!("CARGO_PKG_VERSION").into()),
        serves: Set(serves.into()),
        begun_at: Set(begun),
        seen_at: Set(app.now()),
        free_bytes: Set(number(room.free)),
        total_bytes: Set(number(room.total)),
    })
    .on_conflict(
        OnConflict::column(Column::Id)
            .update_columns([Column::SeenAt, Column::FreeBytes, Column::TotalBytes])
            .to_owned(),
    )
    .exec_without_returning(app.db.writer())
    .await?;
    Ok(())
}

/// The processes heard of lately, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn present(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.seen_at.gt(now - SILENT))
        .order_by_asc(COLUMN.begun_at)
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?)
}

/// Forgets processes that ended without saying so.
pub(crate) async fn sweep(app: &App) -> Result<(), Trouble> {
    Entity::delete_many()
        .filter(COLUMN.seen_at.lt(app.now() - TimeDelta::days(1)))
        .exec(app.db.writer())
        .await?;
    Ok(())
}

impl Model {
    /// The room on its disk when it was last heard of.
    pub fn room(&self) -> Room {
        Room {
            free: self.free_bytes.unsigned_abs(),
            total: self.total_bytes.unsigned_abs(),
        }
    }
}
