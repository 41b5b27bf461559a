//! A system of the institution's own is told by a signed request: HMAC-SHA-256 over id, moment and body, as
//! the hooks are signed, and an idempotency key, so that the same request may come twice. The format is
//! written down in docs/operations.md.

use super::{Connection, Connector, Failure, Post, Put, json};
use crate::hooks::signature;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json as value};
use url::Url;
use zhendi_kernel::{
    App,
    outgoing::{Answer, Ask},
};

const WHO: &str = "接收系统";
/// All files of a post travel in one request.
const TOTAL: i64 = 64 << 20;

/// A receiver.
pub(super) struct Webhook {
    url: Url,
    secret: String,
}

impl Webhook {
    pub(super) fn of(connection: &Connection) -> Result<Self, Failure> {
        Ok(Self {
            url: connection.url()?,
            secret: connection.secret()?,
        })
    }

    async fn send(&self, app: &App, once: &str, body: &Value) -> Result<Answer, Failure> {
        let body = body.to_string().into_bytes();
        let now = app.now();
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        for (name, text) in [
            ("webhook-id", once.to_owned()),
            ("webhook-timestamp", now.timestamp().to_string()),
            (
                "webhook-signature",
                signature(&self.secret, once, now, &body),
            ),
            ("idempotency-key", once.to_owned()),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::try_from(text).expect("digits, letters and dashes"),
            );
        }
        let ask = Ask {
            method: Method::POST,
            headers,
            body: body.into(),
            patience: None,
        };
        Ok(app.outgoing.ask(&self.url, ask).await?)
    }
}

#[async_trait::async_trait]
impl Connector for Webhook {
    async fn put(&self, app: &App, post: &Post) -> Result<Put, Failure> {
        let total: i64 = post.files().iter().map(|file| file.size).sum();
        if total > TOTAL {
            return Err(Failure::lasting(
                "图片和附件合计超过 64 MB，不能随推送发出，请手动发布",
            ));
        }
        let mut files = vec![];
        for file in post.files() {
            files.push(value!({
                "cid": file.hash,
                "name": file.name,
                "type": file.kind.media_type(),
                "alt": file.alt,
                "credit": file.credit,
                "content": STANDARD.encode(post.bytes(app, file).await?),
            }));
        }
        let body = value!({
            "event": "publish",
            "key": post.key,
            "id": post.remote_id,
            "hash": post.hash,
            "version": post.version.number,
            "title": post.title,
            "html": post.html(|file| Some(format!("cid:{}", file.hash))),
            "text": post.version.text,
            "cover": post.cover().map(|file| &file.hash),
            "files": files,
        });
        let answer = self.send(app, &post.once, &body).await?;
        let accepted = answer.status == StatusCode::ACCEPTED;
        if accepted && answer.body.is_empty() {
            return Ok(Put::Accepted {
                remote_id: None,
                message: "接收系统已收下，发布后请登记链接。".into(),
            });
        }
        let said = json(&answer, WHO)?;
        let remote_id = match &said["id"] {
            Value::String(id) if !id.is_empty() => Some(id.chars().take(200).collect()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        };
        if accepted {
            return Ok(Put::Accepted {
                remote_id,
                message: "接收系统已收下，发布后请登记链接。".into(),
            });
        }
        let link = said["link"].as_str().unwrap_or_default();
        let web = Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !web || link.len() > 2000 {
            return Err(Failure::passing("接收系统的应答里没有可用的链接"));
        }
        Ok(Put::Live {
            remote_id: remote_id.unwrap_or_else(|| post.key.clone()),
            link: link.to_owned(),
            found: false,
        })
    }

    async fn remove(&self, app: &App, post: &Post) -> Result<String, Failure> {
        let body = value!({
            "event": "withdraw", "key": post.key, "id": post.remote_id, "link": post.link,
        });
        let once = format!("{}-withdraw", post.once);
        let answer = self.send(app, &once, &body).await?;
        let gone = matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE);
        if !answer.status.is_success() && !gone {
            json(&answer, WHO)?;
        }
        Ok(format!("接收系统已撤下（返回 {}）", answer.status.as_u16()))
    }

    async fn check(&self, app: &App) -> Result<String, Failure> {
        let once = format!("test-{}", app.now().timestamp());
        let answer = self.send(app, &once, &value!({ "event": "test" })).await?;
        if answer.status.is_success() {
            return Ok(format!(
                "接收系统应答正常（返回 {}）",
                answer.status.as_u16()
            ));
        }
        json(&answer, WHO).map(|_| String::new())
    }
}
