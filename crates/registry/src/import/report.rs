//! What an import did or would do, row by row, for people and programs.

use crate::filing::{Contacts, Content, Kind};
use serde::{Deserialize, Serialize};
use std::fmt;
use zhendi_kernel::{ChannelId, UnitId};

/// The outcome of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A channel that the registry did not have.
    New,
    /// A channel that it has, with something to change.
    Changed,
    /// A channel that it has, as the row says.
    Same,
    /// Not taken; the problems say why.
    Refused,
}

impl Verdict {
    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "新增",
            Self::Changed => "更新",
            Self::Same => "无变化",
            Self::Refused => "不接受",
        }
    }
}

/// Why a row was refused, at its cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The heading of the column as printed.
    pub column: String,
    /// The cell, such as `C7`; none when the sheet has no such column.
    pub cell: Option<String>,
    /// What stands there.
    pub value: String,
    pub reason: String,
    /// What to write instead; empty when the reason says it.
    pub suggestion: String,
}

/// One field before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    /// Empty for a new channel.
    pub before: String,
    pub after: String,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowReport {
    /// 1-based row of the sheet.
    pub row: u32,
    /// 序号 as typed.
    pub serial: String,
    /// The channel's name as typed.
    pub name: String,
    pub verdict: Verdict,
    pub problems: Vec<Problem>,
    pub changes: Vec<Change>,
    /// Worth a look, but no reason to refuse.
    pub notices: Vec<String>,
    /// An address found in the remarks: offered as the site's address, not taken silently.
    pub offered_address: Option<String>,
}

/// One form found on a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormReport {
    pub file: String,
    pub sheet: String,
    /// The form's name.
    pub form: String,
    pub rows: Vec<RowReport>,
    /// Rows marked 例.
    pub examples: usize,
    /// Rows empty but for a number.
    pub empty: usize,
}

/// A cell that says something else than the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Its label as printed.
    pub field: String,
    /// The cell, such as `C7`.
    pub cell: Option<String>,
    /// What the register says or counts; empty when it says nothing.
    pub registered: String,
    pub written: String,
}

/// The filing that an annex 3 would begin with what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    pub kind: Kind,
    pub channel: Option<ChannelId>,
    pub unit: Option<UnitId>,
    /// The version of the channel that it was compared with, for changes.
    pub record: Option<i32>,
    pub content: Content,
    pub contacts: Contacts,
}

/// An annex 2 or 3 held against the register. Nothing of it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    pub file: String,
    pub sheet: String,
    /// The form's name.
    pub form: String,
    /// The unit of annex 2, the channel of annex 3.
    pub of: String,
    /// Its page.
    pub href: Option<String>,
    /// Why it cannot be compared.
    pub problem: Option<String>,
    /// A channel that the register does not have.
    pub unknown: bool,
    pub differences: Vec<Difference>,
    pub draft: Option<Prepared>,
}

impl Compared {
    /// The outcome in a word.
    pub fn verdict(&self) -> String {
        match (&self.problem, self.unknown, self.differences.len()) {
            (Some(_), ..) => "无法比对".into(),
            (None, true, _) => "台账中没有".into(),
            (None, false, 0) => "与台账一致".into(),
            (None, false, n) => format!("{n} 处不同"),
        }
    }
}

/// How many rows met which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    pub refused: usize,
    /// Examples and empty rows.
    pub skipped: usize,
}

/// The whole outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub forms: Vec<FormReport>,
    pub totals: Totals,
    /// Units that were made, to be checked by someone.
    pub new_units: Vec<String>,
    /// Files of an archive that were not read, with the reason.
    pub passed_over: Vec<String>,
    /// Annexes 2 and 3 beside the register.
    #[serde(default)]
    pub compared: Vec<Compared>,
    /// Whether what is accepted is stored. False for a dry run, and when one row refused the whole.
    pub stored: bool,
}

impl Report {
    /// Counts the rows.
    pub(super) fn count(&mut self) {
        let mut totals = Totals::default();
        for form in &self.forms {
            totals.skipped += form.examples + form.empty;
            for row in &form.rows {
                *match row.verdict {
                    Verdict::New => &mut totals.new,
                    Verdict::Changed => &mut totals.changed,
                    Verdict::Same => &mut totals.same,
                    Verdict::Refused => &mut totals.refused,
                } += 1;
            }
        }
        self.totals = totals;
    }

    /// Whether any row was refused.
    pub fn has_refusals(&self) -> bool {
        self.totals.refused > 0
    }

    /// Whether every annex 2 and 3 says what the register says.
    pub fn compares_equal(&self) -> bool {
        self.compared
            .iter()
            .all(|one| one.problem.is_none() && one.differences.is_empty() && !one.unknown)
    }

    /// Whether another run came to the same outcome.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.forms == other.forms
            && self.new_units == other.new_units
            && self.passed_over == other.passed_over
            && self.compared == other.compared
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "新增 {}，更新 {}，无变化 {}，不接受 {}，略过 {}",
            self.new, self.changed, self.same, self.refused, self.skipped
        )
    }
}

impl fmt::Display for Report {
    /// As the command prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for form in &self.forms {
            writeln!(f, "{}  工作表“{}”  {}", form.file, form.sheet, form.form)?;
            for row in &form.rows {
                writeln!(
                    f,
                    "  第 {} 行  {}  {}",
                    row.row,
                    row.verdict.label(),
                    row.name
                )?;
                for problem in &row.problems {
                    write!(f, "    ✗ {}", problem.column)?;
                    if let Some(cell) = &problem.cell {
                        write!(f, "（{cell}）")?;
                    }
                    if !problem.value.is_empty() {
                        write!(f, " “{}”", problem.value)?;
                    }
                    write!(f, "：{}", problem.reason)?;
                    if !problem.suggestion.is_empty() {
                        write!(f, " 建议：{}", problem.suggestion)?;
                    }
                    writeln!(f)?;
                }
                if row.verdict == Verdict::Changed {
                    for change in &row.changes {
                        writeln!(
                            f,
                            "    {}：“{}” → “{}”",
                            change.field, change.before, change.after
                        )?;
                    }
                }
                for notice in &row.notices {
                    writeln!(f, "    · {notice}")?;
                }
            }
            if form.examples + form.empty > 0 {
                writeln!(
                    f,
                    "  略过示例行 {} 行、空行 {} 行",
                    form.examples, form.empty
                )?;
            }
        }
        for one in &self.compared {
            writeln!(
                f,
                "{}  工作表“{}”  {}  {}  {}",
                one.file,
                one.sheet,
                one.form,
                one.of,
                one.verdict()
            )?;
            if let Some(problem) = &one.problem {
                writeln!(f, "    ✗ {problem}")?;
            }
            for difference in &one.differences {
                write!(f, "    {}", difference.field)?;
                if let Some(cell) = &difference.cell {
                    write!(f, "（{cell}）")?;
                }
                writeln!(
                    f,
                    "：台账“{}”，表中“{}”",
                    difference.registered, difference.written
                )?;
            }
        }
        for unit in &self.new_units {
            writeln!(f, "新建单位（待核对）：{unit}")?;
        }
        for file in &self.passed_over {
            writeln!(f, "未读取：{file}")?;
        }
        if self.forms.is_empty() && !self.compared.is_empty() {
            return write!(f, "附件2、附件3 只与台账比对，没有写入。");
        }
        writeln!(f, "合计：{}", self.totals)?;
        let nothing = self.totals.new + self.totals.changed == 0;
        match (self.stored, self.has_refusals()) {
            (true, false) if nothing => write!(f, "与台账一致，没有需要写入的内容。"),
            (true, false) => write!(f, "已写入台账。"),
            (true, true) => write!(f, "接受的行已写入台账，不接受的行没有写入。"),
            (false, true) => write!(
                f,
                "有不接受的行，全部没有写入。修改后重试；或加 --partial 只写入接受的行。"
            ),
            (false, false) => write!(f, "这是试运行，没有写入。"),
        }
    }
}
