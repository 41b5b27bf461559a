//! Annexes 2 and 3 as they come back, on both databases.

use crate::{
    channel::{ChannelPeople, store},
    export::Progress,
    filing::Kind,
    forms::{self, Format, Reach, Subject},
    import::{Compared, Options, Report, read, take},
    testing::{College, facts, filed, person_at, program, register},
};
use std::io::Read;
use zhendi_kernel::{Actor, testing::TestApp};
use zhendi_office::{
    annex::{AnnexThree, Person},
    write::write_xlsx,
};

async fn produced(app: &TestApp, subject: Subject) -> Vec<u8> {
    let made = forms::produce(app, &program(), subject, Format::Xlsx, Progress::default()).await;
    let (_, mut file) = made.unwrap();
    let mut bytes = vec![];
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

async fn taken(app: &TestApp, actor: &Actor, bytes: &[u8]) -> Report {
    let source = read(&[("表.xlsx".into(), bytes.to_vec())]).unwrap();
    let tx = app.db.begin().await.unwrap();
    let options = Options::default();
    let report = take(&tx, app, actor, &source, &options).await.unwrap();
    tx.rollback().await.unwrap();
    report
}

fn told(one: &Compared) -> Vec<(&str, &str, &str)> {
    one.differences
        .iter()
        .map(|d| (d.field.as_str(), d.registered.as_str(), d.written.as_str()))
        .collect()
}

async fn followers(app: &TestApp, id: zhendi_kernel::ChannelId, count: i64) {
    let tx = app.db.begin().await.unwrap();
    let channel = store::get(&tx, id).await.unwrap();
    let mut to = channel.content();
    to.facts.followers = Some(count);
    crate::channel::correct(&tx, app, &program(), channel, to)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn annex_three_begins_a_change(app: TestApp) {
    let college = College::new(&app).await;
    let leader = person_at(&app, college.faculty, "陈院长", "13800138001").await;
    let keeper = person_at(&app, college.faculty, "张敏", "13800138002").await;
    let mut site = filed(facts(
        college.faculty,
        "website",
        "信工官网",
        "https://xg.example.edu.cn/",
    ));
    site.facts.icp = Some("粤ICP备05000000号-1".into());
    site.people = ChannelPeople {
        leader: Some(leader),
        reviewers: vec![leader],
        operators: vec![keeper],
    };
    let site = register(&app, site).await;
    let officer = college.officer();
    let bytes = produced(&app, Subject::Channel(site.id)).await;

    let same = taken(&app, &officer, &bytes).await;
    assert_eq!(told(&same.compared[0]), []);
    assert_eq!(same.compared[0].draft, None);
    assert!(same.compares_equal() && same.forms.is_empty());

    followers(&app, site.id, 5000).await;
    let differs = taken(&app, &officer, &bytes).await;
    let one = &differs.compared[0];
    assert_eq!(told(one), [("粉丝量（关注数）", "5000", "1200")]);
    assert_eq!(one.differences[0].cell.as_deref(), Some("C7"));
    let draft = one.draft.as_ref().unwrap();
    assert_eq!((draft.kind, draft.channel), (Kind::Change, Some(site.id)));
    assert_eq!(draft.content.followers, "1200");
    assert_eq!(draft.content.icp, "粤ICP备05000000号-1");
    assert_eq!(draft.contacts.operators[0].phone, "13800138002");
    let named = draft
        .contacts
        .operators
        .iter()
        .filter(|one| !one.is_blank());
    assert_eq!(named.count(), 1);
    // Nothing was written.
    let now = store::get(app.db.read(), site.id).await.unwrap();
    assert_eq!(now.facts.followers, Some(5000));

    // On the page it becomes a draft, which says what the form says.
    let client = app.client(&officer);
    let answer = client
        .upload("/imports", &[], &[("file", "表.xlsx", bytes.as_slice())])
        .await
        .expect(303);
    let run = answer.location().to_owned();
    let page = client.get(&run).await.expect(200).text();
    assert!(
        page.contains("1 处不同") && page.contains("用表中内容起草变更备案"),
        "{page}"
    );
    assert!(!page.contains("导入明细"));
    let begun = client
        .post(&format!("{run}/drafts"), &[("form", "0")])
        .await
        .expect(303);
    assert!(
        begun.location().starts_with("/filings/"),
        "{}",
        begun.location()
    );
    let page = client.get(begun.location()).await.expect(200).text();
    assert!(page.contains("value=\"1200\""), "{page}");
    client
        .post(&format!("{run}/drafts"), &[("form", "7")])
        .await
        .expect(404);

    // Another unit's form is nobody else's business.
    let strange = taken(&app, &college.librarian(), &bytes).await;
    assert!(strange.compared[0].problem.is_some() && strange.compared[0].differences.is_empty());
}
zhendi_kernel::on_both_databases!(annex_three_begins_a_change, || crate::testing::setup());

async fn annex_three_of_what_nobody_knows(app: TestApp) {
    let college = College::new(&app).await;
    let officer = college.officer();
    let form = AnnexThree {
        name: "图书馆小红书".into(),
        address_or_id: "lib_xhs".into(),
        unit: "图书馆".into(),
        certified_body: "江海职业技术学院".into(),
        platform_or_icp: "小红书号".into(),
        leader: Person {
            name: "李卫东".into(),
            post: "馆长".into(),
            phone: "13800138003".into(),
        },
        ..AnnexThree::default()
    };
    let mut bytes = std::io::Cursor::new(vec![]);
    write_xlsx(form.clone().sheet(), None, &mut bytes).unwrap();
    let one = taken(&app, &officer, bytes.get_ref())
        .await
        .compared
        .remove(0);
    assert!(one.unknown);
    let draft = one.draft.unwrap();
    assert_eq!(
        (draft.kind, draft.unit),
        (Kind::Opening, Some(college.library))
    );
    assert_eq!(draft.content.platform, "xiaohongshu");
    assert_eq!(draft.contacts.leader.name, "李卫东");

    let wrong = AnnexThree {
        unit: "图书管".into(),
        ..form
    };
    let mut bytes = std::io::Cursor::new(vec![]);
    write_xlsx(wrong.sheet(), None, &mut bytes).unwrap();
    let one = taken(&app, &officer, bytes.get_ref())
        .await
        .compared
        .remove(0);
    let problem = one.problem.unwrap();
    assert!(problem.contains("图书馆"), "{problem}");
}
zhendi_kernel::on_both_databases!(annex_three_of_what_nobody_knows, || {
    crate::testing::setup()
});

async fn annex_two_beside_what_is_counted(app: TestApp) {
    let college = College::new(&app).await;
    let officer = college.officer();
    register(
        &app,
        filed(facts(college.library, "weibo", "图书馆微博", "lib_wb")),
    )
    .await;
    let reach = Reach {
        unit: Some(college.library),
        own: false,
    };
    let bytes = produced(&app, Subject::Summary(reach)).await;
    assert!(taken(&app, &officer, &bytes).await.compares_equal());
    register(
        &app,
        filed(facts(college.library, "douyin", "图书馆抖音", "lib_dy")),
    )
    .await;
    let report = taken(&app, &officer, &bytes).await;
    assert_eq!(
        told(&report.compared[0]),
        [
            ("单位开设的新媒体（网站）数量（个） · 抖音号", "1", "0"),
            ("单位开设的新媒体（网站）数量（个） · 合计", "2", "1"),
        ]
    );
    assert!(report.to_string().contains("2 处不同"));
}
zhendi_kernel::on_both_databases!(annex_two_beside_what_is_counted, || {
    crate::testing::setup()
});
