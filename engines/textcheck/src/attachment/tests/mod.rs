//! What is read of files that office programs and this project make, and that hostile files stay bounded.

mod hostile;

use super::{Contents, Kind, Limits, Part, grid, read};
use std::io::{Cursor, Write};

macro_rules! sample {
    ($name:literal) => {
        read(
            $name,
            include_bytes!(concat!("samples/", $name)),
            &Limits::default(),
        )
    };
}

fn part<'c>(contents: &'c Contents, section: &str) -> &'c Part {
    contents
        .parts
        .iter()
        .find(|part| part.section == section)
        .unwrap_or_else(|| panic!("no {section:?} in {contents:#?}"))
}

fn words(contents: &Contents, section: &str) -> String {
    part(contents, section).text().as_str().to_owned()
}

/// Everything, one part after the other.
fn all(contents: &Contents) -> String {
    let texts = contents.parts.iter().map(|part| part.text().into_owned());
    texts.map(|text| text.as_str().to_owned() + "\n").collect()
}

/// Where some words stand.
fn place(part: &Part, words: &str) -> String {
    let text = part.text();
    let at = text.as_str().find(words).expect("the words are there");
    part.whereabouts(&text, &(at..at + words.len()))
}

/// A zip archive.
pub(super) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(vec![]));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const LONG: &str = "为帮助考生和家长了解学校，定于二〇二六年十二月五日上午九时举办校园开放日。各二级学院按照统一安排布置展台，介绍专业设置、师资力量、实训条件和就业去向，回答考生和家长提出的问题，并做好来访人员的登记、引导和安全保障工作。";

#[test]
fn a_word_document_gives_its_paragraphs_tables_comments_and_properties() {
    for contents in [sample!("通知.docx"), sample!("通知.odt")] {
        assert_eq!(contents.unread, [], "{contents:#?}");
        let body = words(&contents, "");
        assert!(body.contains("关于举办校园开放日的通知\n"), "{body}");
        assert!(body.contains(LONG), "{body}");
        assert!(body.contains("电话13987654321，邮箱office@example.edu.cn。"));
        let table = part(&contents, "");
        assert!(place(table, "图书馆报告厅").ends_with("B2"));
        assert!(words(&contents, "批注").contains("手机号是否需要公开"));
        assert!(part(&contents, "批注").hidden);
        assert!(words(&contents, "文件属性").contains("作者：岩温罕"));
    }
}

#[test]
fn every_spreadsheet_shows_what_it_hides() {
    for contents in [
        sample!("名单.xlsx"),
        sample!("名单.xls"),
        sample!("名单.ods"),
    ] {
        assert_eq!(contents.unread, [], "{contents:#?}");
        let sheet = part(&contents, "工作表“公示名单”");
        assert!(!sheet.hidden);
        assert_eq!(
            place(sheet, "110101199003077803"),
            "工作表“公示名单” B2（隐藏列）"
        );
        assert_eq!(place(sheet, "13700001111"), "工作表“公示名单” C3（隐藏行）");
        assert_eq!(place(sheet, "一等"), "工作表“公示名单” C2");
        let veiled = part(&contents, "工作表“银行卡”（隐藏）");
        assert!(veiled.hidden);
        assert!(veiled.text().as_str().contains("6222021234567890123"));
        assert!(
            words(&contents, "批注").contains("13812345678"),
            "{contents:#?}"
        );
        assert!(words(&contents, "文件属性").contains("奖学金公示"));
    }
}

#[test]
fn chinese_text_of_pdf_files_comes_out_as_it_was_written() {
    let office = sample!("通知.pdf");
    assert_eq!(office.unread, [], "{office:#?}");
    let body = words(&office, "第1页");
    assert!(
        body.contains(LONG),
        "a paragraph over several lines is one: {body}"
    );
    assert!(
        body.contains("电话13987654321，邮箱office@example.edu.cn。"),
        "{body}"
    );
    assert!(body.starts_with("关于举办校园开放日的通知\n"), "{body}");

    let typeset = sample!("名录.pdf");
    assert_eq!(typeset.unread, [], "{typeset:#?}");
    let body = all(&typeset);
    for expected in [
        "网络阵地名录",
        "信息工程学院\t微信公众号“信工青年”",
        "联系电话\t13987654321",
    ] {
        assert!(body.contains(expected), "{expected} in {body:?}");
    }
}

#[test]
fn fonts_that_are_not_in_the_file_are_read_by_the_name_of_their_encoding() {
    let text = |encoding: &str, codes: &str| {
        let content = format!("BT /F1 12 Tf 72 700 Td <{codes}> Tj ET");
        let pdf = hostile::pdf(&[
            "<< /Type /Catalog /Pages 2 0 R >>".into(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".into(),
            "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".into(),
            format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
            format!("<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /{encoding} /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /SimSun /DW 1000 >>] >>"),
        ]);
        words(&read("老文件.pdf", &pdf, &Limits::default()), "第1页")
    };
    assert_eq!(text("UniGB-UCS2-H", "4FDD5BC65DE54F5C"), "保密工作");
    // 保密12 in GBK: two bytes each for the first, one each for the digits.
    assert_eq!(text("GBK-EUC-H", "B1A3C3DC3132"), "保密12");
    let unknown = text_of_unknown();
    assert!(
        unknown.unread[0].reason.contains("4个字符无法识别"),
        "{unknown:#?}"
    );
}

fn text_of_unknown() -> Contents {
    let content = "BT /F1 12 Tf 72 700 Td <0001000200030004> Tj ET";
    let pdf = hostile::pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".into(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".into(),
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .into(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [] >>"
            .into(),
    ]);
    read("无字表.pdf", &pdf, &Limits::default())
}

#[test]
fn tables_as_text_and_pages_keep_their_places() {
    let csv = "姓名,手机\n岩罕,13812345678\n".as_bytes();
    let contents = read("名单.csv", csv, &Limits::default());
    assert_eq!(place(&contents.parts[0], "13812345678"), "B2");
    let gbk = encoding_rs::GBK
        .encode("姓名;电话\n玉香;0691-2123456\n")
        .0
        .into_owned();
    let contents = read("名单.csv", &gbk, &Limits::default());
    assert_eq!(place(&contents.parts[0], "0691-2123456"), "B2");

    let html = "<html><body>\n<p>一</p>\n<p>电话 <b>138</b>12345678</p></body></html>";
    let contents = read("页面.html", html.as_bytes(), &Limits::default());
    assert_eq!(place(&contents.parts[0], "电话"), "第3行");
    let contents = read("说明.txt", "第一行\n第二行".as_bytes(), &Limits::default());
    assert_eq!(place(&contents.parts[0], "第二行"), "第2行");
}

#[test]
fn archives_are_read_with_the_way_to_each_file() {
    let inner = zip(&[("名单.csv", "姓名,手机\n岩罕,13812345678\n".as_bytes())]);
    let outer = zip(&[
        ("材料/说明.txt", "请查收。".as_bytes()),
        ("材料/内层.zip", &inner),
        ("材料/照片.jpg", b"\xFF\xD8\xFF\xE0"),
        ("__MACOSX/._说明.txt", b"junk"),
        ("旧.doc", b"\xD0\xCF\x11\xE0 broken"),
    ]);
    let contents = read("全部.zip", &outer, &Limits::default());
    let files: Vec<&str> = contents
        .parts
        .iter()
        .map(|part| part.file.as_str())
        .collect();
    assert_eq!(
        files,
        ["全部.zip/材料/说明.txt", "全部.zip/材料/内层.zip/名单.csv"]
    );
    let unread: Vec<String> = contents
        .unread
        .iter()
        .map(|u| format!("{}：{}", u.file, u.reason))
        .collect();
    assert_eq!(
        unread,
        [
            "全部.zip/材料/照片.jpg：图片中的文字不作检查",
            "全部.zip/旧.doc：文件已损坏，无法读取"
        ]
    );
}

#[test]
fn deleted_and_hidden_words_and_embedded_files_of_a_word_document_are_read() {
    let document = r#"<w:document xmlns:w="w"><w:body>
        <w:p><w:r><w:t>公开的话</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>看不见的话</w:t></w:r>
        <w:del><w:r><w:delText>删掉的电话13812345678</w:delText></w:r></w:del>
        <w:r><w:t>&amp;更多&#x4E2D;</w:t></w:r></w:p></w:body></w:document>"#;
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", document.as_bytes()),
        ("word/media/image1.png", b"\x89PNG"),
        (
            "word/embeddings/表.csv",
            "姓名,卡号\n岩罕,6222\n".as_bytes(),
        ),
    ]);
    let contents = read("稿.docx", &bytes, &Limits::default());
    assert_eq!(
        words(&contents, ""),
        "公开的话&更多中\n岩罕".split('\n').next().unwrap()
    );
    assert_eq!(words(&contents, "隐藏文字"), "看不见的话");
    assert_eq!(
        words(&contents, "已删除的修订文字"),
        "删掉的电话13812345678"
    );
    assert!(
        contents
            .parts
            .iter()
            .any(|part| part.file == "稿.docx/表.csv")
    );
    assert_eq!(
        contents.unread[0].reason,
        "文档中有1张图片，图片中的文字未检查"
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    for (name, bytes, reason) in [
        (
            "图.png",
            b"\x89PNG\r\n\x1a\n".as_slice(),
            "图片中的文字不作检查",
        ),
        ("包.rar", b"Rar!\x1a\x07", "RAR 压缩包无法读取，请改用 zip"),
        ("坏.pdf", b"%PDF-1.7 nothing", "文件已损坏，无法读取"),
        ("坏.zip", b"PK\x03\x04 nothing", "文件已损坏，无法读取"),
        ("未知.bin", b"\x01\x00\x02", "未知格式，无法读取"),
    ] {
        let contents = read(name, bytes, &Limits::default());
        assert!(contents.parts.is_empty());
        assert_eq!(contents.unread[0].reason, reason, "{name}");
    }
    assert!(read("空.txt", b"", &Limits::default()).unread.is_empty());
    assert_eq!(
        Kind::of("无名", "<!DOCTYPE html><p>".as_bytes()),
        Kind::Html
    );
}

#[test]
fn numbers_and_columns_read_as_people_write_them() {
    assert_eq!(grid::number(13_812_345_678.0), "13812345678");
    assert_eq!(grid::number(-0.0), "0");
    assert_eq!(grid::number(0.1 + 0.2), "0.3");
    assert_eq!(grid::letters(0), "A");
    assert_eq!(grid::letters(27), "AB");
}
