//! Stories of plans, on both databases and through the real router.

use super::{
    Draft, NewTask, Plan, PlanKind, PlanStage, TaskState, add_task, begin, carry_over, close,
    decide, keep_proof, open_for, report, revise, send_back, store, submit, tasks,
};
use crate::testing::{College, acting};
use axum::http::Method;
use chrono::NaiveDate;
use serde_json::json;
use zhendi_kernel::{Fault, PersonId, UnitId, testing::TestApp, work};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn draft(title: &str) -> Draft {
    Draft {
        title: title.into(),
        goals: "全部阵地完成备案".into(),
        through: 2027,
    }
}

fn task(what: &str, person: PersonId, due: &str) -> NewTask {
    NewTask {
        what: what.into(),
        detail: String::new(),
        person,
        helpers: vec![],
        due: day(due),
    }
}

/// The faculty's plan of 2027 with two tasks, as its liaison writes it.
async fn written(app: &TestApp, college: &College) -> Plan {
    let liaison = acting(app, college.liaison).await;
    let plan = begin(
        app,
        &liaison,
        PlanKind::Unit,
        college.faculty,
        2027,
        draft("信息工程学院2027年工作计划"),
        None,
    )
    .await
    .unwrap();
    let mut first = task("清理僵尸账号", college.teacher, "2027-03-31");
    first.helpers = vec![college.liaison];
    add_task(app, &liaison, plan.id, first).await.unwrap();
    add_task(
        app,
        &liaison,
        plan.id,
        task("培训管理员", college.liaison, "2027-06-30"),
    )
    .await
    .unwrap();
    store::find(app.db.read(), plan.id).await.unwrap().unwrap()
}

/// The same in force.
async fn in_force(app: &TestApp, college: &College) -> Plan {
    let plan = written(app, college).await;
    let liaison = acting(app, college.liaison).await;
    let plan = submit(app, &liaison, plan.id, plan.version).await.unwrap();
    let head = acting(app, college.head).await;
    decide(app, &head, plan.id, plan.version, String::new())
        .await
        .unwrap()
}

async fn todo(app: &TestApp, person: PersonId) -> Vec<String> {
    let actor = acting(app, person).await;
    let filter = work::Filter::default();
    let mine = work::mine(app.db.read(), app.now(), &actor, &filter).await;
    mine.unwrap()
        .rows
        .into_iter()
        .map(|item| item.title)
        .collect()
}

async fn a_units_plan_is_made_carried_out_and_summed_up(app: TestApp) {
    let college = College::new(&app).await;
    let (liaison, head) = (
        acting(&app, college.liaison).await,
        acting(&app, college.head).await,
    );
    let plan = written(&app, &college).await;

    // A draft is for those who write it; others do not even know of it.
    for person in [college.librarian, college.teacher, college.secretary] {
        let actor = acting(&app, person).await;
        let found = open_for(app.db.read(), &actor, plan.id).await;
        assert!(matches!(found, Err(Fault::NotFound)));
    }
    let stale = submit(&app, &liaison, plan.id, plan.version - 1).await;
    assert!(matches!(stale, Err(Fault::Stale)));
    let plan = submit(&app, &liaison, plan.id, plan.version).await.unwrap();
    assert_eq!(todo(&app, college.head).await.len(), 1);

    // Returned with a reason, corrected, handed in again.
    let refused = decide(&app, &liaison, plan.id, plan.version, String::new()).await;
    assert!(matches!(refused, Err(Fault::Forbidden(_))));
    let plan = send_back(&app, &head, plan.id, plan.version, "请补充负责人".into())
        .await
        .unwrap();
    assert_eq!(plan.stage, PlanStage::Returned);
    assert!(todo(&app, college.head).await.is_empty());
    assert_eq!(todo(&app, college.liaison).await.len(), 1);
    let plan = submit(&app, &liaison, plan.id, plan.version).await.unwrap();
    let plan = decide(&app, &head, plan.id, plan.version, String::new())
        .await
        .unwrap();
    assert_eq!(plan.stage, PlanStage::InForce);

    // Tasks are work now, for people without any role too.
    assert_eq!(
        todo(&app, college.teacher).await,
        ["工作计划任务：清理僵尸账号"]
    );
    let teacher = acting(&app, college.teacher).await;
    open_for(app.db.read(), &teacher, plan.id).await.unwrap();
    let all = store::tasks_of(app.db.read(), plan.id).await.unwrap();
    let (first, second) = (&all[0], &all[1]);
    let strange = report(
        &app,
        &acting(&app, college.librarian).await,
        plan.id,
        first.id,
        first.version,
        50,
        String::new(),
    )
    .await;
    assert!(matches!(strange, Err(Fault::NotFound)));
    let done = report(
        &app,
        &teacher,
        plan.id,
        first.id,
        first.version,
        100,
        "已注销三个".into(),
    )
    .await
    .unwrap();
    assert_eq!(done.state, TaskState::Done);
    assert!(todo(&app, college.teacher).await.is_empty());

    // The head is not content; then gives the other task more time, within the year.
    let again = tasks::reopen(&app, &head, plan.id, first.id, 60, "还有一个".into())
        .await
        .unwrap();
    assert_eq!((again.state, again.progress), (TaskState::Open, 60));
    assert_eq!(todo(&app, college.teacher).await.len(), 1);
    let late = tasks::postpone(
        &app,
        &head,
        plan.id,
        second.id,
        day("2028-01-31"),
        "忙".into(),
    );
    assert!(matches!(late.await, Err(Fault::Refused(_))));
    let later = tasks::postpone(
        &app,
        &head,
        plan.id,
        second.id,
        day("2027-09-30"),
        "等新系统".into(),
    )
    .await
    .unwrap();
    assert_eq!(
        (later.due, later.first_due),
        (day("2027-09-30"), day("2027-06-30"))
    );
    let own = tasks::postpone(
        &app,
        &liaison,
        plan.id,
        second.id,
        day("2027-10-30"),
        "忙".into(),
    );
    assert!(matches!(own.await, Err(Fault::Forbidden(_))));

    // The end: nothing is left lying.
    let seen = plan.version;
    let left = close(&app, &head, plan.id, seen, "完成较好".into(), false).await;
    assert!(matches!(left, Err(Fault::Refused(_))));
    let plan = close(&app, &head, plan.id, seen, "完成较好".into(), true)
        .await
        .unwrap();
    assert_eq!(plan.stage, PlanStage::Closed);
    assert!(todo(&app, college.teacher).await.is_empty());
    let next = store::in_slot(app.db.read(), PlanKind::Unit, college.faculty, 2028)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(next.stage, PlanStage::Draft);
    let carried = store::tasks_of(app.db.read(), next.id).await.unwrap();
    assert_eq!(carried.len(), 2);
    assert_eq!(carried[0].due, day("2028-03-31"));

    let evidence = crate::evidence(
        app.db.read(),
        college.faculty,
        day("2026-01-01"),
        day("2026-12-31"),
    )
    .await
    .unwrap();
    assert_eq!(evidence.len(), 1);
    assert_eq!(evidence[0].state, "已总结");
}
zhendi_kernel::on_both_databases!(a_units_plan_is_made_carried_out_and_summed_up, || {
    crate::testing::setup()
});

async fn a_revision_keeps_what_was_and_what_was_done(app: TestApp) {
    let college = College::new(&app).await;
    let (liaison, head) = (
        acting(&app, college.liaison).await,
        acting(&app, college.head).await,
    );
    let plan = in_force(&app, &college).await;
    let all = store::tasks_of(app.db.read(), plan.id).await.unwrap();
    let teacher = acting(&app, college.teacher).await;
    let pdf = bytes::Bytes::from_static(b"%PDF-1.4\n%%EOF\n");
    keep_proof(&app, &teacher, plan.id, all[0].id, "回执.pdf", pdf)
        .await
        .unwrap();

    let new = revise(&app, &liaison, plan.id, "任务有调整".into())
        .await
        .unwrap();
    let twice = revise(&app, &liaison, plan.id, "再改".into()).await;
    assert!(matches!(twice, Err(Fault::Refused(_))));
    add_task(
        &app,
        &liaison,
        new.id,
        task("建立值班表", college.liaison, "2027-10-31"),
    )
    .await
    .unwrap();
    // Meanwhile the edition in force goes on.
    report(
        &app,
        &teacher,
        plan.id,
        all[0].id,
        all[0].version,
        40,
        "清理了一半".into(),
    )
    .await
    .unwrap();
    let closing = close(&app, &head, plan.id, plan.version, "总结".into(), true).await;
    assert!(matches!(closing, Err(Fault::Refused(_))), "the draft first");
    let seen = store::find(app.db.read(), new.id).await.unwrap().unwrap();
    let new = submit(&app, &liaison, new.id, seen.version).await.unwrap();
    let new = decide(&app, &head, new.id, new.version, "同意修订".into())
        .await
        .unwrap();

    let old = store::find(app.db.read(), plan.id).await.unwrap().unwrap();
    assert_eq!(old.stage, PlanStage::Superseded);
    assert_eq!((new.edition, new.revises), (2, Some(plan.id)));
    let tasks = store::tasks_of(app.db.read(), new.id).await.unwrap();
    assert_eq!(tasks.len(), 3);
    assert_eq!(tasks[0].progress, 40, "progress goes on in the new edition");
    assert_eq!(tasks[0].thread, all[0].id);
    let proofs = store::proofs_of(app.db.read(), [tasks[0].thread]).await;
    assert_eq!(proofs.unwrap().len(), 1);
    assert_eq!(
        todo(&app, college.teacher).await.len(),
        1,
        "once, not twice"
    );
    let editions = store::editions(app.db.read(), &new).await.unwrap();
    assert_eq!(editions.len(), 2);
    // The unit still has one plan of the year.
    let other = begin(
        &app,
        &liaison,
        PlanKind::Unit,
        college.faculty,
        2027,
        draft("再来一份"),
        None,
    )
    .await;
    assert!(matches!(other, Err(Fault::Refused(_))));
}
zhendi_kernel::on_both_databases!(a_revision_keeps_what_was_and_what_was_done, || {
    crate::testing::setup()
});

async fn the_party_committee_decides_on_the_overall_plan(app: TestApp) {
    let college = College::new(&app).await;
    let officer = acting(&app, college.officer).await;
    let overall = |by: zhendi_kernel::Actor, unit: UnitId| {
        let app = &app;
        async move {
            let text = draft("网络阵地总体规划");
            begin(app, &by, PlanKind::Overall, unit, 2026, text, None).await
        }
    };
    let head = acting(&app, college.head).await;
    assert!(overall(head, college.root).await.is_err());
    assert!(overall(officer.clone(), college.faculty).await.is_err());
    let plan = overall(officer.clone(), college.root).await.unwrap();
    add_task(
        &app,
        &officer,
        plan.id,
        task("统一认证主体", college.head, "2027-12-31"),
    )
    .await
    .unwrap();
    let seen = store::find(app.db.read(), plan.id).await.unwrap().unwrap();
    let plan = submit(&app, &officer, plan.id, seen.version).await.unwrap();
    let chief = acting(&app, college.chief).await;
    let refused = decide(&app, &chief, plan.id, plan.version, String::new()).await;
    assert!(matches!(refused, Err(Fault::Forbidden(_))));
    let secretary = acting(&app, college.secretary).await;
    assert_eq!(todo(&app, college.secretary).await.len(), 1);
    let plan = decide(&app, &secretary, plan.id, plan.version, "党委会通过".into())
        .await
        .unwrap();
    assert_eq!((plan.year, plan.through), (2026, 2027));
    assert_eq!(todo(&app, college.head).await.len(), 1);
}
zhendi_kernel::on_both_databases!(the_party_committee_decides_on_the_overall_plan, || {
    crate::testing::setup()
});

async fn tasks_follow_people_and_plans_follow_units(app: TestApp) {
    use zhendi_kernel::jobs::{self, NewJob};
    let college = College::new(&app).await;
    let plan = in_force(&app, &college).await;
    let tx = app.db.begin().await.unwrap();
    let (from, to) = (college.teacher, college.liaison);
    let handed = json!({ "kind": "work", "subject": 0, "from": from, "to": to });
    work::reassign(&tx, from, to).await.unwrap();
    let order = NewJob::new(zhendi_people::holding::HANDED_OVER, handed);
    jobs::enqueue(&tx, &app, order).await.unwrap();
    let merged = json!({ "from": college.faculty, "into": college.library });
    let order = NewJob::new(zhendi_people::holding::UNIT_MERGED, merged);
    jobs::enqueue(&tx, &app, order).await.unwrap();
    tx.commit().await.unwrap();
    app.run_jobs().await;
    let tasks = store::tasks_of(app.db.read(), plan.id).await.unwrap();
    assert!(tasks.iter().all(|task| task.person == to));
    let plan = store::find(app.db.read(), plan.id).await.unwrap().unwrap();
    assert_eq!(plan.unit, college.library);
    // The library's head keeps it now, although the library may have a plan of its own.
    let librarian = acting(&app, college.librarian).await;
    begin(
        &app,
        &librarian,
        PlanKind::Unit,
        college.library,
        2027,
        draft("图书馆计划"),
        None,
    )
    .await
    .unwrap();
    let (_, left) = carry_over(&app, &librarian, plan.id).await.unwrap();
    assert_eq!(left, 2);
    close(
        &app,
        &librarian,
        plan.id,
        plan.version,
        "并入总结".into(),
        true,
    )
    .await
    .unwrap();
}
zhendi_kernel::on_both_databases!(tasks_follow_people_and_plans_follow_units, || {
    crate::testing::setup()
});

async fn the_pages_of_plans(app: TestApp) {
    let college = College::new(&app).await;
    let liaison = app.client(&acting(&app, college.liaison).await);
    let head = app.client(&acting(&app, college.head).await);
    let form = liaison.get("/plans/new").await.expect(200).text();
    assert!(form.contains("工作目标") && !form.contains("总体规划</span>"));
    let unit = college.faculty.to_string();
    let fields = [
        ("kind", "unit"),
        ("unit", unit.as_str()),
        ("year", "27"),
        ("goals", "目标"),
    ];
    let wrong = liaison.post("/plans", &fields).await.expect(422).text();
    assert!(wrong.contains("四位数") && wrong.contains("目标"));
    let fields = [
        ("kind", "unit"),
        ("unit", unit.as_str()),
        ("year", "2027"),
        ("goals", "目标一\n目标二"),
    ];
    let made = liaison.post("/plans", &fields).await.expect(303);
    let path = made.location().to_owned();
    let page = liaison.get(&path).await.expect(200).text();
    assert!(page.contains("信息工程学院2027年网络阵地建设与管理工作计划"));
    let teacher = college.teacher.to_string();
    let new = format!("{path}/tasks");
    let fields = [
        ("what", ""),
        ("person", teacher.as_str()),
        ("due", "2029-01-01"),
    ];
    let wrong = liaison.post(&new, &fields).await.expect(422).text();
    assert!(wrong.contains("完成时限须在计划年度之内"), "{wrong}");
    let fields = [
        ("what", "清理<b>僵尸</b>账号"),
        ("person", teacher.as_str()),
        ("due", "2027-03-31"),
    ];
    liaison.post(&new, &fields).await.expect(303);
    let page = liaison.get(&path).await.expect(200).text();
    assert!(
        page.contains("清理&#60;b&#62;僵尸") && page.contains("李老师"),
        "{page}"
    );
    let version = |page: &str| {
        let (_, rest) = page.split_once("name=\"version\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let seen = version(&page);
    liaison
        .post(&format!("{path}/submissions"), &[("version", &seen)])
        .await
        .expect(303);
    let page = head.get(&path).await.expect(200).text();
    assert!(page.contains("审定通过"));
    let seen = version(&page);
    let back = format!("{path}/returns");
    let wrong = head
        .post(&back, &[("version", &seen)])
        .await
        .expect(422)
        .text();
    assert!(wrong.contains("退回须写明理由"));
    let decide = format!("{path}/decisions");
    head.post(&decide, &[("version", &seen)]).await.expect(303);
    head.post(&decide, &[("version", &seen)]).await.expect(409);

    // The teacher has no role, and a task.
    let teacher = app.client(&acting(&app, college.teacher).await);
    let mine = teacher.get("/plans?mine=1").await.expect(200).text();
    assert!(mine.contains(&path));
    let page = teacher.get(&path).await.expect(200).text();
    let (_, rest) = page.split_once(&format!("{path}/tasks/")).unwrap();
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let task = format!("{path}/tasks/{number}");
    let page = teacher.get(&task).await.expect(200).text();
    assert!(page.contains("填报进展") && !page.contains("顺延时限"));
    let report = format!("{task}/reports");
    let fields = [("version", "1"), ("progress", "半"), ("text", "")];
    teacher.post(&report, &fields).await.expect(422);
    let fields = [("version", "1"), ("progress", "50"), ("text", "注销一个")];
    teacher.post(&report, &fields).await.expect(303);
    let page = teacher.get(&task).await.expect(200).text();
    assert!(page.contains("填报进展：50%") && page.contains("注销一个"));
    teacher
        .post(
            &format!("{task}/postponements"),
            &[("to", "2027-09-01"), ("reason", "忙")],
        )
        .await
        .expect(403);

    // Who has nothing to do with it finds nothing; lists and files say the same.
    let librarian = app.client(&acting(&app, college.librarian).await);
    librarian.get(&path).await.expect(404);
    librarian.get(&task).await.expect(404);
    let list = librarian.get("/plans").await.expect(200).text();
    assert!(!list.contains("僵尸") && !list.contains("信息工程学院2027年"));
    let csv = head.get("/plans.csv").await.expect(200).text();
    assert!(csv.contains("清理<b>僵尸</b>账号") && csv.contains("50"));
    let xlsx = head.get("/plans.xlsx").await.expect(200);
    assert_eq!(&xlsx.bytes[..2], b"PK");
    let secretary = app.client(&acting(&app, college.secretary).await);
    let board = secretary
        .get("/plans/board?year=2027")
        .await
        .expect(200)
        .text();
    assert!(board.contains("还没有计划") && board.contains("信息工程学院2027年"));
    let none = secretary.get("/plans/board?year=2027&show=none").await;
    let none = none.expect(200).text();
    assert!(none.contains("图书馆") && !none.contains("信息工程学院2027年"));
}
zhendi_kernel::on_both_databases!(the_pages_of_plans, || crate::testing::setup());

async fn programs_plan_like_people(app: TestApp) {
    let college = College::new(&app).await;
    let liaison = app.client(&acting(&app, college.liaison).await);
    let head = app.client(&acting(&app, college.head).await);
    let body = json!({ "unit": college.faculty, "year": 2027, "title": "计划", "goals": "目标" });
    let made = liaison.json(Method::POST, "/api/v1/plans", &body).await;
    let plan = made.expect(201).json();
    let path = format!("/api/v1/plans/{}", plan["id"]);
    let body = json!({ "what": "任务", "person": college.librarian, "due": "2027-05-01" });
    let tasks = format!("{path}/tasks");
    liaison.json(Method::POST, &tasks, &body).await.expect(409);
    let body = json!({ "what": "任务", "person": college.liaison, "due": "2027-05-01" });
    let task = liaison.json(Method::POST, &tasks, &body).await;
    let task = task.expect(201).json()["id"].as_i64().unwrap();
    let said = json!({ "version": 2 });
    let sent = liaison
        .json(Method::POST, &format!("{path}/submissions"), &said)
        .await;
    let version = sent.expect(200).json()["version"].clone();
    let said = json!({ "version": version });
    let decisions = format!("{path}/decisions");
    liaison
        .json(Method::POST, &decisions, &said)
        .await
        .expect(403);
    let done = head.json(Method::POST, &decisions, &said).await.expect(200);
    assert_eq!(done.json()["stage"], "in_force");
    let said = json!({ "version": 1, "progress": 100, "text": "完成" });
    let reports = format!("{tasks}/{task}/reports");
    let done = liaison
        .json(Method::POST, &reports, &said)
        .await
        .expect(200);
    assert_eq!(done.json()["state"], "done");
    let list = head.get("/api/v1/plans?year=2027").await.expect(200).json();
    assert_eq!(list["items"][0]["progress"], 100);
    let said = json!({ "version": done_version(&head, &path).await, "summary": "好" });
    let ended = head
        .json(Method::POST, &format!("{path}/closures"), &said)
        .await;
    assert_eq!(ended.expect(200).json()["stage"], "closed");
}
zhendi_kernel::on_both_databases!(programs_plan_like_people, || crate::testing::setup());

async fn done_version(client: &zhendi_kernel::testing::Client, path: &str) -> serde_json::Value {
    client.get(path).await.expect(200).json()["version"].clone()
}
