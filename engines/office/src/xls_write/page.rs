//! The page: its print set-up, columns, rows and cells, merged areas, and what stays in sight.

use chrono::NaiveDate;

use super::{
    looks::{Kind, Looks},
    record::{Data, begin, end},
    texts::Texts,
};
use crate::{
    sheet::{Cell, Place, Placer, Row, Sheet, Style, Value, row_height},
    write::{PAGE_NUMBERS, WriteError, XLS_ROWS},
};

/// Rows whose ROW records stand together before their cells.
const BLOCK: usize = 32;
/// Merged areas in one record.
const MERGES: usize = 1_027;

/// The records of the page while its rows come.
pub struct Page<'a> {
    looks: &'a Looks,
    texts: &'a mut Texts,
    widths: Vec<f64>,
    placer: Placer,
    /// The next row.
    row: usize,
    /// ROW records and cells of the block that is not yet in `out`.
    rows: Vec<u8>,
    cells: Vec<u8>,
    /// Finished blocks.
    out: Vec<u8>,
    /// First and last row, first and last column.
    merged: Vec<[u16; 4]>,
}

impl<'a> Page<'a> {
    /// The whole page of a sheet.
    pub fn write(
        mut sheet: Sheet<'_>,
        looks: &'a Looks,
        texts: &'a mut Texts,
    ) -> Result<Vec<u8>, WriteError> {
        let mut page = Self {
            looks,
            texts,
            widths: sheet.columns.clone(),
            placer: Placer::default(),
            row: 0,
            rows: Vec::new(),
            cells: Vec::new(),
            out: Vec::new(),
            merged: Vec::new(),
        };
        let mut before = Vec::new();
        begin(&mut before, 0x0010);
        set_up(&mut before, &sheet);
        let in_sight = (sheet.repeated > 0).then_some(sheet.head.len() as u16);
        for row in std::mem::take(&mut sheet.head) {
            page.add(row, true)?;
        }
        for row in sheet.body.by_ref() {
            page.add(row.map_err(WriteError::Rows)?, false)?;
        }
        for row in sheet.closing() {
            page.add(row, true)?;
        }
        page.close_block();

        let mut out = before;
        Data::default()
            .u32(0)
            .u32(page.row as u32)
            .u16(0)
            .u16(page.widths.len() as u16)
            .u16(0)
            .write(&mut out, 0x0200);
        out.append(&mut page.out);
        view(&mut out, in_sight);
        for areas in page.merged.chunks(MERGES) {
            let data = Data::default().u16(areas.len() as u16);
            areas
                .iter()
                .flatten()
                .fold(data, |data, &edge| data.u16(edge))
                .write(&mut out, 0x00E5);
        }
        end(&mut out);
        Ok(out)
    }

    /// Adds a row. A row that is not `fixed` grows when somebody writes more into it.
    fn add(&mut self, row: Row, fixed: bool) -> Result<(), WriteError> {
        if self.row >= XLS_ROWS {
            return Err(WriteError::TooManyRows {
                format: ".xls",
                limit: XLS_ROWS,
            });
        }
        let number = self.row as u16;
        let fixed = fixed || row.height.is_some();
        let wanted = row.height;
        let placed = self.placer.place(row);
        let points = row_height(&placed, &self.widths, wanted);
        Data::default()
            .u16(number)
            .u16(0)
            .u16(self.widths.len() as u16)
            .u16((points * 20.0) as u16)
            .u32(0)
            // The plain cell's format; the height was set by hand.
            .u32(0x0100 | 15 << 16 | if fixed { 0x40 } else { 0 })
            .write(&mut self.rows, 0x0208);
        for placed in placed {
            match placed.place {
                Place::Cell(cell) => self.cell(number, placed.column, cell)?,
                Place::Below(style, _) | Place::Beside(style) => {
                    self.blank(number, placed.column, style, false)
                }
            }
        }
        self.row += 1;
        if self.row.is_multiple_of(BLOCK) {
            self.close_block();
        }
        Ok(())
    }

    fn cell(&mut self, row: u16, column: u16, cell: Cell) -> Result<(), WriteError> {
        if cell.colspan > 1 || cell.rowspan > 1 {
            let bottom = row.saturating_add(cell.rowspan.max(1) - 1);
            self.merged
                .push([row, bottom, column, column + cell.colspan.max(1) - 1]);
        }
        let (style, marked) = (cell.style, cell.marked);
        let value = cell.shown();
        let kind = Kind {
            style,
            marked,
            day: matches!(value, Value::Date(_)),
        };
        let place = Data::default()
            .u16(row)
            .u16(column)
            .u16(self.looks.number(kind));
        match value {
            Value::Empty => self.blank(row, column, style, marked),
            Value::Text(text) => {
                let number = self.texts.number(&text).ok_or(WriteError::LongText {
                    row: usize::from(row) + 1,
                })?;
                place.u32(number).write(&mut self.cells, 0x00FD);
            }
            Value::Number(number) => place.f64(number).write(&mut self.cells, 0x0203),
            Value::Date(day) => place.f64(day_number(day)).write(&mut self.cells, 0x0203),
        }
        Ok(())
    }

    fn blank(&mut self, row: u16, column: u16, style: Style, marked: bool) {
        let kind = Kind {
            style,
            marked,
            day: false,
        };
        Data::default()
            .u16(row)
            .u16(column)
            .u16(self.looks.number(kind))
            .write(&mut self.cells, 0x0201);
    }

    fn close_block(&mut self) {
        self.out.append(&mut self.rows);
        self.out.append(&mut self.cells);
    }
}

/// A day as Excel counts: 1 March 1900 is 61.
fn day_number(day: NaiveDate) -> f64 {
    let first = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day");
    (day - first).num_days() as f64
}

/// From the default height of rows to the widths of columns.
fn set_up(out: &mut Vec<u8>, sheet: &Sheet<'_>) {
    let page = sheet.page;
    let inches = |millimetres: f64| millimetres / 25.4;
    let margin = |out: &mut Vec<u8>, kind, millimetres| {
        Data::default().f64(inches(millimetres)).write(out, kind);
    };
    Data::default().u16(0).u16(300).write(out, 0x0225);
    // Fit to pages.
    Data::default().u16(0x05C1).write(out, 0x0081);
    Data::default().write(out, 0x0014);
    match sheet.repeated {
        0 => Data::default().write(out, 0x0015),
        _ => Data::default().text(PAGE_NUMBERS).write(out, 0x0015),
    }
    // In the middle of the paper from left to right.
    Data::default().u16(1).write(out, 0x0083);
    Data::default().u16(0).write(out, 0x0084);
    margin(out, 0x0026, page.margin_x);
    margin(out, 0x0027, page.margin_x);
    margin(out, 0x0028, page.margin_y);
    margin(out, 0x0029, page.margin_y);
    const A4: u16 = 9;
    const STANDING: u16 = 2;
    Data::default()
        .u16(A4)
        .u16(100)
        .u16(1)
        // One page wide, as many high as it takes.
        .u16(1)
        .u16(0)
        .u16(if page.landscape { 0 } else { STANDING })
        .u16(600)
        .u16(600)
        .f64(inches(page.margin_y / 2.0))
        .f64(inches(page.margin_y / 2.0))
        .u16(1)
        .write(out, 0x00A1);
    Data::default().u16(8).write(out, 0x0055);
    for (column, millimetres) in (0u16..).zip(&sheet.columns) {
        // In 1/256 of a digit of the first font, which is 7 of 96 pixels to the inch wide.
        let digits = inches(*millimetres) * 96.0 / 7.0;
        Data::default()
            .u16(column)
            .u16(column)
            .u16((digits.max(1.0) * 256.0) as u16)
            .u16(15)
            .u16(0)
            .u16(0)
            .write(out, 0x007D);
    }
}

/// How the page shows on a screen; rows above `in_sight` stay there.
fn view(out: &mut Vec<u8>, in_sight: Option<u16>) {
    const SHOWN: u16 = 0x06B6;
    const FROZEN: u16 = 0x0108;
    let options = SHOWN | if in_sight.is_some() { FROZEN } else { 0 };
    Data::default()
        .u16(options)
        .u16(0)
        .u16(0)
        .u16(0x40)
        .u16(0)
        .u16(0)
        .u16(0)
        .u32(0)
        .write(out, 0x023E);
    if let Some(rows) = in_sight {
        Data::default()
            .u16(0)
            .u16(rows)
            .u16(rows)
            .u16(0)
            .u16(2)
            .write(out, 0x0041);
    }
    // The chosen cell: the first one, or the first below what stays.
    let (pane, row) = in_sight.map_or((3, 0), |rows| (2, rows));
    Data::default()
        .u8(pane)
        .u16(row)
        .u16(0)
        .u16(0)
        .u16(1)
        .u16(row)
        .u16(row)
        .u8(0)
        .u8(0)
        .write(out, 0x001D);
}
