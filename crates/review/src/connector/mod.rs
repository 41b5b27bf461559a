//! The ways out to platforms (R-REV-7): WordPress, webhook, feed, WeChat, and by hand.

use sea_orm::ConnectionTrait;
use zhendi_kernel::{ChannelId, Fault, secrets::SealedColumn, web::Routes};

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
        matches!(self, Self::WordPress | Self::Webhook | Self::Feed)
    }
}

/// How a channel's content gets out now.
///
/// # Errors
/// When the database fails.
pub async fn way_of(_db: &impl ConnectionTrait, _channel: ChannelId) -> Result<Way, Fault> {
    Ok(Way::Hand)
}

/// Columns that hold something sealed.
pub const SEALED: &[SealedColumn] = &[];

/// Pages and API.
pub fn routes() -> Routes {
    Routes::new()
}
