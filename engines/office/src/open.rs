//! Tells what a file is by its first bytes and has the right reader read it.

use std::{io::Read, path::Path};

use serde::Serialize;

use crate::{
    Limits, OpenError, Workbook, archive,
    grid::Interner,
    limits::Budget,
    ods,
    parts::{Document, Package},
    text, xls, xlsx,
};

/// The spreadsheets of one file or archive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opened {
    /// One for a spreadsheet, one or more for an archive.
    pub workbooks: Vec<Workbook>,
    /// Files of an archive that are no spreadsheets (scans, Word files).
    pub passed_over: Vec<PassedOver>,
}

/// A file of an archive that was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// Path in the archive.
    pub name: String,
    /// Why, in Chinese.
    pub reason: String,
}

/// Opens a spreadsheet or a zip archive of spreadsheets. `name` is shown in messages only: what the file is, its content says.
///
/// # Errors
/// [`OpenError`], whose message tells the sender what to do.
pub fn open(name: &str, bytes: &[u8], limits: &Limits) -> Result<Opened, OpenError> {
    if bytes.len() as u64 > limits.file_bytes {
        return Err(OpenError::TooBig {
            limit: limits.file_bytes,
        });
    }
    let mut budget = Budget::new(limits);
    if Kind::of(bytes)? == Kind::Zip {
        let package = Package::open(bytes, &mut budget)?;
        if !package.holds_document() {
            return archive::read(package, &mut budget);
        }
    }
    let book = read(name, bytes, &mut budget)?;
    Ok(Opened {
        workbooks: vec![book],
        passed_over: Vec::new(),
    })
}

/// Opens a file on disk; see [`open`].
///
/// # Errors
/// [`OpenError`]; [`OpenError::Unreadable`] if the disk says no.
pub fn open_path(path: &Path, limits: &Limits) -> Result<Opened, OpenError> {
    let unreadable = |error: std::io::Error| OpenError::Unreadable {
        reason: error.to_string(),
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(limits.file_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    open(&name, &bytes, limits)
}

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A compound file: `.xls`, an encrypted `.xlsx`, `.doc`.
    Compound,
    /// A zip archive: `.xlsx`, `.ods` or an archive of files.
    Zip,
    /// Text.
    Text,
}

/// First bytes of files that come under a spreadsheet's name or beside spreadsheets.
const OTHERS: &[(&[u8], &str)] = &[
    (b"%PDF", "PDF 文件"),
    (b"\xFF\xD8\xFF", "图片"),
    (b"\x89PNG", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"{\\rtf", "RTF 文档"),
    (b"\x09\x00", "很旧版本的 Excel 表格"),
    (b"\x09\x02", "很旧版本的 Excel 表格"),
    (b"\x09\x04", "很旧版本的 Excel 表格"),
];

/// First bytes of archives other than zip.
const ARCHIVES: &[(&[u8], &str)] = &[
    (b"Rar!", "RAR"),
    (b"7z\xBC\xAF", "7z"),
    (b"\x1F\x8B", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xFD7zXZ", "xz"),
];

impl Kind {
    pub fn of(bytes: &[u8]) -> Result<Self, OpenError> {
        if bytes.is_empty() {
            return Err(OpenError::Empty);
        }
        if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
            return Ok(Self::Compound);
        }
        if bytes.starts_with(b"PK\x03\x04")
            || bytes.starts_with(b"PK\x05\x06")
            || bytes.starts_with(b"PK\x07\x08")
        {
            return Ok(Self::Zip);
        }
        if let Some(&(_, what)) = ARCHIVES.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            return Err(OpenError::OtherArchive { what });
        }
        match OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
            Some(&(_, what)) => Err(OpenError::NotASpreadsheet { what }),
            None => Ok(Self::Text),
        }
    }
}

/// Reads one spreadsheet; an archive of files is none.
pub(crate) fn read(
    name: &str,
    bytes: &[u8],
    budget: &mut Budget<'_>,
) -> Result<Workbook, OpenError> {
    let name = shown(name);
    let mut texts = Interner::default();
    let sheets = match Kind::of(bytes)? {
        Kind::Compound => xls::read(bytes, &mut texts, budget)?,
        Kind::Text => vec![text::read(bytes, &mut texts, budget)?],
        Kind::Zip => {
            let package = Package::open(bytes, budget)?;
            match package.document()? {
                Some(Document::Xlsx) => xlsx::read(package, &mut texts, budget)?,
                Some(Document::Ods) => ods::read(package, &mut texts, budget)?,
                None => return Err(OpenError::NestedArchive { name }),
            }
        }
    };
    Ok(Workbook { name, sheets })
}

/// A file name fit for messages.
pub(crate) fn shown(name: &str) -> String {
    crate::tidy(name)
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect()
}
