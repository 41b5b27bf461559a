//! The page of a channel's connection: how it publishes, with what secret, and whether that serves.

use super::{
    Way, feed,
    store::{self, Connection, NewConnection},
    watch::{self, SUBJECT},
    wechat,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use url::Url;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, PersonId, audit, clock,
    form::{self, Errors, Field, Posted, Unprocessable},
    text,
    web::{Flash, Shell, redirect},
};
use zhendi_people::role;
use zhendi_registry::channel::{self, Channel};

#[derive(Template, WebTemplate)]
#[template(path = "connector/show.html")]
struct Page {
    shell: Shell,
    channel: Channel,
    connection: Option<Connection>,
    feeds: Vec<String>,
    near: bool,
    f: Fields,
    errors: Errors,
}

impl Page {
    fn ways(&self) -> Vec<(&'static str, &'static str)> {
        Way::ALL
            .iter()
            .map(|way| (way.code(), way.label()))
            .collect()
    }

    fn checked(&self) -> String {
        let at = self.connection.as_ref().and_then(|one| one.checked_at);
        at.as_ref().map(clock::show).unwrap_or_default()
    }

    /// Whether a secret is kept, so that an empty field leaves it.
    fn has_secret(&self) -> bool {
        self.connection.as_ref().is_some_and(Connection::has_secret)
    }

    fn about_secret(&self) -> &'static str {
        if self.has_secret() {
            "已保存，不再显示；不更换就留空"
        } else {
            "WordPress 应用密码、签名密钥或公众号 AppSecret。加密保存，不再显示"
        }
    }

    fn badge(&self) -> (&'static str, &'static str, &'static str) {
        use store::Health::*;
        match self.connection.as_ref().map(|one| one.health) {
            Some(Good) => ("success", "circle-check", Good.label()),
            Some(Failing) => ("danger", "alert-triangle", Failing.label()),
            _ => ("neutral", "clock", Untested.label()),
        }
    }

    fn is_automatic(&self) -> bool {
        self.connection
            .as_ref()
            .is_some_and(|one| one.way != Way::Hand)
    }
}

struct Fields {
    way: Field,
    address: Field,
    account: Field,
    secret: Field,
    expires_on: Field,
}

impl Fields {
    fn with(value: impl Fn(&str) -> String) -> Self {
        let field = |name: &'static str, label: &'static str| Field::new(name, label, value(name));
        Self {
            way: field("way", "发布方式"),
            address: field("address", "地址"),
            account: field("account", "用户名或 AppID"),
            secret: Field::empty("secret", "密钥"),
            expires_on: field("expires_on", "密钥有效期至"),
        }
    }

    fn of(connection: Option<&Connection>) -> Self {
        let Some(one) = connection else {
            return Self::with(|name| match name {
                "way" => Way::Hand.code().into(),
                _ => String::new(),
            });
        };
        Self::with(|name| match name {
            "way" => one.way.code().into(),
            "address" => one.address.clone(),
            "account" => one.account.clone(),
            "expires_on" => one
                .expires_on
                .map(|day| day.to_string())
                .unwrap_or_default(),
            _ => String::new(),
        })
    }

    fn read(&mut self, posted: &Posted, before: Option<&Connection>) -> Option<NewConnection> {
        let way = self.way.check(|raw| Way::parse(raw).ok_or("请选择。"))?;
        let needs_address = matches!(way, Way::WordPress | Way::Webhook);
        let address = self.address.check(|raw| match (raw.trim(), way) {
            (_, Way::Hand | Way::Feed) => Ok(String::new()),
            ("", Way::WeChat) => Ok(wechat::ADDRESS.to_owned()),
            ("", _) => Err("请填写。"),
            (raw, _) => web(raw).ok_or("请填写 http 或 https 开头的完整网址，不要带用户名和密码。"),
        });
        let account = self.account.check(|raw| {
            if !matches!(way, Way::WordPress | Way::WeChat) {
                return Ok(String::new());
            }
            text::required_line(raw, 100).map_err(|error| error.to_string())
        });
        let secret = posted.get("secret").trim().to_owned();
        let same = before.is_some_and(|one| {
            one.way == way
                && one.has_secret()
                && Some(&one.address) == address.as_ref()
                && Some(&one.account) == account.as_ref()
        });
        let needs_secret = needs_address || way == Way::WeChat;
        if secret.is_empty() && needs_secret && !same {
            self.secret
                .refuse("请填写。更换地址或用户名后须重新填写密钥。");
        }
        if secret.chars().count() > 500 || secret.chars().any(char::is_control) {
            self.secret.refuse("密钥过长，或含有不能使用的字符。");
        }
        if way == Way::Webhook && !secret.is_empty() && secret.len() < 16 {
            self.secret.refuse("签名密钥至少 16 个字符。");
        }
        let expires_on = self.expires_on.check(|raw| match raw.trim() {
            "" => Ok(None),
            raw => raw
                .parse::<NaiveDate>()
                .map(Some)
                .map_err(|_| "请填写日期。"),
        });
        let fields = [
            &self.way,
            &self.address,
            &self.account,
            &self.secret,
            &self.expires_on,
        ];
        if !form::errors(fields).is_empty() {
            return None;
        }
        Some(NewConnection {
            way,
            address: address?,
            account: account?,
            // WordPress shows its passwords in groups of four.
            secret: (needs_secret && !secret.is_empty()).then(|| match way {
                Way::WordPress => secret.replace(' ', ""),
                _ => secret,
            }),
            expires_on: expires_on?,
        })
    }

    fn errors(&self) -> Errors {
        form::errors([
            &self.way,
            &self.address,
            &self.account,
            &self.secret,
            &self.expires_on,
        ])
    }
}

fn web(raw: &str) -> Option<String> {
    let url = Url::parse(raw).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    (plain && matches!(url.scheme(), "http" | "https") && raw.len() <= 500).then(|| raw.to_owned())
}

/// A channel that the actor may see, and whose connection they keep.
async fn open(app: &App, actor: &Actor, id: ChannelId) -> Result<Channel, Fault> {
    let db = app.db.read();
    let channel = channel::store::find(db, id).await?.ok_or(Fault::NotFound)?;
    let place = channel.place(db).await?;
    actor.require_sight(Permission::ViewChannels, &place)?;
    actor.require(Permission::ManageConnections, &place)?;
    Ok(channel)
}

fn person_of(actor: &Actor) -> Result<PersonId, Fault> {
    actor
        .person()
        .ok_or_else(|| Fault::Forbidden("发布通道须由实名人员设置。".into()))
}

fn page(app: &App, shell: Shell, channel: Channel, connection: Option<Connection>) -> Page {
    let token = connection
        .as_ref()
        .filter(|one| one.way == Way::Feed)
        .and_then(|one| one.secret().ok());
    Page {
        feeds: token
            .map(|token| {
                ["atom", "json"]
                    .map(|ending| feed::address(app, &token, ending))
                    .into()
            })
            .unwrap_or_default(),
        near: watch::near(
            connection.as_ref().and_then(|one| one.expires_on),
            app.clock.today(),
        ),
        f: Fields::of(connection.as_ref()),
        errors: vec![],
        shell,
        channel,
        connection,
    }
}

/// GET /channels/{id}/connection
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
) -> Result<Response, Fault> {
    let channel = open(&app, &actor, id).await?;
    let connection = store::of_channel(app.db.read(), &app, id).await?;
    Ok(page(&app, shell, channel, connection).into_response())
}

async fn keep(
    app: &App,
    actor: &Actor,
    channel: &Channel,
    seen: i32,
    new: NewConnection,
    action: &'static str,
    summary: String,
) -> Result<(), Fault> {
    let by = person_of(actor)?;
    let place = channel.place(app.db.read()).await?;
    let detail = serde_json::json!({
        "way": new.way, "address": new.address, "account": new.account,
        "new_secret": new.secret.is_some(), "expires_on": new.expires_on,
    });
    let tx = app.db.begin().await?;
    let id = store::save(&tx, app, channel.id, seen, new, by).await?;
    let entry = audit::Entry {
        action,
        subject: (SUBJECT, id.0),
        unit: Some(channel.facts.unit),
        on_behalf_of: role::principal(actor, Permission::ManageConnections, &place),
        summary,
        detail,
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// POST /channels/{id}/connection
pub(super) async fn save(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let channel = open(&app, &actor, id).await?;
    let before = store::of_channel(app.db.read(), &app, id).await?;
    let mut fields = Fields::with(|name| posted.get(name).to_owned());
    let Some(mut new) = fields.read(&posted, before.as_ref()) else {
        let mut page = page(&app, shell, channel, before);
        page.errors = fields.errors();
        page.f = fields;
        return Ok(Unprocessable(page).into_response());
    };
    let had_feed = before
        .as_ref()
        .is_some_and(|one| one.way == Way::Feed && one.has_secret());
    if new.way == Way::Feed && !had_feed {
        new.secret = Some(app.entropy.token());
    }
    let seen = posted.get("version").parse().unwrap_or(0);
    let name = channel::lasting_title(&channel.facts, id);
    let summary = format!("设置发布通道：{name}，{}", new.way.label());
    let automatic = new.way != Way::Hand;
    keep(
        &app,
        &actor,
        &channel,
        seen,
        new,
        "connection.saved",
        summary,
    )
    .await?;
    let text = if automatic {
        "发布通道已保存，请点“测试连接”确认可用。"
    } else {
        "已改为手动发布。"
    };
    Ok(redirect(watch::href(id), Flash::success(text)))
}

/// POST /channels/{id}/connection/tests
pub(super) async fn test(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ChannelId>,
    _: Posted,
) -> Result<Response, Fault> {
    open(&app, &actor, id).await?;
    let flash = match watch::test(&app, &actor, id).await? {
        Ok(said) => Flash::success(format!("连接正常。{said}")),
        Err(failure) => Flash::danger(format!("连接异常：{failure}。")),
    };
    Ok(redirect(watch::href(id), flash))
}

/// POST /channels/{id}/connection/feed-addresses: the old address leads nowhere from now on.
pub(super) async fn renew(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ChannelId>,
    posted: Posted,
) -> Result<Response, Fault> {
    let channel = open(&app, &actor, id).await?;
    let before = store::of_channel(app.db.read(), &app, id)
        .await?
        .filter(|one| one.way == Way::Feed)
        .ok_or(Fault::NotFound)?;
    let new = NewConnection {
        way: Way::Feed,
        address: before.address,
        account: before.account,
        secret: Some(app.entropy.token()),
        expires_on: before.expires_on,
    };
    let seen = posted.get("version").parse().unwrap_or(0);
    let name = channel::lasting_title(&channel.facts, id);
    let summary = format!("更换订阅源地址：{name}");
    keep(
        &app,
        &actor,
        &channel,
        seen,
        new,
        "connection.renewed",
        summary,
    )
    .await?;
    Ok(redirect(
        watch::href(id),
        Flash::success("订阅源地址已更换，原地址立即失效。请把新地址告诉网站系统。"),
    ))
}
