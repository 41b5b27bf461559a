use super::*;
use crate::{
    actor::{Grant, Scope},
    notify, on_both_databases, scope,
    testing::{self, Setup, TestApp, actor},
};
use chrono::TimeDelta;
use sea_orm::{EntityTrait, QueryOrder};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

const ROOT: UnitId = UnitId(1);
const SCHOOL: UnitId = UnitId(2);
const LAB: UnitId = UnitId(3);
const OTHER: UnitId = UnitId(4);

/// The people of these tests: those whom a test wrote down.
#[derive(Default)]
struct People(Mutex<Vec<Actor>>);

#[async_trait::async_trait]
impl Holders for People {
    async fn holders(
        &self,
        app: &App,
        role: Role,
        unit: UnitId,
        channel: Option<ChannelId>,
    ) -> Result<Vec<PersonId>, Fault> {
        let place = scope::place(app.db.read(), unit).await?.on(channel);
        let people = self.0.lock().expect("the people");
        Ok(people
            .iter()
            .filter(|one| !one.holding(role, &place).is_empty())
            .filter_map(Actor::person)
            .collect())
    }

    async fn actor(&self, _: &App, person: PersonId) -> Result<Option<Actor>, Fault> {
        let people = self.0.lock().expect("the people");
        Ok(people
            .iter()
            .find(|one| one.person() == Some(person))
            .cloned())
    }

    async fn unit_names(
        &self,
        _: &App,
        units: &[UnitId],
    ) -> Result<HashMap<UnitId, String>, Fault> {
        Ok(units
            .iter()
            .map(|unit| (*unit, format!("单位{unit}")))
            .collect())
    }
}

fn setup() -> Setup {
    let people = People(Mutex::new(vec![
        head(11, SCHOOL),
        head(12, OTHER),
        actor(
            20,
            "宣部长",
            &[(Role::PublicityHead, Scope::Institution(ROOT))],
        ),
    ]));
    Setup {
        routes: pages::routes,
        holders: Arc::new(people),
        ..Setup::default()
    }
}

fn head(id: i64, unit: UnitId) -> Actor {
    actor(id, "负责人", &[(Role::UnitHead, Scope::Unit(unit))])
}

async fn tree(app: &TestApp) {
    let tx = app.db.begin().await.expect("a transaction");
    for (unit, parent) in [
        (ROOT, None),
        (SCHOOL, Some(ROOT)),
        (LAB, Some(SCHOOL)),
        (OTHER, Some(ROOT)),
    ] {
        scope::insert(&tx, unit, parent).await.expect("a unit");
    }
    tx.commit().await.expect("committed");
}

fn item(subject: i64, unit: UnitId) -> NewItem {
    NewItem {
        kind: "filing.sign",
        subject: ("filing", subject),
        title: format!("签字：第 {subject} 份备案"),
        href: format!("/filings/{subject}"),
        unit,
        channel: None,
        assignee: Assignee::Role(Role::UnitHead),
        due: None,
        barred: vec![],
        escalate_to: None,
    }
}

async fn add(app: &TestApp, item: NewItem) -> WorkId {
    let tx = app.db.begin().await.expect("a transaction");
    let id = open(&tx, app, item).await.expect("an item");
    tx.commit().await.expect("committed");
    id
}

async fn list(app: &TestApp, actor: &Actor, filter: Filter) -> Vec<i64> {
    let listing = mine(app.db.read(), app.now(), actor, &filter)
        .await
        .expect("a list");
    assert_eq!(listing.total as usize, listing.rows.len());
    listing.rows.iter().map(|item| item.subject_id).collect()
}

async fn open_of(app: &TestApp, actor: &Actor) -> Vec<i64> {
    let found = list(app, actor, Filter::default()).await;
    let counted = count(app.db.read(), actor).await.expect("a count");
    assert_eq!(counted as usize, found.len());
    let first = first(app.db.read(), app.now(), actor, 50).await;
    let first = first.expect("the first").into_iter();
    assert_eq!(first.map(|item| item.subject_id).collect::<Vec<_>>(), found);
    found
}

async fn roles_find_their_work_where_they_are_held(app: TestApp) {
    tree(&app).await;
    add(&app, item(1, LAB)).await;
    add(&app, item(2, OTHER)).await;
    let on_channel = NewItem {
        channel: Some(ChannelId(9)),
        assignee: Assignee::Role(Role::ChannelAdmin),
        ..item(3, OTHER)
    };
    add(&app, on_channel).await;
    let personal = NewItem {
        assignee: Assignee::Person(PersonId(11)),
        ..item(4, OTHER)
    };
    add(&app, personal).await;

    assert_eq!(open_of(&app, &head(11, SCHOOL)).await, [1, 4]);
    assert_eq!(open_of(&app, &head(12, OTHER)).await, [2]);
    assert_eq!(open_of(&app, &head(13, ROOT)).await, [1, 2]);
    let leader = actor(
        14,
        "分管",
        &[(Role::PortfolioLeader, Scope::Institution(ROOT))],
    );
    assert!(open_of(&app, &leader).await.is_empty());
    let admin = actor(
        15,
        "管理员",
        &[(Role::ChannelAdmin, Scope::Channel(ChannelId(9)))],
    );
    assert_eq!(open_of(&app, &admin).await, [3]);
    let elsewhere = actor(
        16,
        "管理员",
        &[(Role::ChannelAdmin, Scope::Channel(ChannelId(8)))],
    );
    assert!(open_of(&app, &elsewhere).await.is_empty());
    assert!(open_of(&app, &Actor::program("test")).await.is_empty());
    let of = of_subject(app.db.read(), app.now(), ("filing", 1))
        .await
        .expect("items");
    assert_eq!((of[0].role, of[0].person), (Some(Role::UnitHead), None));
}
on_both_databases!(roles_find_their_work_where_they_are_held, super::setup);

/// Four eyes: who is barred finds nothing, not even by a role that someone else delegated; and what
/// someone barred delegated finds nothing for others.
async fn the_barred_are_barred_by_delegation_too(app: TestApp) {
    tree(&app).await;
    let one = |barred: &[i64]| NewItem {
        barred: barred.iter().map(|id| PersonId(*id)).collect(),
        ..item(barred[0], SCHOOL)
    };
    add(&app, one(&[11, 11])).await;
    add(&app, one(&[17])).await;
    let by = |id: i64, delegator: i64| {
        let mut acting = actor(id, "受托人", &[]);
        acting.grants.push(Grant {
            role: Role::UnitHead,
            scope: Scope::Unit(SCHOOL),
            on_behalf_of: Some(PersonId(delegator)),
        });
        acting
    };
    assert_eq!(
        open_of(&app, &head(11, SCHOOL)).await,
        [17],
        "11 may not take its own"
    );
    assert_eq!(open_of(&app, &head(12, SCHOOL)).await, [11, 17]);
    assert_eq!(
        open_of(&app, &by(18, 11)).await,
        [17],
        "nor may anyone for 11"
    );
    assert_eq!(
        open_of(&app, &by(17, 12)).await,
        [11],
        "nor 17 for someone else"
    );
    assert!(open_of(&app, &by(17, 11)).await.is_empty());
    let mut both = by(18, 11);
    both.grants.extend(head(18, SCHOOL).grants);
    assert_eq!(
        open_of(&app, &both).await,
        [11, 17],
        "by its own role it may"
    );
}
on_both_databases!(the_barred_are_barred_by_delegation_too, super::setup);

async fn lists_are_by_due_moment_and_keep_what_was_done(app: TestApp) {
    tree(&app).await;
    let hours = |n| Some(app.now() + TimeDelta::hours(n));
    for (subject, due) in [(1, None), (2, hours(5)), (3, hours(-2)), (4, hours(-9))] {
        add(
            &app,
            NewItem {
                due,
                ..item(subject, LAB)
            },
        )
        .await;
    }
    let other_kind = NewItem {
        kind: "filing.check",
        ..item(5, SCHOOL)
    };
    add(&app, other_kind).await;
    let head = head(11, SCHOOL);
    assert_eq!(open_of(&app, &head).await, [4, 3, 2, 1, 5]);
    let by = |tab, kind: Option<&str>, unit| Filter {
        tab,
        kind: kind.map(str::to_owned),
        unit,
        page: 0,
    };
    assert_eq!(
        list(&app, &head, by(Tab::Overdue, None, None)).await,
        [4, 3]
    );
    assert_eq!(
        list(&app, &head, by(Tab::Open, Some("filing.check"), None)).await,
        [5]
    );
    assert_eq!(
        list(&app, &head, by(Tab::Open, None, Some(LAB))).await,
        [4, 3, 2, 1]
    );
    assert!(
        list(&app, &head, by(Tab::Open, None, Some(OTHER)))
            .await
            .is_empty()
    );
    let tally = tally(app.db.read(), app.now(), &head)
        .await
        .expect("a tally");
    assert_eq!((tally.open, tally.overdue), (5, 2));

    for (subject, kind, left) in [
        (3, Some("filing.check"), 5),
        (3, Some("filing.sign"), 4),
        (3, None, 4),
        (4, None, 3),
    ] {
        let tx = app.db.begin().await.expect("a transaction");
        let closed = close(&tx, &app, &head, ("filing", subject), kind).await;
        closed.expect("closed");
        tx.commit().await.expect("committed");
        assert_eq!(open_of(&app, &head).await.len(), left);
        app.pass(TimeDelta::minutes(1));
    }
    assert_eq!(open_of(&app, &head).await, [2, 1, 5]);
    assert_eq!(list(&app, &head, by(Tab::Done, None, None)).await, [4, 3]);
    let client = app.client(&head);
    let page = client.get("/work-items").await.expect(200).text();
    assert!(
        page.contains("签字：第 2 份备案") && page.contains("单位3"),
        "{page}"
    );
    assert!(!page.contains("签字：第 4 份备案"), "{page}");
    let done = client
        .get("/work-items?tab=done&unit=x&page=9")
        .await
        .expect(200)
        .text();
    assert!(done.contains("签字：第 4 份备案"), "{done}");
    let none = app
        .client(&actor(99, "新人", &[]))
        .get("/work-items")
        .await
        .expect(200);
    assert!(none.text().contains("没有需要办理的事项"));
    app.visitor().get("/work-items").await.expect(303);
}
on_both_databases!(lists_are_by_due_moment_and_keep_what_was_done, super::setup);

async fn told(app: &TestApp) -> BTreeSet<(i64, String)> {
    notify::Entity::find()
        .order_by_asc(notify::Column::Id)
        .all(app.db.read())
        .await
        .expect("notifications")
        .into_iter()
        .map(|row| (row.person_id.0, row.title))
        .collect()
}

async fn assignees_are_reminded_and_the_next_role_up_is_told(app: TestApp) {
    tree(&app).await;
    app.run_jobs().await;
    let late = NewItem {
        due: Some(app.now() + TimeDelta::hours(30)),
        barred: vec![PersonId(99)],
        escalate_to: Some(Role::PublicityHead),
        ..item(1, LAB)
    };
    add(&app, late.clone()).await;
    let only_head_barred = NewItem {
        barred: vec![PersonId(12)],
        due: late.due,
        escalate_to: late.escalate_to,
        ..item(2, OTHER)
    };
    add(&app, only_head_barred).await;
    let undated = item(3, LAB);
    add(&app, undated).await;

    app.pass(TimeDelta::hours(5));
    app.run_jobs().await;
    assert_eq!(told(&app).await, BTreeSet::new(), "not yet");
    app.pass(TimeDelta::hours(2));
    app.run_jobs().await;
    let soon = (11, "即将到期：签字：第 1 份备案".to_owned());
    assert_eq!(told(&app).await, BTreeSet::from([soon.clone()]));
    app.pass(TimeDelta::hours(1));
    app.run_jobs().await;
    let rows = notify::Entity::find()
        .all(app.db.read())
        .await
        .expect("rows");
    assert_eq!(rows.len(), 1, "once is enough");

    app.pass(TimeDelta::hours(47));
    app.run_jobs().await;
    let late = |person, n: i64| (person, format!("逾期未办：签字：第 {n} 份备案"));
    assert_eq!(
        told(&app).await,
        BTreeSet::from([soon, late(11, 1), late(20, 1), late(20, 2)])
    );
    app.pass(TimeDelta::hours(1));
    app.run_jobs().await;
    let rows = notify::Entity::find()
        .all(app.db.read())
        .await
        .expect("rows");
    assert_eq!(rows.len(), 4, "once is enough");
}
on_both_databases!(
    assignees_are_reminded_and_the_next_role_up_is_told,
    super::setup
);

async fn the_calendar_opens_to_its_secret_alone(app: TestApp) {
    tree(&app).await;
    let due = Some(app.now() + TimeDelta::hours(1));
    add(
        &app,
        NewItem {
            due,
            ..item(1, LAB)
        },
    )
    .await;
    add(
        &app,
        NewItem {
            due,
            ..item(2, OTHER)
        },
    )
    .await;
    let client = app.client(&head(11, SCHOOL));
    let page = client.get("/work-items/calendar").await.expect(200).text();
    assert!(page.contains("还没有日历地址"), "{page}");
    let address = |page: String| {
        let (_, rest) = page.split_once("/calendar/").expect("an address");
        let (token, _) = rest.split_once(".ics").expect("an address");
        format!("/calendar/{token}.ics")
    };
    let made = client
        .post("/work-items/calendar", &[])
        .await
        .expect(200)
        .text();
    let first = address(made.replace("/work-items/calendar", ""));
    let visitor = app.visitor();
    let feed = visitor.get(&first).await.expect(200);
    assert_eq!(feed.headers["content-type"], "text/calendar; charset=utf-8");
    let text = feed.text();
    assert!(
        text.contains("第 1 份备案") && !text.contains("第 2 份备案"),
        "{text}"
    );
    visitor
        .get(first.trim_end_matches(".ics"))
        .await
        .expect(404);
    visitor.get("/calendar/none.ics").await.expect(404);
    // It is never shown again, and a new one ends it.
    let again = client.get("/work-items/calendar").await.expect(200).text();
    assert!(!again.contains(".ics"), "{again}");
    let made = client
        .post("/work-items/calendar", &[])
        .await
        .expect(200)
        .text();
    let second = address(made.replace("/work-items/calendar", ""));
    visitor.get(&first).await.expect(404);
    visitor.get(&second).await.expect(200);
    client
        .post("/work-items/calendar/revocations", &[])
        .await
        .expect(303);
    visitor.get(&second).await.expect(404);
    let rows = calendar::Entity::find()
        .all(app.db.read())
        .await
        .expect("rows");
    assert!(rows.is_empty());
}
on_both_databases!(the_calendar_opens_to_its_secret_alone, super::setup);

async fn what_is_ones_own_can_be_handed_over(app: TestApp) {
    tree(&app).await;
    let own = |subject, barred: Vec<PersonId>| NewItem {
        assignee: Assignee::Person(PersonId(11)),
        barred,
        ..item(subject, LAB)
    };
    add(&app, own(1, vec![])).await;
    add(&app, own(2, vec![PersonId(12)])).await;
    add(&app, item(3, LAB)).await;
    let tx = app.db.begin().await.expect("a transaction");
    let moved = reassign(&tx, PersonId(11), PersonId(12))
        .await
        .expect("moved");
    tx.commit().await.expect("committed");
    assert_eq!(moved, 1);
    let held = async |person| {
        let items = held_by(app.db.read(), app.now(), PersonId(person))
            .await
            .expect("items");
        items.iter().map(|item| item.subject_id).collect::<Vec<_>>()
    };
    assert_eq!(held(11).await, [2], "12 may not take this one");
    assert_eq!(held(12).await, [1]);
}
on_both_databases!(what_is_ones_own_can_be_handed_over, super::setup);

#[tokio::test]
async fn links_never_lead_off_the_site() {
    let app = TestApp::new(testing::Backend::Sqlite, setup()).await;
    for href in [
        "https://example.org/",
        "//example.org/",
        "/\\example.org",
        "javascript:1",
    ] {
        let tx = app.db.begin().await.expect("a transaction");
        let off = NewItem {
            href: href.into(),
            ..item(1, ROOT)
        };
        assert!(open(&tx, &app, off).await.is_err(), "{href}");
    }
}
