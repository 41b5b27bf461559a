//! Emergencies: only named persons, a written reason, flagged until somebody else approves.

use super::TEXT;
use crate::{
    connector::Way,
    publication::{
        Question, Review, Standing, State,
        emergency::{name, publish, review, unname},
        is_approved,
    },
    testing::School,
};
use chrono::TimeDelta;
use zhendi_kernel::{Fault, on_both_databases, testing::TestApp, work};

const WHY: &str = "台风红色预警，须立即通知全体学生停课";
const TOKEN: &str = "0123456789012345678901234567890123456789";

async fn named_persons_publish_first_and_others_approve_afterwards(app: TestApp) {
    let school = School::new(app).await;
    let (app, db) = (&school.app, school.db.read());
    school
        .connect(school.channel, Way::Feed, "", "", TOKEN)
        .await;
    let id = school
        .draft_by(
            school.admin,
            school.college,
            school.channel,
            "停课通知",
            TEXT,
        )
        .await;
    let admin = school.acting(school.admin).await;
    let channels = [school.channel];
    let fault = publish(app, &admin, id, &channels, WHY).await;
    assert!(matches!(fault, Err(Fault::Forbidden(_))), "not named");

    for who in [school.officer, school.head, school.admin] {
        let actor = school.acting(who).await;
        let fault = name(app, &actor, school.admin, None).await;
        assert!(matches!(fault, Err(Fault::Forbidden(_))), "{who}");
    }
    let chief = school.acting(school.chief).await;
    let until = app.clock.today() + chrono::Days::new(30);
    name(app, &chief, school.admin, Some(until)).await.unwrap();
    name(app, &chief, school.editor, None).await.unwrap();
    assert!(
        name(app, &chief, school.admin, None).await.is_err(),
        "twice"
    );

    let wrongs = publish(app, &admin, id, &channels, "很急").await.unwrap();
    assert_eq!(wrongs.unwrap_err()[0].0, "reason");
    // Named, but neither the manuscript nor the channel is theirs.
    let editor = school.acting(school.editor).await;
    let fault = publish(app, &editor, id, &channels, WHY).await;
    assert!(matches!(fault, Err(Fault::NotFound)));

    let made = publish(app, &admin, id, &channels, WHY)
        .await
        .unwrap()
        .unwrap();
    school.run_jobs().await;
    let one = school.publication(made[0].id).await;
    assert_eq!(one.state, State::Sent);
    assert!(one.is_unapproved_emergency());
    let work_kinds = school.work_at(&one).await;
    assert!(
        work_kinds.contains(&"publication.review".into()),
        "{work_kinds:?}"
    );
    let hash = Question::Hash(one.hash.clone());
    let said = is_approved(db, &hash, school.now()).await.unwrap();
    assert_eq!(said.standing, Standing::Emergency);
    assert!(!said.is_approved());

    // Overdue it goes to the leader in charge as well.
    school.pass(TimeDelta::hours(49));
    school.run_jobs().await;
    let mine = work::of_subject(db, school.now(), ("publication", one.id.0))
        .await
        .unwrap();
    let owed = mine
        .iter()
        .find(|item| item.kind == "publication.review")
        .unwrap();
    assert!(owed.due.is_some_and(|due| due < school.now()));

    // Whoever published, or wrote, approves nothing of it.
    let seen = school.publication(one.id).await.version;
    for who in [school.admin, school.author, school.officer] {
        let actor = school.acting(who).await;
        assert!(
            review(app, &actor, one.id, seen, true, "同意")
                .await
                .is_err(),
            "{who}"
        );
    }
    let head = school.acting(school.head).await;
    let wrongs = review(app, &head, one.id, seen, false, "").await.unwrap();
    assert!(wrongs.is_err(), "a refusal says why");
    let done = review(app, &head, one.id, seen, true, "")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(done.emergency.as_ref().unwrap().review, Review::Approved);
    assert!(!done.is_unapproved_emergency());
    let said = is_approved(db, &hash, school.now()).await.unwrap();
    assert!(said.is_approved());
    school.run_jobs().await;
}
on_both_databases!(
    named_persons_publish_first_and_others_approve_afterwards,
    crate::publication::tests::open_setup
);

async fn what_is_refused_afterwards_is_taken_down(app: TestApp) {
    let school = School::new(app).await;
    let app = &school.app;
    school
        .connect(school.channel, Way::Feed, "", "", TOKEN)
        .await;
    let chief = school.acting(school.chief).await;
    name(app, &chief, school.admin, None).await.unwrap();
    let id = school
        .draft_by(
            school.admin,
            school.college,
            school.channel,
            "停课通知",
            TEXT,
        )
        .await;
    let admin = school.acting(school.admin).await;
    let made = publish(app, &admin, id, &[school.channel], WHY)
        .await
        .unwrap()
        .unwrap();
    school.run_jobs().await;
    let seen = school.publication(made[0].id).await.version;
    let done = review(app, &chief, made[0].id, seen, false, "表述不当").await;
    let done = done.unwrap().unwrap();
    assert_eq!(done.state, State::Withdrawing);
    assert!(done.is_unapproved_emergency());
    assert_eq!(school.work_at(&done).await, ["publication.take_down"]);
    school.run_jobs().await;

    let named = crate::publication::emergency::named(school.db.read())
        .await
        .unwrap();
    unname(app, &chief, named[0].id).await.unwrap();
    let other = school
        .draft_by(
            school.admin,
            school.college,
            school.channel,
            "复课通知",
            TEXT,
        )
        .await;
    let fault = publish(app, &admin, other, &[school.channel], WHY).await;
    assert!(
        matches!(fault, Err(Fault::Forbidden(_))),
        "the name was taken off"
    );
    school.run_jobs().await;
}
on_both_databases!(
    what_is_refused_afterwards_is_taken_down,
    crate::publication::tests::open_setup
);
