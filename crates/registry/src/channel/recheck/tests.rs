//! The yearly re-check and the terms, on both databases.

use super::{Outcome, round_of, store as rows, watch};
use crate::{
    channel::{self, CATCH_UP, FilingState, RunningState, recheck, store, terms},
    settings::{MlpsMonths, Registry},
    testing::{College, facts, filed, grant, person_at, program, register, unfiled},
};
use chrono::{Datelike, NaiveDate, TimeDelta};
use zhendi_kernel::{
    Role, ScopeFilter,
    actor::Scope,
    jobs, settings,
    testing::{TestApp, actor},
    work,
};

async fn round(app: &TestApp) {
    let tx = app.db.begin().await.unwrap();
    jobs::enqueue(&tx, app, round_of(app.clock.today()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.run_jobs().await;
}

async fn kinds(app: &TestApp, id: zhendi_kernel::ChannelId) -> Vec<(String, Option<Role>)> {
    let open = work::of_subject(app.db.read(), app.now(), (store::KIND, id.0))
        .await
        .unwrap();
    open.into_iter()
        .map(|item| (item.kind, item.role))
        .collect()
}

async fn everyone_is_asked_once_and_answers(app: TestApp) {
    let college = College::new(&app).await;
    let one = register(&app, filed(facts(college.faculty, "weibo", "信工", "a"))).await;
    let two = register(&app, filed(facts(college.library, "weibo", "图书馆", "b"))).await;
    let unasked = register(
        &app,
        unfiled(facts(college.lab, "weibo", "实验室", "c"), "2026-12-20"),
    )
    .await;
    let admin = person_at(&app, college.faculty, "王敏", "13800138001").await;
    grant(&app, admin, Role::ChannelAdmin, Scope::Channel(one.id)).await;

    round(&app).await;
    // A job that is run again asks nobody twice.
    round(&app).await;
    assert_eq!(
        kinds(&app, one.id).await,
        [(recheck::WORK.to_owned(), Some(Role::ChannelAdmin))]
    );
    assert_eq!(
        kinds(&app, two.id).await,
        [(recheck::WORK.to_owned(), Some(Role::UnitLiaison))]
    );
    assert_eq!(
        kinds(&app, unasked.id).await,
        [(CATCH_UP.to_owned(), Some(Role::UnitLiaison))]
    );

    // One tap.
    let me = actor(
        admin.0,
        "王敏",
        &[(Role::ChannelAdmin, Scope::Channel(one.id))],
    );
    let mine = app.client(&me);
    let path = format!("/channels/{}", one.id);
    let page = mine.get(&path).await.expect(200).text();
    assert!(page.contains("信息无误"), "{page}");
    let answer = format!("{path}/rechecks");
    mine.post(&answer, &[("outcome", "confirmed"), ("version", "9")])
        .await
        .expect(409);
    mine.post(&answer, &[("outcome", "confirmed"), ("version", "0")])
        .await
        .expect(303);
    mine.post(&answer, &[("outcome", "confirmed"), ("version", "0")])
        .await
        .expect(409);
    assert!(kinds(&app, one.id).await.is_empty());
    let page = mine.get(&path).await.expect(200).text();
    assert!(!page.contains("value=\"confirmed\""), "{page}");

    // A change is reported within its term.
    let head = app.client(&college.librarian());
    let answer = format!("/channels/{}/rechecks", two.id);
    let said = [
        ("outcome", "changed"),
        ("version", "0"),
        ("what", ""),
        ("changed_on", ""),
    ];
    let page = head.post(&answer, &said).await.expect(422).text();
    assert!(
        page.contains("变化内容") && page.contains("变化日期"),
        "{page}"
    );
    let today = app.clock.today();
    let (on, ahead) = (today.to_string(), today.succ_opt().unwrap().to_string());
    let mut said = [
        ("outcome", "changed"),
        ("version", "0"),
        ("what", "换了管理员"),
        ("changed_on", ahead.as_str()),
    ];
    head.post(&answer, &said).await.expect(409);
    said[3].1 = &on;
    head.post(&answer, &said).await.expect(303);
    assert_eq!(
        kinds(&app, two.id).await,
        [(terms::REPORT_CHANGE.to_owned(), Some(Role::UnitLiaison))]
    );

    let progress = rows::by_unit(app.db.read(), &ScopeFilter::All, today.year())
        .await
        .unwrap();
    assert_eq!(
        progress
            .iter()
            .map(|p| (p.asked, p.confirmed, p.changed))
            .collect::<Vec<_>>()
            .len(),
        2
    );
    assert_eq!(progress.iter().map(|p| p.confirmed).sum::<i64>(), 1);
    assert_eq!(progress.iter().map(|p| p.changed).sum::<i64>(), 1);
    let page = app
        .client(&college.officer())
        .get("/rechecks")
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("信息工程学院") && page.contains("图书馆"),
        "{page}"
    );
    // Others answer nothing.
    app.client(&college.liaison())
        .post(&answer, &said)
        .await
        .expect(404);
}
zhendi_kernel::on_both_databases!(
    everyone_is_asked_once_and_answers,
    || crate::testing::setup()
);

async fn the_daily_look_begins_the_round_in_its_month(app: TestApp) {
    let college = College::new(&app).await;
    let one = register(&app, filed(facts(college.faculty, "weibo", "信工", "a"))).await;
    let today = app.clock.today();
    let set = async |month: u32| {
        let tx = app.db.begin().await.unwrap();
        let settings = Registry {
            recheck_month: month as u16,
            ..Registry::default()
        };
        settings::put(&tx, &settings).await.unwrap();
        tx.commit().await.unwrap();
    };
    for month in [0, (today.month() + 5) % 12 + 1] {
        set(month).await;
        watch(&app).await.unwrap();
        app.run_jobs().await;
        assert!(kinds(&app, one.id).await.is_empty(), "month {month}");
    }
    set(today.month()).await;
    watch(&app).await.unwrap();
    app.run_jobs().await;
    assert_eq!(kinds(&app, one.id).await.len(), 1);
    watch(&app).await.unwrap();
    assert_eq!(app.run_jobs().await, 0, "once a year");
}
zhendi_kernel::on_both_databases!(the_daily_look_begins_the_round_in_its_month, || {
    crate::testing::setup()
});

async fn security_tests_are_asked_for_in_time(app: TestApp) {
    let college = College::new(&app).await;
    let today = app.clock.today();
    let site = |name: &str, level: u8, ago: i64| {
        let address = format!("https://{name}.example.edu.cn");
        let mut facts = facts(college.faculty, "website", name, &address);
        facts.web.site.mlps.level = Some(level);
        facts.web.site.mlps.tested_on = Some(today - TimeDelta::days(ago));
        filed(facts)
    };
    let due = register(&app, site("due", 3, 330)).await;
    let fresh = register(&app, site("fresh", 3, 200)).await;
    let second = register(&app, site("second", 2, 330)).await;
    let first = register(&app, site("first", 1, 3000)).await;
    watch(&app).await.unwrap();
    watch(&app).await.unwrap();
    assert_eq!(kinds(&app, due.id).await.len(), 1);
    for other in [fresh.id, second.id, first.id] {
        assert!(kinds(&app, other).await.is_empty());
    }
    // The new day ends it.
    let mut content = due.content();
    content.facts.web.site.mlps.tested_on = Some(today);
    let tx = app.db.begin().await.unwrap();
    channel::correct(&tx, &app, &program(), due.clone(), content)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(kinds(&app, due.id).await.is_empty());
    watch(&app).await.unwrap();
    assert!(kinds(&app, due.id).await.is_empty());
}
zhendi_kernel::on_both_databases!(security_tests_are_asked_for_in_time, || {
    crate::testing::setup()
});

async fn an_opening_starts_the_term(app: TestApp) {
    let college = College::new(&app).await;
    let mut new = unfiled(facts(college.faculty, "weibo", "信工", "a"), "2026-12-20");
    new.file_by = None;
    new.running = RunningState::Planned;
    let id = register(&app, new).await.id;
    let me = app.client(&college.liaison());
    let path = format!("/channels/{id}/openings");
    me.post(&path, &[("opened_on", "某天"), ("version", "0")])
        .await
        .expect(422);
    let on = app.clock.today() - TimeDelta::days(5);
    let day = on.to_string();
    me.post(&path, &[("opened_on", &day), ("version", "0")])
        .await
        .expect(303);
    let after = store::get(app.db.read(), id).await.unwrap();
    assert_eq!(after.file_by, Some(on + TimeDelta::days(30)));
    assert_eq!(
        (after.filing, after.running),
        (FilingState::Unfiled, RunningState::Live)
    );
    assert_eq!(
        kinds(&app, id).await,
        [(CATCH_UP.to_owned(), Some(Role::UnitLiaison))]
    );
}
zhendi_kernel::on_both_databases!(an_opening_starts_the_term, || crate::testing::setup());

#[test]
fn terms_are_counted_from_what_happened() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let months = MlpsMonths::default();
    let mut site = facts(
        zhendi_kernel::UnitId(1),
        "website",
        "站",
        "https://a.example",
    );
    assert_eq!(terms::test_due(&site, months), None);
    site.web.site.mlps.level = Some(3);
    assert_eq!(
        terms::test_due(&site, months),
        None,
        "from when is not known"
    );
    site.web.site.mlps.graded_on = Some(day("2025-03-31"));
    assert_eq!(terms::test_due(&site, months), Some(day("2026-03-31")));
    site.web.site.mlps.tested_on = Some(day("2026-02-28"));
    assert_eq!(terms::test_due(&site, months), Some(day("2027-02-28")));
    site.web.site.mlps.level = Some(2);
    assert_eq!(terms::test_due(&site, months), Some(day("2028-02-28")));
    assert_eq!(Outcome::parse("信息无误"), Some(Outcome::Confirmed));
}
