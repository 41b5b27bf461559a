//! Subscriptions from making to delivery, against a real receiver.

use super::{Event, What, signature, store, tell};
use crate::ids::{HookId, ManuscriptId};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
    routing::post,
};
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use zhendi_kernel::{
    Actor, Role, UnitId,
    actor::Scope,
    files::ContentHash,
    jobs::Handlers,
    migrations,
    testing::{Setup, TestApp, actor},
};
use zhendi_people::unit::{self, NewUnit, UnitKind};

fn setup() -> Setup {
    Setup {
        steps: || {
            let mut steps = migrations::steps();
            steps.extend(zhendi_people::steps());
            steps.extend(crate::steps());
            steps
        },
        routes: super::routes,
        handlers: || super::jobs(Handlers::new()),
        configure: |config| {
            config.outgoing.allowed_networks = vec!["127.0.0.0/8".parse().unwrap()];
        },
        ..Setup::default()
    }
}

/// What a receiver got, and what it answers.
#[derive(Default)]
struct Desk {
    got: Vec<(HeaderMap, Bytes)>,
    answers: Vec<u16>,
}

type Shared = Arc<Mutex<Desk>>;

async fn receiver() -> (String, Shared) {
    let desk = Shared::default();
    let router = Router::new()
        .route(
            "/in",
            post(
                |State(desk): State<Shared>, headers: HeaderMap, body: Bytes| async move {
                    let mut desk = desk.lock().unwrap();
                    desk.got.push((headers, body));
                    let answer = if desk.answers.is_empty() {
                        200
                    } else {
                        desk.answers.remove(0)
                    };
                    StatusCode::from_u16(answer).unwrap()
                },
            ),
        )
        .with_state(desk.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/in", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, desk)
}

struct House {
    root: UnitId,
    faculty: UnitId,
    library: UnitId,
    keeper: Actor,
}

impl House {
    async fn new(app: &TestApp) -> Self {
        let below = async |parent, name: &str| {
            let tx = app.db.begin().await.unwrap();
            let new = NewUnit {
                parent,
                name: name.into(),
                short_name: String::new(),
                kind: UnitKind::College,
                to_check: false,
            };
            let made = unit::create(&tx, app, &Actor::program("测试"), new).await;
            tx.commit().await.unwrap();
            made.unwrap().id
        };
        let root = below(None, "江海职业技术学院").await;
        Self {
            root,
            faculty: below(Some(root), "信息工程学院").await,
            library: below(Some(root), "图书馆").await,
            keeper: actor(
                7,
                "白部长",
                &[(Role::PublicityHead, Scope::Institution(root))],
            ),
        }
    }

    async fn subscribe(&self, app: &TestApp, body: Value) -> (HookId, String) {
        let made = app
            .client(&self.keeper)
            .json(Method::POST, "/api/v1/hooks", &body)
            .await
            .expect(201)
            .json();
        let id = HookId(made["hook"]["id"].as_i64().unwrap());
        (id, made["secret"].as_str().unwrap().to_owned())
    }
}

fn approved(unit: UnitId) -> Event {
    let hash = ContentHash::of("正文".as_bytes());
    Event::new(What::Approved, unit, ManuscriptId(5), "喜迎新生").of_version(2, hash)
}

async fn happen(app: &TestApp, event: Event) {
    let tx = app.db.begin().await.unwrap();
    tell(&tx, app, event).await.unwrap();
    tx.commit().await.unwrap();
}

async fn states(app: &TestApp, hook: HookId) -> Vec<(String, i32)> {
    let found = store::deliveries(app.db.read(), hook, 1).await.unwrap();
    found
        .rows
        .into_iter()
        .map(|row| (row.state, row.attempts))
        .collect()
}

async fn who_subscribed_is_told_with_a_signature(app: TestApp) {
    let house = House::new(&app).await;
    let (url, desk) = receiver().await;
    let (hook, secret) = house
        .subscribe(
            &app,
            json!({ "name": "办公系统", "url": url, "unit": house.faculty,
                    "events": ["manuscript.approved"] }),
        )
        .await;
    happen(&app, approved(house.faculty)).await;
    // Neither another unit's, nor another change, nor what was taken back.
    happen(&app, approved(house.library)).await;
    let other = Event::new(What::Returned, house.faculty, ManuscriptId(6), "另一篇");
    happen(&app, other).await;
    let tx = app.db.begin().await.unwrap();
    tell(&tx, &app, approved(house.faculty)).await.unwrap();
    tx.rollback().await.unwrap();
    app.run_jobs().await;
    let got = desk.lock().unwrap().got.clone();
    let [(headers, body)] = got.as_slice() else {
        panic!("{} messages", got.len());
    };
    let header = |name| headers[name].to_str().unwrap();
    let at = header("webhook-timestamp").parse().unwrap();
    let at = DateTime::from_timestamp(at, 0).unwrap();
    assert_eq!(at.timestamp(), app.now().timestamp());
    let signed = signature(&secret, header("webhook-id"), at, body);
    assert_eq!(header("webhook-signature"), signed);
    let said: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(said["type"], "manuscript.approved");
    assert_eq!(said["data"]["title"], "喜迎新生");
    assert_eq!(said["data"]["version"], 2);
    assert_eq!(
        said["data"]["hash"],
        ContentHash::of("正文".as_bytes()).to_string()
    );
    assert_eq!(states(&app, hook).await, [("delivered".into(), 1)]);
}

async fn a_receiver_that_is_down_gets_it_later_under_the_same_id(app: TestApp) {
    let house = House::new(&app).await;
    let (url, desk) = receiver().await;
    desk.lock().unwrap().answers = vec![500, 503];
    let body = json!({ "name": "网站群", "url": url });
    let (hook, _) = house.subscribe(&app, body).await;
    happen(&app, approved(house.faculty)).await;
    app.run_jobs().await;
    assert_eq!(states(&app, hook).await, [("waiting".into(), 1)]);
    app.run_jobs().await;
    assert_eq!(
        desk.lock().unwrap().got.len(),
        1,
        "not before the pause ends"
    );
    app.pass(TimeDelta::minutes(2));
    app.run_jobs().await;
    app.pass(TimeDelta::minutes(6));
    app.run_jobs().await;
    assert_eq!(states(&app, hook).await, [("delivered".into(), 3)]);
    let desk = desk.lock().unwrap();
    let ids: Vec<_> = desk
        .got
        .iter()
        .map(|(headers, _)| &headers["webhook-id"])
        .collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| *id == ids[0]));
}

async fn after_two_days_it_is_given_up_and_can_be_sent_again(app: TestApp) {
    let house = House::new(&app).await;
    let (url, desk) = receiver().await;
    desk.lock().unwrap().answers = vec![500; 9];
    let body = json!({ "name": "网站群", "url": url });
    let (hook, _) = house.subscribe(&app, body).await;
    happen(&app, approved(house.faculty)).await;
    for _ in 0..9 {
        app.run_jobs().await;
        app.pass(TimeDelta::days(1));
    }
    assert_eq!(states(&app, hook).await, [("failed".into(), 9)]);
    let client = app.client(&house.keeper);
    let page = client
        .get(&format!("/settings/hooks/{hook}"))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("未送达") && page.contains("对方回答 500"),
        "{page}"
    );
    let message = store::last(app.db.read(), hook).await.unwrap().unwrap().id;
    let again = format!("/settings/hooks/{hook}/deliveries/{message}/retries");
    client.post(&again, &[]).await.expect(303);
    client.post(&again, &[]).await.expect(409);
    let none = format!("/settings/hooks/{hook}/deliveries/{}/retries", message + 1);
    client.post(&none, &[]).await.expect(404);
    app.run_jobs().await;
    assert_eq!(states(&app, hook).await, [("delivered".into(), 1)]);
}

async fn inner_addresses_stay_closed_and_a_paused_one_is_silent(app: TestApp) {
    let house = House::new(&app).await;
    let client = app.client(&house.keeper);
    let body = json!({ "name": "内网", "url": "http://10.0.0.1/in" });
    let (inner, _) = house.subscribe(&app, body).await;
    client
        .post(&format!("/settings/hooks/{inner}/tests"), &[])
        .await
        .expect(303);
    app.run_jobs().await;
    assert_eq!(states(&app, inner).await, [("failed".into(), 1)]);
    let (url, desk) = receiver().await;
    let body = json!({ "name": "办公系统", "url": url });
    let (paused, secret) = house.subscribe(&app, body).await;
    happen(&app, approved(house.root)).await;
    let switch = format!("/settings/hooks/{paused}/switches");
    client.post(&switch, &[("enabled", "0")]).await.expect(303);
    app.run_jobs().await;
    happen(&app, approved(house.root)).await;
    app.run_jobs().await;
    assert!(desk.lock().unwrap().got.is_empty());
    // A new secret signs from now on.
    client.post(&switch, &[("enabled", "1")]).await.expect(303);
    client
        .post(&format!("/settings/hooks/{paused}/secrets"), &[])
        .await
        .expect(200);
    client
        .post(&format!("/settings/hooks/{paused}/tests"), &[])
        .await
        .expect(303);
    app.run_jobs().await;
    let got = desk.lock().unwrap().got.pop().unwrap();
    let at = DateTime::from_timestamp(app.now().timestamp(), 0).unwrap();
    let by_old = signature(&secret, got.0["webhook-id"].to_str().unwrap(), at, &got.1);
    assert_ne!(got.0["webhook-signature"].to_str().unwrap(), by_old);
    client
        .json(
            Method::DELETE,
            &format!("/api/v1/hooks/{paused}"),
            &json!({}),
        )
        .await
        .expect(204);
    client
        .get(&format!("/settings/hooks/{paused}"))
        .await
        .expect(404);
}

async fn only_keepers_subscribe_and_wrong_words_are_said(app: TestApp) {
    let house = House::new(&app).await;
    let head = actor(8, "赵院长", &[(Role::UnitHead, Scope::Unit(house.faculty))]);
    app.client(&head).get("/settings/hooks").await.expect(403);
    let client = app.client(&house.keeper);
    let refused = client
        .post(
            "/settings/hooks",
            &[("name", ""), ("url", "ftp://x"), ("unit", "1")],
        )
        .await
        .expect(422)
        .text();
    assert!(refused.contains("只接受 http 或 https"), "{refused}");
    let unit = house.root.to_string();
    let made = client
        .post(
            "/settings/hooks",
            &[
                ("name", "<b>办公</b>"),
                ("url", "https://oa.example.edu.cn/hook"),
                ("unit", &unit),
                ("kinds", "publication.published"),
            ],
        )
        .await
        .expect(200)
        .text();
    assert!(
        made.contains("whsec_") && !made.contains("<b>办公"),
        "{made}"
    );
    let list = client.get("/settings/hooks").await.expect(200).text();
    assert!(list.contains("oa.example.edu.cn") && !list.contains("whsec_"));
    let id = store::all(app.db.read()).await.unwrap()[0].id;
    let again = client
        .get(&format!("/settings/hooks/{id}"))
        .await
        .expect(200)
        .text();
    assert!(!again.contains("whsec_"), "the secret is shown once");
    client
        .get(&format!("/settings/hooks/{id}/edit"))
        .await
        .expect(200);
    client
        .post(
            &format!("/settings/hooks/{id}"),
            &[
                ("name", "办公"),
                ("url", "https://oa.example.edu.cn/hook"),
                ("unit", &unit),
            ],
        )
        .await
        .expect(303);
    let changed = store::find(app.db.read(), id).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.kinds.0.len()), ("办公", 0));
}

zhendi_kernel::on_both_databases!(who_subscribed_is_told_with_a_signature, super::setup);
zhendi_kernel::on_both_databases!(
    a_receiver_that_is_down_gets_it_later_under_the_same_id,
    super::setup
);
zhendi_kernel::on_both_databases!(
    after_two_days_it_is_given_up_and_can_be_sent_again,
    super::setup
);
zhendi_kernel::on_both_databases!(
    inner_addresses_stay_closed_and_a_paused_one_is_silent,
    super::setup
);
zhendi_kernel::on_both_databases!(
    only_keepers_subscribe_and_wrong_words_are_said,
    super::setup
);
