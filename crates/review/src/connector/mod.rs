//! The ways out to platforms (R-REV-7): WordPress, webhook, feed, WeChat, and by hand.

mod feed;
mod pages;
mod post;
mod store;
mod watch;
mod webhook;
mod wechat;
mod wordpress;

pub use post::Post;
pub use store::{Connection, Health, NewConnection, of_channel, save, way_of};
pub(crate) use watch::used;
pub use watch::{jobs, test};

use axum::http::StatusCode;
use url::Url;
use zhendi_kernel::{
    App, Fault, Permission,
    outgoing::{Answer, Ask, OutgoingError},
    secrets::SealedColumn,
    web::{Access, Routes},
};

zhendi_kernel::named! {
    /// How a channel's content gets to its platform.
    Way {
        Hand = "hand", "手动发布";
        WordPress = "wordpress", "WordPress 网站";
        Webhook = "webhook", "签名推送（Webhook）";
        Feed = "feed", "订阅源（Atom / JSON Feed）";
        WeChat = "wechat", "微信公众号草稿箱";
    }
}

impl Way {
    /// Whether the program itself can take something down there.
    pub fn removes(self) -> bool {
        matches!(self, Self::WordPress | Self::Webhook)
    }
}

/// Why a platform did not do what it was asked. The words are for the channel's admin: no secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub message: String,
    /// Whether it may go better by itself in a while.
    pub passing: bool,
}

impl Failure {
    /// It may go better later.
    pub fn passing(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            passing: true,
        }
    }

    /// Somebody has to do something about it.
    pub fn lasting(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            passing: false,
        }
    }
}

impl From<OutgoingError> for Failure {
    fn from(error: OutgoingError) -> Self {
        let passing = !matches!(error, OutgoingError::Forbidden(_) | OutgoingError::Unusable);
        Self {
            message: error.to_string(),
            passing,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match &fault {
            Fault::Internal(cause) | Fault::Unavailable(cause) | Fault::Full(cause) => {
                tracing::warn!(error = %cause, "a connector met a fault");
                Self::passing(fault.to_string())
            }
            _ => Self::lasting(fault.to_string()),
        }
    }
}

/// What came of bringing something to a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// The public can see it.
    Live {
        remote_id: String,
        link: String,
        /// An earlier request had brought it there, though nobody noted it.
        found: bool,
    },
    /// The platform has it; a person makes it public, or the system there answers later.
    Accepted {
        remote_id: Option<String>,
        /// What is left to do.
        message: String,
    },
}

/// One way out. Every call may be repeated: what is there already is brought up to date, never doubled.
#[async_trait::async_trait]
pub trait Connector: Send + Sync {
    /// Brings a post to the platform, or what is there under its key up to date.
    async fn put(&self, app: &App, post: &Post) -> Result<Put, Failure>;

    /// Takes a post down, wherever [`Way::removes`] says that it can; says what the platform said.
    async fn remove(&self, app: &App, post: &Post) -> Result<String, Failure>;

    /// Whether the connection would serve; says what was seen.
    async fn check(&self, app: &App) -> Result<String, Failure>;
}

/// The connector of a connection; none for what goes out by hand.
///
/// # Errors
/// When its address or secret is missing.
pub fn connector(connection: &Connection) -> Result<Option<Box<dyn Connector>>, Failure> {
    Ok(match connection.way {
        Way::Hand => None,
        Way::WordPress => Some(Box::new(wordpress::WordPress::of(connection)?)),
        Way::Webhook => Some(Box::new(webhook::Webhook::of(connection)?)),
        Way::Feed => Some(Box::new(feed::Feed)),
        Way::WeChat => Some(Box::new(wechat::WeChat::of(connection)?)),
    })
}

/// Looks at a public link without any key: whether the platform says that nothing is there.
///
/// # Errors
/// When it is still there, or no answer can be had.
pub async fn look_gone(app: &App, link: &str) -> Result<String, Failure> {
    let url = Url::parse(link).map_err(|_| Failure::lasting("登记的链接不是完整的网址"))?;
    let answer = app.outgoing.ask(&url, Ask::default()).await?;
    match answer.status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(format!(
            "公开链接返回 {}，已不能访问",
            answer.status.as_u16()
        )),
        status => Err(Failure::passing(format!(
            "公开链接仍可访问（返回 {}）",
            status.as_u16()
        ))),
    }
}

/// Reads an answer as JSON; what is wrong with it is told by its status.
fn json(answer: &Answer, who: &str) -> Result<serde_json::Value, Failure> {
    let status = answer.status;
    let read = serde_json::from_slice::<serde_json::Value>(&answer.body);
    if status.is_success() {
        return read.map_err(|_| {
            Failure::passing(format!("{who}的应答不是预期的格式，请检查地址是否正确"))
        });
    }
    let said = read.ok().and_then(|said| {
        let text = said.get("message")?.as_str()?;
        Some(text.chars().take(200).collect::<String>())
    });
    let said = said.map(|said| format!("：{said}")).unwrap_or_default();
    let message = format!("{who}返回 {}{said}", status.as_u16());
    let passing = status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        )
        || status.is_redirection();
    Err(Failure { message, passing })
}

/// Columns that hold something sealed.
pub const SEALED: &[SealedColumn] = &store::SEALED;

/// Pages and API.
pub fn routes() -> Routes {
    let keep = Access::Needs(Permission::ManageConnections);
    Routes::new()
        .get("/channels/{id}/connection", keep, pages::show)
        .post("/channels/{id}/connection", keep, pages::save)
        .post("/channels/{id}/connection/tests", keep, pages::test)
        .post(
            "/channels/{id}/connection/feed-addresses",
            keep,
            pages::renew,
        )
        .get("/feeds/{file}", Access::Public, feed::show)
        .get("/feeds/{token}/files/{hash}", Access::Public, feed::file)
}
