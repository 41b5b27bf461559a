//! Python's xlrd opens what the `.xls` writer wrote: values, looks, merged areas, widths, what repeats in print.

use std::process::Command;

use serde_json::{Value as Json, json};
use zhendi_office::{
    annex::MEDIA,
    sheet::{Cell, Page, Row, Sheet, Style, Value},
};

use crate::{
    made,
    tools::{PYTHON, folder, run, save, script},
};

fn seen(sheet: Sheet<'_>) -> Json {
    let folder = folder();
    let file = folder.path().join("表.xls");
    save(sheet, &file);
    let said = run(Command::new(PYTHON).arg(script("seen.py")).arg(&file));
    let seen: Json = serde_json::from_str(&said).unwrap();
    assert_eq!(seen["complaints"], json!([]));
    assert_eq!(seen["encoding"], "utf_16_le");
    assert_eq!(seen["datemode"], 0);
    seen
}

fn cell(seen: &Json, row: usize, column: usize) -> &Json {
    let cells = seen["cells"].as_array().unwrap();
    cells
        .iter()
        .find(|cell| cell["row"] == row && cell["column"] == column)
        .unwrap()
}

#[test]
fn values_and_looks_of_annex_one() {
    let seen = seen(made::one(Some(made::proof())));
    assert_eq!(seen["name"], "附件1");
    assert_eq!(seen["columns"], 13);
    assert_eq!(
        seen["merged"],
        json!([
            [0, 1, 0, 13],
            [1, 2, 0, 13],
            [2, 3, 0, 13],
            [8, 9, 0, 13],
            [9, 10, 0, 13],
            [10, 11, 0, 13]
        ])
    );
    // The heading row is repeated in print and stays in sight.
    assert_eq!(seen["names"], json!([["Print_Titles", 1]]));
    assert_eq!(seen["titles"], json!([[0, 1, 3, 4, 0, 256]]));
    assert_eq!(seen["frozen"], json!([1, 4]));
    // 38 mm are 143.6 pixels of 1/96 inch, 7 of which are 256 units.
    assert_eq!(seen["widths"][1], 5252);

    let title = cell(&seen, 1, 0);
    assert_eq!(title["value"], "新媒体（网站）基本情况统计表");
    assert_eq!(title["look"]["font"], "方正小标宋简体");
    assert_eq!(title["look"]["points"], 20.0);
    assert_eq!(title["look"]["borders"], json!([0, 0, 0, 0]));
    assert_eq!(title["look"]["across"], 2);
    let heading = cell(&seen, 3, 9);
    assert_eq!(heading["value"], "是否委托其他单位运营");
    assert_eq!(heading["look"]["font"], "黑体");
    assert_eq!(heading["look"]["borders"], json!([1, 1, 1, 1]));
    assert_eq!(heading["look"]["wrap"], true);
    // 序号 is a number, a formula's beginning is text, so is a phone.
    assert_eq!(cell(&seen, 4, 0)["kind"], 2);
    assert_eq!(cell(&seen, 4, 0)["value"], 1.0);
    assert_eq!(
        (&cell(&seen, 6, 1)["kind"], &cell(&seen, 6, 1)["value"]),
        (&json!(1), &json!("=1+1 小程序"))
    );
    assert_eq!(
        (&cell(&seen, 6, 11)["kind"], &cell(&seen, 6, 11)["value"]),
        (&json!(1), &json!("+8613800138002"))
    );
    assert_eq!(
        cell(&seen, 7, 1)["value"],
        "信息学院团委学生会新媒体工作室😀𠮷"
    );
    assert_eq!(cell(&seen, 7, 1)["look"]["font"], "仿宋");
    // An empty cell of the table has its borders.
    assert_eq!(cell(&seen, 4, 12)["kind"], 6);
    assert_eq!(cell(&seen, 4, 12)["look"]["borders"], json!([1, 1, 1, 1]));
}

#[test]
fn the_band_of_annex_two() {
    let seen = seen(made::two(None).sheet());
    let merged = seen["merged"].as_array().unwrap();
    for area in [
        [3, 5, 0, 1],
        [3, 5, 1, 2],
        [3, 4, 2, 8],
        [3, 5, 8, 9],
        [3, 5, 9, 10],
    ] {
        assert!(merged.contains(&json!(area)), "{area:?}");
    }
    assert_eq!(cell(&seen, 3, 2)["value"], "新媒体");
    for (at, name) in MEDIA.iter().enumerate() {
        assert_eq!(cell(&seen, 4, 2 + at)["value"], *name);
    }
    // Under merged areas the borders go on.
    assert_eq!(cell(&seen, 4, 9)["look"]["borders"], json!([1, 1, 1, 1]));
    assert_eq!(cell(&seen, 5, 7)["value"], 35.0);
}

#[test]
fn annex_three_grows_and_marks() {
    let seen = seen(made::three(None).sheet());
    let merged = seen["merged"].as_array().unwrap();
    // Two reviewers and four operators.
    assert!(
        merged.contains(&json!([10, 12, 0, 2])) && merged.contains(&json!([12, 16, 0, 1])),
        "{merged:?}"
    );
    let marked = cell(&seen, 3, 2);
    assert_eq!(marked["value"], "示例职业技术学院信息学院（变更）");
    assert_eq!(marked["look"]["bold"], true);
    assert_eq!(cell(&seen, 4, 2)["look"]["bold"], false);
    assert_eq!(seen["names"], json!([]));
    seen["heights"]
        .as_array()
        .unwrap()
        .iter()
        .for_each(|height| assert!(height.as_u64().unwrap() >= 300));
}

#[test]
fn annex_four_is_read() {
    let seen = seen(made::four(None));
    assert_eq!(
        cell(&seen, 7, 0)["value"]
            .as_str()
            .unwrap()
            .split("：")
            .next(),
        Some("填报部门（盖章）")
    );
}

#[test]
fn numbers_days_and_texts_of_every_length() {
    let long: Vec<String> = vec![
        "汉".repeat(32_767),
        "a".repeat(32_767),
        "𠮷".repeat(16_383),
        "a𠮷".repeat(5_000),
        "x\u{0}y\ttab\nline\r\nend".into(),
        "é".repeat(9_000),
    ];
    // Around the end of a record, 8,224 bytes, in every offset.
    let around = (4_095..4_125).map(|length| format!("{length}{}", "字".repeat(length)));
    let texts: Vec<String> = long.into_iter().chain(around).collect();
    let days = [
        made::day(1900, 3, 1),
        made::day(2016, 2, 29),
        made::day(2026, 11, 20),
        made::day(2099, 12, 31),
    ];
    let numbers = [0.0, -1.5, 1e300, 13_800_138_003.0, 0.1];
    let row = |value: Value| Ok(Row::new([Cell::new(Style::Body, value)]));
    let values = (texts.iter().map(|text| Value::from(text.as_str())))
        .chain(days.map(Value::Date))
        .chain(numbers.map(Value::Number))
        .chain([Value::Empty]);
    let sheet = Sheet {
        name: "各种".into(),
        page: Page::PORTRAIT,
        columns: vec![60.0],
        head: Vec::new(),
        repeated: 0,
        body: Box::new(values.map(row)),
        foot: Vec::new(),
        proof: None,
    };
    let seen = seen(sheet);
    for (at, text) in texts.iter().enumerate() {
        assert_eq!(cell(&seen, at, 0)["value"], text.as_str(), "text {at}");
    }
    for (at, serial) in [61.0, 42_429.0, 46_346.0, 73_050.0].into_iter().enumerate() {
        let cell = cell(&seen, texts.len() + at, 0);
        assert_eq!((&cell["kind"], &cell["value"]), (&json!(3), &json!(serial)));
        assert_eq!(cell["look"]["format"], "yyyy-mm-dd");
    }
    for (at, number) in numbers.into_iter().enumerate() {
        let cell = cell(&seen, texts.len() + days.len() + at, 0);
        assert_eq!((&cell["kind"], &cell["value"]), (&json!(2), &json!(number)));
    }
}
