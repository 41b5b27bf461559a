use super::*;
use crate::{
    Role, UnitId,
    actor::Scope,
    on_both_databases,
    testing::{Setup, TestApp, actor},
};
use chrono::TimeDelta;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex, MutexGuard},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// What the handlers of these tests did: test (by the folder of its data) and job, how often.
static DONE: LazyLock<Mutex<BTreeMap<(String, i64), usize>>> = LazyLock::new(Mutex::default);

fn done() -> MutexGuard<'static, BTreeMap<(String, i64), usize>> {
    DONE.lock().expect("the list")
}

fn here(app: &App) -> String {
    app.config.data.display().to_string()
}

fn times(app: &App, n: i64) -> usize {
    done().get(&(here(app), n)).copied().unwrap_or(0)
}

async fn count(app: App, payload: serde_json::Value) -> Result<(), JobError> {
    let n = payload["n"].as_i64().expect("a number");
    *done().entry((here(&app), n)).or_default() += 1;
    Ok(())
}

fn handlers() -> Handlers {
    Handlers::new()
        .on("test.count", count)
        .on("test.fail", |_, _| async {
            Err(JobError::Retry("服务器没有应答".into()))
        })
        .on("test.never", |_, _| async {
            Err(JobError::Permanent("收件人不存在".into()))
        })
        .on("test.panic", |_, _| async { panic!("a panic in a job") })
        .on("test.tick", |app, _| count(app, json!({ "n": 0 })))
        .hourly("test.tick")
        .on("test.chain", |app: App, payload| async move {
            let tx = app.db.begin().await?;
            enqueue(&tx, &app, NewJob::new("test.count", payload)).await?;
            tx.commit().await?;
            Ok(())
        })
        .on("test.hang", |app, payload| async move {
            count(app, payload).await?;
            std::future::pending().await
        })
        .paced(Pace {
            workers: 4,
            lease: Duration::from_secs(60),
            grace: Duration::from_millis(100),
        })
}

fn setup() -> Setup {
    Setup {
        handlers,
        routes: pages::routes,
        ..Setup::default()
    }
}

async fn add(app: &App, job: NewJob) {
    let tx = app.db.begin().await.expect("a transaction");
    enqueue(&tx, app, job).await.expect("enqueued");
    tx.commit().await.expect("committed");
}

fn counted(n: i64) -> NewJob {
    NewJob::new("test.count", json!({ "n": n }))
}

use super::all as jobs;

async fn only(app: &App) -> Job {
    let mut all = jobs(app).await;
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn a_job_exists_when_its_transaction_commits(app: TestApp) {
    let tx = app.db.begin().await.expect("a transaction");
    enqueue(&tx, &app, counted(1)).await.expect("enqueued");
    // As when the process dies here: the connection ends without a commit.
    drop(tx);
    assert_eq!(app.run_jobs().await, 0);
    assert!(jobs(&app).await.is_empty());
    add(&app, NewJob::new("test.chain", json!({ "n": 2 }))).await;
    assert_eq!(app.run_jobs().await, 2, "the job and the one that it added");
    assert_eq!((times(&app, 1), times(&app, 2)), (0, 1));
}
on_both_databases!(a_job_exists_when_its_transaction_commits, super::setup);

async fn many_workers_take_each_job_once(app: TestApp) {
    const JOBS: i64 = 400;
    let tx = app.db.begin().await.expect("a transaction");
    for n in 0..JOBS {
        enqueue(&tx, &app, counted(n)).await.expect("enqueued");
    }
    tx.commit().await.expect("committed");
    let workers = (0..8).map(|_| {
        let app = (*app).clone();
        tokio::spawn(async move { run_due_once(&app).await.expect("the queue answers") })
    });
    let ran = futures::future::join_all(workers).await;
    let ran: Vec<usize> = ran.into_iter().map(|ran| ran.expect("no panic")).collect();
    assert_eq!(ran.iter().sum::<usize>(), JOBS as usize);
    assert!((0..JOBS).all(|n| times(&app, n) == 1));
    assert!(jobs(&app).await.iter().all(|job| job.state == State::Done
        && job.owner.is_none()
        && job.finished_at == Some(app.now())));
}
on_both_databases!(many_workers_take_each_job_once, super::setup);

/// However many jobs lie there done, the claim goes by the small index of the others.
async fn the_claim_does_not_look_at_what_is_done(app: TestApp) {
    use sea_orm::{ConnectionTrait, DbBackend, Statement, StatementBuilder};
    let claim = store::claim_statement(
        app.db.backend(),
        "one",
        ["test.count"],
        app.now(),
        TimeDelta::minutes(1),
    );
    let mut statement: Statement = StatementBuilder::build(&claim, &app.db.backend());
    let postgres = app.db.backend() == DbBackend::Postgres;
    let explain = if postgres {
        "EXPLAIN "
    } else {
        "EXPLAIN QUERY PLAN "
    };
    statement.sql.insert_str(0, explain);
    let tx = app.db.begin().await.expect("a transaction");
    if postgres {
        // The table is empty, and of an empty table PostgreSQL rather reads everything.
        tx.execute_unprepared("SET LOCAL enable_seqscan = off")
            .await
            .expect("set");
    }
    let rows = tx.query_all_raw(statement).await.expect("a plan");
    let plan: Vec<String> = rows
        .iter()
        .map(|row| {
            row.try_get("", "detail")
                .or_else(|_| row.try_get("", "QUERY PLAN"))
        })
        .collect::<Result<_, _>>()
        .expect("a plan");
    assert!(
        plan.iter().any(|line| line.contains("job_waiting")),
        "{plan:#?}"
    );
}
on_both_databases!(the_claim_does_not_look_at_what_is_done, super::setup);

async fn a_lost_lease_is_taken_over_and_its_first_owner_is_not_heard(app: TestApp) {
    add(&app, counted(1)).await;
    let first = store::claim(&app, "died")
        .await
        .expect("answers")
        .expect("a job");
    assert_eq!(first.attempt, 1);
    app.pass(TimeDelta::seconds(59));
    assert!(
        store::claim(&app, "early")
            .await
            .expect("answers")
            .is_none()
    );
    assert!(store::prolong(&app, &first).await.expect("answers"));
    app.pass(TimeDelta::seconds(59));
    assert!(
        store::claim(&app, "early")
            .await
            .expect("answers")
            .is_none()
    );
    app.pass(TimeDelta::seconds(2));
    assert_eq!(app.run_jobs().await, 1);
    assert_eq!(times(&app, 1), 1);
    assert!(!store::prolong(&app, &first).await.expect("answers"));
    let late = store::end(&app, &first, store::End::Dead("迟到".into())).await;
    assert!(!late.expect("answers"));
    let job = only(&app).await;
    assert_eq!(
        (job.state, job.attempt, job.last_error),
        (State::Done, 2, None)
    );
}
on_both_databases!(
    a_lost_lease_is_taken_over_and_its_first_owner_is_not_heard,
    super::setup
);

/// The one job that fails, among those of the timetable.
async fn failing(app: &App) -> Job {
    let mut all = jobs(app).await;
    all.retain(|job| job.kind == "test.fail");
    all.remove(0)
}

async fn failures_are_tried_again_ever_later_and_given_up_at_last(app: TestApp) {
    add(&app, NewJob::new("test.fail", json!({}))).await;
    let mut pauses = vec![];
    for attempt in 1..10 {
        app.run_jobs().await;
        let job = failing(&app).await;
        assert_eq!((job.state, job.attempt), (State::Ready, attempt));
        assert_eq!(job.last_error.as_deref(), Some("服务器没有应答"));
        let pause = job.run_at - app.now();
        pauses.push(pause.num_seconds());
        app.run_jobs().await;
        assert_eq!(failing(&app).await.attempt, attempt, "not before its time");
        app.pass(pause);
    }
    assert!((11..=19).contains(&pauses[0]), "{pauses:?}");
    assert!((90..=150).contains(&pauses[3]), "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 4500), "{pauses:?}");
    app.run_jobs().await;
    let job = failing(&app).await;
    assert_eq!((job.state, job.attempt), (State::Dead, 10));
    app.pass(TimeDelta::days(30));
    app.run_jobs().await;
    assert_eq!(
        failing(&app).await.attempt,
        10,
        "what died stays until someone looks"
    );
}
on_both_databases!(
    failures_are_tried_again_ever_later_and_given_up_at_last,
    super::setup
);

async fn what_can_never_go_is_given_up_at_once_and_panics_end_nothing(app: TestApp) {
    add(&app, NewJob::new("test.never", json!({}))).await;
    add(&app, NewJob::new("test.panic", json!({}))).await;
    add(&app, counted(1)).await;
    assert_eq!(app.run_jobs().await, 3);
    let all = jobs(&app).await;
    assert_eq!((all[0].state, all[0].attempt), (State::Dead, 1));
    assert_eq!(all[1].state, State::Ready);
    let error = all[1].last_error.as_deref().expect("an explanation");
    assert!(
        !error.contains("a panic in a job"),
        "a panic may quote data"
    );
    assert_eq!(times(&app, 1), 1);
}
on_both_databases!(
    what_can_never_go_is_given_up_at_once_and_panics_end_nothing,
    super::setup
);

async fn begun_too_often_without_an_end_is_given_up(app: TestApp) {
    add(&app, counted(1)).await;
    for _ in 0..10 {
        let job = store::claim(&app, "dies").await.expect("answers");
        assert!(job.is_some());
        app.pass(TimeDelta::seconds(61));
    }
    assert_eq!(app.run_jobs().await, 1);
    assert_eq!(only(&app).await.state, State::Dead);
    assert_eq!(times(&app, 1), 0);
}
on_both_databases!(begun_too_often_without_an_end_is_given_up, super::setup);

async fn a_key_keeps_doubles_out_until_the_job_is_finished(app: TestApp) {
    let keyed = |n| NewJob {
        dedup_key: Some("once".into()),
        ..counted(n)
    };
    add(&app, keyed(1)).await;
    add(&app, keyed(2)).await;
    let running = store::claim(&app, "one")
        .await
        .expect("answers")
        .expect("a job");
    add(&app, keyed(3)).await;
    assert_eq!(jobs(&app).await.len(), 1);
    assert!(
        store::end(&app, &running, store::End::Done)
            .await
            .expect("answers")
    );
    add(&app, keyed(4)).await;
    assert_eq!(app.run_jobs().await, 1);
    assert_eq!((times(&app, 2), times(&app, 3), times(&app, 4)), (0, 0, 1));
}
on_both_databases!(
    a_key_keeps_doubles_out_until_the_job_is_finished,
    super::setup
);

async fn each_tick_adds_one_job_however_many_nodes_there_are(app: TestApp) {
    // The first look only writes the timetable.
    cron::tick(&app).await.expect("the timetable answers");
    app.pass(TimeDelta::minutes(55));
    let ticks = (0..8).map(|_| {
        let app = (*app).clone();
        tokio::spawn(async move { cron::tick(&app).await })
    });
    for tick in futures::future::join_all(ticks).await {
        tick.expect("no panic").expect("the timetable answers");
    }
    let ticked = |jobs: Vec<Job>| jobs.iter().filter(|job| job.kind == "test.tick").count();
    assert_eq!(ticked(jobs(&app).await), 1);
    app.run_jobs().await;
    assert_eq!(times(&app, 0), 1);
    // Five hours in which nobody ran are made up for once.
    app.pass(TimeDelta::hours(5));
    app.run_jobs().await;
    app.run_jobs().await;
    assert_eq!(times(&app, 0), 2);
}
on_both_databases!(
    each_tick_adds_one_job_however_many_nodes_there_are,
    super::setup
);

async fn what_was_done_is_forgotten_after_a_week(app: TestApp) {
    cron::tick(&app).await.expect("the timetable answers");
    add(&app, counted(1)).await;
    app.run_jobs().await;
    app.pass(TimeDelta::days(6));
    app.run_jobs().await;
    let there = |jobs: Vec<Job>| jobs.iter().any(|job| job.kind == "test.count");
    assert!(there(jobs(&app).await));
    app.pass(TimeDelta::days(2));
    app.run_jobs().await;
    assert!(!there(jobs(&app).await));
}
on_both_databases!(what_was_done_is_forgotten_after_a_week, super::setup);

/// Waits for something that another task does.
async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come to pass");
}

async fn the_runner_wakes_and_gives_back_what_it_cannot_finish(app: TestApp) {
    let stop = CancellationToken::new();
    let runner = tokio::spawn(run((*app).clone(), stop.clone()));
    // Long enough for the runner to have gone to sleep.
    tokio::time::sleep(Duration::from_millis(200)).await;
    add(&app, counted(1)).await;
    until("the job", async || times(&app, 1) == 1).await;
    add(&app, NewJob::new("test.hang", json!({ "n": 2 }))).await;
    until("the hanging job", async || times(&app, 2) == 1).await;
    stop.cancel();
    runner.await.expect("the runner ends");
    let job = jobs(&app).await.pop().expect("the hanging job");
    assert_eq!(
        (job.state, job.attempt, job.owner, job.lease_until),
        (State::Ready, 0, None, None)
    );
    let tx = app.db.begin().await.expect("a transaction");
    assert!(store::cancel(&tx, job.id).await.expect("answers"));
    tx.commit().await.expect("committed");
}
on_both_databases!(
    the_runner_wakes_and_gives_back_what_it_cannot_finish,
    super::setup
);

/// Counts as job -1 when it is dropped.
struct OnDrop(String);
impl Drop for OnDrop {
    fn drop(&mut self) {
        *done().entry((self.0.clone(), -1)).or_default() += 1;
    }
}

fn quick() -> Setup {
    Setup {
        handlers: || {
            Handlers::new()
                .on("test.slow", |app, payload| async move {
                    let _dropped = OnDrop(here(&app));
                    count(app, payload).await?;
                    std::future::pending().await
                })
                .paced(Pace {
                    lease: Duration::from_millis(300),
                    ..Pace::default()
                })
        },
        ..Setup::default()
    }
}

async fn a_heartbeat_keeps_the_lease_and_a_lost_one_ends_the_work(app: TestApp) {
    add(&app, NewJob::new("test.slow", json!({ "n": 1 }))).await;
    let stop = CancellationToken::new();
    let runner = tokio::spawn(run((*app).clone(), stop.clone()));
    until("the job", async || times(&app, 1) == 1).await;
    // The test's clock stands while the heart beats by the machine's; move it and see it followed.
    let first = only(&app).await.lease_until.expect("a lease");
    app.pass(TimeDelta::milliseconds(200));
    until("the heartbeat", async || {
        only(&app)
            .await
            .lease_until
            .is_some_and(|until| until > first)
    })
    .await;
    let taken = sea_orm::sea_query::Expr::value("another");
    store::Entity::update_many()
        .col_expr(store::Column::Owner, taken)
        .exec(app.db.writer())
        .await
        .expect("taken over");
    until("the end of the work", async || times(&app, -1) == 1).await;
    stop.cancel();
    runner.await.expect("the runner ends");
    let job = only(&app).await;
    assert_eq!(job.owner.as_deref(), Some("another"), "and says nothing");
    assert_eq!(job.state, State::Running);
}
on_both_databases!(
    a_heartbeat_keeps_the_lease_and_a_lost_one_ends_the_work,
    super::quick
);

async fn operators_see_jobs_and_set_them_going(app: TestApp) {
    add(
        &app,
        NewJob::new("test.never", json!({ "notification": 7 })),
    )
    .await;
    add(&app, counted(1)).await;
    app.run_jobs().await;
    let root = Scope::Institution(UnitId(1));
    let operator = app.client(&actor(1, "王系统", &[(Role::SystemAdmin, root)]));
    let list = operator.get("/jobs?state=dead").await.expect(200).text();
    assert!(
        list.contains("test.never") && list.contains("收件人不存在"),
        "{list}"
    );
    assert!(!list.contains("（2 号）"), "{list}");
    assert!(list.contains("每 1 小时"), "the timetable: {list}");
    assert!(
        list.contains("提醒即将到期的待办"),
        "named for people: {list}"
    );
    operator
        .get("/jobs?state=x&page=x&kind=y")
        .await
        .expect(200);
    let dead = jobs(&app).await.remove(0).id;
    let page = operator
        .get(&format!("/jobs/{dead}"))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("notification") && page.contains("立即执行"),
        "{page}"
    );
    operator.get("/jobs/999").await.expect(404);

    operator
        .post(&format!("/jobs/{dead}/retries"), &[])
        .await
        .expect(303);
    assert_eq!(app.run_jobs().await, 1, "it was set going and failed again");
    let done = jobs(&app).await.remove(1).id;
    operator
        .post(&format!("/jobs/{done}/retries"), &[])
        .await
        .expect(409);
    operator
        .post(&format!("/jobs/{done}/cancellations"), &[])
        .await
        .expect(409);
    operator
        .post(&format!("/jobs/{dead}/cancellations"), &[])
        .await
        .expect(303);
    operator.get(&format!("/jobs/{dead}")).await.expect(404);
    let history = crate::audit::history(app.db.read(), "job", dead)
        .await
        .expect("answers");
    assert_eq!(history.len(), 2);

    let author = app.client(&actor(2, "李拟稿", &[(Role::Author, root)]));
    for path in ["/jobs", "/jobs/1"] {
        author.get(path).await.expect(403);
    }
    author
        .post(&format!("/jobs/{done}/retries"), &[])
        .await
        .expect(403);
    assert_eq!(
        store::Entity::find()
            .count(app.db.read())
            .await
            .expect("answers"),
        1
    );
}
on_both_databases!(operators_see_jobs_and_set_them_going, super::setup);
