//! The parts of a record that are chosen one by one when two records become one.

use crate::channel::{Channel, WebFacts, WebKind};

/// A part of a record.
pub struct Part {
    /// The name that is posted.
    pub code: &'static str,
    pub label: &'static str,
    /// Whether a filing fixes it.
    pub fixed: bool,
    /// What it says, but for unit, platform and people, whose names the page knows.
    pub shown: fn(&Channel) -> String,
    /// Takes it over from another record.
    pub take: fn(&mut Channel, &Channel),
}

const fn part(
    code: &'static str,
    label: &'static str,
    fixed: bool,
    shown: fn(&Channel) -> String,
    take: fn(&mut Channel, &Channel),
) -> Part {
    Part {
        code,
        label,
        fixed,
        shown,
        take,
    }
}

fn text<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map(T::to_string).unwrap_or_default()
}

/// All parts, in the order of the page.
pub const PARTS: &[Part] = &[
    part(
        "name",
        "名称",
        true,
        |c| c.facts.name.clone(),
        |to, from| to.facts.name.clone_from(&from.facts.name),
    ),
    part(
        "unit",
        "开设单位",
        true,
        |c| c.facts.unit.to_string(),
        |to, from| to.facts.unit = from.facts.unit,
    ),
    part(
        "platform",
        "平台",
        true,
        |c| c.facts.platform.0.clone(),
        |to, from| to.facts.platform.clone_from(&from.facts.platform),
    ),
    part(
        "address_or_id",
        "账号 ID（网址）",
        true,
        |c| c.facts.address_or_id.clone(),
        |to, from| to.facts.address_or_id.clone_from(&from.facts.address_or_id),
    ),
    part(
        "certified_body",
        "认证主体",
        true,
        |c| c.facts.certified_body.clone(),
        |to, from| {
            to.facts
                .certified_body
                .clone_from(&from.facts.certified_body)
        },
    ),
    part(
        "holder",
        "账号性质",
        true,
        |c| match c.facts.holder.post() {
            "" => c.facts.holder.label().to_owned(),
            post => format!("{}（{post}）", c.facts.holder.label()),
        },
        |to, from| to.facts.holder.clone_from(&from.facts.holder),
    ),
    part(
        "opened_on",
        "开通时间",
        false,
        |c| text(&c.facts.opened_on),
        |to, from| to.facts.opened_on = from.facts.opened_on,
    ),
    part(
        "followers",
        "粉丝量（关注数）",
        false,
        |c| text(&c.facts.followers),
        |to, from| to.facts.followers = from.facts.followers,
    ),
    part(
        "posting_frequency",
        "发布频次",
        false,
        |c| c.facts.posting_frequency.clone(),
        |to, from| {
            to.facts
                .posting_frequency
                .clone_from(&from.facts.posting_frequency)
        },
    ),
    part(
        "responsible_department",
        "责任部门",
        false,
        |c| c.facts.responsible_department.clone(),
        |to, from| {
            to.facts
                .responsible_department
                .clone_from(&from.facts.responsible_department)
        },
    ),
    part(
        "icp",
        "ICP 备案号",
        false,
        |c| text(&c.facts.icp),
        |to, from| to.facts.icp.clone_from(&from.facts.icp),
    ),
    part(
        "site",
        "网站信息",
        false,
        |c| web(&c.facts.web, WebKind::Site),
        |to, from| to.facts.web.site = from.facts.web.site.clone(),
    ),
    part(
        "app",
        "应用信息",
        false,
        |c| web(&c.facts.web, WebKind::App),
        |to, from| to.facts.web.app = from.facts.web.app.clone(),
    ),
    part("survey", "摸排情况", false, survey, |to, from| {
        to.facts.survey = from.facts.survey.clone();
    }),
    part(
        "people",
        "管理人员",
        false,
        |c| match c.people.all().len() {
            0 => String::new(),
            many => format!("{many} 人"),
        },
        |to, from| to.people = from.people.clone(),
    ),
    part(
        "remark",
        "备注",
        false,
        |c| c.facts.remark.clone(),
        |to, from| to.facts.remark.clone_from(&from.facts.remark),
    ),
];

fn web(facts: &WebFacts, kind: WebKind) -> String {
    let said = kind.cells().iter().filter_map(|cell| {
        let value = facts.shown(cell);
        (!value.is_empty()).then(|| format!("{} {value}", cell.label))
    });
    said.collect::<Vec<_>>().join("；")
}

fn survey(channel: &Channel) -> String {
    let survey = &channel.facts.survey;
    let yes_no = |label: &str, value: Option<bool>| {
        value.map(|yes| format!("{label}：{}", if yes { "是" } else { "否" }))
    };
    [
        Some(survey.problem.clone()).filter(|text| !text.is_empty()),
        yes_no("已整改", survey.rectified),
        yes_no("有互动功能", survey.interactive),
        yes_no("有审核制度", survey.review_system),
        yes_no("委托运营", survey.outsourced),
        survey.operator.clone(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("；")
}
