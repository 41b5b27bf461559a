//! Any file: an answer within the limits, never a panic. The first byte chooses the name.
#![no_main]

use zhendi_textcheck::attachment::{Limits, read};

const NAMES: [&str; 8] = ["文.docx", "表.xlsx", "表.xls", "文.pdf", "文.odt", "表.csv", "页.html", "包.zip"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let contents = read(name, rest, &Limits::default());
    for part in &contents.parts {
        let text = part.text();
        assert!(text.blocks().iter().all(|block| !text.block(block).is_empty()));
    }
});
