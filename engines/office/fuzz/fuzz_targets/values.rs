//! Any text as a cell.
#![no_main]

use zhendi_office::{
    PartialDate, Value, find_date, fold, parse_partial_date, parse_phone, parse_yes_no,
    split_names, tidy,
};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(Some(date)) = parse_partial_date(&Value::Text(text.into())) {
        assert_eq!(date.to_string().parse::<PartialDate>(), Ok(date));
    }
    if let Ok(Some(phone)) = parse_phone(text) {
        assert_eq!(parse_phone(&phone.to_string()), Ok(Some(phone)));
    }
    let _ = parse_yes_no(text);
    let _ = find_date(text);
    assert!(split_names(text).iter().all(|name| !name.is_empty()));
    assert_eq!(tidy(&tidy(text)), tidy(text));
    assert_eq!(fold(&fold(text)), fold(text));
});
