//! The list, the writer's pages and the frame of styled content.

use super::{
    super::{
        Layout, begin,
        store::{self, Query, State},
    },
    story::read,
};
use crate::{
    course::{self, Stage, Submitting},
    ids::ManuscriptId,
    manuscript::Draft,
    testing::{School, TEXT, content},
};
use axum::http::header;
use zhendi_kernel::{on_both_databases, testing::TestApp};

async fn lists_find_and_filter(app: TestApp) {
    let school = School::new(app).await;
    let author = school.acting(school.author).await;
    let fire = school.draft("消防演练通知", TEXT).await;
    let open = school.draft("校园开放日", TEXT).await;
    Box::pin(course::submit(
        &school,
        &author,
        open,
        Submitting::default(),
    ))
    .await
    .unwrap();
    let found = async |query: Query| {
        let query = Query {
            page: 1,
            per_page: 10,
            ..query
        };
        let (lines, total) = store::list(school.db.read(), &author, &query)
            .await
            .unwrap();
        assert_eq!(lines.len() as u64, total);
        lines.into_iter().map(|line| line.id).collect::<Vec<_>>()
    };
    let text = |text: &str| Query {
        text: text.into(),
        ..Query::default()
    };
    assert_eq!(found(Query::default()).await, [open, fire]);
    assert_eq!(found(text("消防")).await, [fire]);
    assert_eq!(found(text("日")).await, [open]);
    assert_eq!(found(text("演练 消防")).await, [fire]);
    assert!(found(text("考试")).await.is_empty());
    let state = |state| Query {
        state: Some(state),
        ..Query::default()
    };
    assert_eq!(found(state(State::Draft)).await, [fire]);
    assert_eq!(found(state(State::On(Stage::Reviewing))).await, [open]);
    let category = |category: &str| Query {
        category: category.into(),
        ..Query::default()
    };
    assert_eq!(found(category("通知公告")).await.len(), 2);
    assert!(found(category("新闻")).await.is_empty());
    assert_eq!(
        found(Query {
            channel: Some(school.channel),
            ..Query::default()
        })
        .await
        .len(),
        2
    );
    assert!(
        found(Query {
            channel: Some(school.official),
            ..Query::default()
        })
        .await
        .is_empty()
    );
    assert_eq!(
        found(Query {
            unit: Some(school.root),
            ..Query::default()
        })
        .await
        .len(),
        2
    );
    assert!(
        found(Query {
            unit: Some(school.publicity),
            ..Query::default()
        })
        .await
        .is_empty()
    );
    assert_eq!(
        found(Query {
            mine: true,
            ..Query::default()
        })
        .await
        .len(),
        2
    );
    // A title that was changed is found by its new words only.
    school.rewrite(fire, "防汛通知", TEXT).await;
    assert!(found(text("消防")).await.is_empty());
    assert_eq!(found(text("防汛")).await, [fire]);

    let client = school.client(&author);
    let page = client.get("/manuscripts?q=防汛").await.expect(200).text();
    assert!(page.contains("防汛通知") && !page.contains("校园开放日"));
    assert!(
        client
            .get("/manuscripts?q=没有的")
            .await
            .expect(200)
            .text()
            .contains("没有符合条件的稿件")
    );
    let csv = client.get("/manuscripts.csv").await.expect(200);
    assert!(csv.text().contains("防汛通知") && csv.text().contains("审核中"));
    let xlsx = client
        .get("/manuscripts.xlsx?state=draft")
        .await
        .expect(200);
    assert!(xlsx.bytes.starts_with(b"PK"));
    let chief = school.client(&school.acting(school.chief).await);
    let page = chief.get("/manuscripts").await.expect(200).text();
    assert!(page.contains("校园开放日") && !page.contains("防汛通知"));
}
on_both_databases!(lists_find_and_filter, crate::testing::setup);

async fn the_writers_pages(app: TestApp) {
    let school = School::new(app).await;
    let author = school.client(&school.acting(school.author).await);
    let json = school
        .client(&school.acting(school.author).await)
        .with(header::ACCEPT, "application/json");
    assert!(
        author
            .get("/manuscripts")
            .await
            .expect(200)
            .text()
            .contains("还没有稿件")
    );
    let page = author.get("/manuscripts/new").await.expect(200).text();
    assert!(
        page.contains("信息工程学院") && page.contains("信工微讯") && page.contains("江海大学")
    );
    author
        .post("/manuscripts", &[("title", "x")])
        .await
        .expect(422);
    author
        .post("/manuscripts", &[("unit", &school.publicity.to_string())])
        .await
        .expect(403);
    let (college, channel) = (school.college.to_string(), school.channel.to_string());
    let fields = [
        ("unit", college.as_str()),
        ("main", &channel),
        ("title", "消防演练通知"),
        ("layout", "rich"),
    ];
    let edit = author
        .post("/manuscripts", &fields)
        .await
        .expect(303)
        .location()
        .to_owned();
    let page = author.get(&edit).await.expect(200).text();
    assert!(page.contains("name=\"revision\" value=\"1\"") && page.contains("新媒体平台"));
    assert!(page.contains("标题不超过 64 字"));

    // Without script: a plain form with plain lines.
    let filled = |revision: &'static str, html: &'static str| {
        vec![
            ("revision", revision),
            ("title", "消防演练通知"),
            ("html", html),
            ("layout", "rich"),
            ("origin", "original"),
            ("main", channel.as_str()),
            ("category", "通知公告"),
        ]
    };
    let shown = author
        .upload(&edit, &filled("1", "第一段\n第二段 <script>"), &[])
        .await
        .expect(303);
    let path = shown.location().to_owned();
    let page = author.get(&path).await.expect(200).text();
    assert!(page.contains("<p>第二段 &lt;script&gt;</p>") && page.contains("提交审核"));
    // Two windows: the second is told, keeps what it wrote, and may go on.
    let clash = author
        .upload(&edit, &filled("1", "另一个窗口写的"), &[])
        .await
        .expect(409)
        .text();
    assert!(clash.contains("另一个窗口写的") && clash.contains("name=\"instead\" value=\"2\""));
    let mut on = filled("1", "另一个窗口写的");
    on.push(("instead", "2"));
    author.upload(&edit, &on, &[]).await.expect(303);
    assert!(
        author
            .get(&path)
            .await
            .expect(200)
            .text()
            .contains("被替换的内容")
    );

    // With script: the same as JSON, with what is still missing.
    let told = json
        .upload(&edit, &filled("3", "<p>甲</p><svg onload=x></svg>"), &[])
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&told["revision"], &told["words"], &told["dropped"]),
        (&4.into(), &1.into(), &1.into())
    );
    let clash = json
        .upload(&edit, &filled("3", "<p>乙</p>"), &[])
        .await
        .expect(409)
        .json();
    assert_eq!(
        (&clash["revision"], &clash["by"]),
        (&4.into(), &"张敏".into())
    );
    let mut wrong = filled("4", "<p>乙</p>");
    wrong.extend([
        ("coauthors", "查无此人"),
        ("source_link", "javascript:alert(1)"),
    ]);
    let told = json.upload(&edit, &wrong, &[]).await.expect(422).json();
    assert!(told.to_string().contains("查无此人") && told.to_string().contains("原文链接"));
    let mut with = filled("4", "<p>乙</p>");
    with.extend([("coauthors", "刘洋、陈静"), ("other", &*channel)]);
    json.upload(&edit, &with, &[]).await.expect(200);
    let id: ManuscriptId = path.rsplit('/').next().unwrap().parse().unwrap();
    let of = read(&school, id).await;
    assert_eq!(
        (of.coauthors, of.content.channels),
        (vec![school.admin, school.deputy], vec![school.channel])
    );

    // A picture bomb and a paste without end are told in the same way.
    let paste = "字".repeat(5 << 20);
    let mut long = filled("5", "x");
    long.retain(|(name, _)| *name != "html");
    long.push(("html", &paste));
    let told = json.upload(&edit, &long, &[]).await.expect(413);
    assert!(told.text().is_empty() || told.text().contains("没有保存"));
    assert_eq!(read(&school, id).await.content.html, "<p>乙</p>");
}
on_both_databases!(the_writers_pages, crate::testing::setup);

async fn styled_content_is_shown_in_its_frame(app: TestApp) {
    let school = School::new(app).await;
    let author = school.acting(school.author).await;
    let draft = Draft {
        layout: Layout::Framed,
        ..content(
            school.channel,
            "排版稿",
            "<section style=\"color:red;position:fixed\" onclick=\"x\">甲<script>alert(1)</script></section>",
        )
    };
    let of = begin(&school, &author, school.college, draft)
        .await
        .unwrap();
    assert_eq!(of.content.html, "<section style=\"color:red\">甲</section>");
    let client = school.client(&author);
    let page = client.get(&of.href()).await.expect(200).text();
    assert!(page.contains("sandbox=\"allow-same-origin") && !page.contains("color:red"));
    let frame = client
        .get(&format!("{}/frame", of.href()))
        .await
        .expect(200);
    assert!(frame.text().contains("color:red"));
    assert_eq!(frame.headers["x-frame-options"], "SAMEORIGIN");
}
on_both_databases!(styled_content_is_shown_in_its_frame, crate::testing::setup);
