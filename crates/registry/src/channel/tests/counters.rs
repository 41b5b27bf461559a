//! The counters agree with a recount whatever happens, and leafing meets every row once.

use crate::{
    channel::{
        FilingState, Holder, NewChannel, RunningState,
        store::{self, Cursor, Query, Sort, Total, counters},
    },
    testing::{College, facts, filed, program, register, unfiled, unit_below},
};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use std::collections::{BTreeMap, BTreeSet};
use zhendi_kernel::{ChannelId, ScopeFilter, UnitId, scope, testing::TestApp};
use zhendi_people::unit;

/// Numbers that are the same at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % limit
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

const PLATFORMS: [&str; 3] = ["wechat", "weibo", "website"];

fn some(dice: &mut Dice, units: &[UnitId], nth: usize) -> NewChannel {
    let platform = dice.one(&PLATFORMS);
    let address = match platform {
        "website" => format!("s{nth}.example.cn"),
        _ => format!("account_{nth}"),
    };
    let mut facts = facts(dice.one(units), platform, &format!("阵地 {nth}"), &address);
    facts.opened_on = (dice.below(4) > 0).then(|| format!("201{}", dice.below(9)).parse().unwrap());
    if dice.below(5) == 0 {
        facts.holder = Holder::PersonByPost("处长".into());
    }
    match dice.below(3) {
        0 => unfiled(facts, dice.one(&["2026-11-10", "2026-12-20", "2026-11-19"])),
        _ => filed(facts),
    }
}

/// One thing that changes what is counted.
async fn act(app: &TestApp, dice: &mut Dice, units: &mut Vec<UnitId>, nth: usize) {
    let tx = app.db.begin().await.unwrap();
    match dice.below(10) {
        0..=4 => {
            store::insert(&tx, app.now(), some(dice, units, nth))
                .await
                .unwrap();
        }
        5..=7 => {
            let Some(mut channel) = any(app, dice).await else {
                return;
            };
            channel.facts.unit = dice.one(units);
            channel.facts.platform = dice.one(&PLATFORMS).into();
            channel.filing = dice.one(FilingState::ALL);
            channel.running = dice.one(RunningState::ALL);
            channel.file_by = dice
                .one(&[None, Some("2026-11-10"), Some("2026-12-24")])
                .map(|day| day.parse().unwrap());
            store::replace(&tx, app.now(), channel).await.unwrap();
        }
        8 => {
            let Some(channel) = any(app, dice).await else {
                return;
            };
            store::Entity::delete_by_id(channel.id)
                .exec(&tx)
                .await
                .unwrap();
        }
        _ => {
            let (moved, under) = (dice.one(&units[1..]), dice.one(units));
            let circle = scope::place(&tx, under).await.unwrap();
            if circle.units.contains(&moved) {
                return;
            }
            scope::reparent(&tx, moved, under).await.unwrap();
        }
    }
    // What is taken back is not counted.
    if dice.below(6) == 0 {
        tx.rollback().await.unwrap();
    } else {
        tx.commit().await.unwrap();
    }
    if dice.below(20) == 0 {
        units.push(unit_below(app, Some(units[0]), &format!("新单位 {nth}")).await);
    }
}

async fn any(app: &TestApp, dice: &mut Dice) -> Option<crate::channel::Channel> {
    let ids = ids(app).await;
    if ids.is_empty() {
        return None;
    }
    store::find(app.db.read(), ChannelId(dice.one(&ids)))
        .await
        .unwrap()
}

async fn ids(app: &TestApp) -> Vec<i64> {
    let all = store::Entity::find().all(app.db.read()).await.unwrap();
    all.into_iter().map(|row| row.id.0).collect()
}

/// The counters are what counting gives, for everybody.
async fn agree(app: &TestApp, units: &[UnitId], single: &[i64]) {
    let (db, today) = (app.db.read(), app.clock.today());
    let within = |units: &[UnitId], channels: &[i64]| ScopeFilter::Within {
        units: units.to_vec(),
        channels: channels.iter().copied().map(ChannelId).collect(),
    };
    let scopes = [
        ScopeFilter::All,
        ScopeFilter::nothing(),
        within(&units[1..2], &[]),
        within(&units[1..4], single),
        within(&[], single),
    ];
    for scope in &scopes {
        for unit in [None, Some(units[0]), Some(units[1]), Some(units[2])] {
            for query in queries(unit, today) {
                let counted = store::filtered(scope, &query).count(db).await.unwrap();
                let known = counters::total(db, scope, &query).await.unwrap();
                assert_eq!(known, Total::Exactly(counted), "{scope:?} {query:?}");
            }
            let query = Query {
                unit,
                ..Query::default()
            };
            let counted = store::tally_of(db, scope, &query, today).await.unwrap();
            let known = counters::tally(db, scope, unit, today).await.unwrap();
            assert_eq!(known, counted, "{scope:?} {unit:?}");
        }
        let (busiest, count) = counters::busiest_units(db, scope, 50, today).await.unwrap();
        if let ScopeFilter::All = scope {
            let mut own = BTreeMap::new();
            for unit in units {
                let query = Query {
                    unit: Some(*unit),
                    own: true,
                    ..Query::default()
                };
                let tally = store::tally_of(db, scope, &query, today).await.unwrap();
                if tally.open > 0 {
                    own.insert(*unit, tally);
                }
            }
            assert_eq!(count, own.len() as u64);
            assert_eq!(busiest.into_iter().collect::<BTreeMap<_, _>>(), own);
        }
    }
}

fn queries(unit: Option<UnitId>, today: chrono::NaiveDate) -> Vec<Query> {
    let of = |change: fn(&mut Query)| {
        let mut query = Query {
            unit,
            ..Query::default()
        };
        change(&mut query);
        query
    };
    let mut late = of(|_| ());
    late.file_before = Some(today);
    let mut late_unfiled = of(|q| q.filing = Some(FilingState::Unfiled));
    late_unfiled.file_before = Some(today);
    vec![
        of(|_| ()),
        of(|q| q.platform = Some("wechat".into())),
        of(|q| q.filing = Some(FilingState::Filed)),
        of(|q| {
            q.running = Some(RunningState::Live);
            q.holder = Some("unit");
        }),
        of(|q| q.own = true),
        of(|q| q.open = true),
        late,
        late_unfiled,
    ]
}

async fn counters_are_what_counting_gives(app: TestApp) {
    let college = College::new(&app).await;
    let mut units = vec![college.root, college.faculty, college.lab, college.library];
    for seed in 1..=3 {
        let mut dice = Dice(seed);
        for nth in 0..40 {
            act(&app, &mut dice, &mut units, seed as usize * 1_000 + nth).await;
        }
        let single = ids(&app).await;
        let single: Vec<i64> = single.into_iter().step_by(5).collect();
        agree(&app, &units, &single).await;
        // Folding changes no figure.
        let tx = app.db.begin().await.unwrap();
        counters::fold(&tx).await.unwrap();
        tx.commit().await.unwrap();
        agree(&app, &units, &single).await;
    }
}
zhendi_kernel::on_both_databases!(counters_are_what_counting_gives, || crate::testing::setup());

async fn a_merged_unit_takes_its_figures_along(app: TestApp) {
    let college = College::new(&app).await;
    register(&app, filed(facts(college.lab, "weibo", "实验室", "lab"))).await;
    let of = async |unit| {
        let tally = counters::tally(
            app.db.read(),
            &ScopeFilter::All,
            Some(unit),
            app.clock.today(),
        );
        tally.await.unwrap().open
    };
    assert_eq!(
        (of(college.faculty).await, of(college.library).await),
        (1, 0)
    );
    let tx = app.db.begin().await.unwrap();
    let lab = unit::find(&tx, college.lab).await.unwrap().unwrap();
    unit::relocate(&tx, &app, &program(), &lab, college.library)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        (of(college.faculty).await, of(college.library).await),
        (0, 1)
    );
}
zhendi_kernel::on_both_databases!(a_merged_unit_takes_its_figures_along, || {
    crate::testing::setup()
});

async fn leafing_meets_every_row_once_while_others_come(app: TestApp) {
    let college = College::new(&app).await;
    let units = [college.faculty, college.lab, college.library];
    let mut dice = Dice(7);
    for nth in 0..45 {
        let tx = app.db.begin().await.unwrap();
        store::insert(&tx, app.now(), some(&mut dice, &units, nth))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        // Some share their moment: the id decides.
        if nth % 3 == 0 {
            app.pass(chrono::TimeDelta::milliseconds(1));
        }
    }
    let before: BTreeSet<i64> = ids(&app).await.into_iter().collect();
    let mut nth = 1_000;
    for sort in [
        Sort::Name,
        Sort::Unit,
        Sort::Platform,
        Sort::Updated,
        Sort::Opened,
        Sort::Due,
    ] {
        for descending in [false, true] {
            let leaf = async |at: Cursor| {
                let query = Query {
                    sort,
                    descending,
                    at,
                    per_page: 4,
                    ..Query::default()
                };
                store::leaf(app.db.read(), &ScopeFilter::All, &query)
                    .await
                    .unwrap()
            };
            let (mut at, mut seen, mut pages) = (Cursor::First, vec![], vec![]);
            loop {
                let page = leaf(at).await;
                // One comes while somebody reads.
                let tx = app.db.begin().await.unwrap();
                store::insert(&tx, app.now(), some(&mut dice, &units, nth))
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
                nth += 1;
                let ids: Vec<i64> = page.rows.iter().map(|row| row.id.0).collect();
                seen.extend(ids.iter().copied());
                pages.push(ids);
                match page.after {
                    Some(mark) => at = Cursor::After(mark),
                    None => break,
                }
                assert!(pages.len() < 500, "it comes to an end");
            }
            let once: BTreeSet<i64> = seen.iter().copied().collect();
            assert_eq!(once.len(), seen.len(), "{sort:?} {descending}: twice");
            assert!(once.is_superset(&before), "{sort:?} {descending}: missing");
            // And back again, from the third page to the second, though rows came.
            let third = leaf(at_page(&leaf, 2).await).await;
            let second = leaf(Cursor::Before(third.before.unwrap())).await;
            let back = leaf(Cursor::After(second.after.clone().unwrap())).await;
            let ids = |rows: &[store::Row]| rows.iter().map(|row| row.id.0).collect::<Vec<_>>();
            assert_eq!(ids(&back.rows), ids(&third.rows), "{sort:?} {descending}");
        }
    }
}
zhendi_kernel::on_both_databases!(leafing_meets_every_row_once_while_others_come, || {
    crate::testing::setup()
});

/// The cursor of a page, from 0.
async fn at_page(leaf: &impl AsyncFn(Cursor) -> store::Leaf<store::Row>, page: usize) -> Cursor {
    let mut at = Cursor::First;
    for _ in 0..page {
        at = Cursor::After(leaf(at).await.after.unwrap());
    }
    at
}

async fn a_mark_that_is_none_leads_to_the_first_page(app: TestApp) {
    let college = College::new(&app).await;
    register(&app, filed(facts(college.lab, "weibo", "实验室", "lab"))).await;
    for (sort, mark) in [
        (Sort::Updated, "12.yesterday"),
        (Sort::Updated, "12"),
        (Sort::Name, "0"),
        (Sort::Unit, "3.x"),
        (Sort::Due, "3.2026-13-01"),
        (Sort::Updated, "99.1970-01-01T00:00:00+00:00"),
    ] {
        let query = Query {
            sort,
            at: Cursor::After(store::Mark::parse(mark).unwrap()),
            descending: true,
            per_page: 5,
            ..Query::default()
        };
        let page = store::leaf(app.db.read(), &ScopeFilter::All, &query)
            .await
            .unwrap();
        assert_eq!(page.rows.len(), 1, "{mark}");
        assert!(page.before.is_none() && page.after.is_none(), "{mark}");
    }
    assert_eq!(store::Mark::parse("x.y"), None);
    // An index serves it: deep pages cost what the first costs.
    if app.db.backend() == sea_orm::DbBackend::Sqlite {
        let plan = "EXPLAIN QUERY PLAN SELECT * FROM channel WHERE (updated_at, id) < ('2026', 5) \
                    ORDER BY updated_at DESC, id DESC LIMIT 26";
        let plan = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, plan);
        let row = app.db.read().query_one_raw(plan).await.unwrap().unwrap();
        let said: String = row.try_get("", "detail").unwrap();
        assert!(
            said.contains("SEARCH channel USING INDEX channel_latest"),
            "{said}"
        );
    }
}
zhendi_kernel::on_both_databases!(a_mark_that_is_none_leads_to_the_first_page, || {
    crate::testing::setup()
});
