//! Stories of regulations, on both databases and through the real router.

use super::{
    Content, Readers, RegulationState, begin, confirm, discard, edit, issue, open_for, readings,
    renew, repeal, store,
};
use crate::testing::{College, acting, person};
use axum::http::Method;
use chrono::{NaiveDate, TimeDelta};
use serde_json::json;
use zhendi_kernel::{Fault, PersonId, Role, testing::TestApp, work};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn content(college: &College, text: &str) -> Content {
    Content {
        unit: college.root,
        scope: college.root,
        title: "网络阵地管理办法".into(),
        number: "院党发〔2026〕12号".into(),
        text: text.into(),
        note: String::new(),
        effective_on: day("2026-11-01"),
        supersedes: None,
        readers: Readers::Roles(vec![Role::UnitHead]),
        read_days: 10,
    }
}

async fn todo(app: &TestApp, person: PersonId) -> usize {
    let actor = acting(app, person).await;
    let filter = work::Filter::default();
    let mine = work::mine(app.db.read(), app.now(), &actor, &filter).await;
    mine.unwrap().rows.len()
}

async fn who_must_read_is_asked_and_asked_again(app: TestApp) {
    let college = College::new(&app).await;
    let (officer, chief) = (
        acting(&app, college.officer).await,
        acting(&app, college.chief).await,
    );
    let made = begin(&app, &officer, content(&college, "第一条 密码不少于8位。"))
        .await
        .unwrap();
    let head = acting(&app, college.head).await;
    let unseen = open_for(app.db.read(), &head, made.id).await;
    assert!(matches!(unseen, Err(Fault::NotFound)), "a draft");
    let refused = issue(&app, &officer, made.id, made.version).await;
    assert!(matches!(refused, Err(Fault::Forbidden(_))));
    let made = issue(&app, &chief, made.id, made.version).await.unwrap();
    app.run_jobs().await;
    for (who, items) in [
        (college.head, 1),
        (college.librarian, 1),
        (college.teacher, 0),
    ] {
        assert_eq!(todo(&app, who).await, items);
    }
    let made = confirm(&app, &head, made.id, 1).await.unwrap();
    assert_eq!(todo(&app, college.head).await, 0);
    // The teacher need not, and may.
    let teacher = acting(&app, college.teacher).await;
    confirm(&app, &teacher, made.id, 1).await.unwrap();
    let found = readings::of_last(&app, &chief, made.id).await.unwrap();
    let unread: Vec<&str> = found
        .lines
        .iter()
        .filter(|line| line.read.is_empty())
        .map(|line| line.name.as_str())
        .collect();
    assert_eq!(unread, ["周馆长"]);
    let hidden = readings::of_last(&app, &teacher, made.id).await;
    assert!(matches!(hidden, Err(Fault::Forbidden(_))));

    // Who comes later is asked the next day.
    let scope = zhendi_kernel::actor::Scope::Unit(college.library);
    let late = person(
        &app,
        college.library,
        "新馆长",
        Some((Role::UnitHead, scope)),
    )
    .await;
    readings::ask((*app).clone(), json!({})).await.unwrap();
    assert_eq!(todo(&app, late).await, 1);

    // A new version asks everyone again; the old one's work is gone.
    let made = renew(&app, &officer, made.id).await.unwrap();
    assert!(renew(&app, &officer, made.id).await.is_err());
    let new = Content {
        effective_on: day("2026-10-01"),
        ..content(&college, "第一条 密码不少于12位。")
    };
    let seen = made.version;
    let made = edit(&app, &officer, made.id, seen, new.clone())
        .await
        .unwrap();
    let early = issue(&app, &chief, made.id, made.version).await;
    assert!(matches!(early, Err(Fault::Refused(_))));
    let new = Content {
        effective_on: day("2027-01-01"),
        ..new
    };
    let made = edit(&app, &officer, made.id, made.version, new)
        .await
        .unwrap();
    let made = issue(&app, &chief, made.id, made.version).await.unwrap();
    app.run_jobs().await;
    assert_eq!(todo(&app, college.head).await, 1);
    assert_eq!(todo(&app, college.librarian).await, 1, "once, not twice");
    let stale = confirm(&app, &head, made.id, 1).await;
    assert!(matches!(stale, Err(Fault::Stale)));
    // Both versions stand; the first holds until the second takes effect.
    let versions = store::versions_of(app.db.read(), made.id).await.unwrap();
    assert_eq!(versions.len(), 2);
    let today = app.clock.today();
    assert_eq!(
        super::service::current(&versions, today).unwrap().ordinal,
        1
    );

    // Repealed: nobody has to read it any more.
    let made = repeal(&app, &chief, made.id, today, "另有规定".into())
        .await
        .unwrap();
    app.run_jobs().await;
    assert_eq!(todo(&app, college.librarian).await, 0);
    assert_eq!(made.state(today), RegulationState::Repealed);
    assert!(confirm(&app, &head, made.id, 2).await.is_err());
    assert!(renew(&app, &officer, made.id).await.is_err());
}
zhendi_kernel::on_both_databases!(who_must_read_is_asked_and_asked_again, || {
    crate::testing::setup()
});

async fn each_unit_rules_its_own_house(app: TestApp) {
    let college = College::new(&app).await;
    let head = acting(&app, college.head).await;
    let own = Content {
        unit: college.faculty,
        scope: college.faculty,
        title: "信息工程学院公众号管理细则".into(),
        readers: Readers::Everyone,
        ..content(&college, "第一条 目的")
    };
    let whole = Content {
        scope: college.root,
        ..own.clone()
    };
    assert!(matches!(
        begin(&app, &head, whole).await,
        Err(Fault::Forbidden(_))
    ));
    let made = begin(&app, &head, own).await.unwrap();
    let made = issue(&app, &head, made.id, made.version).await.unwrap();
    app.run_jobs().await;
    // Everyone of the faculty is asked; the library does not even know of it.
    assert_eq!(todo(&app, college.teacher).await, 1);
    assert_eq!(todo(&app, college.librarian).await, 0);
    let librarian = acting(&app, college.librarian).await;
    let unseen = open_for(app.db.read(), &librarian, made.id).await;
    assert!(matches!(unseen, Err(Fault::NotFound)));
    let (today, before) = (app.clock.today(), day("2026-10-01"));
    let found = crate::evidence(app.db.read(), college.faculty, before, today)
        .await
        .unwrap();
    assert_eq!(found[0].kind, "规章制度");
    assert_eq!(found[0].since, day("2026-11-01"));
    let none = crate::evidence(app.db.read(), college.faculty, before, before)
        .await
        .unwrap();
    assert!(none.is_empty());

    // One that takes its place ends it on its day.
    let next = Content {
        unit: college.faculty,
        scope: college.faculty,
        title: "信息工程学院新媒体管理细则".into(),
        effective_on: today + TimeDelta::days(10),
        supersedes: Some(made.id),
        ..content(&college, "第一条 目的")
    };
    let next = begin(&app, &head, next).await.unwrap();
    issue(&app, &head, next.id, next.version).await.unwrap();
    app.run_jobs().await;
    let old = store::find(app.db.read(), made.id).await.unwrap().unwrap();
    assert_eq!(old.state(today), RegulationState::InForce);
    assert_eq!(
        old.state(today + TimeDelta::days(10)),
        RegulationState::Repealed
    );
    // A draft can be given up, what was issued cannot.
    let draft = begin(
        &app,
        &head,
        Content {
            unit: college.faculty,
            scope: college.faculty,
            ..content(&college, "第一条 目的")
        },
    )
    .await
    .unwrap();
    assert!(discard(&app, &head, draft.id).await.unwrap());
    assert!(discard(&app, &head, made.id).await.is_err());
}
zhendi_kernel::on_both_databases!(each_unit_rules_its_own_house, || crate::testing::setup());

async fn the_pages_of_regulations(app: TestApp) {
    let college = College::new(&app).await;
    let chief = app.client(&acting(&app, college.chief).await);
    let head = app.client(&acting(&app, college.head).await);
    let root = college.root.to_string();
    let fields = |text: &'static str| {
        vec![
            ("title", "网络阵地管理办法"),
            ("number", "院党发〔2026〕12号"),
            ("unit", root.as_str()),
            ("scope", root.as_str()),
            ("effective", "2026-11-01"),
            ("read_days", "10"),
            ("reader", "unit_head"),
            ("text", text),
        ]
    };
    let wrong = chief.post("/regulations", &[("title", "")]).await;
    let wrong = wrong.expect(422).text();
    assert!(wrong.contains("请选择施行日期") && wrong.contains("请选择单位"));
    let text = "第一章 总则\n第一条 为了<script>管理</script>。\n第二条 密码不少于8位。";
    let made = chief.post("/regulations", &fields(text)).await.expect(303);
    let path = made.location().to_owned();
    let version = |page: &str| {
        let (_, rest) = page.split_once("name=\"version\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let pdf = b"%PDF-1.4\n%%EOF\n".as_slice();
    chief
        .upload(
            &format!("{path}/attachments"),
            &[],
            &[("file", "红头.pdf", pdf)],
        )
        .await
        .expect(303);
    let page = chief.get(&path).await.expect(200).text();
    assert!(page.contains("&#60;script&#62;") && !page.contains("<script>管理"));
    assert!(page.contains("红头.pdf"));
    head.get(&path).await.expect(404);
    let seen = version(&page);
    chief
        .post(&format!("{path}/issues"), &[("version", &seen)])
        .await
        .expect(303);
    app.run_jobs().await;

    let list = head
        .get("/regulations?view=waiting")
        .await
        .expect(200)
        .text();
    assert!(list.contains("网络阵地管理办法"));
    let found = head.get("/regulations?q=密码").await.expect(200).text();
    assert!(found.contains("网络阵地管理办法"), "by its text");
    let page = head.get(&path).await.expect(200).text();
    assert!(page.contains("我已阅读") && page.contains("<h3 id=\"p1\">第一章 总则</h3>"));
    let readings = format!("{path}/readings");
    head.post(&readings, &[("ordinal", "1")]).await.expect(303);
    let page = head.get(&path).await.expect(200).text();
    assert!(!page.contains("<button class=\"btn btn-primary\" type=\"submit\">"));
    assert!(page.contains("已阅读"));

    // The second version, compared with the first.
    chief
        .post(&format!("{path}/versions"), &[])
        .await
        .expect(303);
    let form = chief.get(&format!("{path}/edit")).await.expect(200).text();
    assert!(form.contains("密码不少于8位"));
    let mut second = fields("第一章 总则\n第一条 为了管理。\n第二条 密码不少于12位。");
    let seen = version(&form);
    second.push(("version", &seen));
    second.push(("note", "提高密码长度"));
    chief
        .post(&format!("{path}/edit"), &second)
        .await
        .expect(303);
    let differ = format!("{path}/differences?from=1&to=2");
    let page = chief.get(&differ).await.expect(200).text();
    assert!(
        page.contains("<ins>12</ins>") && page.contains("<del>8</del>"),
        "{page}"
    );
    head.get(&differ).await.expect(404);
    let draft = chief
        .get(&format!("{path}?version=draft"))
        .await
        .expect(200)
        .text();
    let seen = version(&draft);
    chief
        .post(&format!("{path}/issues"), &[("version", &seen)])
        .await
        .expect(303);
    app.run_jobs().await;
    head.get(&differ).await.expect(200);
    let old = head
        .get(&format!("{path}?version=1"))
        .await
        .expect(200)
        .text();
    assert!(old.contains("不是现行版本") && old.contains("不少于8位"));

    let page = chief.get(&readings).await.expect(200).text();
    assert!(page.contains("赵院长") && page.contains("未阅读"));
    head.get(&readings).await.expect(403);
    let csv = chief
        .get(&format!("{readings}.csv"))
        .await
        .expect(200)
        .text();
    assert!(csv.contains("赵院长") && csv.contains("未阅读"));
    let xlsx = chief.get(&format!("{readings}.xlsx")).await.expect(200);
    assert_eq!(&xlsx.bytes[..2], b"PK");
    chief.get("/regulations.csv").await.expect(200);

    // The same as JSON.
    let api = format!("/api/v1{path}");
    let view = head.get(&api).await.expect(200).json();
    assert_eq!(view["current"], 2);
    assert_eq!(view["versions"].as_array().unwrap().len(), 2);
    let body = json!({ "ordinal": 2 });
    let confirmed = head
        .json(Method::POST, &format!("{api}/readings"), &body)
        .await;
    confirmed.expect(200);
    let people = chief
        .get(&format!("{api}/readings"))
        .await
        .expect(200)
        .json();
    let read = people
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "赵院长");
    assert_eq!(read.unwrap()["read"], true);
    let listed = head.get("/api/v1/regulations").await.expect(200).json();
    assert_eq!(listed["total"], 1);
}
zhendi_kernel::on_both_databases!(the_pages_of_regulations, || crate::testing::setup());
