//! Backups made, read and restored, on both databases; the page and the settings.

use crate::{
    Facts, FileColumn, Lock, Place, Trouble,
    archive::{Key, Kind},
    backup::{self, KeysTo, Progress},
    check, jobs, node, restore,
    run::{self, State},
    settings::BackupSettings,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use zhendi_kernel::{
    Actor, App, PersonId, Role, UnitId,
    actor::Scope,
    audit,
    config::Config,
    files::ContentHash,
    jobs::Handlers,
    migrations::{self, Steps},
    secrets::SealedColumn,
    settings,
    testing::{Setup, TestApp, actor},
};

fn steps() -> Steps {
    let mut all = migrations::steps();
    all.extend(crate::steps());
    all.extend(zhendi_people::steps());
    all
}

fn sealed() -> Vec<SealedColumn> {
    [zhendi_kernel::notify::SEALED, zhendi_people::SEALED].concat()
}

/// Only the kernel's and the people's tables are here; a setting stands for what names files.
const FACTS: Facts = Facts {
    steps,
    sealed,
    files: &[FileColumn {
        table: "calendar_feed",
        key: "person_id",
        column: "token_hash",
    }],
};

fn handlers() -> Handlers {
    jobs(Handlers::new(), FACTS)
}

fn setup() -> Setup {
    Setup {
        steps,
        routes: crate::routes,
        handlers,
        ..Setup::default()
    }
}

fn keeper() -> Actor {
    actor(
        1,
        "系统管理员",
        &[(Role::SystemAdmin, Scope::Institution(UnitId(1)))],
    )
}

/// A file that the database names.
async fn keep(app: &App, person: i64, content: &'static str) -> ContentHash {
    let hash = app.files.put(content.into()).await.expect("put");
    run_sql(
        app,
        &format!("INSERT INTO calendar_feed (person_id, token_hash, created_at) VALUES ({person}, '{hash}', '2026-11-20 06:05:00+00:00')"),
    )
    .await;
    hash
}

async fn run_sql(app: &App, sql: &str) {
    app.db
        .writer()
        .execute_unprepared(sql)
        .await
        .expect("statement");
}

async fn told(app: &App, person: i64) {
    let tx = app.db.begin().await.expect("begin");
    zhendi_kernel::notify::set_address(&tx, app, PersonId(person), Some("a@example.edu.cn"))
        .await
        .expect("sealed");
    let entry = audit::Entry {
        action: "test.done",
        subject: ("test", person),
        unit: None,
        on_behalf_of: None,
        summary: "做了一件事".into(),
        detail: serde_json::json!({ "备注": "含\n换行和\t制表" }),
    };
    audit::append(&tx, app, &keeper(), entry)
        .await
        .expect("append");
    tx.commit().await.expect("commit");
}

/// A key pair: the public key, and a file with the private one.
fn pair(folder: &Path, name: &str) -> (String, PathBuf) {
    use age::secrecy::ExposeSecret;
    let identity = age::x25519::Identity::generate();
    let file = folder.join(name);
    fs::write(&file, identity.to_string().expose_secret()).expect("write");
    (identity.to_public().to_string(), file)
}

fn file(path: &Path) -> Place {
    Place::File(path.to_owned())
}

async fn back_up(
    app: &App,
    to: &Path,
    public: &str,
    keys: KeysTo,
) -> Result<backup::Made, Trouble> {
    let order = backup::Order {
        place: file(to),
        lock: Lock::new(&[public.to_owned()], None)?,
        keys,
        key: None,
    };
    backup::make(app, FACTS, &keeper(), order, Arc::new(Progress::default())).await
}

async fn number(app: &App, sql: &str) -> i64 {
    let row = app
        .db
        .read()
        .query_one_raw(Statement::from_string(app.db.backend(), sql))
        .await
        .expect("query")
        .expect("row");
    row.try_get_by_index(0).expect("number")
}

/// Where to restore to: a new folder, and a new database where it is PostgreSQL.
async fn empty(app: &TestApp, folder: &Path) -> Config {
    let database = match app.db.backend() {
        DbBackend::Sqlite => None,
        _ => Some(zhendi_kernel::testing::new_postgres().await.into()),
    };
    Config {
        data: folder.to_owned(),
        database,
        ..Config::default()
    }
}

async fn a_backup_holds_everything_and_comes_back(app: TestApp) {
    let aside = tempfile::tempdir().expect("folder");
    let (public, secret) = pair(aside.path(), "key.txt");
    let kept = keep(&app, 7, "签字盖章的备案表").await;
    told(&app, 7).await;
    let (out, keys_out) = (aside.path().join("one.age"), aside.path().join("keys.age"));
    let made = back_up(&app, &out, &public, KeysTo::Apart(file(&keys_out)))
        .await
        .expect("made");
    assert_eq!(made.manifest.findings, Vec::<String>::new());
    assert_eq!(made.manifest.files.count, 1);
    assert_eq!(made.manifest.chain.records, 1);
    assert!(!made.manifest.with_keys);
    let text = fs::read(&out).expect("read");
    for word in ["备案表", "data.keys", "做了一件事"] {
        assert!(
            !text.windows(word.len()).any(|part| part == word.as_bytes()),
            "{word} is legible"
        );
    }
    let taken = back_up(&app, &out, &public, KeysTo::Nowhere)
        .await
        .expect_err("never overwrites");
    assert!(matches!(taken, Trouble::Usage(_)), "{taken}");

    let open = || Key::open(Some(&secret), None).expect("key");
    let seen = backup::verify(&app.config, &file(&out), open())
        .await
        .expect("whole");
    assert_eq!(seen, made.manifest);

    let target = aside.path().join("restored");
    let config = empty(&app, &target).await;
    let order = restore::Order {
        from: file(&out),
        key: open(),
        keys: Some(file(&keys_out)),
    };
    let restored = restore::restore(&config, FACTS, order)
        .await
        .expect("restored");
    assert!(
        restored.missing_keys.is_empty(),
        "{:?}",
        restored.missing_keys
    );
    let url = crate::database::url(&config);
    let db = zhendi_kernel::Db::connect(&url)
        .await
        .expect("restored database");
    let state = audit::state(db.read()).await.expect("state");
    assert_eq!((state.seq, &state.hash), (1, &made.manifest.chain.hash));
    db.close().await.expect("close");
    let files = zhendi_kernel::files::Files::open(&config).expect("files");
    assert_eq!(
        files.get(&kept).await.expect("file"),
        "签字盖章的备案表".as_bytes()
    );

    // A second time there is something in the way.
    let order = restore::Order {
        from: file(&out),
        key: open(),
        keys: None,
    };
    let refused = restore::restore(&config, FACTS, order)
        .await
        .expect_err("not empty");
    assert!(refused.to_string().contains("不是空的"), "{refused}");
    if made.manifest.database == Kind::Postgres {
        let elsewhere = Config {
            data: aside.path().join("other"),
            ..config.clone()
        };
        let order = restore::Order {
            from: file(&out),
            key: open(),
            keys: None,
        };
        let refused = restore::restore(&elsewhere, FACTS, order)
            .await
            .expect_err("not empty");
        assert!(refused.to_string().contains("数据库不是空的"), "{refused}");
        assert!(!elsewhere.data.exists());
    }
    assert_eq!(
        number(
            &app,
            "SELECT count(*) FROM audit WHERE action = 'backup.made'"
        )
        .await,
        1
    );
}

async fn what_must_not_be_restored_touches_nothing(app: TestApp) {
    let aside = tempfile::tempdir().expect("folder");
    let (public, secret) = pair(aside.path(), "key.txt");
    let (_, foreign) = pair(aside.path(), "foreign.txt");
    keep(&app, 7, "签字盖章的备案表").await;
    told(&app, 7).await;
    let good = aside.path().join("good.age");
    back_up(&app, &good, &public, KeysTo::Nowhere)
        .await
        .expect("made");
    let bytes = fs::read(&good).expect("read");
    let target = aside.path().join("target");
    let config = empty(&app, &target).await;
    let refused = async |from: &Path, key: &Path, word: &str, facts: Facts| {
        let order = restore::Order {
            from: file(from),
            key: Key::open(Some(key), None).expect("key"),
            keys: None,
        };
        let trouble = restore::restore(&config, facts, order)
            .await
            .expect_err(word);
        assert!(trouble.to_string().contains(word), "{word}: {trouble}");
        assert!(!target.exists(), "{word}: the target was touched");
        let left: Vec<_> = fs::read_dir(aside.path())
            .expect("folder")
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().contains("restoring"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
        if app.db.backend() == DbBackend::Postgres {
            let db = zhendi_kernel::Db::connect(&crate::database::url(&config))
                .await
                .expect("connect");
            assert!(
                crate::database::is_empty(db.read()).await.expect("look"),
                "{word}: the database was touched"
            );
            db.close().await.expect("close");
        }
    };
    refused(&good, &foreign, "密钥或口令不对", FACTS).await;
    let older = Facts {
        steps: migrations::steps,
        ..FACTS
    };
    refused(&good, &secret, "较新的程序", older).await;
    let bad = aside.path().join("bad.age");
    for at in (0..40).map(|n| n * (bytes.len() - 1) / 39) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        fs::write(&bad, changed).expect("write");
        refused(&bad, &secret, "", FACTS).await;
    }
    for length in [0, 10, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&bad, &bytes[..length]).expect("write");
        refused(&bad, &secret, "", FACTS).await;
    }
    fs::write(&bad, [bytes.as_slice(), b"more"].concat()).expect("write");
    refused(&bad, &secret, "", FACTS).await;
}

async fn damage_is_found_and_named(app: TestApp) {
    let aside = tempfile::tempdir().expect("folder");
    let (public, secret) = pair(aside.path(), "key.txt");
    let whole = keep(&app, 7, "好的").await;
    let hurt = keep(&app, 8, "要坏的").await;
    let gone = keep(&app, 9, "要丢的").await;
    told(&app, 7).await;
    run_sql(
        &app,
        "INSERT INTO setting (key, value) VALUES ('test', '{\"a\": 1}')",
    )
    .await;
    let good = aside.path().join("good.age");
    back_up(&app, &good, &public, KeysTo::Nowhere)
        .await
        .expect("made");
    let against = || Some((file(&good), Key::open(Some(&secret), None).expect("key")));
    let report = check::check(&app, FACTS, against()).await.expect("checked");
    assert_eq!(report.findings, Vec::<String>::new());
    assert!(
        report
            .changed
            .keys()
            .all(|table| table.starts_with("audit")),
        "{:?}",
        report.changed
    );

    let path = |hash: &ContentHash| {
        let hex = hash.to_string();
        app.folder
            .path()
            .join("files")
            .join(&hex[..2])
            .join(&hex[2..4])
            .join(&hex)
    };
    fs::write(path(&hurt), "已坏了的").expect("write");
    fs::remove_file(path(&gone)).expect("remove");
    run_sql(
        &app,
        "UPDATE mail_address SET address = replace(address, 'z1.', 'z2.')",
    )
    .await;
    run_sql(
        &app,
        "UPDATE setting SET value = '{\"a\": 2}' WHERE key = 'test'",
    )
    .await;
    let report = check::check(&app, FACTS, against()).await.expect("checked");
    let all = report.findings.join("\n");
    assert!(
        all.contains(&hurt.to_string()) && all.contains("calendar_feed 8"),
        "{all}"
    );
    assert!(
        all.contains(&format!("{gone} 不见了")) && all.contains("calendar_feed 9"),
        "{all}"
    );
    assert!(all.contains("mail_address 的 7"), "{all}");
    assert!(!all.contains(&whole.to_string()), "{all}");
    assert!(
        report.changed["setting"][0].contains("test"),
        "{:?}",
        report.changed
    );

    // A backup made now says so, and is not a good one.
    let flawed = back_up(
        &app,
        &aside.path().join("flawed.age"),
        &public,
        KeysTo::Nowhere,
    )
    .await
    .expect("made");
    let said = flawed.manifest.findings.join("\n");
    assert!(
        said.contains(&hurt.to_string()) && said.contains(&gone.to_string()),
        "{said}"
    );
}

async fn backups_by_the_clock_are_made_once_and_thinned_out(app: TestApp) {
    let aside = tempfile::tempdir().expect("folder");
    let (public, _) = pair(aside.path(), "key.txt");
    let client = app.client(&keeper());
    let page = client.get("/operations").await.expect(200).text();
    assert!(
        page.contains("还没有备份") && page.contains("还没有设置备份"),
        "{page}"
    );
    client.post("/operations/backups", &[]).await.expect(303);
    let folder = aside.path().join("备份").display().to_string();
    let mut form = [
        ("scheduled", "on"),
        ("rhythm", "daily"),
        ("time", "02:30"),
        ("target", "relative"),
        ("recipients", "age1nonsense"),
        ("keep_daily", "2"),
        ("keep_weekly", "0"),
        ("keep_monthly", "x"),
    ];
    let refused = client
        .post("/settings/backup", &form)
        .await
        .expect(422)
        .text();
    for word in ["以 / 开头", "不是 age 公钥", "0 到 400"] {
        assert!(refused.contains(word), "{word}");
    }
    form[3].1 = &folder;
    form[4].1 = &public;
    form[7].1 = "0";
    client.post("/settings/backup", &form).await.expect(303);
    let settings: BackupSettings = app.setting().await.expect("settings");
    assert!(settings.scheduled && settings.usable());

    let there = || fs::read_dir(aside.path().join("备份")).map_or(0, |entries| entries.count());
    for day in 0..4 {
        app.pass(chrono::TimeDelta::minutes(6));
        app.run_jobs().await;
        app.pass(chrono::TimeDelta::minutes(6));
        app.run_jobs().await;
        assert_eq!(there(), Ord::min(day + 1, 2), "day {day}");
        app.pass(chrono::TimeDelta::days(1));
    }
    // By the button another, although the day has one.
    client.post("/operations/backups", &[]).await.expect(303);
    app.run_jobs().await;
    let runs = run::list(app.db.read(), &[run::Kind::Backup], 20)
        .await
        .expect("runs");
    assert!(runs.iter().all(|run| run.state == State::Good), "{runs:?}");
    assert!(runs.iter().any(|run| !run.automatic));
    let page = client.get("/operations").await.expect(200).text();
    assert!(
        page.contains("完好") && page.contains("已按期删除"),
        "{page}"
    );

    // What cannot be written is said, and becomes work.
    let broken = BackupSettings {
        target: "/proc/no-such-place".into(),
        ..settings
    };
    let tx = app.db.begin().await.expect("begin");
    settings::put(&tx, &broken).await.expect("put");
    tx.commit().await.expect("commit");
    client.post("/operations/backups", &[]).await.expect(303);
    app.run_jobs().await;
    let page = client.get("/operations").await.expect(200).text();
    assert!(page.contains("没有完成"), "{page}");
    client.post("/operations/checks", &[]).await.expect(303);
    app.run_jobs().await;
    let page = client.get("/operations").await.expect(200).text();
    assert!(page.contains("全面检查"), "{page}");
    let other = actor(
        2,
        "审计员",
        &[(Role::Auditor, Scope::Institution(UnitId(1)))],
    );
    app.client(&other).get("/operations").await.expect(403);
    app.client(&other)
        .post("/operations/backups", &[])
        .await
        .expect(403);
}

#[test]
fn room_is_told_of_a_real_disk() {
    let room = node::Room::of(Path::new("/")).expect("the root's disk");
    assert!(room.total > 0 && room.free <= room.total);
    assert!(
        node::Room {
            free: 10,
            total: 1000
        }
        .is_low()
    );
    assert!(
        !node::Room {
            free: 2 << 30,
            total: 1 << 40
        }
        .is_low()
    );
}

zhendi_kernel::on_both_databases!(a_backup_holds_everything_and_comes_back, || super::setup());
zhendi_kernel::on_both_databases!(what_must_not_be_restored_touches_nothing, || super::setup());
zhendi_kernel::on_both_databases!(damage_is_found_and_named, || super::setup());
zhendi_kernel::on_both_databases!(backups_by_the_clock_are_made_once_and_thinned_out, || {
    super::setup()
});
