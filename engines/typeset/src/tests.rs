use super::*;
use serde_json::{Value, json};
use typst::layout::{Frame, FrameItem};
use zhendi_office::{annex, sheet::Proof};

const LINK: &str = "https://zhendi.example.edu.cn/filings/7";

fn typesetter() -> Typesetter {
    let system = FontSource {
        system: true,
        ..FontSource::default()
    };
    Typesetter::new(&system).expect("the tests need a Chinese font: fonts-noto-cjk")
}

/// The text of each page, in the order of drawing, without the places where a line may break.
fn pages(document: &PagedDocument) -> Vec<String> {
    fn gather(frame: &Frame, into: &mut String) {
        for (_, item) in frame.items() {
            match item {
                FrameItem::Text(text) => into.push_str(&text.text),
                FrameItem::Group(group) => gather(&group.frame, into),
                _ => {}
            }
        }
    }
    let page = |page: &typst_layout::Page| {
        let mut text = String::new();
        gather(&page.frame, &mut text);
        text.replace('\u{200B}', "")
    };
    document.pages().iter().map(page).collect()
}

fn cell(text: impl Into<String>) -> Value {
    json!({ "style": "body", "size": 10.5, "align": "left", "border": true, "colspan": 1, "rowspan": 1,
            "marked": false, "text": text.into() })
}

fn row<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Value {
    json!({ "height": null, "cells": texts.into_iter().map(cell).collect::<Vec<_>>() })
}

fn sheet_of(body: Vec<Value>) -> Value {
    let mut title = cell("在册账号");
    title["style"] = "title".into();
    title["colspan"] = 2.into();
    let headings = row(["序号标题", "内容标题"]);
    json!({
        "name": "在册账号", "page": { "landscape": false, "margin_x": 20, "margin_y": 20 },
        "columns": [40.0, 130.0], "repeated": 1,
        "head": [{ "height": null, "cells": [title] }, headings], "body": body, "foot": [row(["注"])],
        "proof": { "number": "校网备〔2026〕12号", "hash": "0123456789abcdef".repeat(4), "link": LINK },
    })
}

/// The sheet as it is laid out.
fn laid_out(typesetter: &Typesetter, mut data: Value) -> PagedDocument {
    sheet::make_breakable(&mut data);
    let qr = qr_svg(LINK).expect("short");
    set(
        &typesetter.0,
        sheet::source(),
        &data,
        &[("qr.svg", qr.as_bytes())],
    )
    .expect("the data are right")
}

#[test]
fn texts_are_texts_whatever_they_say() {
    let hostile = [
        r#"#read("/etc/passwd")"#,
        "$x^2$ *bold* _it_ `raw` = heading // not /* a */ comment",
        r"\ \u{41} \#",
        "#let x = 1; #panic()",
        "\u{202E}right to left\u{202C} \u{200F}ש",
        "👩🏽‍🚀🀄",
        "\u{378}\u{E000}\u{10FFFF}",
        "a\u{0}b\u{7}c",
        "]]] }}} ))) \"' <label> @ref ~ --- ...",
        "https://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=MzA3Njk1#rd",
    ];
    let data = sheet_of(hostile.iter().map(|text| row(["1", text])).collect());
    let typesetter = typesetter();
    let text = pages(&laid_out(&typesetter, data.clone())).join("");
    for wanted in hostile {
        // Marks that turn the direction of writing show nothing and may be dropped.
        let plain = |c: char| c.is_ascii_graphic();
        let wanted: String = wanted.chars().filter(|c| plain(*c)).collect();
        let found: String = text.chars().filter(|c| plain(*c)).collect();
        assert!(found.contains(&wanted), "{wanted} is not in {found}");
    }
    let pdf = typesetter.sheet(data).expect("all of it can be written");
    assert!(pdf.starts_with(b"%PDF-"));
}

#[test]
fn templates_reach_nothing_of_the_machine() {
    let typesetter = typesetter();
    for wish in [
        r#"#read("/etc/passwd")"#,
        r#"#read("../../../../etc/passwd")"#,
        r#"#image("/etc/hostname")"#,
        r#"#import "@preview/example:0.1.0": *"#,
        r#"#include "other.typ""#,
        "#datetime.today()",
    ] {
        let refused = typesetter.pdf(wish, &json!({}), &[]);
        assert!(
            matches!(refused, Err(TypesetError::Template(_))),
            "{wish}: {refused:?}"
        );
    }
    let wrong = typesetter.pdf("好\n#nothing", &json!({}), &[]);
    assert_eq!(
        wrong,
        Err(TypesetError::Template(
            "line 2: unknown variable: nothing".into()
        ))
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let typesetter = typesetter();
    let one = sheet_of(vec![row(["1", "计算机学院"])]);
    let other = sheet_of(vec![row(["1", "图书馆"])]);
    let first = typesetter.sheet(one.clone()).expect("set");
    let second = typesetter.sheet(other).expect("set");
    assert_ne!(first, second);
    assert_eq!(first, typesetter.sheet(one).expect("set"));
}

#[test]
fn a_table_repeats_its_headings_and_numbers_its_pages() {
    let rows = (1..=120).map(|n| row([n.to_string(), format!("第{n}个账号")]));
    let document = laid_out(&typesetter(), sheet_of(rows.collect()));
    let pages = pages(&document);
    assert!(pages.len() > 2, "{} pages", pages.len());
    for (at, page) in pages.iter().enumerate() {
        assert!(page.contains("序号标题"), "{page}");
        let foot = format!("第 {} 页共 {} 页", at + 1, pages.len());
        assert!(page.contains(&foot), "{foot} is not in {page}");
        assert!(page.contains("校网备〔2026〕12号") && page.contains(LINK));
    }
    use typst::model::Document;
    assert_eq!(document.info().title.as_deref(), Some("在册账号"));
}

#[test]
fn a_cell_longer_than_a_page_goes_on() {
    let long = "一二三四五六七八九十".repeat(10_000);
    let document = laid_out(&typesetter(), sheet_of(vec![row(["1", &long])]));
    let pages = pages(&document);
    assert!(pages.len() > 30, "{} pages", pages.len());
    let written = pages.join("").matches('七').count();
    assert_eq!(written, 10_000);
}

#[test]
fn a_long_sheet_is_one_document_with_running_pages() {
    let typesetter = typesetter();
    let rows = |n: usize| (1..=n).map(|n| Ok(row([format!("〔{n}〕"), format!("第{n}个账号")])));
    let document = typesetter
        .long_pages(sheet_of(vec![]), rows(1_000))
        .expect("set");
    let pages = pages(&document);
    let text = pages.join("");
    let mut from = 0;
    for n in 1..=1_000 {
        let at = text[from..].find(&format!("〔{n}〕"));
        from += at.unwrap_or_else(|| panic!("row {n} is missing or out of order"));
    }
    assert_eq!(text.matches("在册账号").count(), 1, "one title");
    assert!(
        pages.last().is_some_and(|page| page.contains('注')),
        "notes at the end"
    );
    for (at, page) in pages.iter().enumerate() {
        assert!(page.contains("序号标题"));
        assert!(
            page.contains(&format!("第 {} 页共 {} 页", at + 1, pages.len())),
            "{page}"
        );
    }
    let failing = rows(3).chain([Err(TypesetError::Data("gone".into()))]);
    assert_eq!(
        typesetter.long_sheet(sheet_of(vec![]), failing),
        Err(TypesetError::Data("gone".into()))
    );
}

#[test]
fn a_sheet_crosses_to_another_process_whole_or_not_at_all() {
    let typesetter = typesetter();
    let (head, rows) = (sheet_of(vec![]), || {
        (1..=9).map(|n| Ok(row([n.to_string(), "x".into()])))
    });
    let mut lines = vec![];
    write_lines(
        &mut lines,
        &head,
        rows().map(|row: Result<Value, TypesetError>| row.map_err(std::io::Error::other)),
    )
    .expect("written");
    let here = typesetter.long_sheet(head, rows());
    assert_eq!(typesetter.sheet_from_lines(&lines[..]), here);
    for cut in [0, 10, lines.len() / 2, lines.len() - 7, lines.len() - 1] {
        let refused = typesetter.sheet_from_lines(&lines[..cut]);
        assert!(
            matches!(refused, Err(TypesetError::Data(_))),
            "cut at {cut}"
        );
    }
}

#[test]
fn annex_three_of_the_office_goes_onto_one_page() {
    let person = |name: &str| annex::Person {
        name: name.into(),
        post: "辅导员".into(),
        phone: "13800138000".into(),
    };
    let form = annex::AnnexThree {
        department: "计算机学院".into(),
        name: "#计院青年 $".into(),
        address_or_id: "gh_0123456789abcdef0123456789abcdef".into(),
        leader: person("张三"),
        reviewers: vec![person("李四"), person("王五")],
        operators: ["甲", "乙", "丙", "丁"].map(person).to_vec(),
        opinion: "同意备案。".into(),
        proof: Some(Proof {
            number: "校网备〔2026〕12号".into(),
            hash: "0123456789abcdef".repeat(4),
            link: LINK.into(),
        }),
        ..annex::AnnexThree::default()
    };
    let data = form.sheet().to_typst_data().expect("rows from memory");
    let document = laid_out(&typesetter(), data);
    let [page] = &pages(&document)[..] else {
        panic!("{} pages", document.pages().len());
    };
    for wanted in [
        "新媒体（网站）备案登记表",
        "#计院青年 $",
        "gh_0123456789abcdef0123456789abcdef",
        "王五",
        "丁",
        "同意备案。",
        "主管单位（盖章）",
        "校网备〔2026〕12号",
        LINK,
    ] {
        assert!(page.contains(wanted), "{wanted} is not in {page}");
    }
}

#[test]
fn without_chinese_fonts_it_says_where_it_looked() {
    let folder = std::env::temp_dir().join("zhendi-no-fonts-here");
    let source = FontSource {
        folder: Some(folder.clone()),
        system: false,
    };
    let refused = Typesetter::new(&source).expect_err("there is no font");
    let words = refused.to_string();
    assert!(words.contains(&folder.display().to_string()), "{words}");
    assert!(
        words.contains("fonts-noto-cjk") && words.contains("fonts.folder"),
        "{words}"
    );
}

#[test]
fn every_role_is_served_and_says_by_what() {
    let typesetter = typesetter();
    assert_eq!(typesetter.fonts().len(), Role::ALL.len());
    let standing_in = typesetter.fonts().iter().filter(|chosen| !chosen.own);
    let notes = typesetter.notes();
    assert_eq!(notes.len(), standing_in.clone().count());
    for (chosen, note) in standing_in.zip(notes) {
        assert!(
            note.contains(chosen.role.label()) && note.contains(&chosen.family),
            "{note}"
        );
    }
}

#[test]
fn a_link_that_no_code_holds_is_refused() {
    assert!(qr_svg(LINK).is_some_and(|svg| svg.contains("<svg")));
    assert_eq!(qr_svg(&"长".repeat(3_000)), None);
}

#[cfg(target_os = "linux")]
#[test]
fn who_rests_gives_the_memory_of_the_fonts_back() {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").expect("a status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let text = line.expect("a line").trim_start_matches("VmRSS:");
        let number = text.trim().trim_end_matches(" kB");
        number.parse::<u64>().expect("a number")
    };
    let typesetter = typesetter();
    let first = typesetter
        .sheet(sheet_of(vec![row(["1", "阵地"])]))
        .expect("a PDF");
    let busy = resident();
    typesetter.rest();
    let resting = resident();
    // A font for Chinese has some ten megabytes at least.
    assert!(resting + 10_000 < busy, "{resting} kB after {busy} kB");
    let again = typesetter
        .sheet(sheet_of(vec![row(["1", "阵地"])]))
        .expect("a PDF");
    assert_eq!(first, again);
}
