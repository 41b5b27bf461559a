//! A recognised form with its rows.

use std::collections::BTreeSet;

use serde::Serialize;

pub use crate::declared::Declared;
use crate::{
    Cell, Field, FormError, FormKind, Limits, PassedOver, ReadError, Sheet, Workbook,
    heading::{self, Heading},
    open,
    value::tidy::fold,
};
use std::borrow::Cow;

/// A column of a form where it stands on the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// What it holds.
    pub field: Field,
    /// 1-based column of the sheet.
    pub column: u32,
}

/// Rows that are not data, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Marked 例 in the remarks, or the printed hint row of annex 4.
    pub examples: usize,
    /// Empty but for a number.
    pub empty: usize,
    /// Notes, totals and signature lines.
    pub notes: usize,
}

/// One row of data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FormRow {
    /// 1-based row of the sheet.
    pub row: u32,
    /// 序号 as typed; blank if there is none.
    pub serial: String,
    /// The cells that hold something, in the order of [`Field`]. A cell under a merged area that reaches down over several
    /// rows holds that area's value.
    cells: Vec<(Field, Cell)>,
}

impl FormRow {
    /// The cell of a field, unless it is blank.
    pub fn cell(&self, field: Field) -> Option<&Cell> {
        let found = self
            .cells
            .binary_search_by_key(&field, |(field, _)| *field)
            .ok()?;
        Some(&self.cells[found].1)
    }

    /// The tidied text of a field; blank if there is none.
    pub fn text(&self, field: Field) -> Cow<'_, str> {
        self.cell(field).map_or(Cow::Borrowed(""), Cell::text)
    }

    /// All cells that hold something, in the order of [`Field`].
    pub fn cells(&self) -> impl Iterator<Item = (Field, &Cell)> {
        self.cells.iter().map(|(field, cell)| (*field, cell))
    }
}

/// A form found on a sheet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Form {
    /// Which one.
    pub kind: FormKind,
    /// File it came from; inside an archive, the path there.
    pub file: String,
    /// Sheet it stands on.
    pub sheet: String,
    /// 1-based row of the headings; the last one if they take several.
    pub heading_row: u32,
    /// What the lines around the table declare.
    pub declared: Declared,
    /// The columns found, from left to right.
    pub columns: Vec<Column>,
    /// The rows of data in order.
    pub rows: Vec<FormRow>,
    /// What was left out.
    pub skipped: Skipped,
}

impl Form {
    /// The column of a field as the sheet letters it, for naming a cell that is blank.
    pub fn column_letters(&self, field: Field) -> Option<String> {
        self.columns
            .iter()
            .find(|c| c.field == field)
            .map(|c| crate::column_letters(c.column))
    }
}

/// All forms of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reading {
    /// The forms, in the order of files, sheets and rows.
    pub forms: Vec<Form>,
    /// Files of an archive that were not read, each with the reason.
    pub passed_over: Vec<PassedOver>,
}

/// Opens a file and finds its forms. In an archive, spreadsheets without a known form (annex 2, say) are passed over
/// as long as another holds one.
///
/// # Errors
/// [`ReadError::Open`] if the file cannot be opened, [`ReadError::Form`] if it holds no known form, a form without all of its
/// columns, or a heading twice.
pub fn read_forms(name: &str, bytes: &[u8], limits: &Limits) -> Result<Reading, ReadError> {
    let opened = open(name, bytes, limits)?;
    let mut reading = Reading {
        forms: Vec::new(),
        passed_over: opened.passed_over,
    };
    let mut nothing = None;
    for book in &opened.workbooks {
        match book.forms() {
            Ok(forms) => reading.forms.extend(forms),
            Err(error @ FormError::NoKnownForm { .. }) => {
                reading.passed_over.push(PassedOver {
                    name: book.name.clone(),
                    reason: "表格里没有附件1、附件4或人员模板的标题".to_owned(),
                });
                nothing.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    match nothing {
        Some(error) if reading.forms.is_empty() => Err(error.into()),
        _ => Ok(reading),
    }
}

impl Workbook {
    /// Finds the forms on all sheets.
    ///
    /// # Errors
    /// [`FormError`]: no known form, one with missing columns (at least half of the required ones are there, so
    /// something was meant to be read), or a heading that stands twice.
    pub fn forms(&self) -> Result<Vec<Form>, FormError> {
        let mut forms = Vec::new();
        let mut nearest: Option<crate::NearMiss> = None;
        for sheet in &self.sheets {
            let found = heading::find(&self.name, sheet);
            if let Some(error) = found.duplicate {
                return Err(error);
            }
            for miss in found.near {
                if 2 * miss.missing.len() <= miss.kind.required().len() {
                    return Err(FormError::MissingHeadings {
                        file: self.name.clone(),
                        miss,
                    });
                }
                if nearest
                    .as_ref()
                    .is_none_or(|best| miss.found.len() > best.found.len())
                {
                    nearest = Some(miss);
                }
            }
            for (i, heading) in found.headings.iter().enumerate() {
                // Tables side by side share their rows; the next band further down ends this one.
                let above = found.headings[..i]
                    .iter()
                    .rev()
                    .find(|h| h.bottom < heading.top)
                    .map_or(0, |h| h.bottom);
                let below = found.headings[i..]
                    .iter()
                    .find(|h| h.top > heading.bottom)
                    .map_or(u32::MAX, |h| h.top);
                forms.push(read(&self.name, sheet, heading, above, below));
            }
        }
        if forms.is_empty() {
            return Err(FormError::NoKnownForm {
                file: self.name.clone(),
                nearest,
            });
        }
        Ok(forms)
    }
}

fn read(file: &str, sheet: &Sheet, heading: &Heading, above: u32, below: u32) -> Form {
    let mut form = Form {
        kind: heading.kind,
        file: file.to_owned(),
        sheet: sheet.name.clone(),
        heading_row: heading.bottom,
        declared: Declared::default(),
        columns: heading
            .columns
            .iter()
            .map(|&(field, column)| Column { field, column })
            .collect(),
        rows: Vec::new(),
        skipped: Skipped::default(),
    };
    let mut by_field = heading.columns.clone();
    by_field.sort_unstable();
    let left = heading
        .columns
        .iter()
        .map(|&(_, column)| column)
        .min()
        .unwrap_or(1);
    let right = heading
        .columns
        .iter()
        .map(|&(_, column)| column)
        .max()
        .unwrap_or(left);
    for (row, cells) in sheet.rows() {
        if row <= above || row >= below || (heading.top..=heading.bottom).contains(&row) {
            continue;
        }
        if row < heading.top {
            // Above this table and below the one before: the lines that declare it.
            if cells.len() <= 8 {
                form.declared.read(&line(cells));
            }
            continue;
        }
        // Side by side, each table sees its own columns.
        let cells: Vec<&Cell> = cells
            .iter()
            .filter(|c| (left..=right).contains(&c.column))
            .collect();
        match classify(sheet, heading, left, &cells) {
            Line::Outside => {}
            Line::Empty => form.skipped.empty += 1,
            Line::Example => form.skipped.examples += 1,
            Line::Note => {
                form.skipped.notes += 1;
                let owned: Vec<Cell> = cells.into_iter().cloned().collect();
                form.declared.read(&line(&owned));
            }
            Line::Data => form.rows.push(data_row(sheet, &by_field, row)),
        }
    }
    form
}

fn line(cells: &[Cell]) -> String {
    cells
        .iter()
        .map(Cell::text)
        .collect::<Vec<_>>()
        .join("    ")
}

enum Line {
    Outside,
    Empty,
    Example,
    Note,
    Data,
}

/// Beginnings of lines under a table that are not data.
const NOTES: &[&str] = &[
    "注:",
    "注意",
    "备注:",
    "说明",
    "填表说明",
    "填写说明",
    "报送方式",
    "合计",
    "总计",
    "小计",
    "制表",
    "附件",
    "审批意见",
    "单位负责人",
];

fn classify(sheet: &Sheet, heading: &Heading, left: u32, cells: &[&Cell]) -> Line {
    let Some(first) = cells.first() else {
        return Line::Outside;
    };
    let column_of = |field: Field| {
        heading
            .columns
            .iter()
            .find(|(known, _)| *known == field)
            .map(|&(_, column)| column)
    };
    let folded = |field: Field| {
        let column = column_of(field)?;
        cells
            .iter()
            .find(|c| c.column == column)
            .map(|c| fold(&c.text()))
    };
    let text = first.text();
    let start = fold(&text);
    if NOTES.iter().any(|note| start.starts_with(note))
        || Declared::is_line(&text)
        || is_title(&start)
    {
        return Line::Note;
    }
    let serial = column_of(Field::Serial);
    let known: BTreeSet<u32> = heading.columns.iter().map(|&(_, column)| column).collect();
    let content: Vec<&&Cell> = cells
        .iter()
        .filter(|c| Some(c.column) != serial && known.contains(&c.column))
        .collect();
    if content.is_empty() {
        // Alone in the number column: a number, or words that are a note.
        let numbered = cells
            .iter()
            .any(|c| Some(c.column) == serial && is_serial(&fold(&c.text())));
        let words = cells.iter().any(|c| Some(c.column) == serial);
        return match (numbered, words) {
            (true, _) => Line::Empty,
            (false, true) => Line::Note,
            (false, false) => Line::Outside,
        };
    }
    if [Field::Remarks, Field::Serial]
        .into_iter()
        .filter_map(folded)
        .any(|text| is_example(&text))
    {
        return Line::Example;
    }
    // The printed annex 4 leaves one hint in its first row: 微信公众号/微博/网站/APP等.
    if content.len() == 1
        && folded(Field::Platform).is_some_and(|text| text.contains('/') && text.ends_with('等'))
    {
        return Line::Example;
    }
    // One text across several columns.
    if cells.len() == 1 && first.column == left && serial != Some(left)
        || content.len() == 1 && spans(sheet, first, 3)
    {
        return if spans(sheet, first, 3) {
            Line::Note
        } else {
            Line::Data
        };
    }
    Line::Data
}

fn spans(sheet: &Sheet, cell: &Cell, columns: u32) -> bool {
    sheet.anchor(cell.row, cell.column + columns - 1) == (cell.row, cell.column)
}

fn is_title(folded: &str) -> bool {
    ["统计表", "汇总表", "登记表"]
        .iter()
        .any(|end| folded.ends_with(end))
        && folded.contains("新媒体")
}

fn is_serial(folded: &str) -> bool {
    let bare = folded.trim_matches(|c: char| matches!(c, '(' | ')' | '.' | '/' | '。' | '…' | '-'));
    bare.chars()
        .all(|c| c.is_ascii_digit() || "一二三四五六七八九十百①②③④⑤⑥⑦⑧⑨⑩".contains(c))
}

fn is_example(folded: &str) -> bool {
    let bare = folded.trim_matches(['(', ')', ':', '。', '.']);
    let bare = bare.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(
        bare,
        "例" | "示例" | "样例" | "例如" | "举例" | "填写示例" | "范例" | "例子"
    ) || folded.starts_with("例:")
}

fn data_row(sheet: &Sheet, by_field: &[(Field, u32)], row: u32) -> FormRow {
    let mut serial = String::new();
    let mut cells = Vec::with_capacity(by_field.len());
    for &(field, column) in by_field {
        let own = sheet.cell(row, column);
        let found = own.or_else(|| match sheet.anchor(row, column) {
            // Merged downwards: the value counts for each row. Merged to the right: only for its first column.
            (top, left) if top < row && left == column => sheet.cell(top, left),
            _ => None,
        });
        let Some(found) = found else { continue };
        if field == Field::Serial {
            serial = found.text().into_owned();
        } else {
            cells.push((
                field,
                Cell {
                    row,
                    column,
                    value: found.value.clone(),
                },
            ));
        }
    }
    FormRow { row, serial, cells }
}
