//! Two records become one: the law, the story on both databases, the pages.

use super::{Order, PARTS, Refusal, merge, merged};
use crate::{
    channel::{
        CATCH_UP, Channel, FilingState, RunningState,
        identity::{self, Owner},
        recheck, store,
    },
    platform::NamedBy,
    testing::{College, facts, filed, grant, person_at, program, register, unfiled},
};
use zhendi_kernel::{ChannelId, Fault, Role, UnitId, actor::Scope, audit, testing::TestApp, work};

fn channel(id: i64, filing: FilingState) -> Channel {
    Channel {
        id: ChannelId(id),
        version: 3,
        facts: facts(UnitId(1), "weibo", &format!("账号{id}"), &format!("id{id}")),
        people: Default::default(),
        filing,
        running: RunningState::Live,
        file_by: None,
        filed_source: None,
        filing_number: (filing == FilingState::Filed).then(|| format!("宣备〔2026〕{id}号")),
        second_account_reason: None,
        merged_into: None,
        created_at: Default::default(),
        updated_at: Default::default(),
    }
}

#[test]
fn a_filing_is_never_merged_away() {
    use FilingState::*;
    for one in FilingState::ALL {
        for other in FilingState::ALL {
            let (stays, goes) = (channel(1, *one), channel(2, *other));
            let every: Vec<_> = PARTS.iter().collect();
            let free: Vec<_> = PARTS.iter().filter(|part| !part.fixed).collect();
            let result = merged(&stays, &goes, &free);
            let allowed = matches!((one, other), (Filed, Filed | Unfiled) | (Unfiled, Unfiled));
            assert_eq!(result.is_ok(), allowed, "{one} {other}");
            let Ok((kept, sign)) = result else { continue };
            assert_eq!(
                (kept.filing, kept.filing_number),
                (stays.filing, stays.filing_number.clone())
            );
            assert_eq!((sign.filing, sign.merged_into), (Merged, Some(stays.id)));
            assert!(!sign.is_public());
            // What a filing fixed does not come from a record without one.
            let all = merged(&stays, &goes, &every);
            let fixed = (*one, *other) == (Filed, Unfiled);
            assert_eq!(
                matches!(all, Err(Refusal::Fixed(_))),
                fixed,
                "{one} {other}"
            );
            if let Ok((kept, _)) = all {
                assert_eq!(kept.facts, goes.facts, "every part is taken");
            }
        }
    }
    let one = channel(1, Unfiled);
    assert_eq!(merged(&one, &one, &[]), Err(Refusal::Same));
}

#[test]
fn of_two_terms_the_earlier_one_holds() {
    let day = |text: &str| text.parse().ok();
    let mut stays = channel(1, FilingState::Unfiled);
    let mut goes = channel(2, FilingState::Unfiled);
    stays.file_by = day("2026-12-20");
    goes.file_by = day("2026-12-01");
    assert_eq!(
        merged(&stays, &goes, &[]).unwrap().0.file_by,
        day("2026-12-01")
    );
    goes.file_by = None;
    assert_eq!(
        merged(&stays, &goes, &[]).unwrap().0.file_by,
        day("2026-12-20")
    );
}

fn order(stays: &Channel, goes: &Channel, taken: &[&str]) -> Order {
    Order {
        stays: stays.id,
        goes: goes.id,
        versions: (stays.version, goes.version),
        taken: taken.iter().map(|code| (*code).to_owned()).collect(),
        reason: "同一账号登记了两次".into(),
    }
}

async fn all_goes_to_the_one_that_stays(app: TestApp) {
    let college = College::new(&app).await;
    let stays = register(
        &app,
        filed(facts(college.faculty, "weibo", "信工微博", "xg")),
    )
    .await;
    let mut other = facts(college.faculty, "weibo", "信工官微", "xingong");
    other.followers = Some(9000);
    let goes = register(&app, unfiled(other, "2026-12-20")).await;
    // An earlier record that went up in the one that goes now.
    let older = register(
        &app,
        unfiled(
            facts(college.faculty, "weibo", "信工旧号", "old"),
            "2026-12-20",
        ),
    )
    .await;
    let admin = person_at(&app, college.faculty, "王敏", "13800138001").await;
    grant(&app, admin, Role::ChannelAdmin, Scope::Channel(goes.id)).await;

    let tx = app.db.begin().await.unwrap();
    let goes = merge(&tx, &app, &program(), &order(&goes, &older, &[]))
        .await
        .unwrap();
    let kept = merge(&tx, &app, &program(), &order(&stays, &goes, &["followers"]))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!((kept.id, kept.facts.followers), (stays.id, Some(9000)));
    assert_eq!(kept.facts.name, "信工微博");

    let db = app.db.read();
    let sign = store::get(db, goes.id).await.unwrap();
    assert_eq!(
        (sign.filing, sign.running),
        (FilingState::Merged, RunningState::Closed)
    );
    let merged: Vec<ChannelId> = store::merged_into(db, stays.id)
        .await
        .unwrap()
        .iter()
        .map(|c| c.id)
        .collect();
    assert_eq!(
        merged,
        [goes.id, older.id],
        "signs lead to the last one at once"
    );
    // Whoever looks for any of them by its id finds the one that stays; nobody registers one anew.
    for id in ["xg", "xingong", "old"] {
        let key = &identity::keys(
            &facts(college.faculty, "weibo", "别的", id),
            NamedBy::Account,
        )[0];
        let owner = identity::owner_of(db, key).await.unwrap();
        assert_eq!(owner, Some(Owner::Channel(stays.id)), "{id}");
    }
    // Nothing waits about the one that is gone; its admin is to be an admin there.
    assert!(
        work::of_subject(db, app.now(), (store::KIND, goes.id.0))
            .await
            .unwrap()
            .is_empty()
    );
    let request = zhendi_people::role::Request {
        person: admin,
        role: Role::ChannelAdmin,
        unit: None,
        channel: Some(stays.id),
    };
    assert!(zhendi_people::role::requested(db, request).await.unwrap());
    // Both records tell of it.
    for (id, action) in [
        (stays.id, "channel.merged"),
        (goes.id, "channel.merged_away"),
    ] {
        let told = audit::history(db, store::KIND, id.0).await.unwrap();
        assert_eq!(told.last().unwrap().action, action);
    }
    // A correction of the one that stays leaves the other's id with it.
    let mut content = kept.content();
    content.facts.followers = Some(1);
    let tx = app.db.begin().await.unwrap();
    crate::channel::correct(&tx, &app, &program(), kept, content)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let keys = identity::keys(
        &facts(college.faculty, "weibo", "", "xingong"),
        NamedBy::Account,
    );
    let owned = identity::channels_of(app.db.read(), &keys).await;
    assert_eq!(owned.unwrap(), [stays.id]);
}
zhendi_kernel::on_both_databases!(all_goes_to_the_one_that_stays, || crate::testing::setup());

async fn of_two_mergers_one_wins(app: TestApp) {
    let college = College::new(&app).await;
    let one = register(
        &app,
        unfiled(facts(college.faculty, "weibo", "甲", "a"), "2026-12-20"),
    )
    .await;
    let two = register(
        &app,
        unfiled(facts(college.faculty, "weibo", "乙", "b"), "2026-12-20"),
    )
    .await;
    let go = |order: Order| {
        let app = app.clone();
        async move {
            let tx = app.db.begin().await?;
            merge(&tx, &app, &program(), &order).await?;
            tx.commit().await?;
            Ok::<(), Fault>(())
        }
    };
    let (first, second) = tokio::join!(go(order(&one, &two, &[])), go(order(&two, &one, &[])));
    let lost = match (&first, &second) {
        (Ok(()), Err(fault)) | (Err(fault), Ok(())) => fault,
        other => panic!("one of two wins: {other:?}"),
    };
    assert!(matches!(lost, Fault::Stale), "{lost:?}");
    let db = app.db.read();
    let over = [one.id, two.id].map(|id| store::get(db, id));
    let over = futures::future::join_all(over).await;
    let over = over
        .into_iter()
        .filter(|c| c.as_ref().unwrap().filing == FilingState::Merged);
    assert_eq!(over.count(), 1);
    // The same order again finds other versions.
    assert!(matches!(
        go(order(&one, &two, &[])).await,
        Err(Fault::Stale)
    ));
}
zhendi_kernel::on_both_databases!(of_two_mergers_one_wins, || crate::testing::setup());

async fn the_page_compares_and_merges(app: TestApp) {
    let college = College::new(&app).await;
    let stays = register(
        &app,
        filed(facts(college.faculty, "weibo", "信工微博", "xg")),
    )
    .await;
    let mut other = facts(college.library, "weibo", "信工微博", "xg2");
    other.remark = "登记了两次".into();
    let goes = register(&app, unfiled(other, "2026-12-20")).await;
    let officer = app.client(&college.officer());
    let path = format!("/channels/{}/merge", stays.id);

    let page = officer.get(&path).await.expect(200).text();
    assert!(page.contains(&format!("?with={}", goes.id)), "{page}");
    let page = officer
        .get(&format!("{path}?with={}", goes.id))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("登记了两次") && page.contains("以备案为准"),
        "{page}"
    );
    // The other way round is refused: the filed one stays.
    let other_way = format!("/channels/{}/merge", goes.id);
    let page = officer
        .get(&format!("{other_way}?with={}", stays.id))
        .await
        .expect(200)
        .text();
    assert!(page.contains("应当保留它"), "{page}");

    let (with, version, other_version) = (
        goes.id.to_string(),
        stays.version.to_string(),
        goes.version.to_string(),
    );
    let good = [
        ("with", with.as_str()),
        ("version", &version),
        ("other_version", &other_version),
        ("remark", "theirs"),
        ("reason", "同一账号"),
    ];
    let mut silent = good;
    silent[4].1 = " ";
    officer.post(&path, &silent).await.expect(422);
    let mut greedy = good;
    greedy[3] = ("name", "theirs");
    officer.post(&path, &greedy).await.expect(409);
    let mut late = good;
    late[1].1 = "77";
    officer.post(&path, &late).await.expect(409);
    app.client(&college.liaison())
        .post(&path, &good)
        .await
        .expect(403);
    officer.post(&path, &good).await.expect(303);

    // Its address leads on, and history of both stands on one page.
    let gone = officer
        .get(&format!("/channels/{}", goes.id))
        .await
        .expect(303);
    assert_eq!(gone.location(), format!("/channels/{}#history", stays.id));
    let page = officer
        .get(&format!("/channels/{}", stays.id))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("这里合并了同一账号的其他记录") && page.contains("本记录不再使用"),
        "{page}"
    );
    assert_eq!(
        store::get(app.db.read(), stays.id)
            .await
            .unwrap()
            .facts
            .remark,
        "登记了两次"
    );
    let list = officer
        .get("/channels?filing=merged")
        .await
        .expect(200)
        .text();
    assert!(list.contains("已并入"), "{list}");
    app.visitor()
        .get(&format!("/directory/{}", goes.id))
        .await
        .expect(308);
    assert!(
        recheck::open_of(app.db.read(), goes.id)
            .await
            .unwrap()
            .is_none()
    );
    let waiting = work::of_subject(app.db.read(), app.now(), (store::KIND, goes.id.0))
        .await
        .unwrap();
    assert!(!waiting.iter().any(|item| item.kind == CATCH_UP));
}
zhendi_kernel::on_both_databases!(the_page_compares_and_merges, || crate::testing::setup());
