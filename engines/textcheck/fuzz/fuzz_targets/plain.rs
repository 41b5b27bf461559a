//! Every rule and the built-in dictionary over any text: findings stand on characters.
#![no_main]

use std::sync::LazyLock;

use zhendi_textcheck::{Checker, Context, Text, builtin, personal, proofreading, secrecy};

static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    Checker::builder()
        .layer(builtin::miswritings())
        .rules(proofreading::rules())
        .rules(personal::rules(Vec::new()))
        .rules(secrecy::rules())
        .build()
        .expect("the built-in dictionary")
});

libfuzzer_sys::fuzz_target!(|text: &str| {
    let context = Context::on(chrono::NaiveDate::default());
    for finding in CHECKER.check(&Text::plain(text), &context) {
        assert!(!text[finding.bytes.clone()].is_empty());
        assert_eq!(finding.bytes, finding.source.bytes);
        assert_eq!(text[..finding.bytes.end].chars().count(), finding.chars.end);
    }
});
