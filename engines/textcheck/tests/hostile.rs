//! What texts do to break a checker: numbers across tags, enormous runs, marks without end, anything at all.

use std::time::{Duration, Instant};

use chrono::NaiveDate;
use proptest::prelude::*;
use zhendi_textcheck::{
    BlockKind, Checker, Context, Finding, Kind, Text, TextBuilder,
    personal::{self, Pattern},
    proofreading, secrecy,
};

const ID: &str = "11010519491231002X";

fn checker() -> Checker {
    Checker::builder()
        .rules(proofreading::rules())
        .rules(personal::rules(vec![
            Pattern::new("2021######").unwrap(),
            Pattern::new("T@####").unwrap(),
        ]))
        .rules(secrecy::rules())
        .build()
        .unwrap()
}

fn context() -> Context {
    Context::on(NaiveDate::from_ymd_opt(2025, 6, 1).unwrap())
}

fn personal(text: &Text<'_>) -> Vec<(&'static str, String)> {
    let findings = checker().check(text, &context());
    findings
        .into_iter()
        .filter(|finding| finding.kind == Kind::PersonalData)
        .map(|finding| (finding.rule, text.as_str()[finding.bytes].to_owned()))
        .collect()
}

fn found(text: &str) -> Vec<(&'static str, String)> {
    personal(&Text::plain(text))
}

#[test]
fn a_number_across_tags_is_one_and_its_place_is_in_the_source() {
    let source = "<p>身份证<b>110105</b><i>1949</i>1231&#48;02X，电话</p>";
    let text = Text::html(source);
    let findings = checker().check(&text, &context());
    let id = findings
        .iter()
        .find(|finding| finding.rule == "personal.resident-id")
        .unwrap();
    assert_eq!(&text.as_str()[id.bytes.clone()], ID);
    assert_eq!(
        &source[id.source.bytes.clone()],
        "110105</b><i>1949</i>1231&#48;02X"
    );
}

#[test]
fn cells_of_a_table_are_not_one_number_and_the_heading_tells() {
    let text = Text::html(
        "<table><tr><th>姓名</th><th>学号</th><th>成绩</th></tr><tr><td>甲</td><td>20210001</td><td>95</td></tr>\
         <tr><td>乙</td><td>2021****</td><td>90</td></tr></table>",
    );
    assert_eq!(
        personal(&text),
        [("personal.person-number", "20210001".to_owned())]
    );
    let split = Text::html("<table><tr><td>110105</td><td>19491231002X</td></tr></table>");
    assert_eq!(personal(&split), []);
}

#[test]
fn tables_of_spreadsheets_have_headings_below_a_title() {
    let mut builder = TextBuilder::new();
    let cell = |row, column| BlockKind::Cell {
        table: 0,
        row,
        column,
        heading: false,
    };
    builder
        .push(cell(0, 0), "获奖名单")
        .push(cell(1, 0), "姓名")
        .push(cell(1, 1), "家庭住址")
        .push(cell(2, 0), "甲某")
        .push(cell(2, 1), "光明路3号");
    assert_eq!(
        personal(&builder.finish()),
        [("personal.address", "光明路3号".to_owned())]
    );
}

#[test]
fn full_width_spaced_and_invisible_signs_hide_nothing() {
    for written in [
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002X",
        "110105-19491231-002X",
        "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X",
        "1101\u{200b}0519\u{feff}491231002X",
        "110105\u{3000}1949\u{3000}1231\u{3000}002x",
    ] {
        let found = found(&format!("证件{written}。"));
        assert_eq!(
            found,
            [("personal.resident-id", written.to_owned())],
            "{written}"
        );
    }
}

#[test]
fn what_is_masked_or_wrong_is_no_finding() {
    for written in [
        "110105********002X",
        "110105194912310021",
        "110105194913310026",
        "010105194912310020",
        "138****5678",
        "1380000****",
        "a***@example.com",
        "6222 **** **** 1234",
        "2021******",
    ] {
        assert_eq!(found(&format!("某某 {written} 某某")), [], "{written}");
    }
}

#[test]
fn one_digit_wrong_in_a_resident_number_is_seen() {
    for at in 0..17 {
        let mut wrong: Vec<char> = ID.chars().collect();
        let digit = wrong[at].to_digit(10).unwrap();
        wrong[at] = char::from_digit((digit + 1) % 10, 10).unwrap();
        let wrong: String = wrong.into_iter().collect();
        assert_eq!(found(&format!("号{wrong}。")), [], "{wrong}");
    }
}

#[test]
fn patterns_of_the_institution_find_numbers_without_a_word() {
    assert_eq!(
        found("张某（2021013245）和TA0123到会，2022013245没有"),
        [
            ("personal.person-number", "2021013245".to_owned()),
            ("personal.person-number", "TA0123".to_owned()),
        ]
    );
    for bad in ["", "####", "abcde", "####-####", "中文####"] {
        assert!(Pattern::new(bad).is_err(), "{bad}");
    }
}

/// A quarter of a megabyte each: a rule that looks at everything for everything would take hours.
#[test]
fn the_worst_texts_are_read_once() {
    let checker = checker();
    let pieces = [
        "1",
        "1 ",
        "12-",
        "（",
        "）",
        "“",
        "”",
        "《“》",
        "“‘",
        "”’”",
        "的",
        "学校",
        "一是",
        "一、",
        "（1）；",
        "①",
        "第",
        "：1.",
        "@",
        "a@",
        "a.b@c.",
        "张三老师",
        "京A",
        "《一二三四五六》",
        "与学院",
        "2024-",
        "1:",
        "10—",
        "2月3日至",
        "密",
        "机 密",
        "内",
        "不得",
        "外传",
        "〔2024〕",
        "住址",
        "号楼",
        "1栋",
        "１",
        "\t",
        "身份证\t",
        "138\t",
        "0731-",
        "86 ",
        "62",
        "6222 ",
        "学号",
        "出生，",
        "三点要求：",
        "三、四",
        "账号帐号",
        "科学与技术学院",
        "\u{200b}",
        " ",
        "\u{3000}",
        "★",
        "女，1990年1月生",
    ];
    for piece in pieces {
        let text = piece.repeat((1 << 20) / piece.len() / 4);
        for text in [
            text.clone(),
            format!("{text}\n").repeat(2),
            text.replace("，", "\n"),
        ] {
            let begin = Instant::now();
            let _ = checker.check(&Text::plain(&text), &context());
            let took = begin.elapsed();
            assert!(took < Duration::from_secs(8), "{piece:?} took {took:?}");
        }
    }
}

#[test]
fn a_hundred_thousand_digits_are_no_finding() {
    let digits = "1101051949123100".repeat(6250);
    assert_eq!(found(&digits), []);
    let spaced: String = digits.chars().map(|digit| format!("{digit} ")).collect();
    assert_eq!(found(&spaced), []);
}

fn sound(text: &Text<'_>, findings: &[Finding]) {
    for finding in findings {
        assert!(finding.bytes.start <= finding.bytes.end, "{finding:?}");
        assert!(
            text.as_str().get(finding.bytes.clone()).is_some(),
            "{finding:?}"
        );
        assert!(
            text.source().get(finding.source.bytes.clone()).is_some(),
            "{finding:?}"
        );
        assert!(
            !finding.message.is_empty() && finding.rule.contains('.'),
            "{finding:?}"
        );
    }
}

/// Pieces of what the rules look for, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "1",
        "0",
        "13800001234",
        ID,
        "１９",
        "X",
        "-",
        " ",
        "\u{3000}",
        "\t",
        "\n",
        "年",
        "月",
        "日",
        "号",
        "时",
        "分",
        ":",
        "：",
        "（",
        "）",
        "(",
        ")",
        "“",
        "”",
        "‘",
        "’",
        "《",
        "》",
        "，",
        "。",
        "、",
        ",",
        ".",
        "一",
        "二",
        "十",
        "百",
        "是",
        "要",
        "第",
        "章",
        "条",
        "①",
        "③",
        "项",
        "点要求",
        "星期",
        "周",
        "三",
        "至",
        "—",
        "上午",
        "次日",
        "学校",
        "的",
        "了",
        "@",
        "a.com",
        "京A",
        "住址",
        "路",
        "栋",
        "室",
        "姓名",
        "学号",
        "身份证",
        "电话",
        "绝密",
        "★",
        "机 密",
        "内部",
        "不得",
        "外传",
        "〔2024〕",
        "密字",
        "张晓明教授",
        "张小明教授",
        "账号",
        "帐号",
        "与",
        "学院",
        "女",
        "生",
        "\u{200b}",
        "\u{feff}",
        "😀",
        "é",
        "<b>",
        "</b>",
        "&amp;",
        "<td>",
        "%",
        "～",
        "万",
        "*",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn nothing_panics_and_every_place_is_between_characters(text in prop_oneof![pieces(), any::<String>()]) {
        let checker = checker();
        let plain = Text::plain(&text);
        sound(&plain, &checker.check(&plain, &context().titled(text.clone())));
        let html = Text::html(&text);
        sound(&html, &checker.check(&html, &context()));
    }

    #[test]
    fn every_good_resident_number_is_found_and_no_bad_one(area in prop::sample::select(vec![110105, 440106, 650102]), days in 0..40_000i64, order in 1..999u32, shift in 1..11u32) {
        let born = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Days::new(days.unsigned_abs());
        let body = format!("{area}{}{order:03}", born.format("%Y%m%d"));
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = body.chars().zip(weights).map(|(c, weight)| c.to_digit(10).unwrap() * weight).sum();
        let sign = |at: u32| "10X98765432".chars().nth((at % 11) as usize).unwrap();
        let good = format!("{body}{}", sign(sum));
        let bad = format!("{body}{}", sign(sum + shift));
        prop_assert_eq!(found(&format!("证件号{good}，")), [("personal.resident-id", good)]);
        let others = found(&format!("证件号{bad}，"));
        prop_assert!(others.iter().all(|(rule, _)| *rule != "personal.resident-id"));
    }
}
