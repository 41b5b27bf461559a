//! The forms' columns: their headings as printed in the Notice and the other ways people write them.

use serde::{Deserialize, Serialize};

/// A form that the crate recognises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    /// Notice, annex 1: 新媒体（网站）基本情况统计表.
    Annex1,
    /// Notice, annex 4: 新媒体（网站）备案汇总表.
    Annex4,
    /// The people template.
    People,
}

use Field as F;

impl FormKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Annex1, Self::Annex4, Self::People];

    /// The form's name as people know it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Annex1 => "附件1 新媒体（网站）基本情况统计表",
            Self::Annex4 => "附件4 新媒体（网站）备案汇总表",
            Self::People => "人员模板",
        }
    }

    /// The columns as printed, from left to right, after 序号.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Annex1 => &[
                F::Name,
                F::OpeningUnit,
                F::CertifiedBody,
                F::Platform,
                F::Problems,
                F::Rectified,
                F::Interactive,
                F::ReviewSystem,
                F::Outsourced,
                F::OwnerName,
                F::OwnerPhone,
                F::Remarks,
            ],
            Self::Annex4 => &[
                F::Name,
                F::AccountId,
                F::OpeningUnit,
                F::CertifiedBody,
                F::Platform,
                F::OpenedOn,
                F::Leader,
                F::Reviewer,
                F::Operator,
                F::OperatorPhone,
                F::FilingKind,
            ],
            Self::People => &[
                F::Unit,
                F::UnitShortName,
                F::PersonName,
                F::StaffNumber,
                F::EmploymentKind,
                F::Post,
                F::Mobile,
                F::Mail,
                F::Roles,
            ],
        }
    }

    /// The columns without which the form is not taken. Of the annexes that is every printed column but
    /// 序号 and 备注; of the people template what tells one person from another.
    pub fn required(self) -> &'static [Field] {
        match self {
            Self::Annex1 => {
                let all = self.fields();
                &all[..all.len() - 1]
            }
            Self::Annex4 => self.fields(),
            Self::People => &[F::Unit, F::PersonName, F::StaffNumber, F::EmploymentKind],
        }
    }

    /// The [`required`](Self::required) columns' headings as printed in this form.
    pub fn required_headings(self) -> Vec<&'static str> {
        self.required()
            .iter()
            .map(|field| field.heading_in(self))
            .collect()
    }

    /// Columns read where they stand in this form: the printed ones, and those that units add
    /// (an account's id in annex 1 settles which of two accounts is meant; remarks mark examples anywhere).
    pub(crate) fn readable(self) -> impl Iterator<Item = Field> {
        let added: &[Field] = match self {
            Self::Annex1 => &[F::AccountId],
            Self::Annex4 | Self::People => &[F::Remarks],
        };
        self.fields()
            .iter()
            .chain(added)
            .copied()
            .chain([F::Serial])
    }
}

/// A column of one of the forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 序号
    Serial,
    /// 账号（网站）名称; annex 4: 账号（网站/APP）名称
    Name,
    /// 账号ID（网址）
    AccountId,
    /// 开设单位; annex 4: 开设部门
    OpeningUnit,
    /// 认证主体
    CertifiedBody,
    /// 类型
    Platform,
    /// 问题排查情况
    Problems,
    /// 是否整改
    Rectified,
    /// 是否具有互动功能
    Interactive,
    /// 是否建立内容发布审核制度
    ReviewSystem,
    /// 是否委托其他单位运营
    Outsourced,
    /// 账号负责人姓名
    OwnerName,
    /// 账号负责人手机号
    OwnerPhone,
    /// 备注
    Remarks,
    /// 开通时间
    OpenedOn,
    /// 主管领导
    Leader,
    /// 审核人
    Reviewer,
    /// 运维负责人
    Operator,
    /// 运维负责人联系电话
    OperatorPhone,
    /// 备案类型
    FilingKind,
    /// 单位
    Unit,
    /// 单位简称
    UnitShortName,
    /// 姓名
    PersonName,
    /// 工号
    StaffNumber,
    /// 用工性质
    EmploymentKind,
    /// 职务
    Post,
    /// 手机
    Mobile,
    /// 邮箱
    Mail,
    /// 角色
    Roles,
}

impl Field {
    /// The heading as printed in the Notice; where the annexes differ, as in annex 1.
    pub fn heading(self) -> &'static str {
        self.spellings()[0]
    }

    /// The heading as printed in one form.
    pub fn heading_in(self, kind: FormKind) -> &'static str {
        match (self, kind) {
            (Self::Name, FormKind::Annex4) => "账号（网站/APP）名称",
            (Self::OpeningUnit, FormKind::Annex4) => "开设部门",
            _ => self.heading(),
        }
    }

    /// The printed heading first, then what people make of it. Compared folded, with and without brackets.
    pub(crate) fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::Serial => &["序号", "编号", "No", "No."],
            Self::Name => &[
                "账号（网站）名称",
                "账号（网站/APP）名称",
                "账号/网站/APP名称",
                "账号/网站名称",
                "账号或网站名称",
                "新媒体（网站）名称",
                "账号名称",
                "网站名称",
                "名称",
            ],
            Self::AccountId => &[
                "账号ID（网址）",
                "账号ID/网址",
                "账号ID",
                "账号（网址）",
                "账号",
                "网址",
                "ID",
            ],
            Self::OpeningUnit => &[
                "开设单位",
                "开设部门",
                "开办单位",
                "主办单位",
                "开设单位（部门）",
                "开设部门（单位）",
            ],
            Self::CertifiedBody => &["认证主体", "认证主体名称", "账号主体"],
            Self::Platform => &["类型", "账号类型", "平台", "平台类型", "开通平台"],
            Self::Problems => &["问题排查情况", "排查情况", "问题排查"],
            Self::Rectified => &["是否整改", "是否已整改", "是否完成整改"],
            Self::Interactive => &[
                "是否具有互动功能",
                "是否有互动功能",
                "是否具备互动功能",
                "互动功能",
            ],
            Self::ReviewSystem => &[
                "是否建立内容发布审核制度",
                "是否建立发布审核制度",
                "是否建立审核制度",
                "内容发布审核制度",
            ],
            Self::Outsourced => &[
                "是否委托其他单位运营",
                "是否委托运营",
                "是否委托其他单位运维",
                "委托其他单位运营",
            ],
            Self::OwnerName => &["账号负责人姓名", "负责人姓名", "账号负责人", "负责人"],
            Self::OwnerPhone => &[
                "账号负责人手机号",
                "账号负责人手机号码",
                "账号负责人手机",
                "账号负责人电话",
                "账号负责人联系电话",
                "负责人手机号",
                "负责人手机号码",
                "负责人电话",
                "手机号",
                "手机号码",
            ],
            Self::Remarks => &["备注", "备注说明"],
            Self::OpenedOn => &["开通时间", "开设时间", "开通日期", "开设日期"],
            Self::Leader => &["主管领导", "主管领导姓名", "分管领导"],
            Self::Reviewer => &["审核人", "审核人姓名", "审核人员"],
            Self::Operator => &["运维负责人", "运维负责人姓名", "运维人员", "运维工作人员"],
            Self::OperatorPhone => &[
                "运维负责人联系电话",
                "运维负责人电话",
                "运维负责人手机",
                "运维负责人手机号",
                "运维负责人手机号码",
                "联系电话",
                "联系方式",
            ],
            Self::FilingKind => &["备案类型", "备案类别"],
            Self::Unit => &[
                "单位",
                "所在单位",
                "单位名称",
                "部门",
                "所在部门",
                "所属单位",
            ],
            Self::UnitShortName => &["单位简称", "简称"],
            Self::PersonName => &["姓名", "人员姓名"],
            Self::StaffNumber => &[
                "工号",
                "职工号",
                "教工号",
                "工号/学号",
                "工号（学号）",
                "人员编号",
            ],
            Self::EmploymentKind => &["用工性质", "用工类型", "人员性质", "人员类别"],
            Self::Post => &["职务", "岗位", "职务（岗位）", "职务/岗位"],
            Self::Mobile => &["手机", "手机号", "手机号码", "联系电话", "电话", "联系方式"],
            Self::Mail => &["邮箱", "电子邮箱", "邮件", "电子邮件", "E-mail", "Email"],
            Self::Roles => &["角色", "平台角色", "系统角色"],
        }
    }
}
