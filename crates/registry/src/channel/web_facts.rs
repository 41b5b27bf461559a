//! What is known of a site or an app beyond annex 3 (R-REG-6). The ICP number itself is [`Facts::icp`]:
//! annex 3 has a cell for it, whatever it belongs to.
//!
//! [`Facts::icp`]: super::Facts::icp

use super::web_numbers as numbers;
use crate::platform::{Annex2, NamedBy, Platform};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use zhendi_kernel::text;

/// Which of the facts a platform's channels have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebKind {
    /// Named by its address: website, forum.
    Site,
    /// Counted as app, or a mini-program.
    App,
}

impl WebKind {
    /// The kind of a platform's channels; none for accounts on the platforms of others.
    pub fn of(platform: &Platform) -> Option<Self> {
        if platform.annex2 == Annex2::App || platform.code.0 == "mini_program" {
            Some(Self::App)
        } else if platform.named_by == NamedBy::Address {
            Some(Self::Site)
        } else {
            None
        }
    }

    /// The cells that forms show for it.
    pub fn cells(self) -> &'static [Cell] {
        match self {
            Self::Site => SITE,
            Self::App => APP,
        }
    }
}

zhendi_kernel::named! {
    /// Where a site's machine stands.
    Hosting {
        OnCampus = "on_campus", "校内自建";
        Cloud = "cloud", "云服务";
        ThirdParty = "third_party", "第三方托管";
    }
}

/// What is known of a site and of an app. Empty means that nobody has said yet.
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
pub struct WebFacts {
    pub site: SiteFacts,
    pub app: AppFacts,
}

/// A site (R-REG-6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct SiteFacts {
    /// 域名, in the spelling of the wire.
    pub domain: String,
    /// 公安联网备案号.
    pub police_number: String,
    /// 网站标识码 of 党政机关 and 事业单位.
    pub gov_mark: String,
    pub mlps: Mlps,
    pub hosting: Option<Hosting>,
    /// Who hosts it.
    pub provider: String,
    /// 网站群 or 内容管理系统.
    pub cms: String,
    /// Whether it is reached by IPv6.
    pub ipv6: Option<bool>,
}

/// 等保 (multi-level protection scheme).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Mlps {
    /// 1 to 5.
    pub level: Option<u8>,
    /// 等保备案编号.
    pub number: String,
    /// 定级备案日期.
    pub graded_on: Option<NaiveDate>,
    /// The latest 测评.
    pub tested_on: Option<NaiveDate>,
}

/// An app (R-REG-6; 教技厅〔2019〕3号: its provider files it, and who uses it).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct AppFacts {
    /// 包名.
    pub package: String,
    /// 应用商店链接.
    pub store_link: String,
    /// 教育移动应用提供者备案号.
    pub provider_number: String,
    /// 教育移动应用使用者备案号.
    pub user_number: String,
}

impl Mlps {
    /// From when the time until the next 测评 counts: the latest one, or 定级 where there was none.
    pub fn since(&self) -> Option<NaiveDate> {
        self.tested_on.or(self.graded_on)
    }

    /// The level as it is written.
    pub fn level_label(&self) -> &'static str {
        let level = self.level.unwrap_or_default().to_string();
        LEVELS
            .iter()
            .find(|(code, _)| *code == level)
            .map_or("", |(_, label)| label)
    }
}

/// How a cell is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    Text,
    /// A day, as 2026-03-01.
    Day,
    /// One of pairs of code and label, or none.
    Choice(&'static [(&'static str, &'static str)]),
}

/// A cell of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The name that is posted.
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: CellKind,
}

const fn cell(name: &'static str, label: &'static str, hint: &'static str, kind: CellKind) -> Cell {
    Cell {
        name,
        label,
        hint,
        kind,
    }
}

const LEVELS: &[(&str, &str)] = &[
    ("1", "第一级"),
    ("2", "第二级"),
    ("3", "第三级"),
    ("4", "第四级"),
    ("5", "第五级"),
];
const HOSTING: &[(&str, &str)] = &[
    ("on_campus", "校内自建"),
    ("cloud", "云服务"),
    ("third_party", "第三方托管"),
];
const YES_NO: &[(&str, &str)] = &[("yes", "支持"), ("no", "不支持")];

const SITE: &[Cell] = &[
    cell(
        "site_domain",
        "域名",
        "如 www.example.edu.cn，中文域名也可以",
        CellKind::Text,
    ),
    cell(
        "site_police_number",
        "公安联网备案号",
        "如“粤公网安备44010602000000号”",
        CellKind::Text,
    ),
    cell(
        "site_gov_mark",
        "网站标识码",
        "党政机关或事业单位网站标识",
        CellKind::Text,
    ),
    cell("site_mlps_level", "等保级别", "", CellKind::Choice(LEVELS)),
    cell("site_mlps_number", "等保备案编号", "", CellKind::Text),
    cell("site_mlps_graded_on", "等保定级日期", "", CellKind::Day),
    cell(
        "site_mlps_tested_on",
        "最近一次等保测评",
        "到期前会提醒再测",
        CellKind::Day,
    ),
    cell("site_hosting", "主机托管", "", CellKind::Choice(HOSTING)),
    cell(
        "site_provider",
        "托管单位",
        "云服务商或托管单位",
        CellKind::Text,
    ),
    cell(
        "site_cms",
        "建站系统",
        "网站群或内容管理系统",
        CellKind::Text,
    ),
    cell("site_ipv6", "IPv6", "", CellKind::Choice(YES_NO)),
];

const APP: &[Cell] = &[
    cell(
        "app_package",
        "包名",
        "如 cn.edu.example.campus",
        CellKind::Text,
    ),
    cell(
        "app_store_link",
        "应用商店链接",
        "以 https:// 开头",
        CellKind::Text,
    ),
    cell(
        "app_provider_number",
        "提供者备案号",
        "教育移动应用提供者备案",
        CellKind::Text,
    ),
    cell(
        "app_user_number",
        "使用者备案号",
        "教育移动应用使用者备案",
        CellKind::Text,
    ),
];

impl WebFacts {
    /// What stands in a cell, as forms post it.
    pub fn cell(&self, name: &str) -> String {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let (site, app) = (&self.site, &self.app);
        match name {
            "site_domain" => numbers::domain_shown(&site.domain),
            "site_police_number" => site.police_number.clone(),
            "site_gov_mark" => site.gov_mark.clone(),
            "site_mlps_level" => site.mlps.level.map(|n| n.to_string()).unwrap_or_default(),
            "site_mlps_number" => site.mlps.number.clone(),
            "site_mlps_graded_on" => day(site.mlps.graded_on),
            "site_mlps_tested_on" => day(site.mlps.tested_on),
            "site_hosting" => site.hosting.map_or("", Hosting::code).to_owned(),
            "site_provider" => site.provider.clone(),
            "site_cms" => site.cms.clone(),
            "site_ipv6" => match site.ipv6 {
                Some(true) => "yes".into(),
                Some(false) => "no".into(),
                None => String::new(),
            },
            "app_package" => app.package.clone(),
            "app_store_link" => app.store_link.clone(),
            "app_provider_number" => app.provider_number.clone(),
            "app_user_number" => app.user_number.clone(),
            _ => String::new(),
        }
    }

    /// What stands in a cell, as people read it.
    pub fn shown(&self, cell: &Cell) -> String {
        let value = self.cell(cell.name);
        match cell.kind {
            CellKind::Choice(options) => options
                .iter()
                .find(|(code, _)| *code == value)
                .map_or(value.clone(), |(_, label)| (*label).to_owned()),
            CellKind::Text | CellKind::Day => value,
        }
    }

    /// Reads the cells of a kind over what was known; `wrong` takes the name of a cell and what is wrong
    /// with it. What stood there already is not judged again.
    pub fn read(
        &self,
        kind: WebKind,
        value: impl Fn(&str) -> String,
        mut wrong: impl FnMut(&'static str, String),
    ) -> Self {
        let mut after = self.clone();
        for cell in kind.cells() {
            let typed = value(cell.name);
            if typed.trim() == self.cell(cell.name) {
                continue;
            }
            if let Err(error) = after.put(cell.name, &typed) {
                wrong(cell.name, error);
            }
        }
        after
    }

    fn put(&mut self, name: &str, typed: &str) -> Result<(), String> {
        let line = |max: usize| text::line(typed, max).map_err(|e| e.to_string());
        let (site, app) = (&mut self.site, &mut self.app);
        match name {
            "site_domain" => site.domain = numbers::domain(typed)?,
            "site_police_number" => site.police_number = numbers::police(typed)?,
            "site_gov_mark" => site.gov_mark = numbers::loose(typed)?,
            "site_mlps_level" => {
                site.mlps.level = match typed {
                    "" => None,
                    typed => Some(level(typed).ok_or("请从列表中选择。")?),
                }
            }
            "site_mlps_number" => site.mlps.number = numbers::loose(typed)?,
            "site_mlps_graded_on" => site.mlps.graded_on = day(typed)?,
            "site_mlps_tested_on" => site.mlps.tested_on = day(typed)?,
            "site_hosting" => {
                site.hosting = match typed {
                    "" => None,
                    typed => Some(Hosting::parse(typed).ok_or("请从列表中选择。")?),
                }
            }
            "site_provider" => site.provider = line(100)?,
            "site_cms" => site.cms = line(100)?,
            "site_ipv6" => {
                site.ipv6 = match typed {
                    "" => None,
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => return Err("请从列表中选择。".into()),
                }
            }
            "app_package" => app.package = numbers::package(typed)?,
            "app_store_link" => app.store_link = numbers::link(typed)?,
            "app_provider_number" => app.provider_number = numbers::loose(typed)?,
            "app_user_number" => app.user_number = numbers::loose(typed)?,
            _ => {}
        }
        Ok(())
    }

    /// What a channel is found by, of all this.
    pub fn words(&self) -> [String; 8] {
        let (site, app) = (&self.site, &self.app);
        let shown = numbers::domain_shown(&site.domain);
        [
            if shown == site.domain {
                String::new()
            } else {
                shown
            },
            site.domain.clone(),
            site.police_number.clone(),
            site.gov_mark.clone(),
            site.mlps.number.clone(),
            app.package.clone(),
            app.provider_number.clone(),
            app.user_number.clone(),
        ]
    }
}

fn level(code: &str) -> Option<u8> {
    code.parse().ok().filter(|n| (1..=5).contains(n))
}

fn day(typed: &str) -> Result<Option<NaiveDate>, String> {
    let folded = text::fold(typed).replace(['/', '.', '年', '月'], "-");
    let folded = folded.trim_end_matches('日');
    if folded.is_empty() {
        return Ok(None);
    }
    NaiveDate::parse_from_str(folded, "%Y-%m-%d")
        .ok()
        .filter(|day| (1990..=2200).contains(&chrono::Datelike::year(day)))
        .map(Some)
        .ok_or_else(|| "请按 2026-03-01 填写。".into())
}
