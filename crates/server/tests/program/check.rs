//! `zhendi check` proofreads files as a compiler does.

use super::machine::Place;
use serde_json::json;

const TEXT: &str = "关于调整办公地点的通知\n请到网路中心办理。\n联系电话13812345678。\n";

/// A folder with files, and nothing of a database.
fn place() -> Place {
    let place = Place::at(None);
    let write = |name: &str, bytes: &[u8]| std::fs::write(place.beside(name), bytes).unwrap();
    write("通知.txt", TEXT.as_bytes());
    write("名单.csv", "姓名,手机号码\n岩罕,13812345678\n".as_bytes());
    write("干净.txt", "今天天气晴朗。\n".as_bytes());
    write("图.png", b"\x89PNG");
    let list = "词语,正确用词,说明\n网路中心,网络中心,机构已更名\n独,,\n";
    write("词表.csv", list.as_bytes());
    place
}

#[test]
fn findings_are_printed_with_file_line_and_column() {
    let place = place();
    let ran = place
        .run(&["check", "通知.txt", "名单.csv", "--dictionary", "词表.csv"])
        .expect(1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(
        lines[0].starts_with("通知.txt:2:3: 错误用词: ") && lines[0].ends_with("→ 网络中心"),
        "{ran:?}"
    );
    assert!(lines[1].starts_with("通知.txt:3:5: 个人信息: "), "{ran:?}");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("名单.csv:2:2: 个人信息: ")),
        "{ran:?}"
    );
    // A line of the list that cannot be used is said, and the others are used.
    assert!(ran.err.contains("词表.csv:3: "), "{ran:?}");
    // No database was made.
    assert!(!place.data().exists());
    place.run(&["check", "干净.txt"]).expect(0);
    let unread = place.run(&["check", "图.png"]);
    assert!(unread.err.contains("图.png: "), "{unread:?}");
    place.run(&["check", "没有.txt"]).expect(2);
    place
        .run(&["check", "干净.txt", "--number", "##"])
        .expect(2);
    place.run(&["check"]).expect(2);
}

#[test]
fn findings_are_told_to_programs_as_json_and_sarif() {
    let place = place();
    let ran = place.run(&["check", "通知.txt", "--json"]).expect(1).json();
    let found = ran["findings"].as_array().unwrap();
    let phone = found.iter().find(|f| f["kind"] == "personal_data").unwrap();
    assert_eq!((&phone["line"], &phone["column"]), (&json!(3), &json!(5)));
    assert_eq!(phone["words"], "13812345678");

    let sarif = place
        .run(&["check", "通知.txt", "--sarif"])
        .expect(1)
        .json();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), found.len());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        assert!(
            rules.iter().any(|rule| rule["id"] == result["ruleId"]),
            "{result}"
        );
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64() > Some(0), "{result}");
    }
    place
        .run(&["check", "通知.txt", "--sarif", "--json"])
        .expect(2);
}

#[test]
fn a_text_is_judged_by_the_day_that_was_asked_for() {
    let place = place();
    let list = "词语,正确用词,生效日期\n网路中心,网络中心,2026-06-01\n";
    std::fs::write(place.beside("更名.csv"), list).unwrap();
    let found = |date: &str| {
        let ran = place.run(&[
            "check",
            "通知.txt",
            "--dictionary",
            "更名.csv",
            "--date",
            date,
            "--json",
        ]);
        ran.json()["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["words"] == "网路中心")
    };
    assert!(!found("2026-05-31"));
    assert!(found("2026-06-01"));
}
