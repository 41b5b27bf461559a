//! What a filing says: annex 3's cells as they were typed. A draft may be incomplete; submitting reads
//! the cells into a channel's facts and says of each what is missing or wrong.

use super::rules::Kind;
use crate::{
    PartialDate,
    channel::{AnnexOne, Facts, Holder, WebFacts, WebKind, limits, web_numbers},
    platform::{NamedBy, PlatformCode, Platforms},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zhendi_kernel::{UnitId, text};

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
    /// What is known of a site or an app beyond annex 3 (R-REG-6), by the cells' names.
    pub web: BTreeMap<String, String>,
    /// A change: the unit that the channel goes to, by its id; empty when it stays.
    pub new_unit: String,
    /// Why it is changed or cancelled.
    pub reason: String,
    /// A cancellation: the link of the closing notice (公告); empty when it is attached.
    pub closing_notice: String,
    /// A cancellation: what happens to the followers, by code.
    pub followers_plan: String,
    pub followers_note: String,
    /// A cancellation: what happens to what was published, by code.
    pub content_plan: String,
    pub content_note: String,
    /// A cancellation: the planned day of closing.
    pub close_on: String,
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

/// The cells of a change that are not the channel's own.
pub const CHANGE_CELLS: [(&str, &str, usize); 2] = [
    ("new_unit", "开设部门", 20),
    ("reason", "变更事由", limits::LONG),
];

/// The cells of a cancellation (R-REG-2, R-REG-4).
pub const CLOSING_CELLS: [(&str, &str, usize); 7] = [
    ("reason", "注销原因", limits::LONG),
    ("closing_notice", "注销公告链接", limits::ADDRESS),
    ("followers_plan", "关注者（粉丝）安排", 40),
    ("followers_note", "关注者安排说明", limits::LONG),
    ("content_plan", "已发布内容处置", 40),
    ("content_note", "内容处置说明", limits::LONG),
    ("close_on", "计划注销日期", 40),
];

/// What may happen to followers.
pub const FOLLOWERS_PLANS: [(&str, &str); 4] = [
    ("guided", "公告引导关注本单位其他官方账号"),
    ("moved", "向平台申请迁移至其他官方账号"),
    ("told", "公告告知，不再迁移"),
    ("none", "无关注者或不涉及"),
];

/// What may happen to what was published.
pub const CONTENT_PLANS: [(&str, &str); 4] = [
    ("archived", "归档保存后清空"),
    ("moved", "迁移至其他网络阵地"),
    ("kept", "原地保留只读，不再更新"),
    ("deleted", "无保存价值，清空"),
];

/// What a code of [`FOLLOWERS_PLANS`] or [`CONTENT_PLANS`] stands for.
pub fn plan_label(options: &[(&str, &'static str)], code: &str) -> &'static str {
    options
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("", |(_, label)| label)
}

/// The cells of sites and apps.
pub fn web_cells() -> impl Iterator<Item = &'static crate::channel::Cell> {
    [WebKind::Site, WebKind::App]
        .into_iter()
        .flat_map(WebKind::cells)
}

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
            "new_unit" => &self.new_unit,
            "reason" => &self.reason,
            "closing_notice" => &self.closing_notice,
            "followers_plan" => &self.followers_plan,
            "followers_note" => &self.followers_note,
            "content_plan" => &self.content_plan,
            "content_note" => &self.content_note,
            "close_on" => &self.close_on,
            web => self.web.get(web).map_or("", String::as_str),
        }
    }

    /// Writes a cell; one that no form has is left out.
    pub fn set(&mut self, name: &str, value: String) {
        if let Some(cell) = self.cell_mut(name) {
            *cell = value;
        } else if web_cells().any(|cell| cell.name == name) {
            if value.is_empty() {
                self.web.remove(name);
            } else {
                self.web.insert(name.to_owned(), value);
            }
        }
    }

    /// The cell to write to.
    fn cell_mut(&mut self, name: &str) -> Option<&mut String> {
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
            "new_unit" => &mut self.new_unit,
            "reason" => &mut self.reason,
            "closing_notice" => &mut self.closing_notice,
            "followers_plan" => &mut self.followers_plan,
            "followers_note" => &mut self.followers_note,
            "content_plan" => &mut self.content_plan,
            "content_note" => &mut self.content_note,
            "close_on" => &mut self.close_on,
            _ => return None,
        })
    }

    /// Makes every cell safe to keep; complete or not.
    pub fn clean(&mut self, wrongs: &mut Wrongs) {
        for (name, _, max) in CELLS.into_iter().chain(CHANGE_CELLS).chain(CLOSING_CELLS) {
            let Some(cell) = self.cell_mut(name) else {
                continue;
            };
            let cleaned = if max == limits::LONG {
                text::lines(cell, max)
            } else {
                text::line(cell, max)
            };
            match cleaned {
                Ok(text) => *cell = text,
                Err(error) => wrongs.add(name, error),
            }
        }
        self.web
            .retain(|name, _| web_cells().any(|cell| cell.name == name));
        for (name, cell) in &mut self.web {
            match text::line(cell, limits::ADDRESS) {
                Ok(text) => *cell = text,
                Err(error) => wrongs.add(name.as_str(), error),
            }
        }
        self.web.retain(|_, cell| !cell.is_empty());
    }

    /// Leaves only what a kind of filing says beside the channel's record: the cells of another kind
    /// would come back unseen.
    pub fn only(&mut self, kind: Kind) {
        let foreign: &[_] = match kind {
            Kind::Opening => &CHANGE_CELLS,
            Kind::Change => &[],
            Kind::Cancellation => &CHANGE_CELLS[..1],
        };
        let closing = CLOSING_CELLS
            .iter()
            .filter(|(name, ..)| kind != Kind::Cancellation && *name != "reason");
        for (name, ..) in foreign.iter().chain(closing) {
            self.set(name, String::new());
        }
    }

    /// Says what a cancellation lacks. `attached` tells that the closing notice is attached.
    pub fn check_closing(&self, attached: bool, wrongs: &mut Wrongs) {
        if self.reason.is_empty() {
            wrongs.add("reason", "请填写注销原因。");
        }
        match self.closing_notice.as_str() {
            "" if !attached => wrongs.add(
                "closing_notice",
                "请填写注销公告的链接；没有链接的，先存为草稿，再在附件中上传注销公告。",
            ),
            "" => {}
            link => {
                if !url::Url::parse(link)
                    .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
                {
                    wrongs.add("closing_notice", "请填写完整链接，以 https:// 开头。");
                }
            }
        }
        for (field, options) in [
            ("followers_plan", &FOLLOWERS_PLANS),
            ("content_plan", &CONTENT_PLANS),
        ] {
            if plan_label(options, self.cell(field)).is_empty() {
                wrongs.add(field, "请选择。");
            }
        }
        if self.closing_day().is_none() {
            wrongs.add("close_on", "请填写日期，例如 2026-12-31。");
        }
    }

    /// The planned day of closing.
    pub fn closing_day(&self) -> Option<chrono::NaiveDate> {
        let day = text::fold(&self.close_on).replace(['/', '.'], "-");
        let day = chrono::NaiveDate::parse_from_str(&day, "%Y-%m-%d").ok()?;
        (2000..=2200)
            .contains(&chrono::Datelike::year(&day))
            .then_some(day)
    }

    /// The unit that a change gives the channel to.
    pub fn goes_to(&self) -> Option<UnitId> {
        self.new_unit.parse().map(UnitId).ok()
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
        let known = keep.map_or_else(WebFacts::default, |facts| facts.web.clone());
        let web = match platform.and_then(WebKind::of) {
            Some(kind) => known.read(
                kind,
                |name| self.cell(name).to_owned(),
                |name, error| wrongs.add(name, error),
            ),
            None => known,
        };
        let icp = match icp(&self.icp, platform.and_then(WebKind::of), keep) {
            Ok(icp) => icp,
            Err(error) => {
                wrongs.add("icp", error);
                None
            }
        };
        if wrongs.0.len() > before {
            return None;
        }
        Some(Facts {
            web,
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
            icp,
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
            web: web_cells()
                .map(|cell| (cell.name.to_owned(), facts.web.cell(cell.name)))
                .filter(|(_, value)| !value.is_empty())
                .collect(),
            ..Self::default()
        }
    }
}

/// The ICP number: judged when it is new, left as it is when the register has it so.
fn icp(typed: &str, kind: Option<WebKind>, keep: Option<&Facts>) -> Result<Option<String>, String> {
    let known = keep.and_then(|facts| facts.icp.as_deref());
    if typed.is_empty() {
        return Ok(None);
    }
    if Some(typed) == known {
        return Ok(Some(typed.to_owned()));
    }
    web_numbers::icp(typed, kind)
}
