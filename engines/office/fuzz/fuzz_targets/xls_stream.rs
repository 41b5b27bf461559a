//! Any bytes as the workbook stream of a well-formed compound file.
#![no_main]

use std::io::{Cursor, Write};

// A panic in calamine is caught and is an error like any other; one outside of it still ends the process.
libfuzzer_sys::fuzz_target!(init: std::panic::set_hook(Box::new(|_| {})), |stream: &[u8]| {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("in memory");
    file.create_stream("/Workbook").and_then(|mut out| out.write_all(stream)).expect("in memory");
    file.flush().expect("in memory");
    let bytes = file.into_inner().into_inner();
    let _ = zhendi_office::read_forms("表.xls", &bytes, &zhendi_office::Limits::default());
});
