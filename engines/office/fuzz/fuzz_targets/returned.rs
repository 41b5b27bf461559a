//! Words of annexes 2 and 3 in any place, merged in any way: three bytes are a cell, then what is left merged areas of four.
#![no_main]

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const FRAME: [(&str, &str); 4] = [
    ("[Content_Types].xml", "<Types/>"),
    (
        "_rels/.rels",
        r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];

const WORDS: [&str; 32] = [
    "账号/网站/APP名称",
    "账号ID/网址：",
    "网址：https://a.cn",
    "开设部门",
    "认证主体：甲",
    "开通平台/网站ICP",
    "开通时间",
    "粉丝量（关注数）",
    "发布频次",
    "责任部门",
    "备案类型",
    "管理相关人员",
    "姓  名",
    "职  务",
    "联系电话",
    "主管领导",
    "审核人",
    "运维\n工作\n人员",
    "1",
    "主管部门意见：同意 主管单位（盖章） 2026年1月2日",
    "主管部门意见：",
    "主管单位（盖章） 年 月 日",
    "注：某某",
    "（变更）",
    "甲（变更）",
    "填报部门（盖章）：乙  填表时间：2026年1月2日",
    "单位开设的新媒体（网站）数量（个）",
    "以职务身份开设认证的个人账号（个）",
    "问题已整改的新媒体（网站）数量（个）",
    "委托其他单位运营的新媒体（网站）数量（个）",
    "网站",
    "合计",
];

/// Column letters of a small number.
fn letter(column: u8) -> char {
    char::from(b'A' + column % 12)
}

libfuzzer_sys::fuzz_target!(init: std::panic::set_hook(Box::new(|_| {})), |bytes: &[u8]| {
    let (cells, areas) = bytes.split_at(bytes.len() * 3 / 4);
    let cells: String = cells
        .chunks_exact(3)
        .map(|cell| {
            let (row, word) = (cell[0] % 40 + 1, WORDS[usize::from(cell[2]) % WORDS.len()]);
            let place = format!("{}{row}", letter(cell[1]));
            format!(r#"<row r="{row}"><c r="{place}" t="inlineStr"><is><t xml:space="preserve">{word}</t></is></c></row>"#)
        })
        .collect();
    let areas: String = areas
        .chunks_exact(4)
        .map(|area| {
            let (top, left) = (area[0] % 40 + 1, area[1] % 12);
            let (bottom, right) = (top + area[2] % 6, (left + area[3] % 6).min(11));
            format!(r#"<mergeCell ref="{}{top}:{}{bottom}"/>"#, letter(left), letter(right))
        })
        .collect();
    let sheet = format!("<worksheet><sheetData>{cells}</sheetData><mergeCells>{areas}</mergeCells></worksheet>");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, part) in FRAME.into_iter().chain([("xl/worksheets/sheet1.xml", sheet.as_str())]) {
        zip.start_file(name, options).expect("in memory");
        zip.write_all(part.as_bytes()).expect("in memory");
    }
    let bytes = zip.finish().expect("in memory").into_inner();
    if let Ok(reading) = zhendi_office::read_forms("表.xlsx", &bytes, &zhendi_office::Limits::default()) {
        for form in reading.registrations {
            assert!(form.cells.keys().chain(&form.marked).all(|item| form.places.contains_key(item)));
        }
    }
});
