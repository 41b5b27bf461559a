//! Grants and their rules, as a story on both databases and through the pages.

use super::*;
use crate::{
    delegation::{self, NewDelegation},
    holding,
    person::Employment,
    testing::{College, acting, facts, give, person_at, program},
};
use chrono::TimeDelta;
use zhendi_kernel::{
    ChannelId, Fault, Permission, PersonId, Role, actor::Scope, on_both_databases, scope,
    testing::TestApp, work,
};

async fn try_grant(app: &TestApp, by: PersonId, new: NewGrant) -> Result<i64, Fault> {
    let actor = acting(app, by).await;
    let tx = app.db.begin().await.expect("tx");
    let done = grant(&tx, app, &actor, new).await;
    if done.is_ok() {
        tx.commit().await.expect("commit");
    }
    done
}

fn refused<T: std::fmt::Debug>(done: Result<T, Fault>, word: &str) {
    match done {
        Err(Fault::Refused(why)) => assert!(why.contains(word), "{why}"),
        other => panic!("{other:?}"),
    }
}

async fn roles_count_from_the_next_request(app: TestApp) {
    let college = College::new(&app).await;
    let db = app.db.read();
    let head = person_at(&app, college.faculty, "方学院").await;
    let new = |person, role, scope| NewGrant {
        person,
        role,
        scope,
        until: None,
    };
    let at_faculty = Scope::Unit(college.faculty);
    let by = college.security;

    let id = try_grant(&app, by, new(head, Role::UnitHead, at_faculty))
        .await
        .expect("a grant");
    let lab = scope::place(db, college.lab).await.expect("place");
    let office = scope::place(db, college.office).await.expect("place");
    let actor = acting(&app, head).await;
    assert!(
        actor.may(Permission::DecideFilings, &lab)
            && !actor.may(Permission::DecideFilings, &office)
    );
    let there = holders(db, app.now(), Role::UnitHead, &lab)
        .await
        .expect("holders");
    assert_eq!(
        there,
        [Holder {
            person: head,
            name: "方学院".into(),
            on_behalf_of: None
        }]
    );
    assert!(
        holders(db, app.now(), Role::UnitHead, &office)
            .await
            .expect("holders")
            .is_empty()
    );

    refused(
        try_grant(&app, by, new(head, Role::UnitHead, at_faculty)).await,
        "已有这个角色",
    );
    refused(
        try_grant(
            &app,
            by,
            new(by, Role::SecurityAdmin, Scope::Institution(college.root)),
        )
        .await,
        "不能给自己",
    );
    refused(
        try_grant(
            &app,
            by,
            new(head, Role::Auditor, Scope::Institution(college.root)),
        )
        .await,
        "不能由同一人担任",
    );
    refused(
        try_grant(&app, by, new(college.auditor, Role::Author, at_faculty)).await,
        "不能由同一人担任",
    );
    refused(
        try_grant(&app, by, new(head, Role::PublicityHead, at_faculty)).await,
        "最上级单位",
    );
    refused(
        try_grant(&app, by, new(head, Role::ChannelAdmin, at_faculty)).await,
        "网络阵地",
    );
    refused(
        try_grant(
            &app,
            by,
            new(head, Role::ChannelAdmin, Scope::Channel(ChannelId(9))),
        )
        .await,
        "不存在",
    );

    // Per channel: the name comes from what the registry recorded.
    let tx = app.db.begin().await.expect("tx");
    let site = holding::Subject {
        kind: holding::CHANNEL,
        id: 9,
        title: "学院网站".into(),
        href: "/channels/9".into(),
        unit: college.faculty,
        people: vec![],
    };
    holding::record(&tx, site).await.expect("a holding");
    tx.commit().await.expect("commit");
    let on_site = Scope::Channel(ChannelId(9));
    try_grant(&app, by, new(head, Role::ChannelAdmin, on_site))
        .await
        .expect("a grant");
    let site = lab.clone().on(Some(ChannelId(9)));
    assert_eq!(
        holders(db, app.now(), Role::ChannelAdmin, &site)
            .await
            .expect("holders")
            .len(),
        1
    );
    assert!(
        holders(db, app.now(), Role::ChannelAdmin, &lab)
            .await
            .expect("holders")
            .is_empty()
    );
    let places: Vec<String> = of_person(db, app.now(), head)
        .await
        .expect("grants")
        .into_iter()
        .map(|g| g.place)
        .collect();
    assert_eq!(places, ["信息工程学院", "学院网站"]);

    // Students: not unless the setting says so.
    let tx = app.db.begin().await.expect("tx");
    let mut pupil = facts(college.faculty, "学生");
    pupil.employment = Some(Employment::Student);
    let pupil = crate::person::create_contact(&tx, &app, &program(), pupil)
        .await
        .expect("a student");
    tx.commit().await.expect("commit");
    refused(
        try_grant(&app, by, new(pupil, Role::Moderator, on_site)).await,
        "学生",
    );
    try_grant(&app, by, new(pupil, Role::Author, at_faculty))
        .await
        .expect("authors may be students");

    // A role with an end ends by itself and can be given again.
    let short = NewGrant {
        until: Some(app.now() + TimeDelta::days(1)),
        ..new(head, Role::Author, at_faculty)
    };
    try_grant(&app, by, short).await.expect("a grant");
    assert_eq!(acting(&app, head).await.grants.len(), 3);
    app.pass(TimeDelta::days(2));
    assert_eq!(acting(&app, head).await.grants.len(), 2);
    refused(try_grant(&app, by, short).await, "晚于现在");
    let again = NewGrant {
        until: Some(app.now() + TimeDelta::days(1)),
        ..short
    };
    try_grant(&app, by, again).await.expect("a grant");

    // Taken away, it is gone at once; the last administrator stays.
    let security = acting(&app, by).await;
    let tx = app.db.begin().await.expect("tx");
    revoke(&tx, &app, &security, id).await.expect("revoked");
    let own = of_person(&tx, app.now(), by).await.expect("grants")[0].id;
    refused(revoke(&tx, &app, &security, own).await, "最后一名");
    tx.commit().await.expect("commit");
    assert!(
        !acting(&app, head)
            .await
            .may(Permission::DecideFilings, &lab)
    );
    let tx = app.db.begin().await.expect("tx");
    assert!(matches!(
        revoke(&tx, &app, &security, id).await,
        Err(Fault::NotFound)
    ));
    tx.rollback().await.expect("rollback");
    app.run_jobs().await;
}
on_both_databases!(roles_count_from_the_next_request, crate::testing::setup);

async fn duties_do_not_meet_by_delegation(app: TestApp) {
    let college = College::new(&app).await;
    let whole = Scope::Institution(college.root);
    let head = person_at(&app, college.faculty, "方学院").await;
    give(&app, head, Role::UnitHead, Scope::Unit(college.faculty)).await;
    let plain = person_at(&app, college.faculty, "无角色").await;
    let grant_of = async |person| {
        of_person(app.db.read(), app.now(), person)
            .await
            .expect("grants")[0]
            .id
    };
    let hand = async |from: PersonId, grant: i64, to: PersonId, in_days: i64| {
        let actor = acting(&app, from).await;
        let tx = app.db.begin().await.expect("tx");
        let starts = app.now() + TimeDelta::days(in_days);
        let new = NewDelegation {
            grant,
            to,
            starts,
            ends: starts + TimeDelta::days(10),
            reason: "出差".into(),
        };
        let done = delegation::create(&tx, &app, &actor, new).await;
        if done.is_ok() {
            tx.commit().await.expect("commit");
        }
        done
    };
    let security = grant_of(college.security).await;
    refused(
        hand(college.security, security, head, 0).await,
        "不能由同一人担任",
    );
    // Even one that only begins later bars the other duty from now on.
    hand(college.security, security, plain, 30)
        .await
        .expect("a delegation");
    let new = NewGrant {
        person: plain,
        role: Role::Author,
        scope: Scope::Unit(college.faculty),
        until: None,
    };
    refused(
        try_grant(&app, college.security, new).await,
        "不能由同一人担任",
    );
    let audit = grant_of(college.auditor).await;
    refused(
        hand(college.auditor, audit, plain, 60).await,
        "不能由同一人担任",
    );
    let other = NewGrant {
        person: plain,
        role: Role::SecurityAdmin,
        scope: whole,
        until: None,
    };
    try_grant(&app, college.security, other)
        .await
        .expect("the same duty");
    app.run_jobs().await;
}
on_both_databases!(duties_do_not_meet_by_delegation, crate::testing::setup);

async fn the_pages_of_grants(app: TestApp) {
    let college = College::new(&app).await;
    let head = person_at(&app, college.faculty, "方学院").await;
    let security = app.client(&acting(&app, college.security).await);
    let system = app.client(&acting(&app, college.system).await);
    let (person, unit) = (head.to_string(), college.faculty.to_string());
    let form = [
        ("person", person.as_str()),
        ("role", "unit_head"),
        ("unit", &unit),
        ("until", ""),
    ];
    system.get("/grants").await.expect(403);
    system.post("/grants", &form).await.expect(403);
    security.get("/people/new").await.expect(403);
    security
        .get(&format!("/grants/new?person={person}"))
        .await
        .expect(200);
    security.get("/grants/new?channel=77").await.expect(404);
    security.post("/grants", &form).await.expect(303);
    let again = security.post("/grants", &form).await.expect(422).text();
    assert!(again.contains("无需重复授予"), "{again}");
    let last = format!("/grants?page={}", u64::MAX);
    security.get(&last).await.expect(200);
    let list = security
        .get("/grants?q=方&role=unit_head")
        .await
        .expect(200)
        .text();
    assert!(
        list.contains("方学院") && !list.contains("孙系统"),
        "{list}"
    );
    let within = security
        .get(&format!("/grants?unit={unit}"))
        .await
        .expect(200)
        .text();
    assert!(within.contains("方学院") && !within.contains("孙系统"));
    let id = of_person(app.db.read(), app.now(), head)
        .await
        .expect("grants")[0]
        .id;
    system
        .post(&format!("/grants/{id}/revocations"), &[])
        .await
        .expect(403);
    security
        .post(&format!("/grants/{id}/revocations"), &[])
        .await
        .expect(303);
    security
        .post(&format!("/grants/{id}/revocations"), &[])
        .await
        .expect(404);

    // Requests: one piece of work for all, decided by ticking.
    let tx = app.db.begin().await.expect("tx");
    let actor = acting(&app, college.system).await;
    let request = |role| Request {
        person: head,
        role,
        unit: Some(college.faculty),
        channel: None,
    };
    for role in [Role::UnitHead, Role::UnitHead, Role::Author, Role::Auditor] {
        ask(&tx, &app, &actor, request(role))
            .await
            .expect("a request");
    }
    tx.commit().await.expect("commit");
    let waiting = async || {
        let actor = acting(&app, college.security).await;
        work::count(app.db.read(), &actor).await.expect("work")
    };
    assert_eq!(waiting().await, 1);
    let page = security.get("/grants/requests").await.expect(200).text();
    assert_eq!(page.matches("name=\"request\"").count(), 3, "{page}");
    security
        .post("/grants/requests/decisions", &[("decision", "grant")])
        .await
        .expect(409);
    let all = [
        ("decision", "grant"),
        ("request", "1"),
        ("request", "3"),
        ("request", "4"),
    ];
    security
        .post("/grants/requests/decisions", &all)
        .await
        .expect(303);
    assert_eq!(
        acting(&app, head).await.grants.len(),
        2,
        "the auditor's duty was refused"
    );
    assert_eq!(waiting().await, 1);
    let left = security.get("/grants/requests").await.expect(200).text();
    let id = left
        .split("name=\"request\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let rest = [
        ("decision", "decline"),
        ("request", id.expect("one is left")),
    ];
    security
        .post("/grants/requests/decisions", &rest)
        .await
        .expect(303);
    assert_eq!(waiting().await, 0);

    security
        .post("/grants/settings", &[("students_may_hold", "on")])
        .await
        .expect(303);
    let settings: PeopleSettings = app.setting().await.expect("settings");
    assert!(settings.students_may_hold);
    app.run_jobs().await;
}
on_both_databases!(the_pages_of_grants, crate::testing::setup);
