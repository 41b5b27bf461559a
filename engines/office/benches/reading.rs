//! How fast forms are read: the samples, and a province's summary of 20,000 rows in each format that can be made here.
//!
//! `cargo bench -p zhendi-office`; prints the median of several runs.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use rust_xlsxwriter::Workbook;
use zhendi_office::{Limits, parse_partial_date, parse_phone, read_forms};

const HEADINGS: [&str; 12] = [
    "序号",
    "账号（网站/APP）名称",
    "账号ID（网址）",
    "开设部门",
    "认证主体",
    "类型",
    "开通时间",
    "主管领导",
    "审核人",
    "运维负责人",
    "运维负责人联系电话",
    "备案类型",
];
const ROWS: usize = 20_000;

fn row(number: usize) -> [String; 12] {
    let unit = format!("学院{}", number % 200);
    [
        number.to_string(),
        format!("{unit}公众号{number}"),
        format!("gh_{number:012x}"),
        unit,
        "示例职业技术学院".into(),
        "微信公众号".into(),
        "2016年3月".into(),
        "刘洋".into(),
        "陈静、郑浩".into(),
        "周涛".into(),
        format!("138{:08}", number),
        "开设".into(),
    ]
}

fn csv() -> Vec<u8> {
    let lines =
        std::iter::once(HEADINGS.join(",")).chain((1..=ROWS).map(|number| row(number).join(",")));
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

fn xlsx() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, HEADINGS).expect("within the sheet");
    for number in 1..=ROWS {
        sheet
            .write_row(number as u32, 0, row(number))
            .expect("within the sheet");
    }
    book.save_to_buffer().expect("to memory")
}

fn measure(what: &str, runs: usize, mut run: impl FnMut()) {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let begin = Instant::now();
            run();
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("{what:<40} {:>12.3?}", times[runs / 2]);
}

fn main() {
    let limits = Limits::default();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let read = |name: &str, bytes: &[u8]| {
        let reading = read_forms(name, bytes, &limits).expect("a good file");
        assert_eq!(reading.forms.len(), 1);
        black_box(reading);
    };
    for name in [
        "samples/附件4-全校.xls",
        "converted/附件4-全校.xlsx",
        "converted/附件4-全校.ods",
        "converted/附件4-全校.gbk.csv",
    ] {
        let bytes = std::fs::read(format!("{folder}/{name}")).expect("a sample");
        measure(name, 200, || read(name, &bytes));
    }
    let (csv, xlsx) = (csv(), xlsx());
    measure("20,000 rows of csv", 9, || read("a.csv", &csv));
    measure("20,000 rows of xlsx", 9, || read("a.xlsx", &xlsx));

    let cells = read_forms("a.csv", &csv, &limits)
        .expect("a good file")
        .forms
        .remove(0);
    measure("20,000 dates and phones", 9, || {
        for row in &cells.rows {
            black_box(
                row.cell(zhendi_office::Field::OpenedOn)
                    .map(|cell| parse_partial_date(&cell.value)),
            );
            black_box(parse_phone(&row.text(zhendi_office::Field::OperatorPhone))).ok();
        }
    });
}
