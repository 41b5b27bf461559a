//! Lists: what is found, by whom, in which order.

use crate::{
    channel::{
        FilingState, Holder,
        store::{self, Query, Sort, Total, counters},
    },
    testing::{College, facts, filed, register, unfiled},
};
use zhendi_kernel::{Permission, ScopeFilter, testing::TestApp};

fn all() -> Query {
    Query {
        sort: Sort::Name,
        page: 1,
        per_page: 25,
        ..Query::default()
    }
}

async fn names(app: &TestApp, scope: &ScopeFilter, query: &Query) -> Vec<String> {
    let page = store::list(app.db.read(), scope, query).await.unwrap();
    let mut names: Vec<String> = page.rows.into_iter().map(|row| row.name).collect();
    names.sort();
    names
}

async fn lists_find_within_scope(app: TestApp) {
    let college = College::new(&app).await;
    register(
        &app,
        filed(facts(
            college.faculty,
            "website",
            "信工官网",
            "xg.example.edu.cn",
        )),
    )
    .await;
    let lab = register(
        &app,
        unfiled(
            facts(college.lab, "wechat", "网络实验室", "net_lab"),
            "2026-11-10",
        ),
    )
    .await;
    register(
        &app,
        unfiled(
            facts(college.library, "wechat", "图书馆𠮷", "lib_100%"),
            "2026-12-20",
        ),
    )
    .await;
    let mut personal = facts(college.library, "weibo", "馆长说书", "guanzhang");
    personal.holder = Holder::PersonByPost("馆长".into());
    register(&app, filed(personal)).await;

    let everything = ScopeFilter::All;
    let find = |text: &str| Query {
        text: text.into(),
        ..all()
    };
    assert_eq!(
        names(&app, &everything, &find("馆")).await,
        ["图书馆𠮷", "馆长说书"]
    );
    assert_eq!(
        names(&app, &everything, &find("网")).await,
        ["信工官网", "网络实验室"]
    );
    assert_eq!(names(&app, &everything, &find("官网")).await, ["信工官网"]);
    assert_eq!(names(&app, &everything, &find("𠮷")).await, ["图书馆𠮷"]);
    assert_eq!(
        names(&app, &everything, &find("ＮＥＴ＿lab")).await,
        ["网络实验室"]
    );
    assert_eq!(names(&app, &everything, &find("100%")).await, ["图书馆𠮷"]);
    assert!(names(&app, &everything, &find("100_")).await.is_empty());
    assert!(
        names(&app, &everything, &find("' OR 1=1 --"))
            .await
            .is_empty()
    );

    let with = |change: fn(&mut Query)| {
        let mut query = all();
        change(&mut query);
        query
    };
    assert_eq!(
        names(
            &app,
            &everything,
            &with(|q| q.platform = Some("wechat".into()))
        )
        .await
        .len(),
        2
    );
    assert_eq!(
        names(
            &app,
            &everything,
            &with(|q| q.holder = Some("person_by_post"))
        )
        .await,
        ["馆长说书"]
    );
    assert_eq!(
        names(
            &app,
            &everything,
            &with(|q| q.filing = Some(FilingState::Filed))
        )
        .await
        .len(),
        2
    );
    let mut late = all();
    late.file_before = Some(app.clock.today());
    assert_eq!(names(&app, &everything, &late).await, ["网络实验室"]);
    let mut subtree = all();
    subtree.unit = Some(college.faculty);
    assert_eq!(
        names(&app, &everything, &subtree).await,
        ["信工官网", "网络实验室"]
    );

    // What lies outside of the scope is not counted either.
    let mine = college.liaison().filter(Permission::ViewChannels);
    assert_eq!(names(&app, &mine, &all()).await, ["信工官网", "网络实验室"]);
    assert!(names(&app, &mine, &find("馆")).await.is_empty());
    assert_eq!(store::count(app.db.read(), &mine, &all()).await.unwrap(), 2);
    let one = ScopeFilter::Within {
        units: vec![],
        channels: vec![lab.id],
    };
    assert_eq!(names(&app, &one, &all()).await, ["网络实验室"]);
    assert!(
        names(&app, &ScopeFilter::nothing(), &all())
            .await
            .is_empty()
    );
    assert!(
        names(
            &app,
            &college.system().filter(Permission::ViewChannels),
            &all()
        )
        .await
        .is_empty()
    );

    // The figures agree with the lists.
    let (units, count) = counters::busiest_units(app.db.read(), &mine, 9, app.clock.today())
        .await
        .unwrap();
    assert_eq!(count, 2);
    let of_lab = &units
        .iter()
        .find(|(unit, _)| *unit == college.lab)
        .unwrap()
        .1;
    assert_eq!((of_lab.open, of_lab.unfiled, of_lab.overdue), (1, 1, 1));
    let platforms = counters::by_platform(app.db.read(), &everything, None, app.clock.today())
        .await
        .unwrap();
    assert_eq!(platforms[0].0.0, "wechat");
    assert_eq!(platforms[0].1.open, 2);
    let total = store::tally_of(app.db.read(), &everything, &all(), app.clock.today())
        .await
        .unwrap();
    assert_eq!(
        (total.open, total.filed, total.unfiled, total.overdue),
        (4, 2, 2, 1)
    );
    let none = store::tally_of(
        app.db.read(),
        &ScopeFilter::nothing(),
        &all(),
        app.clock.today(),
    )
    .await
    .unwrap();
    assert_eq!(none, store::Tally::default());
}
zhendi_kernel::on_both_databases!(lists_find_within_scope, || crate::testing::setup());

async fn pages_hold_every_row_once_in_order(app: TestApp) {
    let college = College::new(&app).await;
    for n in 0..7 {
        let mut new = facts(
            college.faculty,
            "website",
            &format!("站 {n}"),
            &format!("s{n}.example.cn"),
        );
        new.opened_on = (n != 3).then(|| format!("201{n}").parse().unwrap());
        register(&app, filed(new)).await;
    }
    for sort in [
        Sort::Name,
        Sort::Unit,
        Sort::Platform,
        Sort::Updated,
        Sort::Opened,
        Sort::Due,
    ] {
        for descending in [false, true] {
            let mut seen = vec![];
            for page in 1..=3 {
                let query = Query {
                    sort,
                    descending,
                    page,
                    per_page: 3,
                    ..Query::default()
                };
                let got = store::list(app.db.read(), &ScopeFilter::All, &query)
                    .await
                    .unwrap();
                assert_eq!((got.total, got.pages), (7, 3));
                seen.extend(got.rows);
            }
            if sort == Sort::Name {
                assert_eq!(seen[0].name, if descending { "站 6" } else { "站 0" });
            }
            if sort == Sort::Opened {
                assert_eq!(seen[6].opened_on, None, "without a date come last");
            }
            let mut ids: Vec<i64> = seen.into_iter().map(|row| row.id.0).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), 7, "{sort:?}");
        }
    }
    let far = Query {
        page: 99,
        per_page: 3,
        ..Query::default()
    };
    assert_eq!(
        store::list(app.db.read(), &ScopeFilter::All, &far)
            .await
            .unwrap()
            .page,
        3
    );
}
zhendi_kernel::on_both_databases!(
    pages_hold_every_row_once_in_order,
    || crate::testing::setup()
);

/// More than a search looks at one by one: it then walks through the list, and counts from the other side.
async fn what_many_have_is_found_and_counted(app: TestApp) {
    let college = College::new(&app).await;
    let new = (0..450).map(|n| {
        let platform = if n % 10 == 0 { "wechat" } else { "website" };
        let unit = if n % 50 == 0 {
            college.library
        } else {
            college.faculty
        };
        let name = format!("志愿服务站{n}");
        filed(facts(unit, platform, &name, &format!("s{n}.example.cn")))
    });
    let tx = app.db.begin_long().await.unwrap();
    store::insert_many(&tx, app.now(), new.collect())
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let library = ScopeFilter::Within {
        units: vec![college.library],
        channels: vec![],
    };
    let many = Total::MoreThan(100);
    for (text, platform, scope, total, shown) in [
        ("志愿", None, &ScopeFilter::All, many, 25),
        ("志愿服务", None, &ScopeFilter::All, many, 25),
        ("志", None, &ScopeFilter::All, many, 25),
        (
            "志愿",
            Some("wechat"),
            &ScopeFilter::All,
            Total::Exactly(45),
            25,
        ),
        ("志愿服务", None, &library, Total::Exactly(9), 9),
        // One pair is rare: the rest is compared.
        (
            "服务站44 志愿",
            None,
            &ScopeFilter::All,
            Total::Exactly(11),
            11,
        ),
        ("服务站449", None, &ScopeFilter::All, Total::Exactly(1), 1),
        ("服务站449", None, &library, Total::Exactly(0), 0),
        ("服站449", None, &ScopeFilter::All, Total::Exactly(0), 0),
    ] {
        let query = Query {
            text: text.into(),
            platform: platform.map(Into::into),
            ..all()
        };
        let leaf = store::leaf(app.db.read(), scope, &query).await.unwrap();
        assert_eq!((leaf.total, leaf.rows.len()), (total, shown), "{text}");
        assert!(
            leaf.rows.iter().all(|row| row.name.starts_with("志愿")),
            "{text}"
        );
    }
}
zhendi_kernel::on_both_databases!(what_many_have_is_found_and_counted, || {
    crate::testing::setup()
});
