//! Platforms that are slow, wrong, or answer twice; secrets of connections and their expiry.

use crate::{
    connector::{self, Way},
    hooks::signature,
    publication::{State, TakeDown, order, withdraw},
    testing::School,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State as Shared,
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use zhendi_kernel::{on_both_databases, testing::TestApp};

const SECRET: &str = "a-secret-of-both-sides";

/// How the double behaves.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Well,
    /// Does what it was asked and breaks the connection before it answers.
    Lost,
    /// Does what it was asked and never answers.
    Silent,
    /// A page instead of JSON.
    Page,
    NoLink,
    Broken,
    Refuses,
    Later,
}

#[derive(Default)]
struct Seen {
    requests: usize,
    /// By key: the title and how often it was made.
    posts: HashMap<String, (String, usize)>,
    answered: HashMap<String, Value>,
}

#[derive(Clone)]
struct Double {
    mood: Arc<Mutex<Mood>>,
    seen: Arc<Mutex<Seen>>,
}

impl Double {
    async fn start() -> (Self, String) {
        let double = Self {
            mood: Arc::new(Mutex::new(Mood::Well)),
            seen: Arc::default(),
        };
        let router = Router::new()
            .route("/in", post(receive))
            .route("/p/{key}", get(page))
            .with_state(double.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (double, address)
    }

    fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn made(&self, key: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.posts.get(key).map_or(0, |(_, count)| *count)
    }

    fn requests(&self) -> usize {
        self.seen.lock().unwrap().requests
    }
}

async fn page(
    Shared(double): Shared<Double>,
    axum::extract::Path(key): axum::extract::Path<String>,
) -> Response {
    let seen = double.seen.lock().unwrap();
    match seen.posts.get(&key) {
        Some((title, _)) => Html(title.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A receiver that does right: it checks the signature, and does the same thing once.
async fn receive(Shared(double): Shared<Double>, headers: HeaderMap, body: Bytes) -> Response {
    let of = |name: &str| headers[name].to_str().unwrap().to_owned();
    let at = DateTime::from_timestamp(of("webhook-timestamp").parse().unwrap(), 0).unwrap();
    let expected = signature(SECRET, &of("webhook-id"), at, &body);
    if of("webhook-signature") != expected {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let said: Value = serde_json::from_slice(&body).unwrap();
    let mood = *double.mood.lock().unwrap();
    if said["event"] != "test" {
        double.seen.lock().unwrap().requests += 1;
    }
    match mood {
        Mood::Broken => return StatusCode::BAD_GATEWAY.into_response(),
        Mood::Refuses => {
            let words = json!({ "message": "栏目不存在" });
            return (StatusCode::UNPROCESSABLE_ENTITY, Json(words)).into_response();
        }
        Mood::Page => return Html("<h1>维护中</h1>").into_response(),
        Mood::Later => return StatusCode::ACCEPTED.into_response(),
        _ => {}
    }
    let answer = {
        let mut seen = double.seen.lock().unwrap();
        let once = of("idempotency-key");
        match (said["event"].as_str().unwrap(), seen.answered.get(&once)) {
            (_, Some(answer)) => answer.clone(),
            ("publish", None) => {
                let key = said["key"].as_str().unwrap().to_owned();
                let title = said["title"].as_str().unwrap().to_owned();
                let made = seen.posts.entry(key.clone()).or_default();
                made.0 = title;
                made.1 += 1;
                let host = of("host");
                let answer = json!({ "id": 7, "link": format!("http://{host}/p/{key}") });
                seen.answered.insert(once, answer.clone());
                answer
            }
            ("withdraw", None) => {
                let key = said["key"].as_str().unwrap().to_owned();
                seen.posts.remove(&key);
                json!({})
            }
            _ => json!({}),
        }
    };
    match mood {
        Mood::Lost => panic!("the double breaks the connection"),
        Mood::Silent => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            StatusCode::OK.into_response()
        }
        Mood::NoLink => Json(json!({ "id": 7, "link": "javascript:alert(1)" })).into_response(),
        _ => Json(answer).into_response(),
    }
}

async fn an_answer_that_is_lost_does_not_double_the_post(app: TestApp) {
    let school = School::new(app).await;
    let (double, address) = Double::start().await;
    school
        .connect(
            school.channel,
            Way::Webhook,
            &format!("{address}/in"),
            "",
            SECRET,
        )
        .await;
    let one = school.approved("消防演练通知").await;
    double.be(Mood::Lost);
    let one = school.order(&one).await;
    school.run_jobs().await;
    let sending = school.publication(one.id).await;
    assert_eq!(sending.state, State::Sending);
    assert_eq!(sending.failures, 1);
    assert_eq!(double.made(&one.key), 1, "it is there already");
    double.be(Mood::Well);
    school.pass(TimeDelta::minutes(2));
    school.run_jobs().await;
    let done = school.publication(one.id).await;
    assert_eq!(done.state, State::Published);
    assert_eq!(done.link, Some(format!("{address}/p/{}", one.key)));
    assert_eq!((double.made(&one.key), double.requests()), (1, 2));

    // Killed while it waited for the answer: the job is begun again and finds what is there.
    let other = school.approved("讲座预告").await;
    double.be(Mood::Silent);
    let other = school.order(&other).await;
    let cut = tokio::time::timeout(Duration::from_secs(3), school.run_jobs()).await;
    assert!(cut.is_err(), "the double never answers");
    assert_eq!(school.state(other.id).await, State::Sending);
    assert_eq!(double.made(&other.key), 1);
    double.be(Mood::Well);
    school.pass(TimeDelta::minutes(2));
    school.run_jobs().await;
    assert_eq!(school.state(other.id).await, State::Published);
    assert_eq!(double.made(&other.key), 1);
    let attempts = crate::publication::store::attempts(school.db.read(), other.id)
        .await
        .unwrap();
    let outcomes: Vec<&str> = attempts.iter().map(|one| one.outcome.as_str()).collect();
    assert_eq!(outcomes, ["unknown", "done"]);

    // Taken down for a reason: the link is looked at from outside.
    let admin = school.acting(school.admin).await;
    let said = TakeDown {
        reason: "outdated".into(),
        ..TakeDown::default()
    };
    let seen = done.version;
    let going = withdraw(&school.app, &admin, one.id, seen, said)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(going.state, State::Withdrawing);
    school.run_jobs().await;
    let gone = school.publication(one.id).await;
    assert_eq!(gone.state, State::Withdrawn, "{}", gone.message);
    assert!(gone.message.contains("404"), "{}", gone.message);
}
on_both_databases!(
    an_answer_that_is_lost_does_not_double_the_post,
    crate::publication::tests::open_setup
);

async fn a_platform_that_is_wrong_is_tried_again_and_then_told(app: TestApp) {
    let school = School::new(app).await;
    let (double, address) = Double::start().await;
    school
        .connect(
            school.channel,
            Way::Webhook,
            &format!("{address}/in"),
            "",
            SECRET,
        )
        .await;
    let one = school.approved("消防演练通知").await;
    let one = school.order(&one).await;
    for (mood, words) in [
        (Mood::Broken, "502"),
        (Mood::Page, "不是预期的格式"),
        (Mood::NoLink, "没有可用的链接"),
    ] {
        double.be(mood);
        school.pass(TimeDelta::hours(2));
        school.run_jobs().await;
        let now = school.publication(one.id).await;
        assert_eq!(now.state, State::Sending, "{words}");
        assert!(now.message.contains(words), "{}", now.message);
    }
    // It will not get better by itself: a person's turn, at once.
    double.be(Mood::Refuses);
    school.pass(TimeDelta::hours(2));
    school.run_jobs().await;
    let failed = school.publication(one.id).await;
    assert_eq!(failed.state, State::Failed);
    assert!(failed.message.contains("栏目不存在"), "{}", failed.message);
    assert_eq!(school.work_at(&failed).await, ["publication.mend"]);
    let tried = double.requests();
    school.pass(TimeDelta::days(1));
    school.run_jobs().await;
    assert_eq!(double.requests(), tried, "nobody tries by himself");

    // Ordered once more; the receiver works on it and answers later.
    double.be(Mood::Later);
    let admin = school.acting(school.admin).await;
    order(&school.app, &admin, one.id, failed.version, None)
        .await
        .unwrap();
    school.run_jobs().await;
    assert_eq!(school.state(one.id).await, State::Sent);

    // A wrong secret is refused there, and known the next morning.
    school
        .connect(
            school.channel,
            Way::Webhook,
            &format!("{address}/in"),
            "",
            "another-secret-here",
        )
        .await;
    let said = connector::test(&school.app, &admin, school.channel)
        .await
        .unwrap();
    assert!(said.unwrap_err().message.contains("401"));
    let connection = connector::of_channel(school.db.read(), &school.app, school.channel).await;
    let connection = connection.unwrap().unwrap();
    assert_eq!(connection.health, connector::Health::Failing);
    let subject = ("connection", connection.id.0);
    let open = zhendi_kernel::work::of_subject(school.db.read(), school.now(), subject).await;
    assert_eq!(open.unwrap()[0].kind, "connection.mend");
    school.run_jobs().await;
}
on_both_databases!(
    a_platform_that_is_wrong_is_tried_again_and_then_told,
    crate::publication::tests::open_setup
);

async fn an_expiry_is_told_days_ahead(app: TestApp) {
    let school = School::new(app).await;
    let (_double, address) = Double::start().await;
    let tx = school.db.begin().await.unwrap();
    let new = connector::NewConnection {
        way: Way::Webhook,
        address: format!("{address}/in"),
        account: String::new(),
        secret: Some(SECRET.into()),
        expires_on: Some(school.clock.today() + chrono::Days::new(20)),
    };
    let id = connector::save(&tx, &school.app, school.channel, 0, new, school.admin)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let open = async || {
        let subject = ("connection", id.0);
        let open = zhendi_kernel::work::of_subject(school.db.read(), school.now(), subject).await;
        open.unwrap()
            .into_iter()
            .map(|item| item.kind)
            .collect::<Vec<_>>()
    };
    school.run_jobs().await;
    school.pass(TimeDelta::days(2));
    school.run_jobs().await;
    assert!(open().await.is_empty(), "eighteen days ahead");
    school.pass(TimeDelta::days(5));
    school.run_jobs().await;
    assert_eq!(open().await, ["connection.renew"]);
    school.pass(TimeDelta::days(1));
    school.run_jobs().await;
    assert_eq!(open().await.len(), 1, "told once");
}
on_both_databases!(
    an_expiry_is_told_days_ahead,
    crate::publication::tests::open_setup
);

async fn secrets_are_sealed_and_never_shown(app: TestApp) {
    let school = School::new(app).await;
    school
        .connect(
            school.channel,
            Way::Webhook,
            "https://cms.example.edu.cn/in",
            "",
            SECRET,
        )
        .await;
    let query = sea_orm::sea_query::Query::select()
        .column("secret")
        .from("connection")
        .to_owned();
    let row = sea_orm::ConnectionTrait::query_one(school.db.read(), &query).await;
    let stored: String = row.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert!(stored.starts_with("z1.") && !stored.contains(SECRET));
    let admin = school.acting(school.admin).await;
    let path = format!("/channels/{}/connection", school.channel);
    let shown = school.client(&admin).get(&path).await.expect(200).text();
    assert!(shown.contains("cms.example.edu.cn") && !shown.contains(SECRET));
    // Another address does not get the secret of this one.
    let fields = [
        ("version", "1"),
        ("way", "webhook"),
        ("address", "https://evil.example.com/in"),
    ];
    school.client(&admin).post(&path, &fields).await.expect(422);
    let editor = school.acting(school.editor).await;
    school.client(&editor).get(&path).await.expect(404);
}
on_both_databases!(
    secrets_are_sealed_and_never_shown,
    crate::publication::tests::open_setup
);
