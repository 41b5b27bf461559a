//! The import of people, as a story on both databases and through the pages.

use super::*;
use crate::{
    person, role,
    testing::{College, acting, program},
    unit,
};
use chrono::TimeDelta;
use zhendi_kernel::{Actor, Fault, Role, ScopeFilter, on_both_databases, testing::TestApp};
use zhendi_office::{Form, Limits, read_forms};

const HEAD: &str = "单位,单位简称,姓名,工号,用工性质,职务,手机,邮箱,角色\n";

fn forms(rows: &str) -> Vec<Form> {
    let text = format!("{HEAD}{rows}");
    read_forms("人员.csv", text.as_bytes(), &Limits::default())
        .expect("a form")
        .forms
}

async fn planned(app: &TestApp, rows: &str, options: Options) -> Plan {
    plan(app.db.read(), app, &forms(rows), options)
        .await
        .expect("a plan")
}

async fn taken(app: &TestApp, actor: &Actor, plan: &Plan) -> Result<Taken, Fault> {
    let tx = app.db.begin().await.expect("tx");
    let done = apply(&tx, app, actor, plan).await;
    if done.is_ok() {
        tx.commit().await.expect("commit");
    }
    done
}

fn counts(plan: &Plan) -> (usize, usize, usize) {
    (
        plan.count(Verdict::Accepted),
        plan.count(Verdict::Skipped),
        plan.count(Verdict::Refused),
    )
}

const GOOD: &str = "信息工程学院,,方学院,2026001,在编在岗,院长,13800138001,fang@example.edu.cn,单位负责人\n\
     图书馆,图馆,李书,2026002,聘用,馆员,13800138002.0,,单位联络员、拟稿人\n\
     图书馆,,王读,,学生,,13800138003,,拟稿人\n";

async fn a_second_run_changes_nothing(app: TestApp) {
    let college = College::new(&app).await;
    let create = Options {
        create_units: true,
        partial: false,
    };

    let without = planned(&app, GOOD, Options::default()).await;
    assert_eq!(counts(&without), (1, 0, 2));
    assert_eq!(
        without.taken().count(),
        0,
        "a file goes in whole or not at all"
    );
    let problem = &without.files[0].rows[1].problems[0];
    assert_eq!(
        (problem.reason.as_str(), problem.value.as_str()),
        ("没有这个单位", "图书馆")
    );

    let plan = planned(&app, GOOD, create).await;
    assert_eq!(counts(&plan), (3, 0, 0), "{plan:#?}");
    assert_eq!(plan.new_units, ["图书馆"]);
    let done = taken(&app, &program(), &plan).await.expect("taken");
    assert_eq!(
        (done.created, done.changed, done.units, done.roles),
        (3, 0, 1, 4)
    );
    let db = app.db.read();
    let library = unit::by_name(db, "图馆")
        .await
        .expect("units")
        .expect("the library");
    assert!(library.to_check && library.parent == Some(college.root));
    let head = person::by_staff_number(db, &app, "2026001")
        .await
        .expect("p")
        .expect("the head");
    assert_eq!(acting(&app, head.id).await.grants[0].role, Role::UnitHead);

    let again = planned(&app, GOOD, create).await;
    assert_eq!(counts(&again), (0, 3, 0), "{again:#?}");
    assert_eq!(
        taken(&app, &program(), &again).await.expect("taken"),
        Taken::default()
    );

    // A change is shown with before and after; blank cells take nothing away.
    let newer = "信息工程学院,,方学院,2026001,在编在岗,书记,,,\n";
    let plan = planned(&app, newer, create).await;
    assert_eq!(
        plan.files[0].rows[0].changes,
        [("职务".to_owned(), "院长".to_owned(), "书记".to_owned())]
    );
    let done = taken(&app, &program(), &plan).await.expect("taken");
    assert_eq!((done.created, done.changed), (0, 1));
    let head = person::find(db, head.id)
        .await
        .expect("p")
        .expect("the head");
    let details = person::details(&app, &head).expect("details");
    assert_eq!(
        (head.post.as_str(), details.phone.as_deref()),
        ("书记", Some("13800138001"))
    );
    // The plan was made from an older person.
    let late = taken(&app, &program(), &plan).await;
    assert!(matches!(late, Err(Fault::Stale)), "{late:?}");
    app.run_jobs().await;
}
on_both_databases!(a_second_run_changes_nothing, crate::testing::setup);

async fn wrong_rows_are_named(app: TestApp) {
    College::new(&app).await;
    let rows = "信息学院,,甲,1,在编在岗,,13800138001,,\n\
         信息工程学院,,,2,在编在岗,,,,\n\
         信息工程学院,,丙,3,也许,,1380x,nobody,\n\
         信息工程学院,,丁,4,学生,,,,单位负责人\n\
         信息工程学院,,戊,5,聘用,,,,网络阵地管理员、校长\n\
         信息工程学院,,己,6,聘用,,,,审计员、拟稿人\n\
         信息工程学院,,庚,7,聘用,,,,\n\
         信息工程学院,,辛,7,聘用,,,,\n";
    let plan = planned(&app, rows, Options::default()).await;
    let told: Vec<(u32, String)> = plan.files[0]
        .rows
        .iter()
        .flat_map(|row| {
            row.problems
                .iter()
                .map(|p| (row.row, format!("{} {}", p.column, p.reason)))
        })
        .collect();
    let wanted = [
        (2, "单位（A 列） 没有这个单位"),
        (3, "姓名（C 列） 请填写。"),
        (4, "用工性质（E 列） “也许”不是规定的用工性质"),
        (4, "手机（G 列） 不是有效的电话号码"),
        (4, "邮箱（H 列） 不是有效的邮箱地址"),
        (5, "角色（I 列） 学生不能担任单位负责人"),
        (6, "角色（I 列） 网络阵地管理员按网络阵地授予"),
        (6, "角色（I 列） 没有“校长”这个角色"),
        (7, "角色（I 列） 拟稿人与该人员已有的审计员不能由同一人担任"),
        (9, "工号（D 列） 与"),
    ];
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    for ((row, text), (at, start)) in told.iter().zip(wanted) {
        assert!(
            *row == at && text.starts_with(start),
            "{row} {text} / {at} {start}"
        );
    }
    assert_eq!(counts(&plan), (1, 0, 7));
    assert!(
        plan.files[0].rows[0].problems[0]
            .suggestion
            .contains("信息工程学院")
    );
    let partial = planned(
        &app,
        rows,
        Options {
            partial: true,
            create_units: false,
        },
    )
    .await;
    let done = taken(&app, &program(), &partial).await.expect("taken");
    assert_eq!((done.created, done.roles), (1, 0));
}
on_both_databases!(wrong_rows_are_named, crate::testing::setup);

async fn the_import_in_the_browser(app: TestApp) {
    let college = College::new(&app).await;
    let system = app.client(&acting(&app, college.system).await);
    system.get("/people/import").await.expect(200);
    let template = system.get("/people/import/template.csv").await.expect(200);
    assert!(
        template
            .bytes
            .starts_with("\u{FEFF}单位,单位简称,姓名".as_bytes())
    );
    let read = read_forms("模板.csv", &template.bytes, &Limits::default()).expect("the template");
    assert_eq!(
        (read.forms[0].rows.len(), read.forms[0].skipped.examples),
        (0, 1)
    );

    let text = format!("{HEAD}{GOOD}");
    let send = async |text: &[u8], fields: &[(&str, &str)]| {
        system
            .upload("/people/imports", fields, &[("file", "人员.csv", text)])
            .await
    };
    let wrong = send(b"\xd0\xcf\x11\xe0 not a spreadsheet", &[])
        .await
        .expect(422)
        .text();
    assert!(wrong.contains("人员.csv"), "{wrong}");
    system.upload("/people/imports", &[], &[]).await.expect(422);

    let half = send(text.as_bytes(), &[])
        .await
        .expect(303)
        .location()
        .to_owned();
    let shown = system.get(&half).await.expect(200).text();
    assert!(
        shown.contains("没有这个单位") && shown.contains("只导入没有问题的 1 行"),
        "{shown}"
    );
    let path = send(text.as_bytes(), &[("create_units", "on")])
        .await
        .expect(303);
    let path = path.location().to_owned();
    let shown = system.get(&path).await.expect(200).text();
    assert!(
        shown.contains("将新设单位：图书馆") && shown.contains("确认导入 3 行"),
        "{shown}"
    );
    let db = app.db.read();
    let all = person::Query {
        page: 1,
        per_page: 50,
        ..person::Query::default()
    };
    let people = async || {
        person::list(db, &ScopeFilter::All, &all)
            .await
            .expect("people")
            .1
    };
    assert_eq!(people().await, 3, "a preview writes nothing");

    // Another administrator's preview is not mine, and neither is one for those who may not.
    let security = app.client(&acting(&app, college.security).await);
    security.get(&path).await.expect(403);
    system
        .post(&format!("{path}/confirmations"), &[])
        .await
        .expect(303);
    assert_eq!(people().await, 6);
    system
        .post(&format!("{path}/confirmations"), &[])
        .await
        .expect(404);
    // Who imports may not give roles: they wait for the security administrator.
    let head = person::by_staff_number(db, &app, "2026001")
        .await
        .expect("p")
        .expect("the head");
    assert!(acting(&app, head.id).await.grants.is_empty());
    let page = security.get("/grants/requests").await.expect(200).text();
    assert_eq!(page.matches("name=\"request\"").count(), 4);
    let again = send(text.as_bytes(), &[])
        .await
        .expect(303)
        .location()
        .to_owned();
    let shown = system.get(&again).await.expect(200).text();
    assert!(shown.contains("完全一致"), "{shown}");
    let asked = role::Request {
        person: head.id,
        role: Role::UnitHead,
        unit: Some(college.faculty),
        channel: None,
    };
    assert!(role::requested(db, asked).await.expect("requests"));

    app.pass(TimeDelta::hours(2));
    system.get(&again).await.expect(404);
    assert_eq!(preview::prune(&app).await.expect("pruned"), 2);
    app.run_jobs().await;
}
on_both_databases!(the_import_in_the_browser, crate::testing::setup);
