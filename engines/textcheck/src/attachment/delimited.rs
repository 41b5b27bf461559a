//! Tables as text: `.csv` with commas, semicolons or tabs.

use super::{Reading, grid::Grid, limits::Problem};

pub(super) fn read(reading: &mut Reading<'_>, file: &str, text: &str) -> Result<(), Problem> {
    let first = text.lines().next().unwrap_or("");
    let count = |mark: char| first.matches(mark).count();
    let delimiter = [b',', b'\t', b';']
        .into_iter()
        .max_by_key(|mark| (count(char::from(*mark)), *mark == b','))
        .unwrap_or(b',');
    let mut grid = Grid::default();
    let mut stopped = None;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    'rows: for (record, row) in reader.records().zip(0..) {
        let record = record.map_err(Problem::broken)?;
        for (cell, column) in record.iter().zip(0..) {
            if let Err(problem) = grid.put(&mut reading.budget, row, column, cell) {
                stopped = Some(problem);
                break 'rows;
            }
        }
    }
    grid.finish(reading, file, "", false);
    stopped.map_or(Ok(()), Err)
}
