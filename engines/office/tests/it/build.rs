//! Files built by hand, byte for byte, for what no spreadsheet program would write.

use std::io::{Cursor, Write};

use zhendi_office::{Limits, OpenError, Opened, ReadError, Reading, open, read_forms};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A zip archive of parts, deflated.
pub fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        // The fastest: some parts are large.
        .compression_level(Some(1));
    for (name, bytes) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub const XLSX_PARTS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
    ),
    (
        "_rels/.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表1" sheetId="1" r:id="r1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];

/// An `.xlsx` with one sheet and further parts, which replace those of the same name.
pub fn xlsx(sheet: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut parts: Vec<(&str, &[u8])> = XLSX_PARTS
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    parts.push(("xl/worksheets/sheet1.xml", sheet));
    for part in more {
        match parts.iter_mut().find(|(name, _)| *name == part.0) {
            Some(known) => *known = *part,
            None => parts.push(*part),
        }
    }
    zip(&parts)
}

/// A sheet's XML around its rows.
pub fn sheet_xml(rows: &str) -> Vec<u8> {
    format!(r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>"#).into_bytes()
}

/// An `.ods` whose one table holds `rows`.
pub fn ods(rows: &str) -> Vec<u8> {
    ods_parts(&ods_content(rows), MANIFEST)
}

pub const MANIFEST: &str = r#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#;

pub fn ods_content(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet><table:table table:name="表1">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    )
}

pub fn ods_parts(content: &str, manifest: &str) -> Vec<u8> {
    zip(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", manifest.as_bytes()),
    ])
}

/// A compound file with one stream each.
pub fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, bytes) in streams {
        file.create_stream(name).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

pub fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut out = kind.to_le_bytes().to_vec();
    out.extend((data.len() as u16).to_le_bytes());
    out.extend(data);
    out
}

/// An `.xls` with one sheet: records for the globals (after the first) and for the sheet.
pub fn xls(globals: &[Vec<u8>], sheet: &[Vec<u8>]) -> Vec<u8> {
    let bof = |kind: u16| {
        record(
            0x0809,
            &[&0x0600u16.to_le_bytes()[..], &kind.to_le_bytes(), &[0; 12]].concat(),
        )
    };
    let end = record(0x000A, &[]);
    let mut stream = bof(5);
    let globals: Vec<u8> = globals.concat();
    let place = stream.len() + globals.len() + 4 + 10 + end.len();
    stream.extend(globals);
    stream.extend(record(
        0x0085,
        &[&(place as u32).to_le_bytes()[..], &[0, 0, 2, 0], b"S1"].concat(),
    ));
    stream.extend(&end);
    stream.extend(bof(0x10));
    stream.extend(sheet.concat());
    stream.extend(&end);
    compound(&[("/Workbook", &stream)])
}

/// A number cell record.
pub fn number_cell(row: u16, column: u16, number: f64) -> Vec<u8> {
    let place = [row.to_le_bytes(), column.to_le_bytes(), [0, 0]].concat();
    record(0x0203, &[&place[..], &number.to_le_bytes()].concat())
}

pub fn opened(name: &str, bytes: &[u8]) -> Result<Opened, OpenError> {
    open(name, bytes, &Limits::default())
}

pub fn forms(name: &str, bytes: &[u8]) -> Result<Reading, ReadError> {
    read_forms(name, bytes, &Limits::default())
}

pub fn file(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}
