//! A long sheet between two processes: JSON, one line for the head, one for each row, and a last one that
//! says that this was all.

use crate::{TypesetError, Typesetter};
use serde_json::Value;
use std::io::{self, BufRead, Write};

/// The last line. Without it the writer died on the way, and half a table must not look like a whole one.
const END: &[u8] = b"\"end\"\n";

/// A line is no longer than a row can be.
const LONGEST: u64 = 64 << 20;

/// Writes a sheet's head and rows for [`Typesetter::sheet_from_lines`].
///
/// # Errors
/// What the rows fail with, and when the reader is gone.
pub fn write_lines<E: From<io::Error>>(
    out: &mut impl Write,
    head: &Value,
    rows: impl Iterator<Item = Result<Value, E>>,
) -> Result<(), E> {
    let mut line = |value: &Value| {
        serde_json::to_writer(&mut *out, value).map_err(io::Error::from)?;
        out.write_all(b"\n")
    };
    line(head)?;
    for row in rows {
        line(&row?)?;
    }
    out.write_all(END)?;
    out.flush()?;
    Ok(())
}

impl Typesetter {
    /// A sheet of any length from what [`write_lines`] wrote, row by row.
    ///
    /// # Errors
    /// When the lines end early or are none of a sheet.
    pub fn sheet_from_lines(&self, mut input: impl BufRead) -> Result<Vec<u8>, TypesetError> {
        let head = line(&mut input)?.ok_or_else(cut_off)?;
        let mut ended = false;
        let rows = std::iter::from_fn(|| {
            if ended {
                return None;
            }
            let row = line(&mut input).and_then(|row| row.ok_or_else(cut_off));
            ended = row.as_ref().map_or(true, |row| row == "end");
            (!ended || row.is_err()).then_some(row)
        });
        self.long_sheet(head, rows)
    }
}

fn line(input: &mut impl BufRead) -> Result<Option<Value>, TypesetError> {
    let mut bytes = vec![];
    let read = io::Read::take(&mut *input, LONGEST).read_until(b'\n', &mut bytes);
    match read {
        Ok(0) => Ok(None),
        Ok(_) if !bytes.ends_with(b"\n") => Err(cut_off()),
        Ok(_) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| TypesetError::Data(error.to_string())),
        Err(error) => Err(TypesetError::Data(error.to_string())),
    }
}

fn cut_off() -> TypesetError {
    TypesetError::Data("the rows end before their end".into())
}
