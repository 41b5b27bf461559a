//! Annexes 2 and 3 as they come back from people: with moved columns, other words, more rows, nothing merged.

use proptest::prelude::*;
use rust_xlsxwriter::{Format, Workbook};
use zhendi_office::{
    AnnexThreeForm, Reading,
    annex::{Item, Part, Person},
    parse_count,
    write::write_xlsx,
};

use crate::{
    build::forms,
    made,
    round::{read, written},
};

/// One sheet each: lines of cells divided by `|`, and merged areas as first row, first column, last row, last column.
fn book(sheets: &[(&str, &str, &[[u32; 4]])]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, lines, merged) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        for &[top, left, bottom, right] in *merged {
            sheet
                .merge_range(top, left as u16, bottom, right as u16, "", &Format::new())
                .unwrap();
        }
        for (row, line) in (0..).zip(lines.lines()) {
            for (column, text) in (0..).zip(line.split('|')) {
                if !text.trim_matches(' ').is_empty() {
                    sheet
                        .write_string(row, column, text.replace("\\n", "\n"))
                        .unwrap();
                }
            }
        }
    }
    book.save_to_buffer().unwrap()
}

fn one(lines: &str, merged: &[[u32; 4]]) -> AnnexThreeForm {
    let mut reading = forms("表.xlsx", &book(&[("登记表", lines, merged)])).unwrap();
    assert_eq!(reading.registrations.len(), 1, "{reading:?}");
    reading.registrations.remove(0)
}

fn facts(form: &AnnexThreeForm) -> Vec<(Item, String)> {
    read(form)
}

const PLAIN: &str = "\
新媒体（网站）备案登记表
填报部门（盖章）： 图书馆  填表时间：2026年5月1日
认证主体|示例职院 ||帐号／网站／ＡＰＰ名称：|示例图书馆\u{3000}
|
开设单位|图书馆||账号ID|gh_1
开通平台|微信公众号||开通时间 |2016.3
粉丝数||| 发布频率|每周1次
备案类型| □开设 ☑变更 □注销||责任部门|办公室

管理相关人员||职务|姓名|联系电话
主管领导||馆长|刘洋|13800138010
审核人||主任|陈静（变更）|13800138011
|||郑浩|
运维工作人员|1|干事|周涛|13800138013
|2|干事|吴敏|
|3|||
|4|助理|钱坤|0691-2130001
主管部门意见：|
|主管单位（盖章）|2026年5月2日
";

#[test]
fn moved_renamed_unmerged_and_grown() {
    let form = one(PLAIN, &[]);
    assert_eq!(form.declared.unit.as_deref(), Some("图书馆"));
    assert_eq!(form.declared.date.unwrap().to_string(), "2026-05-01");
    let text = |item| form.text(item);
    assert_eq!(text(Item::Name), "示例图书馆");
    assert_eq!(text(Item::CertifiedBody), "示例职院");
    assert_eq!(text(Item::AddressOrId), "gh_1");
    assert_eq!(text(Item::PlatformOrIcp), "微信公众号");
    assert_eq!(text(Item::OpenedOn), "2016.3");
    assert_eq!(text(Item::Followers), "");
    assert_eq!(text(Item::PostingFrequency), "每周1次");
    assert_eq!(text(Item::ResponsibleDepartment), "办公室");
    // Columns of the people in another order, labels not merged downwards.
    assert_eq!(text(Item::Leader(Part::Name)), "刘洋");
    assert_eq!(text(Item::Reviewer(0, Part::Name)), "陈静");
    assert_eq!(text(Item::Reviewer(1, Part::Name)), "郑浩");
    assert_eq!(text(Item::Operator(1, Part::Name)), "吴敏");
    assert_eq!(text(Item::Operator(3, Part::Phone)), "0691-2130001");
    assert_eq!(form.people(), (2, 4));
    assert_eq!(form.marked, [Item::Reviewer(0, Part::Name)].into());
    assert_eq!(form.opinion_date.unwrap().to_string(), "2026-05-02");
    assert_eq!(text(Item::Opinion), "");
    // Blank ones can be pointed at.
    assert_eq!(form.reference(Item::Followers).as_deref(), Some("B7"));
    assert_eq!(
        form.reference(Item::Operator(2, Part::Name)).as_deref(),
        Some("D16")
    );
}

#[test]
fn contents_merged_over_columns_and_labels_with_the_content_behind_a_colon() {
    let form = one(
        "\
账号名称|||甲\n网址|||https://a.example.edu.cn\n开设部门：宣传部|||\n认证主体：|||学院|
发布频次|||每日|\n责任部门\n备案类型|||注销",
        &[
            [0, 0, 0, 2],
            [1, 3, 1, 6],
            [3, 0, 3, 2],
            [4, 0, 4, 2],
            [1, 0, 1, 2],
            [6, 0, 6, 2],
        ],
    );
    let wanted = [
        (Item::Name, "甲"),
        (Item::AddressOrId, "https://a.example.edu.cn"),
        (Item::Unit, "宣传部"),
        (Item::CertifiedBody, "学院"),
        (Item::PostingFrequency, "每日"),
        (Item::FilingKind, "注销"),
    ];
    assert_eq!(
        facts(&form),
        wanted.map(|(item, text)| (item, text.to_owned()))
    );
}

#[test]
fn several_on_one_sheet_and_on_several_sheets() {
    let second = PLAIN
        .replace("示例图书馆", "第二个")
        .replace("图书馆  填", "信息学院  填");
    let both = format!("{PLAIN}注：变更项需在相应栏内标记\n{second}");
    let bytes = book(&[
        ("一", &both, &[]),
        ("二", PLAIN, &[]),
        ("三", "随便|写写\n开设部门|认证主体", &[]),
    ]);
    let reading = forms("表.xlsx", &bytes).unwrap();
    let names: Vec<String> = reading
        .registrations
        .iter()
        .map(|form| form.text(Item::Name))
        .collect();
    assert_eq!(names, ["示例图书馆", "第二个", "示例图书馆"]);
    let units: Vec<&str> = reading
        .registrations
        .iter()
        .filter_map(|form| form.declared.unit.as_deref())
        .collect();
    assert_eq!(units, ["图书馆", "信息学院", "图书馆"]);
    for form in &reading.registrations {
        assert_eq!(form.people(), (2, 4));
        assert_eq!(form.text(Item::Leader(Part::Name)), "刘洋");
        assert_eq!(form.opinion_date.unwrap().to_string(), "2026-05-02");
    }
}

#[test]
fn the_other_forms_are_not_annex_three() {
    for name in [
        "samples/附件1-信息学院.xls",
        "samples/附件4-全校.xls",
        "converted/附件4-全校.ods",
    ] {
        let reading: Reading = forms(name, &crate::build::file(name)).unwrap();
        assert_eq!(reading.forms.len(), 1);
        assert!(
            reading.registrations.is_empty() && reading.summaries.is_empty(),
            "{name}"
        );
    }
}

#[test]
fn an_archive_of_all_four_gives_all_four() {
    let mut parts = Vec::new();
    for (name, sheet) in [
        ("1.xlsx", made::one(None)),
        ("2.xlsx", made::two(None).sheet()),
        ("3.xlsx", made::three(None).sheet()),
        ("4.xlsx", made::four(None)),
    ] {
        let mut out = std::io::Cursor::new(Vec::new());
        write_xlsx(sheet, None, &mut out).unwrap();
        parts.push((name, out.into_inner()));
    }
    let parts: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    let reading = forms("全部.zip", &crate::build::zip(&parts)).unwrap();
    assert_eq!(
        (
            reading.forms.len(),
            reading.summaries.len(),
            reading.registrations.len()
        ),
        (2, 1, 1)
    );
    assert_eq!(reading.registrations[0].file, "3.xlsx");
    assert!(reading.passed_over.is_empty());
}

#[test]
fn annex_two_with_another_platform_and_other_lines_first() {
    let lines = "\
新媒体（网站）基本情况汇总表
填报单位（盖章）：图书馆|||填表人：张三||电话：0691-2130001
|网站|新媒体|||||
项 目||微博|微信|视频号|备注|合  计
委托其他单位运营的新媒体（网站）数量(个)|1|0|0|0||1
\u{3000}单位开设的新媒体（网站）数量（个）|2|1|3个|４|含校友会|10
问题已整改的新媒体（网站）数量（个）|-||||  |
排查出有问题的新媒体（网站）数量（个）|1|||||1
以职务身份开设认证的个人账号（个）||||||0
注：某某";
    let bytes = book(&[("表", lines, &[[2, 1, 3, 1], [2, 2, 2, 4]])]);
    let reading = forms("表.xlsx", &bytes).unwrap();
    let [form] = &reading.summaries[..] else {
        panic!("{reading:?}")
    };
    assert_eq!(form.declared.unit.as_deref(), Some("图书馆"));
    assert_eq!(form.declared.filled_by.as_deref(), Some("张三"));
    let media: Vec<(&str, u32)> = form
        .media
        .iter()
        .map(|(name, column)| (name.as_str(), *column))
        .collect();
    assert_eq!(media, [("微博", 3), ("微信", 4), ("视频号", 5)]);
    assert_eq!(
        (form.website, form.total, form.remark),
        (Some(2), Some(7), Some(6))
    );
    let found: Vec<(usize, u32)> = form
        .lines
        .iter()
        .map(|line| (line.item, line.row))
        .collect();
    assert_eq!(found, [(0, 6), (1, 9), (2, 8), (3, 7), (6, 5)]);
    let first = &form.lines[0];
    let count =
        |cell: &Option<zhendi_office::Cell>| parse_count(&cell.as_ref().unwrap().value).unwrap();
    assert_eq!(count(&first.website), Some(2));
    assert_eq!(
        first.media.iter().map(count).collect::<Vec<_>>(),
        [Some(1), Some(3), Some(4)]
    );
    assert_eq!(count(&first.total), Some(10));
    assert_eq!(first.remark.as_ref().unwrap().text(), "含校友会");
    assert_eq!(first.total.as_ref().unwrap().reference(), "G6");
    assert_eq!(
        form.lines[3]
            .website
            .as_ref()
            .map(|cell| parse_count(&cell.value)),
        Some(Ok(None))
    );
}

#[test]
fn many_people_read_back_each() {
    let person = |at: usize| Person {
        name: format!("人员{at}"),
        post: String::new(),
        phone: format!("1380013{at:04}"),
    };
    let annex = || zhendi_office::annex::AnnexThree {
        reviewers: (0..5).map(person).collect(),
        operators: (5..40).map(person).collect(),
        ..made::three(None)
    };
    let mut out = std::io::Cursor::new(Vec::new());
    write_xlsx(annex().sheet(), None, &mut out).unwrap();
    let reading = forms("表.xlsx", out.get_ref()).unwrap();
    let filled = |annex| {
        written(annex)
            .into_iter()
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let mut wanted = filled(&annex());
    wanted.retain(|_, text| !text.is_empty());
    let found: std::collections::BTreeMap<_, _> =
        read(&reading.registrations[0]).into_iter().collect();
    assert_eq!(found, wanted);
}

/// What a program could be led astray by: labels, roles, seals, headings, in any place and merged in any way.
const WORDS: [&str; 24] = [
    "账号/网站/APP名称",
    "账号ID/网址：",
    "开设部门",
    "认证主体：甲",
    "开通平台/网站ICP",
    "开通时间",
    "粉丝量（关注数）",
    "备案类型",
    "姓  名",
    "职  务",
    "联系电话",
    "主管领导",
    "审核人",
    "运维\n工作\n人员",
    "主管部门意见：同意",
    "主管单位（盖章） 2026年1月2日",
    "注：",
    "（变更）",
    "甲（变更）",
    "填报部门（盖章）：乙",
    "单位开设的新媒体（网站）数量（个）",
    "委托其他单位运营的新媒体（网站）数量（个）",
    "网站",
    "合计",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_people_do_to_a_form(
        words in prop::collection::vec((0u32..14, 0u16..7, 0usize..WORDS.len()), 0..60),
        areas in prop::collection::vec((0u32..14, 0u16..7, 0u32..4, 0u16..4), 0..12),
    ) {
        // By hand: the library refuses areas that overlap, people's programs do not always.
        let place = |row: u32, column: u16| format!("{}{}", zhendi_office::column_letters(u32::from(column) + 1), row + 1);
        let cells: String = words
            .into_iter()
            .map(|(row, column, word)| {
                let (place, word) = (place(row, column), WORDS[word]);
                format!(r#"<row r="{}"><c r="{place}" t="inlineStr"><is><t>{word}</t></is></c></row>"#, row + 1)
            })
            .collect();
        let areas: String = areas
            .into_iter()
            .map(|(row, column, down, right)| {
                format!(r#"<mergeCell ref="{}:{}"/>"#, place(row, column), place(row + down, column + right))
            })
            .collect();
        let sheet = format!("<worksheet><sheetData>{cells}</sheetData><mergeCells>{areas}</mergeCells></worksheet>");
        let bytes = crate::build::xlsx(sheet.as_bytes(), &[]);
        if let Ok(reading) = forms("表.xlsx", &bytes) {
            for form in &reading.registrations {
                prop_assert!(form.cells.keys().all(|item| form.places.contains_key(item)));
                prop_assert!(form.marked.iter().all(|item| form.places.contains_key(item)));
            }
        }
    }
}
