//! A sheet on the screen, as it will be on paper.

use zhendi_kernel::Fault;
use zhendi_office::sheet::{CHANGED, Cell, Row, Sheet, Style, Value};

/// What stands above and below the table.
pub struct Line {
    pub style: &'static str,
    pub title: bool,
    pub text: String,
}

/// A cell of the table.
pub struct Box {
    pub text: String,
    pub style: &'static str,
    pub columns: u16,
    pub rows: u16,
    /// `col`, `row`, or empty for content.
    pub scope: &'static str,
    pub changed: bool,
    pub href: Option<String>,
}

/// A sheet ready for its template.
pub struct Paper {
    pub landscape: bool,
    /// Widths in hundredths of the whole.
    pub widths: Vec<u32>,
    pub above: Vec<Line>,
    pub head: Vec<Vec<Box>>,
    pub body: Vec<Vec<Box>>,
    pub below: Vec<Line>,
}

impl Paper {
    /// The sheet with its first rows; `link` gives the address behind a cell of the body by row and column.
    ///
    /// # Errors
    /// When the rows cannot be read.
    pub fn new(
        mut sheet: Sheet<'_>,
        most: usize,
        link: impl Fn(usize, usize) -> Option<String>,
    ) -> Result<Self, Fault> {
        let whole: f64 = sheet.columns.iter().sum();
        let (lines, head): (Vec<Row>, Vec<Row>) = std::mem::take(&mut sheet.head)
            .into_iter()
            .partition(is_line);
        let mut body = vec![];
        for (at, row) in sheet.body.by_ref().take(most).enumerate() {
            let row = row.map_err(Fault::Internal)?;
            let cells = row.cells.into_iter().enumerate();
            body.push(
                cells
                    .map(|(column, cell)| shown(cell, link(at, column)))
                    .collect(),
            );
        }
        Ok(Self {
            landscape: sheet.page.landscape,
            widths: sheet
                .columns
                .iter()
                .map(|width| (width / whole * 100.0).round() as u32)
                .collect(),
            above: lines.into_iter().map(line).collect(),
            head: head
                .into_iter()
                .map(|row| {
                    row.cells
                        .into_iter()
                        .map(|cell| shown(cell, None))
                        .collect()
                })
                .collect(),
            body,
            below: std::mem::take(&mut sheet.foot)
                .into_iter()
                .map(line)
                .collect(),
        })
    }
}

fn is_line(row: &Row) -> bool {
    row.cells.iter().all(|cell| {
        matches!(
            cell.style,
            Style::Tag | Style::Title | Style::Line | Style::Note
        )
    })
}

fn line(row: Row) -> Line {
    let style = row.cells.first().map_or(Style::Note, |cell| cell.style);
    let texts = row.cells.into_iter().map(|cell| cell.value.to_string());
    Line {
        style: class(style),
        title: style == Style::Title,
        text: texts.collect(),
    }
}

fn shown(cell: Cell, href: Option<String>) -> Box {
    let mut text = cell.value.to_string();
    if cell.marked {
        text.push_str(CHANGED);
    }
    Box {
        style: class(cell.style),
        scope: match (cell.style, &cell.value) {
            (_, Value::Empty) => "",
            (Style::Heading, _) => "col",
            (Style::Label | Style::Item, _) => "row",
            _ => "",
        },
        columns: cell.colspan,
        rows: cell.rowspan,
        changed: cell.marked,
        text,
        href,
    }
}

fn class(style: Style) -> &'static str {
    match style {
        Style::Tag => "paper-tag",
        Style::Title => "paper-title",
        Style::Line => "paper-line",
        Style::Note | Style::Proof => "paper-note",
        Style::Heading => "paper-heading",
        Style::Label => "paper-label",
        Style::Item => "paper-item",
        Style::Body => "paper-body",
        Style::BodyCentre | Style::Fill => "paper-centre",
        Style::Opinion => "paper-opinion",
    }
}
