//! The queue, the pages and the API, through the real router on both databases.

use crate::{
    course::{
        Level,
        queue::{self, Query, View},
    },
    manuscript,
    testing::{School, TEXT, setup},
};
use chrono::TimeDelta;
use zhendi_kernel::{Actor, Role, actor::Scope, on_both_databases, testing::TestApp};

async fn the_queue_is_leafed_through_and_counted_without_counting(app: TestApp) {
    let school = School::new(app).await;
    let mut made = vec![];
    for nth in 0..30 {
        let id = school.draft(&format!("通知第{nth}号"), TEXT).await;
        school.submit(id).await.unwrap();
        school.pass(TimeDelta::minutes(1));
        made.push(id);
    }
    let admin = school.acting(school.admin).await;
    for view in [View::Mine, View::Open] {
        let mut query = Query {
            view,
            ..Query::default()
        };
        let first = queue::leaf(school.db.read(), &admin, &query, school.now())
            .await
            .unwrap();
        assert_eq!(first.rows.len(), 25);
        assert!(first.before.is_none());
        query.at = queue::Cursor::After(first.after.unwrap());
        let second = queue::leaf(school.db.read(), &admin, &query, school.now())
            .await
            .unwrap();
        assert!(second.after.is_none());
        let all: Vec<_> = first
            .rows
            .iter()
            .chain(&second.rows)
            .map(|row| row.manuscript_id)
            .collect();
        assert_eq!(all, made, "the most urgent first, each once");
        query.at = queue::Cursor::Before(second.before.unwrap());
        let back = queue::leaf(school.db.read(), &admin, &query, school.now())
            .await
            .unwrap();
        assert_eq!(back.rows, first.rows);
    }
    let found = |text: &str| Query {
        view: View::Open,
        text: text.into(),
        ..Query::default()
    };
    let one = queue::leaf(school.db.read(), &admin, &found("第17号"), school.now())
        .await
        .unwrap();
    assert_eq!(one.rows.len(), 1);
    school.approve(school.admin, made[0]).await.unwrap();
    let level = Query {
        view: View::Open,
        level: Some(Level::Two),
        ..Query::default()
    };
    let two = queue::leaf(school.db.read(), &admin, &level, school.now())
        .await
        .unwrap();
    assert_eq!(two.rows.len(), 1);
    let page = school
        .client(&admin)
        .get("/reviews?view=open")
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("初审（29）") && page.contains("复审（1）"),
        "{page}"
    );
    let chief = school.acting(school.chief).await;
    let page = school
        .client(&chief)
        .get("/reviews?view=open")
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("初审（29）"),
        "the whole institution's counter"
    );
    let outsider = crate::testing::person(
        &school.app,
        school.publicity,
        "钱外",
        Some((Role::UnitHead, Scope::Unit(school.publicity))),
    )
    .await;
    assert!(school.queue_of(outsider, View::Open).await.is_empty());
    let page = school
        .client(&school.acting(outsider).await)
        .get("/reviews?view=open")
        .await
        .expect(200)
        .text();
    assert!(page.contains("初审（0）"), "{page}");
}
on_both_databases!(
    the_queue_is_leafed_through_and_counted_without_counting,
    || super::setup()
);

async fn pages_and_api_say_and_do_the_same(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    let author = school.client(&school.acting(school.author).await);
    let revision = manuscript::load(school.db.read(), id)
        .await
        .unwrap()
        .revision
        .to_string();
    author
        .post(
            &format!("/manuscripts/{id}/submissions"),
            &[("revision", revision.as_str())],
        )
        .await
        .expect(303);
    let course = school.course(id).await;
    // A form of a level: ticks by number, the proofread with its figures.
    let admin = school.client(&school.acting(school.admin).await);
    let version = course.version.to_string();
    let mut fields = vec![
        ("version", version.as_str()),
        ("verdict", "approve"),
        ("opinion", "同意"),
        ("proofread", "on"),
        ("errors_标点", "2"),
    ];
    let path = format!("/manuscripts/{id}/decisions");
    let refused = admin.post(&path, &fields).await.expect(409).text();
    assert!(refused.contains("必查项没有确认"), "{refused}");
    let numbers = ["0", "1", "2", "3", "4"];
    fields.extend(numbers.iter().map(|nth| ("checked", *nth)));
    admin.post(&path, &fields).await.expect(303);
    let done = school.course(id).await;
    assert_eq!(
        done.decisions[0].proofread.as_ref().unwrap().errors,
        [("标点".to_owned(), 2)]
    );
    // The API goes on.
    let head = school.client(&school.acting(school.head).await);
    let api = format!("/api/v1/manuscripts/{id}");
    let state = head.get(&format!("{api}/review")).await.expect(200).json();
    assert_eq!(
        (state["level"].as_str(), state["turn"].as_str()),
        (Some("second"), Some("unit_head"))
    );
    let back = serde_json::json!({
        "version": state["version"], "verdict": "return", "opinion": "请补充地点",
        "asked": [{"what": "写明集合地点", "quote": "消防演练", "range": [11, 15]}],
    });
    let decide = format!("{api}/decisions");
    let answer = head
        .json(axum::http::Method::POST, &decide, &back)
        .await
        .expect(200)
        .json();
    assert_eq!(answer["stage"], "returned");
    head.json(axum::http::Method::POST, &decide, &back)
        .await
        .expect(409);
    let list = head
        .get("/api/v1/reviews?view=returned")
        .await
        .expect(200)
        .json();
    assert_eq!(list["items"][0]["manuscript"], id.0);
    assert_eq!(
        school.work_of(school.author).await,
        ["按退回意见修改：“消防演练通知”"]
    );
    // What is too long is told as that, not as bad JSON.
    let long =
        serde_json::json!({ "version": 1, "verdict": "return", "opinion": "长".repeat(3 << 20) });
    head.json(axum::http::Method::POST, &decide, &long)
        .await
        .expect(413);
    // Who may not see it does not learn that it is there.
    let outsider = crate::testing::person(
        &school.app,
        school.publicity,
        "钱外",
        Some((Role::UnitHead, Scope::Unit(school.publicity))),
    )
    .await;
    let outsider = school.client(&school.acting(outsider).await);
    outsider.get(&format!("{api}/review")).await.expect(404);
    outsider
        .json(axum::http::Method::POST, &decide, &back)
        .await
        .expect(404);
    for page in [
        "/reviews",
        "/reviews?view=returned",
        "/reviews?view=done",
        "/reviews?q=消防&view=open&major=1&level=first",
    ] {
        head.get(page).await.expect(200);
    }
}
on_both_databases!(pages_and_api_say_and_do_the_same, || super::setup());

async fn workflows_are_set_on_their_pages(app: TestApp) {
    let school = School::new(app).await;
    let chief = school.client(&school.acting(school.chief).await);
    let page = chief.get("/settings/workflows").await.expect(200).text();
    assert!(
        page.contains("学院默认") && page.contains("初审 网络阵地管理员（8 小时）"),
        "{page}"
    );
    let new = format!(
        "/settings/workflows/new?unit={}&platform=wechat_subscription",
        school.college
    );
    let form = chief.get(&new).await.expect(200).text();
    assert!(form.contains("刘洋（网络阵地管理员）"), "{form}");
    let unit = school.college.to_string();
    let mut fields = vec![
        ("unit", unit.as_str()),
        ("platform", "wechat_subscription"),
        ("restart", "first"),
        ("correction_limit", "5"),
        ("valid_days", "10"),
        ("hold_hours", "2"),
        ("always_major", "重大决策"),
    ];
    let levels: [[(&'static str, &'static str); 4]; 4] = [
        [
            ("on_first", "on"),
            ("seat_first", "channel_admin"),
            ("hours_first", "4"),
            ("checklist_first", "*内容真实\n图片清晰"),
        ],
        [
            ("on_second", "on"),
            ("seat_second", "unit_head"),
            ("hours_second", "4"),
            ("checklist_second", ""),
        ],
        [
            ("on_third", "on"),
            ("seat_third", "publicity_head"),
            ("hours_third", "x"),
            ("checklist_third", ""),
        ],
        [
            ("on_leader", "on"),
            ("seat_leader", "portfolio_leader"),
            ("hours_leader", "8"),
            ("checklist_leader", ""),
        ],
    ];
    fields.extend(levels.iter().flatten());
    let wrong = chief
        .post("/settings/workflows", &fields)
        .await
        .expect(422)
        .text();
    assert!(wrong.contains("请填数字"), "{wrong}");
    let at = fields
        .iter()
        .position(|(name, _)| *name == "hours_third")
        .unwrap();
    fields[at].1 = "4";
    // Two levels that only the same person could fill.
    let seat = fields
        .iter()
        .position(|(name, _)| *name == "seat_third")
        .unwrap();
    fields[seat].1 = "unit_head";
    let short = chief
        .post("/settings/workflows", &fields)
        .await
        .expect(422)
        .text();
    assert!(short.contains("凑不齐互不相同的人"), "{short}");
    fields[seat].1 = "publicity_head";
    chief.post("/settings/workflows", &fields).await.expect(303);
    let all = chief.get("/api/v1/workflows").await.expect(200).json();
    let own = all
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["unit"] == school.college.0)
        .unwrap()
        .clone();
    assert_eq!(own["law"]["levels"][0]["checklist"][0]["required"], true);
    let id = own["id"].as_i64().unwrap();
    let edit = format!("/settings/workflows/{id}");
    assert!(
        chief
            .get(&edit)
            .await
            .expect(200)
            .text()
            .contains("*内容真实")
    );
    fields.push(("version", "1"));
    let days = fields
        .iter()
        .position(|(name, _)| *name == "valid_days")
        .unwrap();
    fields[days].1 = "12";
    chief.post(&edit, &fields).await.expect(303);
    chief.post(&edit, &fields).await.expect(409);
    let draft = school.draft("通知", TEXT).await;
    let course = school.submit(draft).await.unwrap();
    assert_eq!((course.law.valid_days, course.law.levels[0].hours), (12, 4));
    chief
        .post(&format!("{edit}/endings"), &[])
        .await
        .expect(303);
    chief.get(&edit).await.expect(404);
    assert_eq!(school.course(draft).await.law.valid_days, 12);
    let default = all
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["unit"].is_null())
        .unwrap()["id"]
        .as_i64()
        .unwrap();
    chief
        .post(&format!("/settings/workflows/{default}/endings"), &[])
        .await
        .expect(409);
    // Working hours.
    let bad = chief
        .post(
            "/settings/workflows/hours",
            &[("spans", "9-17"), ("holidays", ""), ("workdays", "")],
        )
        .await;
    assert!(bad.expect(422).text().contains("08:30-12:00"));
    let hours = [
        ("spans", "09:00-12:00\n13:00-17:00"),
        ("holidays", "2026-11-23"),
        ("workdays", ""),
    ];
    chief
        .post("/settings/workflows/hours", &hours)
        .await
        .expect(303);
    let again = school.draft("通知二", TEXT).await;
    let course = school.submit(again).await.unwrap();
    // Friday 14:05 with eight hours: 2 h 55 min, a holiday on Monday, 5 h 5 min on Tuesday.
    assert_eq!(
        zhendi_kernel::clock::show(&course.due.unwrap()),
        "2026-11-24 15:05"
    );
    let author: Actor = school.acting(school.author).await;
    school
        .client(&author)
        .get("/settings/workflows")
        .await
        .expect(403);
}
on_both_databases!(workflows_are_set_on_their_pages, || super::setup());
