use super::*;
use axum::http::StatusCode;
use bytes::Bytes;
use proptest::prelude::*;

#[tokio::test]
async fn what_is_put_is_got_and_damage_is_noticed() {
    let folder = tempfile::tempdir().expect("folder");
    let files = Files::local(folder.path()).expect("store");
    let bytes = Bytes::from_static("备案表".as_bytes());
    let hash = files.put(bytes.clone()).await.expect("put");
    assert_eq!(files.put(bytes.clone()).await.expect("again"), hash);
    assert_eq!(files.get(&hash).await.expect("get"), bytes);
    assert_eq!(hash.to_string().parse(), Ok(hash.clone()));
    assert_eq!("../../etc/passwd".parse::<ContentHash>(), Err(NotAHash));

    let hex = hash.to_string();
    let path = folder.path().join(&hex[..2]).join(&hex[2..4]).join(&hex);
    std::fs::write(&path, "被改过").expect("altered");
    let error = |fault: Fault| match fault {
        Fault::Internal(cause) => cause.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(error(files.get(&hash).await.expect_err("altered")).contains(&hex));
    std::fs::remove_file(&path).expect("deleted");
    assert!(error(files.get(&hash).await.expect_err("gone")).contains(&hex));
}

/// A zip file of stored, empty entries but for the content of the first.
fn zip(names: &[&str], first: &str) -> Vec<u8> {
    let (mut body, mut directory) = (vec![], vec![]);
    for (n, name) in names.iter().enumerate() {
        let content = if n == 0 { first } else { "" };
        let sizes = [content.len() as u32; 2];
        let at = body.len() as u32;
        let head = |out: &mut Vec<u8>, mark: &[u8], gap: usize| {
            out.extend(mark);
            out.extend(vec![0; gap]);
            out.extend(sizes[0].to_le_bytes());
            out.extend(sizes[1].to_le_bytes());
            out.extend((name.len() as u16).to_le_bytes());
        };
        head(&mut body, b"PK\x03\x04", 14);
        body.extend([0; 2]);
        body.extend(name.as_bytes());
        body.extend(content.as_bytes());
        head(&mut directory, b"PK\x01\x02", 16);
        directory.extend([0; 12]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = body.len() as u32;
    let count = (names.len() as u16).to_le_bytes();
    let end = [
        b"PK\x05\x06\0\0\0\0".as_slice(),
        &count,
        &count,
        &(directory.len() as u32).to_le_bytes(),
        &start.to_le_bytes(),
        &[0; 2],
    ]
    .concat();
    [body, directory, end].concat()
}

fn compound(stream: &str) -> Vec<u8> {
    let name: Vec<u8> = stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(),
        &[0; 600],
        &name,
    ]
    .concat()
}

#[test]
fn each_kind_is_known_by_its_content() {
    let types = "[Content_Types].xml";
    for (name, bytes, kind) in [
        ("a.pdf", b"%PDF-1.7\n".to_vec(), Kind::Pdf),
        ("a.JPG", b"\xFF\xD8\xFF\xE0 <?xml".to_vec(), Kind::Jpeg),
        ("a.jpg", b"\x89PNG\r\n\x1a\n".to_vec(), Kind::Png),
        (
            "备案.docx",
            zip(&[types, "word/document.xml"], "x"),
            Kind::Docx,
        ),
        ("a.xlsx", zip(&["xl/workbook.xml", types], ""), Kind::Xlsx),
        ("a.pptx", zip(&[types, "ppt/a"], ""), Kind::Pptx),
        (
            "a.odt",
            zip(
                &["mimetype", "x"],
                "application/vnd.oasis.opendocument.text",
            ),
            Kind::Odt,
        ),
        (
            "a.ods",
            zip(
                &["mimetype"],
                "application/vnd.oasis.opendocument.spreadsheet",
            ),
            Kind::Ods,
        ),
        ("a.ofd", zip(&["OFD.xml"], ""), Kind::Ofd),
        ("a.zip", zip(&["附件1.xls"], ""), Kind::Zip),
        ("a.doc", compound("WordDocument"), Kind::Doc),
        ("a.xls", compound("Workbook"), Kind::Xls),
        ("a.csv", "\u{FEFF}单位,平台\n".into(), Kind::Csv),
        ("a.csv", b"\xb5\xa5\xce\xbb,1\r\n".to_vec(), Kind::Csv),
        ("a.txt", "说明".into(), Kind::Txt),
    ] {
        assert_eq!(sniff(&bytes, name).ok(), Some(kind), "{name}");
    }
}

#[test]
fn what_could_run_or_lies_about_itself_is_refused() {
    for (name, bytes, reason) in [
        ("a.pdf", b"<html>%PDF-1.7".to_vec(), "网页"),
        ("a.pdf", b" \n<script>1</script>".to_vec(), "网页"),
        ("a.pdf", b"%PDF-1.7\n<html><script>".to_vec(), "网页"),
        ("a.png", b"<svg onload=x>".to_vec(), "网页"),
        ("a.csv", "\u{FEFF}<!DOCTYPE html>".into(), "网页"),
        ("a.txt", b"#!/bin/sh".to_vec(), "脚本"),
        ("a.pdf", b"MZ\x90\0".to_vec(), "程序"),
        ("a.pdf", b"\x7FELF\x02\x01\x01".to_vec(), "程序"),
        ("a.zip", zip(&["META-INF/MANIFEST.MF"], ""), "程序"),
        (
            "a.docx",
            zip(
                &["[Content_Types].xml", "word/a", "word/vbaProject.bin"],
                "",
            ),
            "宏",
        ),
        (
            "a.docx",
            b"PK\x03\x04 no directory at all, only these words".to_vec(),
            "损坏",
        ),
        ("a.pdf", zip(&["x"], ""), "却是ZIP"),
        ("a.docx", b"%PDF-1.7".to_vec(), "却是PDF"),
        ("a.exe", b"%PDF-1.7".to_vec(), "不在可上传范围"),
        ("noname", b"%PDF-1.7".to_vec(), "不在可上传范围"),
        ("a.csv", b"a\0b".to_vec(), "无法识别"),
        ("a.doc", compound("Installer"), "无法识别"),
        ("a.xlsx", compound("EncryptedPackage"), "密码"),
        ("a.html", b"hello".to_vec(), "无法识别"),
    ] {
        let said = sniff(&bytes, name).expect_err(name).to_string();
        assert!(said.contains(reason), "{name}: {said}");
    }
}

#[test]
fn size_and_kind_are_limited() {
    let pdf = b"%PDF-1.7";
    assert!(matches!(
        accept("a.pdf", pdf, 8, &[Kind::Pdf]),
        Ok(Kind::Pdf)
    ));
    let fault = accept("a.pdf", pdf, 7, &[Kind::Pdf]).expect_err("large");
    assert_eq!(fault.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(accept("a.pdf", b"", 7, &[Kind::Pdf]).is_err());
    assert_eq!(
        accept("a.pdf", pdf, 8, &[Kind::Jpeg, Kind::Png])
            .expect_err("kind")
            .to_string(),
        "文件“a.pdf”是PDF 文档，这里只收JPEG 图片、PNG 图片。"
    );
}

#[test]
fn downloads_are_never_shown_in_place() {
    let response = download("备案表 1\"\r\n.pdf", Kind::Pdf, Bytes::from_static(b"%PDF"));
    let header = |name| response.headers().get(name).and_then(|v| v.to_str().ok());
    assert_eq!(
        header(header::CONTENT_DISPOSITION),
        Some(
            "attachment; filename=\"____1___.pdf\"; filename*=UTF-8''%E5%A4%87%E6%A1%88%E8%A1%A8%201%22%0D%0A.pdf"
        )
    );
    assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
    assert_eq!(
        header(header::CONTENT_SECURITY_POLICY),
        Some("sandbox; default-src 'none'")
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_fall_over(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), zipped: bool, name in "[a-z.]{0,8}") {
        if zipped {
            bytes.splice(0..0, *b"PK\x03\x04");
            bytes.extend(*b"PK\x05\x06");
            bytes.extend([0xFF; 18]);
        }
        let _ = sniff(&bytes, &name);
    }
}
