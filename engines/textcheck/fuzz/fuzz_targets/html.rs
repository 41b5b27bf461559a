//! Any HTML: blocks in order, places on characters, and the same findings whether it is read whole or as a stream.
#![no_main]

use std::sync::LazyLock;

use zhendi_textcheck::{Checker, Context, Entry, Format, Layer, Text};

static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let words = ["a", "bc", "帐号", "中", "<", "&"];
    let entries = words.map(|word| Entry::wrong(word, "对")).to_vec();
    let checker = Checker::builder().layer(Layer::new("词典", entries)).build();
    checker.expect("a dictionary")
});

libfuzzer_sys::fuzz_target!(|source: &str| {
    let context = Context::on(chrono::NaiveDate::default());
    let text = Text::html(source);
    for two in text.blocks().windows(2) {
        assert!(two[0].bytes.end < two[1].bytes.start);
    }
    let whole = CHECKER.check(&text, &context);
    for finding in &whole {
        assert!(!source[finding.source.bytes.clone()].is_empty());
        assert_eq!(text.as_str()[finding.bytes.clone()].chars().count(), finding.chars.len());
        assert_eq!(source[..finding.source.bytes.end].chars().count(), finding.source.chars.end);
    }
    let mut streamed = Vec::new();
    CHECKER
        .check_stream(source.as_bytes(), Format::Html, &context, |finding| streamed.push(finding))
        .expect("UTF-8");
    assert_eq!(whole, streamed);
});
