//! Looks through a zip package before any reader sees it: unpacks every part once under the limits, believing no header,
//! and refuses what would make a reader downstream allocate or expand without bound.

use std::io::{Cursor, Read};

use memchr::{memchr, memmem};
use zip::{ZipArchive, result::ZipError};

use crate::{OpenError, limits::Budget};

/// A zip archive whose directory has been looked at, but not yet its parts.
pub(crate) struct Package<'a> {
    pub bytes: &'a [u8],
    pub zip: ZipArchive<Cursor<&'a [u8]>>,
}

/// A spreadsheet in a zip package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    Xlsx,
    Ods,
}

pub(crate) fn zip_error(error: ZipError) -> OpenError {
    match error {
        ZipError::UnsupportedArchive(detail) if detail == ZipError::PASSWORD_REQUIRED => {
            OpenError::Encrypted
        }
        error => OpenError::broken(error),
    }
}

impl<'a> Package<'a> {
    /// Reads the directory of an archive.
    pub fn open(bytes: &'a [u8], budget: &mut Budget<'_>) -> Result<Self, OpenError> {
        // A directory entry costs the archive reader ten times its size: count before it reads.
        let limit = budget.limits.parts;
        let entries = memmem::find_iter(bytes, b"PK\x01\x02")
            .take(10 * limit + 1)
            .count();
        if entries > 10 * limit {
            return Err(OpenError::TooManyParts { limit });
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(zip_error)?;
        if zip.len() > limit {
            return Err(OpenError::TooManyParts { limit });
        }
        Ok(Self { bytes, zip })
    }

    fn has(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.zip.file_names_raw().any(|name| {
            wanted(
                &String::from_utf8_lossy(name)
                    .replace('\\', "/")
                    .to_ascii_lowercase(),
            )
        })
    }

    /// Whether this is a document rather than an archive of files.
    pub fn holds_document(&self) -> bool {
        self.is_office_open() || self.is_open_document()
    }

    fn is_office_open(&self) -> bool {
        self.has(|name| name == "[content_types].xml")
    }

    fn is_open_document(&self) -> bool {
        self.has(|name| name == "content.xml") && self.has(|name| name == "mimetype")
    }

    /// Which spreadsheet it is; `None` for an archive of files.
    ///
    /// # Errors
    /// [`OpenError::NotASpreadsheet`] for other documents.
    pub fn document(&self) -> Result<Option<Document>, OpenError> {
        let not = |what| Err(OpenError::NotASpreadsheet { what });
        if self.is_office_open() {
            return match () {
                () if self.has(|name| name.ends_with("workbook.xml")) => Ok(Some(Document::Xlsx)),
                () if self.has(|name| name.ends_with("workbook.bin")) => {
                    not("二进制工作簿（.xlsb）")
                }
                () if self.has(|name| name.starts_with("word/")) => not("Word 文档"),
                () if self.has(|name| name.starts_with("ppt/")) => not("演示文稿"),
                () => not("其他文档"),
            };
        }
        if !self.is_open_document() {
            return Ok(None);
        }
        let mut zip = self.zip.clone();
        let mut kind = Vec::new();
        let part = zip.by_name("mimetype").map_err(zip_error)?;
        part.take(200)
            .read_to_end(&mut kind)
            .map_err(OpenError::broken)?;
        match kind.trim_ascii() {
            kind if kind.starts_with(b"application/vnd.oasis.opendocument.spreadsheet") => {
                Ok(Some(Document::Ods))
            }
            b"application/vnd.oasis.opendocument.text" => not("文字文档（.odt）"),
            _ => not("其他文档"),
        }
    }

    /// Unpacks every part once, counting.
    ///
    /// # Errors
    /// [`OpenError::Bomb`], [`OpenError::Doctype`], [`OpenError::Encrypted`], or [`OpenError::Broken`].
    pub fn inspect(&mut self, budget: &mut Budget<'_>) -> Result<(), OpenError> {
        let mut buffer = vec![0; 64 << 10];
        for index in 0..self.zip.len() {
            let mut part = self.zip.by_index(index).map_err(zip_error)?;
            if part.encrypted() {
                return Err(OpenError::Encrypted);
            }
            let name = String::from_utf8_lossy(part.name_raw()).to_ascii_lowercase();
            let packed = part.compressed_size();
            let mut scan = Scan::new(&name);
            loop {
                let read = part.read(&mut buffer).map_err(OpenError::broken)?;
                if read == 0 {
                    break;
                }
                scan.bytes += read as u64;
                budget.unpack(read as u64, scan.bytes, packed)?;
                scan.chunk(&buffer[..read])?;
            }
            scan.finish()?;
        }
        Ok(())
    }
}

/// Longest markup tag; a namespace-laden root has a few thousand bytes.
const LONGEST_TAG: usize = 128 << 10;
/// Bytes of text in one cell as XML: 32,767 characters, each written as a reference.
const CELL_TEXT: u64 = 512 << 10;
/// Sheets and defined names, which a reader keeps whole.
const NAMES: u64 = 20_000;
/// Tags in the shared strings, of which each may be a string.
const STRING_TAGS: u64 = 2_500_000;
/// Tags in the styles, each of which may become a record of some hundred bytes.
const STYLE_TAGS: u64 = 100_000;
/// Bytes that records of the styles may come to when each holds copies of the longest.
const STYLE_BYTES: u64 = 48 << 20;

/// A running look at one part as markup. It need not understand XML: it only counts, and it errs towards counting more.
struct Scan {
    bytes: u64,
    strings: bool,
    styles: bool,
    vector_image: bool,
    head: Vec<u8>,
    in_tag: bool,
    tag_bytes: usize,
    tags: u64,
    longest_tag: u64,
    names: u64,
    cell_text: u64,
    in_cells: bool,
    begun: Vec<u8>,
}

impl Scan {
    fn new(name: &str) -> Self {
        Self {
            bytes: 0,
            strings: name.ends_with("sharedstrings.xml"),
            styles: name.ends_with("styles.xml"),
            vector_image: name.ends_with(".svg"),
            head: Vec::with_capacity(256),
            in_tag: false,
            tag_bytes: 0,
            tags: 0,
            longest_tag: 0,
            names: 0,
            cell_text: 0,
            in_cells: false,
            begun: Vec::with_capacity(4),
        }
    }

    fn chunk(&mut self, mut chunk: &[u8]) -> Result<(), OpenError> {
        if self.begun.len() < 4 {
            self.begun.extend(chunk.iter().take(4 - self.begun.len()));
            // Markup in UTF-16 would pass the count below unseen; no spreadsheet program writes it.
            if matches!(
                &self.begun[..],
                [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [b'<', 0, ..] | [0, b'<', ..]
            ) {
                return Err(OpenError::broken("a part in UTF-16"));
            }
        }
        while !chunk.is_empty() {
            if self.in_tag {
                let end = memchr(b'>', chunk);
                let inside = &chunk[..end.unwrap_or(chunk.len())];
                self.tag_bytes += inside.len();
                if self.tag_bytes > LONGEST_TAG && self.tags > 0 && self.in_cells {
                    return Err(OpenError::broken("an endless tag"));
                }
                let room = 2_048usize.saturating_sub(self.head.len());
                self.head.extend(inside.iter().take(room));
                let Some(end) = end else { return Ok(()) };
                self.tag()?;
                chunk = &chunk[end + 1..];
            } else {
                let start = memchr(b'<', chunk);
                self.cell_text += start.unwrap_or(chunk.len()) as u64;
                if self.in_cells && self.cell_text > CELL_TEXT {
                    return Err(OpenError::broken("endless text in a cell"));
                }
                let Some(start) = start else { return Ok(()) };
                self.in_tag = true;
                self.tag_bytes = 0;
                self.head.clear();
                chunk = &chunk[start + 1..];
            }
        }
        Ok(())
    }

    fn tag(&mut self) -> Result<(), OpenError> {
        self.in_tag = false;
        self.tags += 1;
        self.longest_tag = self.longest_tag.max(self.tag_bytes as u64);
        let end = self
            .head
            .iter()
            .position(|b| b.is_ascii_whitespace() || *b == b'/')
            .unwrap_or(self.head.len());
        let name = &self.head[..end];
        let local = name
            .iter()
            .rposition(|&b| b == b':')
            .map_or(name, |colon| &name[colon + 1..]);
        match local {
            _ if local.len() >= 8
                && local[..8].eq_ignore_ascii_case(b"!DOCTYPE")
                && !self.vector_image =>
            {
                return Err(OpenError::Doctype);
            }
            b"sst" => {
                self.in_cells = true;
                // Space for so many strings is reserved before the first one is read.
                let declared = memmem::find(&self.head, b"uniqueCount")
                    .map_or(0, |at| first_number(&self.head[at..]));
                if declared > STRING_TAGS {
                    return Err(OpenError::broken("a lying count of strings"));
                }
            }
            b"sheetData" | b"table" => self.in_cells = true,
            b"si" | b"c" | b"row" | b"table-cell" => self.cell_text = 0,
            b"definedName" | b"sheet" | b"Relationship" => self.names += 1,
            _ => {}
        }
        let too_many = self.names > NAMES
            || (self.strings && self.tags > STRING_TAGS)
            || (self.styles
                && (self.tags > STYLE_TAGS || self.tags * self.longest_tag.max(64) > STYLE_BYTES));
        if too_many {
            return Err(OpenError::broken("too many records in a part"));
        }
        Ok(())
    }

    /// The last tag of a cut-off part may never end.
    fn finish(&self) -> Result<(), OpenError> {
        if self.in_tag && self.tag_bytes > LONGEST_TAG && self.in_cells {
            return Err(OpenError::broken("an endless tag"));
        }
        Ok(())
    }
}

fn first_number(text: &[u8]) -> u64 {
    text.iter()
        .skip_while(|b| !b.is_ascii_digit())
        .take_while(|b| b.is_ascii_digit())
        .fold(0u64, |number, b| {
            number
                .saturating_mul(10)
                .saturating_add(u64::from(b - b'0'))
        })
}
