//! Old Excel workbooks (`.xls`), read record by record ([MS-XLS]): every cell, hidden rows and columns, comments, properties.
//!
//! Nothing is reserved by sizes that the file states, and a text that many cells share is counted for each.

use std::io::{Cursor, Read as _};

use cfb::CompoundFile;
use encoding_rs::GB18030;

use super::{
    Reading,
    grid::{Grid, number},
    limits::{Budget, Problem},
    xlsx::date,
};
use crate::text::{BlockKind, TextBuilder};

// Record numbers of [MS-XLS] 2.3.
const BOF: u16 = 0x0809;
const END: u16 = 0x000A;
const FILE_PASS: u16 = 0x002F;
const FORMAT: u16 = 0x041E;
const XF: u16 = 0x00E0;
const BOUND_SHEET: u16 = 0x0085;
const STRINGS: u16 = 0x00FC;
const CONTINUE: u16 = 0x003C;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const RICH_LABEL: u16 = 0x00D6;
const FORMULA: u16 = 0x0006;
const FORMULA_TEXT: u16 = 0x0207;
const RK: u16 = 0x027E;
const MUL_RK: u16 = 0x00BD;
const LABEL_SST: u16 = 0x00FD;
const ROW: u16 = 0x0208;
const COLUMNS: u16 = 0x007D;
const TEXT_OBJECT: u16 = 0x01B6;
const OLD_NOTE: u16 = 0x001C;

/// Reads a compound file: a workbook; other kinds are named.
pub(super) fn read(reading: &mut Reading<'_>, file: &str, bytes: &[u8]) -> Result<(), Problem> {
    let mut compound = CompoundFile::open(Cursor::new(bytes)).map_err(Problem::broken)?;
    if compound.exists("/EncryptionInfo") || compound.exists("/EncryptedPackage") {
        return Err(Problem::Encrypted);
    }
    let name = ["/Workbook", "/Book"]
        .into_iter()
        .find(|name| compound.is_stream(name));
    let Some(name) = name else {
        return Err(Problem::Unsupported(match () {
            () if compound.exists("/WordDocument") => {
                "旧版 Word 文档（.doc）无法读取，请另存为 .docx"
            }
            () if compound.exists("/PowerPoint Document") => {
                "旧版演示文稿（.ppt）无法读取，请另存为 .pptx"
            }
            () => "这种文档无法读取",
        }));
    };
    let stream = stream(&mut compound, name, bytes.len())?;
    let mut book = Book {
        stream: &stream,
        biff8: true,
        texts: vec![],
        dates: vec![],
        formats: vec![],
    };
    let sheets = book.globals(&mut reading.budget)?;
    for (name, hidden, from) in sheets {
        let mut grid = Grid::default();
        let mut notes = TextBuilder::new();
        let done = book.sheet(from, &mut grid, &mut notes, &mut reading.budget);
        let veil = if hidden { "（隐藏）" } else { "" };
        grid.finish(reading, file, &format!("工作表“{name}”{veil}"), hidden);
        reading.built(file, "批注", true, notes);
        done?;
    }
    let mut text = TextBuilder::new();
    for name in [
        "/\u{5}SummaryInformation",
        "/\u{5}DocumentSummaryInformation",
    ] {
        if compound.is_stream(name) {
            properties(&self::stream(&mut compound, name, bytes.len())?, &mut text);
        }
    }
    reading.budget.text(text.len())?;
    reading.built(file, "文件属性", true, text);
    Ok(())
}

/// A stream; it cannot be longer than its file, a stated size may be.
fn stream(
    compound: &mut CompoundFile<Cursor<&[u8]>>,
    name: &str,
    most: usize,
) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    compound
        .open_stream(name)
        .map_err(Problem::broken)?
        .take(most as u64)
        .read_to_end(&mut bytes)
        .map_err(Problem::broken)?;
    Ok(bytes)
}

fn u16_at(data: &[u8], at: usize) -> u16 {
    data.get(at..at + 2)
        .map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(data: &[u8], at: usize) -> u32 {
    data.get(at..at + 4)
        .map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn f64_at(data: &[u8], at: usize) -> f64 {
    data.get(at..at + 8)
        .and_then(|b| b.try_into().ok())
        .map_or(0.0, f64::from_le_bytes)
}

/// A number in the packed form of RK records.
fn rk(packed: u32) -> f64 {
    let value = match packed & 2 {
        0 => f64::from_bits(u64::from(packed & !3) << 32),
        _ => f64::from((packed as i32) >> 2),
    };
    if packed & 1 == 0 {
        value
    } else {
        value / 100.0
    }
}

/// A worksheet: its name, whether it is hidden, and where it begins.
type Listed = (String, bool, usize);

struct Book<'a> {
    stream: &'a [u8],
    biff8: bool,
    texts: Vec<String>,
    /// For each cell style, whether it shows dates.
    dates: Vec<bool>,
    /// The formats of the file that show dates.
    formats: Vec<u16>,
}

impl<'a> Book<'a> {
    /// The record at a position and the position behind it.
    fn record(&self, at: usize) -> Option<(u16, &'a [u8], usize)> {
        let head = self.stream.get(at..at + 4)?;
        let end = at + 4 + usize::from(u16_at(head, 2));
        Some((u16_at(head, 0), self.stream.get(at + 4..end)?, end))
    }

    fn globals(&mut self, budget: &mut Budget<'_>) -> Result<Vec<Listed>, Problem> {
        let mut sheets = vec![];
        let mut at = 0;
        while let Some((kind, data, next)) = self.record(at) {
            at = next;
            match kind {
                BOF => self.biff8 = u16_at(data, 0) == 0x0600,
                FILE_PASS => return Err(Problem::Encrypted),
                FORMAT => {
                    let code = match self.biff8 {
                        true => unicode(data, 2, 2),
                        false => bytes(data, 2, 1),
                    };
                    if code.contains("yy") || code.contains('年') || code.contains('月') {
                        self.formats.push(u16_at(data, 0));
                    }
                }
                XF => {
                    let format = u16_at(data, 2);
                    let known = matches!(format, 14..=17 | 22 | 27..=31 | 36 | 50..=58);
                    self.dates.push(known || self.formats.contains(&format));
                }
                // Worksheets only: charts and macros have no cells.
                BOUND_SHEET if data.get(5) == Some(&0) => {
                    budget.entry()?;
                    let name = match self.biff8 {
                        true => unicode(data, 6, 1),
                        false => bytes(data, 6, 1),
                    };
                    sheets.push((name, data[4] & 3 != 0, u32_at(data, 0) as usize));
                }
                STRINGS => {
                    let mut pieces = vec![data.get(8..).unwrap_or_default()];
                    while let Some((CONTINUE, data, next)) = self.record(at) {
                        pieces.push(data);
                        at = next;
                    }
                    self.texts = Shared::new(pieces).all(budget)?;
                }
                END => break,
                _ => {}
            }
        }
        match sheets.is_empty() {
            true => Err(Problem::Broken),
            false => Ok(sheets),
        }
    }

    fn sheet(
        &self,
        from: usize,
        grid: &mut Grid,
        notes: &mut TextBuilder,
        budget: &mut Budget<'_>,
    ) -> Result<(), Problem> {
        let mut at = from;
        // A worksheet holds others inside itself: charts, with cell-like records of their own.
        let mut depth = 0u32;
        let mut waiting = None;
        while let Some((kind, data, next)) = self.record(at) {
            at = next;
            let (row, column) = (u32::from(u16_at(data, 0)), u32::from(u16_at(data, 2)));
            match kind {
                BOF => depth += 1,
                END if depth <= 1 => return Ok(()),
                END => depth -= 1,
                _ if depth != 1 => {}
                ROW if u16_at(data, 12) & 0x20 != 0 => {
                    grid.hidden.rows.insert(row);
                }
                COLUMNS if u16_at(data, 8) & 1 != 0 => {
                    // Here the first two numbers are the first and the last column.
                    grid.hidden.columns.extend(row..=column.min(255));
                }
                LABEL_SST => {
                    if let Some(words) = self.texts.get(u32_at(data, 6) as usize) {
                        grid.put(budget, row, column, words)?;
                    }
                }
                LABEL | RICH_LABEL => grid.put(budget, row, column, &self.label(data, 6))?,
                NUMBER => grid.put(budget, row, column, &self.value(data, f64_at(data, 6)))?,
                RK => grid.put(budget, row, column, &self.value(data, rk(u32_at(data, 6))))?,
                MUL_RK => {
                    let packed = data
                        .get(4..data.len().saturating_sub(2))
                        .unwrap_or_default();
                    for (cell, column) in packed.chunks_exact(6).zip(column..) {
                        let value = rk(u32_at(cell, 2));
                        let shown = self.styled(u16_at(cell, 0), value);
                        grid.put(budget, row, column, &shown)?;
                    }
                }
                FORMULA if data.get(12..14) == Some(&[0xFF, 0xFF]) => {
                    // A text follows in a record of its own.
                    waiting = (data[6] == 0).then_some((row, column));
                }
                FORMULA => grid.put(budget, row, column, &self.value(data, f64_at(data, 6)))?,
                FORMULA_TEXT => {
                    if let Some((row, column)) = waiting.take() {
                        grid.put(budget, row, column, &self.label(data, 0))?;
                    }
                }
                TEXT_OBJECT => {
                    // Its words are in the record that follows: comments and text boxes.
                    if let Some((CONTINUE, data, next)) = self.record(at) {
                        at = next;
                        let words = match data.first() {
                            Some(flag) if flag & 1 != 0 => wide(&data[1..]),
                            _ => narrow(data.get(1..).unwrap_or_default()),
                        };
                        budget.text(words.len())?;
                        notes.push(BlockKind::Paragraph, &words);
                    }
                }
                OLD_NOTE if !self.biff8 => {
                    let words = GB18030.decode(data.get(6..).unwrap_or_default()).0;
                    budget.text(words.len())?;
                    notes.push(BlockKind::Paragraph, &words);
                }
                _ => {}
            }
        }
        Err(Problem::Broken)
    }

    fn label(&self, data: &[u8], at: usize) -> String {
        match self.biff8 {
            true => unicode(data, at, 2),
            false => bytes(data, at, 2),
        }
    }

    fn value(&self, data: &[u8], value: f64) -> String {
        self.styled(u16_at(data, 4), value)
    }

    fn styled(&self, style: u16, value: f64) -> String {
        let dated = self.dates.get(usize::from(style)) == Some(&true);
        let day = if dated { date(value) } else { None };
        day.unwrap_or_else(|| number(value))
    }
}

fn wide(data: &[u8]) -> String {
    let units: Vec<u16> = data
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

/// Characters of which only the lower byte is kept.
fn narrow(data: &[u8]) -> String {
    data.iter().copied().map(char::from).collect()
}

/// A text of this version: its length in `width` bytes, a flag, its characters.
fn unicode(data: &[u8], at: usize, width: usize) -> String {
    let count = match width {
        1 => usize::from(data.get(at).copied().unwrap_or(0)),
        _ => usize::from(u16_at(data, at)),
    };
    let Some(flags) = data.get(at + width) else {
        return String::new();
    };
    let start = at + width + 1;
    let rest = data.get(start..).unwrap_or_default();
    match flags & 1 {
        0 => narrow(&rest[..count.min(rest.len())]),
        _ => wide(&rest[..(2 * count).min(rest.len())]),
    }
}

/// A text of versions before: bytes in the code page, here always the Chinese one.
fn bytes(data: &[u8], at: usize, width: usize) -> String {
    let count = match width {
        1 => usize::from(data.get(at).copied().unwrap_or(0)),
        _ => usize::from(u16_at(data, at)),
    };
    let rest = data.get(at + width..).unwrap_or_default();
    GB18030
        .decode(&rest[..count.min(rest.len())])
        .0
        .into_owned()
}

/// The shared texts, which run over the ends of records: within a text a new record begins with its flag anew.
struct Shared<'a> {
    pieces: Vec<&'a [u8]>,
    piece: usize,
    at: usize,
}

impl<'a> Shared<'a> {
    fn new(pieces: Vec<&'a [u8]>) -> Self {
        Self {
            pieces,
            piece: 0,
            at: 0,
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.pieces
            .get(self.piece)
            .and_then(|piece| piece.get(self.at..))
            .unwrap_or_default()
    }

    /// Goes on to the next record when this one is read.
    fn turn(&mut self) -> bool {
        while self.rest().is_empty() {
            self.piece += 1;
            self.at = 0;
            if self.piece >= self.pieces.len() {
                return false;
            }
        }
        true
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        self.turn().then_some(())?;
        let taken = self.rest().get(..count)?;
        self.at += count;
        Some(taken)
    }

    fn skip(&mut self, mut count: usize) {
        while count > 0 && self.turn() {
            let step = count.min(self.rest().len());
            self.at += step;
            count -= step;
        }
    }

    fn all(mut self, budget: &mut Budget<'_>) -> Result<Vec<String>, Problem> {
        let mut texts = vec![];
        while let Some(text) = self.next() {
            budget.cell()?;
            texts.push(text);
        }
        Ok(texts)
    }

    fn next(&mut self) -> Option<String> {
        let head = self.take(3)?;
        let mut left = usize::from(u16_at(head, 0));
        let flags = head[2];
        let runs = match flags & 8 {
            0 => 0,
            _ => usize::from(u16_at(self.take(2)?, 0)),
        };
        let phonetic = match flags & 4 {
            0 => 0,
            _ => u32_at(self.take(4)?, 0) as usize,
        };
        let mut is_wide = flags & 1 != 0;
        let mut text = String::new();
        while left > 0 {
            if self.rest().is_empty() {
                // The text goes on in the next record, perhaps in the other width.
                self.turn().then_some(())?;
                is_wide = self.take(1)?[0] & 1 != 0;
            }
            let rest = self.rest();
            let width = 1 + usize::from(is_wide);
            let count = left.min(rest.len() / width);
            if count == 0 {
                return None;
            }
            let taken = &rest[..count * width];
            match is_wide {
                true => text.push_str(&wide(taken)),
                false => text.push_str(&narrow(taken)),
            }
            self.at += taken.len();
            left -= count;
        }
        self.skip(4 * runs + phonetic);
        Some(text)
    }
}

/// The properties that a person may have written ([MS-OLEPS]), one a line.
fn properties(stream: &[u8], text: &mut TextBuilder) {
    let start = u32_at(stream, 44) as usize;
    let Some(section) = stream.get(start..) else {
        return;
    };
    let count = (u32_at(section, 4) as usize).min(200);
    let mut entries = vec![];
    let mut utf8 = false;
    for index in 0..count {
        let id = u32_at(section, 8 + 8 * index);
        let at = u32_at(section, 12 + 8 * index) as usize;
        if id == 1 {
            utf8 = u16_at(section, at + 4) == 65001;
        }
        entries.push((id, at));
    }
    for (id, at) in entries {
        let label = match id {
            2 => "标题",
            3 => "主题",
            4 => "作者",
            5 => "关键词",
            6 => "备注",
            8 => "最后修改者",
            15 => "单位",
            _ => continue,
        };
        let length = u32_at(section, at + 4) as usize;
        let Some(rest) = section.get(at + 8..) else {
            continue;
        };
        let words = match u32_at(section, at) {
            0x1E => {
                let raw = &rest[..length.min(rest.len())];
                match utf8 {
                    true => String::from_utf8_lossy(raw).into_owned(),
                    false => GB18030.decode(raw).0.into_owned(),
                }
            }
            0x1F => wide(&rest[..length.saturating_mul(2).min(rest.len())]),
            _ => continue,
        };
        let words = words.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        // Both streams number their properties from 2; what the second says under these numbers is no text.
        if !words.is_empty() {
            text.push(BlockKind::Paragraph, &format!("{label}：{words}"));
        }
    }
}
