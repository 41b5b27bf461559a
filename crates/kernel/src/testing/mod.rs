//! The harness that the contexts' tests share: a whole [`App`] on a throw-away database, with a clock
//! that moves when told to, and a browser-like client for the real router.
//!
//! ```text
//! async fn a_story(app: TestApp) { … }
//! zhendi_kernel::on_both_databases!(a_story, || Setup { steps, ..Setup::default() });
//! ```

mod client;

pub use client::{Answer, Client};

use crate::{
    Actor, App, Clock, Db, Entropy, Permission, PersonId, UnitId,
    actor::{Grant, Scope, Who},
    app::{MenuEntry, Parts},
    audit,
    config::Config,
    files::Files,
    jobs::{self, Handlers},
    migrations::{self, Steps},
    outgoing::Outgoing,
    role::Role,
    secrets::Keyring,
    web::{self, Routes},
    work,
};
use axum::{Router, middleware::from_fn_with_state};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use sea_orm::ConnectionTrait;
use std::{
    ops::Deref,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

/// Which database a story runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    /// The throw-away cluster that `ZHENDI_TEST_PG` names.
    Postgres,
}

/// What of the program a test needs.
pub struct Setup {
    pub steps: fn() -> Steps,
    pub routes: fn() -> Routes,
    pub handlers: fn() -> Handlers,
    pub menu: Vec<MenuEntry>,
    pub holders: Arc<dyn work::Holders>,
    /// Changes the default configuration; the data folder is in it already.
    pub configure: fn(&mut Config),
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            steps: migrations::steps,
            routes: Routes::new,
            handlers: Handlers::new,
            menu: vec![],
            holders: Arc::new(Nobody),
            configure: |_| (),
        }
    }
}

/// For tests without people.
struct Nobody;

#[async_trait::async_trait]
impl work::Holders for Nobody {
    async fn holders(
        &self,
        _: &App,
        _: Role,
        _: UnitId,
        _: Option<crate::ChannelId>,
    ) -> Result<Vec<PersonId>, crate::Fault> {
        Ok(vec![])
    }
}

/// A whole program on a throw-away database. Dropping it fails the test if jobs were left that
/// nobody ran: what a story sets going belongs to the story.
pub struct TestApp {
    app: App,
    router: Router,
    clock: Arc<Mutex<DateTime<Utc>>>,
    url: String,
    /// The folder of the data, removed at the end.
    pub folder: tempfile::TempDir,
}

impl Deref for TestApp {
    type Target = App;
    fn deref(&self) -> &App {
        &self.app
    }
}

impl TestApp {
    /// Makes the database, migrates it, puts the program together.
    ///
    /// # Panics
    /// When that fails, or `ZHENDI_TEST_PG` names no cluster.
    pub async fn new(backend: Backend, setup: Setup) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let url = match backend {
            Backend::Sqlite => Db::sqlite_url(folder.path()),
            Backend::Postgres => new_postgres().await,
        };
        let db = Db::connect(&url).await.expect("the test's database");
        migrations::run(&db, setup.steps)
            .await
            .expect("migrations run");
        // A Friday afternoon in China.
        let start = Utc
            .with_ymd_and_hms(2026, 11, 20, 6, 5, 0)
            .single()
            .expect("a moment");
        let clock = Arc::new(Mutex::new(start));
        let hand = Arc::clone(&clock);
        let entropy = Entropy::system();
        let mut config = Config {
            data: folder.path().to_owned(),
            database: (backend == Backend::Postgres).then(|| url.clone().into()),
            ..Config::default()
        };
        (setup.configure)(&mut config);
        let app = App::new(Parts {
            clock: Clock::from_fn(move || *hand.lock().expect("the test's clock")),
            keys: Keyring::open_or_create(&config, &entropy).expect("keys"),
            signer: audit::Signer::open_or_create(&config, &entropy).expect("a signing key"),
            files: Files::local(&folder.path().join("files")).expect("a folder for files"),
            outgoing: Outgoing::new(&config).expect("a client"),
            jobs: (setup.handlers)(),
            menu: setup.menu,
            holders: setup.holders,
            work_kinds: vec![],
            db,
            entropy,
            config,
        });
        let router = (setup.routes)()
            .into_router()
            .layer(from_fn_with_state(app.clone(), web::faults))
            .with_state(app.clone());
        Self {
            app,
            router,
            clock,
            url,
            folder,
        }
    }

    /// Moves the clock.
    pub fn pass(&self, time: TimeDelta) {
        *self.clock.lock().expect("the test's clock") += time;
    }

    /// A client that is this actor, without signing in.
    pub fn client(&self, actor: &Actor) -> Client {
        Client::new(self.router.clone(), Some(actor.clone()))
    }

    /// A client that nobody knows.
    pub fn visitor(&self) -> Client {
        Client::new(self.router.clone(), None)
    }

    /// Runs every job that is due, and those that these cause.
    ///
    /// # Panics
    /// When the runner itself fails.
    pub async fn run_jobs(&self) -> usize {
        jobs::run_due_once(&self.app).await.expect("jobs run")
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        // Drop is not async and may run inside a runtime, which then does not turn: another thread
        // looks, through a connection of its own.
        let (url, now) = (self.url.clone(), self.app.now());
        let left = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime")
                .block_on(async {
                    let db = Db::connect(&url).await?;
                    jobs::waiting(db.read(), now).await
                })
        })
        .join();
        match left {
            Ok(Ok(left)) => assert!(left.is_empty(), "jobs that nobody ran: {left:?}"),
            Ok(Err(error)) => panic!("cannot look for jobs left over: {error}"),
            Err(_) => panic!("cannot look for jobs left over"),
        }
    }
}

/// An actor for tests: a person with roles at places, as `people` would load them.
pub fn actor(id: i64, name: &str, grants: &[(Role, Scope)]) -> Actor {
    Actor {
        who: Who::Person {
            id: PersonId(id),
            name: name.into(),
        },
        grants: grants
            .iter()
            .map(|(role, scope)| Grant {
                role: *role,
                scope: *scope,
                on_behalf_of: None,
            })
            .collect(),
        token: None,
        address: None,
    }
}

/// Every role, for tests that go through all of them.
pub fn roles_with(permission: Permission) -> Vec<Role> {
    Role::ALL
        .iter()
        .copied()
        .filter(|role| role.permissions().contains(&permission))
        .collect()
}

/// The address of a new, empty database in the throw-away cluster.
///
/// # Panics
/// When `ZHENDI_TEST_PG` names no cluster.
pub async fn new_postgres() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let cluster = std::env::var("ZHENDI_TEST_PG").expect(
        "ZHENDI_TEST_PG names the throw-away PostgreSQL cluster; `make test` starts one, \
         by hand: eval \"$(scripts/postgres.sh start)\"",
    );
    let name = format!(
        "test_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    let admin = sea_orm::Database::connect(&cluster)
        .await
        .expect("the throw-away cluster answers");
    // Process numbers come again; what an earlier run left under this name goes first.
    for statement in [
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!("CREATE DATABASE {name}"),
    ] {
        admin
            .execute_unprepared(&statement)
            .await
            .expect("a new database");
    }
    admin.close().await.expect("close");
    let (server, _) = cluster.rsplit_once('/').expect("a database in the address");
    format!("{server}/{name}")
}

/// Makes two tests of one story: `story::sqlite` and `story::postgres`.
#[macro_export]
macro_rules! on_both_databases {
    ($story:ident, $setup:expr) => {
        mod $story {
            #[tokio::test]
            async fn sqlite() {
                let setup = $setup;
                super::$story(
                    $crate::testing::TestApp::new($crate::testing::Backend::Sqlite, setup()).await,
                )
                .await
            }
            #[tokio::test]
            async fn postgres() {
                let setup = $setup;
                super::$story(
                    $crate::testing::TestApp::new($crate::testing::Backend::Postgres, setup())
                        .await,
                )
                .await
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Access;

    fn routes() -> Routes {
        Routes::new()
            .get("/open", Access::Public, || async { "open" })
            .get("/mine", Access::SignedIn, || async { "mine" })
            .get(
                "/audit-only",
                Access::Needs(Permission::ReadAudit),
                || async { "audit" },
            )
    }

    async fn doors_open_to_those_who_may(app: TestApp) {
        let auditor = actor(1, "审计", &[(Role::Auditor, Scope::Institution(UnitId(1)))]);
        let author = actor(2, "作者", &[(Role::Author, Scope::Unit(UnitId(2)))]);
        app.visitor().get("/open").await.expect(200);
        let answer = app.visitor().get("/mine?x=1").await.expect(303);
        assert_eq!(answer.location(), "/sign-in?next=%2Fmine%3Fx%3D1");
        app.client(&author).get("/mine").await.expect(200);
        app.client(&author).get("/audit-only").await.expect(403);
        app.client(&auditor).get("/audit-only").await.expect(200);
        let lost = app.client(&author).get("/nowhere").await.expect(404);
        assert!(lost.text().contains("没有找到"), "{}", lost.text());
    }
    fn setup() -> Setup {
        Setup {
            routes,
            ..Setup::default()
        }
    }
    on_both_databases!(doors_open_to_those_who_may, super::setup);
}
