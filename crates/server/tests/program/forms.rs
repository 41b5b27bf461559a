//! The four annexes out of a real database by the command, filled in by LibreOffice as people do, and taken
//! in again: the differences are exactly what was filled in.

use super::machine::{Place, Ran, number, on_both_databases, rows};
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use zhendi_kernel::testing::Backend;

/// The demonstration's college, stopped.
async fn college(backend: Backend) -> Place {
    let place = Place::new(backend).await;
    drop(place.serve(&["demo", "--listen", "127.0.0.1:0"]));
    place
}

/// What the endings are called in LibreOffice.
const FORMATS: [(&str, &str); 2] = [("xls", "MS Excel 97"), ("xlsx", "Calc MS Excel 2007 XML")];

fn out(place: &Place, name: &str) -> PathBuf {
    place.beside(name)
}

fn export(place: &Place, args: &[&str], file: &Path, format: &str) -> Ran {
    let file = file.to_str().unwrap();
    let rest = ["--format", format, "--out", file];
    place.run(&[&["export", "annex"], args, &rest].concat())
}

fn import(place: &Place, files: &[PathBuf]) -> Value {
    let mut args = vec!["import", "channels"];
    args.extend(files.iter().map(|file| file.to_str().unwrap()));
    args.extend(["--dry-run", "--json"]);
    place.run(&args).expect(0).json()
}

/// Types into cells, in all files at once.
fn fill(place: &Place, tasks: &Value) {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../engines/office/tests/office/fill.py");
    let folder = place.beside("libreoffice");
    std::fs::create_dir_all(&folder).unwrap();
    let mut python = Command::new("/usr/bin/python3")
        .arg(script)
        .arg(&folder)
        .stdin(Stdio::piped())
        .spawn()
        .expect("Debian's Python; see scripts/install.sh test");
    let mut input = python.stdin.take().unwrap();
    input.write_all(tasks.to_string().as_bytes()).unwrap();
    drop(input);
    assert!(python.wait().unwrap().success());
}

/// Every change of a report: field, before, after.
fn changes(report: &Value) -> Vec<[String; 3]> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut all = vec![];
    for form in report["forms"].as_array().unwrap() {
        for row in form["rows"].as_array().unwrap() {
            for change in row["changes"].as_array().unwrap() {
                all.push(["field", "before", "after"].map(|key| text(&change[key])));
            }
        }
    }
    for one in report["compared"].as_array().unwrap() {
        assert_eq!(one["problem"], Value::Null, "{one}");
        for difference in one["differences"].as_array().unwrap() {
            all.push(["field", "registered", "written"].map(|key| text(&difference[key])));
        }
    }
    all
}

async fn what_comes_back_differs_by_what_was_filled_in(backend: Backend) {
    let place = college(backend).await;
    let db = place.database().await;
    let found = rows(
        &db,
        "SELECT channel.id, channel.followers FROM channel
         JOIN channel_person ON channel_id = channel.id AND duty = 'leader'
         WHERE filing_state = 'filed' AND running_state = 'live' AND followers IS NOT NULL
         ORDER BY channel.id LIMIT 1",
    )
    .await;
    let [channel, followers] = found[0].as_slice() else {
        panic!("{found:?}");
    };
    let year = rows(&db, "SELECT MAX(year) FROM filing_number").await[0][0].clone();
    let all: [(&str, Vec<&str>); 4] = [
        ("1", vec!["1"]),
        ("2", vec!["2"]),
        ("3", vec!["3", "--channel", channel]),
        ("4", vec!["4", "--year", &year]),
    ];
    let file = |annex: &str, format: &str| out(&place, &format!("附件{annex}.{format}"));
    for (format, _) in FORMATS {
        for (annex, args) in &all {
            let ran = export(&place, args, &file(annex, format), format).expect(0);
            assert!(ran.out.starts_with("已导出 "), "{ran:?}");
        }
    }

    // As they went out they say what the register says.
    for (format, _) in FORMATS {
        let files: Vec<PathBuf> = all.iter().map(|(annex, _)| file(annex, format)).collect();
        let report = import(&place, &files);
        assert_eq!(changes(&report), Vec::<[String; 3]>::new(), "{format}");
        let totals = &report["totals"];
        assert_eq!((&totals["new"], &totals["refused"]), (&json!(0), &json!(0)));
        assert!(totals["same"].as_i64().unwrap() > 40, "{totals}");
        assert_eq!(report["compared"].as_array().unwrap().len(), 2);
    }

    let mut tasks = vec![];
    for (format, filter) in FORMATS {
        for (annex, cells) in [
            ("1", json!({ "M5": "已核实", "F6": "排查时发现链接失效" })),
            ("2", json!({ "B6": "99", "J12": "另有两个待核实" })),
            ("3", json!({ "C7": "987654", "E8": "变更" })),
            ("4", json!({ "E4": "手工填写的主体" })),
        ] {
            tasks.push(json!({
                "file": file(annex, format), "filter": filter, "rows": [], "cells": cells,
            }));
        }
    }
    fill(&place, &json!(tasks));

    for (format, _) in FORMATS {
        let one = |annex: &str| changes(&import(&place, &[file(annex, format)]));
        let fields = |changes: &[[String; 3]]| -> Vec<(String, String)> {
            let pairs = changes
                .iter()
                .map(|[field, _, after]| (field.clone(), after.clone()));
            pairs.collect()
        };
        let pair = |field: &str, after: &str| (field.to_owned(), after.to_owned());
        assert_eq!(
            fields(&one("1")),
            [
                pair("备注", "已核实"),
                pair("问题排查情况", "排查时发现链接失效")
            ],
            "{format}"
        );
        let two = one("2");
        assert_eq!(
            fields(&two),
            [
                pair("单位开设的新媒体（网站）数量（个） · 网站", "99"),
                pair(
                    "委托其他单位运营的新媒体（网站）数量（个） · 备注",
                    "另有两个待核实"
                ),
            ],
            "{format}"
        );
        assert_eq!(
            one("3"),
            [[
                "粉丝量（关注数）".into(),
                followers.clone(),
                "987654".into()
            ]],
            "{format}"
        );
        let four = one("4");
        assert_eq!(
            fields(&four),
            [pair("认证主体", "手工填写的主体")],
            "{format}"
        );
    }

    // Whatever went out is in the record, and nothing came in.
    let printed = number(&db, "SELECT COUNT(*) FROM print").await;
    assert_eq!(printed, 8);
    let told = number(
        &db,
        "SELECT COUNT(*) FROM audit WHERE action = 'form.printed'",
    )
    .await;
    assert_eq!(told, 8);
    place.run(&["verify-audit"]).expect(0);
}
on_both_databases!(what_comes_back_differs_by_what_was_filled_in);

async fn wrong_use_is_said_and_nothing_is_written(backend: Backend) {
    let place = college(backend).await;
    let file = out(&place, "a.xlsx");
    let ran = export(&place, &["1", "--unit", "信息工程学苑"], &file, "xlsx").expect(2);
    assert!(ran.err.contains("最接近的是：信息工程学院"), "{ran:?}");
    export(&place, &["3"], &file, "xlsx").expect(2);
    export(&place, &["1", "--year", "2026"], &file, "xlsx").expect(2);
    export(&place, &["3", "--channel", "没有这个"], &file, "xlsx").expect(2);
    export(&place, &["5"], &file, "xlsx").expect(2);
    let ran = export(&place, &["1"], &file, "docx").expect(1);
    assert!(ran.err.contains("没有 .docx 格式"), "{ran:?}");
    let ran = export(&place, &["4", "--year", "1999"], &file, "xlsx").expect(1);
    assert!(ran.err.contains("没有生效的备案"), "{ran:?}");
    assert!(!file.exists());

    // Nothing is overwritten unasked, and no half files are left.
    std::fs::write(&file, "precious").unwrap();
    let ran = export(&place, &["2"], &file, "xlsx").expect(2);
    assert!(ran.err.contains("已存在"), "{ran:?}");
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    let forced = ["2", "--force"];
    export(&place, &forced, &file, "xlsx").expect(0);
    assert!(std::fs::read(&file).unwrap().starts_with(b"PK"));
    export(&place, &["1"], Path::new("/proc/a.xlsx"), "xlsx").expect(1);
    let left = std::fs::read_dir(file.parent().unwrap()).unwrap();
    let hidden: Vec<_> = left
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(".zhendi-"))
        .collect();
    assert_eq!(hidden, Vec::<String>::new());
}
on_both_databases!(wrong_use_is_said_and_nothing_is_written);

async fn a_unit_gets_its_archive(backend: Backend) {
    let place = college(backend).await;
    let folder = place.beside("out");
    std::fs::create_dir(&folder).unwrap();
    let zip = |more: &[&str]| {
        let args = ["export", "survey-zip", "--unit", "图书馆", "--out"];
        place.run(&[args.as_slice(), &[folder.to_str().unwrap()], more].concat())
    };
    zip(&[]).expect(0);
    let made: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let name = made[0].file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(made.len(), 1);
    assert!(name.ends_with("图书馆新媒体（网站）统计.zip"), "{name}");
    assert!(name[..8].bytes().all(|b| b.is_ascii_digit()), "{name}");
    // It is read again, also by the name that some type with the Notice's plus signs.
    let plus = folder.join(format!("{}+图书馆+新媒体（网站）统计.zip", &name[..8]));
    std::fs::copy(&made[0], &plus).unwrap();
    for file in [&made[0], &plus] {
        let report = import(&place, std::slice::from_ref(file));
        assert_eq!(changes(&report), Vec::<[String; 3]>::new());
        assert!(report["compared"].as_array().unwrap().len() > 1);
    }
    zip(&[]).expect(2);
    zip(&["--force"]).expect(0);
    let nowhere = [
        "export",
        "survey-zip",
        "--unit",
        "图书馆",
        "--out",
        "/nowhere",
    ];
    place.run(&nowhere).expect(2);
}
on_both_databases!(a_unit_gets_its_archive);
