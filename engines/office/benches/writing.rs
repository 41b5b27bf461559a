//! How fast annex 1 with 100,000 rows is written as `.xlsx`, against the bare library writing the same cells, and in how much
//! memory; then 60,000 rows as `.xls` and a registration as `.docx`.
//!
//! `cargo bench -p zhendi-office --bench writing`. Each run is a process of its own, so that its peak memory is its own.

use std::{convert::Infallible, fs::File, io::BufWriter, process::Command, time::Instant};

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook};
use zhendi_office::{
    annex::{AnnexOneRow, AnnexThree, Delivery, Head, annex_one},
    write::{write_docx, write_xls, write_xlsx},
};

const ROWS: usize = 100_000;
const RUNS: usize = 5;

fn row(number: usize) -> AnnexOneRow {
    AnnexOneRow {
        name: format!("学院{}公众号{number}", number % 200),
        unit: format!("学院{}", number % 200),
        certified_body: "示例职业技术学院".into(),
        kind: "微信公众号".into(),
        problem: "无问题".into(),
        rectified: "-".into(),
        interactive: "是".into(),
        review_system: "是".into(),
        outsourced: "否".into(),
        manager: "李明".into(),
        manager_phone: format!("138{number:08}"),
        remark: String::new(),
    }
}

fn rows(count: usize) -> impl Iterator<Item = Result<AnnexOneRow, Infallible>> + Send {
    (1..=count).map(|number| Ok(row(number)))
}

fn out() -> BufWriter<File> {
    BufWriter::new(tempfile::tempfile().expect("a temporary file"))
}

/// The same cells with the library alone, as its documentation writes much: in constant memory, with the same looks.
fn bare() {
    let mut book = Workbook::new();
    let sheet = book
        .add_worksheet_with_constant_memory()
        .expect("a temporary file");
    let format = Format::new()
        .set_font_name("仿宋")
        .set_font_size(10.5)
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin);
    for number in 1..=ROWS {
        let at = number as u32;
        let row = row(number);
        sheet
            .write_number_with_format(at, 0, number as f64, &format)
            .expect("a cell");
        let texts = [
            row.name,
            row.unit,
            row.certified_body,
            row.kind,
            row.problem,
            row.rectified,
            row.interactive,
            row.review_system,
            row.outsourced,
            row.manager,
            row.manager_phone,
        ];
        for (column, text) in (1..).zip(texts) {
            sheet
                .write_string_with_format(at, column, text, &format)
                .expect("a cell");
        }
        sheet.write_blank(at, 12, &format).expect("a cell");
    }
    book.save_to_writer(out()).expect("a temporary file");
}

fn work(what: &str) {
    let annex = |count| annex_one(&Head::default(), &Delivery::default(), rows(count), None);
    match what {
        "bare" => bare(),
        "xlsx" => write_xlsx(annex(ROWS), None, &mut out()).expect("a file"),
        "xls" => write_xls(annex(60_000), &mut out()).expect("a file"),
        "docx" => write_docx(AnnexThree::default().sheet(), &mut out()).expect("a file"),
        // What the process weighs before it works.
        _ => {}
    }
}

/// Seconds of the work, and the process's peak memory in KiB, as it says itself.
fn child(what: &str) -> (f64, u64) {
    let me = std::env::current_exe().expect("this program");
    let output = Command::new(me)
        .args(["--work", what])
        .output()
        .expect("this program again");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut parts = said.split_whitespace();
    let seconds = parts.next().and_then(|text| text.parse().ok());
    let peak = parts.next().and_then(|text| text.parse().ok());
    seconds
        .zip(peak)
        .unwrap_or_else(|| panic!("{what}: {said} {}", String::from_utf8_lossy(&output.stderr)))
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--work") {
        let begin = Instant::now();
        work(&arguments[at + 1]);
        println!("{} {}", begin.elapsed().as_secs_f64(), peak());
        return;
    }
    let median = |what: &str| {
        let mut runs: Vec<(f64, u64)> = (0..RUNS).map(|_| child(what)).collect();
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        (
            runs[RUNS / 2].0,
            runs.iter().map(|run| run.1).max().unwrap_or(0),
        )
    };
    // One after the other in turn would be fairer still on a busy machine; the median of several is fair enough.
    let (bare, bare_peak) = median("bare");
    let (ours, ours_peak) = median("xlsx");
    let megabytes = |kib: u64| kib as f64 / 1024.0;
    println!(
        "annex 1, {ROWS} rows as .xlsx    {ours:>8.3} s  peak {:>6.1} MB",
        megabytes(ours_peak)
    );
    println!(
        "the bare library, the same cells  {bare:>8.3} s  peak {:>6.1} MB",
        megabytes(bare_peak)
    );
    println!(
        "ratio                             {:>8.2}    (at most 2), memory at most 40 MB",
        ours / bare
    );
    for (what, name) in [
        ("xls", "annex 1, 60000 rows as .xls"),
        ("docx", "annex 3 as .docx"),
        ("nothing", "a process alone"),
    ] {
        let (seconds, peak) = median(what);
        println!(
            "{name:<33} {seconds:>8.3} s  peak {:>6.1} MB",
            megabytes(peak)
        );
    }
}
