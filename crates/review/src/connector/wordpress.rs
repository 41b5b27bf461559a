//! WordPress by its REST interface with an application password. A post is known by its slug, a picture or
//! attachment by its file name: both hold the post's key, so that what an earlier request brought there is
//! found again.

use super::{Connection, Connector, Failure, Post, Put, json, post::escape};
use crate::manuscript::FileRef;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json as value};
use std::{collections::HashMap, time::Duration};
use url::Url;
use zhendi_kernel::{
    App,
    outgoing::{Answer, Ask},
};

const WHO: &str = "网站";
/// Pictures take longer.
const UPLOAD: Duration = Duration::from_secs(120);

/// A WordPress site.
pub(super) struct WordPress {
    base: Url,
    /// `Basic …`.
    key: HeaderValue,
}

struct Found {
    id: i64,
    link: String,
    status: String,
}

impl WordPress {
    pub(super) fn of(connection: &Connection) -> Result<Self, Failure> {
        let mut base = connection.url()?;
        base.set_query(None);
        base.set_fragment(None);
        let secret = connection.secret()?;
        let pair = STANDARD.encode(format!("{}:{secret}", connection.account));
        let mut key = HeaderValue::from_str(&format!("Basic {pair}"))
            .map_err(|_| Failure::lasting("用户名或应用密码含有不能使用的字符"))?;
        key.set_sensitive(true);
        Ok(Self { base, key })
    }

    /// `?rest_route=` serves on every site, whatever its permalinks look like.
    fn at(&self, route: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        url.query_pairs_mut()
            .append_pair("rest_route", &format!("/wp/v2/{route}"))
            .extend_pairs(query);
        url
    }

    async fn ask(
        &self,
        app: &App,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, self.key.clone());
        if body.is_some() {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
        }
        let ask = Ask {
            method,
            headers,
            body: body.map(|body| body.to_string().into()).unwrap_or_default(),
            patience: None,
        };
        Ok(app.outgoing.ask(&url, ask).await?)
    }

    /// What a post's slug leads to, the first where several have it; drafts and what is planned too, the trash not.
    async fn find(&self, app: &App, slug: &str) -> Result<Option<Found>, Failure> {
        let query = [
            ("slug", slug),
            ("status", "publish,future,draft,pending,private"),
            ("orderby", "id"),
            ("order", "asc"),
            ("context", "edit"),
            ("_fields", "id,link,status"),
        ];
        let url = self.at("posts", &query);
        let answer = json(&self.ask(app, Method::GET, url, None).await?, WHO)?;
        let list = answer
            .as_array()
            .ok_or_else(|| Failure::passing("网站的应答不是预期的格式，请检查地址是否正确"))?;
        list.first().map(found).transpose()
    }

    async fn get(&self, app: &App, id: &str) -> Result<Option<Found>, Failure> {
        let query = [("context", "edit"), ("_fields", "id,link,status")];
        let url = self.at(&format!("posts/{}", number(id)?), &query);
        let answer = self.ask(app, Method::GET, url, None).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        found(&json(&answer, WHO)?).map(Some)
    }

    async fn delete(&self, app: &App, what: &str, id: i64, force: bool) -> Result<(), Failure> {
        let force = if force { "true" } else { "false" };
        let url = self.at(&format!("{what}/{id}"), &[("force", force)]);
        let answer = self.ask(app, Method::DELETE, url, None).await?;
        // Gone already is what was wanted.
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(());
        }
        json(&answer, WHO).map(|_| ())
    }

    /// The files of a post that are there, by slug.
    async fn media(&self, app: &App, key: &str) -> Result<HashMap<String, (i64, String)>, Failure> {
        let query = [
            ("search", key),
            ("per_page", "100"),
            ("context", "edit"),
            ("_fields", "id,slug,source_url"),
        ];
        let url = self.at("media", &query);
        let answer = json(&self.ask(app, Method::GET, url, None).await?, WHO)?;
        let mut all = HashMap::new();
        for one in answer.as_array().into_iter().flatten() {
            let slug = one["slug"].as_str().unwrap_or_default();
            if let (true, Some(id), Some(address)) = (
                slug.starts_with(key),
                one["id"].as_i64(),
                one["source_url"].as_str(),
            ) {
                all.insert(slug.to_owned(), (id, address.to_owned()));
            }
        }
        Ok(all)
    }

    async fn upload(
        &self,
        app: &App,
        post: &Post,
        file: &FileRef,
        slug: &str,
    ) -> Result<(i64, String), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, self.key.clone());
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(file.kind.media_type()),
        );
        let ending = file.kind.extensions()[0];
        let name = format!("attachment; filename=\"{slug}.{ending}\"");
        headers.insert(
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(name).map_err(|_| Failure::lasting("文件名不能使用"))?,
        );
        let ask = Ask {
            method: Method::POST,
            headers,
            body: post.bytes(app, file).await?,
            patience: Some(UPLOAD),
        };
        let answer = json(&app.outgoing.ask(&self.at("media", &[]), ask).await?, WHO)?;
        let (Some(id), Some(address)) = (answer["id"].as_i64(), answer["source_url"].as_str())
        else {
            return Err(Failure::passing("网站没有说明图片存放在哪里"));
        };
        let about = value!({ "alt_text": file.alt, "caption": escape(&file.credit) });
        let url = self.at(&format!("media/{id}"), &[]);
        json(&self.ask(app, Method::POST, url, Some(&about)).await?, WHO)?;
        Ok((id, address.to_owned()))
    }

    /// Brings all files there; those that are there stay.
    async fn files(&self, app: &App, post: &Post) -> Result<HashMap<i64, (i64, String)>, Failure> {
        let mut all = HashMap::new();
        if post.files().is_empty() {
            return Ok(all);
        }
        let mut there = self.media(app, &post.key).await?;
        for file in post.files() {
            let slug = format!("{}-{}", post.key, &file.hash[..16.min(file.hash.len())]);
            let one = match there.get(&slug) {
                Some(one) => one.clone(),
                None => self.upload(app, post, file, &slug).await?,
            };
            there.insert(slug, one.clone());
            all.insert(file.id, one);
        }
        Ok(all)
    }

    async fn bring(&self, app: &App, post: &Post) -> Result<Put, Failure> {
        let files = self.files(app, post).await?;
        let html = post.html(|file| files.get(&file.id).map(|(_, address)| address.clone()));
        let cover = post.cover().and_then(|file| files.get(&file.id));
        let body = value!({
            "title": inert(&escape(&post.title)),
            // A block of its own: nothing is added to what was approved.
            "content": format!("<!-- wp:html -->{}<!-- /wp:html -->", inert(&html)),
            "status": "publish",
            "slug": post.key,
            "featured_media": cover.map_or(0, |(id, _)| *id),
        });
        let known = match &post.remote_id {
            Some(id) => self.get(app, id).await?,
            None => None,
        };
        let there = match known {
            Some(known) => Some(known),
            None => self.find(app, &post.key).await?,
        };
        let recovered = there.is_some() && post.remote_id.is_none();
        let route = there
            .as_ref()
            .map_or_else(|| "posts".to_owned(), |there| format!("posts/{}", there.id));
        let answer = self
            .ask(app, Method::POST, self.at(&route, &[]), Some(&body))
            .await?;
        let mut made = found(&json(&answer, WHO)?)?;
        if there.is_none() {
            // A slow request of before may have come through meanwhile: the first one stays. WordPress gives two
            // that it handles at once the same slug.
            let first = self.find(app, &post.key).await?;
            if let Some(first) = first.filter(|first| first.id != made.id) {
                self.delete(app, "posts", made.id, true).await?;
                let url = self.at(&format!("posts/{}", first.id), &[]);
                made = found(&json(
                    &self.ask(app, Method::POST, url, Some(&body)).await?,
                    WHO,
                )?)?;
            }
        }
        if made.status != "publish" {
            return Ok(Put::Accepted {
                remote_id: Some(made.id.to_string()),
                message: "网站收下了文章，但没有公开。请检查该用户是否有发布权限。".into(),
            });
        }
        Ok(Put::Live {
            remote_id: made.id.to_string(),
            link: made.link,
            found: recovered,
        })
    }
}

/// A number that a path may hold: ids come from the other side.
fn number(id: &str) -> Result<i64, Failure> {
    id.parse()
        .map_err(|_| Failure::lasting("记录的文章编号不是数字"))
}

fn found(post: &Value) -> Result<Found, Failure> {
    let (Some(id), Some(link)) = (post["id"].as_i64(), post["link"].as_str()) else {
        return Err(Failure::passing("网站的应答里没有文章编号或链接"));
    };
    Ok(Found {
        id,
        link: link.into(),
        status: post["status"].as_str().unwrap_or_default().into(),
    })
}

/// Neither HTML in a title nor square brackets anywhere may become more than text: WordPress would run
/// `[shortcodes]`.
fn inert(html: &str) -> String {
    html.replace('[', "&#91;")
}

#[async_trait::async_trait]
impl Connector for WordPress {
    async fn put(&self, app: &App, post: &Post) -> Result<Put, Failure> {
        match self.bring(app, post).await {
            // To whom it does not know, the site says everything but that.
            Err(failure) if !failure.passing => Err(self.check(app).await.err().unwrap_or(failure)),
            other => other,
        }
    }

    async fn remove(&self, app: &App, post: &Post) -> Result<String, Failure> {
        let there = match &post.remote_id {
            Some(id) => Some(number(id)?),
            None => self.find(app, &post.key).await?.map(|there| there.id),
        };
        if let Some(id) = there {
            // Into the trash: the site's admin can still look at it.
            self.delete(app, "posts", id, false).await?;
        }
        // Files would stay readable by their own addresses.
        let media = self.media(app, &post.key).await?;
        let count = media.len();
        for (id, _) in media.into_values() {
            self.delete(app, "media", id, true).await?;
        }
        Ok(format!("文章已移入网站回收站，随文文件删除 {count} 个"))
    }

    async fn check(&self, app: &App) -> Result<String, Failure> {
        let url = self.at("users/me", &[("context", "edit")]);
        let answer = self.ask(app, Method::GET, url, None).await?;
        if matches!(
            answer.status,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        ) {
            return Err(Failure::lasting("网站不接受这个用户名和应用密码"));
        }
        let me = json(&answer, WHO)?;
        for (may, what) in [
            ("publish_posts", "发布文章"),
            ("upload_files", "上传文件"),
            ("delete_others_posts", "删除文章和文件"),
        ] {
            if me["capabilities"][may] != Value::Bool(true) {
                return Err(Failure::lasting(format!(
                    "网站用户没有“{what}”的权限，请授予“编辑”角色"
                )));
            }
        }
        let name = me["name"].as_str().unwrap_or_default();
        Ok(format!("已连接，网站用户：{name}"))
    }
}
