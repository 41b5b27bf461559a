//! Asking: by job, guarded, a few sites at once and one address of a site after the other. Only an answer
//! condemns a link; who does not answer is asked again later.

use super::{
    Standing,
    store::{self, Model},
};
use crate::{course, ids::ManuscriptId, manuscript};
use axum::http::{Method, StatusCode};
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, stream};
use std::{collections::BTreeMap, time::Duration};
use url::Url;
use zhendi_kernel::{
    App, Fault, Tx,
    jobs::{self, Handlers, JobError, NewJob},
    outgoing::OutgoingError,
};

const ASK: &str = "link.ask";
const AGAIN: &str = "link.again";

/// Hours for which an answer holds.
const FRESH: i64 = 20;
/// Days for which an answer is kept that nobody asks for.
const KEPT: i64 = 60;
/// How long a site may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Addresses that are taken at once.
const BATCH: u64 = 60;
/// Batches in one job.
const BATCHES: usize = 20;
/// Minutes within which a batch is surely asked.
const LEASE: i64 = 30;
/// Sites that are asked at once.
const SITES: usize = 6;
/// Minutes before who did not answer is asked again; then it is told.
const PAUSES: [i64; 2] = [3, 15];

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .on(ASK, |app: App, _| async move {
            ask(&app).await.map_err(JobError::from)
        })
        .called(ASK, "检查稿件中的链接")
        .on(AGAIN, |app: App, _| async move {
            ask_again(&app).await?;
            let since = app.now() - TimeDelta::days(KEPT);
            store::forget(&app, since).await.map_err(JobError::from)
        })
        .daily_at(AGAIN, 3, 40)
        .called(AGAIN, "复查审核中稿件的链接")
}

/// Has the links asked again of everything that is under review: who decides in the morning sees what holds
/// in the morning.
async fn ask_again(app: &App) -> Result<(), Fault> {
    let db = app.db.read();
    let mut behind = ManuscriptId(0);
    loop {
        let some = course::under_review(db, behind, 200).await?;
        let Some((last, _)) = some.last() else {
            return Ok(());
        };
        behind = *last;
        for (_, version) in some {
            let version = manuscript::version(db, version).await?;
            let addresses = super::all(&version.content);
            if !addresses.is_empty() {
                let tx = app.db.begin().await?;
                want(&tx, app, &addresses).await?;
                tx.commit().await?;
            }
        }
    }
}

/// Has addresses asked of which nothing recent is known.
///
/// # Errors
/// When the database fails.
pub async fn want(tx: &Tx, app: &App, addresses: &[String]) -> Result<(), Fault> {
    if addresses.is_empty() {
        return Ok(());
    }
    let now = app.now();
    let since = now - TimeDelta::hours(FRESH);
    if store::demand(tx, addresses, since, now).await? > 0 {
        jobs::enqueue(tx, app, NewJob::new(ASK, serde_json::json!({}))).await?;
    }
    Ok(())
}

/// Asks what is due.
async fn ask(app: &App) -> Result<(), Fault> {
    for _ in 0..BATCHES {
        let until = app.now() + TimeDelta::minutes(LEASE);
        let taken = store::take(app, BATCH, until).await?;
        if taken.is_empty() {
            return Ok(());
        }
        let mut sites: BTreeMap<String, Vec<Model>> = BTreeMap::new();
        for row in taken {
            let site = row.address.split('/').nth(2).unwrap_or_default().to_owned();
            sites.entry(site).or_default().push(row);
        }
        let asked = stream::iter(sites.into_values().map(|rows| site(app, rows)))
            .buffer_unordered(SITES)
            .collect::<Vec<_>>()
            .await;
        let rows: Vec<Model> = asked.into_iter().flatten().collect();
        let again = rows.iter().filter_map(|row| row.due_at).max();
        let tx = app.db.begin().await?;
        for row in rows {
            store::note(&tx, row).await?;
        }
        if again.is_some() {
            again_at(&tx, app, again).await?;
        }
        tx.commit().await?;
    }
    // There is more: others get their turn between.
    let tx = app.db.begin().await?;
    again_at(&tx, app, None).await?;
    tx.commit().await?;
    Ok(())
}

async fn again_at(tx: &Tx, app: &App, at: Option<DateTime<Utc>>) -> Result<(), Fault> {
    let job = NewJob {
        run_at: at,
        ..NewJob::new(ASK, serde_json::json!({}))
    };
    jobs::enqueue(tx, app, job).await
}

/// Asks the addresses of one site. One that does not answer is not asked for the others too.
async fn site(app: &App, rows: Vec<Model>) -> Vec<Model> {
    let mut silent = false;
    let mut asked = vec![];
    for row in rows {
        let outcome = match silent {
            true => Outcome::Silent,
            false => one(app, &row.address).await,
        };
        silent = outcome == Outcome::Silent;
        asked.push(noted(row, outcome, app.now()));
    }
    asked
}

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Answer(StatusCode),
    Silent,
    Inside,
    Unusable,
}

/// Asks for the head only, and for the page where a site does not give that.
async fn one(app: &App, address: &str) -> Outcome {
    let Ok(url) = address.parse::<Url>() else {
        return Outcome::Unusable;
    };
    let mut last = Outcome::Silent;
    for method in [Method::HEAD, Method::GET] {
        last = match app.outgoing.status(method, &url, PATIENCE).await {
            Ok(status) if status.is_success() => return Outcome::Answer(status),
            Ok(status) => Outcome::Answer(status),
            Err(OutgoingError::Forbidden(_)) => return Outcome::Inside,
            Err(OutgoingError::Unusable) => return Outcome::Unusable,
            Err(_) => Outcome::Silent,
        };
    }
    last
}

/// What is kept of an outcome. What may pass is asked again before it is told; until then what was known holds.
fn noted(before: Model, outcome: Outcome, now: DateTime<Utc>) -> Model {
    let (standing, status) = match outcome {
        Outcome::Answer(status) => (of_status(status), Some(i32::from(status.as_u16()))),
        Outcome::Silent => (Standing::Silent, None),
        Outcome::Inside => (Standing::Inside, None),
        Outcome::Unusable => (Standing::Unusable, None),
    };
    let settled = Model {
        standing: standing.code().into(),
        status,
        failures: 0,
        asked_at: Some(now),
        due_at: None,
        ..before.clone()
    };
    if !matches!(standing, Standing::Failing | Standing::Silent) {
        return settled;
    }
    let failures = before.failures + 1;
    let pause = usize::try_from(before.failures)
        .ok()
        .and_then(|done| PAUSES.get(done));
    match pause {
        Some(minutes) => Model {
            failures,
            due_at: Some(now + TimeDelta::minutes(*minutes)),
            ..before
        },
        // Told now; the next who wants to know begins anew.
        None => settled,
    }
}

fn of_status(status: StatusCode) -> Standing {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Standing::Gone,
        // Asked too often: it says nothing of the page, and may say more later.
        StatusCode::TOO_MANY_REQUESTS => Standing::Failing,
        status if status.is_success() => Standing::Alive,
        status if status.is_server_error() => Standing::Failing,
        _ => Standing::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Model {
        Model {
            hash: String::new(),
            address: "https://a.example/".into(),
            standing: Standing::Waiting.code().into(),
            status: None,
            failures: 0,
            asked_at: None,
            due_at: Some(DateTime::UNIX_EPOCH),
        }
    }

    #[test]
    fn answers_settle_and_silence_is_heard_three_times_before_it_is_told() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        for (code, expected) in [
            (200, Standing::Alive),
            (206, Standing::Alive),
            (404, Standing::Gone),
            (410, Standing::Gone),
            (403, Standing::Refused),
            (412, Standing::Refused),
        ] {
            let status = StatusCode::from_u16(code).expect("a code");
            let settled = noted(fresh(), Outcome::Answer(status), now);
            assert_eq!(settled.standing, expected.code(), "{code}");
            assert_eq!(
                (settled.status, settled.asked_at, settled.due_at),
                (Some(i32::from(code)), Some(now), None)
            );
        }
        for (outcome, expected) in [
            (Outcome::Silent, Standing::Silent),
            (Outcome::Answer(StatusCode::BAD_GATEWAY), Standing::Failing),
            (
                Outcome::Answer(StatusCode::TOO_MANY_REQUESTS),
                Standing::Failing,
            ),
        ] {
            let mut row = fresh();
            for minutes in PAUSES {
                row = noted(row, outcome, now);
                assert_eq!(row.standing, Standing::Waiting.code());
                assert_eq!(row.due_at, Some(now + TimeDelta::minutes(minutes)));
            }
            row = noted(row, outcome, now);
            assert_eq!((row.standing.as_str(), row.due_at), (expected.code(), None));
            assert_eq!(row.failures, 0);
        }
        // One answer between is an end of it.
        let row = noted(fresh(), Outcome::Silent, now);
        let row = noted(row, Outcome::Answer(StatusCode::OK), now);
        assert_eq!((row.standing.as_str(), row.failures), ("alive", 0));
    }
}
