//! Files that are not what they seem, at every place that takes files.

use super::campus::{Campus, PDF, setup};
use axum::http::Method;
use std::time::{Duration, Instant};
use zhendi_kernel::testing::{Answer, TestApp};

fn zip_bomb() -> Vec<u8> {
    use std::io::Write;
    let mut bytes = std::io::Cursor::new(vec![]);
    let mut zip = zip::ZipWriter::new(&mut bytes);
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("[Content_Types].xml", options).unwrap();
    zip.write_all(b"<Types/>").unwrap();
    zip.start_file("xl/workbook.xml", options).unwrap();
    let zeroes = vec![0u8; 1 << 20];
    for _ in 0..1024 {
        zip.write_all(&zeroes).unwrap();
    }
    zip.finish().unwrap();
    bytes.into_inner()
}

/// A refusal in words, on a page, with nothing stored.
fn is_clear(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 400 | 413 | 422)
        && answer.text().contains("<html lang=\"zh")
        && answer.text().contains("form-error")
        || matches!(answer.status.as_u16(), 400 | 413) && answer.text().contains("<html lang=\"zh")
}

async fn files_that_are_none_are_refused_in_words(app: TestApp) {
    let campus = Campus::new(app).await;
    let liaison = campus.enter("library_liaison").await;
    let system = campus.enter("system_admin").await;
    let attachments = format!("/filings/{}/attachments", campus.draft);
    let bomb = zip_bomb();
    let xxe = b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;</a>";
    let cut = &PDF[..3];
    let ole = [
        &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..],
        &[0xFF; 2000],
    ]
    .concat();
    let files: [(&str, &[u8]); 9] = [
        ("空.xls", b""),
        ("炸弹.xlsx", &bomb),
        ("实体.xml", xxe),
        ("网页.xls", b"<html><script>alert(1)</script></html>"),
        ("程序.xls", b"MZ\x90\0\x03\0\0\0"),
        ("坏的.xls", &ole),
        ("断的.pdf", cut),
        ("../../etc/passwd", b"root:x:0:0"),
        ("\u{202E}slx.exe", b"\x7fELF\x02\x01\x01"),
    ];
    for (name, bytes) in files {
        for (client, path) in [
            (&liaison, "/imports"),
            (&liaison, attachments.as_str()),
            (&system, "/people/imports"),
        ] {
            let began = Instant::now();
            let answer = client.upload(path, &[], &[("file", name, bytes)]).await;
            assert!(
                is_clear(&answer),
                "{name} at {path}: {} {}",
                answer.status,
                answer.text()
            );
            // Two seconds is the promise for a release; this is not one.
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "{name} at {path}"
            );
        }
    }
    let big = vec![b'a'; 22 << 20];
    for (client, path) in [
        (&liaison, "/imports"),
        (&system, "/people/imports"),
        (&liaison, &attachments),
    ] {
        let answer = client
            .upload(path, &[], &[("file", "大.csv", &big)])
            .await
            .expect(413);
        assert!(answer.text().contains("20 MB"), "{}", answer.text());
        // Not a form with files at all, or a torn one.
        client.post(path, &[("file", "a")]).await.expect(400);
        let kind = "multipart/form-data; boundary=x";
        for torn in [
            "",
            "--x",
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc",
        ] {
            let answer = client
                .send(Method::POST, path, Some(kind), torn.into())
                .await;
            assert!(
                is_clear(&answer),
                "{torn:?} at {path}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    // All the others are served as before, and what is kept comes back as a download.
    campus.stranger().get("/readyz").await.expect(200);
    let path = format!(
        "/filings/{}/attachments/{}",
        campus.filing, campus.attachment
    );
    let file = liaison.get(&path).await.expect(200);
    assert_eq!(file.bytes, PDF);
    let disposition = file.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    assert!(
        file.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("sandbox")
    );
    campus.run_jobs().await;
}
zhendi_kernel::on_both_databases!(files_that_are_none_are_refused_in_words, super::setup);
