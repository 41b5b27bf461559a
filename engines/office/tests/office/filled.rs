//! The annexes go out, are filled in with LibreOffice, come back, and the differences are exactly what was filled in.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::json;
use zhendi_office::{
    AnnexThreeForm, AnnexTwoForm, Field, FilingKind, Form, Limits, Reading,
    annex::{AnnexThree, Item, Part, Person},
    parse_count, parse_filing_kind, parse_partial_date, read_forms,
};

use crate::{
    made,
    tools::{PYTHON, folder, save, script},
};

const FORMATS: [(&str, &str); 2] = [("xls", "MS Excel 97"), ("xlsx", "Calc MS Excel 2007 XML")];

fn reading(file: &Path) -> Reading {
    let bytes = std::fs::read(file).unwrap();
    read_forms("表", &bytes, &Limits::default()).unwrap()
}

/// Row by row and field by field, by the number of the row among the form's.
fn rows(form: &Form) -> BTreeMap<(usize, Field), String> {
    let cells = form.rows.iter().enumerate().flat_map(|(at, row)| {
        let cells = row.cells();
        cells.map(move |(field, cell)| {
            let day = parse_partial_date(&cell.value).ok().flatten();
            let day = day
                .filter(|_| field == Field::OpenedOn)
                .map(|day| day.to_string());
            ((at, field), day.unwrap_or_else(|| cell.text().into_owned()))
        })
    });
    cells.collect()
}

fn lines(form: &AnnexTwoForm) -> BTreeMap<(usize, String), String> {
    let mut all = BTreeMap::new();
    for line in &form.lines {
        let media = form
            .media
            .iter()
            .zip(&line.media)
            .map(|((heading, _), cell)| (heading.as_str(), cell));
        let others = [
            ("网站", &line.website),
            ("合计", &line.total),
            ("备注", &line.remark),
        ];
        for (heading, cell) in media.chain(others) {
            if let Some(cell) = cell {
                let text = match parse_count(&cell.value) {
                    Ok(Some(count)) => count.to_string(),
                    _ => cell.text().into_owned(),
                };
                all.insert((line.item, heading.to_owned()), text);
            }
        }
    }
    all
}

fn items(form: &AnnexThreeForm) -> BTreeMap<Item, String> {
    let cells = form.cells.iter();
    cells
        .map(|(item, cell)| (*item, cell.text().into_owned()))
        .collect()
}

/// What is otherwise after than before: where, before, after.
fn differences<K: Ord + Clone + Debug>(
    before: &BTreeMap<K, String>,
    after: &BTreeMap<K, String>,
) -> Vec<(K, String, String)> {
    let mut keys: Vec<&K> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    let text = |map: &BTreeMap<K, String>, key| map.get(key).cloned().unwrap_or_default();
    keys.into_iter()
        .map(|key| (key.clone(), text(before, key), text(after, key)))
        .filter(|(_, before, after)| before != after)
        .collect()
}

fn change<K>(key: K, before: &str, after: &str) -> (K, String, String) {
    (key, before.to_owned(), after.to_owned())
}

/// A registration as the unit gets it: half filled in, with one operator.
fn sent() -> AnnexThree {
    AnnexThree {
        operators: vec![Person {
            name: "周涛".into(),
            post: "干事".into(),
            phone: "13800138013".into(),
        }],
        reviewers: vec![Person::default()],
        opinion: String::new(),
        opinion_date: None,
        filing_kind: String::new(),
        followers: String::new(),
        changed: Default::default(),
        ..made::three(Some(made::proof()))
    }
}

#[test]
fn what_libreoffice_fills_in_is_the_whole_difference() {
    let folder = folder();
    let file = |annex: u8, format: &str| folder.path().join(format!("annex{annex}.{format}"));
    let mut tasks = Vec::new();
    let mut before = BTreeMap::new();
    for (format, filter) in FORMATS {
        save(made::one(Some(made::proof())), &file(1, format));
        save(made::two(Some(made::proof())).sheet(), &file(2, format));
        save(sent().sheet(), &file(3, format));
        save(made::four(Some(made::proof())), &file(4, format));
        for annex in 1..=4 {
            before.insert((annex, format), reading(&file(annex, format)));
        }
        let mut task = |annex, rows: &[u32], cells: serde_json::Value| {
            let file = file(annex, format);
            tasks.push(json!({ "file": file, "filter": filter, "rows": rows, "cells": cells }));
        };
        // A row corrected, one cleared of its remark, one more account at the end.
        task(
            1,
            &[9],
            json!({
                "F5": "无更新", "G5": "是", "L5": "13900139009", "M6": "",
                "A9": "5", "B9": "信息学院抖音", "C9": "信息学院", "D9": "示例职业技术学院", "E9": "抖音",
                "F9": "无问题", "G9": "-", "H9": " 是　", "I9": "是", "J9": "否", "K9": "王芳", "L9": "13800138009",
            }),
        );
        task(
            2,
            &[],
            json!({ "B6": "8", "C6": "３", "I6": "121", "J7": "新增1个" }),
        );
        // A second reviewer and a fifth person by an inserted row, the changed item marked as the note asks.
        task(
            3,
            &[14],
            json!({
                "C4": "信息学院融媒体（变更）", "C7": "12,345", "E8": "□开设 ☑变更 □注销",
                "C11": "陈静", "D11": "办公室主任", "E11": "13800138011",
                "C13": "吴敏", "D13": "干事", "E13": "13800138014", "C14": "孙莉",
                "A16": "主管部门意见：\n情况属实，同意。\n\n\n　　　　主管单位（盖章）  2026年12月1日",
                "A3": "填报部门（盖章）：信息学院     填表时间：2026年11月30日",
            }),
        );
        task(
            4,
            &[8],
            json!({
                "C5": "https://www.example.edu.cn/", "G7": "2015-09-01",
                "A8": "5", "B8": "示例职院视频号", "D8": "党委宣传部", "E8": "示例职业技术学院", "F8": "视频号",
                "G8": "2026年9月", "H8": "刘洋", "I8": "陈静", "J8": "周涛", "K8": "13800138010", "L8": "开设",
            }),
        );
    }
    let mut python = Command::new(PYTHON)
        .arg(script("fill.py"))
        .arg(folder.path())
        .stdin(Stdio::piped())
        .spawn()
        .expect("Debian's Python; see scripts/install.sh test");
    let input = serde_json::to_vec(&tasks).unwrap();
    python.stdin.take().unwrap().write_all(&input).unwrap();
    assert!(python.wait().unwrap().success());

    for (format, _) in FORMATS {
        let (was, is) = (
            &before[&(1, format)].forms[0],
            &reading(&file(1, format)).forms[0],
        );
        use Field as F;
        assert_eq!(
            differences(&rows(was), &rows(is)),
            [
                change((0, F::Problems), "无问题", "无更新"),
                change((0, F::Rectified), "-", "是"),
                change((0, F::OwnerPhone), "13800138001", "13900139009"),
                change((1, F::Remarks), "https://xxgc.example.edu.cn/", ""),
                change((4, F::Name), "", "信息学院抖音"),
                change((4, F::OpeningUnit), "", "信息学院"),
                change((4, F::CertifiedBody), "", "示例职业技术学院"),
                change((4, F::Platform), "", "抖音"),
                change((4, F::Problems), "", "无问题"),
                change((4, F::Rectified), "", "-"),
                change((4, F::Interactive), "", "是"),
                change((4, F::ReviewSystem), "", "是"),
                change((4, F::Outsourced), "", "否"),
                change((4, F::OwnerName), "", "王芳"),
                change((4, F::OwnerPhone), "", "13800138009"),
            ],
            "annex 1 as {format}"
        );
        assert_eq!(was.declared, is.declared);

        let (was, is) = (
            &before[&(2, format)].summaries[0],
            &reading(&file(2, format)).summaries[0],
        );
        assert_eq!(
            differences(&lines(was), &lines(is)),
            [
                change((0, "合计".to_owned()), "112", "121"),
                change((0, "微博".to_owned()), "0", "3"),
                change((0, "网站".to_owned()), "7", "8"),
                change((1, "备注".to_owned()), "", "新增1个"),
            ],
            "annex 2 as {format}"
        );
        assert_eq!(was.declared, is.declared);

        let (was, is) = (
            &before[&(3, format)].registrations[0],
            &reading(&file(3, format)).registrations[0],
        );
        assert_eq!(
            differences(&items(was), &items(is)),
            [
                change(Item::Name, "示例职业技术学院信息学院", "信息学院融媒体"),
                change(Item::Followers, "", "12345"),
                change(Item::FilingKind, "", "□开设 ☑变更 □注销"),
                change(Item::Reviewer(0, Part::Name), "", "陈静"),
                change(Item::Reviewer(0, Part::Post), "", "办公室主任"),
                change(Item::Reviewer(0, Part::Phone), "", "13800138011"),
                change(Item::Operator(1, Part::Name), "", "吴敏"),
                change(Item::Operator(1, Part::Post), "", "干事"),
                change(Item::Operator(1, Part::Phone), "", "13800138014"),
                change(Item::Operator(2, Part::Name), "", "孙莉"),
                change(Item::Opinion, "", "情况属实，同意。"),
            ],
            "annex 3 as {format}"
        );
        assert_eq!(is.marked, [Item::Name].into());
        assert_eq!(
            parse_filing_kind(&is.text(Item::FilingKind)),
            Ok(Some(FilingKind::Change))
        );
        assert_eq!(is.opinion_date.unwrap().to_string(), "2026-12-01");
        assert_eq!(is.declared.date.unwrap().to_string(), "2026-11-30");
        assert_eq!(
            is.reference(Item::Operator(1, Part::Phone)).as_deref(),
            Some("E13")
        );
        assert_eq!(is.people(), (1, 4));

        let (was, is) = (
            &before[&(4, format)].forms[0],
            &reading(&file(4, format)).forms[0],
        );
        assert_eq!(
            differences(&rows(was), &rows(is)),
            [
                change(
                    (1, F::AccountId),
                    "https://www.example.edu.cn",
                    "https://www.example.edu.cn/"
                ),
                change((3, F::OpenedOn), "", "2015-09-01"),
                change((4, F::Name), "", "示例职院视频号"),
                change((4, F::OpeningUnit), "", "党委宣传部"),
                change((4, F::CertifiedBody), "", "示例职业技术学院"),
                change((4, F::Platform), "", "视频号"),
                change((4, F::OpenedOn), "", "2026-09"),
                change((4, F::Leader), "", "刘洋"),
                change((4, F::Reviewer), "", "陈静"),
                change((4, F::Operator), "", "周涛"),
                change((4, F::OperatorPhone), "", "13800138010"),
                change((4, F::FilingKind), "", "开设"),
            ],
            "annex 4 as {format}"
        );
        assert_eq!(was.declared, is.declared);
    }
}
