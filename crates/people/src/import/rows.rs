//! One row of the template, read without looking at the database. Pure.

use crate::person::{self, Employment};
use zhendi_kernel::{Role, text};
use zhendi_office::{Field, Form, FormKind, FormRow};

/// What is wrong with a cell.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Problem {
    /// The column's heading.
    pub column: String,
    /// What the cell holds.
    pub value: String,
    pub reason: String,
    pub suggestion: String,
}

/// A row's facts, each checked.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Facts {
    pub unit: String,
    /// Blank when the row gives none.
    pub unit_short: String,
    pub name: String,
    pub staff_number: Option<String>,
    pub employment: Employment,
    pub post: String,
    pub phone: Option<String>,
    pub mail: Option<String>,
    pub roles: Vec<Role>,
}

/// The ways in which people write an employment kind.
fn employment(raw: &str) -> Option<Employment> {
    Employment::parse(raw)
        .or(match raw {
            "在编" | "在岗" | "编制内" | "正式" => Some(Employment::Permanent),
            "聘任" | "合同制" | "聘用制" | "编外" | "编外聘用" => {
                Some(Employment::Contract)
            }
            "在校生" | "本科生" | "研究生" => Some(Employment::Student),
            "劳务派遣" | "外包人员" => Some(Employment::Outsourced),
            _ => None,
        })
        .filter(|kind| *kind != Employment::Unknown)
}

/// The labels of what may stand in a cell.
fn any_of(labels: impl IntoIterator<Item = &'static str>) -> String {
    let labels: Vec<&str> = labels.into_iter().collect();
    format!("可填：{}", labels.join("、"))
}

fn employments() -> String {
    let known = Employment::ALL
        .iter()
        .filter(|kind| **kind != Employment::Unknown);
    any_of(known.map(|kind| kind.label()))
}

fn importable(role: Role) -> bool {
    !role.per_channel()
}

/// Collects what is wrong with a row.
pub(super) struct Reader<'a> {
    pub form: &'a Form,
    pub row: &'a FormRow,
    pub problems: Vec<Problem>,
}

impl Reader<'_> {
    pub fn problem(&mut self, field: Field, reason: impl ToString, suggestion: impl ToString) {
        let letters = self.form.column_letters(field);
        self.problems.push(Problem {
            column: match letters {
                Some(letters) => format!("{}（{letters} 列）", field.heading()),
                None => field.heading().into(),
            },
            value: self.row.text(field).into_owned(),
            reason: reason.to_string(),
            suggestion: suggestion.to_string(),
        });
    }

    fn read<T, E: ToString>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&str) -> Result<T, E>,
        suggestion: impl FnOnce() -> String,
    ) -> Option<T> {
        let row = self.row;
        match parse(&row.text(field)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(field, error, suggestion());
                None
            }
        }
    }

    /// The row's facts, if all of them can be read.
    pub fn facts(&mut self) -> Option<Facts> {
        let fill = || "请补填".to_owned();
        let shorten = || "请核对后改短".to_owned();
        let unit = self.read(Field::Unit, |raw| text::required_line(raw, 60), fill);
        let unit_short = self.read(Field::UnitShortName, |raw| text::line(raw, 60), shorten);
        let name = self.read(Field::PersonName, |raw| text::required_line(raw, 40), fill);
        let staff_number = self.read(Field::StaffNumber, person::staff_number, || {
            "请填学校统一编发的工号，没有可留空".into()
        });
        let employment = self.read(
            Field::EmploymentKind,
            |raw| match employment(raw) {
                Some(kind) => Ok(kind),
                None if raw.is_empty() => Err("没有填写".to_owned()),
                None => Err(format!("“{raw}”不是规定的用工性质")),
            },
            employments,
        );
        let post = self.read(Field::Post, |raw| text::line(raw, 60), shorten);
        let phone = self.read(Field::Mobile, person::phone, || "请填 11 位手机号".into());
        let mail = self.read(Field::Mail, person::mail, || {
            "请核对邮箱地址，没有可留空".into()
        });
        let roles = self.roles();
        Some(Facts {
            unit: unit?,
            unit_short: unit_short?,
            name: name?,
            staff_number: staff_number?,
            employment: employment?,
            post: post?,
            phone: phone?,
            mail: mail?,
            roles: roles?,
        })
    }

    fn roles(&mut self) -> Option<Vec<Role>> {
        let cell = self.row.text(Field::Roles).into_owned();
        let mut roles = vec![];
        let mut good = true;
        for word in cell
            .split(['、', '，', ',', '；', ';', '/', '\n'])
            .map(str::trim)
        {
            if word.is_empty() || word == "无" {
                continue;
            }
            match Role::parse(word) {
                Some(role) if !importable(role) => {
                    good = false;
                    self.problem(
                        Field::Roles,
                        format!("{role}按网络阵地授予，不能随人员导入"),
                        "请从该列删去，登记网络阵地后由安全管理员在阵地页面授予",
                    );
                }
                Some(role) if roles.contains(&role) => {}
                Some(role) => roles.push(role),
                None => {
                    good = false;
                    let known = Role::ALL.iter().copied().filter(|role| importable(*role));
                    self.problem(
                        Field::Roles,
                        format!("没有“{word}”这个角色"),
                        any_of(known.map(Role::label)),
                    );
                }
            }
        }
        good.then_some(roles)
    }
}

/// The template as a file: headings, and one example that the import skips.
pub fn template() -> String {
    let headings: Vec<&str> = FormKind::People
        .fields()
        .iter()
        .map(|field| field.heading())
        .chain(["备注"])
        .collect();
    // The mark at the front tells spreadsheet programs that this is UTF-8.
    format!(
        "\u{FEFF}{}\r\n信息工程学院,信工学院,张三,2026001,在编在岗,办公室主任,13800138000,zhangsan@example.edu.cn,单位联络员、拟稿人,例\r\n",
        headings.join(",")
    )
}
