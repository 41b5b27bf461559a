//! Stories of exports: asked for, made with the roles of the moment, fetched by their owner, cancelled, forgotten.

use super::{Made, Order, Progress, Source, start, store};
use crate::testing::{College, person_at, program, setup};
use chrono::TimeDelta;
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query},
};
use serde_json::{Value, json};
use std::{io::Write, time::Duration};
use zhendi_kernel::{
    Actor, App, Fault, Permission, Role,
    actor::Scope,
    files::Kind,
    jobs::Handlers,
    notify,
    testing::{Setup, TestApp},
};
use zhendi_people::role::{self, NewGrant};

const SOURCES: &[Source] = &[("test", make), ("test.never", never), ("test.wrong", wrong)];

/// What the actor may see, thrice as long as a piece in the database.
fn make(
    app: App,
    actor: Actor,
    asked: Value,
    progress: Progress,
) -> BoxFuture<'static, Result<Made, Fault>> {
    async move {
        let mut file = tempfile::tempfile_in(&app.config.data)?;
        let filter = actor.filter(Permission::ViewChannels);
        writeln!(file, "{} {filter:?} {}", asked["of"], "长".repeat(500_000))?;
        progress.row()?;
        Ok(Made {
            name: "附件1-测试.pdf".into(),
            kind: Kind::Pdf,
            file,
        })
    }
    .boxed()
}

/// Writes rows until somebody cancels.
fn never(
    app: App,
    _: Actor,
    _: Value,
    progress: Progress,
) -> BoxFuture<'static, Result<Made, Fault>> {
    async move {
        progress.expect(9);
        let folder = app.config.data.clone();
        let wrote = tokio::task::spawn_blocking(move || -> Result<(), std::io::Error> {
            let mut file = tempfile::NamedTempFile::with_prefix_in("export-test-", folder)?;
            loop {
                file.write_all(b"row\n")?;
                progress.row()?;
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        wrote.await.map_err(Fault::internal)??;
        Err(Fault::NotFound)
    }
    .boxed()
}

fn wrong(_: App, _: Actor, _: Value, _: Progress) -> BoxFuture<'static, Result<Made, Fault>> {
    async { Err(Fault::Refused("没有可填报的内容。".into())) }.boxed()
}

fn with_sources() -> Setup {
    Setup {
        handlers: || super::jobs(zhendi_people::jobs(Handlers::new()), SOURCES),
        ..setup()
    }
}

/// A person with a role, as whom pages are asked and whom the job finds; with the number of the grant.
async fn asker(app: &TestApp, college: &College) -> (Actor, i64) {
    let person = person_at(app, college.faculty, "王敏", "13800138000").await;
    let tx = app.db.begin().await.unwrap();
    let new = NewGrant {
        person,
        role: Role::UnitLiaison,
        scope: Scope::Unit(college.faculty),
        until: None,
    };
    let grant = role::grant(&tx, app, &program(), new).await.unwrap();
    tx.commit().await.unwrap();
    let actor = app.holders.actor(app, person).await.unwrap().unwrap();
    (actor, grant)
}

fn order(kind: &'static str) -> Order {
    Order {
        kind,
        title: "附件1 信息工程学院（PDF）".into(),
        asked: json!({ "of": "附件1" }),
    }
}

async fn parts(app: &TestApp, id: i64) -> usize {
    let mut at = 0;
    while store::read_part(app, id, at).await.unwrap().is_some() {
        at += 1;
    }
    at as usize
}

async fn made_fetched_and_forgotten(app: TestApp) {
    let college = College::new(&app).await;
    let (actor, _) = asker(&app, &college).await;
    let client = app.client(&actor);
    let id = start(&app, &actor, order("test")).await.unwrap();
    let page = client.get("/exports").await.expect(200).text();
    assert!(
        page.contains("等待中") && page.contains("data-poll"),
        "{page}"
    );
    client.get(&format!("/exports/{id}/file")).await.expect(409);

    app.run_jobs().await;
    let person = actor.person().unwrap();
    let told = notify::unread(app.db.read(), person).await.unwrap();
    let page = client.get("/exports").await.expect(200).text();
    let left = notify::unread(app.db.read(), person).await.unwrap();
    assert_eq!(told - left, 1, "told once, and looking is reading");
    assert!(
        page.contains("可下载") && !page.contains("data-poll"),
        "{page}"
    );
    let file = client.get(&format!("/exports/{id}/file")).await.expect(200);
    assert!(file.bytes.starts_with("\"附件1\" Within".as_bytes()));
    assert_eq!(file.text().matches('长').count(), 500_000);
    assert_eq!(file.headers["content-type"], "application/pdf");
    assert!(parts(&app, id).await > 2);
    let sealed: Vec<Option<String>> = app
        .db
        .read()
        .query_all(
            &Query::select()
                .column("content")
                .from("export_part")
                .to_owned(),
        )
        .await
        .unwrap()
        .iter()
        .map(|row| row.try_get("", "content").unwrap())
        .collect();
    assert!(
        sealed
            .iter()
            .flatten()
            .all(|text| !text.contains("6ZW/6ZW/")),
        "not sealed"
    );

    // Nobody else's, not even an officer's of the whole institution.
    let other = app.client(&college.officer());
    other.get(&format!("/exports/{id}/file")).await.expect(404);
    other
        .post(&format!("/exports/{id}/cancellations"), &[])
        .await
        .expect(404);
    assert!(
        !other
            .get("/exports")
            .await
            .expect(200)
            .text()
            .contains("附件1")
    );

    app.pass(TimeDelta::hours(super::KEPT_HOURS + 2));
    app.run_jobs().await;
    assert_eq!(parts(&app, id).await, 0);
    client.get(&format!("/exports/{id}/file")).await.expect(404);
    for action in ["export.requested", "export.downloaded"] {
        assert_eq!(recorded(&app, action).await, 1, "{action}");
    }
}
zhendi_kernel::on_both_databases!(made_fetched_and_forgotten, super::with_sources);

async fn recorded(app: &TestApp, action: &str) -> usize {
    let select = Query::select()
        .column("seq")
        .from("audit")
        .and_where(Expr::col("action").eq(action))
        .to_owned();
    app.db.read().query_all(&select).await.unwrap().len()
}

async fn the_roles_of_the_moment_count(app: TestApp) {
    let college = College::new(&app).await;
    let (actor, grant) = asker(&app, &college).await;
    let id = start(&app, &actor, order("test")).await.unwrap();
    let tx = app.db.begin().await.unwrap();
    role::revoke(&tx, &app, &program(), grant).await.unwrap();
    tx.commit().await.unwrap();
    app.run_jobs().await;
    let file = app
        .client(&actor)
        .get(&format!("/exports/{id}/file"))
        .await
        .expect(200);
    let nothing = "\"附件1\" Within { units: [], channels: [] }";
    assert!(
        file.bytes.starts_with(nothing.as_bytes()),
        "{}",
        &file.text()[..200]
    );
}
zhendi_kernel::on_both_databases!(the_roles_of_the_moment_count, super::with_sources);

async fn whoever_cancels_is_heard(app: TestApp) {
    let college = College::new(&app).await;
    let (actor, _) = asker(&app, &college).await;
    let client = app.client(&actor);
    let id = start(&app, &actor, order("test.never")).await.unwrap();
    let waiting = start(&app, &actor, order("test")).await.unwrap();
    start(&app, &actor, order("test")).await.unwrap();
    let refused = start(&app, &actor, order("test")).await;
    assert!(matches!(refused, Err(Fault::Refused(why)) if why.contains("3 个")));

    let cancels = async {
        while !client.get("/exports").await.text().contains("正在导出") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Long enough for the rows so far to be noted, and shown.
        while !client.get("/exports").await.text().contains(" / 9") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(scraps(&app), 1);
        for id in [waiting, id] {
            let path = format!("/exports/{id}/cancellations");
            client.post(&path, &[]).await.expect(303);
            client.post(&path, &[]).await.expect(409);
        }
    };
    let both = async { tokio::join!(app.run_jobs(), cancels) };
    tokio::time::timeout(Duration::from_secs(20), both)
        .await
        .expect("it ends when it is told to");
    let page = client.get("/exports").await.expect(200).text();
    assert_eq!(page.matches("没有文件").count(), 2, "{page}");
    assert_eq!(page.matches("可下载").count(), 1, "{page}");
    // The thread that wrote notices by itself.
    for _ in 0..100 {
        if scraps(&app) == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(scraps(&app), 0, "the half of a file is left");
    assert_eq!(recorded(&app, "export.cancelled").await, 2);
}
zhendi_kernel::on_both_databases!(whoever_cancels_is_heard, super::with_sources);

/// Files that a maker left in the data folder.
fn scraps(app: &TestApp) -> usize {
    let entries = std::fs::read_dir(app.folder.path()).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with("export-test-"))
        .count()
}

async fn a_failure_says_why(app: TestApp) {
    let college = College::new(&app).await;
    let (actor, _) = asker(&app, &college).await;
    start(&app, &actor, order("test.wrong")).await.unwrap();
    app.run_jobs().await;
    let page = app.client(&actor).get("/exports").await.expect(200).text();
    assert!(
        page.contains("失败") && page.contains("没有可填报的内容。"),
        "{page}"
    );
}
zhendi_kernel::on_both_databases!(a_failure_says_why, super::with_sources);

/// A maker that was lost three times is not tried a fourth.
async fn what_is_never_finished_is_given_up(app: TestApp) {
    let college = College::new(&app).await;
    let (actor, _) = asker(&app, &college).await;
    start(&app, &actor, order("test")).await.unwrap();
    let silence = TimeDelta::seconds(store::SILENT_SECONDS + 1);
    let first = store::take(&app).await.unwrap().unwrap();
    assert!(
        store::take(&app).await.unwrap().is_none(),
        "its maker is alive"
    );
    app.pass(silence);
    let second = store::take(&app).await.unwrap().unwrap();
    // Whoever was thought lost finds out that it is no longer theirs.
    assert!(!store::note(&app, &first, 1, 9).await.unwrap());
    assert!(store::note(&app, &second, 1, 9).await.unwrap());
    app.pass(silence);
    assert!(store::take(&app).await.unwrap().is_some());
    app.pass(silence);
    assert!(store::take(&app).await.unwrap().is_none());
    let page = app.client(&actor).get("/exports").await.expect(200).text();
    assert!(page.contains("多次中途中断"), "{page}");
    app.run_jobs().await;
}
zhendi_kernel::on_both_databases!(what_is_never_finished_is_given_up, super::with_sources);
