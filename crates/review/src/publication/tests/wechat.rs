//! The WeChat interface by its published format.

use super::{PNG, TEXT};
use crate::{
    connector::{self, Way},
    publication::State,
    testing::School,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State as Shared},
    http::HeaderMap,
    routing::{get, post},
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use zhendi_kernel::{on_both_databases, testing::TestApp};

const SECRET: &str = "a-secret-of-both-sides";

/// The published wire format, as far as a draft needs it.
#[derive(Clone, Default)]
struct WeChat {
    drafts: Arc<Mutex<HashMap<String, Value>>>,
    lose: Arc<Mutex<bool>>,
}

fn error(code: i64, text: &str) -> Json<Value> {
    Json(json!({ "errcode": code, "errmsg": text }))
}

impl WeChat {
    async fn start() -> (Self, String) {
        let double = Self::default();
        let router = Router::new()
            .route("/cgi-bin/stable_token", post(token))
            .route("/cgi-bin/draft/count", get(count))
            .route("/cgi-bin/media/uploadimg", post(picture))
            .route("/cgi-bin/material/add_material", post(material))
            .route("/cgi-bin/draft/add", post(add))
            .route("/cgi-bin/draft/update", post(update))
            .route("/cgi-bin/draft/batchget", post(batch))
            .with_state(double.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (double, address)
    }
}

type Asked = Query<HashMap<String, String>>;

fn known(asked: &Asked) -> bool {
    asked
        .get("access_token")
        .is_some_and(|token| token == "TOKEN")
}

async fn token(body: Bytes) -> Json<Value> {
    let said: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(said["grant_type"], "client_credential");
    match (said["appid"].as_str(), said["secret"].as_str()) {
        (Some("wx0123456789abcdef"), Some(SECRET)) => {
            Json(json!({ "access_token": "TOKEN", "expires_in": 7200 }))
        }
        (Some("wx0123456789abcdef"), _) => error(40125, "invalid appsecret"),
        _ => error(40013, "invalid appid"),
    }
}

async fn count(asked: Asked, Shared(double): Shared<WeChat>) -> Json<Value> {
    if !known(&asked) {
        return error(40001, "invalid credential");
    }
    Json(json!({ "total_count": double.drafts.lock().unwrap().len() }))
}

/// One part called `media`, with a file name and the file's own bytes.
fn is_form(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers["content-type"].to_str().unwrap();
    let Some(boundary) = kind.strip_prefix("multipart/form-data; boundary=") else {
        return false;
    };
    let begin =
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"");
    let end = format!("\r\n--{boundary}--\r\n");
    let inner = body.windows(PNG.len()).any(|window| window == PNG);
    body.starts_with(begin.as_bytes()) && body.ends_with(end.as_bytes()) && inner
}

async fn picture(asked: Asked, headers: HeaderMap, body: Bytes) -> Json<Value> {
    if !known(&asked) || !is_form(&headers, &body) {
        return error(40001, "invalid credential");
    }
    Json(json!({ "url": "http://mmbiz.qpic.cn/one.png" }))
}

async fn material(asked: Asked, headers: HeaderMap, body: Bytes) -> Json<Value> {
    if !known(&asked) || asked["type"] != "image" || !is_form(&headers, &body) {
        return error(40007, "invalid media");
    }
    Json(json!({ "media_id": "THUMB", "url": "http://mmbiz.qpic.cn/thumb.png" }))
}

/// What an article must have by the documents; pictures from elsewhere would be filtered.
fn is_article(article: &Value) -> bool {
    let title = article["title"].as_str().unwrap_or_default();
    let content = article["content"].as_str().unwrap_or_default();
    article["article_type"] == "news"
        && article["thumb_media_id"] == "THUMB"
        && (1..=32).contains(&title.chars().count())
        && !content.is_empty()
        && content.chars().count() < 20_000
        && !content.contains("/manuscripts/")
        && content.matches("<img").count() == content.matches("http://mmbiz.qpic.cn/").count()
}

async fn add(asked: Asked, Shared(double): Shared<WeChat>, body: Bytes) -> Json<Value> {
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(!text.contains("\\u"), "not in Unicode escapes");
    let said: Value = serde_json::from_str(&text).unwrap();
    let articles = said["articles"].as_array().unwrap();
    if !known(&asked) || articles.len() != 1 || !is_article(&articles[0]) {
        return error(45166, "invalid content");
    }
    let id = {
        let mut drafts = double.drafts.lock().unwrap();
        let id = format!("DRAFT{}", drafts.len() + 1);
        drafts.insert(id.clone(), articles[0].clone());
        id
    };
    if *double.lose.lock().unwrap() {
        panic!("the double breaks the connection");
    }
    Json(json!({ "media_id": id }))
}

async fn update(asked: Asked, Shared(double): Shared<WeChat>, body: Bytes) -> Json<Value> {
    let said: Value = serde_json::from_slice(&body).unwrap();
    assert!(said["articles"].is_object(), "one article, not a list");
    let id = said["media_id"].as_str().unwrap();
    let mut drafts = double.drafts.lock().unwrap();
    if !known(&asked) || !drafts.contains_key(id) {
        return error(40007, "invalid media_id");
    }
    drafts.insert(id.to_owned(), said["articles"].clone());
    error(0, "ok")
}

async fn batch(asked: Asked, Shared(double): Shared<WeChat>, body: Bytes) -> Json<Value> {
    let said: Value = serde_json::from_slice(&body).unwrap();
    assert!(said["count"].as_i64().unwrap() <= 20 && known(&asked));
    let drafts = double.drafts.lock().unwrap();
    let items: Vec<Value> = drafts
        .iter()
        .map(|(id, article)| {
            json!({ "media_id": id, "content": { "news_item": [article] }, "update_time": 4_000_000_000_i64 })
        })
        .collect();
    Json(json!({ "total_count": items.len(), "item_count": items.len(), "item": items }))
}

async fn a_draft_gets_into_the_accounts_box_once(app: TestApp) {
    let school = School::new(app).await;
    let (double, address) = WeChat::start().await;
    let account = "wx0123456789abcdef";
    school
        .connect(school.channel, Way::WeChat, &address, account, "wrong")
        .await;
    let admin = school.acting(school.admin).await;
    let said = connector::test(&school.app, &admin, school.channel)
        .await
        .unwrap();
    assert!(said.unwrap_err().message.contains("AppSecret"));
    school
        .connect(school.channel, Way::WeChat, &address, account, SECRET)
        .await;
    let said = connector::test(&school.app, &admin, school.channel)
        .await
        .unwrap();
    assert!(said.unwrap().contains("0 篇"));

    // Without a cover there is nothing to send.
    let bare = school.approved("讲座预告").await;
    let bare = school.order(&bare).await;
    school.run_jobs().await;
    let bare = school.publication(bare.id).await;
    assert_eq!(bare.state, State::Failed);
    assert!(bare.message.contains("封面"), "{}", bare.message);

    let id = school.draft_with_picture("消防演练通知", TEXT).await;
    let one = school.approve_now(id, None).await;
    *double.lose.lock().unwrap() = true;
    let one = school.order(&one).await;
    school.run_jobs().await;
    assert_eq!(school.state(one.id).await, State::Sending);
    *double.lose.lock().unwrap() = false;
    school.pass(TimeDelta::minutes(2));
    school.run_jobs().await;
    let sent = school.publication(one.id).await;
    assert_eq!(sent.state, State::Sent, "{}", sent.message);
    assert_eq!(sent.remote_id.as_deref(), Some("DRAFT1"));
    assert_eq!(
        double.drafts.lock().unwrap().len(),
        1,
        "found again, not doubled"
    );
    assert!(
        crate::publication::live(school.db.read(), id)
            .await
            .unwrap()
            .is_empty()
    );

    // The admin sends it to the followers there and writes the link down here.
    let live = school
        .confirm(school.admin, &sent, "https://mp.weixin.qq.com/s/x")
        .await;
    assert_eq!((live.state, live.way), (State::Published, Way::WeChat));
}
on_both_databases!(
    a_draft_gets_into_the_accounts_box_once,
    crate::publication::tests::open_setup
);
