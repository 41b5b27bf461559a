//! What is known of a channel: the fields of annexes 1, 3 and 4.

use super::WebFacts;
use crate::{PartialDate, platform::PlatformCode};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{PersonId, UnitId};

/// The facts of a channel as annex 3 asks for them, with those of annex 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// 账号/网站/APP名称.
    pub name: String,
    /// 开设部门.
    pub unit: UnitId,
    /// 开通平台.
    pub platform: PlatformCode,
    /// 账号ID/网址. Empty where none is known.
    pub address_or_id: String,
    /// 认证主体.
    pub certified_body: String,
    /// 开通时间, as precise as it is known.
    pub opened_on: Option<PartialDate>,
    /// 粉丝量（关注数）.
    pub followers: Option<i64>,
    /// 发布频次.
    pub posting_frequency: String,
    /// 责任部门.
    pub responsible_department: String,
    /// Whose account it is.
    pub holder: Holder,
    /// 网站ICP备案号; an app's or mini-program's number for those.
    pub icp: Option<String>,
    /// What a site or an app has besides (R-REG-6).
    #[serde(default)]
    pub web: WebFacts,
    pub survey: AnnexOne,
    /// 备注.
    pub remark: String,
}

/// Whose account a channel is (R-REG-1; annex 2, rows 1 and 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// 单位开设.
    Unit,
    /// 以职务身份开设认证的个人账号, with the post.
    PersonByPost(String),
}

impl Holder {
    /// Codes and labels, for selects.
    pub const OPTIONS: [(&'static str, &'static str); 2] = [
        ("unit", "单位账号"),
        ("person_by_post", "职务认证的个人账号"),
    ];

    /// The code in the database and the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::PersonByPost(_) => "person_by_post",
        }
    }

    /// What people read.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Unit => Self::OPTIONS[0].1,
            Self::PersonByPost(_) => Self::OPTIONS[1].1,
        }
    }

    /// The post; empty for a unit's account.
    pub fn post(&self) -> &str {
        match self {
            Self::Unit => "",
            Self::PersonByPost(post) => post,
        }
    }

    /// From code and post.
    pub fn parse(code: &str, post: &str) -> Option<Self> {
        match code {
            "unit" => Some(Self::Unit),
            "person_by_post" => Some(Self::PersonByPost(post.into())),
            _ => None,
        }
    }
}

/// What annex 1 asks of a channel. None and empty mean that nobody has said yet.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    sea_orm::FromJsonQueryResult,
    utoipa::ToSchema,
)]
#[serde(default)]
pub struct AnnexOne {
    /// 问题排查情况.
    pub problem: String,
    /// 是否整改.
    pub rectified: Option<bool>,
    /// 是否具有互动功能.
    pub interactive: Option<bool>,
    /// 是否建立内容发布审核制度.
    pub review_system: Option<bool>,
    /// 是否委托其他单位运营.
    pub outsourced: Option<bool>,
    /// The operator, when it is.
    pub operator: Option<String>,
}

/// The persons behind a channel (annex 3, 管理相关人员).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelPeople {
    /// 主管领导.
    pub leader: Option<PersonId>,
    /// 审核人.
    pub reviewers: Vec<PersonId>,
    /// 运维工作人员; the first is 运维负责人 / 账号负责人.
    pub operators: Vec<PersonId>,
}

impl ChannelPeople {
    /// Everyone, each once, in the order of the form.
    pub fn all(&self) -> Vec<PersonId> {
        let mut all: Vec<PersonId> = vec![];
        let everyone = self
            .leader
            .iter()
            .chain(&self.reviewers)
            .chain(&self.operators);
        for person in everyone {
            if !all.contains(person) {
                all.push(*person);
            }
        }
        all
    }
}

/// Longest texts, in characters. Names of the platforms' own reach 30; the sheet's cells are generous.
pub mod limits {
    pub const NAME: usize = 100;
    pub const ADDRESS: usize = 500;
    pub const SHORT: usize = 200;
    pub const LONG: usize = 2000;
}
