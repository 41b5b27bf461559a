//! What a filing says: annex 3's cells as they were typed. A draft may be incomplete; submitting reads
//! the cells into a channel's facts and says of each what is missing or wrong.

use crate::{
    PartialDate,
    channel::{AnnexOne, Facts, Holder, limits},
    platform::{NamedBy, PlatformCode, Platforms},
};
use serde::{Deserialize, Serialize};
use zhendi_kernel::{UnitId, text};
use zhendi_people::person::{self, Employment};

/// More rows of people than this no form has.
pub const MOST_OPERATORS: usize = 10;
/// See [`MOST_OPERATORS`].
pub const MOST_REVIEWERS: usize = 5;

/// The cells about the channel, as typed.
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
#[serde(default, deny_unknown_fields)]
#[schema(as = FilingContent)]
pub struct Content {
    /// 账号/网站/APP名称.
    pub name: String,
    /// 账号ID/网址.
    pub address_or_id: String,
    /// 认证主体.
    pub certified_body: String,
    /// 开通平台: a platform's code.
    pub platform: String,
    /// 网站ICP.
    pub icp: String,
    /// 开通时间.
    pub opened_on: String,
    /// 粉丝量（关注数）.
    pub followers: String,
    /// 发布频次.
    pub posting_frequency: String,
    /// 责任部门.
    pub responsible_department: String,
    /// `unit` or `person_by_post`.
    pub holder: String,
    /// The post, for `person_by_post`.
    pub holder_post: String,
    /// Why the unit needs a further account on the platform (R-REG-4).
    pub second_reason: String,
}

/// A person as written on the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = FilingContact)]
pub struct Contact {
    /// 姓名.
    pub name: String,
    /// 职务.
    pub post: String,
    /// 联系电话.
    pub phone: String,
    /// 人员类别: its code.
    pub employment: String,
}

impl Contact {
    /// Whether nothing was written; the kind of employment alone says nothing.
    pub fn is_blank(&self) -> bool {
        self.name.is_empty() && self.post.is_empty() && self.phone.is_empty()
    }

    /// 人员类别 as declared.
    pub fn employment(&self) -> Option<Employment> {
        Employment::parse(&self.employment)
    }
}

/// 管理相关人员, as written on the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = FilingContacts)]
pub struct Contacts {
    /// 主管领导.
    pub leader: Contact,
    /// 审核人.
    pub reviewers: Vec<Contact>,
    /// 运维工作人员; the first leads.
    pub operators: Vec<Contact>,
}

/// What is wrong with one field of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Wrong {
    /// The field, for a person's with duty and row: `operator_phone_0`.
    pub field: String,
    pub text: String,
}

/// Collects what is wrong.
#[derive(Debug, Default)]
pub struct Wrongs(pub Vec<Wrong>);

impl Wrongs {
    /// Adds one.
    pub fn add(&mut self, field: impl Into<String>, text: impl std::fmt::Display) {
        let (field, text) = (field.into(), text.to_string());
        // The first word about a field stands.
        if !self.0.iter().any(|wrong| wrong.field == field) {
            self.0.push(Wrong { field, text });
        }
    }
}

/// The cells of [`Content`] with their labels as printed in annex 3 and their longest text.
pub const CELLS: [(&str, &str, usize); 12] = [
    ("name", "账号/网站/APP名称", limits::NAME),
    ("address_or_id", "账号ID/网址", limits::ADDRESS),
    ("certified_body", "认证主体", limits::SHORT),
    ("platform", "开通平台", limits::SHORT),
    ("icp", "网站ICP", limits::SHORT),
    ("opened_on", "开通时间", 40),
    ("followers", "粉丝量（关注数）", 20),
    ("posting_frequency", "发布频次", limits::SHORT),
    ("responsible_department", "责任部门", limits::SHORT),
    ("holder", "账号归属", 40),
    ("holder_post", "所任职务", limits::SHORT),
    ("second_reason", "再开设一个账号的理由", limits::LONG),
];

impl Content {
    /// A cell by its name in `CELLS`.
    pub fn cell(&self, name: &str) -> &str {
        match name {
            "name" => &self.name,
            "address_or_id" => &self.address_or_id,
            "certified_body" => &self.certified_body,
            "platform" => &self.platform,
            "icp" => &self.icp,
            "opened_on" => &self.opened_on,
            "followers" => &self.followers,
            "posting_frequency" => &self.posting_frequency,
            "responsible_department" => &self.responsible_department,
            "holder" => &self.holder,
            "holder_post" => &self.holder_post,
            "second_reason" => &self.second_reason,
            _ => "",
        }
    }

    /// The cell to write to.
    pub fn cell_mut(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "name" => &mut self.name,
            "address_or_id" => &mut self.address_or_id,
            "certified_body" => &mut self.certified_body,
            "platform" => &mut self.platform,
            "icp" => &mut self.icp,
            "opened_on" => &mut self.opened_on,
            "followers" => &mut self.followers,
            "posting_frequency" => &mut self.posting_frequency,
            "responsible_department" => &mut self.responsible_department,
            "holder" => &mut self.holder,
            "holder_post" => &mut self.holder_post,
            "second_reason" => &mut self.second_reason,
            _ => return None,
        })
    }

    /// Makes every cell safe to keep; complete or not.
    pub fn clean(&mut self, wrongs: &mut Wrongs) {
        for (name, _, max) in CELLS {
            let Some(cell) = self.cell_mut(name) else {
                continue;
            };
            let cleaned = if name == "second_reason" {
                text::lines(cell, max)
            } else {
                text::line(cell, max)
            };
            match cleaned {
                Ok(text) => *cell = text,
                Err(error) => wrongs.add(name, error),
            }
        }
    }

    /// Reads the cells into facts. `keep` is what annex 1 knows of a channel that is there already.
    pub fn facts(
        &self,
        unit: UnitId,
        platforms: &Platforms,
        keep: Option<&Facts>,
        wrongs: &mut Wrongs,
    ) -> Option<Facts> {
        let before = wrongs.0.len();
        for name in [
            "name",
            "certified_body",
            "posting_frequency",
            "responsible_department",
        ] {
            if self.cell(name).is_empty() {
                wrongs.add(name, "请填写。");
            }
        }
        let platform = platforms.get(&PlatformCode(self.platform.clone()));
        match platform {
            None => wrongs.add("platform", "请选择平台。"),
            Some(platform) if platform.retired && keep.is_none() => {
                wrongs.add("platform", "该平台已停用，不再新开账号，请选择其他平台。");
            }
            Some(platform) => {
                if platform.named_by == NamedBy::Address && self.address_or_id.is_empty() {
                    wrongs.add("address_or_id", format!("{}须填写网址。", platform.name));
                }
            }
        }
        let opened_on = match self.opened_on.as_str() {
            "" => None,
            typed => typed
                .parse::<PartialDate>()
                .map_err(|_| {
                    wrongs.add(
                        "opened_on",
                        "请按“2026-11-20”“2026-11”或“2026”的样子填写，尚未开通可留空。",
                    );
                })
                .ok(),
        };
        let followers = match self.followers.as_str() {
            "" => None,
            typed => match typed.parse::<i64>() {
                Ok(count) if count >= 0 => Some(count),
                _ => {
                    wrongs.add("followers", "请填写数字，例如 1200；不涉及可留空。");
                    None
                }
            },
        };
        let holder = Holder::parse(&self.holder, &self.holder_post);
        match &holder {
            None => wrongs.add("holder", "请选择账号归属。"),
            Some(Holder::PersonByPost(post)) if post.is_empty() => {
                wrongs.add("holder_post", "以职务身份认证的个人账号，请填写所任职务。");
            }
            Some(_) => {}
        }
        if wrongs.0.len() > before {
            return None;
        }
        Some(Facts {
            name: self.name.clone(),
            unit,
            platform: platform?.code.clone(),
            address_or_id: self.address_or_id.clone(),
            certified_body: self.certified_body.clone(),
            opened_on,
            followers,
            posting_frequency: self.posting_frequency.clone(),
            responsible_department: self.responsible_department.clone(),
            holder: holder?,
            icp: Some(self.icp.clone()).filter(|icp| !icp.is_empty()),
            survey: keep.map_or_else(AnnexOne::default, |facts| facts.survey.clone()),
            remark: keep.map_or_else(String::new, |facts| facts.remark.clone()),
        })
    }
}

impl From<&Facts> for Content {
    fn from(facts: &Facts) -> Self {
        Self {
            name: facts.name.clone(),
            address_or_id: facts.address_or_id.clone(),
            certified_body: facts.certified_body.clone(),
            platform: facts.platform.0.clone(),
            icp: facts.icp.clone().unwrap_or_default(),
            opened_on: facts
                .opened_on
                .map(|date| date.to_string())
                .unwrap_or_default(),
            followers: facts.followers.map(|n| n.to_string()).unwrap_or_default(),
            posting_frequency: facts.posting_frequency.clone(),
            responsible_department: facts.responsible_department.clone(),
            holder: facts.holder.code().into(),
            holder_post: facts.holder.post().into(),
            second_reason: String::new(),
        }
    }
}

impl Contacts {
    /// Everyone who is named, with the prefix of their fields, the row and the duty's name.
    pub fn everyone(&self) -> impl Iterator<Item = (&'static str, usize, &'static str, &Contact)> {
        let reviewers = self.reviewers.iter().enumerate();
        let operators = self.operators.iter().enumerate();
        std::iter::once(("leader", 0, "主管领导", &self.leader))
            .chain(reviewers.map(|(row, one)| ("reviewer", row, "审核人", one)))
            .chain(operators.map(|(row, one)| ("operator", row, "运维工作人员", one)))
            .filter(|(.., contact)| !contact.is_blank())
    }

    /// Makes every cell safe to keep and drops rows that were left blank.
    pub fn clean(&mut self, wrongs: &mut Wrongs) {
        let mut tidy = |prefix: &str, row: usize, contact: &mut Contact| {
            for (name, cell, max) in [
                ("name", &mut contact.name, 50),
                ("post", &mut contact.post, limits::NAME),
                ("phone", &mut contact.phone, 30),
                ("employment", &mut contact.employment, 20),
            ] {
                match text::line(cell, max) {
                    Ok(text) => *cell = text,
                    Err(error) => wrongs.add(format!("{prefix}_{name}_{row}"), error),
                }
            }
        };
        tidy("leader", 0, &mut self.leader);
        for (row, one) in self.reviewers.iter_mut().enumerate() {
            tidy("reviewer", row, one);
        }
        for (row, one) in self.operators.iter_mut().enumerate() {
            tidy("operator", row, one);
        }
        for (field, list, most) in [
            ("reviewer_name_0", &mut self.reviewers, MOST_REVIEWERS),
            ("operator_name_0", &mut self.operators, MOST_OPERATORS),
        ] {
            list.retain(|contact| !contact.is_blank());
            if list.len() > most {
                wrongs.add(field, format!("最多填写 {most} 人。"));
            }
        }
    }

    /// Says what is missing (annex 3). Telephone numbers are for the operators, whom others must reach.
    pub fn check(&self, wrongs: &mut Wrongs) {
        if self.leader.is_blank() {
            wrongs.add("leader_name_0", "请填写主管领导。");
        }
        if self.reviewers.is_empty() {
            wrongs.add("reviewer_name_0", "请至少填写一名审核人。");
        }
        if self.operators.is_empty() {
            wrongs.add(
                "operator_name_0",
                "请至少填写一名运维工作人员，第一名为负责人。",
            );
        }
        for (prefix, row, duty, contact) in self.everyone() {
            let of = |name: &str| format!("{prefix}_{name}_{row}");
            if contact.name.is_empty() {
                wrongs.add(of("name"), format!("请填写{duty}姓名。"));
            }
            if contact.post.is_empty() {
                wrongs.add(of("post"), format!("请填写{duty}职务。"));
            }
            if contact.phone.is_empty() && prefix == "operator" {
                wrongs.add(of("phone"), format!("请填写{duty}联系电话。"));
            }
            if let Err(error) = person::phone(&contact.phone) {
                wrongs.add(of("phone"), error);
            }
        }
    }
}

/// Why the people named on a form may not run the channel (R-REG-7, Notice 3(3)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("{duty}不能由学生担任，请改由教职工负责。")]
    Student { duty: &'static str },
    #[error(
        "运维管理应由在编在岗人员牵头负责或指导：请把在编在岗人员列为第一名运维工作人员，或填写在编在岗的主管领导。"
    )]
    NobodyOnStaff,
    #[error("请选择人员类别。")]
    Unknown,
}

/// Judges the people named: `employment` holds what each is, by [`Contacts::everyone`]'s order, as the
/// register of persons knows it or else as declared. The Notice asks for staff 在编在岗 who lead
/// (牵头负责, the first operator) *or* guide (指导, the leader in charge): one of the two is enough.
pub fn fitness(
    contacts: &Contacts,
    employment: &[Option<Employment>],
    students_may_hold: bool,
) -> Vec<(String, Unfit)> {
    let mut found = vec![];
    let mut staffed = false;
    for ((prefix, row, duty, _), kind) in contacts.everyone().zip(employment) {
        let field = format!("{prefix}_employment_{row}");
        match kind {
            None | Some(Employment::Unknown) => found.push((field, Unfit::Unknown)),
            Some(Employment::Student) if !students_may_hold => {
                found.push((field, Unfit::Student { duty }));
            }
            Some(Employment::Permanent)
                if prefix == "leader" || (prefix == "operator" && row == 0) =>
            {
                staffed = true;
            }
            Some(_) => {}
        }
    }
    if !staffed && found.is_empty() && !contacts.operators.is_empty() {
        found.push(("operator_employment_0".into(), Unfit::NobodyOnStaff));
    }
    found
}
