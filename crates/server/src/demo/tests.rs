//! The demonstration on both databases: what must be in it, that it goes on, what it never touches.

use super::*;
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;
use zhendi_kernel::{
    ChannelId, PersonId, Role, ScopeFilter, audit, clock, config::Secret, scope, work,
};
use zhendi_people::{person, role};
use zhendi_registry::{
    channel::{self, FilingState, RunningState},
    filing::{self, Stage},
    platform,
};
use zhendi_review::{forwarding, ids::ForwardingId};

const PASSWORD: &str = "Kiesel-47-Weg";

/// A configuration of its own: a folder, and for PostgreSQL a database.
struct Place {
    config: Config,
    _folder: tempfile::TempDir,
}

impl Place {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config {
            data: folder.path().join("data"),
            listen: "127.0.0.1:0".parse().expect("an address"),
            ..Config::default()
        };
        Self {
            config,
            _folder: folder,
        }
    }

    async fn postgres(name: &str) -> Self {
        let cluster = std::env::var("ZHENDI_TEST_PG").expect("ZHENDI_TEST_PG names the cluster");
        let name = format!("demo_{name}_{}", std::process::id());
        let admin = sea_orm::Database::connect(&cluster)
            .await
            .expect("the cluster answers");
        for statement in [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name}"),
        ] {
            admin
                .execute_unprepared(&statement)
                .await
                .expect("a database");
        }
        admin.close().await.expect("close");
        let (server, _) = cluster.rsplit_once('/').expect("a database in the address");
        let mut place = Self::sqlite();
        place.config.database = Some(Secret::from(format!("{server}/{name}")));
        place
    }

    async fn open(&self, reset: bool, password: Option<&str>) -> (Program, String) {
        let opened = open_with(self.config.clone(), reset, password.map(String::from)).await;
        let (program, Greeting::Demo(words)) = opened.expect("the demonstration opens") else {
            panic!("the demonstration greets with its accounts");
        };
        (program, words)
    }
}

async fn everything_is_in_it(place: Place) {
    let (program, words) = place.open(false, Some(PASSWORD)).await;
    assert!(words.ends_with(&format!("公共密码：{PASSWORD}")), "{words}");
    let app = &program.app;
    let db = app.db.read();
    let units = unit::all(db).await.expect("units");
    assert!(units.iter().filter(|unit| unit.closed_at.is_none()).count() >= 24);
    assert_eq!(units.iter().filter(|unit| unit.publicity).count(), 1);
    let people = person::list(db, &ScopeFilter::All, &person::Query::default()).await;
    assert!(people.expect("people").1 >= 60);

    let mut states = BTreeSet::new();
    let mut platforms = BTreeSet::new();
    let (mut posts, mut seconds, mut overdue, mut own) = (0, 0, 0, 0);
    let publicity = units
        .iter()
        .find(|unit| unit.publicity)
        .expect("the department")
        .id;
    let count = channels(app).await;
    assert!(count >= 90, "{count}");
    for id in 1..=count {
        let one = channel::store::get(db, ChannelId(id as i64))
            .await
            .expect("a channel");
        states.insert((one.filing, one.running));
        posts += usize::from(one.facts.holder != channel::Holder::Unit);
        seconds += usize::from(one.second_account_reason.is_some());
        overdue +=
            usize::from(one.filing == FilingState::Unfiled && one.is_overdue(app.clock.today()));
        own += usize::from(one.facts.unit == publicity);
        platforms.insert(one.facts.platform);
    }
    let known = platform::load(db).await.expect("platforms");
    let missing: Vec<&str> = known
        .0
        .iter()
        .filter(|platform| !platforms.contains(&platform.code))
        .map(|platform| platform.name.as_str())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    // Two records of one account are somebody's mistake, which a good institution does not show.
    let shown = FilingState::ALL
        .iter()
        .filter(|one| **one != FilingState::Merged);
    for filing in shown {
        assert!(states.iter().any(|state| state.0 == *filing), "{filing}");
    }
    for running in RunningState::ALL {
        assert!(states.iter().any(|state| state.1 == *running), "{running}");
    }
    assert!(
        posts >= 3 && seconds >= 3 && overdue >= 3 && own >= 5,
        "{posts} {seconds} {overdue} {own}"
    );

    // Every role has somebody, and an account that is printed.
    let root = scope::place(db, units[0].id).await.expect("a place");
    for role in Role::ALL {
        let row = data::LOGINS
            .iter()
            .find(|row| row.role == Some(*role))
            .expect("a login for each role");
        assert!(
            words.contains(row.login) && words.contains(role.label()),
            "{role}"
        );
        let at = person_named(&program, row.person).await;
        let held = role::held(db, app.now(), at).await.expect("roles");
        assert!(held.contains(role), "{role}: {held:?}");
    }
    assert!(
        !role::holders(db, app.now(), Role::PublicityHead, &root)
            .await
            .expect("holders")
            .is_empty()
    );

    let head = person_named(&program, data::CHIEF).await;
    let chief = role::load_actor(db, app.now(), head)
        .await
        .expect("an actor");
    for stage in Stage::ALL {
        let there = filing::Query {
            stage: Some(stage),
            ..filing::Query::default()
        };
        let found = filing::listing(db, &chief, &there, app.now()).await;
        // A draft is its author's alone.
        let some = found.expect("a list").total > 0;
        assert!(some || stage == Stage::Draft, "{}", stage.label());
    }
    let mut forwarded = vec![];
    for id in [1, 2] {
        let one = forwarding::open_for(app, &chief, ForwardingId(id)).await;
        let one = one.expect("a forwarding");
        forwarded.push((one.stage(), one.is_overdue(app.now())));
    }
    let closed_and_late = [
        (forwarding::Stage::Closed, false),
        (forwarding::Stage::Handling, true),
    ];
    assert_eq!(forwarded, closed_and_late);
    let tally = work::tally(db, app.now(), &chief).await.expect("work");
    assert!(tally.overdue > 0 && tally.open > tally.overdue, "{tally:?}");
    let delegate = person_named(&program, data::DELEGATION.1).await;
    let delegate = role::load_actor(db, app.now(), delegate)
        .await
        .expect("an actor");
    assert!(
        delegate
            .grants
            .iter()
            .any(|grant| grant.on_behalf_of.is_some())
    );

    let verdict = audit::verify::walk(&app.db, &app.signer, &[])
        .await
        .expect("a walk");
    assert_eq!(verdict.first_break, None);
    assert!(verdict.records > 300, "{}", verdict.records);
    program.close().await.expect("closed");

    // Once more: the same data, and a password that is still known.
    let (program, words) = place.open(false, None).await;
    assert!(words.contains(PASSWORD));
    assert_eq!(channels(&program.app).await, count);
    program.close().await.expect("closed");
    let (program, words) = place.open(false, Some("Anders-58-Pfad")).await;
    assert!(words.contains("Anders-58-Pfad"));
    program.close().await.expect("closed");

    // Anew: what was changed is gone.
    let (program, _) = place.open(false, None).await;
    forget_the_root(&program).await;
    program.close().await.expect("closed");
    let (program, words) = place.open(true, None).await;
    assert!(!words.contains("Anders-58-Pfad"));
    assert_eq!(channels(&program.app).await, count);
    let root = unit::root(program.app.db.read())
        .await
        .expect("units")
        .expect("a root");
    assert_eq!(root.name, data::INSTITUTION);
    program.close().await.expect("closed");
}

async fn channels(app: &App) -> u64 {
    channel::store::count(
        app.db.read(),
        &ScopeFilter::All,
        &channel::store::Query::default(),
    )
    .await
    .expect("channels")
}

async fn person_named(program: &Program, name: &str) -> PersonId {
    let (at, row) = people::row_of_person(name);
    let phone = people::phone(at);
    let db = program.app.db.read();
    let unit = unit::by_name(db, row.unit)
        .await
        .expect("units")
        .expect("a unit")
        .id;
    person::by_name_and_phone(db, &program.app, unit, name, Some(&phone))
        .await
        .expect("people")
        .expect("a person")
}

async fn forget_the_root(program: &Program) {
    let tx = program.app.db.begin().await.expect("a transaction");
    let root = unit::root(&tx).await.expect("units").expect("a root");
    let change = unit::Change {
        name: "改过的名称".into(),
        short_name: root.short_name.clone(),
        kind: root.kind,
        publicity: false,
        effective_on: clock::local(program.app.now()).date_naive(),
    };
    unit::change(&tx, &program.app, &Actor::program("测试"), &root, change)
        .await
        .expect("a change");
    tx.commit().await.expect("commit");
}

async fn real_data_are_left_alone(place: Place) {
    let program = Program::open(place.config.clone())
        .await
        .expect("a program");
    let tx = program.app.db.begin().await.expect("a transaction");
    let new = unit::NewUnit {
        parent: None,
        name: "江海大学".into(),
        short_name: String::new(),
        kind: unit::UnitKind::School,
        to_check: false,
    };
    let actor = Actor::program("测试");
    unit::create(&tx, &program.app, &actor, new)
        .await
        .expect("a unit");
    tx.commit().await.expect("commit");
    program.close().await.expect("closed");
    for reset in [false, true] {
        let refused = open_with(place.config.clone(), reset, None).await;
        let Err(Failure::Usage(words)) = refused else {
            panic!("real data must be refused");
        };
        assert!(words.contains("正式数据"), "{words}");
    }
    let program = Program::open(place.config.clone())
        .await
        .expect("a program");
    let db = program.app.db.read();
    assert_eq!(unit::all(db).await.expect("units").len(), 1);
    let institution: Institution = settings::get(db).await.expect("settings");
    assert!(!institution.demo);
    program.close().await.expect("closed");
}

#[tokio::test]
async fn everything_is_in_it_on_sqlite() {
    everything_is_in_it(Place::sqlite()).await;
}

#[tokio::test]
async fn everything_is_in_it_on_postgres() {
    everything_is_in_it(Place::postgres("whole").await).await;
}

#[tokio::test]
async fn real_data_are_left_alone_on_sqlite() {
    real_data_are_left_alone(Place::sqlite()).await;
}

#[tokio::test]
async fn real_data_are_left_alone_on_postgres() {
    real_data_are_left_alone(Place::postgres("real").await).await;
}

#[tokio::test]
async fn a_loading_that_broke_off_begins_anew() {
    let place = Place::sqlite();
    let program = Program::open(place.config.clone())
        .await
        .expect("a program");
    let tx = program.app.db.begin().await.expect("a transaction");
    let institution = Institution {
        name: data::INSTITUTION.into(),
        demo: true,
    };
    settings::put(&tx, &institution).await.expect("a setting");
    tx.commit().await.expect("commit");
    program.close().await.expect("closed");
    let (program, _) = place.open(false, Some(PASSWORD)).await;
    assert!(unit::all(program.app.db.read()).await.expect("units").len() >= 24);
    program.close().await.expect("closed");
}

#[tokio::test]
async fn a_weak_password_is_refused_before_anything_is_made() {
    let place = Place::sqlite();
    let refused = open_with(place.config.clone(), false, Some("123456".into())).await;
    assert!(matches!(refused, Err(Failure::Usage(words)) if words.contains(VARIABLE)));
    assert!(!place.config.data.exists());
}

#[test]
fn what_is_printed_stands_in_columns() {
    let text = greeting("x");
    let starts: BTreeSet<usize> = data::LOGINS
        .iter()
        .filter_map(|row| Some((row.role?, row.login)))
        .map(|(role, login)| {
            let line = text
                .lines()
                .find(|line| line.contains(&format!("  {} ", role.label())));
            let line = line.expect("a line for the role");
            let before = &line[..line.rfind(login).expect("the login")];
            before
                .chars()
                .map(|c| if c.is_ascii() { 1 } else { 2 })
                .sum()
        })
        .collect();
    assert_eq!(starts.len(), 1, "{text}");
}

#[test]
fn invented_passwords_keep_the_policy() {
    for _ in 0..50 {
        let password = invent(&Entropy::system());
        policy::check(&password, &Known::default(), 8).expect("a good password");
    }
}
