//! Files of manuscripts: what is let in, how it is shown, what is refused and with which words.

use super::super::{
    FileRef, FileRole, NewFile, Rights, file_address,
    files::{PICTURES, keep, measure},
    store,
};
use crate::{
    course,
    testing::{School, TEXT},
};
use axum::http::{Method, header};
use bytes::Bytes;
use serde_json::json;
use zhendi_kernel::{
    Fault,
    files::{ContentHash, Kind},
    on_both_databases,
    testing::TestApp,
};

/// The smallest picture there is: one point.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa75\x81\x84\0\0\0\0IEND\xaeB`\x82";

pub fn reference(id: i64) -> FileRef {
    FileRef {
        id,
        role: FileRole::Picture,
        name: "会场.png".into(),
        kind: Kind::Png,
        size: PNG.len() as i64,
        width: 1,
        height: 1,
        hash: ContentHash::of(PNG).to_string(),
        alt: String::new(),
        rights: Some(Rights::Own),
        credit: String::new(),
    }
}

pub fn picture_of(what: &str) -> FileRef {
    FileRef {
        alt: what.into(),
        ..reference(3)
    }
}

pub fn picture(name: &str) -> NewFile {
    NewFile {
        role: FileRole::Picture,
        name: name.into(),
        bytes: Bytes::from_static(PNG),
        alt: "会场全景".into(),
        rights: Some(Rights::Own),
        credit: "图/张敏".into(),
    }
}

/// A picture that says of itself to be so large; its content would never follow.
fn saying(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = PNG.to_vec();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes
}

#[test]
fn a_picture_bomb_is_told_by_its_head() {
    assert_eq!(measure("a.png", PNG).unwrap(), (1, 1));
    // A long picture of a layout tool.
    assert_eq!(
        measure("长图.png", &saying(1080, 30_000)).unwrap(),
        (1080, 30_000)
    );
    for (width, height) in [(30_000, 30_000), (u32::MAX >> 1, 2), (1, 60_000)] {
        let refused = measure("大.png", &saying(width, height));
        assert!(
            matches!(&refused, Err(Fault::TooLarge(why)) if why.contains("缩小")),
            "{refused:?}"
        );
    }
    assert!(matches!(
        measure("空.png", &saying(0, 5)),
        Err(Fault::Malformed(_))
    ));
    assert!(matches!(
        measure("坏.png", b"\x89PNG\r\n"),
        Err(Fault::Malformed(_))
    ));
}

async fn files_go_with_their_manuscript(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("校园开放日", "<p>欢迎参观。</p>").await;
    let author = school.client(&school.acting(school.author).await);
    let path = format!("/manuscripts/{id}/files");
    let sent = |role: &'static str| [("role", role), ("rights", "own"), ("alt", "会场")];
    author
        .upload(&path, &sent("picture"), &[("file", "会场.png", PNG)])
        .await
        .expect(303);
    let file = store::load(school.db.read(), id)
        .await
        .unwrap()
        .content
        .files[0]
        .clone();
    assert_eq!(
        (file.width, file.alt.as_str(), file.rights),
        (1, "会场", Some(Rights::Own))
    );

    // Shown in its place, as what it is, and nothing else.
    let shown = author.get(&file_address(id, file.id)).await.expect(200);
    assert_eq!(shown.headers[header::CONTENT_TYPE], "image/png");
    assert_eq!(shown.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert!(shown.headers.get(header::CONTENT_DISPOSITION).is_none());
    let policy = shown.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(policy.starts_with("sandbox"));
    let stranger = school.client(&school.acting(school.head).await);
    stranger.get(&file_address(id, file.id)).await.expect(404);

    // Vector pictures, pages and programs are refused whatever they are called.
    for (name, bytes) in [
        (
            "图.svg",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".as_slice(),
        ),
        ("图.png", b"<svg onload=alert(1)>"),
        ("图.png", b"<html><script>alert(1)</script>"),
        ("图.jpg", b"MZ\x90\0"),
        ("空.png", b""),
    ] {
        let answer = author
            .upload(&path, &sent("picture"), &[("file", name, bytes)])
            .await;
        assert_eq!(answer.status.as_u16(), 400, "{name}");
    }
    let bomb = saying(50_000, 50_000);
    let told = author
        .upload(&path, &sent("picture"), &[("file", "大.png", &bomb)])
        .await
        .expect(413);
    assert!(told.text().contains("50000×50000"));
    author
        .upload(
            &path,
            &sent("attachment"),
            &[("file", "名单.pdf", b"%PDF-1.4 x")],
        )
        .await
        .expect(303);
    let all = store::load(school.db.read(), id)
        .await
        .unwrap()
        .content
        .files;
    let paper = all
        .iter()
        .find(|one| one.role == FileRole::Attachment)
        .unwrap();
    let download = author.get(&file_address(id, paper.id)).await.expect(200);
    assert!(
        download.headers[header::CONTENT_DISPOSITION]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );

    // Taken out of the working copy it is gone from there, though its content stays for versions.
    author
        .post(&format!("{path}/{}/removals", paper.id), &[])
        .await
        .expect(303);
    let left = store::load(school.db.read(), id)
        .await
        .unwrap()
        .content
        .files;
    assert_eq!(left.len(), 1);
    stranger
        .post(&format!("{path}/{}/removals", file.id), &[])
        .await
        .expect(404);
}
on_both_databases!(files_go_with_their_manuscript, crate::testing::setup);

async fn others_get_the_files_that_were_handed_in(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("运动会报名", TEXT).await;
    let author = school.acting(school.author).await;
    let add = async |name: &str, line: &str| {
        let new = NewFile {
            role: FileRole::Attachment,
            name: name.into(),
            bytes: Bytes::from(line.to_owned()),
            alt: String::new(),
            rights: None,
            credit: String::new(),
        };
        let file = keep(&school, &author, id, new).await.unwrap();
        file_address(id, file.id)
    };
    let before = add("日程.csv", "日期,项目\n11月27日,跳远\n").await;
    let version = school.submit(id).await.unwrap().version;
    course::recall(&school, &author, id, version, "补充名单")
        .await
        .unwrap();
    let since = add("名单.csv", "姓名,手机号码\n岩罕,13812345678\n").await;
    let author = school.client(&author);
    let chief = school.client(&school.acting(school.chief).await);
    for (reader, status) in [(&author, 200), (&chief, 404)] {
        reader.get(&before).await.expect(200);
        reader.get(&since).await.expect(status);
        let asked = json!({ "manuscript": id, "title": "运动会报名", "html": TEXT });
        let report = reader.json(Method::POST, "/checks", &asked).await;
        let told = report.expect(200).text().contains("名单.csv");
        assert_eq!(told, status == 200);
    }
}
on_both_databases!(
    others_get_the_files_that_were_handed_in,
    crate::testing::setup
);

async fn three_hundred_pictures_and_no_more(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("运动会掠影", "<p>精彩瞬间。</p>").await;
    let author = school.acting(school.author).await;
    let hash = school.files.put(Bytes::from_static(PNG)).await.unwrap();
    let tx = school.db.begin().await.unwrap();
    for _ in 0..PICTURES {
        let file = FileRef {
            hash: hash.to_string(),
            ..reference(0)
        };
        store::add_file(&tx, id, file, school.author, school.now())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let refused = keep(&school, &author, id, picture("多.png")).await;
    assert!(
        matches!(&refused, Err(Fault::Refused(why)) if why.contains("300 张图片")),
        "{refused:?}"
    );
    // The page with all of them still comes.
    let page = school
        .client(&author)
        .get(&format!("/manuscripts/{id}/edit"))
        .await
        .expect(200);
    assert_eq!(
        page.text()
            .matches("class=\"media-item\" data-file")
            .count(),
        PICTURES
    );
}
on_both_databases!(three_hundred_pictures_and_no_more, crate::testing::setup);
