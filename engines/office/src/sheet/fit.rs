//! How high a row must be for its text: spreadsheet programs do not work it out for merged cells.

use super::{CHANGED, Place, Value, place::Placed};

/// Free space left and right of a text, in millimetres.
const PADDING: f64 = 3.0;
const POINTS_PER_MILLIMETRE: f64 = 72.0 / 25.4;
/// Line height over type size; the faces of official documents need this much.
const LEADING: f64 = 1.32;

/// The height of a row in points, at least `wanted`.
pub(crate) fn row_height(placed: &[Placed], columns: &[f64], wanted: Option<f64>) -> f64 {
    let needed = placed.iter().filter_map(|placed| {
        let Place::Cell(cell) = &placed.place else {
            return None;
        };
        // What reaches down has the rows below, too.
        if cell.rowspan > 1 {
            return None;
        }
        let from = usize::from(placed.column);
        let width: f64 = columns.iter().skip(from).take(cell.colspan.into()).sum();
        let size = cell.style.look().size;
        let em = ((width - PADDING) * POINTS_PER_MILLIMETRE / size).max(1.0);
        let own;
        let text = match &cell.value {
            Value::Text(text) => text.as_str(),
            other => {
                own = other.to_string();
                &own
            }
        };
        let mark = if cell.marked { CHANGED } else { "" };
        let lines: f64 = text
            .split('\n')
            .map(|line| ((em_width(line) + em_width(mark)) / em).ceil().max(1.0))
            .sum();
        Some(lines * size * LEADING + 4.0)
    });
    needed.fold(wanted.unwrap_or(0.0), f64::max).min(MOST)
}

/// No spreadsheet has higher rows.
const MOST: f64 = 409.0;

fn em_width(text: &str) -> f64 {
    text.chars()
        // Half an em in the faces of official documents; words and addresses that do not break leave gaps.
        .map(|c| if c.is_ascii() { 0.6 } else { 1.0 })
        .sum()
}
