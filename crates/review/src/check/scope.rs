//! What each kind of channel may carry (Rule 7, R-REV-9): data of the institution, with the Rule's words as the beginning.

use super::{Found, FoundKind, Where};
use crate::dictionary::Severity;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use zhendi_kernel::{ChannelId, Fault, named, settings::Setting};
use zhendi_people::unit;
use zhendi_registry::channel;
use zhendi_textcheck::Text;

named! {
    /// The kinds of channels that Rule 7 tells apart.
    Carrier {
        /// Rule 7(1).
        OfficialSite = "official_site", "学院官方网站";
        /// Rule 7(2).
        UnitSite = "unit_site", "部门、二级学院网站";
        /// Rule 7(3).
        NewMedia = "new_media", "微信公众号、微博等新媒体平台";
        /// Rule 7(4).
        Forum = "forum", "校园论坛";
    }
}

impl Carrier {
    /// What the Rule says of it, for the reason of a finding.
    pub fn rule(self) -> &'static str {
        match self {
            Self::OfficialSite => "管理办法第七条（一）",
            Self::UnitSite => "管理办法第七条（二）",
            Self::NewMedia => "管理办法第七条（三）",
            Self::Forum => "管理办法第七条（四）",
        }
    }
}

/// Which categories of manuscripts each kind of channel may carry; and by what words advertising is known, which forums must not carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scopes {
    pub official_site: Vec<String>,
    pub unit_site: Vec<String>,
    pub new_media: Vec<String>,
    pub forum: Vec<String>,
    /// Words of advertising (商业广告).
    pub advertising: Vec<String>,
}

impl Default for Scopes {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            official_site: list(&[
                "重大决策",
                "重要活动",
                "重要事件",
                "新闻",
                "通知公告",
                "政策文件",
                "党建工作",
                "教学科研",
                "师资队伍",
                "学生工作",
                "招生就业",
                "校园文化",
                "其他",
            ]),
            unit_site: list(&[
                "重要活动",
                "重要事件",
                "新闻",
                "通知公告",
                "政策文件",
                "党建工作",
                "教学科研",
                "师资队伍",
                "学生工作",
                "招生就业",
                "校园文化",
                "其他",
            ]),
            new_media: list(&[
                "重大决策",
                "重要活动",
                "重要事件",
                "新闻",
                "通知公告",
                "学生工作",
                "招生就业",
                "校园文化",
                "师生风采",
                "生活服务",
                "其他",
            ]),
            forum: list(&["学生工作", "校园文化", "师生风采", "生活服务", "其他"]),
            advertising: list(&[
                "低价转让",
                "限时优惠",
                "扫码领取",
                "加微信购买",
                "厂家直销",
                "兼职日结",
                "刷单",
                "代购",
                "代写论文",
                "代考",
                "校园贷",
                "招代理",
                "包过",
                "免费试听",
            ]),
        }
    }
}

impl Setting for Scopes {
    const KEY: &'static str = "review.scopes";
}

/// A channel that a text is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Carried {
    pub name: String,
    pub carrier: Carrier,
}

/// What kind of channels some channels are. A website of the institution or of its publicity department is the
/// official one.
pub(super) async fn channels(
    db: &impl ConnectionTrait,
    ids: &[ChannelId],
) -> Result<Vec<Carried>, Fault> {
    let mut carried = vec![];
    for id in ids {
        let Some(found) = channel::store::find(db, *id).await? else {
            continue;
        };
        let facts = found.facts;
        let carrier = match facts.platform.0.as_str() {
            "website" => {
                let owner = unit::find(db, facts.unit).await?;
                match owner.is_some_and(|unit| unit.parent.is_none() || unit.publicity) {
                    true => Carrier::OfficialSite,
                    false => Carrier::UnitSite,
                }
            }
            "forum" => Carrier::Forum,
            _ => Carrier::NewMedia,
        };
        carried.push(Carried {
            name: facts.name,
            carrier,
        });
    }
    Ok(carried)
}

impl Scopes {
    /// The categories that a kind of channel may carry.
    pub fn of(&self, carrier: Carrier) -> &[String] {
        match carrier {
            Carrier::OfficialSite => &self.official_site,
            Carrier::UnitSite => &self.unit_site,
            Carrier::NewMedia => &self.new_media,
            Carrier::Forum => &self.forum,
        }
    }

    /// The channels on which the category does not belong.
    pub(super) fn categories(&self, category: &str, carried: &[Carried]) -> Vec<Found> {
        let outside = carried.iter().filter(|channel| {
            !category.is_empty() && !self.of(channel.carrier).iter().any(|name| name == category)
        });
        outside
            .map(|channel| Found {
                kind: FoundKind::Scope,
                severity: Severity::Warning,
                rule: "scope.category".into(),
                place: Where::Channel(channel.name.clone()),
                chars: 0..0,
                html: 0..0,
                message: format!(
                    "“{category}”类内容不在“{}”的发布范围内（{}，{}）",
                    channel.name,
                    channel.carrier,
                    channel.carrier.rule()
                ),
                suggestions: vec![],
                category: Some(category.to_owned()),
                word: None,
            })
            .collect()
    }

    /// Words of advertising in a text for a forum.
    pub(super) fn advertising(&self, title: &str, html: &str) -> Vec<Found> {
        let mut found = vec![];
        let body = Text::html(html);
        for (text, place) in [(Text::plain(title), Where::Title), (body, Where::Text)] {
            for word in self.advertising.iter().filter(|word| !word.is_empty()) {
                for (at, _) in text.as_str().match_indices(word.as_str()) {
                    let bytes = at..at + word.len();
                    found.push(Found {
                        kind: FoundKind::Scope,
                        severity: Severity::Error,
                        rule: "scope.advertising".into(),
                        place: place.clone(),
                        chars: text.chars(bytes.clone()),
                        html: text.place(bytes).chars,
                        message: format!(
                            "“{word}”可能是商业广告，校园论坛不得发布（{}）",
                            Carrier::Forum.rule()
                        ),
                        suggestions: vec![],
                        category: Some("商业广告".into()),
                        word: None,
                    });
                }
            }
        }
        found
    }
}

/// A forum must not carry anybody's personal data, nor what is secret (Rule 7(4)).
pub(super) fn forbid_in_forum(found: &mut Found) {
    if matches!(found.kind, FoundKind::PersonalData | FoundKind::Secrecy) {
        found.severity = Severity::Error;
        found.message = format!(
            "{}（校园论坛不得发布，{}）",
            found.message,
            Carrier::Forum.rule()
        );
    }
}
