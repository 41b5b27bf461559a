//! WeChat official accounts (微信公众号): into the account's draft box by the published interface. Sending it
//! to the followers (群发) stays with the account's admin, who writes the link down. What each kind of
//! account may do is said in docs/operations.md.

use super::{Connection, Connector, Failure, Post, Put};
use crate::manuscript::{FileRef, FileRole};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use serde_json::{Value, json as value};
use std::{collections::HashMap, time::Duration};
use url::Url;
use zhendi_kernel::{App, files::Kind, outgoing::Ask};

/// The platform's own address.
pub(super) const ADDRESS: &str = "https://api.weixin.qq.com";
const UPLOAD: Duration = Duration::from_secs(120);
/// What the platform takes, by its documents.
const TITLE: usize = 32;
const CONTENT: usize = 20_000;
const CONTENT_BYTES: usize = 1 << 20;
const PICTURE: i64 = 1 << 20;
const COVER: i64 = 10 << 20;

/// An official account.
pub(super) struct WeChat {
    base: Url,
    app_id: String,
    secret: String,
}

/// What an error number means for the admin, and whether it passes.
fn meaning(code: i64) -> (&'static str, bool) {
    match code {
        -1 => ("微信系统繁忙", true),
        40001 | 40014 | 42001 => ("访问令牌已失效", true),
        45009 => ("今天的接口调用次数已用完", true),
        45011 => ("调用过于频繁", true),
        40013 => ("AppID 不正确", false),
        40125 => ("AppSecret 不正确或已重置", false),
        40164 => ("服务器 IP 不在公众号后台的 IP 白名单里", false),
        40243 => ("AppSecret 已被冻结", false),
        48001 => ("这个公众号没有该接口的权限", false),
        45002..=45004 => ("标题、摘要或正文超过微信的长度限制", false),
        53402 | 53404 | 53405 => ("封面或账号受到平台限制", false),
        _ => ("微信返回错误", false),
    }
}

impl WeChat {
    pub(super) fn of(connection: &Connection) -> Result<Self, Failure> {
        Ok(Self {
            base: connection.url()?,
            app_id: connection.account.clone(),
            secret: connection.secret()?,
        })
    }

    fn at(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/cgi-bin/{path}"));
        url.set_query(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn ask(&self, app: &App, url: Url, ask: Ask) -> Result<Value, Failure> {
        let answer = app.outgoing.ask(&url, ask).await?;
        let said = super::json(&answer, "微信")?;
        match said["errcode"].as_i64().unwrap_or(0) {
            0 => Ok(said),
            code => {
                let (words, passing) = meaning(code);
                let text: String = said["errmsg"]
                    .as_str()
                    .unwrap_or_default()
                    .chars()
                    .take(120)
                    .collect();
                Err(Failure {
                    message: format!("{words}（{code} {text}）"),
                    passing,
                })
            }
        }
    }

    async fn post(
        &self,
        app: &App,
        path: &str,
        token: &str,
        body: Value,
    ) -> Result<Value, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        let ask = Ask {
            method: Method::POST,
            headers,
            body: body.to_string().into(),
            patience: None,
        };
        self.ask(app, self.at(path, &[("access_token", token)]), ask)
            .await
    }

    /// The stable token: asking again does not end the one before, whoever else uses the account.
    async fn token(&self, app: &App) -> Result<String, Failure> {
        let body = value!({
            "grant_type": "client_credential", "appid": self.app_id, "secret": self.secret,
        });
        let ask = Ask {
            method: Method::POST,
            body: body.to_string().into(),
            ..Ask::default()
        };
        let said = self.ask(app, self.at("stable_token", &[]), ask).await?;
        said["access_token"]
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| Failure::passing("微信没有给出访问令牌"))
    }

    async fn upload(
        &self,
        app: &App,
        post: &Post,
        file: &FileRef,
        url: Url,
    ) -> Result<Value, Failure> {
        let bytes = post.bytes(app, file).await?;
        let boundary = format!("zhendi{}", hex::encode(app.entropy.bytes::<12>()));
        let ending = file.kind.extensions()[0];
        let short = &file.hash[..16.min(file.hash.len())];
        let mut body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{short}.{ending}\"\r\n\
             Content-Type: {}\r\n\r\n",
            file.kind.media_type()
        )
        .into_bytes();
        body.extend_from_slice(&bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"))
                .expect("letters and digits"),
        );
        let ask = Ask {
            method: Method::POST,
            headers,
            body: body.into(),
            patience: Some(UPLOAD),
        };
        self.ask(app, url, ask).await
    }

    /// The draft that an earlier request made without our learning of it: of the same title, since then.
    async fn lost(&self, app: &App, token: &str, post: &Post) -> Result<Option<String>, Failure> {
        let body = value!({ "offset": 0, "count": 20, "no_content": 1 });
        let said = self.post(app, "draft/batchget", token, body).await?;
        let since = post.since.timestamp() - 60;
        let found = said["item"].as_array().into_iter().flatten().find(|item| {
            item["content"]["news_item"][0]["title"].as_str() == Some(post.title.as_str())
                && item["update_time"].as_i64().unwrap_or(0) >= since
        });
        Ok(found.and_then(|item| item["media_id"].as_str().map(str::to_owned)))
    }
}

fn picture(file: &FileRef) -> bool {
    file.role == FileRole::Picture
}

/// What the platform would refuse, said before anything is sent.
fn fits(post: &Post) -> Result<&FileRef, Failure> {
    if post.title.chars().count() > TITLE {
        return Err(Failure::lasting(format!(
            "公众号标题不能超过 {TITLE} 个字，请修改标题后重新送审，或手动发布"
        )));
    }
    for file in post.files().iter().filter(|file| picture(file)) {
        if !matches!(file.kind, Kind::Jpeg | Kind::Png) || file.size >= PICTURE {
            let is_cover = Some(file.id) == post.version.content.cover;
            if !(is_cover && file.size <= COVER) {
                return Err(Failure::lasting(format!(
                    "图片“{}”不符合公众号要求（JPG 或 PNG，小于 1 MB）",
                    file.name
                )));
            }
        }
    }
    post.cover()
        .filter(|file| picture(file))
        .ok_or_else(|| Failure::lasting("公众号图文须有封面图片，请给稿件选择封面后重新送审"))
}

#[async_trait::async_trait]
impl Connector for WeChat {
    async fn put(&self, app: &App, post: &Post) -> Result<Put, Failure> {
        let cover = fits(post)?;
        let token = self.token(app).await?;
        let mut addresses: HashMap<i64, String> = HashMap::new();
        let shown = post.files().iter().filter(|file| picture(file));
        for file in shown.filter(|file| file.size < PICTURE) {
            let url = self.at("media/uploadimg", &[("access_token", &token)]);
            let said = self.upload(app, post, file, url).await?;
            let address = said["url"]
                .as_str()
                .ok_or_else(|| Failure::passing("微信没有给出图片地址"))?;
            addresses.insert(file.id, address.to_owned());
        }
        let content = post.html(|file| addresses.get(&file.id).cloned());
        if content.chars().count() >= CONTENT || content.len() >= CONTENT_BYTES {
            return Err(Failure::lasting(
                "正文超过公众号的长度限制（2 万字符），请手动发布",
            ));
        }
        let query = [("access_token", token.as_str()), ("type", "image")];
        let url = self.at("material/add_material", &query);
        let thumb = self.upload(app, post, cover, url).await?;
        let thumb = thumb["media_id"]
            .as_str()
            .ok_or_else(|| Failure::passing("微信没有给出封面编号"))?;
        let article = value!({
            "article_type": "news",
            "title": post.title,
            "content": content,
            "content_source_url": post.version.content.source_link,
            "thumb_media_id": thumb,
            "need_open_comment": 0,
            "only_fans_can_comment": 0,
        });
        let there = match &post.remote_id {
            Some(id) => Some(id.clone()),
            None => self.lost(app, &token, post).await?,
        };
        let mut updated = None;
        if let Some(id) = there {
            let body = value!({ "media_id": id, "index": 0, "articles": article });
            match self.post(app, "draft/update", &token, body).await {
                Ok(_) => updated = Some(id),
                // Sent or deleted meanwhile: it left the draft box.
                Err(failure) if failure.message.contains("40007") => {}
                Err(failure) => return Err(failure),
            }
        }
        let id = match updated {
            Some(id) => id,
            None => {
                let body = value!({ "articles": [article] });
                let said = self.post(app, "draft/add", &token, body).await?;
                said["media_id"]
                    .as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| Failure::passing("微信没有给出草稿编号"))?
            }
        };
        let others = post.files().iter().any(|file| !picture(file));
        let message = if others {
            "已送入公众号草稿箱。视频和附件须在公众号后台手动添加；群发后请登记链接。"
        } else {
            "已送入公众号草稿箱，请在公众号后台群发，然后登记链接。"
        };
        Ok(Put::Accepted {
            remote_id: Some(id),
            message: message.into(),
        })
    }

    async fn remove(&self, _: &App, _: &Post) -> Result<String, Failure> {
        Err(Failure::lasting(
            "公众号已群发的内容只能在公众号后台删除，请删除后上传截图",
        ))
    }

    async fn check(&self, app: &App) -> Result<String, Failure> {
        let token = self.token(app).await?;
        let url = self.at("draft/count", &[("access_token", &token)]);
        let said = self.ask(app, url, Ask::default()).await?;
        let count = said["total_count"].as_i64().unwrap_or(0);
        Ok(format!("已连接，草稿箱现有 {count} 篇"))
    }
}
