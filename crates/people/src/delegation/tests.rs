//! Delegation, as a story on both databases and through the pages.

use crate::{
    role,
    testing::{College, acting, give, person_at},
};
use chrono::TimeDelta;
use zhendi_kernel::{Permission, Role, actor::Scope, on_both_databases, scope, testing::TestApp};

async fn a_delegation_begins_and_ends_by_itself(app: TestApp) {
    let college = College::new(&app).await;
    let db = app.db.read();
    let head = person_at(&app, college.faculty, "方学院").await;
    let grant = give(&app, head, Role::UnitHead, Scope::Unit(college.faculty))
        .await
        .to_string();
    let deputy = person_at(&app, college.faculty, "代行人").await;
    let place = scope::place(db, college.lab).await.expect("place");
    let may = async |id| {
        acting(&app, id)
            .await
            .may(Permission::DecideFilings, &place)
    };

    let client = app.client(&acting(&app, head).await);
    client.get("/delegations").await.expect(200);
    client.get("/delegations/new").await.expect(200);
    let to = deputy.to_string();
    // It is 2026-11-20 in the college.
    let form = |starts, ends| {
        [
            ("grant", grant.clone()),
            ("to", to.clone()),
            ("starts", starts),
            ("ends", ends),
            ("reason", "出差".into()),
        ]
    };
    let post = async |starts: &str, ends: &str| {
        let fields = form(starts.into(), ends.into());
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        client.post("/delegations", &fields).await
    };
    let long = post("2026-11-20", "2027-03-20").await.expect(422).text();
    assert!(
        long.contains("委托最长 90 天") && long.contains("2027-03-20"),
        "{long}"
    );
    post("2026-11-22", "2026-11-21").await.expect(422);
    post("2026-11-21", "2026-11-22").await.expect(303);
    post("2026-11-22", "2026-11-23").await.expect(422);

    assert!(!may(deputy).await, "not begun");
    app.pass(TimeDelta::days(1));
    assert!(may(deputy).await);
    let held = acting(&app, deputy).await.grants;
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].on_behalf_of, Some(head));
    let holders = role::holders(db, app.now(), Role::UnitHead, &place)
        .await
        .expect("holders");
    assert_eq!(
        holders
            .iter()
            .map(|h| (h.person, h.on_behalf_of))
            .collect::<Vec<_>>(),
        [(head, None), (deputy, Some(head))]
    );
    // It is shown to both, and cannot be handed on.
    let theirs = app.client(&acting(&app, deputy).await);
    assert!(
        theirs
            .get("/delegations")
            .await
            .expect(200)
            .text()
            .contains("退出代行")
    );
    let third = person_at(&app, college.faculty, "第三人").await.to_string();
    let on = [
        ("grant", grant.as_str()),
        ("to", &third),
        ("starts", "2026-11-21"),
        ("ends", "2026-11-22"),
        ("reason", "x"),
    ];
    let refused = theirs.post("/delegations", &on).await.expect(422).text();
    assert!(refused.contains("不能再委托"), "{refused}");
    app.pass(TimeDelta::days(2));
    assert!(!may(deputy).await, "ended by itself");

    // Ended early by either side, and with the role itself.
    let today = "2026-11-23";
    post(today, "2026-11-30").await.expect(303);
    assert!(may(deputy).await);
    let id = super::of_person(db, app.now(), head)
        .await
        .expect("delegations")[0]
        .id;
    let outsider = app.client(&acting(&app, college.security).await);
    outsider
        .post(&format!("/delegations/{id}/revocations"), &[])
        .await
        .expect(404);
    theirs
        .post(&format!("/delegations/{id}/revocations"), &[])
        .await
        .expect(303);
    assert!(!may(deputy).await);
    post(today, "2026-11-30").await.expect(303);
    assert!(may(deputy).await);
    let security = app.client(&acting(&app, college.security).await);
    security
        .post(&format!("/grants/{grant}/revocations"), &[])
        .await
        .expect(303);
    assert!(!may(deputy).await && !may(head).await);
    app.run_jobs().await;
}
on_both_databases!(
    a_delegation_begins_and_ends_by_itself,
    crate::testing::setup
);
