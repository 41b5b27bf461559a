//! The feed that a site system reads (Atom, RFC 4287, with the tombstones of RFC 6721; JSON Feed 1.1). Its
//! address holds a secret and is all that a reader needs.

use super::{Connector, Failure, Post, Put, post::escape, store};
use crate::{
    manuscript,
    publication::{self, Publication},
};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json as value};
use zhendi_kernel::{
    App, ChannelId, Fault,
    files::{self, ContentHash},
};
use zhendi_registry::channel;

/// The feed needs nothing brought anywhere: it is read.
pub(super) struct Feed;

#[async_trait::async_trait]
impl Connector for Feed {
    async fn put(&self, _: &App, post: &Post) -> Result<Put, Failure> {
        Ok(Put::Accepted {
            remote_id: Some(post.key.clone()),
            message: "已进入订阅源，网站发布后请登记链接。".into(),
        })
    }

    async fn remove(&self, _: &App, _: &Post) -> Result<String, Failure> {
        Err(Failure::lasting(
            "已从订阅源移除，请在网站上确认撤下后上传截图",
        ))
    }

    async fn check(&self, _: &App) -> Result<String, Failure> {
        Ok("订阅源可以读取".into())
    }
}

/// The address of a feed; `ending` is `atom` or `json`.
pub(super) fn address(app: &App, token: &str, ending: &str) -> String {
    format!("{}feeds/{token}.{ending}", base(app))
}

/// Where this site is, with a slash at the end.
fn base(app: &App) -> String {
    let Some(url) = &app.config.public_url else {
        return "/".into();
    };
    let url = url.as_str();
    format!("{}/", url.trim_end_matches('/'))
}

struct Entry {
    publication: Publication,
    post: Post,
    html: String,
}

/// What stands in a channel's feed, and the keys of what was taken away.
async fn entries(
    app: &App,
    channel: ChannelId,
    token: &str,
) -> Result<(Vec<Entry>, Vec<Publication>), Fault> {
    let db = app.db.read();
    let mut shown = vec![];
    for publication in publication::in_feed(db, channel).await? {
        let version = manuscript::version(db, publication.content).await?;
        let post = Post::new(&publication, version);
        let base = base(app);
        let html = post.html(|file| Some(format!("{base}feeds/{token}/files/{}", file.hash)));
        shown.push(Entry {
            publication,
            post,
            html,
        });
    }
    let mut gone = publication::out_of_feed(db, channel).await?;
    gone.retain(|one| shown.iter().all(|entry| entry.post.key != one.key));
    Ok((shown, gone))
}

async fn reader(app: &App, token: &str) -> Result<ChannelId, Fault> {
    // A token has 43 letters; what is no token need not be looked up.
    if token.len() < 32 || token.len() > 64 {
        return Err(Fault::NotFound);
    }
    store::of_feed(app.db.read(), app, token)
        .await?
        .ok_or(Fault::NotFound)
}

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// GET /feeds/{token}.atom and /feeds/{token}.json
pub(super) async fn show(
    State(app): State<App>,
    Path(file): Path<String>,
) -> Result<Response, Fault> {
    let (token, ending) = file.rsplit_once('.').ok_or(Fault::NotFound)?;
    let channel = reader(&app, token).await?;
    let name = channel::store::get(app.db.read(), channel)
        .await?
        .facts
        .name;
    let (shown, gone) = entries(&app, channel, token).await?;
    let (kind, body) = match ending {
        "atom" => (
            "application/atom+xml; charset=utf-8",
            atom(&app, token, channel, &name, &shown, &gone),
        ),
        "json" => (
            "application/feed+json; charset=utf-8",
            json_feed(&app, token, &name, &shown, &gone).to_string(),
        ),
        _ => return Err(Fault::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, max-age=60"),
        ),
    ];
    Ok((headers, body).into_response())
}

fn atom(
    app: &App,
    token: &str,
    channel: ChannelId,
    name: &str,
    shown: &[Entry],
    gone: &[Publication],
) -> String {
    let times = shown.iter().map(|one| one.publication.updated_at);
    let updated = times
        .chain(gone.iter().map(|one| one.updated_at))
        .max()
        .unwrap_or(DateTime::UNIX_EPOCH);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" \
         xmlns:at=\"http://purl.org/atompub/tombstones/1.0\"><id>urn:zhendi:channel:{channel}</id>\
         <title>{}</title><updated>{}</updated><author><name>{}</name></author>\
         <link rel=\"self\" href=\"{}\"/>\n",
        escape(name),
        rfc3339(updated),
        escape(name),
        escape(&address(app, token, "atom")),
    );
    for one in shown {
        let publication = &one.publication;
        let published = publication.published_at.unwrap_or(publication.created_at);
        let link = publication
            .link
            .as_ref()
            .map(|link| format!("<link rel=\"alternate\" href=\"{}\"/>", escape(link)));
        out.push_str(&format!(
            "<entry><id>urn:zhendi:{}</id><title>{}</title><published>{}</published><updated>{}</updated>{}\
             <content type=\"html\">{}</content></entry>\n",
            one.post.key,
            escape(&one.post.title),
            rfc3339(published),
            rfc3339(publication.updated_at),
            link.unwrap_or_default(),
            escape(&one.html),
        ));
    }
    for one in gone {
        out.push_str(&format!(
            "<at:deleted-entry ref=\"urn:zhendi:{}\" when=\"{}\"/>\n",
            one.key,
            rfc3339(one.updated_at)
        ));
    }
    out.push_str("</feed>\n");
    out
}

fn json_feed(app: &App, token: &str, name: &str, shown: &[Entry], gone: &[Publication]) -> Value {
    let items: Vec<Value> = shown
        .iter()
        .map(|one| {
            let publication = &one.publication;
            let mut item = value!({
                "id": format!("urn:zhendi:{}", one.post.key),
                "title": one.post.title,
                "content_html": one.html,
                "date_published": rfc3339(publication.published_at.unwrap_or(publication.created_at)),
                "date_modified": rfc3339(publication.updated_at),
                "_zhendi": { "hash": one.post.hash, "version": one.post.version.number },
            });
            if let Some(link) = &publication.link {
                item["url"] = link.as_str().into();
            }
            item
        })
        .collect();
    let gone: Vec<Value> = gone
        .iter()
        .map(|one| value!({ "id": format!("urn:zhendi:{}", one.key), "date": rfc3339(one.updated_at) }))
        .collect();
    value!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": name,
        "feed_url": address(app, token, "json"),
        "items": items,
        "_zhendi": { "withdrawn": gone },
    })
}

/// GET /feeds/{token}/files/{hash}: a file of what stands in the feed.
pub(super) async fn file(
    State(app): State<App>,
    Path((token, hash)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let channel = reader(&app, &token).await?;
    let wanted: ContentHash = hash.parse().map_err(|_| Fault::NotFound)?;
    let db = app.db.read();
    for publication in publication::in_feed(db, channel).await? {
        let version = manuscript::version(db, publication.content).await?;
        let found = version
            .content
            .files
            .into_iter()
            .find(|file| file.hash == hash);
        if let Some(file) = found {
            let bytes = app.files.get(&wanted).await?;
            return Ok(files::download(&file.name, file.kind, bytes));
        }
    }
    Err(Fault::NotFound)
}
