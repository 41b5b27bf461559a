//! Any words over any text: the lines of the first part are words, the rest is the text. A word that stands there by the
//! letter is found, or lies within a longer one.
#![no_main]

use zhendi_textcheck::{Checker, Context, Entry, EntryKind, Layer, Text};

libfuzzer_sys::fuzz_target!(|input: &str| {
    let Some((words, text)) = input.split_once("\n\n") else {
        return;
    };
    let entries = words
        .lines()
        .map(|word| match word.strip_prefix('+') {
            Some(word) => Entry::new(EntryKind::Allow, word),
            None => Entry::new(EntryKind::Avoid, word),
        })
        .collect();
    let Ok(checker) = Checker::builder().layer(Layer::new("词典", entries)).build() else {
        return;
    };
    let findings = checker.check(&Text::plain(text), &Context::on(chrono::NaiveDate::default()));
    for finding in &findings {
        assert!(!text[finding.bytes.clone()].is_empty());
    }
    let plain = |word: &str| word.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for word in words.lines().filter(|word| !word.is_empty() && plain(word)) {
        if let Some(at) = text.find(word).filter(|_| !words.contains('+')) {
            let end = at + word.len();
            assert!(findings.iter().any(|finding| finding.bytes.start <= at && end <= finding.bytes.end));
        }
    }
});
