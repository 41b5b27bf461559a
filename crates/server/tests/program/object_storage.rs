//! Files and backups in object storage, on a real server that speaks S3.

use super::{
    backup::{empty, key_pair, text},
    crash::PASSWORD,
    machine::{Browser, Place, Server, rows},
};
use object_store::{ObjectStore, ObjectStoreExt, path::Path as ObjectPath};
use std::sync::Arc;
use zhendi_kernel::{
    config::{Bucket, Config},
    files,
    testing::Backend,
};

fn endpoint() -> String {
    std::env::var("ZHENDI_TEST_S3").expect(
        "ZHENDI_TEST_S3 names the throw-away S3 server; `make test` starts one, \
         by hand: eval \"$(scripts/s3.sh start)\"",
    )
}

/// The command with the bucket in its environment.
fn with_bucket(place: &Place, args: &[&str], store: &str) -> std::process::Command {
    let mut command = place.command(args);
    command
        .env("ZHENDI_FILES_STORE", store)
        .env("ZHENDI_S3_ENDPOINT", endpoint())
        .env("ZHENDI_S3_KEY_ID", "test")
        .env("ZHENDI_S3_SECRET", "geheim-und-lang")
        .env("ZHENDI_LOG_LEVEL", "debug")
        .env("ZHENDI_DEMO_PASSWORD", PASSWORD);
    command
}

fn run(place: &Place, args: &[&str], store: &str, code: i32) -> String {
    let output = with_bucket(place, args, store).output().unwrap();
    let words = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{args:?}: {words}");
    assert!(
        !words.contains("geheim-und-lang"),
        "the secret was printed: {words}"
    );
    words
}

/// The bucket as somebody else with the keys reaches it.
fn objects(name: &str) -> Arc<dyn ObjectStore> {
    let env = [
        ("ZHENDI_S3_ENDPOINT", endpoint()),
        ("ZHENDI_S3_KEY_ID", "test".into()),
        ("ZHENDI_S3_SECRET", "geheim-und-lang".into()),
    ];
    let config = Config::load(None, env.map(|(name, value)| (name.to_owned(), value))).unwrap();
    let whole = Bucket {
        name: name.to_owned(),
        prefix: String::new(),
    };
    files::bucket(&config, &whole).unwrap()
}

async fn entered(server: &Server) -> Browser {
    server.enter("xuanchuanyuan", PASSWORD).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_share_files_in_a_bucket_and_backups_go_there_and_back() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let bucket = format!("zhendi-{}", std::process::id());
    let made = client
        .put(format!("{}/{bucket}", endpoint()))
        .send()
        .await
        .unwrap();
    assert!(made.status().is_success(), "{made:?}");
    let store = format!("s3://{bucket}/files");
    let place = Place::new(Backend::Postgres).await;
    let one = Server::of(with_bucket(
        &place,
        &["demo", "--listen", "127.0.0.1:0"],
        &store,
    ));
    let two = Server::of(with_bucket(
        &place,
        &["serve", "--listen", "127.0.0.1:0"],
        &store,
    ));
    assert!(
        !place.data().join("files").exists(),
        "files lie in the data folder"
    );

    let db = place.database().await;
    let attachments = rows(
        &db,
        "SELECT filing_id, id, hash FROM filing_attachment ORDER BY id",
    )
    .await;
    assert!(!attachments.is_empty(), "the demonstration has no files");
    let (first, second) = (entered(&one).await, entered(&two).await);
    let path = format!(
        "/filings/{}/attachments/{}",
        attachments[0][0], attachments[0][1]
    );
    let (here, there) = (
        first.get(&path).await.unwrap(),
        second.get(&path).await.unwrap(),
    );
    assert_eq!((here.status, there.status), (200, 200), "{}", two.log());
    assert_eq!(here.text, there.text);

    let (public, secret) = key_pair(place.beside("key.txt"));
    let backup = format!("s3://{bucket}/backups/one.age");
    let keys = place.beside("keys.age");
    run(
        &place,
        &[
            "backup",
            "--out",
            &backup,
            "--recipient",
            &public,
            "--keys-out",
            text(&keys),
        ],
        &store,
        0,
    );
    let seen = run(
        &place,
        &["backup", "verify", &backup, "--identity", text(&secret)],
        &store,
        0,
    );
    assert!(seen.contains("备份完整"), "{seen}");
    run(
        &place,
        &["backup", "--out", &backup, "--recipient", &public],
        &store,
        2,
    );

    let target = empty(Backend::Postgres).await;
    let elsewhere = format!("s3://{bucket}/restored");
    let restore = [
        "restore",
        "--from",
        &backup,
        "--identity",
        text(&secret),
        "--keys",
        text(&keys),
    ];
    run(&target, &restore, &elsewhere, 0);
    let whole = run(&target, &["verify"], &elsewhere, 0);
    assert!(whole.contains("发现 0 处损坏"), "{whole}");

    // Another byte in one object, another object gone: both are named.
    let mut names: Vec<String> = attachments.iter().map(|row| row[2].clone()).collect();
    names.sort();
    names.dedup();
    let objects = objects(&bucket);
    let path =
        |hash: &str| ObjectPath::from(format!("restored/{}/{}/{hash}", &hash[..2], &hash[2..4]));
    let hurt = path(&names[0]);
    let mut bytes = objects
        .get(&hurt)
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap()
        .to_vec();
    bytes[0] ^= 1;
    objects.put(&hurt, bytes.into()).await.unwrap();
    let found = run(&target, &["verify"], &elsewhere, 1);
    assert!(
        found.contains(&format!("{} 内容被改变", names[0])),
        "{found}"
    );
    objects.delete(&hurt).await.unwrap();
    let found = run(&target, &["verify"], &elsewhere, 1);
    assert!(found.contains(&format!("{} 不见了", names[0])), "{found}");
    for server in [one, two] {
        assert!(
            !server.log().contains("geheim-und-lang"),
            "the secret is in the log"
        );
        assert_eq!(server.stop().0, 0);
    }
}
