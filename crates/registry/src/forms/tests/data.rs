//! What stands in the forms, on both databases.

use super::registered;
use crate::{
    channel::annex_two::Line,
    forms::{
        gather::{Gathered, Printer, gather},
        reader::Reader,
        subject::{Reach, Subject},
        survey::Survey,
    },
    platform::Annex2,
    testing::{facts, filed, program, register},
};
use zhendi_kernel::testing::actor;
use zhendi_kernel::{Actor, Role, UnitId, actor::Scope, settings, testing::TestApp};

async fn form(app: &TestApp, actor: &Actor, subject: Subject) -> Gathered {
    gather(
        app,
        actor,
        &Reader::of(actor),
        &Printer::default(),
        subject,
        u64::MAX,
    )
    .await
    .unwrap()
}

/// The table's texts, row by row.
fn rows(gathered: &mut Gathered) -> Vec<Vec<String>> {
    let sheet = gathered.sheet(None).unwrap();
    sheet
        .body
        .map(|row| {
            let cells = row.unwrap().cells.into_iter();
            cells.map(|cell| cell.value.to_string()).collect()
        })
        .collect()
}

fn of(unit: UnitId) -> Reach {
    Reach {
        unit: Some(unit),
        own: false,
    }
}

async fn annex_one_lists_what_is_open_in_the_order_of_the_tree(app: TestApp) {
    let one = registered(&app).await;
    let officer = one.college.officer();
    let mut all = form(&app, &officer, Subject::Accounts(Reach::default())).await;
    let table = rows(&mut all);
    let names: Vec<&str> = table.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(
        names,
        [
            "信工官网",
            "=HYPERLINK(1)",
            "实验室公众号",
            "馆长李卫东",
            "图书馆快手"
        ]
    );
    assert_eq!(all.head.unit, "江海职业技术学院");
    assert_eq!(all.head.date, Some(app.clock.today()));
    assert_eq!(
        table[0],
        [
            "1",
            "信工官网",
            "信息工程学院",
            "江海职业技术学院",
            "网站",
            "无更新",
            "是",
            "",
            "是",
            "",
            "张敏",
            "13800138002",
            ""
        ]
    );
    // Nothing was found, so there is nothing to rectify; nobody said anything of the library's.
    assert_eq!(table[2][5..10], ["无问题", "-", "是", "", ""]);
    assert_eq!(table[4][5..12], ["", "", "", "", "", "", ""]);
    assert_eq!(all.numbers, 2);

    // A preview is the beginning of it.
    for most in [1, 2, 3] {
        let reader = Reader::of(&officer);
        let subject = Subject::Accounts(Reach::default());
        let preview = gather(&app, &officer, &reader, &Printer::default(), subject, most).await;
        assert_eq!(rows(&mut preview.unwrap()), table[..most as usize]);
    }

    // A unit with those below it, and alone.
    let faculty = one.college.faculty;
    let mut below = form(&app, &officer, Subject::Accounts(of(faculty))).await;
    assert_eq!(rows(&mut below).len(), 3);
    assert_eq!(below.named, "信息工程学院");
    let own = Reach {
        own: true,
        ..of(faculty)
    };
    assert_eq!(form(&app, &officer, Subject::Accounts(own)).await.rows, 2);

    // The same rows have the same hash, whoever prints; a change has another.
    let liaison = one.college.liaison();
    let again = form(&app, &liaison, Subject::Accounts(of(faculty))).await;
    assert_eq!(again.hash, below.hash);
    register(&app, filed(facts(one.college.lab, "qq", "实验室QQ", "1"))).await;
    let more = form(&app, &liaison, Subject::Accounts(of(faculty))).await;
    assert_ne!(more.hash, below.hash);
}
zhendi_kernel::on_both_databases!(
    annex_one_lists_what_is_open_in_the_order_of_the_tree,
    || crate::testing::setup()
);

async fn a_form_holds_what_its_reader_may_see(app: TestApp) {
    let one = registered(&app).await;
    let college = &one.college;
    // The liaison of the faculty gets the faculty, whatever is asked for.
    let mut own = form(
        &app,
        &college.liaison(),
        Subject::Accounts(Reach::default()),
    )
    .await;
    assert_eq!(own.rows, 3);
    assert_eq!(own.head.unit, "信息工程学院");
    assert_eq!(rows(&mut own)[0][11], "13800138002");
    let none = form(
        &app,
        &college.liaison(),
        Subject::Accounts(of(college.library)),
    )
    .await;
    assert!(none.is_empty());
    // Who sees channels but not people gets masked numbers.
    let leader = actor(
        905,
        "郑书记",
        &[(Role::PortfolioLeader, Scope::Unit(college.faculty))],
    );
    let mut masked = form(&app, &leader, Subject::Accounts(Reach::default())).await;
    assert_eq!(rows(&mut masked)[0][11], "138****8002");
    assert_eq!(masked.numbers, 0);
    let channel = form(&app, &leader, Subject::Channel(one.site.id)).await;
    assert_eq!(channel.numbers, 0);
    // The admin of one channel gets that.
    let admin = actor(
        906,
        "周管理",
        &[(Role::ChannelAdmin, Scope::Channel(one.site.id))],
    );
    assert_eq!(
        form(&app, &admin, Subject::Accounts(Reach::default()))
            .await
            .rows,
        1
    );
}
zhendi_kernel::on_both_databases!(a_form_holds_what_its_reader_may_see, || {
    crate::testing::setup()
});

async fn annex_two_counts_what_annex_one_lists(app: TestApp) {
    let one = registered(&app).await;
    let officer = one.college.officer();
    let all = form(&app, &officer, Subject::Summary(Reach::default())).await;
    let summary = all.summary().unwrap().clone();
    let line = |line: Line| {
        let mut figures = Annex2::ALL
            .map(|column| summary.count(line, column))
            .to_vec();
        figures.push(summary.total(line));
        figures
    };
    // 网站 微博 微信 头条号 抖音号 移动客户端 其他 合计
    assert_eq!(line(Line::Opened), [1, 0, 1, 0, 1, 0, 1, 4]);
    assert_eq!(line(Line::Personal), [0, 1, 0, 0, 0, 0, 0, 1]);
    assert_eq!(line(Line::Problems), [1, 0, 0, 0, 1, 0, 0, 2]);
    assert_eq!(line(Line::Rectified), [1, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(line(Line::Interactive), [0, 1, 1, 0, 0, 0, 0, 2]);
    assert_eq!(line(Line::Reviewed), [1, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(line(Line::Outsourced), [0, 0, 0, 0, 1, 0, 0, 1]);

    // Each figure is the length of the list that it leads to.
    for one in Line::ALL {
        for at in 0..8 {
            let query = crate::channel::store::Query {
                figure: Some(summary.behind(one, at)),
                ..Default::default()
            };
            let found = crate::channel::store::count(
                app.db.read(),
                &zhendi_kernel::ScopeFilter::All,
                &query,
            )
            .await
            .unwrap();
            assert_eq!(found, line(one)[at], "{one:?} {at}");
        }
    }

    // Where the institution counts new media alone, the sum and its list follow.
    let tx = app.db.begin().await.unwrap();
    let survey = Survey {
        total_with_websites: false,
        ..Survey::default()
    };
    settings::put(&tx, &survey).await.unwrap();
    tx.commit().await.unwrap();
    let media = form(&app, &program(), Subject::Summary(Reach::default())).await;
    let summary = media.summary().unwrap();
    assert_eq!(summary.total(Line::Opened), 3);
    assert_eq!(
        summary.behind(Line::Opened, 7).label(),
        "单位开设的新媒体（网站）：新媒体"
    );
    assert_ne!(media.hash, all.hash);
}
zhendi_kernel::on_both_databases!(annex_two_counts_what_annex_one_lists, || {
    crate::testing::setup()
});

async fn annex_three_tells_a_channel_as_it_is(app: TestApp) {
    let one = registered(&app).await;
    let mut form = form(&app, &one.college.officer(), Subject::Channel(one.site.id)).await;
    assert_eq!(form.number, "宣备〔2026〕7号");
    assert_eq!((form.rows, form.numbers), (1, 4));
    let text: Vec<String> = rows(&mut form).into_iter().flatten().collect();
    for (label, content) in [
        ("账号/网站/APP名称", "信工官网"),
        ("账号ID/网址", "https://xg.example.edu.cn/"),
        ("开设部门", "信息工程学院"),
        ("开通平台/网站ICP", "粤ICP备05000000号-1"),
        ("开通时间", "2016-03-01"),
        ("粉丝量（关注数）", "1200"),
        ("备案类型", "开设"),
    ] {
        let at = text.iter().position(|cell| cell == label).unwrap();
        assert_eq!(text[at + 1], content, "{label}");
    }
    let at = text.iter().position(|cell| cell == "主管领导").unwrap();
    assert_eq!(text[at + 1..at + 4], ["陈院长", "科长", "13800138001"]);
}
zhendi_kernel::on_both_databases!(annex_three_tells_a_channel_as_it_is, || {
    crate::testing::setup()
});
