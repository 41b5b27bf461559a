//! Persons, as a story on both databases and through the pages.

use super::*;
use crate::{
    holding, role,
    testing::{College, acting, facts, give, person_at, program},
};
use sea_orm::{ConnectionTrait, Statement};
use zhendi_kernel::{
    Fault, PersonId, Role, ScopeFilter, actor::Scope, on_both_databases, testing::TestApp, work,
};

async fn persons_are_found_and_their_numbers_are_sealed(app: TestApp) {
    let college = College::new(&app).await;
    let db = app.db.read();
    let tx = app.db.begin().await.expect("tx");
    let mut new = facts(college.faculty, "欧阳明月");
    new.phone = Some("13800138001".into());
    new.staff_number = Some("2026001".into());
    new.mail = Some("oy@example.edu.cn".into());
    let id = create_contact(&tx, &app, &program(), new.clone())
        .await
        .expect("a person");
    let twice = create_contact(&tx, &app, &program(), new.clone()).await;
    assert!(
        matches!(twice, Err(Fault::Refused(_))),
        "the staff number is one person's: {twice:?}"
    );
    tx.commit().await.expect("commit");

    let same = by_name_and_phone(db, &app, college.office, "欧阳明月", Some("13800138001")).await;
    assert_eq!(same.expect("found"), Some(id));
    let there = by_name_and_phone(db, &app, college.faculty, "欧阳明月", None).await;
    assert_eq!(there.expect("found"), Some(id));
    let elsewhere = by_name_and_phone(db, &app, college.office, "欧阳明月", None).await;
    assert_eq!(elsewhere.expect("found"), None);
    person_at(&app, college.faculty, "欧阳明月").await;
    let two = by_name_and_phone(db, &app, college.faculty, "欧阳明月", None).await;
    assert_eq!(two.expect("found"), None, "two of one name are nobody");
    let card = cards(db, &app, &[id])
        .await
        .expect("cards")
        .remove(&id)
        .expect("a card");
    assert_eq!(
        (card.phone.as_str(), card.unit_name.as_str()),
        ("13800138001", "信息工程学院")
    );

    // Nothing of it lies open in the table.
    let sql = "SELECT * FROM person";
    for row in db
        .query_all_raw(Statement::from_string(app.db.backend(), sql))
        .await
        .expect("rows")
    {
        let shown = format!("{row:?}");
        for secret in ["13800138001", "2026001", "oy@example"] {
            assert!(!shown.contains(secret), "{secret} lies open");
        }
    }

    let query = |text: &str| Query {
        text: text.into(),
        page: 1,
        per_page: 10,
        ..Query::default()
    };
    let within = ScopeFilter::Within {
        units: vec![college.faculty],
        channels: vec![],
    };
    let count =
        async |filter: &ScopeFilter, query: Query| list(db, filter, &query).await.expect("list").1;
    assert_eq!(count(&ScopeFilter::All, query("")).await, 5);
    assert_eq!(count(&within, query("")).await, 2);
    assert_eq!(count(&ScopeFilter::nothing(), query("")).await, 0);
    assert_eq!(count(&ScopeFilter::All, query("阳")).await, 2);
    assert_eq!(count(&ScopeFilter::All, query("明月 欧阳")).await, 2);
    assert_eq!(count(&within, query("安全")).await, 0);
    assert_eq!(
        count(
            &ScopeFilter::All,
            Query {
                account: Some(true),
                ..query("")
            }
        )
        .await,
        0
    );
    assert_eq!(
        count(
            &ScopeFilter::All,
            Query {
                account: Some(false),
                ..query("")
            }
        )
        .await,
        5
    );
    assert_eq!(
        count(
            &ScopeFilter::All,
            Query {
                left: true,
                ..query("")
            }
        )
        .await,
        0
    );
    let second = Query {
        page: 2,
        per_page: 3,
        ..query("")
    };
    assert_eq!(
        list(db, &ScopeFilter::All, &second)
            .await
            .expect("list")
            .0
            .len(),
        2
    );

    // A change is whole, and the second writer of a version loses.
    let before = find(db, id).await.expect("p").expect("the person");
    let tx = app.db.begin().await.expect("tx");
    new.post = "院长".into();
    new.phone = None;
    change(&tx, &app, &program(), &before, new.clone())
        .await
        .expect("a change");
    new.post = "书记".into();
    let late = change(&tx, &app, &program(), &before, new).await;
    assert!(matches!(late, Err(Fault::Stale)), "{late:?}");
    tx.commit().await.expect("commit");
    let after = find(db, id).await.expect("p").expect("the person");
    assert_eq!(
        (
            after.post.as_str(),
            details(&app, &after).expect("open").phone
        ),
        ("院长", None)
    );
}
on_both_databases!(
    persons_are_found_and_their_numbers_are_sealed,
    crate::testing::setup
);

async fn who_leaves_hands_over(app: TestApp) {
    let college = College::new(&app).await;
    let leaver = person_at(&app, college.faculty, "离岗人").await;
    let heir = person_at(&app, college.faculty, "接手人").await;
    give(&app, leaver, Role::UnitHead, Scope::Unit(college.faculty)).await;
    let tx = app.db.begin().await.expect("tx");
    let site = holding::Subject {
        kind: holding::CHANNEL,
        id: 7,
        title: "学院网站".into(),
        href: "/channels/7".into(),
        unit: college.faculty,
        people: vec![(leaver, "运维负责人".into())],
    };
    holding::record(&tx, site).await.expect("a holding");
    let item = work::NewItem {
        kind: "test.task",
        subject: ("test", 1),
        title: "补充材料".into(),
        href: "/channels/7".into(),
        unit: college.faculty,
        channel: None,
        assignee: work::Assignee::Person(leaver),
        due: None,
        barred: vec![],
        escalate_to: None,
    };
    work::open(&tx, &app, item).await.expect("work");
    tx.commit().await.expect("commit");

    let db = app.db.read();
    let system = app.client(&acting(&app, college.system).await);
    let path = format!("/people/{leaver}/departures");
    let page = system.get(&format!("{path}/new")).await.expect(200).text();
    for part in ["补充材料", "学院网站（运维负责人）", "单位负责人"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let refused = system
        .post(&path, &[("reason", "退休")])
        .await
        .expect(422)
        .text();
    assert!(
        refused.contains("请选择接手人") && refused.contains("value=\"退休\""),
        "{refused}"
    );
    let there = async |id: PersonId| find(db, id).await.expect("p").expect("the person");
    assert!(
        there(leaver).await.left_at.is_none(),
        "nothing happens before all is named"
    );

    let held = holding::of_person(db, leaver).await.expect("held")[0].id;
    let grant = role::of_person(db, app.now(), leaver)
        .await
        .expect("grants")[0]
        .id;
    let (to, held) = (heir.to_string(), format!("holding-{held}"));
    let grant = format!("role-{grant}");
    let all = [
        ("reason", "退休"),
        ("work_to", &to),
        (&held, &to),
        (&grant, &to),
    ];
    system.post(&path, &all).await.expect(303);
    assert!(there(leaver).await.left_at.is_some());
    assert_eq!(
        work::held_by(db, app.now(), heir)
            .await
            .expect("work")
            .len(),
        1
    );
    assert_eq!(holding::of_person(db, heir).await.expect("held").len(), 1);
    assert!(acting(&app, leaver).await.grants.is_empty());
    assert!(
        acting(&app, heir).await.grants.is_empty(),
        "the heir's role waits for a decision"
    );
    let asked = role::Request {
        person: heir,
        role: Role::UnitHead,
        unit: Some(college.faculty),
        channel: None,
    };
    assert!(role::requested(db, asked).await.expect("requests"));
    system.get(&format!("/people/{leaver}")).await.expect(200);
    system.post(&path, &all).await.expect(409);
    system
        .get(&format!("/people/{leaver}/edit"))
        .await
        .expect(409);
    // Nobody sends themselves away, and the last administrator cannot go.
    let own = format!("/people/{}/departures", college.system);
    system.post(&own, &[]).await.expect(409);
    let last = format!("/people/{}/departures", college.security);
    system.post(&last, &[]).await.expect(409);
    app.run_jobs().await;
}
on_both_databases!(who_leaves_hands_over, crate::testing::setup);

/// R-REG-7: neither way round does a student come by a role that students may not hold.
async fn nobody_becomes_a_student_in_office(app: TestApp) {
    let college = College::new(&app).await;
    let head = person_at(&app, college.faculty, "方学院").await;
    give(&app, head, Role::UnitHead, Scope::Unit(college.faculty)).await;
    let author = person_at(&app, college.faculty, "陈拟稿").await;
    give(&app, author, Role::Author, Scope::Unit(college.faculty)).await;
    let system = app.client(&acting(&app, college.system).await);
    let faculty = college.faculty.to_string();
    let student = |name| {
        [
            ("unit", faculty.clone()),
            ("name", String::from(name)),
            ("employment", "student".into()),
            ("version", "1".into()),
        ]
    };
    for (person, name, status) in [(head, "方学院", 409), (author, "陈拟稿", 303)] {
        let form = student(name);
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let path = format!("/people/{person}/edit");
        system.post(&path, &form).await.expect(status);
    }
}
on_both_databases!(nobody_becomes_a_student_in_office, crate::testing::setup);

async fn the_pages_of_persons(app: TestApp) {
    let college = College::new(&app).await;
    let system = app.client(&acting(&app, college.system).await);
    let faculty = college.faculty.to_string();
    let mut form = vec![
        ("unit", faculty.as_str()),
        ("name", "林小雨"),
        ("employment", "contract"),
        ("post", "辅导员"),
        ("staff_number", "h-01"),
        ("phone", "138 0013 8002"),
        ("mail", "lin@example.edu.cn"),
    ];
    let answer = system.post("/people", &form).await.expect(303);
    let path = answer.location().to_owned();
    let page = system.get(&path).await.expect(200).text();
    for part in [
        "林小雨",
        "13800138002",
        "H-01",
        "lin@example.edu.cn",
        "聘用",
        "办理离岗",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let again = system.post("/people", &form).await.expect(422).text();
    assert!(
        again.contains("该工号已登记在另一人名下") && again.contains("138 0013 8002"),
        "{again}"
    );
    form[1].1 = "\u{200B}";
    form[5].1 = "也许";
    let wrong = system.post("/people", &form).await.expect(422).text();
    assert!(
        wrong.contains("姓名：请填写") && wrong.contains("不是有效的电话号码"),
        "{wrong}"
    );

    let edit = format!("{path}/edit");
    assert!(
        system
            .get(&edit)
            .await
            .expect(200)
            .text()
            .contains("13800138002")
    );
    let form = [
        ("unit", faculty.as_str()),
        ("name", "林小雨"),
        ("employment", "permanent"),
        ("version", "1"),
    ];
    system.post(&edit, &form).await.expect(303);
    system.post(&edit, &form).await.expect(409);

    // A page beyond every number is an empty one.
    for list in ["/people", "/api/v1/people", "/accounts"] {
        let last = format!("{list}?page={}", u64::MAX);
        system.get(&last).await.expect(200);
    }

    // Scope: another unit's head finds nothing there, the own one does but changes nothing.
    let other = person_at(&app, college.office, "别处").await;
    give(&app, other, Role::UnitHead, Scope::Unit(college.office)).await;
    let head = person_at(&app, college.lab, "本处").await;
    give(&app, head, Role::UnitHead, Scope::Unit(college.faculty)).await;
    let (other, head) = (
        app.client(&acting(&app, other).await),
        app.client(&acting(&app, head).await),
    );
    other.get(&path).await.expect(404);
    assert!(
        !other
            .get("/people")
            .await
            .expect(200)
            .text()
            .contains("林小雨")
    );
    assert!(
        head.get("/people?q=小雨")
            .await
            .expect(200)
            .text()
            .contains("林小雨")
    );
    assert!(
        !head
            .get(&path)
            .await
            .expect(200)
            .text()
            .contains("办理离岗")
    );
    head.post(&edit, &form).await.expect(403);
    head.post("/people", &form).await.expect(403);
    let list = head.get("/api/v1/people?q=林小雨").await.expect(200).json();
    assert_eq!(list["total"], 1);
    assert!(list["items"][0].get("staff_number").is_none());
    let id = list["items"][0]["id"].as_i64().expect("an id");
    head.get(&format!("/api/v1/people/{id}")).await.expect(200);
    other.get(&format!("/api/v1/people/{id}")).await.expect(404);
    // The auditor reads records, not persons.
    app.client(&acting(&app, college.auditor).await)
        .get("/people")
        .await
        .expect(403);
}
on_both_databases!(the_pages_of_persons, crate::testing::setup);

async fn hostile_text_is_refused_or_cleaned(app: TestApp) {
    let college = College::new(&app).await;
    let system = app.client(&acting(&app, college.system).await);
    let unit = college.faculty.to_string();
    let long = "长".repeat(350_000);
    let texts = [long.as_str(), "甲\0乙", "甲\u{7}乙"];
    for text in texts {
        for field in [
            "name",
            "post",
            "staff_number",
            "phone",
            "mail",
            "unit",
            "employment",
        ] {
            let mut form = vec![
                ("unit", unit.as_str()),
                ("name", "某人"),
                ("employment", "contract"),
            ];
            form.retain(|(name, _)| *name != field);
            form.push((field, text));
            let answer = system.post("/people", &form).await;
            assert_eq!(answer.status.as_u16(), 422, "{field}");
        }
        for field in ["name", "short_name", "kind", "parent"] {
            let root = college.root.to_string();
            let mut form = vec![
                ("parent", root.as_str()),
                ("name", "某处"),
                ("kind", "other"),
            ];
            form.retain(|(name, _)| *name != field);
            form.push((field, text));
            let answer = system.post("/units", &form).await;
            assert_eq!(answer.status.as_u16(), 422, "{field}");
        }
    }
    for path in [
        "/people?q=%00&unit=%00&employment=%00&state=%00",
        "/units?q=%00%E2%80%AE",
    ] {
        system.get(path).await.expect(200);
    }
    let kept = [
        ("unit", unit.as_str()),
        ("name", "𠮷\u{202E}田😀 "),
        ("employment", "contract"),
        ("post", "<script>"),
    ];
    let path = system
        .post("/people", &kept)
        .await
        .expect(303)
        .location()
        .to_owned();
    let page = system.get(&path).await.expect(200).text();
    assert!(
        page.contains("<h1>𠮷田😀</h1>") && page.contains("&#60;script&#62;"),
        "{page}"
    );
    // Our own scripts all name their file.
    assert!(!page.contains("<script>"));
    assert!(
        system
            .get("/people?q=𠮷")
            .await
            .expect(200)
            .text()
            .contains("𠮷田😀")
    );
}
on_both_databases!(hostile_text_is_refused_or_cleaned, crate::testing::setup);
