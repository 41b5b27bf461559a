//! Accounts that are probably one too many (清理整合, R-REG-4): several of a unit on one platform, those of
//! the same name or the same certified body, and those hardly used; with what can be done about each.

mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use pages::{keep, list};

use zhendi_kernel::{ChannelId, UnitId};

zhendi_kernel::named! {
    /// Why accounts stand in a list.
    Why {
        /// A unit has several on a platform.
        SamePlace = "place", "同单位同平台";
        /// The same name, in several units or twice on a platform.
        SameName = "name", "名称相同或相近";
        /// Several units' accounts on a platform are certified for one body that is not the institution.
        SameBody = "body", "认证主体相同";
        /// Few followers, or nothing posted as far as is known.
        LittleUsed = "little", "使用较少";
    }
}

/// Accounts that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub why: Why,
    /// What they have in common, as it is looked up again.
    pub common: Common,
    pub many: i64,
    /// Changes when another account comes to it, or one goes.
    pub fingerprint: String,
}

/// What the accounts of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Common {
    Place { unit: UnitId, platform: String },
    Name(String),
    Body { body: String, platform: String },
}

impl Group {
    /// The key under which a decision about the group is kept.
    pub fn key(&self) -> String {
        match &self.common {
            Common::Place { unit, platform } => format!("place:{unit}:{platform}"),
            Common::Name(name) => format!("name:{name}"),
            Common::Body { body, platform } => format!("body:{platform}:{body}"),
        }
    }
}

/// The key of a decision about a little-used account.
pub fn key_of(channel: ChannelId) -> String {
    format!("little:{channel}")
}
