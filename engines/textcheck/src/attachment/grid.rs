//! Cells put together as the blocks of a text.

use std::collections::HashSet;

use super::{
    Content, Reading,
    limits::{Budget, Problem},
};
use crate::text::{BlockKind, TextBuilder};

/// Rows and columns that the program does not show, from 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Hidden {
    pub rows: HashSet<u32>,
    pub columns: HashSet<u32>,
}

/// One worksheet's cells, in any order.
#[derive(Default)]
pub(super) struct Grid {
    cells: Vec<(u32, u32, String)>,
    pub hidden: Hidden,
}

/// Rows from the top in which headings are looked for.
const HEADINGS: usize = 8;

impl Grid {
    /// Adds a cell, rows and columns from 0; blank ones are left out.
    pub fn put(
        &mut self,
        budget: &mut Budget<'_>,
        row: u32,
        column: u32,
        words: &str,
    ) -> Result<(), Problem> {
        let words = words.trim();
        if words.is_empty() {
            return Ok(());
        }
        budget.cell()?;
        budget.text(words.len())?;
        self.cells.push((row, column, words.to_owned()));
        Ok(())
    }

    /// Makes it a part of the file.
    pub fn finish(mut self, reading: &mut Reading<'_>, file: &str, section: &str, hidden: bool) {
        if self.cells.is_empty() {
            return;
        }
        self.cells.sort_by_key(|(row, column, _)| (*row, *column));
        let heading = self.heading();
        let mut text = TextBuilder::new();
        for (row, column, words) in &self.cells {
            let kind = BlockKind::Cell {
                table: 0,
                row: *row,
                column: *column,
                heading: Some(*row) == heading,
            };
            text.push(kind, words);
        }
        let content = Content::Built(text.finish());
        reading.push(file, section, hidden, content, self.hidden);
    }

    /// The row of headings: the first with several cells, of which none holds a number.
    fn heading(&self) -> Option<u32> {
        self.cells
            .chunk_by(|a, b| a.0 == b.0)
            .take(HEADINGS)
            .find(|row| {
                row.len() > 1
                    && row
                        .iter()
                        .all(|(_, _, words)| !words.starts_with(|c: char| c.is_ascii_digit()))
            })
            .map(|row| row[0].0)
    }
}

/// Letters of a column from 0: 0 is `A`, 27 is `AB`.
pub(super) fn letters(column: u32) -> String {
    let mut rest = column + 1;
    let mut letters = vec![];
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// A number as a person would write it: no exponent, no `.0`.
pub(super) fn number(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e18 {
        // Adding zero turns -0 into 0.
        return format!("{:.0}", value + 0.0);
    }
    let shown = format!("{value:.14e}").parse::<f64>().unwrap_or(value);
    shown.to_string()
}
