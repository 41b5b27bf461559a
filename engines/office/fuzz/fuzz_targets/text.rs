//! Comma-separated text: the shortest way to the form recognisers.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let headings = "单位,姓名,工号,用工性质,备注\n";
    let file = [headings, text].concat();
    if let Ok(reading) =
        zhendi_office::read_forms("表.csv", file.as_bytes(), &zhendi_office::Limits::default())
    {
        for form in &reading.forms {
            for row in &form.rows {
                assert!(row.row > form.heading_row);
                for (field, cell) in row.cells() {
                    assert_eq!(row.text(field), cell.text());
                }
            }
        }
    }
});
