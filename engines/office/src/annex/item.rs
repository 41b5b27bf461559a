//! The cells of annex 3 that hold content, by name: for marking what changed, and for what reading returns.

use serde::{Deserialize, Serialize};

/// A cell of a person's row in annex 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// 姓名
    Name,
    /// 职务
    Post,
    /// 联系电话
    Phone,
}

impl Part {
    /// All three, from left to right.
    pub const ALL: [Self; 3] = [Self::Name, Self::Post, Self::Phone];

    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "姓名",
            Self::Post => "职务",
            Self::Phone => "联系电话",
        }
    }
}

/// A cell of annex 3 that holds content. People count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// 账号/网站/APP名称
    Name,
    /// 账号ID/网址
    AddressOrId,
    /// 开设部门
    Unit,
    /// 认证主体
    CertifiedBody,
    /// 开通平台/网站ICP
    PlatformOrIcp,
    /// 开通时间
    OpenedOn,
    /// 粉丝量（关注数）
    Followers,
    /// 发布频次
    PostingFrequency,
    /// 责任部门
    ResponsibleDepartment,
    /// 备案类型
    FilingKind,
    /// 主管领导
    Leader(Part),
    /// 审核人
    Reviewer(usize, Part),
    /// 运维工作人员
    Operator(usize, Part),
    /// 主管部门意见
    Opinion,
}

impl Item {
    /// The pairs of label and content above the people, row by row as printed.
    pub const FACTS: [Self; 10] = [
        Self::Name,
        Self::AddressOrId,
        Self::Unit,
        Self::CertifiedBody,
        Self::PlatformOrIcp,
        Self::OpenedOn,
        Self::Followers,
        Self::PostingFrequency,
        Self::ResponsibleDepartment,
        Self::FilingKind,
    ];

    /// The label as printed in the Notice.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "账号/网站/APP名称",
            Self::AddressOrId => "账号ID/网址",
            Self::Unit => "开设部门",
            Self::CertifiedBody => "认证主体",
            Self::PlatformOrIcp => "开通平台/网站ICP",
            Self::OpenedOn => "开通时间",
            Self::Followers => "粉丝量（关注数）",
            Self::PostingFrequency => "发布频次",
            Self::ResponsibleDepartment => "责任部门",
            Self::FilingKind => "备案类型",
            Self::Leader(_) => "主管领导",
            Self::Reviewer(..) => "审核人",
            Self::Operator(..) => "运维工作人员",
            Self::Opinion => "主管部门意见",
        }
    }
}
