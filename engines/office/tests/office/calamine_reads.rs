//! calamine reads what was written, whatever the texts.

use std::{convert::Infallible, io::Cursor};

use calamine::{Data, Reader, Xls, Xlsx};
use proptest::prelude::*;
use zhendi_office::{
    annex::{AnnexOneRow, Delivery, Head, annex_one},
    sheet::{Cell, Page, Row, Sheet, Style, Value},
    write::{Table, WriteError, table_csv, table_xlsx, write_xls, write_xlsx},
};

fn column(texts: Vec<String>) -> Sheet<'static> {
    let rows = texts
        .into_iter()
        .map(|text| Ok(Row::new([Cell::new(Style::Body, text)])));
    Sheet {
        name: "表".into(),
        page: Page::PORTRAIT,
        columns: vec![60.0],
        head: Vec::new(),
        repeated: 0,
        body: Box::new(rows),
        foot: Vec::new(),
        proof: None,
    }
}

fn xls(sheet: Sheet<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_xls(sheet, &mut bytes).unwrap();
    bytes
}

/// The first column as text.
fn read(range: &calamine::Range<Data>, rows: usize) -> Vec<String> {
    (0..rows as u32)
        .map(|row| match range.get_value((row, 0)) {
            Some(Data::String(text)) => text.clone(),
            None | Some(Data::Empty) => String::new(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn assert_xls(texts: Vec<String>) {
    let bytes = xls(column(texts.clone()));
    let mut book: Xls<_> = Xls::new(Cursor::new(bytes)).unwrap();
    assert_eq!(
        read(&book.worksheet_range("表").unwrap(), texts.len()),
        texts
    );
}

/// Texts of every kind of character; long ones reach over one record or several.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,12}",
        "[一-龥]{0,12}",
        "[\u{80}-\u{ff}]{0,8}",
        "[𠀀-𪛖😀-😏]{0,8}",
        r"\PC{0,20}"
    ];
    let times = prop_oneof![8 => Just(1usize), 1 => 2usize..600, 1 => 600usize..1_500];
    (piece, times).prop_map(|(piece, times)| piece.repeat(times).chars().take(16_000).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_texts_in_xls(texts in prop::collection::vec(text(), 1..40)) {
        assert_xls(texts);
    }
}

#[test]
fn texts_split_at_every_offset() {
    for offset in 0..24 {
        let mut texts = vec!["x".repeat(offset + 1)];
        texts.extend((0..4).map(|at| format!("{at}{}", "a𠮷汉".repeat(1_400))));
        texts.extend((0..4).map(|at| format!("{at}{}", "ascii ".repeat(1_371))));
        assert_xls(texts);
    }
}

#[test]
fn too_much_is_a_typed_error() {
    let rows = |count: usize| vec!["行".to_owned(); count];
    assert!(write_xls(column(rows(65_536)), &mut Vec::new()).is_ok());
    let error = write_xls(column(rows(65_537)), &mut Vec::new()).unwrap_err();
    assert!(matches!(
        error,
        WriteError::TooManyRows {
            format: ".xls",
            limit: 65_536
        }
    ));
    assert!(error.to_string().contains(".xlsx"));
    let long = vec!["行".into(), "长".repeat(32_768)];
    let error = write_xls(column(long.clone()), &mut Vec::new()).unwrap_err();
    assert!(matches!(error, WriteError::LongText { row: 2 }));
    let error = write_xlsx(column(long), None, &mut Cursor::new(Vec::new())).unwrap_err();
    assert!(matches!(error, WriteError::LongText { row: 2 }), "{error}");
}

#[test]
fn the_source_of_rows_may_fail() {
    let rows = || [Ok(AnnexOneRow::default()), Err("the database is gone")].into_iter();
    let sheet = || annex_one(&Head::default(), &Delivery::default(), rows(), None);
    for error in [
        write_xls(sheet(), &mut Vec::new()).unwrap_err(),
        write_xlsx(sheet(), None, &mut Cursor::new(Vec::new())).unwrap_err(),
    ] {
        assert!(
            matches!(&error, WriteError::Rows(source) if source.to_string() == "the database is gone")
        );
    }
}

#[test]
fn the_temporary_file_lies_where_it_is_told_and_goes_away() {
    let folder = tempfile::tempdir().unwrap();
    write_xlsx(
        column(vec!["甲".into()]),
        Some(folder.path()),
        &mut Cursor::new(Vec::new()),
    )
    .unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let nowhere = folder.path().join("nowhere");
    let error = write_xlsx(
        column(vec!["甲".into()]),
        Some(&nowhere),
        &mut Cursor::new(Vec::new()),
    )
    .unwrap_err();
    assert!(matches!(error, WriteError::Io(_)), "{error}");
}

#[test]
fn a_full_disk_is_said_as_such() {
    let full = || {
        std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    let sheet = || column((0..2_000).map(|at| format!("第 {at} 行")).collect());
    for error in [
        write_xlsx(sheet(), None, &mut full()).unwrap_err(),
        write_xls(sheet(), &mut full()).unwrap_err(),
    ] {
        assert!(
            matches!(&error, WriteError::Io(error) if error.kind() == std::io::ErrorKind::StorageFull),
            "{error:?}"
        );
    }
}

fn list() -> Table<'static> {
    let texts = ["=1+1", "+86", "-5", "@x", "\tt", "\rr", "甲,\"乙\"", "普通"];
    let rows = texts.map(|text| Ok(vec![Value::from(text), Value::from(3u64), Value::Empty]));
    Table {
        title: "账号/清单：很长很长很长很长很长很长很长很长".into(),
        headings: ["名称", "数", "空"].map(String::from).to_vec(),
        rows: Box::new(rows.into_iter()),
    }
}

#[test]
fn no_text_of_a_list_becomes_a_formula() {
    let mut out = Cursor::new(Vec::new());
    table_xlsx(list(), None, &mut out).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(out).unwrap();
    let (name, range) = book.worksheets().remove(0);
    assert!(!name.contains('/'));
    assert_eq!(range.get_value((1, 0)), Some(&Data::String("=1+1".into())));
    assert_eq!(range.get_value((2, 0)), Some(&Data::String("+86".into())));
    assert_eq!(range.get_value((1, 1)), Some(&Data::Float(3.0)));
    let formulas = book.worksheet_formula(&name).unwrap();
    assert!(formulas.used_cells().next().is_none());

    let mut csv = Vec::new();
    table_csv(list(), &mut csv).unwrap();
    let text = String::from_utf8(csv).unwrap();
    let mut lines = text.strip_prefix('\u{feff}').unwrap().split("\r\n");
    assert_eq!(lines.next(), Some("名称,数,空"));
    assert_eq!(lines.next(), Some("'=1+1,3,"));
    assert!(text.contains("'+86,3,") && text.contains("'-5,") && text.contains("'@x,"));
    assert!(text.contains("\"甲,\"\"乙\"\"\",3,"));
}

#[test]
fn marked_and_streamed_rows_reach_both_formats() {
    // More rows than a block and than one record of merged areas has.
    let row = |at: usize| AnnexOneRow {
        name: format!("账号{at}"),
        ..AnnexOneRow::default()
    };
    let sheet = || {
        let rows = (0..5_000).map(move |at| Ok::<_, Infallible>(row(at)));
        annex_one(&Head::default(), &Delivery::default(), rows, None)
    };
    let mut book: Xls<_> = Xls::new(Cursor::new(xls(sheet()))).unwrap();
    let old = book.worksheet_range("附件1").unwrap();
    let mut out = Cursor::new(Vec::new());
    write_xlsx(sheet(), None, &mut out).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(out).unwrap();
    let new = book.worksheet_range("附件1").unwrap();
    for at in 0..5_000 {
        let name = Data::String(format!("账号{at}"));
        assert_eq!(old.get_value((4 + at, 1)), Some(&name));
        assert_eq!(new.get_value((4 + at, 1)), Some(&name));
    }
}
