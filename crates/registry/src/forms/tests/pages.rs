//! Pages and downloads through the router.

use super::registered;
use crate::testing::College;
use std::io::Read;
use zhendi_kernel::{audit, testing::TestApp};
use zhendi_office::{FormKind, Limits, read_forms};

async fn forms_are_seen_taken_and_checked(app: TestApp) {
    let one = registered(&app).await;
    let officer = app.client(&one.college.officer());
    let faculty = one.college.faculty;

    let page = officer.get("/forms").await.expect(200).text();
    assert!(page.contains("新媒体（网站）基本情况统计表") && page.contains("信工官网"));
    assert!(page.contains("/forms/annex-1.xls\"") || page.contains("/forms/annex-1.xls?"));
    let page = officer.get("/forms?annex=2").await.expect(200).text();
    assert!(
        page.contains("/channels?line=problems&#38;column=douyin"),
        "{page}"
    );
    let page = officer
        .get("/channels?line=problems&column=douyin")
        .await
        .expect(200)
        .text();
    assert!(page.contains("排查出有问题的新媒体（网站）：抖音号"));
    assert!(page.contains("xg_dy") || page.contains("=HYPERLINK"));
    assert!(!page.contains("信工官网"));
    let page = officer
        .get(&format!("/forms?annex=3&unit={faculty}"))
        .await
        .expect(200)
        .text();
    assert!(page.contains(&format!("/channels/{}/form.docx", one.site.id)));
    let page = officer
        .get(&format!("/channels/{}/form", one.site.id))
        .await
        .expect(200)
        .text();
    assert!(page.contains("粤ICP备05000000号-1") && page.contains("宣备〔2026〕7号"));

    // What was taken reads back as the annex that it is.
    for (extension, magic) in [("xls", "\u{d0}"), ("xlsx", "PK")] {
        let path = format!("/forms/annex-1.{extension}?unit={faculty}");
        let answer = officer.get(&path).await.expect(200);
        assert!(
            answer
                .bytes
                .starts_with(&magic.chars().map(|c| c as u8).collect::<Vec<u8>>())
        );
        let name = format!("a.{extension}");
        let reading = read_forms(&name, &answer.bytes, &Limits::default()).unwrap();
        assert_eq!(reading.forms[0].kind, FormKind::Annex1);
        assert_eq!(reading.forms[0].rows.len(), 3);
        assert_eq!(
            reading.forms[0].declared.unit.as_deref(),
            Some("信息工程学院")
        );
    }
    let told = audit::history(app.db.read(), "print", 1).await.unwrap();
    assert_eq!(told[0].summary, "导出附件1（xls）3 行，含完整电话号码 2 个");

    // The foot of the print leads to its page.
    let answer = officer
        .get(&format!("/channels/{}/form.docx", one.site.id))
        .await
        .expect(200);
    let mut document = String::new();
    zip::ZipArchive::new(std::io::Cursor::new(answer.bytes))
        .unwrap()
        .by_name("word/document.xml")
        .unwrap()
        .read_to_string(&mut document)
        .unwrap();
    let at = document.find("/prints/").expect("the address stands there") + 8;
    let key = &document[at..at + 16];
    let page = officer
        .get(&format!("/prints/{key}"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("内容与系统现在的记录一致") && page.contains("信工官网"));
    let page = app
        .visitor()
        .get(&format!("/prints/{key}"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("这份表格由本系统生成") && !page.contains("信工官网"));
    // One who may not see the channel learns no more than the public.
    let page = app
        .client(&one.college.librarian())
        .get(&format!("/prints/{key}"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("没有查看这份表格内容的权限") && !page.contains("信工官网"));
    app.visitor()
        .get("/prints/0123456789abcdef")
        .await
        .expect(404);
    for wild in ["x", "%27%20OR%201", "0123456789abcde", &"f".repeat(65)] {
        app.visitor()
            .get(&format!("/prints/{wild}"))
            .await
            .expect(404);
    }

    // After a change the page says so.
    let tx = app.db.begin().await.unwrap();
    let channel = crate::channel::store::get(&tx, one.site.id).await.unwrap();
    let mut to = channel.content();
    to.facts.followers = Some(5000);
    crate::channel::correct(&tx, &app, &crate::testing::program(), channel, to)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = officer
        .get(&format!("/prints/{key}"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("记录有了变动"));
}
zhendi_kernel::on_both_databases!(forms_are_seen_taken_and_checked, || {
    crate::testing::setup()
});

async fn the_archive_is_named_as_the_notice_asks(app: TestApp) {
    let one = registered(&app).await;
    let liaison = app.client(&one.college.liaison());
    let answer = liaison
        .get(&format!("/forms/survey.zip?unit={}", one.college.faculty))
        .await
        .expect(200);
    let name = answer.headers["content-disposition"].to_str().unwrap();
    let today = app.clock.today().format("%Y%m%d");
    let wanted: String = url::form_urlencoded::byte_serialize(
        format!("{today}信息工程学院新媒体（网站）统计.zip").as_bytes(),
    )
    .collect();
    assert!(name.ends_with(&wanted), "{name}");
    let archive = zip::ZipArchive::new(std::io::Cursor::new(answer.bytes)).unwrap();
    let mut names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "附件1-信息工程学院.xls",
            "附件2-信息工程学院.xls",
            "附件3-信息工程学院-01-实验室公众号.xls",
            "附件3-信息工程学院-02-信工官网.xls",
            "附件3-信息工程学院-03-=HYPERLINK(1).xls",
        ]
    );
    let told = audit::history(app.db.read(), "unit", one.college.faculty.0)
        .await
        .unwrap();
    let last = &told.last().unwrap().summary;
    assert!(
        last.contains("生成填报压缩包：5 个文件（登记表 3 份）"),
        "{last}"
    );
    // Another unit's is none of the liaison's business, and no unit has none.
    liaison
        .get(&format!("/forms/survey.zip?unit={}", one.college.library))
        .await
        .expect(404);
    liaison.get("/forms/survey.zip").await.expect(409);
}
zhendi_kernel::on_both_databases!(the_archive_is_named_as_the_notice_asks, || {
    crate::testing::setup()
});

async fn nothing_to_report_is_said(app: TestApp) {
    let college = College::new(&app).await;
    let officer = app.client(&college.officer());
    let page = officer.get("/forms").await.expect(200).text();
    assert!(page.contains("没有可填报的内容"));
    officer.get("/forms/annex-1.xls").await.expect(409);
    officer
        .get("/forms/annex-4.xls?year=2026")
        .await
        .expect(409);
    // Noughts are an answer.
    officer.get("/forms/annex-2.xls").await.expect(200);
    let page = officer.get("/forms?annex=4").await.expect(200).text();
    assert!(page.contains("这一年没有生效的备案"));
    officer
        .get(&format!("/forms/survey.zip?unit={}", college.lab))
        .await
        .expect(409);
    for wrong in [
        "annex-5.xls",
        "annex-3.xls",
        "annex-1.exe",
        "x",
        "annex-1",
        "annex-1.docx",
    ] {
        let answer = officer.get(&format!("/forms/{wrong}")).await;
        assert!(matches!(answer.status.as_u16(), 404 | 409), "{wrong}");
    }
    app.client(&college.system())
        .get("/forms")
        .await
        .expect(403);
}
zhendi_kernel::on_both_databases!(nothing_to_report_is_said, || crate::testing::setup());

async fn the_survey_is_data(app: TestApp) {
    let one = registered(&app).await;
    let officer = app.client(&one.college.officer());
    let page = officer.get("/settings/survey").await.expect(200).text();
    assert!(page.contains("6月29日上午12:00"));
    let fields = [
        ("deadline", "12月1日下午5:00"),
        ("mailbox", "xcb@example.edu.cn"),
        ("room", "行政楼210室"),
        ("subject", "日期+简称"),
        ("filled_by", ""),
        ("phone", ""),
        ("total", "media"),
    ];
    officer.post("/settings/survey", &fields).await.expect(303);
    let page = officer.get("/forms").await.expect(200).text();
    assert!(page.contains("12月1日下午5:00前，") && page.contains("（xcb@example.edu.cn）"));
    let mut wrong = fields;
    wrong[2].1 = "";
    wrong[5].1 = "也许";
    let page = officer
        .post("/settings/survey", &wrong)
        .await
        .expect(422)
        .text();
    assert!(page.contains("不是有效的电话号码"));
    app.client(&one.college.liaison())
        .post("/settings/survey", &fields)
        .await
        .expect(403);
}
zhendi_kernel::on_both_databases!(the_survey_is_data, || crate::testing::setup());

async fn programs_read_annex_two(app: TestApp) {
    let one = registered(&app).await;
    let officer = app.client(&one.college.officer());
    let all = officer
        .get("/api/v1/forms/annex-2")
        .await
        .expect(200)
        .json();
    assert_eq!(all["unit_name"], "江海职业技术学院");
    let total = &all["rows"][0]["figures"][7];
    assert_eq!(total["count"], 4);
    assert_eq!(total["href"], "/channels?line=opened");
    officer.get("/api/v1/forms/annex-1.xlsx").await.expect(200);
    app.client(&one.college.liaison())
        .get(&format!(
            "/api/v1/forms/annex-2?unit={}",
            one.college.library
        ))
        .await
        .expect(404);
}
zhendi_kernel::on_both_databases!(programs_read_annex_two, || crate::testing::setup());
