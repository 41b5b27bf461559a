//! Backups of a running program, and what comes back from them.

use super::{
    crash::{self, opening},
    machine::{Place, number, on_both_databases, rows},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use zhendi_kernel::testing::{Backend, new_postgres};

/// A key pair: the public key, and a file with the private one.
pub fn key_pair(file: PathBuf) -> (String, PathBuf) {
    use age::secrecy::ExposeSecret;
    let identity = age::x25519::Identity::generate();
    std::fs::write(&file, identity.to_string().expose_secret()).unwrap();
    (identity.to_public().to_string(), file)
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A place like another's, with nothing in it.
pub async fn empty(backend: Backend) -> Place {
    match backend {
        Backend::Sqlite => Place::at(None),
        Backend::Postgres => Place::at(Some(new_postgres().await)),
    }
}

async fn a_backup_among_sixteen_writers_restores_to_what_was_acknowledged(backend: Backend) {
    let place = Place::new(backend).await;
    let server = crash::start(&place);
    let cast = crash::enter(&server).await;
    let (public, secret) = key_pair(place.beside("key.txt"));
    let (out, keys) = (place.beside("backup.age"), place.beside("keys.age"));
    let stop = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(Mutex::new(vec![]));
    let writers: Vec<_> = (0..16)
        .map(|writer| {
            let (cast, stop, acknowledged) = (cast.clone(), stop.clone(), acknowledged.clone());
            tokio::spawn(async move {
                for n in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let body = opening(cast.unit, &format!("备份期间 {writer}-{n}"));
                    let answer = cast.liaison.json("/api/v1/filings", &body).await.unwrap();
                    assert_eq!(answer.status, 201, "{}", answer.text);
                    acknowledged
                        .lock()
                        .unwrap()
                        .push(answer.json()["id"].as_i64().unwrap());
                }
            })
        })
        .collect();
    while acknowledged.lock().unwrap().len() < 40 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let before = acknowledged.lock().unwrap().clone();
    let command = [
        "backup",
        "--out",
        text(&out),
        "--recipient",
        &public,
        "--keys-out",
        text(&keys),
        "--identity",
        text(&secret),
    ];
    let made = tokio::task::block_in_place(|| place.run(&command)).expect(0);
    assert!(made.out.contains("已用密钥打开并从头到尾核对"), "{made:?}");
    let after = acknowledged.lock().unwrap().len();
    assert!(
        after > before.len(),
        "nobody wrote while the backup was made"
    );
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(server.stop().0, 0);

    // Refused on what is not empty, and with a wrong key; nothing is touched.
    let from = ["--from", text(&out)];
    let again = place
        .run(
            &[
                &["restore"],
                from.as_slice(),
                &["--identity", text(&secret)],
            ]
            .concat(),
        )
        .expect(2);
    assert!(again.err.contains("不是空的"), "{again:?}");
    let target = empty(backend).await;
    let (_, foreign) = key_pair(place.beside("foreign.txt"));
    let wrong = target
        .run(
            &[
                &["restore"],
                from.as_slice(),
                &["--identity", text(&foreign)],
            ]
            .concat(),
        )
        .expect(1);
    assert!(wrong.err.contains("密钥或口令不对"), "{wrong:?}");
    assert!(!target.data().exists());

    let restored = target
        .run(
            &[
                &["restore"],
                from.as_slice(),
                &["--identity", text(&secret), "--keys", text(&keys)],
            ]
            .concat(),
        )
        .expect(0);
    assert!(restored.out.contains("密钥齐全"), "{restored:?}");
    let verified = target.run(&["verify-audit"]).expect(0);
    assert!(verified.out.contains("审计记录链完整"), "{verified:?}");
    let checked = target
        .run(&[
            "verify",
            "--against",
            text(&out),
            "--identity",
            text(&secret),
        ])
        .expect(0);
    assert!(checked.out.contains("发现 0 处损坏"), "{checked:?}");
    let db = target.database().await;
    let there: Vec<i64> = rows(&db, "SELECT id FROM filing")
        .await
        .iter()
        .map(|row| row[0].parse().unwrap())
        .collect();
    for id in before {
        assert!(
            there.contains(&id),
            "filing {id} was acknowledged before the backup began"
        );
    }
    db.close().await.unwrap();
    // The restored program runs, and says on the record where it comes from.
    let server = crash::start(&target);
    crash::enter(&server).await;
    assert_eq!(server.stop().0, 0);
    let db = target.database().await;
    assert_eq!(
        number(
            &db,
            "SELECT count(*) FROM audit WHERE action = 'backup.restored'"
        )
        .await,
        1
    );
}
on_both_databases!(a_backup_among_sixteen_writers_restores_to_what_was_acknowledged);

#[tokio::test(flavor = "multi_thread")]
async fn commands_say_what_is_wrong_and_what_is_missing() {
    let place = Place::new(Backend::Sqlite).await;
    crash::start(&place).stop();
    let out = place.beside("backup.age");
    place.run(&["backup"]).expect(2);
    let open = place.run(&["backup", "--out", text(&out)]).expect(2);
    assert!(open.err.contains("备份必须加密"), "{open:?}");
    let nonsense = place
        .run(&["backup", "--out", text(&out), "--recipient", "age1x"])
        .expect(2);
    assert!(nonsense.err.contains("不是 age 公钥"), "{nonsense:?}");
    let nowhere = place.run(&[
        "backup",
        "--out",
        "s3://bucket/name",
        "--recipient",
        &key_pair(place.beside("k")).0,
    ]);
    assert!(nowhere.expect(1).err.contains("没有对象存储"));

    let words = place.beside("words.txt");
    std::fs::write(&words, "春风又绿江南岸\n").unwrap();
    let by_words = ["--passphrase-file", text(&words)];
    place
        .run(&[&["backup", "--out", text(&out)], by_words.as_slice()].concat())
        .expect(0);
    let seen = place
        .run(&[&["backup", "verify", text(&out)], by_words.as_slice()].concat())
        .expect(0);
    assert!(seen.out.contains("备份完整"), "{seen:?}");
    let taken = place
        .run(&[&["backup", "--out", text(&out)], by_words.as_slice()].concat())
        .expect(2);
    assert!(taken.err.contains("不会覆盖"), "{taken:?}");
    // Without the keys it is restored, and says what is missing; the program does not start without.
    let target = Place::at(None);
    let restored = target
        .run(&[&["restore", "--from", text(&out)], by_words.as_slice()].concat())
        .expect(0);
    assert!(restored.out.contains("还缺密钥文件"), "{restored:?}");
    target.run(&["verify-audit"]).expect(2);
    // A byte in the middle, and nothing comes of it.
    let mut bytes = std::fs::read(&out).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let bad = place.beside("bad.age");
    std::fs::write(&bad, bytes).unwrap();
    let target = Place::at(None);
    let refused = target
        .run(&[&["restore", "--from", text(&bad)], by_words.as_slice()].concat())
        .expect(1);
    assert!(
        refused.err.contains("已损坏") && !target.data().exists(),
        "{refused:?}"
    );
    place
        .run(&[&["backup", "verify", text(&bad)], by_words.as_slice()].concat())
        .expect(1);
}
