//! The tree of units, as a story on both databases and through the pages.

use super::*;
use crate::{
    holding, person, role,
    testing::{College, acting, give, person_at, program, unit_below},
};
use zhendi_kernel::{
    Fault, Permission, Role, ScopeFilter, UnitId, actor::Scope, on_both_databases, scope,
    testing::TestApp,
};

async fn at(app: &TestApp, id: UnitId) -> Unit {
    find(app.db.read(), id)
        .await
        .expect("units")
        .expect("the unit")
}

async fn the_tree_keeps_its_order_and_its_reach(app: TestApp) {
    let college = College::new(&app).await;
    let db = app.db.read();
    let tree: Vec<(String, usize)> = all(db)
        .await
        .expect("units")
        .into_iter()
        .map(|unit| (unit.name, unit.depth))
        .collect();
    assert_eq!(
        tree,
        [
            ("江海职业技术学院".into(), 0),
            ("党委宣传部".into(), 1),
            ("信息工程学院".into(), 1),
            ("网络实验室".into(), 2)
        ]
    );
    assert_eq!(
        root(db).await.expect("units").map(|unit| unit.id),
        Some(college.root)
    );
    let found = by_name(db, " 信息工程　学院 ").await.expect("units");
    assert_eq!(found.map(|unit| unit.id), Some(college.faculty));
    assert_eq!(by_name(db, "信息学院").await.expect("units"), None);
    assert_eq!(
        nearest(db, "信息学院", 1).await.expect("units"),
        ["信息工程学院"]
    );
    let within = ScopeFilter::Within {
        units: vec![college.faculty],
        channels: vec![],
    };
    assert_eq!(
        options(db, &within).await.expect("units"),
        [
            (college.faculty.to_string(), "信息工程学院".into()),
            (college.lab.to_string(), "\u{3000}网络实验室".into())
        ]
    );

    // Names: one among open siblings; short names: one in the institution; one root.
    let make = async |parent: Option<UnitId>, name: &str, short: &str| {
        let tx = app.db.begin().await.expect("tx");
        let new = NewUnit {
            parent,
            name: name.into(),
            short_name: short.into(),
            kind: UnitKind::Other,
            to_check: false,
        };
        let made = create(&tx, &app, &program(), new).await;
        tx.commit().await.expect("commit");
        made.map(|unit| unit.id)
    };
    let refused = |made: Result<UnitId, Fault>| matches!(made, Err(Fault::Refused(_)));
    assert!(refused(
        make(Some(college.root), "信息工程 学院", "另").await
    ));
    assert!(refused(
        make(Some(college.root), "图书馆", "网络实验室").await
    ));
    assert!(refused(make(None, "第二所学校", "二").await));
    let namesake = make(Some(college.office), "网络实验室", "宣传网实")
        .await
        .expect("another parent");
    assert_eq!(
        by_name(db, "网络实验室").await.expect("units"),
        None,
        "two have the name"
    );

    // A move takes everything below along, and the rights with it.
    let tx = app.db.begin().await.expect("tx");
    let lab = at(&app, college.lab).await;
    relocate(
        &tx,
        &app,
        &program(),
        &at(&app, college.faculty).await,
        college.office,
    )
    .await
    .expect("a move");
    tx.commit().await.expect("commit");
    assert_eq!(
        scope::place(db, college.lab).await.expect("place").units,
        [college.lab, college.faculty, college.office, college.root]
    );
    let tx = app.db.begin().await.expect("tx");
    let circle = relocate(
        &tx,
        &app,
        &program(),
        &at(&app, college.office).await,
        college.lab,
    )
    .await;
    assert!(matches!(circle, Err(Fault::Refused(_))), "{circle:?}");
    let namesakes = relocate(&tx, &app, &program(), &lab, college.office).await;
    assert!(matches!(namesakes, Err(Fault::Refused(_))), "{namesakes:?}");
    tx.rollback().await.expect("rollback");

    // Who changes an older version has lost.
    let old = at(&app, namesake).await;
    let to = |name: &str| Change {
        name: name.into(),
        short_name: "新简称".into(),
        kind: UnitKind::Office,
        publicity: true,
        effective_on: app.clock.today(),
    };
    let tx = app.db.begin().await.expect("tx");
    change(&tx, &app, &program(), &old, to("融媒体中心"))
        .await
        .expect("a change");
    let late = change(&tx, &app, &program(), &old, to("新媒体中心")).await;
    assert!(matches!(late, Err(Fault::Stale)), "{late:?}");
    tx.commit().await.expect("commit");
    let now = at(&app, namesake).await;
    assert_eq!(
        (now.name.as_str(), now.publicity, now.version),
        ("融媒体中心", true, 2)
    );
    let told = history(db, namesake).await.expect("history");
    assert_eq!(told.len(), 2);
    assert!(
        told[0].what.contains("名称由“网络实验室”改为“融媒体中心”"),
        "{}",
        told[0].what
    );
    assert_eq!(told[0].by_name, "测试");
}
on_both_databases!(
    the_tree_keeps_its_order_and_its_reach,
    crate::testing::setup
);

async fn a_merger_leaves_nothing_behind(app: TestApp) {
    let college = College::new(&app).await;
    let db = app.db.read();
    let head = person_at(&app, college.faculty, "方学院").await;
    give(&app, head, Role::UnitHead, Scope::Unit(college.faculty)).await;
    let both = person_at(&app, college.faculty, "双岗").await;
    give(&app, both, Role::Author, Scope::Unit(college.faculty)).await;
    give(&app, both, Role::Author, Scope::Unit(college.office)).await;
    let tx = app.db.begin().await.expect("tx");
    let site = holding::Subject {
        kind: holding::CHANNEL,
        id: 7,
        title: "学院网站".into(),
        href: "/channels/7".into(),
        unit: college.faculty,
        people: vec![(head, "负责人".into())],
    };
    holding::record(&tx, site).await.expect("a holding");
    let faculty = at(&app, college.faculty).await;
    let full = close(&tx, &app, &program(), &faculty, "不再需要").await;
    assert!(
        matches!(&full, Err(Fault::Refused(why)) if why.contains("1 个下级单位、2 名在岗人员、1 个网络阵地")),
        "{full:?}"
    );
    let inside = merge(
        &tx,
        &app,
        &program(),
        &faculty,
        college.lab,
        app.clock.today(),
    )
    .await;
    assert!(matches!(inside, Err(Fault::Refused(_))), "{inside:?}");
    merge(
        &tx,
        &app,
        &program(),
        &faculty,
        college.office,
        app.clock.today(),
    )
    .await
    .expect("merged");
    tx.commit().await.expect("commit");

    let closed = at(&app, college.faculty).await;
    assert!(closed.closed_at.is_some());
    assert_eq!(at(&app, college.lab).await.parent, Some(college.office));
    assert_eq!(
        person::find(db, head).await.expect("p").map(|p| p.unit),
        Some(college.office)
    );
    assert_eq!(
        holding::of_unit(db, college.office)
            .await
            .expect("held")
            .len(),
        1
    );
    assert_eq!(
        holding::of_unit(db, college.faculty)
            .await
            .expect("held")
            .len(),
        0
    );
    let grants = acting(&app, head).await.grants;
    assert_eq!(grants[0].scope, Scope::Unit(college.office));
    assert_eq!(
        role::of_person(db, app.now(), both)
            .await
            .expect("grants")
            .len(),
        1
    );
    // What was written of the old unit stays in reach of the new one.
    let old_place = scope::place(db, college.faculty).await.expect("place");
    assert!(
        acting(&app, head)
            .await
            .may(Permission::ViewChannels, &old_place)
    );
    // The name is free again.
    unit_below(&app, Some(college.root), "信息工程学院").await;
    assert!(app.run_jobs().await > 0);
}
on_both_databases!(a_merger_leaves_nothing_behind, crate::testing::setup);

/// R-ORG-9: who keeps the tree of units gives nobody a wider reach; the security administrator is asked.
async fn a_merger_into_a_unit_above_widens_no_role(app: TestApp) {
    let college = College::new(&app).await;
    let head = person_at(&app, college.faculty, "方学院").await;
    give(&app, head, Role::UnitHead, Scope::Unit(college.faculty)).await;
    let tx = app.db.begin().await.expect("tx");
    let (faculty, today) = (at(&app, college.faculty).await, app.clock.today());
    merge(&tx, &app, &program(), &faculty, college.root, today)
        .await
        .expect("merged");
    tx.commit().await.expect("commit");
    assert!(acting(&app, head).await.grants.is_empty());
    let asked = role::Request {
        person: head,
        role: Role::UnitHead,
        unit: Some(college.root),
        channel: None,
    };
    assert!(role::requested(app.db.read(), asked).await.expect("asked"));
    app.run_jobs().await;
}
on_both_databases!(
    a_merger_into_a_unit_above_widens_no_role,
    crate::testing::setup
);

async fn the_pages_of_units(app: TestApp) {
    let college = College::new(&app).await;
    let system = app.client(&acting(&app, college.system).await);
    let list = system.get("/units").await.expect(200).text();
    assert!(
        list.contains("信息工程学院") && list.contains("/units/new"),
        "{list}"
    );
    let found = system.get("/units?q=信").await.expect(200).text();
    assert!(found.contains("信息工程学院") && !found.contains("党委宣传部"));

    let root = college.root.to_string();
    let new = [
        ("parent", root.as_str()),
        ("name", "图书馆"),
        ("short_name", ""),
        ("kind", "service"),
    ];
    assert_eq!(
        system.post("/units", &new).await.expect(303).location(),
        "/units"
    );
    let again = system.post("/units", &new).await.expect(422).text();
    assert!(
        again.contains("已有“图书馆”") && again.contains("value=\"图书馆\""),
        "{again}"
    );
    system
        .post("/units", &[("parent", ""), ("name", "a\0b"), ("kind", "x")])
        .await
        .expect(422);

    let lab = college.lab;
    let page = system
        .get(&format!("/units/{lab}/edit"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("设立单位“网络实验室”"), "{page}");
    let version = at(&app, lab).await.version.to_string();
    let move_to = |parent: UnitId, version: &str| {
        let fields = [
            ("parent".to_owned(), parent.to_string()),
            ("version".to_owned(), version.to_owned()),
        ];
        let path = format!("/units/{lab}/moves");
        let client = &system;
        async move {
            let fields: Vec<(&str, &str)> = fields
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect();
            client.post(&path, &fields).await
        }
    };
    move_to(lab, &version).await.expect(409);
    move_to(college.office, &version).await.expect(303);
    move_to(college.faculty, &version).await.expect(409);
    let version = at(&app, lab).await.version.to_string();
    let path = format!("/units/{lab}/closures");
    system
        .post(&path, &[("version", &version), ("reason", "")])
        .await
        .expect(409);
    system
        .post(&path, &[("version", &version), ("reason", "学科调整")])
        .await
        .expect(303);
    assert!(at(&app, lab).await.closed_at.is_some());
    let closed = system.get("/units?state=closed").await.expect(200).text();
    assert!(closed.contains("网络实验室"));

    // Only the system administrator manages units; who holds nothing sees nothing.
    let security = app.client(&acting(&app, college.security).await);
    security.get("/units").await.expect(200);
    security
        .get(&format!("/units/{lab}/edit"))
        .await
        .expect(403);
    security.post("/units", &new).await.expect(403);
    let liaison = person_at(&app, college.faculty, "联络").await;
    give(
        &app,
        liaison,
        Role::UnitLiaison,
        Scope::Unit(college.faculty),
    )
    .await;
    let liaison = app.client(&acting(&app, liaison).await);
    let own = liaison.get("/units").await.expect(200).text();
    assert!(own.contains("信息工程学院") && !own.contains("图书馆"));
    let api = liaison.get("/api/v1/units").await.expect(200).json();
    assert_eq!(api["total"], 1);
    assert_eq!(api["items"][0]["name"], "信息工程学院");
    liaison
        .get(&format!("/api/v1/units/{}", college.office))
        .await
        .expect(404);
    liaison
        .get(&format!("/api/v1/units/{}", college.faculty))
        .await
        .expect(200);
    app.visitor().get("/units").await.expect(303);
    app.visitor().get("/api/v1/units").await.expect(401);
}
on_both_databases!(the_pages_of_units, crate::testing::setup);
