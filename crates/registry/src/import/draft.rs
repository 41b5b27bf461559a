//! A row's cells as values, or what is wrong with them. Pure: whether a unit is known or a channel there
//! already is for others to say.

use super::report::Problem;
use crate::{
    PartialDate,
    channel::{limits, summary::PaperFiling},
    platform::{PlatformCode, Platforms},
};
use std::{borrow::Cow, fmt::Display};
use zhendi_kernel::text;
use zhendi_office::{
    Field, Form, FormKind, FormRow, Phone, Value, parse_partial_date, parse_phone, parse_yes_no,
    split_names,
};

/// A person as a row names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub phone: Option<String>,
}

/// What a row says of a channel. None and empty mean that it says nothing, which changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub name: String,
    /// 开设单位; blank when the row leaves it to the form's head.
    pub unit: String,
    pub platform: PlatformCode,
    pub address_or_id: String,
    pub certified_body: String,
    pub opened_on: Option<PartialDate>,
    /// 问题排查情况.
    pub problem: String,
    pub rectified: Option<bool>,
    pub interactive: Option<bool>,
    pub review_system: Option<bool>,
    pub outsourced: Option<bool>,
    pub leader: Option<Named>,
    pub reviewers: Vec<Named>,
    /// 账号负责人 or 运维负责人.
    pub operators: Vec<Named>,
    pub remark: String,
    /// What annex 4 records; none for annex 1.
    pub filing: Option<PaperFiling>,
    /// An address that stands in the remarks of a site without one.
    pub offered_address: Option<String>,
    /// How cells were read that could have meant something else.
    pub notices: Vec<String>,
}

impl Draft {
    /// Whether it says that the channel is gone.
    pub fn is_cancelled(&self) -> bool {
        self.filing == Some(PaperFiling::Cancellation)
    }

    /// Everyone whom the row names.
    pub fn people(&self) -> impl Iterator<Item = &Named> {
        let named = self.leader.iter().chain(&self.reviewers);
        named.chain(&self.operators)
    }
}

/// Reads the cells of one row and keeps what is wrong with them.
pub struct Cells<'a> {
    form: &'a Form,
    row: &'a FormRow,
    problems: Vec<Problem>,
}

impl<'a> Cells<'a> {
    /// The cells of a row of a form.
    pub fn new(form: &'a Form, row: &'a FormRow) -> Self {
        Self {
            form,
            row,
            problems: vec![],
        }
    }

    fn text(&self, field: Field) -> Cow<'a, str> {
        self.row.text(field)
    }

    /// A problem at a field's cell.
    pub fn problem(
        &self,
        field: Field,
        reason: impl Display,
        suggestion: impl Into<String>,
    ) -> Problem {
        let column = self.form.column_letters(field);
        Problem {
            column: field.heading_in(self.form.kind).into(),
            cell: column.map(|letters| format!("{letters}{}", self.row.row)),
            value: self.text(field).chars().take(100).collect(),
            reason: reason.to_string(),
            suggestion: suggestion.into(),
        }
    }

    fn refuse(&mut self, field: Field, reason: impl Display, suggestion: impl Into<String>) {
        let problem = self.problem(field, reason, suggestion);
        self.problems.push(problem);
    }

    fn line(&mut self, field: Field, max: usize) -> String {
        match text::line(&self.text(field), max) {
            Ok(line) => line,
            Err(error) => {
                self.refuse(field, error, "");
                String::new()
            }
        }
    }

    fn required(&mut self, field: Field, max: usize) -> String {
        let line = self.line(field, max);
        if line.is_empty() && self.text(field).is_empty() {
            self.refuse(field, "没有填写。", "请补上后重新导入。");
        }
        line
    }

    fn yes_no(&mut self, field: Field) -> Option<bool> {
        match parse_yes_no(&self.text(field)) {
            Ok(answer) => answer,
            Err(error) => {
                self.refuse(field, error, "");
                None
            }
        }
    }

    /// The names of one cell, with the phones of another when there are as many, or one for the first.
    fn people(&mut self, names: Field, phones: Option<Field>, mobile_only: bool) -> Vec<Named> {
        let mut people: Vec<Named> = split_names(&self.line(names, limits::SHORT))
            .into_iter()
            .filter(|name| !matches!(name.as_str(), "-" | "—" | "无" | "/"))
            .map(|name| Named { name, phone: None })
            .collect();
        let Some(field) = phones else { return people };
        let cell = self.text(field);
        let parts: Vec<&str> = cell
            .split(['、', '，', ',', '；', ';', '/', '\n'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        // Only several people may have several numbers; a slash may also belong to one number.
        let parts = if parts.len() > 1 && parts.len() == people.len() {
            parts
        } else {
            vec![cell.as_ref()]
        };
        let mut numbers = vec![];
        for part in parts {
            match parse_phone(part) {
                Ok(Some(Phone::Landline { .. })) if mobile_only => {
                    self.refuse(
                        field,
                        "这里要填手机号，不是固定电话。",
                        "请填 11 位手机号。",
                    );
                }
                Ok(number) => numbers.push(number.map(|number| number.to_string())),
                Err(error) => self.refuse(field, error, ""),
            }
        }
        if people.is_empty() && numbers.iter().any(Option::is_some) {
            self.refuse(names, "填了电话，没有填姓名。", "请补上姓名。");
        }
        for (person, number) in people.iter_mut().zip(numbers) {
            person.phone = number;
        }
        people
    }

    fn platform(&mut self, platforms: &Platforms) -> PlatformCode {
        let typed = self.text(Field::Platform);
        if let Some(platform) = platforms.resolve(&typed) {
            return platform.code.clone();
        }
        let known = format!("可填：{}", platforms.nearest(&typed).join("、"));
        if typed.is_empty() {
            self.refuse(Field::Platform, "没有填写。", known);
        } else {
            self.refuse(Field::Platform, format!("没有“{typed}”这个平台。"), known);
        }
        PlatformCode::from("")
    }

    fn date(&mut self, field: Field) -> Option<PartialDate> {
        let blank = Value::Text("".into());
        let value = self.row.cell(field).map_or(&blank, |cell| &cell.value);
        match parse_partial_date(value) {
            Ok(date) => date,
            Err(error) => {
                self.refuse(field, error, "");
                None
            }
        }
    }

    fn paper_filing(&mut self) -> Option<PaperFiling> {
        match text::fold(&self.text(Field::FilingKind)).as_str() {
            "开设" | "新增" | "新开" => Some(PaperFiling::Opening),
            "变更" => Some(PaperFiling::Change),
            "注销" | "关停" => Some(PaperFiling::Cancellation),
            _ => {
                self.refuse(
                    Field::FilingKind,
                    "备案类型应为开设、变更或注销。",
                    "请填其中一种。",
                );
                None
            }
        }
    }

    /// Reads the whole row.
    ///
    /// # Errors
    /// Every cell that cannot be taken.
    pub fn draft(mut self, platforms: &Platforms) -> Result<Draft, Vec<Problem>> {
        let annex1 = self.form.kind == FormKind::Annex1;
        let mut draft = Draft {
            name: self.required(Field::Name, limits::NAME),
            unit: self.line(Field::OpeningUnit, limits::SHORT),
            platform: self.platform(platforms),
            address_or_id: self.line(Field::AccountId, limits::ADDRESS),
            certified_body: self.line(Field::CertifiedBody, limits::SHORT),
            opened_on: None,
            problem: String::new(),
            rectified: None,
            interactive: None,
            review_system: None,
            outsourced: None,
            leader: None,
            reviewers: vec![],
            operators: vec![],
            remark: self.line(Field::Remarks, limits::LONG),
            filing: None,
            offered_address: None,
            notices: vec![],
        };
        if annex1 {
            draft.problem = self.line(Field::Problems, limits::SHORT);
            draft.rectified = self.yes_no(Field::Rectified);
            draft.interactive = self.yes_no(Field::Interactive);
            draft.review_system = self.yes_no(Field::ReviewSystem);
            draft.outsourced = self.yes_no(Field::Outsourced);
            draft.operators = self.people(Field::OwnerName, Some(Field::OwnerPhone), true);
        } else {
            draft.opened_on = self.date(Field::OpenedOn);
            draft.leader = self.people(Field::Leader, None, false).into_iter().next();
            draft.reviewers = self.people(Field::Reviewer, None, false);
            draft.operators = self.people(Field::Operator, Some(Field::OperatorPhone), false);
            draft.filing = self.paper_filing();
        }
        for field in [Field::OwnerPhone, Field::OperatorPhone, Field::AccountId] {
            // Spreadsheets turn digits into numbers, which may have cost a leading zero.
            if let Some(cell) = self.row.cell(field)
                && matches!(cell.value, Value::Number(_))
            {
                let heading = field.heading_in(self.form.kind);
                draft
                    .notices
                    .push(format!("{heading}是数字单元格，读作 {}", cell.text()));
            }
        }
        if draft.address_or_id.is_empty() {
            draft.offered_address = find_address(&draft.remark);
        }
        if self.problems.is_empty() {
            Ok(draft)
        } else {
            Err(self.problems)
        }
    }
}

/// The first web address in a text.
fn find_address(text: &str) -> Option<String> {
    let start = ["https://", "http://", "www."]
        .iter()
        .filter_map(|start| text.find(start))
        .min()?;
    let address: String = text[start..]
        .chars()
        .take_while(|c| {
            c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '<' | '>' | ',' | ';' | ')')
        })
        .collect();
    let address = address.trim_end_matches('.');
    address.contains('.').then(|| address.to_owned())
}
