//! A workbook in memory: sparse cells with their values as typed.

use std::{borrow::Cow, collections::HashMap, fmt, ops::RangeInclusive, sync::Arc};

use chrono::{NaiveDateTime, NaiveTime};
use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{
    OpenError,
    limits::Budget,
    value::tidy::{fold, initial, tidy},
};

/// Characters of a text that are looked at to know it for a heading, a note or a mark.
const START: usize = 200;

/// What stands in a cell, as typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, untouched.
    Text(Arc<str>),
    /// A number; Excel keeps dates without a date format as such, too.
    Number(f64),
    /// A logical value.
    Bool(bool),
    /// A cell with a date format.
    Date(NaiveDateTime),
    /// An error value such as `#N/A`.
    Error(&'static str),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write_number(*number, f),
            Self::Bool(true) => f.write_str("TRUE"),
            Self::Bool(false) => f.write_str("FALSE"),
            Self::Date(at) if at.time() == NaiveTime::MIN => write!(f, "{}", at.date()),
            Self::Date(at) => write!(f, "{}", at.format("%Y-%m-%d %H:%M")),
            Self::Error(code) => f.write_str(code),
        }
    }
}

/// Writes a number as a person would: no exponent, no `.0`, and the 15 digits that a spreadsheet shows
/// (0.1 + 0.2 is 0.3 there).
fn write_number(number: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !number.is_finite() {
        return f.write_str("#NUM!");
    }
    if number == number.trunc() && number.abs() < 1e15 {
        // Adding zero turns -0 into 0.
        return write!(f, "{:.0}", number + 0.0);
    }
    let shown = format!("{number:.14e}").parse::<f64>().unwrap_or(number);
    write!(f, "{shown}")
}

/// One cell and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// 1-based row.
    pub row: u32,
    /// 1-based column.
    pub column: u32,
    /// The value as typed.
    pub value: Value,
}

impl Cell {
    /// The tidied text: numbers as digits, surrounding spaces of every kind and invisible characters removed.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.value {
            Value::Text(text) => tidy(text),
            other => Cow::Owned(other.to_string()),
        }
    }

    /// The beginning of the text, folded; enough to know a heading, a note or a mark by.
    /// What is longer ends with `…`, so that it equals none of them.
    pub(crate) fn start(&self) -> String {
        match &self.value {
            Value::Text(text) => match text.char_indices().nth(START) {
                Some((end, _)) => fold(&text[..end]) + "…",
                None => fold(&tidy(text)),
            },
            other => other.to_string(),
        }
    }

    /// The first character of [`start`](Self::start), at less cost.
    pub(crate) fn initial(&self) -> Option<char> {
        match &self.value {
            Value::Text(text) => initial(text),
            _ => None,
        }
    }

    /// About how long the text is.
    pub(crate) fn bytes(&self) -> usize {
        match &self.value {
            Value::Text(text) => text.len(),
            _ => 0,
        }
    }

    /// The text as it was typed.
    pub fn raw(&self) -> String {
        self.value.to_string()
    }

    /// The address as a spreadsheet shows it, such as `C7`.
    pub fn reference(&self) -> String {
        format!("{}{}", column_letters(self.column), self.row)
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Cell", 4)?;
        out.serialize_field("row", &self.row)?;
        out.serialize_field("column", &self.column)?;
        out.serialize_field("reference", &self.reference())?;
        out.serialize_field("text", &self.text())?;
        out.end()
    }
}

/// Letters of a 1-based column: 1 → `A`, 28 → `AB`.
pub fn column_letters(column: u32) -> String {
    let mut rest = column;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    letters.iter().rev().map(|&b| char::from(b)).collect()
}

/// A merged area, 1-based and inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Merge {
    /// First row.
    pub top: u32,
    /// First column.
    pub left: u32,
    /// Last row.
    pub bottom: u32,
    /// Last column.
    pub right: u32,
}

/// Merged areas covering more cells than this are decoration (a whole column, say) and not followed.
const MERGE_AREA: u64 = 20_000;
/// One sheet: the cells that hold something, in reading order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Name on the tab.
    pub name: String,
    /// Not shown by the spreadsheet program.
    pub hidden: bool,
    cells: Vec<Cell>,
    /// Covered position → top left position of the merged area over it.
    covered: HashMap<(u32, u32), (u32, u32)>,
}

impl Sheet {
    /// All cells that hold something, by row and column.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The rows that hold something, in order, each with its cells.
    pub fn rows(&self) -> impl Iterator<Item = (u32, &[Cell])> {
        self.cells
            .chunk_by(|a, b| a.row == b.row)
            .map(|row| (row[0].row, row))
    }

    /// The same between two rows, the last among them.
    pub(crate) fn rows_in(
        &self,
        rows: &RangeInclusive<u32>,
    ) -> impl Iterator<Item = (u32, &[Cell])> {
        let from = self.cells.partition_point(|c| c.row < *rows.start());
        let to = self.cells.partition_point(|c| c.row <= *rows.end());
        let cells = self.cells.get(from..to).unwrap_or_default();
        cells
            .chunk_by(|a, b| a.row == b.row)
            .map(|row| (row[0].row, row))
    }

    /// The cell at a position, if it holds something itself.
    pub fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        let found = self
            .cells
            .binary_search_by_key(&(row, column), |c| (c.row, c.column))
            .ok()?;
        Some(&self.cells[found])
    }

    /// The top left position of the merged area that covers a position (itself if none does).
    pub fn anchor(&self, row: u32, column: u32) -> (u32, u32) {
        self.covered
            .get(&(row, column))
            .copied()
            .unwrap_or((row, column))
    }
}

/// One spreadsheet file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workbook {
    /// File name; inside an archive, the path there.
    pub name: String,
    /// Its sheets in order.
    pub sheets: Vec<Sheet>,
}

/// Shares equal texts: forms repeat 是, 否 and unit names thousands of times.
#[derive(Default)]
pub(crate) struct Interner(HashMap<Arc<str>, ()>);

impl Interner {
    fn get(&mut self, text: &str, budget: &mut Budget<'_>) -> Result<Arc<str>, OpenError> {
        if let Some((known, ())) = self.0.get_key_value(text) {
            return Ok(known.clone());
        }
        // The entry, its counters and the map's slot weigh more than a short text.
        budget.text(48)?;
        let shared: Arc<str> = text.into();
        self.0.insert(shared.clone(), ());
        Ok(shared)
    }
}

/// Collects one sheet's cells under the limits.
pub(crate) struct SheetBuilder<'a, 'b> {
    sheet: Sheet,
    texts: &'a mut Interner,
    budget: &'a mut Budget<'b>,
    row: u32,
}

impl<'a, 'b> SheetBuilder<'a, 'b> {
    pub fn new(
        name: &str,
        hidden: bool,
        texts: &'a mut Interner,
        budget: &'a mut Budget<'b>,
    ) -> Self {
        let sheet = Sheet {
            name: tidy(name).into_owned(),
            hidden,
            ..Sheet::default()
        };
        Self {
            sheet,
            texts,
            budget,
            row: 0,
        }
    }

    /// Adds a text cell; text that is blank once tidied is no content.
    pub fn text(&mut self, row: u32, column: u32, text: &str) -> Result<(), OpenError> {
        // Counted for each cell, shared or not: whoever reads the cells copies it for each.
        self.budget.text(text.len())?;
        if tidy(text).is_empty() {
            return Ok(());
        }
        let limit = self.budget.limits.cell_chars;
        if text.len() > limit && text.chars().count() > limit {
            return Err(OpenError::LongCell {
                reference: format!("{}{row}", column_letters(column)),
                limit,
            });
        }
        let shared = self.texts.get(text, self.budget)?;
        self.value(row, column, Value::Text(shared))
    }

    /// Adds a cell.
    pub fn value(&mut self, row: u32, column: u32, value: Value) -> Result<(), OpenError> {
        self.budget.cell(column)?;
        if row != self.row {
            self.budget.row()?;
            self.row = row;
        }
        self.sheet.cells.push(Cell { row, column, value });
        Ok(())
    }

    /// Refuses a column too far to the right before its content is gathered.
    pub fn reach(&self, column: u32) -> Result<(), OpenError> {
        self.budget.column(column)
    }

    /// Notes a merged area.
    pub fn merge(&mut self, merge: Merge) {
        let Merge {
            top,
            left,
            bottom,
            right,
        } = merge;
        if bottom < top || right < left {
            return;
        }
        let area = u64::from(bottom - top + 1) * u64::from(right - left + 1);
        if area > MERGE_AREA || !self.budget.merge(area) {
            return;
        }
        for row in top..=bottom {
            for column in left..=right {
                if (row, column) != (top, left) {
                    self.sheet.covered.insert((row, column), (top, left));
                }
            }
        }
    }

    /// The finished sheet: in reading order, a position written twice keeps its last value,
    /// and what hides under a merged area is dropped as the spreadsheet program does not show it.
    pub fn finish(self) -> Sheet {
        let mut sheet = self.sheet;
        let ordered = sheet
            .cells
            .is_sorted_by(|a, b| (a.row, a.column) < (b.row, b.column));
        if !ordered {
            sheet.cells.sort_by_key(|c| (c.row, c.column));
            let mut kept: Vec<Cell> = Vec::with_capacity(sheet.cells.len());
            for cell in sheet.cells {
                match kept.last_mut() {
                    Some(last) if (last.row, last.column) == (cell.row, cell.column) => {
                        *last = cell
                    }
                    _ => kept.push(cell),
                }
            }
            sheet.cells = kept;
        }
        if !sheet.covered.is_empty() {
            let covered = &sheet.covered;
            sheet
                .cells
                .retain(|c| !covered.contains_key(&(c.row, c.column)));
        }
        sheet.cells.shrink_to_fit();
        sheet
    }
}
