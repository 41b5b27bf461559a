//! Files made to exhaust memory, time or the stack.

use super::{Limits, all, read, zip};
use std::{fmt::Write as _, io::Write as _};

/// A PDF file of these objects, numbered from 1, without a directory: readers find the objects themselves.
pub(super) fn pdf(objects: &[String]) -> Vec<u8> {
    let mut text = String::from("%PDF-1.7\n");
    let mut places = vec![];
    for (object, number) in objects.iter().zip(1..) {
        places.push(text.len());
        write!(text, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let start = text.len();
    write!(text, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for place in places {
        writeln!(text, "{place:010} 00000 n ").unwrap();
    }
    write!(
        text,
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    )
    .unwrap();
    text.into_bytes()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The reason that a file is not read, or not read to its end.
fn reason(name: &str, bytes: &[u8]) -> String {
    let contents = read(name, bytes, &Limits::default());
    contents
        .unread
        .first()
        .map_or_else(String::new, |u| u.reason.clone())
}

#[test]
fn archives_that_unpack_to_very_much_are_left() {
    let zeros = vec![b'a'; 60 << 20];
    let bomb = zip(&[("a.txt", &zeros)]);
    assert!(bomb.len() < 100_000);
    assert_eq!(reason("炸弹.zip", &bomb), "压缩内容展开后过大，未检查");
    let document = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", &zeros),
    ]);
    assert_eq!(reason("炸弹.docx", &document), "压缩内容展开后过大，未检查");
}

#[test]
fn archives_in_archives_end_somewhere() {
    let mut bytes = zip(&[("说明.txt", "到底了".as_bytes())]);
    for _ in 0..10 {
        bytes = zip(&[("内层.zip", &bytes)]);
    }
    let contents = read("套娃.zip", &bytes, &Limits::default());
    assert!(contents.parts.is_empty());
    assert_eq!(
        contents.unread[0].reason,
        "压缩包层数过多，里面的文件未检查"
    );
    assert_eq!(contents.unread[0].file.matches("内层.zip").count(), 4);
}

#[test]
fn archives_of_very_many_files_are_left() {
    let names: Vec<String> = (0..5_000).map(|n| format!("{n}.txt")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|n| (n.as_str(), b"a".as_slice()))
        .collect();
    assert_eq!(
        reason("多.zip", &zip(&files)),
        "压缩包里的文件过多，其余未检查"
    );
}

#[test]
fn entities_of_a_document_are_not_expanded() {
    let source = r#"<!DOCTYPE a [<!ENTITY a "哈哈哈哈"><!ENTITY b "&a;&a;&a;&a;">]>
        <w:document xmlns:w="w"><w:p><w:r><w:t>前&b;后</w:t></w:r></w:p></w:document>"#;
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", source.as_bytes()),
    ]);
    let contents = read("实体.docx", &bytes, &Limits::default());
    assert_eq!(all(&contents).trim(), "前后");
}

#[test]
fn deep_nesting_does_not_reach_the_stack() {
    let deep = "<w:p>".repeat(200_000);
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", deep.as_bytes()),
    ]);
    assert!(read("深.docx", &bytes, &Limits::default()).parts.is_empty());
    let nested = format!("{}{}", "[".repeat(300_000), "]".repeat(300_000));
    let bytes = pdf(&["<< /Type /Catalog /Pages 2 0 R >>".into(), nested]);
    assert!(read("深.pdf", &bytes, &Limits::default()).parts.is_empty());
}

#[test]
fn pdf_pages_that_are_drawn_without_end_are_left() {
    // Each form draws the next one ten times: ten to the power of seven in the end.
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>"
            .to_owned(),
    ];
    let draws = "/X Do ".repeat(10);
    objects.push(format!(
        "<< /Length {} >>\nstream\n{draws}\nendstream",
        draws.len()
    ));
    for next in 6..16 {
        objects.push(format!(
            "<< /Type /XObject /Subtype /Form /Resources << /XObject << /X {next} 0 R >> >> /Length {} >>\nstream\n{draws}\nendstream",
            draws.len()
        ));
    }
    assert_eq!(
        reason("循环.pdf", &pdf(&objects)),
        "页面内容过于复杂，其余未检查"
    );
}

#[test]
fn pdf_objects_in_very_small_space_are_counted_before_they_are_kept() {
    let many = deflated("0 ".repeat(4_000_000).as_bytes());
    let mut bytes =
        b"%PDF-1.7\n1 0 obj\n<< /Type /ObjStm /N 4000000 /First 0 /Filter /FlateDecode /Length "
            .to_vec();
    write!(bytes, "{} >>\nstream\n", many.len()).unwrap();
    bytes.extend_from_slice(&many);
    bytes.extend_from_slice(b"\nendstream\nendobj\n");
    assert_eq!(reason("对象.pdf", &bytes), "压缩内容展开后过大，未检查");
    let escaped = b"%PDF-1.7\n1 0 obj\n<< /#45ncrypt 2 0 R >>\nendobj\n";
    assert_eq!(reason("加密.pdf", escaped), "文件有密码或已加密，无法读取");
}

#[test]
fn a_pdf_page_that_unpacks_to_very_much_is_left() {
    let drawing = deflated(&vec![b' '; 40 << 20]);
    let mut bytes = pdf(&[
        "<< /Type /Catalog /Pages 2 0 R >>".into(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".into(),
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>".into(),
    ]);
    bytes.truncate(bytes.windows(4).position(|w| w == b"xref").unwrap());
    write!(
        bytes,
        "4 0 obj\n<< /Filter /FlateDecode /Length {} >>\nstream\n",
        drawing.len()
    )
    .unwrap();
    bytes.extend_from_slice(&drawing);
    bytes.extend_from_slice(b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n");
    assert_eq!(reason("大页.pdf", &bytes), "页面内容过于复杂，其余未检查");
}

#[test]
fn sheets_with_very_many_cells_keep_what_fits() {
    let mut sheet = String::from("<worksheet><sheetData><row r=\"1\">");
    for _ in 0..1_100_000 {
        sheet.push_str("<c><v>1</v></c>");
    }
    let bytes = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    let contents = read(
        "大表.xlsx",
        &bytes,
        &Limits {
            ratio: 5_000,
            ..Limits::default()
        },
    );
    assert_eq!(contents.unread[0].reason, "单元格过多，其余未检查");
    assert_eq!(contents.parts.len(), 1);
}

mod any {
    use super::super::{Limits, read};
    use proptest::prelude::*;

    /// Every sample with some of its bytes changed or cut off.
    fn spoiled()
    -> impl Strategy<Value = (usize, Vec<(prop::sample::Index, u8)>, prop::sample::Index)> {
        (
            0..6usize,
            prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24),
            any::<prop::sample::Index>(),
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn spoiled_files_are_read_or_refused((which, changes, cut) in spoiled()) {
            let samples: [(&str, &[u8]); 6] = [
                ("a.docx", include_bytes!("samples/通知.docx")),
                ("a.odt", include_bytes!("samples/通知.odt")),
                ("a.pdf", include_bytes!("samples/通知.pdf")),
                ("a.xls", include_bytes!("samples/名单.xls")),
                ("a.xlsx", include_bytes!("samples/名单.xlsx")),
                ("b.pdf", include_bytes!("samples/名录.pdf")),
            ];
            let (name, bytes) = samples[which];
            let mut bytes = bytes.to_vec();
            for (at, to) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *to;
            }
            if changes.len() % 3 == 0 {
                bytes.truncate(cut.index(bytes.len()));
            }
            let contents = read(name, &bytes, &Limits::default());
            for part in &contents.parts {
                let text = part.text();
                prop_assert!(text.blocks().iter().all(|block| text.as_str().is_char_boundary(block.bytes.start)));
            }
        }
    }
}
