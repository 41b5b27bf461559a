//! What the runner knows to do, and when the clock asks for it.

use super::cron::{Schedule, Timing};
use crate::{App, Fault, audit, notify, work};
use chrono::TimeDelta;
use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Why a job was not done. The words are kept with the job and shown to operators: nothing personal.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may go better later.
    #[error("{0}")]
    Retry(String),
    /// It will never go.
    #[error("{0}")]
    Permanent(String),
}

impl From<Fault> for JobError {
    /// What the present state refuses stays refused; everything else may pass. The cause goes to the
    /// log, not into the job: it may quote data.
    fn from(fault: Fault) -> Self {
        match &fault {
            Fault::Unavailable(cause) | Fault::Full(cause) | Fault::Internal(cause) => {
                tracing::warn!(error = %cause, "a job met a fault");
                Self::Retry(fault.to_string())
            }
            Fault::Stale | Fault::TooMany(_) => Self::Retry(fault.to_string()),
            _ => Self::Permanent(fault.to_string()),
        }
    }
}

impl From<sea_orm::DbErr> for JobError {
    fn from(error: sea_orm::DbErr) -> Self {
        Fault::from(error).into()
    }
}

pub(super) type Handler =
    Arc<dyn Fn(App, Value) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// How many jobs run at once in this process and how long one may be silent.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Jobs at once.
    pub workers: usize,
    /// A job whose process was silent for so long is taken by another.
    pub lease: Duration,
    /// At shutdown, running jobs get so long to end.
    pub grace: Duration,
}

impl Pace {
    pub(super) fn lease(self) -> TimeDelta {
        TimeDelta::from_std(self.lease).expect("a lease is no longer than centuries")
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            workers: 4,
            lease: Duration::from_secs(60),
            grace: Duration::from_secs(20),
        }
    }
}

/// The handlers by kind, and the timetable.
pub struct Handlers {
    by_kind: BTreeMap<&'static str, Handler>,
    names: BTreeMap<&'static str, &'static str>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) pace: Pace,
    /// Rings when this process added a job.
    pub(super) bell: Notify,
}

impl Default for Handlers {
    fn default() -> Self {
        Self::new()
    }
}

impl Handlers {
    /// The kernel's own; contexts add theirs.
    pub fn new() -> Self {
        let none = Self {
            by_kind: BTreeMap::new(),
            names: BTreeMap::new(),
            schedules: vec![],
            pace: Pace::default(),
            bell: Notify::new(),
        };
        let own = none
            .on("jobs.prune", |app: App, _| async move {
                super::store::prune(&app, app.now() - TimeDelta::days(7)).await?;
                Ok(())
            })
            .daily_at("jobs.prune", 3, 10)
            .called("jobs.prune", "清理已完成的任务")
            .called("mail.send", "发送邮件通知")
            .called("work.remind", "提醒即将到期的待办")
            .called("work.digest", "安排每日待办汇总")
            .called("work.digest_mail", "发送每日待办汇总")
            .called("audit.checkpoint", "生成审计存证")
            .called("audit.checkpoint.file", "写出审计存证")
            .called("audit.checkpoint.url", "发送审计存证");
        audit::jobs(work::jobs(notify::jobs(own)))
    }

    /// Adds the handler of a kind.
    ///
    /// # Panics
    /// When the kind has one already: a mistake in the program, seen at start.
    pub fn on<F, R>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(App, Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let before = self.by_kind.insert(
            kind,
            Arc::new(move |app, payload| handler(app, payload).boxed()),
        );
        assert!(before.is_none(), "two handlers for jobs of kind {kind}");
        self
    }

    /// Adds something that is done after the kind's handler, in the same job: what happened in one context
    /// may concern several above it. When it fails, the job is run again from the beginning.
    ///
    /// # Panics
    /// When the kind has no handler yet: a mistake in the program, seen at start.
    pub fn also<F, R>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(App, Value) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let Some(first) = self.by_kind.remove(kind) else {
            panic!("no handler for jobs of kind {kind}");
        };
        let then = Arc::new(handler);
        self.by_kind.insert(
            kind,
            Arc::new(move |app: App, payload: Value| {
                let (first, then) = (Arc::clone(&first), Arc::clone(&then));
                async move {
                    first(app.clone(), payload.clone()).await?;
                    then(app, payload).await
                }
                .boxed()
            }),
        );
        self
    }

    /// Names a kind for the people who look after jobs.
    pub fn called(mut self, kind: &'static str, name: &'static str) -> Self {
        self.names.insert(kind, name);
        self
    }

    /// The name of a kind for people; the kind itself when it has none.
    pub fn name<'a>(&self, kind: &'a str) -> &'a str {
        self.names.get(kind).copied().unwrap_or(kind)
    }

    /// Adds a job of this kind (with an empty payload) whenever the timing says so, once however
    /// many nodes there are.
    ///
    /// # Panics
    /// When the kind has no handler yet: a mistake in the program, seen at start.
    pub fn every(mut self, kind: &'static str, timing: impl Into<Timing>) -> Self {
        assert!(
            self.by_kind.contains_key(kind),
            "no handler for jobs of kind {kind}"
        );
        self.schedules.push(Schedule {
            kind,
            timing: timing.into(),
        });
        self
    }

    /// At each full hour.
    pub fn hourly(self, kind: &'static str) -> Self {
        self.every(kind, Duration::from_secs(3600))
    }

    /// Each day at a time of the institution's clock.
    pub fn daily_at(self, kind: &'static str, hour: u32, minute: u32) -> Self {
        self.every(kind, Timing::DailyAt { hour, minute })
    }

    /// Another pace than the usual.
    pub fn paced(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// The handler of a claimed job.
    pub(super) fn get(&self, kind: &str) -> &Handler {
        self.by_kind
            .get(kind)
            .expect("only jobs of known kinds are claimed")
    }

    /// The kinds that this program knows.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.by_kind.keys().copied()
    }

    pub(super) fn wake(&self) {
        self.bell.notify_one();
    }
}
