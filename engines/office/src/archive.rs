//! A zip archive of spreadsheets, as units send them.

use std::io::Read;

use encoding_rs::GB18030;

use crate::{
    OpenError, Opened, PassedOver,
    limits::Budget,
    open::{self, Kind, shown},
    parts::{Package, zip_error},
};

/// Reads all spreadsheets of an archive; other files are passed over with a reason.
pub(crate) fn read(package: Package<'_>, budget: &mut Budget<'_>) -> Result<Opened, OpenError> {
    let mut zip = package.zip;
    let mut opened = Opened::default();
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).map_err(zip_error)?;
        let name = entry_name(part.name_raw());
        if part.is_dir() || is_junk(&name) {
            continue;
        }
        let inside = |error| OpenError::Inside {
            name: name.clone(),
            error: Box::new(error),
        };
        if part.encrypted() {
            return Err(inside(OpenError::Encrypted));
        }
        let packed = part.compressed_size();
        let mut bytes = Vec::new();
        let mut buffer = vec![0; 64 << 10];
        let kind = loop {
            let read = part
                .read(&mut buffer)
                .map_err(|error| inside(OpenError::broken(error)))?;
            let first = bytes.is_empty();
            budget
                .unpack(read as u64, (bytes.len() + read) as u64, packed)
                .map_err(&inside)?;
            bytes.extend_from_slice(&buffer[..read]);
            if bytes.len() as u64 > budget.limits.file_bytes {
                return Err(inside(OpenError::TooBig {
                    limit: budget.limits.file_bytes,
                }));
            }
            // A scan of many megabytes shows in its first bytes that it need not be unpacked.
            if read == 0 || first && Kind::of(&bytes).is_err() {
                break Kind::of(&bytes);
            }
        };
        drop(part);
        let book = kind.and_then(|kind| match kind {
            Kind::Text if !is_spreadsheet_name(&name) => Err(OpenError::NotASpreadsheet {
                what: "文本文件",
            }),
            _ => open::read(&name, &bytes, budget),
        });
        match book {
            Ok(book) => opened.workbooks.push(book),
            Err(OpenError::OtherArchive { .. } | OpenError::NestedArchive { .. }) => {
                return Err(OpenError::NestedArchive { name });
            }
            Err(OpenError::NotASpreadsheet { what }) if !is_spreadsheet_name(&name) => {
                opened.passed_over.push(PassedOver {
                    name,
                    reason: format!("不是表格，而是{what}"),
                });
            }
            Err(error) => return Err(inside(error)),
        }
    }
    if opened.workbooks.is_empty() {
        return Err(OpenError::NoSpreadsheet);
    }
    Ok(opened)
}

/// Names are UTF-8 or, from Windows' own packer, GBK; the flag that should tell is often missing.
fn entry_name(raw: &[u8]) -> String {
    let name = match std::str::from_utf8(raw) {
        Ok(name) => name.into(),
        Err(_) => GB18030.decode(raw).0,
    };
    shown(&name.replace('\\', "/"))
}

/// What macOS, Windows and open Office programs leave in archives.
fn is_junk(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    name.split('/').any(|folder| folder == "__MACOSX")
        || file.starts_with("._")
        || file.starts_with("~$")
        || file.starts_with(".~lock.")
        || matches!(
            file.to_ascii_lowercase().as_str(),
            "" | ".ds_store" | "thumbs.db" | "desktop.ini"
        )
}

fn is_spreadsheet_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".xls", ".xlsx", ".xlsm", ".et", ".ods", ".csv"]
        .iter()
        .any(|ending| lower.ends_with(ending))
}
