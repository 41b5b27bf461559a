//! LibreOffice opens what was written, keeps every cell and merged area, and prints it on the pages it should.

use std::{convert::Infallible, path::PathBuf, process::Command};

use zhendi_office::{
    annex::{AnnexOneRow, Delivery, Head, annex_one},
    sheet::Sheet,
};

use crate::{
    made,
    tools::{convert, folder, opened, run, save},
};

fn annexes() -> [(&'static str, Sheet<'static>); 5] {
    let rows = (0..120).map(|at| {
        Ok::<_, Infallible>(AnnexOneRow {
            name: format!("账号{at}"),
            ..AnnexOneRow::default()
        })
    });
    [
        ("one", made::one(Some(made::proof()))),
        ("two", made::two(Some(made::proof())).sheet()),
        ("three", made::three(Some(made::proof())).sheet()),
        ("four", made::four(Some(made::proof()))),
        (
            "long",
            annex_one(&Head::default(), &Delivery::default(), rows, None),
        ),
    ]
}

/// Written as one format, converted by LibreOffice to the other: the same cells and merged areas.
fn assert_converts(from: &str, to: &str) {
    let folder = folder();
    let mut files = Vec::new();
    for (name, sheet) in annexes() {
        let file = folder.path().join(format!("{name}.{from}"));
        save(sheet, &file);
        files.push(file);
    }
    let converted = convert(folder.path(), to, &files);
    for file in &files {
        let other = converted.join(file.with_extension(to).file_name().unwrap());
        assert_eq!(
            opened(file).sheets,
            opened(&other).sheets,
            "{}",
            file.display()
        );
    }
}

#[test]
fn libreoffice_keeps_every_cell_of_an_xls() {
    assert_converts("xls", "xlsx");
}

#[test]
fn libreoffice_keeps_every_cell_of_an_xlsx() {
    assert_converts("xlsx", "xls");
}

/// The text of each page of a PDF without white space.
fn pages(pdf: &PathBuf) -> Vec<String> {
    let text = run(Command::new("pdftotext").arg("-layout").arg(pdf).arg("-"));
    let pages = text
        .split('\u{c}')
        .map(|page| page.split_whitespace().collect::<String>());
    pages.filter(|page| !page.is_empty()).collect()
}

fn size(pdf: &PathBuf) -> String {
    let info = run(Command::new("pdfinfo").arg(pdf));
    let line = info
        .lines()
        .find(|line| line.starts_with("Page size"))
        .unwrap();
    line.to_owned()
}

#[test]
fn printed_pages_are_a4_and_long_tables_repeat_their_headings() {
    for format in ["xls", "xlsx"] {
        let folder = folder();
        let mut files = Vec::new();
        for (name, sheet) in annexes() {
            let file = folder.path().join(format!("{name}.{format}"));
            save(sheet, &file);
            files.push(file);
        }
        let converted = convert(folder.path(), "pdf", &files);
        for (name, _) in annexes() {
            let pdf = converted.join(format!("{name}.pdf"));
            let wanted = if name == "three" {
                "595.30 x 841.89"
            } else {
                "841.89 x 595.30"
            };
            let is_a4 = |size: &str| size.contains(wanted) || size.contains("(A4)");
            assert!(is_a4(&size(&pdf)), "{format} {name}: {}", size(&pdf));
            let pages = pages(&pdf);
            if name == "long" {
                assert!(pages.len() > 3);
                for page in &pages {
                    assert!(
                        page.contains("序号") && page.contains("认证主体"),
                        "{format}: {page}"
                    );
                }
                assert!(
                    pages[1].contains(&format!("第2页，共{}页", pages.len())),
                    "{}",
                    pages[1]
                );
            } else {
                assert_eq!(pages.len(), 1, "{format} {name}");
            }
        }
        let three = pages(&converted.join("three.pdf")).remove(0);
        for text in [
            "新媒体（网站）备案登记表",
            "主管单位（盖章）2026年11月21日",
            "文号：阵地备〔2026〕12号",
            "钱坤",
        ] {
            assert!(three.contains(text), "{format}: {text} is not in {three}");
        }
    }
}
