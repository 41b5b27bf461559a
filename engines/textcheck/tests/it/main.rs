//! The engine as its users see it.

mod html;
mod properties;
mod stream;
mod words;

use chrono::NaiveDate;
use zhendi_textcheck::{Checker, Context, Entry, Finding, Layer};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

fn context() -> Context {
    Context::on(day(2026, 3, 1))
}

fn checker(entries: Vec<Entry>) -> Checker {
    Checker::builder()
        .layer(Layer::new("本校", entries))
        .build()
        .expect("a dictionary")
}

/// What stands at the findings' places.
fn found<'t>(text: &'t str, findings: &[Finding]) -> Vec<&'t str> {
    findings
        .iter()
        .map(|finding| &text[finding.bytes.clone()])
        .collect()
}
