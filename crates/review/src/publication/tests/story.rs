//! Approved is not published; by hand; corrections; withdrawals; orders that come too late.

use super::{TEXT, upload};
use crate::{
    connector::Way,
    publication::{
        self, Question, Refusal, Standing, State, TakeDown, cancel, confirm, is_approved, live,
        order, prove_removed, revoke, withdraw,
    },
    testing::School,
};
use chrono::{Days, TimeDelta};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{Fault, on_both_databases, testing::TestApp};

const LINK: &str = "https://mp.weixin.qq.com/s/abcdef";

fn words(fault: Fault) -> String {
    fault.to_string()
}

async fn approved_is_not_published(app: TestApp) {
    let school = School::new(app).await;
    let (app, db) = (&school.app, school.db.read());
    let one = school.approved("消防演练通知").await;
    assert_eq!((one.state, one.way), (State::Planned, Way::Hand));
    assert_eq!(school.work_at(&one).await, ["publication.publish"]);
    assert!(live(db, one.manuscript).await.unwrap().is_empty());

    // Reviewing is one right, publishing another (授权发布).
    for who in [school.head, school.chief, school.officer, school.leader] {
        let actor = school.acting(who).await;
        let fault = confirm(app, &actor, one.id, one.version, LINK, Some(upload())).await;
        assert!(matches!(fault, Err(Fault::Forbidden(_))), "{who}");
    }
    // Others' channels are others' business.
    let editor = school.acting(school.editor).await;
    let fault = publication::open_for(app, &editor, one.id).await;
    assert!(matches!(fault, Err(Fault::NotFound)));

    let admin = school.acting(school.admin).await;
    for (link, proof) in [("", Some(upload())), ("下周", Some(upload())), (LINK, None)] {
        let wrongs = confirm(app, &admin, one.id, one.version, link, proof)
            .await
            .unwrap();
        assert_eq!(wrongs.unwrap_err().len(), 1);
    }
    let deputy = school.acting(school.deputy).await;
    let done = confirm(app, &deputy, one.id, one.version, LINK, Some(upload())).await;
    let done = done.unwrap().unwrap();
    assert_eq!(done.state, State::Published);
    assert_eq!(done.published_by, Some(school.deputy));
    assert!(school.work_at(&one).await.is_empty());
    let there = live(db, one.manuscript).await.unwrap();
    assert_eq!(there[0].link.as_deref(), Some(LINK));
    // Who came second is told so.
    let fault = confirm(app, &admin, one.id, one.version, LINK, Some(upload())).await;
    assert!(matches!(fault, Err(Fault::Stale)));

    for question in [
        Question::Link(LINK.into()),
        Question::Hash(one.hash.clone()),
    ] {
        let said = is_approved(db, &question, school.now()).await.unwrap();
        assert!(said.is_approved(), "{said:?}");
    }
    let unknown = Question::Link("https://mp.weixin.qq.com/s/other".into());
    let said = is_approved(db, &unknown, school.now()).await.unwrap();
    assert_eq!(said.standing, Standing::Unknown);
    school.run_jobs().await;
}
on_both_databases!(
    approved_is_not_published,
    crate::publication::tests::open_setup
);

async fn a_correction_leaves_the_live_copy_until_it_is_live_itself(app: TestApp) {
    let school = School::new(app).await;
    let (app, db) = (&school.app, school.db.read());
    let first = school.approved("消防演练通知").await;
    let first = school.confirm(school.admin, &first, LINK).await;
    school
        .rewrite(
            first.manuscript,
            "消防演练通知",
            "<p>学院定于下周五下午举行消防演练。</p>",
        )
        .await;
    let second = school.approve_now(first.manuscript, None).await;
    assert_eq!(second.corrects, Some(first.id));
    assert_eq!(second.key, first.key);
    assert_eq!(school.state(first.id).await, State::Published);

    // A third version before the second went out: the second is not to be published any more.
    school
        .rewrite(
            first.manuscript,
            "消防演练通知",
            "<p>学院定于下周四下午举行消防演练。</p>",
        )
        .await;
    let third = school.approve_now(first.manuscript, None).await;
    assert_eq!(school.state(second.id).await, State::Replaced);
    let admin = school.acting(school.admin).await;
    let fault = confirm(app, &admin, second.id, 2, LINK, Some(upload())).await;
    assert!(matches!(fault, Err(Fault::Refused(_))));

    let third = school.confirm(school.admin, &third, LINK).await;
    assert_eq!(school.state(first.id).await, State::Replaced);
    let there = live(db, first.manuscript).await.unwrap();
    assert_eq!(there.len(), 1);
    assert_eq!(there[0].version, third.content);
    let old = Question::Hash(first.hash.clone());
    let said = is_approved(db, &old, school.now()).await.unwrap();
    // Its approval is still in force; what stands at the link is the newest.
    assert!(said.is_approved());
    let now = is_approved(db, &Question::Link(LINK.into()), school.now())
        .await
        .unwrap();
    assert_eq!(now.hash, Some(third.hash.clone()));

    // By hand it is down only with proof.
    let said = TakeDown {
        reason: "other".into(),
        ..TakeDown::default()
    };
    let wrongs = withdraw(app, &admin, third.id, third.version, said)
        .await
        .unwrap();
    assert_eq!(wrongs.unwrap_err()[0].0, "note");
    let said = TakeDown {
        reason: "fact_error".into(),
        note: "日期有误".into(),
        proof: None,
    };
    let going = withdraw(app, &admin, third.id, third.version, said)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(going.state, State::Withdrawing);
    assert_eq!(school.work_at(&going).await, ["publication.take_down"]);
    let said = is_approved(db, &Question::Link(LINK.into()), school.now())
        .await
        .unwrap();
    assert_eq!(said.standing, Standing::Withdrawn);
    let wrongs = prove_removed(app, &admin, third.id, going.version, None)
        .await
        .unwrap();
    assert!(wrongs.is_err());
    let gone = prove_removed(app, &admin, third.id, going.version, Some(upload())).await;
    let gone = gone.unwrap().unwrap();
    assert_eq!(gone.state, State::Withdrawn);
    assert!(live(db, first.manuscript).await.unwrap().is_empty());
    assert!(school.work_at(&gone).await.is_empty());
    school.run_jobs().await;
}
on_both_databases!(
    a_correction_leaves_the_live_copy_until_it_is_live_itself,
    crate::publication::tests::open_setup
);

async fn an_approval_runs_out_and_is_taken_back(app: TestApp) {
    let school = School::new(app).await;
    let app = &school.app;
    let admin = school.acting(school.admin).await;
    let id = school.draft("消防演练通知", TEXT).await;
    let one = school.approve_now(id, Some(3)).await;
    school.run_jobs().await;
    school.pass(TimeDelta::days(4));
    let fault = confirm(app, &admin, one.id, one.version, LINK, Some(upload())).await;
    let expected = words(Refusal::NotApproved.into());
    assert_eq!(fault.map(|_| ()).map_err(words), Err(expected.clone()));
    school.run_jobs().await;
    assert_eq!(school.state(one.id).await, State::Lapsed);
    assert!(school.work_at(&one).await.is_empty());
    let question = Question::Hash(one.hash.clone());
    let said = is_approved(school.db.read(), &question, school.now())
        .await
        .unwrap();
    assert_eq!(said.standing, Standing::Expired);

    let other = school.approved("讲座预告").await;
    let chief = school.acting(school.chief).await;
    let tx = school.db.begin().await.unwrap();
    let ended = revoke(&tx, app, &chief, other.manuscript, "内容有变")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ended, 1);
    assert_eq!(school.state(other.id).await, State::Lapsed);
    let question = Question::Hash(other.hash.clone());
    let said = is_approved(school.db.read(), &question, school.now())
        .await
        .unwrap();
    assert_eq!(said.standing, Standing::Revoked);
    school.run_jobs().await;
}
on_both_databases!(
    an_approval_runs_out_and_is_taken_back,
    crate::publication::tests::open_setup
);

async fn content_that_was_altered_in_the_database_does_not_go_out(app: TestApp) {
    let school = School::new(app).await;
    let one = school.approved("消防演练通知").await;
    let tx = school.db.begin().await.unwrap();
    tx.execute_unprepared("UPDATE manuscript_version SET title = '别的通知'")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let admin = school.acting(school.admin).await;
    let fault = confirm(
        &school.app,
        &admin,
        one.id,
        one.version,
        LINK,
        Some(upload()),
    )
    .await;
    let expected = words(Refusal::OtherContent.into());
    assert_eq!(fault.map(|_| ()).map_err(words), Err(expected));
    school.run_jobs().await;
}
on_both_databases!(
    content_that_was_altered_in_the_database_does_not_go_out,
    crate::publication::tests::open_setup
);

async fn an_order_for_later_can_be_taken_back_and_dies_with_the_role(app: TestApp) {
    let school = School::new(app).await;
    let app = &school.app;
    school
        .connect(
            school.channel,
            Way::Feed,
            "",
            "",
            "0123456789012345678901234567890123456789",
        )
        .await;
    let admin = school.acting(school.admin).await;
    let id = school.draft("消防演练通知", TEXT).await;
    let one = school.approve_now(id, Some(10)).await;
    let late = school.now() + Days::new(11);
    for bad in [school.now(), late] {
        let fault = order(app, &admin, one.id, one.version, Some(bad)).await;
        assert!(matches!(fault, Err(Fault::Refused(_))));
    }
    let soon = school.now() + TimeDelta::hours(2);
    let ordered = order(app, &admin, one.id, one.version, Some(soon))
        .await
        .unwrap();
    school.run_jobs().await;
    assert_eq!(school.state(one.id).await, State::Ordered);
    let back = cancel(app, &admin, one.id, ordered.version).await.unwrap();
    assert_eq!(back.state, State::Planned);
    school.pass(TimeDelta::hours(3));
    school.run_jobs().await;
    assert_eq!(
        school.state(one.id).await,
        State::Planned,
        "the order was taken back"
    );

    let later = school.now() + TimeDelta::hours(2);
    let again = order(app, &admin, one.id, back.version, Some(later))
        .await
        .unwrap();
    assert_eq!(again.state, State::Ordered);
    school.pass(TimeDelta::hours(3));
    school.run_jobs().await;
    let sent = school.publication(one.id).await;
    assert_eq!(sent.state, State::Sent, "{}", sent.message);
    assert_eq!(school.work_at(&sent).await, ["publication.confirm"]);
    assert!(live(school.db.read(), id).await.unwrap().is_empty());

    // A role that is taken away takes its orders along.
    let other = school.approved("讲座预告").await;
    let later = school.now() + TimeDelta::hours(2);
    order(app, &admin, other.id, other.version, Some(later))
        .await
        .unwrap();
    school.revoke_all(school.admin).await;
    school.pass(TimeDelta::hours(3));
    school.run_jobs().await;
    let failed = school.publication(other.id).await;
    assert_eq!(failed.state, State::Failed);
    assert!(failed.message.contains("不再是"), "{}", failed.message);
}
on_both_databases!(
    an_order_for_later_can_be_taken_back_and_dies_with_the_role,
    crate::publication::tests::open_setup
);
