//! Files made to harm: each gives a typed error, or what can be read of it, and never a panic.

use zhendi_office::{Limits, OpenError, open};

use crate::build::{
    MANIFEST, XLSX_PARTS, file, number_cell, ods, ods_content, ods_parts, opened, record,
    sheet_xml, xls, xlsx, zip,
};

#[test]
fn a_document_type_in_any_part_is_refused() {
    let doctype = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>"#;
    let with = |xml: &str| match xml.find("?>") {
        Some(end) => format!("{}{doctype}{}", &xml[..end + 2], &xml[end + 2..]),
        None => format!("{doctype}{xml}"),
    };
    let sheet = String::from_utf8(sheet_xml("<row><c><v>1</v></c></row>")).unwrap();
    let mut parts: Vec<(&str, String)> = XLSX_PARTS
        .iter()
        .map(|(name, xml)| (*name, (*xml).to_owned()))
        .collect();
    parts.push(("xl/worksheets/sheet1.xml", sheet.clone()));
    for extra in [
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "docProps/core.xml",
        "xl/theme/theme1.xml",
    ] {
        parts.push((extra, "<?xml version=\"1.0\"?><x/>".to_owned()));
    }
    for (name, xml) in &parts {
        let bytes = xlsx(sheet.as_bytes(), &[(name, with(xml).as_bytes())]);
        assert_eq!(
            opened("a.xlsx", &bytes).unwrap_err(),
            OpenError::Doctype,
            "{name}"
        );
    }
    let lower = with(&sheet).replace("DOCTYPE", "doctype");
    assert_eq!(
        opened("a.xlsx", &xlsx(lower.as_bytes(), &[])).unwrap_err(),
        OpenError::Doctype
    );
    let content = ods_content("");
    assert_eq!(
        opened("a.ods", &ods_parts(&with(&content), MANIFEST)).unwrap_err(),
        OpenError::Doctype
    );
    assert_eq!(
        opened("a.ods", &ods_parts(&content, &with(MANIFEST))).unwrap_err(),
        OpenError::Doctype
    );
    // In UTF-16 the count of tags would not see it.
    let wide: Vec<u8> = with(&sheet)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [[&[0xFF, 0xFE], &wide[..]].concat(), wide] {
        assert!(opened("a.xlsx", &xlsx(&bytes, &[])).is_err());
    }
}

#[test]
fn unknown_entities_are_not_expanded() {
    let sheet = sheet_xml(r#"<row><c t="inlineStr"><is><t>&f;</t></is></c></row>"#);
    assert!(opened("a.xlsx", &xlsx(&sheet, &[])).is_err());
    let rows = r#"<table:table-row><table:table-cell office:value-type="string"><text:p>&f;</text:p></table:table-cell></table:table-row>"#;
    assert!(opened("a.ods", &ods(rows)).is_err());
}

#[test]
fn bombs() {
    let limits = Limits {
        ratio: 50,
        ..Limits::default()
    };
    let spaces = vec![b' '; 2 << 20];
    let bomb = OpenError::Bomb {
        limit: limits.unpacked_bytes,
    };
    let picture = xlsx(&sheet_xml(""), &[("xl/media/1.png", &spaces)]);
    assert_eq!(open("a.xlsx", &picture, &limits), Err(bomb.clone()));
    assert_eq!(
        open("a.xlsx", &xlsx(&spaces, &[]), &limits),
        Err(bomb.clone())
    );
    let inside = OpenError::Inside {
        name: "a.csv".into(),
        error: Box::new(bomb),
    };
    assert_eq!(
        open("a.zip", &zip(&[("a.csv", &spaces)]), &limits),
        Err(inside)
    );
    // Many members, each harmless by itself.
    let text = "一,二,三\n".repeat(8_000);
    let names: Vec<String> = (0..90).map(|i| format!("{i}.csv")).collect();
    let parts: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), text.as_bytes()))
        .collect();
    let limits = Limits {
        unpacked_bytes: 4 << 20,
        rows: usize::MAX,
        ..Limits::default()
    };
    let error = open("a.zip", &zip(&parts), &limits).unwrap_err();
    assert!(
        matches!(&error, OpenError::Inside { error, .. } if matches!(**error, OpenError::Bomb { .. })),
        "{error:?}"
    );
}

#[test]
fn sizes_in_headers_are_not_believed() {
    let limits = Limits {
        unpacked_bytes: 4 << 20,
        ..Limits::default()
    };
    let spaces = vec![b' '; 8 << 20];
    for size in [10u32, 0xFFFF_FFF0] {
        let mut bytes = xlsx(&sheet_xml(""), &[("xl/media/1.png", &spaces)]);
        for (signature, field) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
            let headers = bytes.windows(4).enumerate().filter(|(_, w)| w == signature);
            for at in headers.map(|(at, _)| at + field).collect::<Vec<_>>() {
                bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
            }
        }
        // Too small a claim is caught by the unpacker itself, too large a one by the count.
        let error = open("a.xlsx", &bytes, &limits).unwrap_err();
        let expected = matches!(error, OpenError::Broken { .. } | OpenError::Bomb { .. });
        assert!(expected, "{size}: {error:?}");
    }
}

#[test]
fn more_parts_sheets_columns_and_cells_than_allowed() {
    let names: Vec<String> = (0..1_200).map(|i| format!("{i}.txt")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(
        opened("a.zip", &zip(&parts)).unwrap_err(),
        OpenError::TooManyParts { limit: 1_000 }
    );

    let sheets: String = (0..150)
        .map(|i| format!(r#"<sheet name="s{i}" sheetId="{i}" r:id="r1"/>"#))
        .collect();
    let workbook = XLSX_PARTS[2]
        .1
        .replace(r#"<sheet name="表1" sheetId="1" r:id="r1"/>"#, &sheets);
    let bytes = xlsx(&sheet_xml(""), &[("xl/workbook.xml", workbook.as_bytes())]);
    assert_eq!(
        opened("a.xlsx", &bytes).unwrap_err(),
        OpenError::TooManySheets { limit: 100 }
    );

    let far = sheet_xml(r#"<row r="1"><c r="XFD1"><v>1</v></c></row>"#);
    assert_eq!(
        opened("a.xlsx", &xlsx(&far, &[])).unwrap_err(),
        OpenError::TooManyColumns { limit: 256 }
    );

    let limits = Limits {
        cells: 3,
        ..Limits::default()
    };
    let error = open("a.csv", b"1,2,3,4\n", &limits).unwrap_err();
    assert_eq!(error, OpenError::TooManyCells { limit: 3 });
    let limits = Limits {
        file_bytes: 3,
        ..Limits::default()
    };
    assert_eq!(
        open("a.csv", b"1,2,3,4\n", &limits).unwrap_err(),
        OpenError::TooBig { limit: 3 }
    );
}

#[test]
fn text_that_never_ends() {
    let long = "长".repeat(40_000);
    let cell = format!(r#"<row r="7"><c r="C7" t="inlineStr"><is><t>{long}</t></is></c></row>"#);
    let expected = OpenError::LongCell {
        reference: "C7".into(),
        limit: 32_767,
    };
    assert_eq!(
        opened("a.xlsx", &xlsx(&sheet_xml(&cell), &[])).unwrap_err(),
        expected
    );
    let row = format!(
        r#"<table:table-row table:number-rows-repeated="6"/><table:table-row><table:table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="string"><text:p>{long}</text:p></table:table-cell></table:table-row>"#
    );
    assert_eq!(opened("a.ods", &ods(&row)).unwrap_err(), expected);
    let spaces = r#"<table:table-row><table:table-cell office:value-type="string"><text:p>a<text:s text:c="4000000000"/>b</text:p></table:table-cell></table:table-row>"#;
    assert_eq!(
        opened("a.ods", &ods(spaces)).unwrap().workbooks[0].sheets[0]
            .cells()
            .len(),
        1
    );
    let runs = "<r><t>x</t></r>".repeat(700_000);
    let cell = format!(r#"<row><c t="inlineStr"><is>{runs}</is></c></row>"#);
    let limits = Limits {
        ratio: 100_000,
        ..Limits::default()
    };
    assert!(open("a.xlsx", &xlsx(&sheet_xml(&cell), &[]), &limits).is_err());
}

#[test]
fn repeated_rows_and_columns_of_ods() {
    let row = |attributes: &str, cell: &str| {
        format!(
            r#"<table:table-row {attributes}><table:table-cell {cell} office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>"#
        )
    };
    let error = opened(
        "a.ods",
        &ods(&row(r#"table:number-rows-repeated="1048576""#, "")),
    )
    .unwrap_err();
    assert_eq!(error, OpenError::TooManyRows { limit: 100_000 });
    let error = opened(
        "a.ods",
        &ods(&row("", r#"table:number-columns-repeated="16384""#)),
    )
    .unwrap_err();
    assert_eq!(error, OpenError::TooManyColumns { limit: 256 });
    let empty = r#"<table:table-row table:number-rows-repeated="4294967295"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"#;
    let book = opened("a.ods", &ods(&format!("{}{empty}", row("", "")))).unwrap();
    assert_eq!(book.workbooks[0].sheets[0].cells().len(), 1);
    let merged = row(
        "",
        r#"table:number-rows-spanned="1048576" table:number-columns-spanned="16384""#,
    );
    assert!(opened("a.ods", &ods(&merged)).is_ok());
}

#[test]
fn sparse_and_lying_sheets_of_xlsx() {
    // The dimension in sheet_xml always claims the whole sheet.
    let sparse = sheet_xml(
        r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="B1048576"><v>2</v></c></row>"#,
    );
    let book = opened("a.xlsx", &xlsx(&sparse, &[])).unwrap();
    let cells: Vec<_> = book.workbooks[0].sheets[0]
        .cells()
        .iter()
        .map(|c| c.reference())
        .collect();
    assert_eq!(cells, ["A1", "B1048576"]);
    for place in ["A1048577", "A99999999999", "1", "A0", "ZZZZZZZZZ1", ""] {
        let beyond = sheet_xml(&format!(r#"<row><c r="{place}"><v>1</v></c></row>"#));
        assert!(opened("a.xlsx", &xlsx(&beyond, &[])).is_err(), "{place}");
    }
    let strings = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="999999999999999"><si><t>a</t></si></sst>"#;
    let error = opened(
        "a.xlsx",
        &xlsx(
            &sheet_xml(""),
            &[("xl/sharedStrings.xml", strings.as_bytes())],
        ),
    )
    .unwrap_err();
    assert!(matches!(error, OpenError::Broken { .. }));
    let font = format!(r#"<font><name val="{}"/></font>"#, "x".repeat(60_000));
    let styles = format!(
        "<styleSheet><fonts>{font}</fonts><cellXfs>{}</cellXfs></styleSheet>",
        r#"<xf fontId="0"/>"#.repeat(50_000)
    );
    let error = opened(
        "a.xlsx",
        &xlsx(&sheet_xml(""), &[("xl/styles.xml", styles.as_bytes())]),
    )
    .unwrap_err();
    assert!(matches!(
        error,
        OpenError::Broken { .. } | OpenError::Bomb { .. }
    ));
}

#[test]
fn hostile_records_of_xls() {
    let cells =
        |bytes: &[u8]| opened("a.xls", bytes).map(|o| o.workbooks[0].sheets[0].cells().len());
    // A dimension of four thousand million rows, which calamine would reserve.
    let dimension = record(
        0x0200,
        &[
            &0u32.to_le_bytes()[..],
            &u32::MAX.to_le_bytes(),
            &[0, 0, 0xFF, 0xFF, 0, 0],
        ]
        .concat(),
    );
    assert_eq!(
        cells(&xls(&[], &[dimension, number_cell(0, 0, 1.0)])),
        Ok(1)
    );
    // Two cells in opposite corners.
    let corners = xls(
        &[],
        &[number_cell(0, 0, 1.0), number_cell(65_535, 255, 1.0)],
    );
    assert_eq!(
        cells(&corners),
        Err(OpenError::TooManyCells { limit: 1_500_000 })
    );
    // One long text, referred to by very many cells.
    let text = [
        &1u32.to_le_bytes()[..],
        &1u32.to_le_bytes(),
        &8_000u16.to_le_bytes(),
        &[0],
        &[b'x'; 8_000],
    ]
    .concat();
    let label = |row: u16| record(0x00FD, &[&row.to_le_bytes()[..], &[0; 8]].concat());
    let labels: Vec<Vec<u8>> = (0..60_000).map(label).collect();
    assert!(matches!(
        cells(&xls(&[record(0x00FC, &text)], &labels)),
        Err(OpenError::TooMuchText { .. })
    ));
    assert_eq!(
        cells(&xls(&[record(0x00FC, &text)], &labels[..100])),
        Ok(100)
    );
    // References to texts that are not there, columns in the wrong order, records of the wrong length.
    let odd = [
        label(1),
        record(0x00BD, &[0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0]),
        record(0x0203, &[1, 2]),
        record(0x0205, &[1, 0, 0, 0, 0, 0, 99, 1]),
        record(0x00E5, &[0xFF, 0xFF, 1]),
        record(0x0006, &[0; 14]),
        record(0x0207, &[5, 0, 0, b'a']),
    ];
    assert_eq!(cells(&xls(&[], &odd)), Ok(2));
}

#[test]
fn formulas_of_xls_give_their_last_result() {
    let formula = |column: u16, value: [u8; 8]| {
        record(
            0x0006,
            &[&[0, 0][..], &column.to_le_bytes(), &[0, 0], &value, &[0; 8]].concat(),
        )
    };
    let sheet = [
        formula(0, 2.5f64.to_le_bytes()),
        formula(1, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
        record(0x0207, &[2, 0, 1, 0x2F, 0x66, 0x26, 0x54]),
        formula(2, [1, 0, 1, 0, 0, 0, 0xFF, 0xFF]),
        formula(3, [2, 0, 0x2A, 0, 0, 0, 0xFF, 0xFF]),
        formula(4, [3, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
    ];
    let book = opened("a.xls", &xls(&[], &sheet)).unwrap();
    let texts: Vec<_> = book.workbooks[0].sheets[0]
        .cells()
        .iter()
        .map(|c| c.raw())
        .collect();
    assert_eq!(texts, ["2.5", "是否", "TRUE", "#N/A"]);
}

#[test]
fn cut_off_anywhere() {
    for name in [
        "samples/附件1-信息学院.xls",
        "converted/附件1-信息学院.xlsx",
        "converted/附件1-信息学院.ods",
    ] {
        let bytes = file(name);
        for end in (1..bytes.len()).step_by(37) {
            if let Ok(book) = opened(name, &bytes[..end]) {
                // The padding behind the last record may go; the cells may not.
                assert_eq!(book, opened(name, &bytes).unwrap(), "{name} cut at {end}");
            }
        }
    }
}

#[test]
fn any_byte_changed() {
    for name in [
        "samples/附件4-全校.xls",
        "converted/附件4-全校.xlsx",
        "converted/附件4-全校.ods",
        "converted/附件4-全校.gbk.csv",
    ] {
        let bytes = file(name);
        for at in (0..bytes.len()).step_by(53) {
            for flip in [0x01, 0xFF] {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                if let Ok(opened) = opened(name, &changed) {
                    // Whatever was read can be looked through.
                    for book in &opened.workbooks {
                        drop(book.forms());
                    }
                }
            }
        }
    }
}
