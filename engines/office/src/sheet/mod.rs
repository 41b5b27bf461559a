//! The one model of a printed sheet: every format (.xlsx, .xls, .docx, PDF) is written from it.

mod fit;
mod place;
mod style;
mod typeset;

use std::{error::Error, fmt};

use chrono::NaiveDate;
use serde::Serialize;

pub(crate) use fit::row_height;
pub(crate) use place::{Place, Placer};
pub use style::Style;
pub(crate) use style::{Side, Typeface, Upright};
pub use typeset::typeset_rows;

/// What a source of rows may fail with.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The rows of a table, one after the other; a long table is never in memory as a whole.
pub type Rows<'a> = Box<dyn Iterator<Item = Result<Row, BoxError>> + Send + 'a>;

/// A printed sheet.
pub struct Sheet<'a> {
    /// Name on the tab.
    pub name: String,
    /// Paper and margins.
    pub page: Page,
    /// Widths of the columns in millimetres on paper.
    pub columns: Vec<f64>,
    /// Title, the line that declares, headings.
    pub head: Vec<Row>,
    /// How many of the last rows of [`head`](Self::head) stand on every page and stay in sight when one scrolls.
    pub repeated: usize,
    /// The rows of the table.
    pub body: Rows<'a>,
    /// Notes and the line that declares, where it stands below.
    pub foot: Vec<Row>,
    /// What a print is checked by.
    pub proof: Option<Proof>,
}

impl fmt::Debug for Sheet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sheet")
            .field("name", &self.name)
            .field("head", &self.head)
            .field("foot", &self.foot)
            .field("proof", &self.proof)
            .finish_non_exhaustive()
    }
}

/// A4 paper, one page wide.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Page {
    /// Lying, not standing.
    pub landscape: bool,
    /// Above and below, in millimetres.
    pub margin_y: f64,
    /// Left and right, in millimetres.
    pub margin_x: f64,
}

impl Page {
    /// A4 standing, with the margins of an official document's attachment.
    pub const PORTRAIT: Self = Self {
        landscape: false,
        margin_y: 20.0,
        margin_x: 20.0,
    };

    /// A4 lying, with narrower margins: the tables are wide.
    pub const LANDSCAPE: Self = Self {
        landscape: true,
        margin_y: 15.0,
        margin_x: 12.0,
    };

    /// Between the margins, in millimetres.
    pub fn width(self) -> f64 {
        let paper = if self.landscape { 297.0 } else { 210.0 };
        paper - 2.0 * self.margin_x
    }
}

/// A row; its cells take the columns from left to right that no cell above reaches down into.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// The cells.
    pub cells: Vec<Cell>,
    /// At least so high, in points; without it as high as its text.
    pub height: Option<f64>,
}

impl Row {
    /// A row as high as its text.
    pub fn new(cells: impl IntoIterator<Item = Cell>) -> Self {
        Self {
            cells: cells.into_iter().collect(),
            height: None,
        }
    }

    /// A row with room to write in.
    #[must_use]
    pub fn high(mut self, points: f64) -> Self {
        self.height = Some(points);
        self
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing.
    #[default]
    Empty,
    /// Text; never a formula, whatever it begins with.
    Text(String),
    /// A number.
    Number(f64),
    /// A day.
    Date(NaiveDate),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        // Counts of channels; a spreadsheet has no other numbers.
        Self::Number(number as f64)
    }
}

impl From<Option<NaiveDate>> for Value {
    fn from(day: Option<NaiveDate>) -> Self {
        day.map_or(Self::Empty, Self::Date)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Date(day) => write!(f, "{day}"),
        }
    }
}

/// Stands behind the content of a changed cell: 变更项需在相应栏内标记 (Notice, annexes 3 and 4). Reading takes it off again.
pub const CHANGED: &str = "（变更）";

/// A cell of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// What stands in it.
    pub value: Value,
    /// How it looks.
    pub style: Style,
    /// Columns that it takes; at least 1.
    pub colspan: u16,
    /// Rows that it takes; at least 1. In the body a cell takes one row.
    pub rowspan: u16,
    /// A changed item, shown with [`CHANGED`] and in bold.
    pub marked: bool,
}

impl Cell {
    /// A cell of one column and row.
    pub fn new(style: Style, value: impl Into<Value>) -> Self {
        Self {
            value: value.into(),
            style,
            colspan: 1,
            rowspan: 1,
            marked: false,
        }
    }

    /// Merged over so many columns.
    #[must_use]
    pub fn wide(mut self, columns: usize) -> Self {
        // A sheet has at most 16,384 columns.
        self.colspan = columns.try_into().unwrap_or(u16::MAX);
        self
    }

    /// Merged over so many rows.
    #[must_use]
    pub fn tall(mut self, rows: usize) -> Self {
        self.rowspan = rows.try_into().unwrap_or(u16::MAX);
        self
    }

    /// Marked as changed, or not.
    #[must_use]
    pub fn marked(mut self, marked: bool) -> Self {
        self.marked = marked;
        self
    }

    /// The content as a reader sees it: a changed one with its mark, which makes it text.
    pub(crate) fn shown(self) -> Value {
        if self.marked {
            Value::Text(format!("{}{CHANGED}", self.value))
        } else {
            self.value
        }
    }
}

/// What a print is checked by: a line at the foot, in PDF and .docx with a QR code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// Number of the document; may be empty.
    pub number: String,
    /// SHA-256 of the content in hex.
    pub hash: String,
    /// Address of the record.
    pub link: String,
}

impl Proof {
    /// The line at the foot.
    pub fn line(&self) -> String {
        let number = if self.number.is_empty() {
            String::new()
        } else {
            format!("文号：{}　", self.number)
        };
        format!("{number}内容校验码：{}　查验：{}", self.hash, self.link)
    }
}

impl Sheet<'_> {
    /// The first repeated row and the one behind the last, from 0.
    pub(crate) fn repeated_rows(&self) -> (u32, u32) {
        let below = self.head.len() as u32;
        (below.saturating_sub(self.repeated as u32), below)
    }

    /// The rows below the table: the foot, then the line of the proof.
    pub(crate) fn closing(&mut self) -> Vec<Row> {
        let mut rows = std::mem::take(&mut self.foot);
        if let Some(proof) = &self.proof {
            let line = Cell::new(Style::Proof, proof.line()).wide(self.columns.len());
            rows.push(Row::new([line]));
        }
        rows
    }
}
