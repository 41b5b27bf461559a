//! One byte changed anywhere in the database or in a file: found and named, or shown to carry nothing.

use super::{
    backup::{key_pair, text},
    crash,
    machine::Place,
};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use zhendi_kernel::testing::Backend;

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![];
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(files_in(&path));
        } else {
            all.push(path);
        }
    }
    all.sort();
    all
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn flip(file: &Path, at: u64, mask: u8) {
    let mut bytes = fs::read(file).unwrap();
    bytes[usize::try_from(at).unwrap()] ^= mask;
    fs::write(file, bytes).unwrap();
}

/// Everything that the tables say, read by the test itself; none when it cannot be read.
async fn content(file: &Path) -> Option<BTreeMap<String, Vec<Vec<u8>>>> {
    let db = Database::connect(format!("sqlite://{}?mode=ro", file.display()))
        .await
        .ok()?;
    let query = async |sql: String| {
        db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
            .await
            .ok()
    };
    let mut all = BTreeMap::new();
    for table in query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'".into()).await? {
        let table: String = table.try_get_by_index(0).ok()?;
        // These two record the moment of looking: opening a database notes nothing else.
        let columns: Vec<String> = query(format!("SELECT name FROM pragma_table_info('{table}')"))
            .await?
            .iter()
            .map(|row| row.try_get_by_index::<String>(0).map(|name| format!("quote(\"{name}\")")))
            .collect::<Result<_, _>>()
            .ok()?;
        let sql = format!("SELECT CAST({} AS BLOB) FROM \"{table}\" NOT INDEXED", columns.join("||','||"));
        let mut rows: Vec<Vec<u8>> = query(sql)
            .await?
            .iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()
            .ok()?;
        rows.sort();
        all.insert(table, rows);
    }
    db.close().await.ok()?;
    Some(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_byte_is_found_and_named_or_carries_nothing() {
    let place = Place::new(Backend::Sqlite).await;
    crash::start(&place).stop();
    let (public, secret) = key_pair(place.beside("key.txt"));
    let backup = place.beside("good.age");
    place
        .run(&["backup", "--out", text(&backup), "--recipient", &public])
        .expect(0);
    let against = [
        "verify",
        "--against",
        text(&backup),
        "--identity",
        text(&secret),
    ];
    let sound = place.run(&against).expect(0);
    assert!(sound.out.contains("发现 0 处损坏"), "{sound:?}");
    let whole = place.beside("whole");
    copy_folder(&place.data(), &whole);
    let before = content(&whole.join("zhendi.db")).await.expect("readable");
    let baseline: Vec<String> = sound
        .out
        .lines()
        .filter(|line| line.starts_with("有变化"))
        .map(str::to_owned)
        .collect();

    // Each stored file with one other byte: all are named, each by its own name.
    let stored = files_in(&place.data().join("files"));
    assert!(!stored.is_empty(), "the demonstration has no files");
    for (n, file) in stored.iter().enumerate() {
        let length = fs::metadata(file).unwrap().len();
        flip(file, (n as u64 * 7919) % length, 0x20);
    }
    let found = place.run(&["verify"]).expect(1);
    for file in &stored {
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(found.out.contains(name), "{name} is not named: {found:?}");
    }

    // Bytes all over the database.
    let size = fs::metadata(whole.join("zhendi.db")).unwrap().len();
    let mut at: u64 = 12345;
    let (mut named, mut empty) = (0, 0);
    for n in 0..40 {
        at = at
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let offset = (at >> 16) % size;
        fs::remove_dir_all(place.data()).unwrap();
        copy_folder(&whole, &place.data());
        let file = place.data().join("zhendi.db");
        flip(&file, offset, 1 << (n % 8));
        let changed = content(&file).await.as_ref() != Some(&before);
        let ran = place.run(&against);
        let told = ran.code != 0
            || ran.out.lines().any(|line| {
                line.starts_with("有变化") && !baseline.iter().any(|known| known == line)
            });
        if told {
            named += 1;
            let words = format!("{}{}", ran.out, ran.err);
            assert!(
                ["表 ", "数据库", "审计记录", "文件 "]
                    .iter()
                    .any(|word| words.contains(word)),
                "byte {offset}: found, but not named: {ran:?}"
            );
        } else {
            empty += 1;
            assert!(
                !changed,
                "byte {offset} changed what the tables say and nobody noticed: {ran:?}"
            );
        }
    }
    println!("{named} of 40 changed bytes were named, {empty} carried nothing");
    assert!(named >= 10, "only {named} of 40 bytes carried anything");
}
