//! Writes a sheet as `.xlsx`, row by row: memory does not grow with the table.

use std::{collections::HashMap, io::Write, path::Path};

use rust_xlsxwriter::{
    ColNum, ExcelDateTime, Format, FormatAlign, FormatBorder, RowNum, Workbook, Worksheet,
    XlsxError,
};

use super::{WriteError, error::XLSX_ROWS};
use crate::sheet::{Cell, Place, Placer, Row, Sheet, Side, Style, Upright, Value, row_height};

/// Writes a sheet as `.xlsx`. Rows wait in a temporary file in `scratch` (without one, the system's folder for these),
/// as large as the table's XML; it is gone when the call returns.
///
/// # Errors
/// [`WriteError`]: too many rows, the source of the rows, the disk.
pub fn write_xlsx(
    sheet: Sheet<'_>,
    scratch: Option<&Path>,
    out: &mut (impl Write + Send),
) -> Result<(), WriteError> {
    // The library ends the program's thread when its temporary file cannot be written, on a full disk say.
    let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        written(sheet, scratch, out)
    }));
    written.unwrap_or_else(|_| {
        Err(WriteError::Io(std::io::Error::other(
            "写到一半停下了，临时文件夹可能已满",
        )))
    })
}

fn written(
    mut sheet: Sheet<'_>,
    scratch: Option<&Path>,
    out: &mut (impl Write + Send),
) -> Result<(), WriteError> {
    let mut book = Workbook::new();
    if let Some(folder) = scratch {
        book.set_tempdir(folder)?;
    }
    // Widths of columns count in digits of the first font: those of this one are 7 of 64 pixels wide everywhere.
    let plain = Format::new().set_font_name("Arial").set_font_size(10);
    book.set_default_format(&plain, 17, 64)?;
    let page = book.add_worksheet_with_constant_memory()?;
    set_up(page, &sheet)?;
    let mut writer = Writer {
        page,
        columns: sheet.columns.clone(),
        placer: Placer::default(),
        formats: HashMap::new(),
        row: 0,
    };
    for row in std::mem::take(&mut sheet.head) {
        writer.row(row, true)?;
    }
    for row in sheet.body.by_ref() {
        writer.row(row.map_err(WriteError::Rows)?, false)?;
    }
    for row in sheet.closing() {
        writer.row(row, true)?;
    }
    book.save_to_writer(out)?;
    Ok(())
}

/// Says what the printed page is like, and what stays in sight on a screen.
fn set_up(page: &mut Worksheet, sheet: &Sheet<'_>) -> Result<(), XlsxError> {
    const A4: u8 = 9;
    let inches = |millimetres: f64| millimetres / 25.4;
    page.set_name(&sheet.name)?
        .set_paper_size(A4)
        .set_print_center_horizontally(true)
        .set_print_fit_to_pages(1, 0)
        .set_margins(
            inches(sheet.page.margin_x),
            inches(sheet.page.margin_x),
            inches(sheet.page.margin_y),
            inches(sheet.page.margin_y),
            inches(sheet.page.margin_y / 2.0),
            inches(sheet.page.margin_y / 2.0),
        );
    if sheet.page.landscape {
        page.set_landscape();
    }
    for (column, millimetres) in (0..).zip(&sheet.columns) {
        // A spreadsheet's pixels are 1/96 inch; widths are small and positive.
        page.set_column_width_pixels(column, (millimetres / 25.4 * 96.0).round() as u32)?;
    }
    if sheet.repeated > 0 {
        let (first, below) = sheet.repeated_rows();
        page.set_repeat_rows(first, below - 1)?
            .set_freeze_panes(below, 0)?
            .set_footer(PAGE_NUMBERS);
    }
    Ok(())
}

/// In the middle of the foot, in the language of headers and footers that `.xls` shares.
pub(crate) const PAGE_NUMBERS: &str = "&C第 &P 页，共 &N 页";

/// The library keeps the heights of all rows in memory, hundreds of bytes each. A longer table is not for print: behind
/// these, rows are as high as the program that opens it makes them.
const FITTED: RowNum = 10_000;

struct Writer<'a> {
    page: &'a mut Worksheet,
    columns: Vec<f64>,
    placer: Placer,
    formats: HashMap<(Style, bool, bool), Format>,
    row: RowNum,
}

impl Writer<'_> {
    /// Writes the next row. `fixed` sets its height; else the program that opens the file makes it fit.
    fn row(&mut self, row: Row, fixed: bool) -> Result<(), WriteError> {
        if self.row as usize >= XLSX_ROWS {
            return Err(WriteError::TooManyRows {
                format: ".xlsx",
                limit: XLSX_ROWS,
            });
        }
        let wanted = row.height;
        let placed = self.placer.place(row);
        if fixed || wanted.is_some() && self.row < FITTED {
            let points = row_height(&placed, &self.columns, wanted);
            self.page.set_row_height(self.row, points)?;
        }
        for placed in placed {
            // What lies under a merged area is written with the area.
            if let Place::Cell(cell) = placed.place {
                self.cell(placed.column, cell)
                    .map_err(|error| match error {
                        XlsxError::MaxStringLengthExceeded => WriteError::LongText {
                            row: self.row as usize + 1,
                        },
                        error => error.into(),
                    })?;
            }
        }
        self.row += 1;
        Ok(())
    }

    fn cell(&mut self, column: ColNum, cell: Cell) -> Result<(), XlsxError> {
        let look = (
            cell.style,
            cell.marked,
            matches!(cell.value, Value::Date(_)) && !cell.marked,
        );
        let format = self.formats.entry(look).or_insert_with(|| format(look));
        let (page, row) = (&mut *self.page, self.row);
        if cell.colspan > 1 || cell.rowspan > 1 {
            let bottom = row + RowNum::from(cell.rowspan.max(1)) - 1;
            let right = column + cell.colspan.max(1) - 1;
            page.merge_range(row, column, bottom, right, "", format)?;
        }
        match cell.shown() {
            Value::Empty => page.write_blank(row, column, format)?,
            Value::Text(text) => page.write_string_with_format(row, column, text, format)?,
            Value::Number(number) => page.write_number_with_format(row, column, number, format)?,
            Value::Date(day) => {
                let day = ExcelDateTime::parse_from_str(&day.to_string())?;
                page.write_datetime_with_format(row, column, day, format)?
            }
        };
        Ok(())
    }
}

fn format((style, marked, date): (Style, bool, bool)) -> Format {
    let look = style.look();
    let mut format = Format::new()
        .set_font_name(look.typeface.name())
        .set_font_size(look.size)
        .set_text_wrap()
        .set_align(match look.side {
            Side::Left => FormatAlign::Left,
            Side::Centre => FormatAlign::Center,
        })
        .set_align(match look.upright {
            Upright::Top => FormatAlign::Top,
            Upright::Middle => FormatAlign::VerticalCenter,
        });
    if look.border {
        format = format.set_border(FormatBorder::Thin);
    }
    if marked {
        format = format.set_bold();
    }
    if date {
        format = format.set_num_format(DATE_FORMAT);
    }
    format
}

/// How a day shows.
pub(crate) const DATE_FORMAT: &str = "yyyy-mm-dd";

impl From<XlsxError> for WriteError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(error) | XlsxError::TempFileError(_, error) => Self::Io(error),
            XlsxError::ZipError(error) => Self::Io(error.into()),
            error => Self::Library(error.to_string()),
        }
    }
}
