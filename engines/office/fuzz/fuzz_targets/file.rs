//! Any bytes as a file.
#![no_main]

// A panic in calamine is caught and is an error like any other; one outside of it still ends the process.
libfuzzer_sys::fuzz_target!(init: std::panic::set_hook(Box::new(|_| {})), |bytes: &[u8]| {
    let _ = zhendi_office::read_forms("表", bytes, &zhendi_office::Limits::default());
});
