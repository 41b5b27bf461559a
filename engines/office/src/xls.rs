//! `.xls`, read through calamine, which gets to see only what was checked.
//!
//! calamine reserves space by sizes that the file states, copies a shared text for each cell and follows references that a
//! hostile file may make endless. So the workbook stream is walked here record by record, the few kinds of record that carry
//! cells are counted and copied into a fresh stream, formulas are replaced by their last results, and calamine reads that.

mod texts;

use std::io::{Cursor, Read, Write};

use calamine::{Data, DataRef, Reader, SheetVisible, Xls};
use cfb::CompoundFile;
use texts::Texts;

use crate::{
    Merge, OpenError, Sheet,
    grid::{Interner, SheetBuilder},
    limits::Budget,
    xlsx::{guarded, put},
};

/// Bytes of records with cells; a full sheet of 65,536 rows and 13 columns has 12 MB.
const CLEAN_BYTES: usize = 16 << 20;
/// Bytes of text once each cell has its own copy.
const COPIED_TEXT: u64 = 32 << 20;

/// Reads all worksheets.
pub(crate) fn read(
    bytes: &[u8],
    texts: &mut Interner,
    budget: &mut Budget<'_>,
) -> Result<Vec<Sheet>, OpenError> {
    let (name, stream) = guarded(|| workbook_stream(bytes))?;
    let washed = Wash::new(&stream, budget).run()?;
    drop(stream);
    let Washed { clean, merges } = washed;
    guarded(|| {
        let file = wrap(name, &clean).map_err(OpenError::broken)?;
        drop(clean);
        let mut book: Xls<_> = Xls::new(Cursor::new(file)).map_err(OpenError::broken)?;
        let listed = book.sheets_metadata().to_vec();
        let mut sheets = Vec::new();
        for (sheet, merges) in listed.into_iter().zip(merges) {
            let range = book
                .worksheet_range(&sheet.name)
                .map_err(OpenError::broken)?;
            let (top, left) = range.start().unwrap_or_default();
            let hidden = sheet.visible != SheetVisible::Visible;
            let mut builder = SheetBuilder::new(&sheet.name, hidden, texts, budget);
            for (row, column, data) in range.used_cells() {
                put(
                    &mut builder,
                    top + row as u32,
                    left + column as u32,
                    &borrowed(data),
                )?;
            }
            for area in merges {
                builder.merge(area);
            }
            sheets.push(builder.finish());
        }
        Ok(sheets)
    })
}

fn borrowed(data: &Data) -> DataRef<'_> {
    match data {
        Data::String(text) => DataRef::SharedString(text),
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::Bool(truth) => DataRef::Bool(*truth),
        Data::DateTime(at) => DataRef::DateTime(*at),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(code) => DataRef::Error(code.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// The stream with the workbook, under the name that its version gives it.
fn workbook_stream(bytes: &[u8]) -> Result<(&'static str, Vec<u8>), OpenError> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(OpenError::broken)?;
    for name in ["/Workbook", "/Book"] {
        if file.is_stream(name) {
            let mut stream = Vec::new();
            // A stream cannot be longer than its file; a stated size may be.
            file.open_stream(name)
                .map_err(OpenError::broken)?
                .take(bytes.len() as u64)
                .read_to_end(&mut stream)
                .map_err(OpenError::broken)?;
            return Ok((name, stream));
        }
    }
    if file.exists("/EncryptionInfo") || file.exists("/EncryptedPackage") {
        return Err(OpenError::Encrypted);
    }
    let what = match () {
        () if file.exists("/WordDocument") => "Word 文档",
        () if file.exists("/PowerPoint Document") => "演示文稿",
        () => "其他文档",
    };
    Err(OpenError::NotASpreadsheet { what })
}

fn wrap(name: &str, clean: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut file = CompoundFile::create_with_version(
        cfb::Version::V3,
        Cursor::new(Vec::with_capacity(clean.len() + 4096)),
    )?;
    file.create_stream(name)?.write_all(clean)?;
    file.flush()?;
    Ok(file.into_inner().into_inner())
}

// Record numbers of [MS-XLS] 2.3.
const BOF: u16 = 0x0809;
const END: u16 = 0x000A;
const FILE_PASS: u16 = 0x002F;
const CODE_PAGE: u16 = 0x0042;
const DATE_MODE: u16 = 0x0022;
const FORMAT: u16 = 0x041E;
const XF: u16 = 0x00E0;
const BOUND_SHEET: u16 = 0x0085;
const STRINGS: u16 = 0x00FC;
const CONTINUE: u16 = 0x003C;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const RICH_LABEL: u16 = 0x00D6;
const BOOL_ERR: u16 = 0x0205;
const FORMULA: u16 = 0x0006;
const FORMULA_TEXT: u16 = 0x0207;
const RK: u16 = 0x027E;
const MUL_RK: u16 = 0x00BD;
const LABEL_SST: u16 = 0x00FD;
const MERGES: u16 = 0x00E5;

struct Washed {
    clean: Vec<u8>,
    /// Merged areas of each worksheet in order.
    merges: Vec<Vec<Merge>>,
}

struct Wash<'a, 'b, 'c> {
    stream: &'a [u8],
    budget: &'b Budget<'c>,
    clean: Vec<u8>,
    /// Bytes of UTF-8 that each shared text can have.
    lengths: Vec<u32>,
    biff8: bool,
    cells: usize,
    area: u64,
    copied: u64,
}

fn u16_at(data: &[u8], at: usize) -> u16 {
    data.get(at..at + 2)
        .map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(data: &[u8], at: usize) -> u32 {
    data.get(at..at + 4)
        .map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

/// The record at a position and the position behind it.
fn record(stream: &[u8], at: usize) -> Option<(u16, &[u8], usize)> {
    let head = stream.get(at..at + 4)?;
    let end = at + 4 + usize::from(u16_at(head, 2));
    Some((u16_at(head, 0), stream.get(at + 4..end)?, end))
}

impl<'a, 'b, 'c> Wash<'a, 'b, 'c> {
    fn new(stream: &'a [u8], budget: &'b Budget<'c>) -> Self {
        Self {
            stream,
            budget,
            clean: Vec::new(),
            lengths: Vec::new(),
            biff8: true,
            cells: 0,
            area: 0,
            copied: 0,
        }
    }

    fn run(mut self) -> Result<Washed, OpenError> {
        // Where each worksheet begins, and where its new place is to be written.
        let mut sheets: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        let mut begun = false;
        let mut ended = false;
        while let Some((kind, data, next)) = record(self.stream, at) {
            at = next;
            match kind {
                BOF if !begun => {
                    begun = true;
                    self.biff8 = u16_at(data, 0) == 0x0600;
                    self.put(BOF, data)?;
                    if self.biff8 {
                        // Texts are UTF-16 whatever the file says of its code page.
                        self.put(CODE_PAGE, &1200u16.to_le_bytes())?;
                    }
                }
                FILE_PASS => return Err(OpenError::Encrypted),
                CODE_PAGE if !self.biff8 => self.put(CODE_PAGE, data)?,
                DATE_MODE | FORMAT | XF if data.len() >= 2 => self.put(kind, data)?,
                BOUND_SHEET if data.len() >= 8 && data[5] == 0 => {
                    if sheets.len() == self.budget.limits.sheets {
                        return Err(OpenError::TooManySheets {
                            limit: self.budget.limits.sheets,
                        });
                    }
                    sheets.push((u32_at(data, 0) as usize, self.clean.len() + 4));
                    let mut data = data.to_vec();
                    // Reserved bits, and one value of the visibility that has no meaning.
                    data[4] = (data[4] & 3).min(2);
                    self.put(BOUND_SHEET, &data)?;
                }
                STRINGS => at = self.strings(data, next)?,
                END => {
                    ended = true;
                    break;
                }
                _ => {}
            }
        }
        if !begun || !ended || sheets.is_empty() {
            return Err(OpenError::broken("the workbook stream is cut off"));
        }
        self.put(END, &[])?;
        let mut merges = Vec::with_capacity(sheets.len());
        for (from, patch) in sheets {
            let place = u32::try_from(self.clean.len()).map_err(OpenError::broken)?;
            self.clean[patch..patch + 4].copy_from_slice(&place.to_le_bytes());
            merges.push(self.sheet(from)?);
        }
        Ok(Washed {
            clean: self.clean,
            merges,
        })
    }

    fn put(&mut self, kind: u16, data: &[u8]) -> Result<(), OpenError> {
        if self.clean.len() + data.len() > CLEAN_BYTES {
            return Err(OpenError::TooManyCells {
                limit: self.budget.limits.cells,
            });
        }
        self.clean.extend_from_slice(&kind.to_le_bytes());
        self.clean
            .extend_from_slice(&(data.len() as u16).to_le_bytes());
        self.clean.extend_from_slice(data);
        Ok(())
    }

    /// Copies the shared texts and notes their lengths. Returns where the next record begins.
    fn strings(&mut self, data: &'a [u8], mut at: usize) -> Result<usize, OpenError> {
        self.put(STRINGS, data)?;
        let mut pieces = vec![data.get(8..).unwrap_or_default()];
        while let Some((CONTINUE, data, next)) = record(self.stream, at) {
            self.put(CONTINUE, data)?;
            pieces.push(data);
            at = next;
        }
        let mut texts = Texts::new(pieces);
        while let Some(length) = texts.next()? {
            if self.lengths.len() == self.budget.limits.cells {
                return Err(OpenError::TooManyCells {
                    limit: self.budget.limits.cells,
                });
            }
            self.lengths.push(length);
        }
        Ok(at)
    }

    /// Copies one worksheet's cells.
    fn sheet(&mut self, from: usize) -> Result<Vec<Merge>, OpenError> {
        let mut merges = Vec::new();
        let mut at = from;
        // A worksheet holds others inside itself: charts, with cell-like records of their own.
        let mut depth = 0u32;
        let mut waiting: Option<[u8; 6]> = None;
        let mut extent = Extent::default();
        loop {
            let Some((kind, data, next)) = record(self.stream, at) else {
                return Err(OpenError::broken("a worksheet is cut off"));
            };
            at = next;
            match kind {
                BOF => {
                    depth += 1;
                    if depth == 1 {
                        self.put(BOF, data)?;
                    }
                }
                END if depth <= 1 => break,
                END => depth -= 1,
                _ if depth != 1 => {}
                NUMBER if data.len() >= 14 => self.cell(kind, data, 1, &mut extent)?,
                LABEL | RICH_LABEL if data.len() >= 8 => {
                    self.copied += 3 * data.len() as u64;
                    self.cell(kind, data, 1, &mut extent)?;
                }
                RK if data.len() >= 10 => self.cell(kind, data, 1, &mut extent)?,
                LABEL_SST if data.len() >= 10 => {
                    self.copied += u64::from(
                        self.lengths
                            .get(u32_at(data, 6) as usize)
                            .copied()
                            .unwrap_or(0),
                    );
                    self.cell(kind, data, 1, &mut extent)?;
                }
                BOOL_ERR if data.len() >= 8 => self.bool_err(data, &mut extent)?,
                MUL_RK if data.len() >= 12 => {
                    let (first, last) = (u16_at(data, 2), u16_at(data, data.len() - 2));
                    if last >= first && data.len() == 6 + 6 * usize::from(last - first + 1) {
                        self.cell(kind, data, usize::from(last - first + 1), &mut extent)?;
                    }
                }
                FORMULA if data.len() >= 14 => waiting = self.result(data, &mut extent)?,
                FORMULA_TEXT => {
                    if let Some(place) = waiting.take() {
                        self.copied += 3 * data.len() as u64;
                        let mut label = place.to_vec();
                        label.extend_from_slice(data);
                        self.cell(LABEL, &label, 1, &mut extent)?;
                    }
                }
                MERGES => {
                    for area in data
                        .get(2..)
                        .unwrap_or_default()
                        .chunks_exact(8)
                        .take(usize::from(u16_at(data, 0)))
                    {
                        let part = |at| u32::from(u16_at(area, at)) + 1;
                        merges.push(Merge {
                            top: part(0),
                            bottom: part(2),
                            left: part(4),
                            right: part(6),
                        });
                    }
                }
                _ => {}
            }
        }
        self.put(END, &[])?;
        // calamine lays a sheet out as a full rectangle.
        self.area += extent.area();
        if self.area > self.budget.limits.cells as u64 {
            return Err(OpenError::TooManyCells {
                limit: self.budget.limits.cells,
            });
        }
        Ok(merges)
    }

    fn cell(
        &mut self,
        kind: u16,
        data: &[u8],
        columns: usize,
        extent: &mut Extent,
    ) -> Result<(), OpenError> {
        self.cells += columns;
        if self.cells > self.budget.limits.cells {
            return Err(OpenError::TooManyCells {
                limit: self.budget.limits.cells,
            });
        }
        if self.copied > COPIED_TEXT {
            return Err(OpenError::TooMuchText {
                limit: COPIED_TEXT as usize,
            });
        }
        extent.add(u16_at(data, 0), u16_at(data, 2), columns as u64);
        self.put(kind, data)
    }

    fn bool_err(&mut self, data: &[u8], extent: &mut Extent) -> Result<(), OpenError> {
        let mut data = data[..8].to_vec();
        match data[7] {
            0 => {}
            // Codes that calamine does not know are "not available".
            1 if matches!(
                data[6],
                0x00 | 0x07 | 0x0F | 0x17 | 0x1D | 0x24 | 0x2A | 0x2B
            ) => {}
            _ => (data[6], data[7]) = (0x2A, 1),
        }
        self.cell(BOOL_ERR, &data, 1, extent)
    }

    /// Puts a formula's last result in its place; a text follows in a record of its own, for which its place is returned.
    fn result(&mut self, data: &[u8], extent: &mut Extent) -> Result<Option<[u8; 6]>, OpenError> {
        let place: [u8; 6] = data[..6].try_into().map_err(OpenError::broken)?;
        let value = &data[6..14];
        if value[6..] != [0xFF, 0xFF] {
            self.cell(NUMBER, &data[..14], 1, extent)?;
            return Ok(None);
        }
        let [a, b, c, d, e, f] = place;
        match value[0] {
            0 => return Ok(Some(place)),
            1 => self.bool_err(&[a, b, c, d, e, f, value[2], 0], extent)?,
            2 => self.bool_err(&[a, b, c, d, e, f, value[2], 1], extent)?,
            _ => {}
        }
        Ok(None)
    }
}

/// The rectangle around a sheet's cells.
#[derive(Default)]
struct Extent(Option<(u64, u64, u64, u64)>);

impl Extent {
    fn add(&mut self, row: u16, column: u16, columns: u64) {
        let (row, left) = (u64::from(row), u64::from(column));
        let right = left + columns - 1;
        let (top, bottom, first, last) = self.0.unwrap_or((row, row, left, right));
        self.0 = Some((
            top.min(row),
            bottom.max(row),
            first.min(left),
            last.max(right),
        ));
    }

    fn area(&self) -> u64 {
        self.0.map_or(0, |(top, bottom, left, right)| {
            (bottom - top + 1) * (right - left + 1)
        })
    }
}
