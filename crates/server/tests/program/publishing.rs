//! Killed between publishing and recording: the post is found again, not doubled.

use super::{
    crash::PASSWORD,
    machine::{Browser, Place, Server, force, number, on_both_databases, rows},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use zhendi_kernel::testing::Backend;

const SECRET: &str = "a-secret-of-both-sides";
/// In the demonstration it passed the first level.
const TITLE: &str = "冬日送暖：学院为留校学生准备了这些";

/// A system that does the same thing once, and at first does not come to answer.
#[derive(Clone, Default)]
struct Receiver {
    made: Arc<Mutex<BTreeMap<String, usize>>>,
    asked: Arc<AtomicUsize>,
    answers: Arc<AtomicBool>,
}

async fn receive(State(of): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let said: Value = serde_json::from_slice(&body).unwrap();
    if said["event"] != "publish" {
        return Json(json!({})).into_response();
    }
    let once = headers["idempotency-key"].to_str().unwrap().to_owned();
    of.asked.fetch_add(1, Ordering::SeqCst);
    of.made.lock().unwrap().entry(once).or_insert(1);
    while !of.answers.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Json(json!({ "id": 1, "link": "https://news.example.edu.cn/1" })).into_response()
}

fn start(place: &Place) -> Server {
    let mut command = place.command(&["demo", "--listen", "127.0.0.1:0"]);
    command
        .env("ZHENDI_DEMO_PASSWORD", PASSWORD)
        .env("ZHENDI_OUTGOING_ALLOWED_NETWORKS", "127.0.0.0/8");
    Server::of(command)
}

/// The level that has it agrees to everything that it must look at.
async fn agree(who: &Browser, id: i64, points: &[Value], proofread: &str) {
    let path = format!("/api/v1/manuscripts/{id}");
    let now = who.get(&format!("{path}/review")).await.unwrap().json();
    let said = json!({
        "version": now["version"], "verdict": "approve", "opinion": "同意", "checked": points,
        "proofread": { "which": proofread, "errors": [] },
    });
    let done = who.json(&format!("{path}/decisions"), &said).await.unwrap();
    assert_eq!(done.status, 200, "{}", done.text);
}

async fn killed_before_it_was_noted(backend: Backend) {
    let of = Receiver::default();
    let router = Router::new()
        .route("/in", post(receive))
        .with_state(of.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/in", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let place = Place::new(backend).await;
    let server = start(&place);
    let head = server.enter("danweifuze", PASSWORD).await;
    let chief = server.enter("xuanchuan", PASSWORD).await;
    let admin = server.enter("guanliyuan", PASSWORD).await;
    let db = place.database().await;
    let query = format!("SELECT id FROM manuscript WHERE title = '{TITLE}'");
    let id = number(&db, &query).await;
    let laws = chief.get("/api/v1/workflows").await.unwrap().json();
    let points: Vec<Value> = laws
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| one["law"]["levels"].as_array().unwrap())
        .flat_map(|rung| rung["checklist"].as_array().unwrap())
        .map(|point| point["text"].clone())
        .collect();
    agree(&head, id, &points, "second").await;
    agree(&chief, id, &points, "third").await;

    let found = rows(
        &db,
        &format!("SELECT id, channel_id, state FROM publication WHERE manuscript_id = {id}"),
    )
    .await;
    let [publication, channel, state] = <[String; 3]>::try_from(found[0].clone()).unwrap();
    assert_eq!(
        (found.len(), state.as_str()),
        (1, "planned"),
        "approved is not published"
    );
    let path = format!("/channels/{channel}/connection");
    let fields = [
        ("version", "0"),
        ("way", "webhook"),
        ("address", &address),
        ("secret", SECRET),
    ];
    let kept = admin.form(&path, &fields).await.unwrap();
    assert_eq!(kept.status, 303, "{}", kept.text);
    let order = format!("/api/v1/publications/{publication}/orders");
    let ordered = admin.json(&order, &json!({ "version": 1 })).await.unwrap();
    assert_eq!(ordered.status, 200, "{}", ordered.text);
    while of.made.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // It is there, and nobody noted it yet.
    server.kill();
    place.run(&["verify-audit"]).expect(0);
    let standing =
        format!("SELECT COUNT(*) FROM publication WHERE id = {publication} AND state = 'sending'");
    assert_eq!(number(&db, &standing).await, 1);

    of.answers.store(true, Ordering::SeqCst);
    // The dead process' lease ends after a minute; nobody waits for that here.
    force(
        &db,
        "UPDATE job SET lease_until = created_at WHERE kind = 'publication.send'",
    )
    .await;
    let server = start(&place);
    let admin = server.enter("guanliyuan", PASSWORD).await;
    let page = format!("/api/v1/publications/{publication}");
    let mut now = Value::Null;
    for _ in 0..600 {
        now = admin.get(&page).await.unwrap().json();
        if now["state"] == "published" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(now["state"], "published", "{now}");
    assert_eq!(now["link"], "https://news.example.edu.cn/1");
    assert_eq!(of.made.lock().unwrap().len(), 1, "one post");
    assert_eq!(of.asked.load(Ordering::SeqCst), 2, "asked again");
    let attempts = rows(
        &db,
        &format!("SELECT outcome FROM publication_attempt WHERE publication_id = {publication} ORDER BY id"),
    )
    .await;
    assert_eq!(attempts, [["unknown"], ["done"]]);
    db.close().await.unwrap();
    let (code, _) = server.stop();
    assert_eq!(code, 0);
    place.run(&["verify-audit"]).expect(0);
}
on_both_databases!(killed_before_it_was_noted);
