//! The files that units sent, and the same files saved in every other format by LibreOffice.

use crate::build::{file, forms};
use zhendi_office::{
    Declared, Field, Form, FormKind, PartialDate, Phone, Skipped, Value, parse_partial_date,
    parse_phone, parse_yes_no,
};

const STEMS: [&str; 3] = ["附件1-信息学院", "附件1-图书馆-有错", "附件4-全校"];

fn sample(stem: &str) -> Form {
    let mut reading = forms("f.xls", &file(&format!("samples/{stem}.xls"))).unwrap();
    assert_eq!((reading.forms.len(), reading.passed_over.len()), (1, 0));
    reading.forms.remove(0)
}

/// What a form says, without the names of file and sheet and the types of cells, which differ between formats.
fn said(form: &Form) -> String {
    let mut said = format!(
        "{:?} {:?} {:?} {:?} {}\n",
        form.kind, form.declared, form.columns, form.skipped, form.heading_row
    );
    for row in &form.rows {
        said += &format!("{} {}:", row.row, row.serial);
        for (field, cell) in row.cells() {
            said += &format!(" {field:?}@{}={}", cell.reference(), cell.text());
        }
        said.push('\n');
    }
    said
}

#[test]
fn annex_4_reads_as_expected() {
    let form = sample("附件4-全校");
    assert_eq!(
        (form.kind, form.heading_row, form.rows.len()),
        (FormKind::Annex4, 3, 4)
    );
    assert_eq!(
        form.declared,
        Declared {
            unit: Some("党委宣传部".into()),
            filled_by: Some("周涛".into()),
            phone: Some("0691-2130002".into()),
            date: PartialDate::new(2026, Some(12), Some(25)),
        }
    );
    let dates: Vec<String> = form
        .rows
        .iter()
        .map(|row| {
            parse_partial_date(&row.cell(Field::OpenedOn).unwrap().value)
                .unwrap()
                .unwrap()
                .to_string()
        })
        .collect();
    assert_eq!(dates, ["2016-03-01", "2009-09", "2012-05-04", "2020-03-01"]);
    let kinds: Vec<_> = form
        .rows
        .iter()
        .map(|row| row.text(Field::FilingKind))
        .collect();
    assert_eq!(kinds, ["开设", "开设", "变更", "注销"]);
    assert_eq!(form.rows[0].text(Field::AccountId), "gh_example0001");
    assert_eq!(
        form.rows[3].cell(Field::Operator).unwrap().reference(),
        "J7"
    );
    assert_eq!(form.column_letters(Field::FilingKind).as_deref(), Some("L"));
}

#[test]
fn annex_1_reads_as_expected() {
    let form = sample("附件1-信息学院");
    assert_eq!(
        (form.kind, form.heading_row, form.rows.len()),
        (FormKind::Annex1, 4, 5)
    );
    assert_eq!(form.declared.unit.as_deref(), Some("信息学院"));
    assert_eq!(form.declared.filled_by.as_deref(), Some("张三"));
    assert_eq!(form.declared.phone.as_deref(), Some("0691-2130001"));
    assert_eq!(
        form.declared.date,
        PartialDate::new(2026, Some(11), Some(20))
    );
    assert_eq!(
        form.skipped,
        Skipped {
            examples: 0,
            empty: 0,
            notes: 1
        }
    );
    assert_eq!(
        form.rows[1].text(Field::Remarks),
        "https://xxgc.example.edu.cn"
    );
    let answers: Vec<_> = form
        .rows
        .iter()
        .map(|row| parse_yes_no(&row.text(Field::Rectified)).unwrap())
        .collect();
    assert_eq!(answers, [None, None, Some(true), Some(true), Some(true)]);
    let phone = parse_phone(&form.rows[0].text(Field::OwnerPhone)).unwrap();
    assert_eq!(phone, Some(Phone::Mobile("13800138001".into())));
}

#[test]
fn faults_stay_visible_to_the_application() {
    let form = sample("附件1-图书馆-有错");
    assert_eq!(form.rows.len(), 6);
    assert!(form.rows[2].cell(Field::Name).is_none());
    assert_eq!(form.rows[2].row, 7);
    assert_eq!(form.column_letters(Field::Name).as_deref(), Some("B"));
    assert_eq!(form.rows[3].text(Field::Platform), "传呼机");
    assert!(parse_yes_no(&form.rows[4].text(Field::Interactive)).is_err());
    assert!(parse_phone(&form.rows[4].text(Field::OwnerPhone)).is_err());
    let number = form.rows[5].cell(Field::OwnerPhone).unwrap();
    assert_eq!(number.value, Value::Number(13_800_138_003.0));
    assert_eq!(number.text(), "13800138003");
}

#[test]
fn every_format_says_the_same() {
    for stem in STEMS {
        let expected = said(&sample(stem));
        for ending in ["xlsx", "ods", "csv", "gbk.csv", "utf16.csv"] {
            let name = format!("{stem}.{ending}");
            let reading = forms(&name, &file(&format!("converted/{name}")))
                .unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(reading.forms.len(), 1, "{name}");
            assert_eq!(said(&reading.forms[0]), expected, "{name}");
        }
    }
}

#[test]
fn an_archive_gives_all_its_forms() {
    let parts: Vec<(String, Vec<u8>)> = STEMS
        .iter()
        .map(|stem| {
            (
                format!("统计/{stem}.xls"),
                file(&format!("samples/{stem}.xls")),
            )
        })
        .collect();
    let parts: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let reading = forms(
        "20261225信息学院+新媒体（网站）统计.zip",
        &crate::build::zip(&parts),
    )
    .unwrap();
    for (form, stem) in reading.forms.iter().zip(STEMS) {
        assert_eq!(form.file, format!("统计/{stem}.xls"));
        assert_eq!(said(form), said(&sample(stem)));
    }
    assert_eq!(reading.forms.len(), 3);
}

#[test]
fn json_names_each_cell_by_field_and_place() {
    let form = sample("附件1-图书馆-有错");
    let json = serde_json::to_value(&form).unwrap();
    assert_eq!(json["kind"], "annex1");
    let cell = &json["rows"][5]["cells"]["owner_phone"];
    assert_eq!(
        (&cell["reference"], &cell["text"]),
        (&"L10".into(), &"13800138003".into())
    );
    assert_eq!(json["declared"]["date"], "2026-11-20");
}
