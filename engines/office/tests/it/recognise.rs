//! Forms found wherever they stand and however their headings are written.

use rust_xlsxwriter::{Format, Workbook, Worksheet};
use zhendi_office::{Field, FormError, FormKind, ReadError, Skipped};

use crate::build::{forms, zip};

const ANNEX_1: [&str; 13] = [
    "序号",
    "账号（网站）名称",
    "开设单位",
    "认证主体",
    "类型",
    "问题排查情况",
    "是否整改",
    "是否具有互动功能",
    "是否建立内容发布审核制度",
    "是否委托其他单位运营",
    "账号负责人姓名",
    "账号负责人手机号",
    "备注",
];
const ROW_1: [&str; 13] = [
    "1",
    "信息学院",
    "信息学院",
    "示例学院",
    "网站",
    "无问题",
    "-",
    "是",
    "是",
    "否",
    "李明",
    "13800138001",
    "",
];
const ANNEX_4: [&str; 12] = [
    "序号",
    "账号（网站/APP）名称",
    "账号ID（网址）",
    "开设部门",
    "认证主体",
    "类型",
    "开通时间",
    "主管领导",
    "审核人",
    "运维负责人",
    "运维负责人联系电话",
    "备案类型",
];
const ROW_4: [&str; 12] = [
    "1",
    "示例职院",
    "gh_1",
    "团委",
    "示例学院",
    "微博",
    "2012/5/4",
    "刘洋",
    "陈静",
    "周涛",
    "13800138010",
    "开设",
];
const PEOPLE: [&str; 9] = [
    "单位",
    "单位简称",
    "姓名",
    "工号",
    "用工性质",
    "职务",
    "手机",
    "邮箱",
    "角色",
];

fn line(sheet: &mut Worksheet, row: u32, column: u16, texts: &[&str]) {
    for (text, at) in texts.iter().zip(column..) {
        if !text.is_empty() {
            sheet.write(row, at, *text).unwrap();
        }
    }
}

fn save(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap()
}

fn one_sheet(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    save(|book| fill(book.add_worksheet()))
}

fn merge(sheet: &mut Worksheet, from: (u32, u16), to: (u32, u16), text: &str) {
    sheet
        .merge_range(from.0, from.1, to.0, to.1, text, &Format::new())
        .unwrap();
}

fn error(bytes: &[u8]) -> FormError {
    match forms("表.xlsx", bytes) {
        Err(ReadError::Form(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn headings_in_any_order_place_and_writing() {
    let headings = [
        "备 注",
        "账号负责人\n手机号",
        "账号负责人\r\n姓 名",
        "是否委托其他\n单位运营（是/否）",
        "是否建立内容\n发布审核制度",
        "是否 具有 互动功能*",
        "是否整改：",
        "问题排\n查情况",
        "类型【微信公众号/微博/网站/APP等】",
        "认证主体",
        "开设单位 ",
        "\u{feff}帐号(网站)\u{a0}名称",
        "序\u{3000}号",
    ];
    let row = ROW_1.iter().rev().copied().collect::<Vec<_>>();
    let bytes = save(|book| {
        book.add_worksheet()
            .set_name("填表说明")
            .unwrap()
            .write(0, 0, "请按要求填写")
            .unwrap();
        let sheet = book.add_worksheet();
        line(sheet, 37, 2, &["附件1"]);
        line(sheet, 40, 2, &headings);
        line(sheet, 41, 2, &row);
    });
    let reading = forms("表.xlsx", &bytes).unwrap();
    let [form] = &reading.forms[..] else { panic!() };
    assert_eq!(
        (form.kind, form.heading_row, form.sheet.as_str()),
        (FormKind::Annex1, 41, "Sheet2")
    );
    assert_eq!(form.columns.len(), 13);
    assert_eq!(form.rows[0].text(Field::OwnerPhone), "13800138001");
    assert_eq!(form.rows[0].text(Field::Name), "信息学院");
    assert_eq!(
        form.rows[0].cell(Field::OwnerPhone).unwrap().reference(),
        "D42"
    );
}

#[test]
fn headings_split_over_two_rows_by_merges() {
    let bytes = one_sheet(|sheet| {
        merge(sheet, (0, 0), (0, 12), "新媒体（网站）基本情况统计表");
        for (column, heading) in ANNEX_1.iter().enumerate() {
            let column = column as u16;
            if !matches!(column, 7..=11) {
                merge(sheet, (1, column), (2, column), heading);
            }
        }
        merge(sheet, (1, 7), (1, 9), "是否");
        line(
            sheet,
            2,
            7,
            &["具有互动功能", "建立内容发布审核制度", "委托其他单位运营"],
        );
        merge(sheet, (1, 10), (1, 11), "账号负责人");
        line(sheet, 2, 10, &["姓名", "手机号"]);
        line(sheet, 3, 0, &ROW_1);
    });
    let reading = forms("表.xlsx", &bytes).unwrap();
    let [form] = &reading.forms[..] else { panic!() };
    assert_eq!(
        (form.heading_row, form.columns.len(), form.rows.len()),
        (3, 13, 1)
    );
    assert_eq!(form.rows[0].text(Field::OwnerName), "李明");
    assert_eq!(form.rows[0].text(Field::OwnerPhone), "13800138001");
    assert_eq!(form.rows[0].text(Field::Interactive), "是");
}

#[test]
fn a_title_above_does_not_count_as_heading() {
    let bytes = one_sheet(|sheet| {
        merge(sheet, (0, 0), (0, 11), "新媒体（网站）备案汇总表");
        line(sheet, 1, 0, &ANNEX_4);
        line(sheet, 2, 0, &ROW_4);
    });
    let form = forms("表.xlsx", &bytes).unwrap().forms.remove(0);
    assert_eq!(
        (form.kind, form.heading_row, form.rows.len()),
        (FormKind::Annex4, 2, 1)
    );
}

#[test]
fn several_tables_are_several_forms() {
    let bytes = save(|book| {
        let sheet = book.add_worksheet();
        line(sheet, 0, 0, &["填报单位（盖章）：信息学院  填表人：张三"]);
        line(sheet, 1, 0, &ANNEX_1);
        line(sheet, 2, 0, &ROW_1);
        line(sheet, 3, 0, &["注：各占一行。"]);
        line(sheet, 5, 0, &["附件4"]);
        line(sheet, 6, 0, &["填报部门：宣传部   填表人：周涛"]);
        line(sheet, 7, 0, &ANNEX_4);
        line(sheet, 8, 0, &ROW_4);
        line(sheet, 9, 0, &ROW_4);
        let sheet = book.add_worksheet();
        line(sheet, 0, 0, &ANNEX_1);
        line(sheet, 1, 0, &ROW_1);
    });
    let forms = forms("表.xlsx", &bytes).unwrap().forms;
    let seen: Vec<_> = forms
        .iter()
        .map(|f| (f.kind, f.sheet.as_str(), f.heading_row, f.rows.len()))
        .collect();
    assert_eq!(
        seen,
        [
            (FormKind::Annex1, "Sheet1", 2, 1),
            (FormKind::Annex4, "Sheet1", 8, 2),
            (FormKind::Annex1, "Sheet2", 1, 1)
        ]
    );
    assert_eq!(forms[0].declared.unit.as_deref(), Some("信息学院"));
    assert_eq!(forms[1].declared.unit.as_deref(), Some("宣传部"));
    assert_eq!(forms[1].declared.filled_by.as_deref(), Some("周涛"));
}

#[test]
fn tables_side_by_side_are_two_forms() {
    let bytes = one_sheet(|sheet| {
        for (left, name) in [(0, "甲"), (14, "乙")] {
            line(sheet, 0, left, &ANNEX_1);
            let mut row = ROW_1;
            row[1] = name;
            line(sheet, 1, left, &row);
        }
        line(sheet, 2, 14, &ROW_1);
    });
    let forms = forms("表.xlsx", &bytes).unwrap().forms;
    assert_eq!(
        forms.iter().map(|f| f.rows.len()).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(forms[1].rows[0].text(Field::Name), "乙");
}

#[test]
fn examples_numbers_and_notes_are_counted_and_left_out() {
    let mut example = ROW_1;
    example[12] = "例";
    let bytes = one_sheet(|sheet| {
        line(sheet, 0, 0, &ANNEX_1);
        line(sheet, 1, 0, &example);
        example[12] = "（示例）";
        line(sheet, 2, 0, &example);
        line(sheet, 3, 0, &ROW_1);
        line(sheet, 4, 0, &["2"]);
        sheet.write(5, 0, 3).unwrap();
        sheet.write(5, 3, " \u{3000}").unwrap();
        line(sheet, 6, 0, &["合计", "1"]);
        line(
            sheet,
            7,
            0,
            &["注：同一单位开设的多个新媒体（网站）账号，应依次登记。"],
        );
        line(
            sheet,
            8,
            0,
            &["报送方式：6月29日上午12:00前，打包发至宣传部邮箱"],
        );
        line(
            sheet,
            9,
            0,
            &["填报部门（盖章）：    填表人：   电话：      年   月   日"],
        );
    });
    let form = forms("表.xlsx", &bytes).unwrap().forms.remove(0);
    assert_eq!(form.rows.len(), 1);
    assert_eq!((form.rows[0].row, form.rows[0].serial.as_str()), (4, "1"));
    assert_eq!(
        form.skipped,
        Skipped {
            examples: 2,
            empty: 2,
            notes: 4
        }
    );
    assert_eq!(form.declared, Default::default());
}

#[test]
fn the_printed_annex_4_is_an_empty_form() {
    let bytes = one_sheet(|sheet| {
        line(sheet, 0, 0, &ANNEX_4);
        sheet.write(1, 5, "微信公众号/微博/网站/APP等").unwrap();
        merge(
            sheet,
            (8, 0),
            (8, 11),
            "填报部门（盖章）：      填表人：    联系电话：     填表时间：    年   月   日      注：备案类型包括开设、变更、注销",
        );
    });
    let form = forms("表.xlsx", &bytes).unwrap().forms.remove(0);
    assert_eq!(form.rows.len(), 0);
    assert_eq!(
        form.skipped,
        Skipped {
            examples: 1,
            empty: 0,
            notes: 1
        }
    );
    assert_eq!(form.declared, Default::default());
}

#[test]
fn a_row_that_begins_like_a_note_is_still_data() {
    let mut row = ROW_1;
    (row[0], row[1]) = ("", "附件中心");
    let bytes = one_sheet(|sheet| {
        line(sheet, 0, 0, &ANNEX_1);
        line(sheet, 1, 0, &row);
    });
    assert_eq!(forms("表.xlsx", &bytes).unwrap().forms[0].rows.len(), 1);
}

#[test]
fn a_unit_merged_over_its_rows_counts_for_each() {
    let bytes = one_sheet(|sheet| {
        line(sheet, 0, 0, &ANNEX_1);
        for row in 1..4 {
            line(sheet, row, 0, &ROW_1);
        }
        line(sheet, 4, 0, &["4"]);
        merge(sheet, (1, 2), (4, 2), "信息学院");
        merge(sheet, (1, 10), (3, 11), "李明 13800138001");
    });
    let form = forms("表.xlsx", &bytes).unwrap().forms.remove(0);
    let units: Vec<_> = form
        .rows
        .iter()
        .map(|row| row.text(Field::OpeningUnit))
        .collect();
    assert_eq!(units, ["信息学院", "信息学院", "信息学院"]);
    assert_eq!(
        form.rows[2].cell(Field::OpeningUnit).unwrap().reference(),
        "C4"
    );
    // Merged to the right, too: the value is the first column's, what lay under it is gone.
    assert_eq!(form.rows[2].text(Field::OwnerName), "李明 13800138001");
    assert!(form.rows[2].cell(Field::OwnerPhone).is_none());
    assert_eq!(form.skipped.empty, 1);
}

#[test]
fn hidden_sheets_are_not_taken() {
    let bytes = save(|book| {
        let sheet = book.add_worksheet();
        line(sheet, 0, 0, &ANNEX_1);
        line(sheet, 1, 0, &ROW_1);
        let sheet = book.add_worksheet();
        sheet.set_hidden(true);
        line(sheet, 0, 0, &ANNEX_4);
        line(sheet, 1, 0, &ROW_4);
    });
    assert_eq!(forms("表.xlsx", &bytes).unwrap().forms.len(), 1);
}

#[test]
fn people_template() {
    let bytes = one_sheet(|sheet| {
        line(sheet, 0, 0, &PEOPLE);
        line(
            sheet,
            1,
            0,
            &[
                "信息学院",
                "信息",
                "李明",
                "",
                "在编在岗",
                "书记",
                "13800138001",
                "lm@example.edu.cn",
                "单位负责人、网络阵地管理员",
            ],
        );
        sheet.write(1, 3, 20_180_011).unwrap();
    });
    let form = forms("人员.xlsx", &bytes).unwrap().forms.remove(0);
    assert_eq!((form.kind, form.rows.len()), (FormKind::People, 1));
    assert_eq!(form.rows[0].text(Field::StaffNumber), "20180011");
    assert_eq!(
        form.rows[0].text(Field::Roles),
        "单位负责人、网络阵地管理员"
    );
}

#[test]
fn missing_columns_are_named() {
    let bytes = one_sheet(|sheet| {
        let headings: Vec<&str> = ANNEX_1
            .iter()
            .copied()
            .filter(|h| !matches!(*h, "类型" | "是否整改"))
            .collect();
        line(sheet, 2, 0, &headings);
    });
    let error = error(&bytes);
    let FormError::MissingHeadings { miss, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (miss.kind, miss.row, &miss.missing[..]),
        (FormKind::Annex1, 3, &["类型", "是否整改"][..])
    );
    assert_eq!(
        error.to_string(),
        "“表.xlsx”工作表“Sheet1”第 3 行像是附件1 新媒体（网站）基本情况统计表，但缺少这些列：类型、是否整改。请补上这些列的标题后重新上传。"
    );
}

#[test]
fn nothing_known_names_what_was_looked_for() {
    let bytes = one_sheet(|sheet| line(sheet, 0, 0, &["商品", "单价", "数量"]));
    let text = error(&bytes).to_string();
    assert!(
        text.contains("附件1")
            && text.contains("账号（网站）名称")
            && text.contains("备案类型")
            && text.contains("人员模板")
    );
    assert!(
        text.ends_with("请使用通知的附件 1、附件 4 或人员模板填写。"),
        "{text}"
    );

    let bytes = one_sheet(|sheet| line(sheet, 4, 0, &["序号", "账号名称", "类型", "备注"]));
    let FormError::NoKnownForm {
        nearest: Some(miss),
        ..
    } = error(&bytes)
    else {
        panic!()
    };
    assert_eq!((miss.kind, miss.row), (FormKind::Annex1, 5));
    assert_eq!(miss.found, ["序号", "账号（网站）名称", "类型", "备注"]);
    assert!(miss.missing.contains(&"开设单位"));
}

#[test]
fn a_heading_that_stands_twice_is_an_error() {
    let bytes = one_sheet(|sheet| {
        line(sheet, 0, 0, &ANNEX_1);
        line(sheet, 0, 13, &["备注"]);
    });
    let FormError::DuplicateHeading {
        heading,
        first,
        second,
        ..
    } = error(&bytes)
    else {
        panic!()
    };
    assert_eq!(
        (heading, first.as_str(), second.as_str()),
        ("备注", "M", "N")
    );
}

#[test]
fn annex_2_beside_annex_1_is_passed_over() {
    let annex_1 = one_sheet(|sheet| {
        line(sheet, 0, 0, &ANNEX_1);
        line(sheet, 1, 0, &ROW_1);
    });
    let annex_2 = one_sheet(|sheet| {
        line(
            sheet,
            0,
            0,
            &["项目", "网站", "微博", "微信", "合计", "备注"],
        )
    });
    let reading = forms(
        "a.zip",
        &zip(&[
            ("附件2.xlsx", &annex_2),
            ("附件1.xlsx", &annex_1),
            ("盖章.pdf", b"%PDF-1.7"),
            ("__MACOSX/._附件1.xlsx", b"x"),
        ]),
    )
    .unwrap();
    assert_eq!(reading.forms.len(), 1);
    let passed: Vec<_> = reading
        .passed_over
        .iter()
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(passed, ["盖章.pdf", "附件2.xlsx"]);
}

#[test]
fn rows_of_csv_count_as_the_spreadsheet_program_shows_them() {
    let text = format!(
        "附件1\n\n\n{}\n{}\n\n{}\n",
        ANNEX_1
            .join(",")
            .replace("账号（网站）名称", "\"账号（网站）\n名称\""),
        ROW_1.join(","),
        ROW_1.join(",")
    );
    // Excel ends lines as Windows does.
    for text in [text.replace('\n', "\r\n"), text] {
        let form = forms("表.csv", text.as_bytes()).unwrap().forms.remove(0);
        assert_eq!(form.heading_row, 4, "{text:?}");
        assert_eq!(form.rows.iter().map(|r| r.row).collect::<Vec<_>>(), [5, 7]);
    }
}

#[test]
fn numbers_read_as_a_person_would_write_them() {
    let bytes = one_sheet(|sheet| {
        line(sheet, 0, 0, &ANNEX_1);
        line(sheet, 1, 0, &ROW_1);
        sheet.write(1, 1, 1.0e20).unwrap();
        sheet.write(1, 2, 0.1 + 0.2).unwrap();
        sheet.write(1, 3, true).unwrap();
        sheet.write(1, 11, 13_800_138_003.0).unwrap();
        let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 3, 1).unwrap();
        sheet
            .write_with_format(
                1,
                12,
                &day,
                &Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\""),
            )
            .unwrap();
    });
    let form = forms("表.xlsx", &bytes).unwrap().forms.remove(0);
    let row = &form.rows[0];
    assert_eq!(row.text(Field::Name), "100000000000000000000");
    assert_eq!(row.text(Field::OpeningUnit), "0.3");
    assert_eq!(row.text(Field::CertifiedBody), "TRUE");
    assert_eq!(row.text(Field::OwnerPhone), "13800138003");
    assert_eq!(row.text(Field::Remarks), "2020-03-01");
}
