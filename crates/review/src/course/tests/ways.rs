//! Ways of review that are not three levels in a row: small corrections, major matters, other workflows, paper.

use super::words;
use crate::{
    course::{
        self, Deed, Level, Refusal, Slip, Stage, Verdict,
        queue::View,
        rules::Law,
        workflow::{self, store::Reach},
    },
    manuscript, publication,
    testing::{School, TEXT, setup, why},
};
use zhendi_kernel::{files::ContentHash, on_both_databases, testing::TestApp};

async fn a_small_correction_takes_one_tap_of_each(app: TestApp) {
    let school = School::new(app).await;
    let id = school
        .draft("消防演练通知", "<p>请全体师生准时参家。</p>")
        .await;
    school.submit(id).await.unwrap();
    school.approve_all(id).await;
    school
        .rewrite(id, "消防演练通知", "<p>请全体师生准时参加。</p>")
        .await;
    let small = school.submit(id).await.unwrap();
    assert!(small.round().base.is_some());
    assert_eq!(
        school
            .work_of(school.admin)
            .await
            .iter()
            .filter(|title| title.starts_with("复核小改动"))
            .count(),
        1
    );
    let tap = || Deed::Reapprove(String::new());
    let refused = school.deed(school.deputy, id, tap()).await.unwrap_err();
    assert_eq!(words(&refused), Refusal::NotTheSamePerson.to_string());
    for who in [school.admin, school.head, school.chief] {
        school.deed(who, id, tap()).await.unwrap();
    }
    let done = school.course(id).await;
    assert_eq!(done.stage, Stage::Approved);
    let latest = manuscript::latest(school.db.read(), id)
        .await
        .unwrap()
        .unwrap();
    assert!(done.standing().values().all(|one| one.hash == latest.hash));
    assert_eq!(
        publication::approvals(school.db.read(), id).await.unwrap()[0].hash,
        latest.hash
    );
}
on_both_databases!(a_small_correction_takes_one_tap_of_each, || super::setup());

async fn major_matters_wait_for_the_leader(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("学院重大活动公告", TEXT).await;
    let seen = school.submit(id).await.unwrap().version;
    let chief = school.acting(school.chief).await;
    let marked = course::mark_major(&school.app, &chief, id, seen, true, "涉及全院")
        .await
        .unwrap();
    assert!(marked.major);
    let admin = school.acting(school.admin).await;
    let refused = course::mark_major(&school.app, &admin, id, marked.version, false, "不算")
        .await
        .unwrap_err();
    assert_eq!(words(&refused), Refusal::MarkedAbove("终审").to_string());
    let third = school.approve_all(id).await;
    assert_eq!(
        (third.stage, third.level),
        (Stage::Reviewing, Level::Leader)
    );
    assert!(
        publication::approvals(school.db.read(), id)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        school.approve(school.leader, id).await.unwrap().stage,
        Stage::Approved
    );
    // Without a leader nobody marks what could then never end.
    let other = school.draft("另一篇", TEXT).await;
    let seen = school.submit(other).await.unwrap().version;
    school.revoke_all(school.leader).await;
    let refused = course::mark_major(&school.app, &chief, other, seen, true, "涉及全院")
        .await
        .unwrap_err();
    assert!(
        words(&refused).contains("“分管领导审批”还没有人"),
        "{refused}"
    );
}
on_both_databases!(major_matters_wait_for_the_leader, || super::setup());

async fn a_running_review_keeps_the_workflow_with_which_it_began(app: TestApp) {
    let school = School::new(app).await;
    let old = school.draft("旧流程", TEXT).await;
    school.submit(old).await.unwrap();
    let chief = school.acting(school.chief).await;
    let mut law = Law::of_the_rule();
    law.levels[0].persons = vec![school.deputy];
    law.levels[0].hours = 2;
    law.correction_limit = 0;
    let reach = Reach {
        unit: Some(school.college),
        platform: None,
    };
    workflow::service::create(&school.app, &chief, reach.clone(), law.clone())
        .await
        .unwrap();
    let again = workflow::service::create(&school.app, &chief, reach, law)
        .await
        .unwrap_err();
    assert!(words(&again).contains("已有审核流程"), "{again}");
    let new = school.draft("新流程", TEXT).await;
    let begun = school.submit(new).await.unwrap();
    assert_ne!(begun.law_id, school.course(old).await.law_id);
    assert_eq!(
        zhendi_kernel::clock::show(&begun.due.unwrap()),
        "2026-11-20 16:05"
    );
    // The admin still reviews the old one, but not the new one.
    assert_eq!(school.queue_of(school.admin, View::Mine).await, [old]);
    let mut of_deputy = school.queue_of(school.deputy, View::Mine).await;
    of_deputy.sort();
    assert_eq!(of_deputy, [old, new]);
    let refused = school.approve(school.admin, new).await.unwrap_err();
    assert_eq!(words(&refused), Refusal::NotNamed(Level::One).to_string());
    school.approve(school.admin, old).await.unwrap();
    school.approve(school.deputy, new).await.unwrap();
}
on_both_databases!(
    a_running_review_keeps_the_workflow_with_which_it_began,
    || super::setup()
);

async fn a_decision_on_paper_is_entered_by_an_officer(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    let seen = school.submit(id).await.unwrap().version;
    let slip = Slip {
        verdict: Verdict::Approve,
        said: why("同意"),
        decided_on: school.clock.today(),
        number: "审〔2026〕1号".into(),
        scan: ContentHash::of(b"scan"),
    };
    let officer = school.acting(school.officer).await;
    let wrong = course::record_paper(&school.app, &officer, id, seen, school.head, slip.clone())
        .await
        .unwrap_err();
    assert!(
        words(&wrong).contains("所选审核人没有担任该角色"),
        "{wrong}"
    );
    let done = course::record_paper(&school.app, &officer, id, seen, school.admin, slip)
        .await
        .unwrap();
    let kept = course::decisions(school.db.read(), id).await.unwrap();
    assert_eq!((done.level, kept.len()), (Level::Two, 1));
    let paper = kept[0].paper.as_ref().unwrap();
    assert_eq!(
        (kept[0].by.person, paper.recorded_by.person),
        (school.admin, school.officer)
    );
}
on_both_databases!(a_decision_on_paper_is_entered_by_an_officer, || {
    super::setup()
});
