//! What a filing reads like: its cells, what moved since, what is odd about it.

use super::parts::CellView;
use crate::{
    channel::{Holder, rules::name_findings},
    filing::{
        Filing,
        complete::second_account,
        content::{CELLS, CONTENT_PLANS, Content, FOLLOWERS_PLANS, Wrongs, plan_label, web_cells},
        form::choice,
        record::{self, Record, Said},
        rules::{Kind, Stage},
    },
    platform::Platforms,
    settings::Registry,
};
use std::collections::HashMap;
use zhendi_kernel::{App, Fault, UnitId, settings::Institution};
use zhendi_people::unit;

/// Something of a channel that moved since a change was submitted.
pub(super) struct Moved {
    pub label: &'static str,
    pub was: String,
    pub now: String,
}

/// What the cells of a filing read like.
pub(super) struct Words<'a> {
    pub platforms: &'a Platforms,
    pub units: &'a HashMap<UnitId, String>,
}

impl Words<'_> {
    pub fn of(&self, name: &str, content: &Content) -> String {
        let value = content.cell(name);
        match name {
            "platform" => self.platforms.name(&value.into()).to_owned(),
            "holder" => match Holder::parse(value, &content.holder_post) {
                Some(Holder::PersonByPost(post)) => format!("职务认证的个人账号（{post}）"),
                Some(holder) => holder.label().into(),
                None => String::new(),
            },
            name => web_cells()
                .find(|cell| cell.name == name)
                .map_or_else(|| value.to_owned(), |cell| choice(cell.kind, value)),
        }
    }

    pub fn unit(&self, id: UnitId) -> String {
        self.units.get(&id).cloned().unwrap_or_default()
    }

    /// The cells of annex 3, and those of sites and apps.
    pub fn cells(
        &self,
        filing: &Filing,
        said: &Said,
        record: Option<&Record>,
    ) -> (Vec<CellView>, Vec<CellView>) {
        let was: HashMap<&str, String> = record
            .map(|record| {
                let found = record::differences(record, said).into_iter();
                found
                    .map(|one| match one.cell {
                        "new_unit" => (one.cell, self.unit(record.unit)),
                        cell => (cell, self.of(cell, &record.content)),
                    })
                    .collect()
            })
            .unwrap_or_default();
        let cell = |name: &'static str, label: &'static str| CellView {
            label,
            value: self.of(name, &said.content),
            was: was.get(name).cloned(),
            wide: name == "second_reason",
        };
        let mut cells: Vec<CellView> = CELLS
            .iter()
            .filter(|(name, ..)| *name != "holder_post" || was.contains_key("holder_post"))
            .filter(|(name, ..)| {
                *name != "second_reason"
                    || !said.content.second_reason.is_empty()
                    || was.contains_key("second_reason")
            })
            .map(|(name, label, _)| cell(name, label))
            .collect();
        let unit = said.content.goes_to().unwrap_or(filing.unit);
        cells.insert(
            2,
            CellView {
                was: was.get("new_unit").cloned(),
                ..CellView::plain("开设部门", self.unit(unit))
            },
        );
        cells.insert(10, CellView::plain("备案类型", filing.kind.label()));
        if filing.kind == Kind::Change && !said.content.reason.is_empty() {
            cells.push(CellView::plain("变更事由", &said.content.reason).wide());
        }
        let web = web_cells()
            .filter(|one| !said.content.cell(one.name).is_empty() || was.contains_key(one.name))
            .map(|one| cell(one.name, one.label))
            .collect();
        (cells, web)
    }
}

/// What a cancellation says of the closing.
pub(super) fn closing_cells(filing: &Filing) -> Vec<CellView> {
    let said = &filing.content;
    if filing.kind != Kind::Cancellation {
        return vec![];
    }
    vec![
        CellView::plain("注销原因", &said.reason).wide(),
        CellView::plain("计划注销日期", &said.close_on),
        CellView::plain(
            "关注者（粉丝）安排",
            joined(
                plan_label(&FOLLOWERS_PLANS, &said.followers_plan),
                &said.followers_note,
            ),
        ),
        CellView::plain(
            "已发布内容处置",
            joined(
                plan_label(&CONTENT_PLANS, &said.content_plan),
                &said.content_note,
            ),
        ),
    ]
}

fn joined(label: &str, note: &str) -> String {
    if note.is_empty() {
        label.to_owned()
    } else {
        format!("{label}。{note}")
    }
}

/// What of the channel moved since the change was submitted.
pub(super) fn moved(base: &Record, said: &Said, current: &Record, words: &Words<'_>) -> Vec<Moved> {
    record::moved(base, said, current)
        .into_iter()
        .map(|one| match one.cell {
            "leader" | "reviewers" | "operators" | "new_unit" => Moved {
                label: one.label,
                was: String::new(),
                now: String::new(),
            },
            cell => Moved {
                label: one.label,
                was: words.of(cell, &base.content),
                now: words.of(cell, &current.content),
            },
        })
        .collect()
}

/// What is odd about the name, and that there is an account already.
pub(super) async fn warnings(
    app: &App,
    filing: &Filing,
    said: &Said,
    words: &Words<'_>,
    settings: &Registry,
) -> Result<Vec<String>, Fault> {
    let mut warnings = vec![];
    let over = matches!(filing.course.stage, Stage::Effective | Stage::Withdrawn);
    if over || filing.kind == Kind::Cancellation {
        return Ok(warnings);
    }
    let db = app.db.read();
    let institution: Institution = app.setting().await?;
    let its_unit = unit::find(db, said.content.goes_to().unwrap_or(filing.unit)).await?;
    let (name, short_name) = its_unit.as_ref().map_or(("", ""), |unit| {
        (unit.name.as_str(), unit.short_name.as_str())
    });
    let belongs = [name, short_name, &institution.name];
    for found in name_findings(&said.content.name, &belongs, &settings.misleading_words) {
        if !said.content.name.is_empty() {
            warnings.push(format!("{}。{}", found.problem, found.advice));
        }
    }
    let unit = said.content.goes_to().unwrap_or(filing.unit);
    let facts = said
        .content
        .facts(unit, words.platforms, None, &mut Wrongs::default());
    if let Some(facts) = facts
        && let Some(second) = second_account(app, filing, &facts, words.platforms).await?
    {
        warnings.push(second);
    }
    Ok(warnings)
}
