//! The lines in which a form says who filled it in and when.

use chrono::{Datelike, NaiveDate};

use super::Delivery;
use crate::sheet::{BoxError, Cell, Row, Style};

/// A day as it stands in a form: 2021年6月29日, or 年   月   日 with room to write.
pub(super) fn day(day: Option<NaiveDate>) -> String {
    match day {
        Some(day) => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        None => "    年   月   日".to_owned(),
    }
}

/// Label and value in so many narrow columns, three of them free behind it: reading knows the value's end by these.
pub(super) fn entry(label: &str, value: &str, columns: usize) -> String {
    let text = format!("{label}{value}");
    let free = columns.saturating_sub(narrow_columns(&text)).max(3);
    text + &" ".repeat(free)
}

/// A Chinese character takes two.
fn narrow_columns(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// 附件N above the title.
pub(super) fn tag(text: &str, columns: usize) -> Row {
    Row::new([Cell::new(Style::Tag, text).wide(columns)])
}

/// The title.
pub(super) fn title(text: &str, columns: usize) -> Row {
    Row::new([Cell::new(Style::Title, text).wide(columns)]).high(38.0)
}

/// The line that declares.
pub(super) fn declaration(text: String, columns: usize) -> Row {
    Row::new([Cell::new(Style::Line, text).wide(columns)]).high(26.0)
}

/// A note below the table.
pub(super) fn note(text: &str, columns: usize) -> Row {
    Row::new([Cell::new(Style::Note, text).wide(columns)])
}

/// 报送方式：…, if the survey has a sentence for it.
pub(super) fn delivery(delivery: &Delivery, columns: usize) -> Option<Row> {
    (!delivery.0.is_empty()).then(|| note(&delivery.0, columns))
}

/// The rows; without any, some empty ones to write in.
pub(super) fn at_least_some<'a>(
    mut rows: impl Iterator<Item = Result<Row, BoxError>> + Send + 'a,
    columns: usize,
) -> impl Iterator<Item = Result<Row, BoxError>> + Send + 'a {
    let first = rows.next();
    let spare = if first.is_none() { SPARE } else { 0 };
    let empty = move || Row::new((0..columns).map(|_| Cell::new(Style::Body, ""))).high(ROW);
    first
        .into_iter()
        .chain(rows)
        .chain((0..spare).map(move |_| Ok(empty())))
}

/// Height of a row of a long table, in points.
pub(super) const ROW: f64 = 22.0;

/// Rows of a form that nobody has filled in yet, as in the Notice.
const SPARE: usize = 6;
