//! A small writer of BIFF8, the inside of `.xls`: just what a printed form needs.

mod globals;
mod looks;
mod page;
mod record;
mod texts;

use std::io::{Cursor, Write};

use crate::{sheet::Sheet, write::WriteError};
use globals::globals;
use looks::Looks;
use page::Page;
use texts::Texts;

/// Writes a sheet as `.xls`, Excel 97 to 2003. The file is made in memory: it has at most 65,536 rows.
///
/// # Errors
/// [`WriteError`]: too many rows, a text that is too long, the source of the rows, the output.
pub fn write_xls(sheet: Sheet<'_>, out: &mut impl Write) -> Result<(), WriteError> {
    let name = sheet.name.clone();
    let titles = (sheet.repeated > 0).then(|| sheet.repeated_rows());
    let (mut texts, looks) = (Texts::default(), Looks::new());
    let page = Page::write(sheet, &looks, &mut texts)?;
    let mut stream = globals(&name, titles, &looks, &texts);
    stream.extend(page);

    // Version 3 has sectors of 512 bytes: old readers know no others.
    let mut file =
        cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))?;
    file.create_stream("/Workbook")?.write_all(&stream)?;
    drop(stream);
    file.flush()?;
    out.write_all(file.into_inner().get_ref())?;
    Ok(())
}
