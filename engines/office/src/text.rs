//! Comma- or tab-separated text in the encodings in use.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::{
    OpenError, Sheet,
    grid::{Interner, SheetBuilder},
    limits::Budget,
};

/// Reads a text file as one sheet.
pub(crate) fn read(
    bytes: &[u8],
    texts: &mut Interner,
    budget: &mut Budget<'_>,
) -> Result<Sheet, OpenError> {
    if let Some(what) = other_text(&decode_lossy(&bytes[..bytes.len().min(4096)])) {
        return Err(OpenError::NotASpreadsheet { what });
    }
    let text = decode(bytes)?;
    if text
        .trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}' || c == '\0')
        .is_empty()
    {
        return Err(OpenError::Empty);
    }
    if text
        .chars()
        .take(4096)
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{C}' | '\0' | '\u{1A}'))
    {
        return Err(OpenError::NotASpreadsheet {
            what: "无法识别的文件",
        });
    }
    let Some(delimiter) = delimiter(&text) else {
        return Err(OpenError::NotASpreadsheet { what: "纯文本" });
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut sheet = SheetBuilder::new("", false, texts, budget);
    let mut record = csv::StringRecord::new();
    let mut row = 0;
    loop {
        let mut before = reader.position().byte() as usize;
        // The reader takes `\r` for the end of a record; the `\n` after it belongs to that end still.
        let ended = text.as_bytes().get(before.wrapping_sub(1)..=before);
        before += usize::from(ended == Some(b"\r\n"));
        if !reader.read_record(&mut record).map_err(OpenError::broken)? {
            break;
        }
        // The reader skips blank lines; a spreadsheet program shows them as rows.
        let blank = text.as_bytes()[before..]
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .filter(|&&b| b == b'\n')
            .count();
        row += 1 + blank as u32;
        for (field, column) in record.iter().zip(1..) {
            // Some systems write ="0691" so that Excel keeps the zero.
            let field = field
                .strip_prefix("=\"")
                .and_then(|inner| inner.strip_suffix('"'))
                .unwrap_or(field);
            sheet.text(row, column, field)?;
        }
    }
    Ok(sheet.finish())
}

/// Web pages and the like, which old systems hand out under the name `.xls`.
fn other_text(start: &str) -> Option<&'static str> {
    let start = start
        .trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}')
        .to_ascii_lowercase();
    if start.starts_with("mime-version:") {
        return Some("网页（单个文件网页）");
    }
    if start.starts_with("{\\rtf") {
        return Some("RTF 文档");
    }
    if !start.starts_with('<') {
        return None;
    }
    if start.contains("schemas-microsoft-com:office:spreadsheet") {
        return Some("XML 表格");
    }
    let page = [
        "<html",
        "<!doctype html",
        "<table",
        "<meta",
        "<style",
        "<head",
        "<body",
        "<div",
    ]
    .iter()
    .any(|tag| start.contains(tag));
    Some(if page {
        "网页（HTML）"
    } else {
        "XML 文件"
    })
}

fn decode_lossy(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0xFF, 0xFE, ..] => UTF_16LE.decode(bytes).0,
        [0xFE, 0xFF, ..] => UTF_16BE.decode(bytes).0,
        _ => String::from_utf8_lossy(bytes),
    }
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, OpenError> {
    let encoding = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => UTF_8,
        [0xFF, 0xFE, ..] => UTF_16LE,
        [0xFE, 0xFF, ..] => UTF_16BE,
        _ => match zeros(bytes) {
            // Commas and line ends have a zero byte in UTF-16, on the side that tells the byte order.
            (even, odd) if odd > 2 * even && odd * 20 > bytes.len() => UTF_16LE,
            (even, odd) if even > 2 * odd && even * 20 > bytes.len() => UTF_16BE,
            _ if std::str::from_utf8(bytes).is_ok() => UTF_8,
            _ => GB18030,
        },
    };
    let (text, _, malformed) = encoding.decode(bytes);
    if malformed {
        Err(OpenError::Encoding)
    } else {
        Ok(text)
    }
}

fn zeros(bytes: &[u8]) -> (usize, usize) {
    let start = &bytes[..bytes.len().min(4096)];
    let scale = bytes.len().div_ceil(start.len().max(1));
    let (even, odd): (Vec<_>, Vec<_>) = start
        .iter()
        .enumerate()
        .filter(|&(_, &b)| b == 0)
        .map(|(i, _)| i)
        .partition(|i| i % 2 == 0);
    (even.len() * scale, odd.len() * scale)
}

/// The separator that stands most often in the first lines; without any the text is no table.
fn delimiter(text: &str) -> Option<u8> {
    let end = text
        .char_indices()
        .nth(20_000)
        .map_or(text.len(), |(at, _)| at);
    [b',', b'\t', b';']
        .into_iter()
        .map(|mark| {
            (
                text.as_bytes()[..end]
                    .iter()
                    .filter(|&&b| b == mark)
                    .count(),
                mark,
            )
        })
        .filter(|&(count, _)| count >= 2)
        .max_by_key(|&(count, mark)| (count, mark == b','))
        .map(|(_, mark)| mark)
}
