//! Starting, being asked how one is, stopping: with right and with wrong configurations.

use super::machine::{Browser, Place, force, free_address, on_both_databases, sample};
use std::{fs, path::Path};
use zhendi_kernel::testing::Backend;

#[tokio::test]
async fn a_wrong_configuration_is_refused_with_its_line() {
    let place = Place::new(Backend::Sqlite).await;
    let file = place.beside("zhendi.toml");
    for (text, line) in [
        ("listen = \"127.0.0.1:8080\"\nlisen = \"x\"\n", 2),
        ("\n\nlisten = 8080\n", 3),
        (
            "[mail]\nhost = \"mail.example.edu.cn\"\nfrom = \"a@example.edu.cn\"\nport = 99999\n",
            4,
        ),
        ("trusted_proxies = [\"10.0.0.0/8\", \"everyone\"]\n", 1),
        ("[log]\nlevel = \"loud\"\n", 2),
        ("[audit]\ncheckpoint_url = \"not a url\"\n", 2),
        ("listen = \"127.0.0.1:8080\n", 1),
    ] {
        fs::write(&file, text).unwrap();
        for command in ["serve", "migrate", "verify-audit"] {
            let ran = place.run(&[command]).expect(2);
            assert!(
                ran.err.contains(&format!("zhendi.toml:{line}")),
                "{text:?}: {}",
                ran.err
            );
        }
        assert!(
            !place.data().join("zhendi.db").exists(),
            "nothing was begun"
        );
    }
    fs::remove_file(&file).unwrap();
    let mut command = place.command(&["migrate"]);
    let output = command.env("ZHENDI_LISTEN", "nowhere").output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("ZHENDI_LISTEN"), "{words}");
}

async fn the_server_tells_how_it_is_and_ends_in_order(backend: Backend) {
    let place = Place::new(backend).await;
    let metrics = free_address();
    fs::write(
        place.beside("zhendi.toml"),
        format!("metrics_listen = \"{metrics}\"\n[log]\nformat = \"json\"\n"),
    )
    .unwrap();
    let server = place.serve(&["serve", "--listen", "127.0.0.1:0"]);
    let code = server
        .greeting
        .split("首次设置码：")
        .nth(1)
        .expect("a set-up code");
    assert!(code.lines().next().unwrap().len() >= 16, "{code}");
    let visitor = server.browser();
    assert_eq!(visitor.get("/healthz").await.unwrap().status, 200);
    assert_eq!(visitor.get("/readyz").await.unwrap().status, 200);
    // Until it is set up there is one page.
    let first = visitor.get("/channels/17").await.unwrap();
    assert_eq!((first.status, first.location.as_str()), (303, "/first-run"));
    assert_eq!(visitor.get("/first-run").await.unwrap().status, 200);
    assert_eq!(
        visitor.get("/metrics").await.unwrap().status,
        303,
        "not where everyone may read"
    );

    let figures = Browser::new(&format!("http://{metrics}"), None)
        .get("/metrics")
        .await
        .unwrap();
    assert_eq!(figures.status, 200);
    let counted = figures
        .text
        .lines()
        .find(|line| line.starts_with("http_requests_total") && line.contains("/channels/{id}"));
    assert!(counted.is_some(), "by pattern: {}", figures.text);
    assert!(!figures.text.contains("/channels/17"), "never by address");

    // Another one cannot take the address, and says so.
    let address = server.base.trim_start_matches("http://").to_owned();
    let second = place.run(&["serve", "--listen", &address]).expect(2);
    assert!(second.err.contains(&address), "{}", second.err);

    for line in server.log().lines().filter(|line| !line.is_empty()) {
        let entry: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(entry.is_ok(), "a log line for collectors: {line}");
    }
    let (code, took) = server.stop();
    assert_eq!(code, 0);
    assert!(took.as_secs() < 15, "{took:?}");
    // On the way out nobody was in the middle of anything: the next start has nothing to mend.
    place.run(&["verify-audit"]).expect(0);
}
on_both_databases!(the_server_tells_how_it_is_and_ends_in_order);

#[tokio::test(flavor = "multi_thread")]
async fn https_is_served_with_a_certificate_of_ones_own() {
    let place = Place::new(Backend::Sqlite).await;
    let made =
        rcgen::generate_simple_self_signed(["localhost".into(), "127.0.0.1".into()]).unwrap();
    let (cert, key) = (place.beside("cert.pem"), place.beside("key.pem"));
    let pem = made.cert.pem();
    fs::write(&cert, &pem).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (cert, key) = (text(&cert), text(&key));
    let server = place.serve(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
    ]);
    assert!(
        server.base.starts_with("https://127.0.0.1:"),
        "{}",
        server.base
    );
    let browser = Browser::new(&server.base, Some(&pem));
    assert_eq!(browser.get("/healthz").await.unwrap().status, 200);
    assert_eq!(browser.get("/first-run").await.unwrap().status, 200);
    // Plain text on that port is no way in, and does no harm.
    let plain = Browser::new(&server.base.replace("https://", "http://"), None);
    assert!(plain.get("/healthz").await.is_err());
    assert_eq!(browser.get("/readyz").await.unwrap().status, 200);
    let (code, _) = server.stop();
    assert_eq!(code, 0);

    place.run(&["serve", "--tls-cert", &cert]).expect(2);
    let wrong = place
        .run(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--tls-cert",
            "没有.pem",
            "--tls-key",
            &key,
        ])
        .expect(2);
    assert!(wrong.err.contains("证书"), "{}", wrong.err);
    let swapped = place
        .run(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--tls-cert",
            &key,
            "--tls-key",
            &cert,
        ])
        .expect(2);
    assert!(swapped.err.contains("证书"), "{}", swapped.err);
}

/// A database restored without its keys must not get new ones: what the old ones sealed would look lost
/// only when somebody needs it.
async fn without_its_keys_nothing_starts(backend: Backend) {
    let place = Place::new(backend).await;
    let file = sample("附件4-全校.xls");
    place
        .run(&[
            "import",
            "channels",
            file.to_str().unwrap(),
            "--create-units",
        ])
        .expect(0);
    let keys = place.data().join("keys");
    for name in ["data.keys", "audit-signing.key"] {
        let (key, away) = (keys.join(name), place.beside(name));
        fs::rename(&key, &away).unwrap();
        for command in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["verify-audit"],
            &["work"],
        ] {
            let ran = place.run(command).expect(2);
            assert!(
                ran.err.contains(name) && ran.err.contains("备份"),
                "{}",
                ran.err
            );
            assert!(!key.exists(), "no new key");
        }
        fs::rename(&away, &key).unwrap();
        place.run(&["verify-audit"]).expect(0);
    }
    // One that is no key is refused as well.
    let key = keys.join("data.keys");
    let good = fs::read(&key).unwrap();
    fs::write(&key, "k1 short\n").unwrap();
    let ran = place.run(&["verify-audit"]).expect(2);
    assert!(ran.err.contains("data.keys"), "{}", ran.err);
    fs::write(&key, good).unwrap();
    place.run(&["keys", "rotate"]).expect(0);
    place.run(&["verify-audit"]).expect(0);
    let db = place.database().await;
    force(&db, "SELECT 1").await;
}
on_both_databases!(without_its_keys_nothing_starts);
