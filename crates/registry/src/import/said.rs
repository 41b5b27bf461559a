//! What a row says over what was known, and what differs. Pure.

use super::{
    draft::{Draft, Named},
    report::Change,
};
use crate::{
    channel::{AnnexOne, Facts, Holder, WebFacts},
    platform::Platforms,
};
use zhendi_kernel::{UnitId, text};

/// The facts after a row: what it says over what was known. Blank cells say nothing.
pub fn facts(unit: UnitId, draft: &Draft, before: Option<&Facts>) -> Facts {
    let old = before.cloned().unwrap_or_else(|| Facts {
        name: String::new(),
        unit,
        platform: draft.platform.clone(),
        address_or_id: String::new(),
        certified_body: String::new(),
        opened_on: None,
        followers: None,
        posting_frequency: String::new(),
        responsible_department: String::new(),
        holder: Holder::Unit,
        icp: None,
        web: WebFacts::default(),
        survey: AnnexOne::default(),
        remark: String::new(),
    });
    let said = |new: &str, old: String| if new.is_empty() { old } else { new.to_owned() };
    // The same name in another spelling is no change.
    let name = if text::fold(&draft.name) == text::fold(&old.name) {
        old.name
    } else {
        draft.name.clone()
    };
    Facts {
        name,
        unit,
        platform: draft.platform.clone(),
        address_or_id: said(&draft.address_or_id, old.address_or_id),
        certified_body: said(&draft.certified_body, old.certified_body),
        opened_on: draft.opened_on.or(old.opened_on),
        survey: AnnexOne {
            problem: said(&draft.problem, old.survey.problem),
            rectified: draft.rectified.or(old.survey.rectified),
            interactive: draft.interactive.or(old.survey.interactive),
            review_system: draft.review_system.or(old.survey.review_system),
            outsourced: draft.outsourced.or(old.survey.outsourced),
            operator: old.survey.operator,
        },
        remark: said(&draft.remark, old.remark),
        followers: old.followers,
        posting_frequency: old.posting_frequency,
        responsible_department: old.responsible_department,
        holder: old.holder,
        icp: old.icp,
        web: old.web,
    }
}

pub fn change(field: &str, before: impl Into<String>, after: impl Into<String>) -> Change {
    Change {
        field: field.into(),
        before: before.into(),
        after: after.into(),
    }
}

/// What differs, field by field; of a new channel everything that is said, its people included.
pub fn changes(
    platforms: &Platforms,
    before: Option<&Facts>,
    after: &Facts,
    draft: &Draft,
) -> Vec<Change> {
    let yes_no = |answer: Option<bool>| match answer {
        Some(true) => "是".to_owned(),
        Some(false) => "否".to_owned(),
        None => String::new(),
    };
    let shown = |facts: &Facts| -> Vec<(&'static str, String)> {
        vec![
            ("名称", facts.name.clone()),
            ("平台", platforms.name(&facts.platform).to_owned()),
            ("账号 ID（网址）", facts.address_or_id.clone()),
            ("认证主体", facts.certified_body.clone()),
            (
                "开通时间",
                facts
                    .opened_on
                    .map(|date| date.to_string())
                    .unwrap_or_default(),
            ),
            ("问题排查情况", facts.survey.problem.clone()),
            ("是否整改", yes_no(facts.survey.rectified)),
            ("是否具有互动功能", yes_no(facts.survey.interactive)),
            (
                "是否建立内容发布审核制度",
                yes_no(facts.survey.review_system),
            ),
            ("是否委托其他单位运营", yes_no(facts.survey.outsourced)),
            ("备注", facts.remark.clone()),
        ]
    };
    let old = before.map(shown);
    let mut all: Vec<Change> = shown(after)
        .into_iter()
        .enumerate()
        .filter_map(|(i, (field, after))| {
            let before = old.as_ref().map_or("", |old| old[i].1.as_str());
            (before != after).then(|| change(field, before, after))
        })
        .collect();
    if before.is_some_and(|before| before.unit != after.unit) {
        all.push(change("开设单位", "", draft.unit.clone()));
    }
    if before.is_none() {
        let names = |people: &[Named]| {
            let all: Vec<&str> = people.iter().map(|one| one.name.as_str()).collect();
            all.join("、")
        };
        let people = [
            ("主管领导", names(draft.leader.as_slice())),
            ("审核人", names(&draft.reviewers)),
            ("运维人员", names(&draft.operators)),
        ];
        all.extend(
            people
                .into_iter()
                .filter(|(_, names)| !names.is_empty())
                .map(|(field, names)| change(field, "", names)),
        );
    }
    all
}
