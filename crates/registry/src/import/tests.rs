//! Stories of imports: the samples as the Notice's units send them, scopes, previews.

use super::{Options, Report, Verdict, read, take};
use crate::{
    channel::{Channel, FilingState, RunningState, identity, source, store},
    testing::{College, program, setup},
};
use sea_orm::EntityTrait;
use zhendi_kernel::{
    Actor, Fault, Role, ScopeFilter,
    actor::Scope,
    audit,
    testing::{TestApp, actor},
    work,
};
use zhendi_people::{holding, person, unit};

const SCHOOL: &[u8] = include_bytes!("../../../../engines/office/tests/samples/附件4-全校.xls");
const FACULTY: &[u8] =
    include_bytes!("../../../../engines/office/tests/samples/附件1-信息学院.xls");
const LIBRARY: &[u8] =
    include_bytes!("../../../../engines/office/tests/samples/附件1-图书馆-有错.xls");

async fn import(
    app: &TestApp,
    actor: &Actor,
    name: &str,
    bytes: &[u8],
    options: &Options,
) -> Report {
    let source = read(&[(name.into(), bytes.to_vec())]).unwrap();
    let tx = app.db.begin().await.unwrap();
    let report = take(&tx, app, actor, &source, options).await.unwrap();
    if report.stored {
        tx.commit().await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
    report
}

fn create() -> Options {
    Options {
        create_units: true,
        ..Options::default()
    }
}

fn csv(rows: &[&str]) -> Vec<u8> {
    let head = "序号,账号（网站）名称,账号ID,开设单位,认证主体,类型,问题排查情况,是否整改,是否具有互动功能,是否建立内容发布审核制度,是否委托其他单位运营,账号负责人姓名,账号负责人手机号,备注";
    let mut text = String::from(head);
    for row in rows {
        text.push_str("\r\n");
        text.push_str(row);
    }
    text.into_bytes()
}

async fn channel(app: &TestApp, unit: &str, name: &str, platform: &str) -> Channel {
    let unit = unit::by_name(app.db.read(), unit).await.unwrap().unwrap();
    let found = store::by_name(app.db.read(), unit.id, &platform.into(), name).await;
    let mut found = found.unwrap();
    assert_eq!(found.len(), 1, "{name} on {platform}");
    found.remove(0)
}

async fn count(app: &TestApp) -> usize {
    store::Entity::find()
        .all(app.db.read())
        .await
        .unwrap()
        .len()
}

async fn the_samples_go_in_as_expected(app: TestApp) {
    let me = program();
    let report = import(&app, &me, "附件4-全校.xls", SCHOOL, &create()).await;
    assert_eq!((report.totals.new, report.totals.refused), (4, 0));
    assert_eq!(report.new_units, ["示例职业技术学院", "党委宣传部", "团委"]);
    let wechat = channel(&app, "党委宣传部", "示例职院", "wechat").await;
    assert_eq!(wechat.facts.opened_on.unwrap().to_string(), "2016-03-01");
    assert_eq!(wechat.filing, FilingState::Filed);
    assert_eq!(wechat.running, RunningState::Live);
    assert_eq!(wechat.filed_source.as_deref(), Some(source::IMPORTED));
    let site = channel(&app, "党委宣传部", "示例职业技术学院官网", "website").await;
    assert_eq!(site.facts.opened_on.unwrap().to_string(), "2009-09");
    let weibo = channel(&app, "党委宣传部", "示例职院", "weibo").await;
    assert_eq!(weibo.facts.opened_on.unwrap().to_string(), "2012-05-04");
    // One leader, named three times, is one person; so is the operator of two channels.
    assert_eq!(wechat.people.leader, site.people.leader);
    assert_eq!(wechat.people.operators, site.people.operators);
    let gone = channel(&app, "团委", "青春示例", "douyin").await;
    assert_eq!(gone.facts.opened_on.unwrap().to_string(), "2020-03-01");
    assert_eq!(
        (gone.filing, gone.running),
        (FilingState::Cancelled, RunningState::Closed)
    );

    let report = import(&app, &me, "附件1-信息学院.xls", FACULTY, &create()).await;
    assert_eq!((report.totals.new, report.totals.refused), (5, 0));
    let offered = report.forms[0].rows[1].offered_address.as_deref();
    assert_eq!(offered, Some("https://xxgc.example.edu.cn"));
    let site = channel(&app, "信息学院", "信息学院官网", "website").await;
    assert_eq!(site.facts.address_or_id, "", "offered, not taken");
    assert_eq!(site.filing, FilingState::Unfiled);
    assert_eq!(site.running, RunningState::Live);
    let by = app.clock.today() + chrono::Days::new(30);
    assert_eq!(site.file_by, Some(by));
    let douyin = channel(&app, "信息学院", "信息学院", "douyin").await;
    assert_eq!(douyin.facts.survey.problem, "无更新");
    assert_eq!(douyin.facts.survey.rectified, Some(true));
    assert_eq!(douyin.facts.survey.outsourced, Some(false));
    let cards = person::cards(app.db.read(), &app, &douyin.people.operators)
        .await
        .unwrap();
    let card = &cards[&douyin.people.operators[0]];
    assert_eq!(
        (card.name.as_str(), card.phone.as_str()),
        ("王芳", "13800138002")
    );

    let before = count(&app).await;
    let report = import(&app, &me, "附件1-图书馆-有错.xls", LIBRARY, &create()).await;
    assert!(!report.stored && report.has_refusals());
    assert_eq!(count(&app).await, before, "whole or not at all");
    let verdicts: Vec<Verdict> = report.forms[0].rows.iter().map(|row| row.verdict).collect();
    use Verdict::{New, Refused};
    assert_eq!(verdicts, [New, Refused, Refused, Refused, Refused, New]);
    let columns: Vec<Vec<&str>> = report.forms[0]
        .rows
        .iter()
        .map(|row| row.problems.iter().map(|p| p.column.as_str()).collect())
        .collect();
    assert_eq!(
        columns,
        [
            vec![],
            vec!["账号（网站）名称"],
            vec!["账号（网站）名称"],
            vec!["类型"],
            vec!["是否具有互动功能", "账号负责人手机号"],
            vec![],
        ]
    );
    let rows = &report.forms[0].rows;
    assert!(
        rows[1].problems[0].suggestion.contains("集约化")
            || rows[1].problems[0].suggestion.contains("理由")
    );
    assert!(rows[3].problems[0].suggestion.contains("网站"));
    assert!(rows[4].problems[1].reason.contains("1380013"));
    assert!(
        rows[5]
            .notices
            .iter()
            .any(|notice| notice.ends_with("读作 13800138003"))
    );
    assert!(
        unit::by_name(app.db.read(), "图书馆")
            .await
            .unwrap()
            .is_none()
    );

    let partial = Options {
        partial: true,
        ..create()
    };
    let report = import(&app, &me, "附件1-图书馆-有错.xls", LIBRARY, &partial).await;
    assert!(report.stored);
    assert_eq!((report.totals.new, report.totals.refused), (2, 4));
    assert_eq!(count(&app).await, before + 2);
    channel(&app, "图书馆", "图书馆微博", "weibo").await;

    for (name, bytes) in [("4", SCHOOL), ("1", FACULTY), ("有错", LIBRARY)] {
        let report = import(&app, &me, name, bytes, &partial).await;
        assert_eq!(
            (report.totals.new, report.totals.changed),
            (0, 0),
            "{report}"
        );
        assert!(report.new_units.is_empty());
    }
    assert_eq!(count(&app).await, before + 2);
    let people = person::by_name_and_phone(
        app.db.read(),
        &app,
        site.facts.unit,
        "李明",
        Some("13800138001"),
    );
    assert!(
        people.await.unwrap().is_some(),
        "one 李明, found by name and phone"
    );
}
zhendi_kernel::on_both_databases!(the_samples_go_in_as_expected, super::setup);

async fn rows_go_where_the_actor_may(app: TestApp) {
    let college = College::new(&app).await;
    let rows = csv(&[
        "1,信息工程学院,xxgc2026,信息工程学院,江海职业技术学院,微信公众号,无问题,-,是,是,否,李明,13800138001,",
        "2,图书馆,tsg,图书馆,江海职业技术学院,微信公众号,无问题,-,是,是,否,赵强,13800138003,",
        "3,外语系,wyx,外国语学院,江海职业技术学院,微博,无问题,-,是,是,否,赵强,13800138003,",
    ]);
    let liaison = college.liaison();
    let report = import(&app, &liaison, "a.csv", &rows, &Options::default()).await;
    assert!(!report.stored);
    let rows_of = &report.forms[0].rows;
    assert_eq!(rows_of[0].verdict, Verdict::New);
    assert!(rows_of[1].problems[0].reason.contains("不能导入这个单位"));
    assert!(rows_of[2].problems[0].reason.contains("没有这个单位"));
    assert!(
        rows_of[2].problems[0].suggestion.contains("最接近"),
        "{report}"
    );

    // What is filed on paper is not the unit's to say.
    let report = import(&app, &liaison, "附件4-全校.xls", SCHOOL, &create()).await;
    assert_eq!(report.totals.new, 0, "{report}");

    // With an id, a second account of one name is another channel; it warns.
    let rows = csv(&[
        "1,信息工程学院,one,信息工程学院,江海职业技术学院,微信公众号,无问题,-,是,是,否,李明,13800138001,",
        "2,信息工程学院,two,信息工程学院,江海职业技术学院,微信公众号,无问题,-,是,是,否,李明,13800138001,",
    ]);
    let report = import(&app, &liaison, "b.csv", &rows, &Options::default()).await;
    assert_eq!(
        (report.totals.new, report.totals.refused),
        (2, 0),
        "{report}"
    );
    assert!(
        report.forms[0].rows[1]
            .notices
            .iter()
            .any(|notice| notice.contains("集约化"))
    );

    // A row without the id means the channel of that name; a blank cell takes nothing away.
    let rows = csv(&["1,信息工程学院,ONE,信息工程学院,,微信,长期不更新,是,,,,,,"]);
    let report = import(&app, &liaison, "c.csv", &rows, &Options::default()).await;
    assert_eq!(
        (report.totals.changed, report.totals.refused),
        (1, 0),
        "{report}"
    );
    let changes: Vec<&str> = report.forms[0].rows[0]
        .changes
        .iter()
        .map(|c| c.field.as_str())
        .collect();
    assert_eq!(changes, ["问题排查情况", "是否整改"]);

    // A unit asked for alone takes nothing of others; its own rows may leave it out.
    let rows = csv(&[
        "1,实验室网站,https://lab.example.edu.cn/,,江海职业技术学院,网站,无问题,-,是,是,否,李明,13800138001,",
    ]);
    let only = Options {
        unit: Some(college.lab),
        ..Options::default()
    };
    let report = import(&app, &liaison, "d.csv", &rows, &only).await;
    assert_eq!(report.totals.new, 1, "{report}");
    let other = Options {
        unit: Some(college.library),
        ..Options::default()
    };
    let rows = csv(&[
        "1,新闻,news,信息工程学院,江海职业技术学院,微博,无问题,-,是,是,否,李明,13800138001,",
    ]);
    let report = import(&app, &program(), "e.csv", &rows, &other).await;
    assert_eq!(report.totals.refused, 1, "{report}");
}
zhendi_kernel::on_both_databases!(rows_go_where_the_actor_may, super::setup);

async fn a_preview_stores_nothing_until_it_is_confirmed(app: TestApp) {
    let college = College::new(&app).await;
    let officer = app.client(&college.officer());
    officer.get("/imports").await.expect(200);
    officer.get("/imports/new").await.expect(200);
    let refused = officer.upload("/imports", &[], &[]).await.expect(422);
    assert!(refused.text().contains("请选择要导入的文件"));
    let refused = officer
        .upload(
            "/imports",
            &[],
            &[("file", "附件1.xls", b"<html>".as_slice())],
        )
        .await
        .expect(422);
    assert!(refused.text().contains("form-error"), "{}", refused.text());

    let fields = [("create_units", "on")];
    let sent = officer.upload(
        "/imports",
        &fields,
        &[("file", "附件1-信息学院.xls", FACULTY)],
    );
    let answer = sent.await.expect(303);
    let run = answer.location().to_owned();
    let page = officer.get(&run).await.expect(200).text();
    assert!(
        page.contains("信息学院官网") && page.contains("将新建 1 个单位"),
        "{page}"
    );
    assert_eq!(count(&app).await, 0);

    // Nobody else sees it: it names people.
    let other = actor(
        77,
        "别人",
        &[(Role::PublicityOfficer, Scope::Institution(college.root))],
    );
    app.client(&other).get(&run).await.expect(404);

    let address = r#"["附件1-信息学院.xls","附件1",6]"#;
    let confirmed = officer
        .post(&format!("{run}/confirmations"), &[("address", address)])
        .await;
    assert_eq!(confirmed.expect(303).location(), run);
    assert_eq!(count(&app).await, 5);
    let site = channel(&app, "信息学院", "信息学院官网", "website").await;
    assert_eq!(site.facts.address_or_id, "https://xxgc.example.edu.cn");
    let page = officer.get(&run).await.expect(200).text();
    assert!(
        page.contains("已写入") && !page.contains("确认写入"),
        "{page}"
    );

    // The faulty file: not at all, then in part, or not.
    let sent = officer.upload("/imports", &fields, &[("file", "图书馆.xls", LIBRARY)]);
    let run = sent.await.expect(303).location().to_owned();
    officer
        .post(&format!("{run}/confirmations"), &[])
        .await
        .expect(303);
    assert_eq!(count(&app).await, 5);
    officer
        .post(&format!("{run}/confirmations"), &[("partial", "1")])
        .await
        .expect(303);
    assert_eq!(count(&app).await, 7);
    let sent = officer.upload("/imports", &fields, &[("file", "图书馆.xls", LIBRARY)]);
    let run = sent.await.expect(303).location().to_owned();
    officer
        .post(&format!("{run}/cancellations"), &[])
        .await
        .expect(303);
    officer
        .post(&format!("{run}/cancellations"), &[])
        .await
        .expect(409);
    assert_eq!(count(&app).await, 7);
}
zhendi_kernel::on_both_databases!(a_preview_stores_nothing_until_it_is_confirmed, super::setup);

async fn a_preview_that_no_longer_holds_is_shown_anew(app: TestApp) {
    let college = College::new(&app).await;
    let officer = app.client(&college.officer());
    let rows = csv(&[
        "1,信息工程学院,one,信息工程学院,江海职业技术学院,微信公众号,无问题,-,是,是,否,李明,13800138001,",
    ]);
    let sent = officer
        .upload("/imports", &[], &[("file", "a.csv", &rows)])
        .await;
    let run = sent.expect(303).location().to_owned();
    let changed = csv(&[
        "1,信息工程学院,one,信息工程学院,江海职业技术学院,微信公众号,有问题,-,是,是,否,李明,13800138001,",
    ]);
    import(&app, &program(), "b.csv", &changed, &Options::default()).await;
    officer
        .post(&format!("{run}/confirmations"), &[])
        .await
        .expect(303);
    let page = officer.get(&run).await.expect(200).text();
    assert!(page.contains("待确认") && page.contains("有问题"), "{page}");
    let site = channel(&app, "信息工程学院", "信息工程学院", "wechat").await;
    assert_eq!(site.facts.survey.problem, "有问题", "not taken unseen");
    officer
        .post(&format!("{run}/confirmations"), &[])
        .await
        .expect(303);
    let site = channel(&app, "信息工程学院", "信息工程学院", "wechat").await;
    assert_eq!(site.facts.survey.problem, "无问题");

    // A day later an upload that nobody confirmed is gone.
    let sent = officer
        .upload("/imports", &[], &[("file", "a.csv", &changed)])
        .await;
    let run = sent.expect(303).location().to_owned();
    app.pass(chrono::TimeDelta::hours(25));
    super::store::forget_old(&app).await.unwrap();
    let page = officer.get(&run).await.expect(200).text();
    assert!(page.contains("已过期"), "{page}");
    let late = officer.post(&format!("{run}/confirmations"), &[]).await;
    assert!(late.status.as_u16() == 303 && count(&app).await == 1);
}
zhendi_kernel::on_both_databases!(a_preview_that_no_longer_holds_is_shown_anew, super::setup);

async fn rows_of_one_form_are_held_against_each_other(app: TestApp) {
    let college = College::new(&app).await;
    // Two of one name in the unit are nobody: the rows mean a third, and all of them the same.
    for phone in ["13800138005", "13800138006"] {
        crate::testing::person_at(&app, college.faculty, "张伟", phone).await;
    }
    let rows = csv(&[
        "1,信工要闻,xgyw,信息工程学院,江海职业技术学院,微信公众号,无问题,-,是,是,否,张伟,,",
        "2,信工要闻二,XGYW,信息工程学院,江海职业技术学院,微信公众号,无问题,-,是,是,否,张伟,,",
        "3,信工要闻,,信息工程学院,江海职业技术学院,微信公众号,无问题,-,是,是,否,张伟,,",
        "4,信工微博,,信息工程学院,江海职业技术学院,微博,无问题,-,是,是,否,张伟,,",
        "5,信工微博,,信息工程学院,江海职业技术学院,微博,无问题,-,是,是,否,张伟,,",
        "6,信工抖音,xgdy,信息工程学院,江海职业技术学院,抖音,无问题,-,是,是,否,钱进,13800138009,",
        "7,信工快手,xgks,信息工程学院,江海职业技术学院,快手,无问题,-,是,是,否,钱进,13800138009,",
    ]);
    let partial = Options {
        partial: true,
        ..Options::default()
    };
    let report = import(&app, &program(), "a.csv", &rows, &partial).await;
    let lines = &report.forms[0].rows;
    use Verdict::{New, Refused};
    let verdicts: Vec<Verdict> = lines.iter().map(|row| row.verdict).collect();
    let expected = [New, Refused, Refused, New, Refused, New, New];
    assert_eq!(verdicts, expected, "{report}");
    for (line, first) in [(1, "第 2 行"), (2, "第 2 行"), (4, "第 5 行")] {
        assert!(lines[line].problems[0].reason.contains(first), "{report}");
    }

    let one = channel(&app, "信息工程学院", "信工要闻", "wechat").await;
    let two = channel(&app, "信息工程学院", "信工微博", "weibo").await;
    assert_eq!(one.people.operators, two.people.operators);
    let three = channel(&app, "信息工程学院", "信工抖音", "douyin").await;
    let four = channel(&app, "信息工程学院", "信工快手", "kuaishou").await;
    assert_eq!(three.people.operators, four.people.operators);
    assert_ne!(one.people.operators, three.people.operators);

    // What one registered by hand causes, each of many does.
    let db = app.db.read();
    let mine = holding::of_person(db, one.people.operators[0])
        .await
        .unwrap();
    let titles: Vec<&str> = mine.iter().map(|held| held.title.as_str()).collect();
    assert_eq!(titles, ["信工要闻", "信工微博"]);
    let work = work::of_subject(db, app.now(), ("channel", four.id.0));
    let work = work.await.unwrap();
    assert_eq!(work.len(), 1);
    assert_eq!(work[0].title, "补录备案：“信工快手”（快手）");
    let told = audit::history(db, "channel", four.id.0).await.unwrap();
    assert_eq!(told[0].summary, "登记网络阵地“信工快手”");
    let query = store::Query {
        text: "信工快手".into(),
        ..store::Query::default()
    };
    assert_eq!(
        store::count(db, &ScopeFilter::All, &query).await.unwrap(),
        1
    );

    // An account that somebody else takes while many are being written: none of them is.
    let tx = app.db.begin().await.unwrap();
    let keys = identity::keys(&four.facts, crate::platform::NamedBy::Account);
    let claims = keys.into_iter().map(|key| (key, one.id)).collect();
    let taken = identity::claim_new(&tx, claims).await;
    assert!(matches!(taken, Err(Fault::Refused(_))), "{taken:?}");
}
zhendi_kernel::on_both_databases!(rows_of_one_form_are_held_against_each_other, super::setup);
