//! What a file is, its content says; what it is not, the error says.

use encoding_rs::GB18030;
use zhendi_office::OpenError;

use crate::build::{MANIFEST, compound, file, ods_parts, opened, record, xls, xlsx, zip};

/// A message must say what to do next, in plain Chinese.
fn told(name: &str, bytes: &[u8]) -> OpenError {
    let error = opened(name, bytes).expect_err(name);
    let text = error.to_string();
    assert!(
        text.contains('请') && text.ends_with('。'),
        "{name}: {text}"
    );
    error
}

#[test]
fn other_files_under_a_spreadsheets_name() {
    for (bytes, what) in [
        (&b"<html><head><meta charset=gb2312></head><table><tr><td>1</td></tr></table></html>"[..], "网页"),
        (b"\xEF\xBB\xBF\r\n<!DOCTYPE html><html></html>", "网页"),
        (b"<table><tr><td>1</td><td>2</td></tr></table>", "网页"),
        (b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>", "XML 表格"),
        ("就是一段文字\n没有表格".as_bytes(), "纯文本"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"{\\rtf1\\ansi}", "RTF"),
        (b"MIME-Version: 1.0\r\n", "网页"),
        (b"\x01\x02\x03\x04,,,,,", "无法识别"),
    ] {
        let error = told("统计.xls", bytes);
        assert!(matches!(&error, OpenError::NotASpreadsheet { what: found } if found.contains(what)), "{what}: {error:?}");
    }
    assert_eq!(told("空.xls", b""), OpenError::Empty);
    assert_eq!(told("空.csv", b"\xEF\xBB\xBF \r\n"), OpenError::Empty);
    assert_eq!(
        told("a.xls", b"Rar!\x1a\x07"),
        OpenError::OtherArchive { what: "RAR" }
    );
}

#[test]
fn other_documents_in_the_same_wrapping() {
    let not = |bytes: &[u8]| match told("统计.xlsx", bytes) {
        OpenError::NotASpreadsheet { what } => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(not(&compound(&[("/WordDocument", b"x")])), "Word 文档");
    assert_eq!(
        not(&zip(&[
            ("[Content_Types].xml", b"<x/>"),
            ("word/document.xml", b"<x/>")
        ])),
        "Word 文档"
    );
    assert!(
        not(&zip(&[
            ("[Content_Types].xml", b"<x/>"),
            ("xl/workbook.bin", b"")
        ]))
        .contains("xlsb")
    );
    assert!(
        not(&zip(&[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", b"<x/>")
        ]))
        .contains("odt")
    );
}

#[test]
fn the_extension_does_not_matter() {
    let xls = file("samples/附件4-全校.xls");
    let csv = file("converted/附件4-全校.gbk.csv");
    for name in ["a", "a.csv", "a.xlsx", "a.exe"] {
        assert_eq!(opened(name, &xls).unwrap().workbooks[0].sheets.len(), 1);
        assert_eq!(opened(name, &csv).unwrap().workbooks[0].sheets.len(), 1);
    }
}

#[test]
fn text_in_the_encodings_in_use() {
    let text = "序号,名称\n1,𠮷林大学\n";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let (gb, _, _) = GB18030.encode(text);
    for bytes in [
        text.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        gb.to_vec(),
        [&[0xFF, 0xFE], &utf16[..]].concat(),
        [&[0xFE, 0xFF], &utf16be[..]].concat(),
        utf16,
        utf16be,
        text.replace(',', "\t").into_bytes(),
        text.replace(',', ";").into_bytes(),
    ] {
        let book = opened("a.csv", &bytes).unwrap().workbooks.remove(0);
        let texts: Vec<_> = book.sheets[0]
            .cells()
            .iter()
            .map(|c| c.text().into_owned())
            .collect();
        assert_eq!(texts, ["序号", "名称", "1", "𠮷林大学"], "{bytes:?}");
    }
    assert_eq!(
        told("a.csv", b"a,b,c\n\xFF\xFF\xFF,\xFF\x80,\xFF\n"),
        OpenError::Encoding
    );
}

#[test]
fn passwords_are_told_apart_from_damage() {
    assert_eq!(
        told(
            "a.xlsx",
            &compound(&[("/EncryptionInfo", b"x"), ("/EncryptedPackage", b"y")])
        ),
        OpenError::Encrypted
    );
    assert_eq!(
        told("a.xls", &xls(&[record(0x002F, &[1, 0, 0, 0])], &[])),
        OpenError::Encrypted
    );
    let manifest = MANIFEST.replace("/>", "><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>");
    assert_eq!(
        told("a.ods", &ods_parts("not xml at all", &manifest)),
        OpenError::Encrypted
    );
    let mut locked = zip(&[("附件1.xls", b"x")]);
    // The flag "encrypted" in the local and the central header.
    for (signature, flag) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = locked.windows(4).position(|w| w == signature).unwrap();
        locked[at + flag] |= 1;
    }
    let error = told("a.zip", &locked);
    assert!(
        matches!(&error, OpenError::Encrypted)
            || matches!(&error, OpenError::Inside { error, .. } if **error == OpenError::Encrypted),
        "{error:?}"
    );
}

#[test]
fn archives() {
    let sample = file("samples/附件4-全校.xls");
    let names = |bytes: &[u8]| {
        opened("a.zip", bytes)
            .unwrap()
            .workbooks
            .into_iter()
            .map(|b| b.name)
            .collect::<Vec<_>>()
    };
    // "附件4.xls" as Windows packs it: GBK, no flag.
    let mut gbk = zip(&[("AAAAA.xls", &sample)]);
    let (name, _, _) = GB18030.encode("附件");
    let name = [&name[..], b"4"].concat();
    let mut at = 0;
    while let Some(found) = gbk[at..].windows(5).position(|w| w == b"AAAAA") {
        gbk[at + found..at + found + 5].copy_from_slice(&name);
        at += found + 5;
    }
    assert_eq!(names(&gbk), ["附件4.xls"]);
    let junk = zip(&[
        ("__MACOSX/统计/._附件4.xls", b"junk"),
        (".DS_Store", b"junk"),
        ("统计/~$附件4.xls", b"junk"),
        ("统计/Thumbs.db", b"junk"),
        ("统计\\附件4.xls", &sample),
    ]);
    assert_eq!(names(&junk), ["统计/附件4.xls"]);
    let inner = zip(&[("附件4.xls", &sample)]);
    assert_eq!(
        told("a.zip", &zip(&[("内层.zip", &inner)])),
        OpenError::NestedArchive {
            name: "内层.zip".into()
        }
    );
    assert_eq!(
        told("a.zip", &zip(&[("内层.xls", &inner)])),
        OpenError::NestedArchive {
            name: "内层.xls".into()
        }
    );
    assert_eq!(
        told("a.zip", &zip(&[("内层.rar", b"Rar!\x1a\x07")])),
        OpenError::NestedArchive {
            name: "内层.rar".into()
        }
    );
    assert_eq!(
        told("a.zip", &zip(&[("a.pdf", b"%PDF"), ("说明.txt", b"a,b,c")])),
        OpenError::NoSpreadsheet
    );
    assert_eq!(told("a.zip", &zip(&[])), OpenError::NoSpreadsheet);
    let broken = told(
        "a.zip",
        &zip(&[("好.xls", &sample), ("坏.xls", &sample[..2000])]),
    );
    assert!(matches!(&broken, OpenError::Inside { name, .. } if name == "坏.xls"));
    assert!(
        broken
            .to_string()
            .starts_with("压缩包里的“坏.xls”：文件已损坏")
    );
}

#[test]
fn an_xlsx_without_styles_or_shared_texts_is_read() {
    let sheet = crate::build::sheet_xml(
        r#"<row><c t="inlineStr"><is><t>甲</t></is></c><c><v>7</v></c></row><row r="5"><c r="C5" t="b"><v>1</v></c></row>"#,
    );
    let book = opened("a.xlsx", &xlsx(&sheet, &[]))
        .unwrap()
        .workbooks
        .remove(0);
    let cells: Vec<_> = book.sheets[0]
        .cells()
        .iter()
        .map(|c| (c.reference(), c.raw()))
        .collect();
    assert_eq!(
        cells,
        [
            ("A1".into(), "甲".into()),
            ("B1".into(), "7".into()),
            ("C5".into(), "TRUE".to_owned())
        ]
    );
}
