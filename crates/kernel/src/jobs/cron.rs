//! The timetable. Each row holds the next moment; whoever moves it on adds the job in the same
//! transaction, so that of several nodes exactly one does.

use super::{NewJob, store};
use crate::{App, Fault, clock};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use std::time::Duration;

/// The next moment of one kind.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cron")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    pub next_run: DateTimeUtc,
}
impl ActiveModelBehavior for ActiveModel {}

/// When the clock asks for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// At each full multiple of this since 1970, so that an hour is a full hour.
    Every(Duration),
    /// Each day at this time of the institution's clock.
    DailyAt { hour: u32, minute: u32 },
}

impl From<Duration> for Timing {
    fn from(interval: Duration) -> Self {
        Self::Every(interval)
    }
}

impl Timing {
    /// The first moment after `now`. What was missed while nobody ran is made up for once.
    pub fn next(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Every(interval) => {
                let step = i64::try_from(interval.as_micros())
                    .unwrap_or(i64::MAX)
                    .max(1_000_000);
                let next = (now.timestamp_micros().div_euclid(step) + 1).saturating_mul(step);
                DateTime::from_timestamp_micros(next).unwrap_or(DateTime::<Utc>::MAX_UTC)
            }
            Self::DailyAt { hour, minute } => {
                let midnight = clock::start_of(clock::local(now).date_naive());
                let today = midnight + TimeDelta::minutes(i64::from(hour * 60 + minute));
                if today > now {
                    today
                } else {
                    today + TimeDelta::days(1)
                }
            }
        }
    }

    /// The timing in words.
    pub fn describe(self) -> String {
        match self {
            Self::Every(interval) if interval.as_secs() % 3600 == 0 => {
                format!("每 {} 小时", interval.as_secs() / 3600)
            }
            Self::Every(interval) if interval.as_secs() % 60 == 0 => {
                format!("每 {} 分钟", interval.as_secs() / 60)
            }
            Self::Every(interval) => format!("每 {} 秒", interval.as_secs().max(1)),
            Self::DailyAt { hour, minute } => format!("每天 {hour:02}:{minute:02}"),
        }
    }
}

/// One line of the timetable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    pub kind: &'static str,
    pub timing: Timing,
}

/// Adds the jobs whose moment has come, and gives new lines their first moment.
pub(super) async fn tick(app: &App) -> Result<(), Fault> {
    let now = app.now();
    let rows = Entity::find().all(app.db.read()).await?;
    for schedule in &app.jobs.schedules {
        let row = rows.iter().find(|row| row.kind == schedule.kind);
        match row {
            Some(row) if row.next_run > now => {}
            Some(row) => move_on(app, schedule, row.next_run, now).await?,
            None => {
                Entity::insert(ActiveModel {
                    kind: Set(schedule.kind.into()),
                    next_run: Set(schedule.timing.next(now)),
                })
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .exec_without_returning(app.db.writer())
                .await?;
            }
        }
    }
    Ok(())
}

async fn move_on(
    app: &App,
    schedule: &Schedule,
    from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    let moved = Entity::update_many()
        .filter(COLUMN.kind.eq(schedule.kind))
        .filter(COLUMN.next_run.eq(from))
        .col_expr(Column::NextRun, Expr::value(schedule.timing.next(now)))
        .exec(&tx)
        .await?;
    if moved.rows_affected == 1 {
        let job = NewJob {
            // A tick while the last one's job still waits adds nothing.
            dedup_key: Some(format!("cron:{}", schedule.kind)),
            ..NewJob::new(schedule.kind, serde_json::json!({}))
        };
        store::insert(&tx, now, job).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The timetable with the next moments, for the page.
pub(super) async fn timetable(app: &App) -> Result<Vec<(Schedule, Option<DateTime<Utc>>)>, Fault> {
    let rows = Entity::find().all(app.db.read()).await?;
    Ok(app
        .jobs
        .schedules
        .iter()
        .map(|schedule| {
            let row = rows.iter().find(|row| row.kind == schedule.kind);
            (*schedule, row.map(|row| row.next_run))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    #[test]
    fn hours_are_full_and_days_are_the_institutions() {
        let hourly = Timing::from(Duration::from_secs(3600));
        assert_eq!(
            hourly.next(at("2026-11-20T06:05:01Z")),
            at("2026-11-20T07:00:00Z")
        );
        assert_eq!(
            hourly.next(at("2026-11-20T07:00:00Z")),
            at("2026-11-20T08:00:00Z")
        );
        let eight = Timing::DailyAt { hour: 8, minute: 0 };
        // Eight in the morning in China is midnight by universal time.
        assert_eq!(
            eight.next(at("2026-11-19T23:59:59Z")),
            at("2026-11-20T00:00:00Z")
        );
        assert_eq!(
            eight.next(at("2026-11-20T00:00:00Z")),
            at("2026-11-21T00:00:00Z")
        );
        assert_eq!(
            eight.next(at("2026-11-20T17:00:00Z")),
            at("2026-11-21T00:00:00Z")
        );
    }
}
