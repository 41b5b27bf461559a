//! `.xlsx`, read cell by cell through calamine once the package has been inspected.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{CellErrorType, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::{
    Merge, OpenError, Sheet, Value,
    grid::{Interner, SheetBuilder},
    limits::Budget,
    parts::Package,
};

/// Reads all worksheets.
pub(crate) fn read(
    mut package: Package<'_>,
    texts: &mut Interner,
    budget: &mut Budget<'_>,
) -> Result<Vec<Sheet>, OpenError> {
    package.inspect(budget)?;
    let bytes = package.bytes;
    drop(package);
    guarded(|| {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(OpenError::broken)?;
        let listed = book.sheets_metadata().to_vec();
        if listed.len() > budget.limits.sheets {
            return Err(OpenError::TooManySheets {
                limit: budget.limits.sheets,
            });
        }
        let mut sheets = Vec::new();
        for sheet in listed
            .into_iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        {
            // Sheets may be listed whose part is missing; what is there can still be read.
            let merges = book
                .merge_cells_by_sheet_name(&sheet.name)
                .unwrap_or_default();
            let mut cells = book
                .worksheet_cells_reader(&sheet.name)
                .map_err(OpenError::broken)?;
            let mut builder = SheetBuilder::new(
                &sheet.name,
                sheet.visible != SheetVisible::Visible,
                texts,
                budget,
            );
            while let Some(cell) = cells.next_cell().map_err(OpenError::broken)? {
                let (row, column) = cell.get_position();
                put(&mut builder, row, column, cell.get_value())?;
            }
            for area in merges {
                builder.merge(merge(&area));
            }
            sheets.push(builder.finish());
        }
        Ok(sheets)
    })
}

pub(crate) fn merge(area: &calamine::Dimensions) -> Merge {
    let one_based = |position: u32| position.saturating_add(1);
    Merge {
        top: one_based(area.start.0),
        left: one_based(area.start.1),
        bottom: one_based(area.end.0),
        right: one_based(area.end.1),
    }
}

/// Runs calamine; a panic over a broken file is an error like any other.
pub(crate) fn guarded<T>(read: impl FnOnce() -> Result<T, OpenError>) -> Result<T, OpenError> {
    // What the closure borrows is thrown away with the error.
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(OpenError::broken("the reader panicked")))
}

/// A spreadsheet's last row.
const LAST_ROW: u32 = 1 << 20;

/// Adds one of calamine's cells, whose positions count from zero.
pub(crate) fn put(
    builder: &mut SheetBuilder<'_, '_>,
    row: u32,
    column: u32,
    data: &DataRef<'_>,
) -> Result<(), OpenError> {
    if matches!(data, DataRef::Empty) {
        return Ok(());
    }
    if row >= LAST_ROW {
        return Err(OpenError::broken("a row beyond the last"));
    }
    let (row, column) = (row + 1, column.saturating_add(1));
    match data {
        DataRef::String(text) => builder.text(row, column, text),
        DataRef::SharedString(text) => builder.text(row, column, text),
        DataRef::DurationIso(text) => builder.text(row, column, text),
        DataRef::DateTimeIso(text) => match iso_date(text) {
            Some(at) => builder.value(row, column, Value::Date(at)),
            None => builder.text(row, column, text),
        },
        DataRef::Int(number) => builder.value(row, column, Value::Number(*number as f64)),
        DataRef::Float(number) => builder.value(row, column, Value::Number(*number)),
        DataRef::Bool(truth) => builder.value(row, column, Value::Bool(*truth)),
        DataRef::DateTime(at) => builder.value(row, column, date(at)),
        DataRef::Error(code) => builder.value(row, column, Value::Error(error(code))),
        DataRef::Empty => Ok(()),
    }
}

/// A date cell; clock times without a day and durations stay numbers.
fn date(at: &ExcelDateTime) -> Value {
    let number = at.as_f64();
    if at.is_duration() || !(1.0..2_958_466.0).contains(&number) {
        return Value::Number(number);
    }
    at.as_datetime().map_or(Value::Number(number), Value::Date)
}

/// `2020-03-01` or `2020-03-01T10:30:00`.
pub(crate) fn iso_date(text: &str) -> Option<NaiveDateTime> {
    let (day, time) = text.split_once('T').unwrap_or((text, ""));
    let day: NaiveDate = day.parse().ok()?;
    let time: NaiveTime = if time.is_empty() {
        NaiveTime::MIN
    } else {
        time.trim_end_matches('Z').parse().ok()?
    };
    Some(day.and_time(time))
}

fn error(code: &CellErrorType) -> &'static str {
    match code {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#DATA!",
    }
}
