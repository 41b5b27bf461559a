//! The runner: takes what is due, keeps its lease alive while it works, notes what became of it.

use super::{
    cron,
    handlers::JobError,
    store::{self, End, Job},
};
use crate::{App, Fault};
use futures::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout},
};
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};

/// The queue is looked at so often when nothing rings.
const POLL: Duration = Duration::from_secs(1);
/// After a ring, the first look; the bell rings before the transaction commits.
const SOON: Duration = Duration::from_millis(20);
/// The queue's length is measured so often.
const GAUGE: Duration = Duration::from_secs(15);
/// The pause after the first failure; it doubles with each further one …
const FIRST_PAUSE: Duration = Duration::from_secs(15);
/// … up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// Runs jobs until told to stop; then lets the running ones end or gives them back.
pub async fn run(app: App, shutdown: CancellationToken) {
    let pace = app.jobs.pace;
    let owner = owner(&app);
    let slots = Arc::new(Semaphore::new(pace.workers.max(1)));
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let (mut ticked, mut measured) = (None, None);
    let mut pause = SOON;
    while !shutdown.is_cancelled() {
        let slot = tokio::select! {
            () = shutdown.cancelled() => break,
            slot = slots.clone().acquire_owned() => slot.expect("nobody closes the slots"),
        };
        let next = async {
            if elapsed(&mut ticked, POLL) {
                cron::tick(&app).await?;
            }
            if elapsed(&mut measured, GAUGE) {
                let backlog = store::backlog(&app).await?;
                metrics::gauge!("jobs_ready").set(backlog as f64);
            }
            store::claim(&app, &owner).await
        };
        match next.await {
            Ok(Some(job)) => {
                pause = SOON;
                let (app, stop) = (app.clone(), stop.clone());
                tasks.spawn(async move {
                    work(&app, job, &stop).await;
                    drop(slot);
                });
                continue;
            }
            Ok(None) => {}
            Err(fault) => {
                tracing::warn!(error = %fault, "the job queue does not answer");
                pause = POLL;
            }
        }
        drop(slot);
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = app.jobs.bell.notified() => pause = SOON,
            () = sleep(pause) => pause = (pause * 2).min(POLL),
        }
    }
    tasks.close();
    if timeout(pace.grace, tasks.wait()).await.is_err() {
        stop.cancel();
        tasks.wait().await;
    }
}

/// Runs everything that is due now, jobs that these jobs add included, and says how many it were.
/// For tests.
///
/// # Errors
/// When the database fails.
#[cfg(feature = "testing")]
pub async fn run_due_once(app: &App) -> Result<usize, Fault> {
    let owner = owner(app);
    let mut ran = 0;
    cron::tick(app).await?;
    while let Some(job) = store::claim(app, &owner).await? {
        work(app, job, &CancellationToken::new()).await;
        ran += 1;
    }
    Ok(ran)
}

/// A name for this run of this process.
fn owner(app: &App) -> String {
    hex::encode(app.entropy.bytes::<8>())
}

/// Whether so much time has passed since it was last said.
fn elapsed(last: &mut Option<Instant>, interval: Duration) -> bool {
    let now = Instant::now();
    let over = last.is_none_or(|last| now.duration_since(last) >= interval);
    if over {
        *last = Some(now);
    }
    over
}

async fn work(app: &App, job: Job, stop: &CancellationToken) {
    if job.attempt > job.max_attempts {
        // It was begun as often as allowed and nobody lived to say what became of it.
        let end = failed(
            app,
            &job,
            JobError::Permanent("多次执行中途中断，已停止重试".into()),
        );
        return note(app, &job, end).await;
    }
    let handler = app.jobs.get(&job.kind);
    let call = AssertUnwindSafe(async { handler(app.clone(), job.payload.clone()).await });
    let mut heart = AbortOnDropHandle::new(tokio::spawn(keep(app.clone(), job.clone())));
    let end = tokio::select! {
        outcome = call.catch_unwind() => match outcome {
            Ok(Ok(())) => {
                metrics::counter!("jobs_done_total", "kind" => job.kind.clone()).increment(1);
                End::Done
            }
            Ok(Err(error)) => failed(app, &job, error),
            // The message of a panic may quote data; it is in the log.
            Err(_) => failed(app, &job, JobError::Retry("处理程序异常中止，详见运行日志".into())),
        },
        () = stop.cancelled() => End::Released,
        _ = &mut heart => {
            tracing::warn!(job = job.id, kind = job.kind, "the lease was lost; the job is another's now");
            metrics::counter!("jobs_lost_total", "kind" => job.kind).increment(1);
            return;
        }
    };
    // The heart may be asking for the one writer.
    drop(heart);
    note(app, &job, end).await;
}

/// What becomes of a job that failed: another attempt, unless it would be in vain or one too many.
fn failed(app: &App, job: &Job, error: JobError) -> End {
    tracing::warn!(job = job.id, kind = job.kind, attempt = job.attempt, %error, "a job failed");
    metrics::counter!("jobs_failed_total", "kind" => job.kind.clone()).increment(1);
    match error {
        JobError::Retry(error) if job.attempt < job.max_attempts => {
            End::Again(app.now() + pause(app, job.attempt), error)
        }
        JobError::Retry(error) | JobError::Permanent(error) => {
            metrics::counter!("jobs_dead_total", "kind" => job.kind.clone()).increment(1);
            End::Dead(error)
        }
    }
}

/// Prolongs the lease again and again. Returns when it is lost, or when the database was silent for
/// so long that it may be.
async fn keep(app: App, job: Job) {
    let lease = app.jobs.pace.lease;
    let mut sure = Instant::now() + lease;
    loop {
        sleep(lease / 3).await;
        let asked = Instant::now();
        match store::prolong(&app, &job).await {
            Ok(true) => sure = asked + lease,
            Ok(false) => return,
            Err(_) if Instant::now() < sure => {}
            Err(_) => return,
        }
    }
}

async fn note(app: &App, job: &Job, end: End) {
    let noted: Result<bool, Fault> = store::end(app, job, end).await;
    // When it fails the lease runs out and the job is done again.
    if !matches!(noted, Ok(true)) {
        tracing::warn!(
            job = job.id,
            kind = job.kind,
            "the end of a job was not noted"
        );
    }
}

/// Doubles with each attempt, give or take a quarter, so that what failed together does not come
/// back together.
fn pause(app: &App, attempt: i32) -> Duration {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(16);
    let whole = (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE);
    let [chance] = app.entropy.bytes::<1>();
    // In whole milliseconds: neither database keeps nanoseconds.
    let share = 750 + u64::from(chance) * 500 / 255;
    Duration::from_millis(whole.as_secs() * share)
}
