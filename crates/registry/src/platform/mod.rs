//! Platforms on which channels live: data that the institution edits, each with its column of annex 2.

mod pages;
mod store;
#[cfg(test)]
mod tests;

pub use store::{delete, find, known, load, name, save};

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use zhendi_kernel::{
    Permission, text,
    web::{Access, Routes},
};

/// The pages of platforms.
pub fn routes() -> Routes {
    let keep = Access::Needs(Permission::ManageRegistry);
    Routes::new()
        .get("/platforms", keep, pages::list)
        .get("/platforms/new", keep, pages::new)
        .post("/platforms", keep, pages::create)
        .get("/platforms/{code}", keep, pages::edit)
        .post("/platforms/{code}", keep, pages::save)
        .post("/platforms/{code}/removals", keep, pages::remove)
}

/// A platform's stable code.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    DeriveValueType,
    utoipa::ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct PlatformCode(pub String);

impl std::fmt::Display for PlatformCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A code is never made by a sequence; keys must say so.
impl sea_orm::TryFromU64 for PlatformCode {
    fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
        Err(sea_orm::DbErr::ConvertFromU64("PlatformCode"))
    }
}

impl From<&str> for PlatformCode {
    fn from(code: &str) -> Self {
        Self(code.into())
    }
}

/// The column of annex 2 (新媒体（网站）基本情况汇总表) in which a platform's channels are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Annex2 {
    Website,
    Weibo,
    Wechat,
    Toutiao,
    Douyin,
    App,
    Other,
}

impl Annex2 {
    /// The columns, from left to right.
    pub const ALL: [Self; 7] = [
        Self::Website,
        Self::Weibo,
        Self::Wechat,
        Self::Toutiao,
        Self::Douyin,
        Self::App,
        Self::Other,
    ];

    /// The code in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Website => "website",
            Self::Weibo => "weibo",
            Self::Wechat => "wechat",
            Self::Toutiao => "toutiao",
            Self::Douyin => "douyin",
            Self::App => "app",
            Self::Other => "other",
        }
    }

    /// The heading as printed.
    pub fn label(self) -> &'static str {
        match self {
            Self::Website => "网站",
            Self::Weibo => "微博",
            Self::Wechat => "微信",
            Self::Toutiao => "头条号",
            Self::Douyin => "抖音号",
            Self::App => "移动客户端",
            Self::Other => "其他政务新媒体",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// How a channel of a platform is told from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamedBy {
    /// By its address (网址).
    Address,
    /// By its account id (账号 ID).
    Account,
}

impl NamedBy {
    /// The code in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Account => "account",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Address => "网址",
            Self::Account => "账号 ID",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Address, Self::Account]
            .into_iter()
            .find(|one| one.code() == code)
    }
}

/// A platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    pub code: PlatformCode,
    pub name: String,
    /// Other names by which spreadsheets and people call it.
    pub aliases: Vec<String>,
    pub annex2: Annex2,
    pub named_by: NamedBy,
    pub sort: i32,
    /// No new channels on it; those that are there stay.
    pub retired: bool,
    pub version: i32,
}

/// All platforms, in the order of pages. There are few, so that they are read whole.
#[derive(Clone, Debug, Default)]
pub struct Platforms(pub Vec<Platform>);

impl Platforms {
    /// The platform of a code.
    pub fn get(&self, code: &PlatformCode) -> Option<&Platform> {
        self.0.iter().find(|platform| platform.code == *code)
    }

    /// The name of a code; the code itself for one that is not known.
    pub fn name<'a>(&'a self, code: &'a PlatformCode) -> &'a str {
        self.get(code).map_or(&code.0, |platform| &platform.name)
    }

    /// The platform that a text names, by code, name or alias, however it is written. Retired ones are
    /// found too: a spreadsheet may be older than the decision.
    pub fn resolve(&self, text: &str) -> Option<&Platform> {
        let wanted = text::fold(text);
        if wanted.is_empty() {
            return None;
        }
        let by_name = |p: &&Platform| text::fold(&p.name) == wanted || p.code.0 == wanted;
        let by_alias = |p: &&Platform| p.aliases.iter().any(|a| text::fold(a) == wanted);
        // A name wins over another platform's alias.
        self.0
            .iter()
            .find(by_name)
            .or_else(|| self.0.iter().find(by_alias))
    }

    /// The names of platforms in use, those most like the text first.
    pub fn nearest(&self, text: &str) -> Vec<&str> {
        let wanted: Vec<char> = text::fold(text).chars().collect();
        let mut all: Vec<(usize, &str)> = self
            .0
            .iter()
            .filter(|platform| !platform.retired)
            .map(|platform| {
                let names = platform.aliases.iter().chain([&platform.name]);
                let common = names.map(|name| likeness(&wanted, &text::fold(name)));
                (common.max().unwrap_or(0), platform.name.as_str())
            })
            .collect();
        all.sort_by_key(|(common, _)| std::cmp::Reverse(*common));
        all.into_iter().map(|(_, name)| name).collect()
    }

    /// Pairs for a select: those in use, and the one that is chosen already.
    pub fn options(&self, chosen: &str) -> Vec<(String, String)> {
        self.0
            .iter()
            .filter(|platform| !platform.retired || platform.code.0 == chosen)
            .map(|platform| (platform.code.0.clone(), platform.name.clone()))
            .collect()
    }
}

/// How many parts of a hundred two short names share, by their characters.
fn likeness(one: &[char], other: &str) -> usize {
    let mut left: Vec<char> = other.chars().collect();
    let total = one.len() + left.len();
    if total == 0 {
        return 0;
    }
    let mut common = 0;
    for c in one {
        if let Some(at) = left.iter().position(|o| o == c) {
            left.swap_remove(at);
            common += 2;
        }
    }
    common * 100 / total
}
