//! Plain lists: any list of the program as `.xlsx` or `.csv`.

use std::{io::Write, path::Path};

use super::{WriteError, write_xlsx};
use crate::sheet::{BoxError, Cell, Page, Row, Sheet, Style, Value};

/// A list with its headings; the rows come one after the other.
pub struct Table<'a> {
    /// Name of the list, on the tab of an `.xlsx`.
    pub title: String,
    /// One for each column.
    pub headings: Vec<String>,
    /// The rows, each with as many values as there are headings.
    pub rows: Box<dyn Iterator<Item = Result<Vec<Value>, BoxError>> + Send + 'a>,
}

/// Writes a list as `.xlsx` in memory that does not grow with it; see [`write_xlsx`] for `scratch` and errors.
///
/// # Errors
/// [`WriteError`]
pub fn table_xlsx(
    table: Table<'_>,
    scratch: Option<&Path>,
    out: &mut (impl Write + Send),
) -> Result<(), WriteError> {
    let columns = table.headings.len();
    let heading = |text| Cell::new(Style::Heading, text);
    let row =
        |row: Vec<Value>| Row::new(row.into_iter().map(|value| Cell::new(Style::Body, value)));
    let sheet = Sheet {
        name: tab_name(&table.title),
        page: Page::LANDSCAPE,
        columns: vec![30.0; columns],
        head: vec![Row::new(table.headings.into_iter().map(heading))],
        repeated: 1,
        body: Box::new(table.rows.map(move |values| Ok(row(values?)))),
        foot: Vec::new(),
        proof: None,
    };
    write_xlsx(sheet, scratch, out)
}

/// What a tab can be called: at most 31 characters, none of `[]:*?/\`.
fn tab_name(title: &str) -> String {
    let name: String = title
        .chars()
        .filter(|c| !"[]:*?/\\'".contains(*c) && !c.is_control())
        .take(15)
        .collect();
    if name.is_empty() {
        "表1".to_owned()
    } else {
        name
    }
}

/// Writes a list as `.csv` that spreadsheet programs open as UTF-8.
///
/// # Errors
/// [`WriteError`]: the source of the rows, the output.
pub fn table_csv(table: Table<'_>, out: &mut impl Write) -> Result<(), WriteError> {
    out.write_all(CSV_MARK)?;
    out.write_all(&csv_lines([table.headings])?)?;
    for row in table.rows {
        let row = row.map_err(WriteError::Rows)?;
        out.write_all(&csv_lines([row.iter().map(Value::to_string).collect()])?)?;
    }
    Ok(())
}

/// Stands at the start of a `.csv` file: tells spreadsheet programs that it is UTF-8.
pub const CSV_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// Lines of a `.csv` file, for lists that are sent part by part. Headings are a line like any other.
///
/// # Errors
/// An [`io::Error`](std::io::Error) if memory cannot be written, which is to say never.
pub fn csv_lines(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, std::io::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.into_iter().map(harmless))?;
    }
    writer
        .into_inner()
        .map_err(|error| std::io::Error::other(error.to_string()))
}

/// A `.csv` cell that no spreadsheet program takes for a formula.
pub fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}
