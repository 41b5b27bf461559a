//! A recognised form with its rows.

use std::{
    borrow::Cow,
    ops::{Range, RangeInclusive},
};

use serde::{Serialize, Serializer};

pub use crate::declared::Declared;
use crate::{
    AnnexThreeForm, AnnexTwoForm, Cell, Field, FormError, FormKind, Limits, PassedOver, ReadError,
    Sheet, Value, Workbook,
    heading::{self, Heading},
    open,
    registration::without_mark,
};

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
    #[serde(serialize_with = "as_map")]
    cells: Vec<(Field, Cell)>,
}

fn as_map<S: Serializer>(cells: &[(Field, Cell)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(cells.iter().map(|(field, cell)| (field, cell)))
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
    /// Every annex 2, likewise.
    pub summaries: Vec<AnnexTwoForm>,
    /// Every annex 3, likewise.
    pub registrations: Vec<AnnexThreeForm>,
    /// Files of an archive that were not read, each with the reason.
    pub passed_over: Vec<PassedOver>,
}

/// Opens a file and finds its forms. In an archive, spreadsheets without a known form are passed over
/// as long as another holds one.
///
/// # Errors
/// [`ReadError::Open`] if the file cannot be opened, [`ReadError::Form`] if it holds no known form, a form without all of its
/// columns, or a heading twice.
pub fn read_forms(name: &str, bytes: &[u8], limits: &Limits) -> Result<Reading, ReadError> {
    let opened = open(name, bytes, limits).map_err(|error| ReadError::Open {
        file: name.to_owned(),
        error,
    })?;
    let mut reading = Reading {
        passed_over: opened.passed_over,
        ..Reading::default()
    };
    let mut nothing = None;
    for book in &opened.workbooks {
        let (summaries, registrations) = (book.summaries(), book.registrations());
        let others = !summaries.is_empty() || !registrations.is_empty();
        reading.summaries.extend(summaries);
        reading.registrations.extend(registrations);
        match book.forms() {
            Ok(forms) => reading.forms.extend(forms),
            Err(FormError::NoKnownForm { .. }) if others => {}
            Err(error @ FormError::NoKnownForm { .. }) => {
                reading.passed_over.push(PassedOver {
                    name: book.name.clone(),
                    reason: "表格里没有附件1至附件4或人员模板的标题".to_owned(),
                });
                nothing.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let empty = reading.forms.is_empty()
        && reading.summaries.is_empty()
        && reading.registrations.is_empty();
    match nothing {
        Some(error) if empty => Err(error.into()),
        _ => Ok(reading),
    }
}

impl Workbook {
    /// Finds the forms on all sheets that show. What a person cannot see in the file is not taken from it.
    ///
    /// # Errors
    /// [`FormError`]: no known form, one with missing columns (at least half of the required ones are there, so
    /// something was meant to be read), or a heading that stands twice.
    pub fn forms(&self) -> Result<Vec<Form>, FormError> {
        let mut forms = Vec::new();
        let mut nearest: Option<crate::NearMiss> = None;
        for sheet in self.sheets.iter().filter(|sheet| !sheet.hidden) {
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
                // Tables side by side each see their own columns only.
                let beside = found
                    .headings
                    .iter()
                    .filter(|h| h.bottom == heading.bottom)
                    .count()
                    > 1;
                let lane = if beside { heading.lane() } else { 0..=u32::MAX };
                forms.push(read(&self.name, sheet, heading, above + 1..below, &lane));
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

fn read(
    file: &str,
    sheet: &Sheet,
    heading: &Heading,
    rows: Range<u32>,
    lane: &RangeInclusive<u32>,
) -> Form {
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
    let mut above = Vec::new();
    let mut below = Vec::new();
    for (row, cells) in sheet.rows() {
        if !rows.contains(&row) || (heading.top..=heading.bottom).contains(&row) {
            continue;
        }
        if row < heading.top {
            above.extend(line(cells));
            continue;
        }
        let cells: Vec<&Cell> = cells.iter().filter(|c| lane.contains(&c.column)).collect();
        match classify(sheet, heading, &cells) {
            Line::Outside => {}
            Line::Empty => form.skipped.empty += 1,
            Line::Example => form.skipped.examples += 1,
            Line::Note => {
                form.skipped.notes += 1;
                below.extend(line(cells));
            }
            Line::Data => form
                .rows
                .push(data_row(sheet, heading.kind, &by_field, row)),
        }
    }
    // The nearest line above speaks first: further up may stand the foot of another table.
    for line in above
        .iter()
        .rev()
        .take(DECLARING_LINES)
        .chain(below.iter().take(DECLARING_LINES))
    {
        form.declared.read(line);
    }
    form
}

/// A line with more cells declares nothing, it is data of a table further up.
const DECLARING_CELLS: usize = 8;
/// Nor does one with more text: the labels and what a person writes behind them are short.
const DECLARING_BYTES: usize = 2_000;

/// Lines around a table that are read for declarations.
const DECLARING_LINES: usize = 20;

/// The text of a row that may declare something.
fn line<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Option<String> {
    let texts: Vec<_> = cells
        .into_iter()
        .take(DECLARING_CELLS + 1)
        .map(Cell::text)
        .collect();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    (texts.len() <= DECLARING_CELLS && bytes <= DECLARING_BYTES).then(|| texts.join("    "))
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
    "备注:",
    "说明:",
    "填表说明",
    "填写说明",
    "报送方式",
    "制表",
    "附件",
    "审批意见",
    "单位负责人",
];

/// A line with more cells is data, however it begins.
const NOTE_CELLS: usize = 3;

fn classify(sheet: &Sheet, heading: &Heading, cells: &[&Cell]) -> Line {
    let Some(first) = cells.first() else {
        return Line::Outside;
    };
    let serial = heading.column(Field::Serial);
    let in_table = |c: &&&Cell| {
        heading
            .columns
            .iter()
            .any(|&(_, column)| column == c.column)
    };
    let (numbers, content): (Vec<&&Cell>, Vec<&&Cell>) = cells
        .iter()
        .filter(in_table)
        .partition(|c| Some(c.column) == serial);
    let start = first.start();
    let is_note = || {
        NOTES.iter().any(|note| start.starts_with(note))
            || Declared::is_line(&first.text())
            || is_title(&start)
    };
    if matches!(&*start, "合计" | "总计" | "小计") || cells.len() <= NOTE_CELLS && is_note() {
        return Line::Note;
    }
    if content.is_empty() {
        return match numbers.first() {
            Some(number) if is_serial(&number.start()) => Line::Empty,
            Some(_) => Line::Note,
            None => Line::Outside,
        };
    }
    let marked = |field| {
        let column = heading.column(field);
        cells
            .iter()
            .any(|c| Some(c.column) == column && is_example(&c.start()))
    };
    if marked(Field::Remarks) || marked(Field::Serial) {
        return Line::Example;
    }
    if let [only] = content[..] {
        let text = only.start();
        // The printed annex 4 leaves one hint in its first row: 微信公众号/微博/网站/APP等.
        if Some(only.column) == heading.column(Field::Platform)
            && text.contains('/')
            && text.ends_with('等')
        {
            return Line::Example;
        }
        if spans(sheet, only, 3) {
            return Line::Note;
        }
    }
    Line::Data
}

/// Whether a merged area reaches from a cell over so many columns.
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

/// A cell's value without the mark of a change, which belongs to annex 4: 变更项需在相应栏内标记.
fn unmarked(cell: &Cell, kind: FormKind) -> Value {
    let text = cell.text();
    let content = without_mark(&text).filter(|content| !content.is_empty());
    match content {
        Some(content) if kind == FormKind::Annex4 => Value::Text(content.into()),
        _ => cell.value.clone(),
    }
}

fn data_row(sheet: &Sheet, kind: FormKind, by_field: &[(Field, u32)], row: u32) -> FormRow {
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
                    value: unmarked(found, kind),
                },
            ));
        }
    }
    FormRow { row, serial, cells }
}
