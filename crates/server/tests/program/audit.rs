//! Whoever changes the record behind the program's back is found out, and the record is named.

use super::machine::{Place, Ran, force, number, on_both_databases, sample};
use sea_orm::DatabaseConnection;
use zhendi_kernel::testing::Backend;

/// A place with a record of some length.
async fn with_records(backend: Backend) -> (Place, i64) {
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
    let db = place.database().await;
    let last = number(&db, "SELECT seq FROM audit_head").await;
    db.close().await.unwrap();
    assert!(last > 8, "{last}");
    (place, last)
}

fn verify(place: &Place, more: &[&str]) -> Ran {
    place.run(&[&["verify-audit"][..], more].concat())
}

/// It is found, at this record, as this; in words and for programs.
#[track_caller]
fn must_name(place: &Place, seq: i64, kind: &str) {
    let ran = verify(place, &["--json"]).expect(1);
    let found = &ran.json()["first_break"];
    assert_eq!(
        (found["seq"].as_i64(), found["kind"].as_str()),
        (Some(seq), Some(kind)),
        "{found}"
    );
    let words = verify(place, &[]).expect(1).out;
    assert!(words.contains(&format!("第 {seq} 条")), "{words}");
}

async fn change(place: &Place, statements: &[&str]) {
    let db: DatabaseConnection = place.database().await;
    for statement in statements {
        force(&db, statement).await;
    }
    db.close().await.unwrap();
}

async fn edits_deletions_and_exchanges_are_named(backend: Backend) {
    let (place, _) = with_records(backend).await;
    let whole = verify(&place, &["--json"]).expect(0).json();
    assert!(
        whole["first_break"].is_null() && whole["records"].as_i64() > Some(8),
        "{whole}"
    );
    let words = verify(&place, &[]).expect(0).out;
    assert!(words.contains("完整"), "{words}");

    let save = "CREATE TABLE kept AS SELECT * FROM audit";
    let back = ["DELETE FROM audit", "INSERT INTO audit SELECT * FROM kept"];
    change(&place, &[save]).await;
    let forgeries: [(&str, i64, &str); 6] = [
        (
            "UPDATE audit SET summary = '什么也没有发生' WHERE seq = 3",
            3,
            "edited",
        ),
        ("UPDATE audit SET actor_id = 1 WHERE seq = 4", 4, "edited"),
        (
            "UPDATE audit SET actor_name = '别人' WHERE seq = 5",
            5,
            "digest_mismatch",
        ),
        (
            "UPDATE audit SET detail = '{}' WHERE seq = 6",
            6,
            "digest_mismatch",
        ),
        ("DELETE FROM audit WHERE seq = 4", 4, "missing"),
        (
            "UPDATE audit SET actor_name = NULL, address = NULL, detail = NULL, salt = NULL WHERE seq = 2",
            2,
            "erased_silently",
        ),
    ];
    for (statement, seq, kind) in forgeries {
        change(&place, &[statement]).await;
        must_name(&place, seq, kind);
        change(&place, &back).await;
        verify(&place, &[]).expect(0);
    }
    let exchange = [
        "UPDATE audit SET seq = -3 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = -3",
    ];
    change(&place, &exchange).await;
    must_name(&place, 3, "reordered");
    change(&place, &back).await;
    change(&place, &["INSERT INTO audit SELECT seq + 1000, at, actor_id, on_behalf_of, action, subject_kind, subject_id, unit_id, summary, actor_name, address, detail, salt, digest, prev, hash FROM kept WHERE seq = 1"]).await;
    let ran = verify(&place, &["--json"]).expect(1).json();
    assert_eq!(ran["first_break"]["kind"], "inserted", "{ran}");
    change(&place, &back).await;
    verify(&place, &[]).expect(0);
}
on_both_databases!(edits_deletions_and_exchanges_are_named);

async fn a_cut_end_shows_against_a_checkpoint_kept_elsewhere(backend: Backend) {
    let (place, _) = with_records(backend).await;
    let kept = place.beside("checkpoints.jsonl");
    let config = place.beside("zhendi.toml");
    std::fs::write(&config, format!("[audit]\ncheckpoint_file = {kept:?}\n")).unwrap();
    let server = place.serve(&["serve", "--listen", "127.0.0.1:0"]);
    let (code, took) = server.stop();
    assert_eq!(code, 0);
    assert!(took.as_secs() < 15, "{took:?}");
    let lines = std::fs::read_to_string(&kept).expect("a checkpoint is sent on the way out");
    assert_eq!(lines.lines().count(), 1, "{lines}");
    let kept = kept.to_str().unwrap();
    let whole = verify(&place, &["--checkpoint", kept, "--json"])
        .expect(0)
        .json();
    let last = whole["records"].as_i64().unwrap();

    // The end is cut off with everything in the database that tells of it.
    let cut = last - 2;
    change(
        &place,
        &[
            &format!("DELETE FROM audit WHERE seq > {cut}"),
            &format!("DELETE FROM audit_checkpoint WHERE seq > {cut}"),
            &format!("UPDATE audit_head SET seq = {cut}, hash = (SELECT hash FROM audit WHERE seq = {cut})"),
        ],
    )
    .await;
    verify(&place, &[]).expect(0);
    let ran = verify(&place, &["--checkpoint", kept, "--json"])
        .expect(1)
        .json();
    assert_eq!(ran["first_break"]["kind"], "truncated", "{ran}");
    assert_eq!(ran["first_break"]["seq"].as_i64(), Some(cut + 1), "{ran}");

    // A checkpoint of someone else's making proves nothing.
    let forged = place.beside("forged.jsonl");
    std::fs::write(&forged, lines.replace("\"seq\":", "\"seq\":1")).unwrap();
    let ran = verify(
        &place,
        &["--checkpoint", forged.to_str().unwrap(), "--json"],
    )
    .expect(1)
    .json();
    assert_eq!(ran["first_break"]["kind"], "bad_signature", "{ran}");
    std::fs::write(&forged, "not a checkpoint\n").unwrap();
    let ran = verify(&place, &["--checkpoint", forged.to_str().unwrap()]).expect(2);
    assert!(ran.err.contains("forged.jsonl:1"), "{}", ran.err);
}
on_both_databases!(a_cut_end_shows_against_a_checkpoint_kept_elsewhere);

async fn the_record_is_exported_whole(backend: Backend) {
    let (place, last) = with_records(backend).await;
    let printed = place.run(&["audit", "export"]).expect(0).out;
    assert_eq!(printed.lines().count() as i64, last);
    for (line, seq) in printed.lines().zip(1..) {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(record["seq"].as_i64(), Some(seq));
    }
    let file = place.beside("audit.jsonl");
    let file = file.to_str().unwrap();
    place.run(&["audit", "export", "--out", file]).expect(0);
    assert_eq!(std::fs::read_to_string(file).unwrap(), printed);
    let again = place.run(&["audit", "export", "--out", file]).expect(2);
    assert!(
        again.err.contains("audit.jsonl"),
        "nothing is written over: {}",
        again.err
    );
}
on_both_databases!(the_record_is_exported_whole);
