//! The ways in which review fails elsewhere, each as a test; races; both databases.

use super::words;
use crate::{
    course::{self, Deed, Level, Party, Refusal, Stage, Target, queue::View},
    manuscript::{self, Save},
    publication,
    testing::{School, TEXT, agreed, content, setup, why},
};
use chrono::TimeDelta;
use zhendi_kernel::{Fault, Role, actor::Scope, audit, on_both_databases, testing::TestApp};
use zhendi_people::delegation::{self, NewDelegation};

async fn approvals_at_every_level_leave_a_record(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    school.submit(id).await.unwrap();
    let done = school.approve_all(id).await;
    assert_eq!(done.stage, Stage::Approved);
    let decisions = course::decisions(school.db.read(), id).await.unwrap();
    let told: Vec<_> = decisions
        .iter()
        .map(|one| (one.level, one.by.person, one.opinion.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Level::One, school.admin, "同意"),
            (Level::Two, school.head, "同意"),
            (Level::Three, school.chief, "同意")
        ]
    );
    let hash = manuscript::latest(school.db.read(), id)
        .await
        .unwrap()
        .unwrap()
        .hash;
    assert!(
        decisions
            .iter()
            .all(|one| one.hash == hash && one.proofread.is_some() && !one.checklist.is_empty())
    );
    let history = audit::history(school.db.read(), manuscript::SUBJECT, id.0)
        .await
        .unwrap();
    let acts: Vec<_> = history.iter().map(|line| line.action.as_str()).collect();
    for act in ["review.submitted", "review.passed", "review.approved"] {
        assert!(acts.contains(&act), "{acts:?}");
    }
    // What was approved is bound to its content and its people.
    let approvals = publication::approvals(school.db.read(), id).await.unwrap();
    assert_eq!(approvals.len(), 1);
    assert_eq!(approvals[0].hash, hash);
    let people: Vec<_> = approvals[0]
        .approvers
        .iter()
        .map(|one| one.person)
        .collect();
    assert_eq!(people, [school.admin, school.head, school.chief]);
}
on_both_databases!(approvals_at_every_level_leave_a_record, || super::setup());

async fn a_final_reviewer_neither_finds_nor_approves_what_was_not_first_reviewed(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    school.submit(id).await.unwrap();
    assert!(school.queue_of(school.chief, View::Mine).await.is_empty());
    assert!(school.queue_of(school.head, View::Mine).await.is_empty());
    assert!(school.work_of(school.chief).await.is_empty());
    assert_eq!(school.queue_of(school.admin, View::Mine).await, [id]);
    assert_eq!(school.queue_of(school.deputy, View::Mine).await, [id]);
    let refused = school.approve(school.chief, id).await.unwrap_err();
    assert!(matches!(refused, Fault::Forbidden(_)));
    assert_eq!(
        words(&refused),
        "现在是“初审”，由网络阵地管理员办理，您没有担任该角色。"
    );
    school.approve(school.deputy, id).await.unwrap();
    assert_eq!(school.queue_of(school.head, View::Mine).await, [id]);
    assert!(school.queue_of(school.admin, View::Mine).await.is_empty());
    assert_eq!(school.queue_of(school.deputy, View::Done).await, [id]);
}
on_both_databases!(
    a_final_reviewer_neither_finds_nor_approves_what_was_not_first_reviewed,
    || super::setup()
);

async fn editing_approved_content_starts_review_again_and_touches_nothing_live(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    school.submit(id).await.unwrap();
    let approved = school.approve_all(id).await;
    let live = publication::live(school.db.read(), id).await.unwrap();
    school
        .rewrite(
            id,
            "消防演练安排",
            "<p>时间改为下周一上午九点，地点另行通知，请各班级相互转告。</p>",
        )
        .await;
    // Writing alone changes nothing: what is approved is the old content.
    let course = school.course(id).await;
    assert_eq!(
        (course.stage, course.content().1),
        (Stage::Approved, approved.content().1)
    );
    let again = school.submit(id).await.unwrap();
    assert_eq!(
        (again.stage, again.level, again.about.number),
        (Stage::Reviewing, Level::One, 2)
    );
    assert!(again.standing().is_empty());
    assert_eq!(publication::live(school.db.read(), id).await.unwrap(), live);
    // Nobody publishes the old text any more as if it were the present one.
    let approvals = publication::approvals(school.db.read(), id).await.unwrap();
    assert!(approvals.iter().all(|one| !one.in_force(school.now())));
}
on_both_databases!(
    editing_approved_content_starts_review_again_and_touches_nothing_live,
    || super::setup()
);

async fn a_text_changed_after_the_first_review_goes_back_to_it(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    school.submit(id).await.unwrap();
    school.approve(school.admin, id).await.unwrap();
    // The author edits while the second reviewer reads: not without taking it back.
    let author = school.acting(school.author).await;
    let before = manuscript::load(school.db.read(), id).await.unwrap();
    let how = Save::Over(before.revision);
    let edited = content(
        school.channel,
        "消防演练通知",
        "<p>完全不同的内容，换了一件事来说。</p>",
    );
    let refused = manuscript::save(&school.app, &author, id, how, edited)
        .await
        .unwrap_err();
    assert_eq!(words(&refused), Refusal::UnderReview.to_string());
    let read = school.course(id).await;
    course::recall(&school.app, &author, id, read.version, "要改时间")
        .await
        .unwrap();
    school
        .rewrite(
            id,
            "消防演练通知",
            "<p>完全不同的内容，换了一件事来说。</p>",
        )
        .await;
    let again = school.submit(id).await.unwrap();
    assert_eq!((again.level, again.standing().len()), (Level::One, 0));
    // The second reviewer's page is old: what they press does nothing.
    let deed = Deed::Approve(agreed(&read, &[]));
    let late = school.deed_on(school.head, id, read.version, deed).await;
    assert!(matches!(late, Err(Fault::Stale)), "{late:?}");
    assert_eq!(school.course(id).await.level, Level::One);
}
on_both_databases!(
    a_text_changed_after_the_first_review_goes_back_to_it,
    || super::setup()
);

async fn an_author_who_is_the_channels_admin_does_not_approve_their_own(app: TestApp) {
    let school = School::new(app).await;
    let id = school
        .draft_by(
            school.admin,
            school.college,
            school.channel,
            "演练小结",
            TEXT,
        )
        .await;
    school.submit(id).await.unwrap();
    assert!(school.queue_of(school.admin, View::Mine).await.is_empty());
    let refused = school.approve(school.admin, id).await.unwrap_err();
    assert_eq!(words(&refused), Refusal::OwnWork.to_string());
    // The deputy has it; for whom the admin acts by delegation does not help either.
    school.approve(school.deputy, id).await.unwrap();
}
on_both_databases!(
    an_author_who_is_the_channels_admin_does_not_approve_their_own,
    || super::setup()
);

async fn a_manuscript_that_nobody_could_review_is_not_taken_in(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    school.revoke_all(school.chief).await;
    let refused = school.submit(id).await.unwrap_err();
    assert!(
        words(&refused).contains("“终审”还没有人担任宣传部负责人"),
        "{refused}"
    );
    assert!(course::of(school.db.read(), id).await.unwrap().is_none());
    assert!(
        manuscript::latest(school.db.read(), id)
            .await
            .unwrap()
            .is_none()
    );
    // One person at two levels is not enough.
    school
        .grant(
            school.head,
            Role::PublicityHead,
            Scope::Institution(school.root),
        )
        .await;
    let refused = school.submit(id).await.unwrap_err();
    assert!(words(&refused).contains("凑不齐互不相同的人"), "{refused}");
}
on_both_databases!(
    a_manuscript_that_nobody_could_review_is_not_taken_in,
    || super::setup()
);

async fn everyone_can_see_who_has_it_and_until_when(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    let submitted = school.submit(id).await.unwrap();
    // Friday 14:05 with eight working hours: Monday 15:05.
    assert_eq!(
        zhendi_kernel::clock::show(&submitted.due.unwrap()),
        "2026-11-23 15:05"
    );
    let now = course::now(&school.app, &submitted).await.unwrap();
    assert_eq!(now.line(), "网络阵地管理员：刘洋、陈静");
    assert_eq!(now.label, "初审");
    assert_eq!(school.work_of(school.admin).await, ["初审：“消防演练通知”"]);
    assert_eq!(
        school.work_of(school.deputy).await,
        ["初审：“消防演练通知”"]
    );
    let deputy = school.acting(school.deputy).await;
    let taken = course::take(&school.app, &deputy, id, submitted.version)
        .await
        .unwrap();
    assert_eq!(
        course::now(&school.app, &taken).await.unwrap().line(),
        "陈静（已领取）"
    );
    assert!(school.work_of(school.admin).await.is_empty());
    assert!(school.queue_of(school.admin, View::Mine).await.is_empty());
    let refused = school.approve(school.admin, id).await.unwrap_err();
    assert!(words(&refused).contains("已由陈静领取"), "{refused}");
    // Left lying it goes back by itself.
    school.pass(TimeDelta::days(3));
    school.tick("review.holds").await;
    assert_eq!(school.course(id).await.hold, None);
    assert_eq!(school.work_of(school.admin).await, ["初审：“消防演练通知”"]);
    // Past its time it is told, and the next one up with it.
    school.pass(TimeDelta::days(1));
    school.tick("work.remind").await;
    assert_eq!(school.queue_of(school.chief, View::Overdue).await, [id]);
    let told = zhendi_kernel::notify::unread(school.db.read(), school.head)
        .await
        .unwrap();
    assert!(told > 0, "the unit's head is told");
}
on_both_databases!(everyone_can_see_who_has_it_and_until_when, || super::setup(
));

async fn approved_is_not_published(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    school.submit(id).await.unwrap();
    school.approve_all(id).await;
    assert!(
        publication::live(school.db.read(), id)
            .await
            .unwrap()
            .is_empty()
    );
    // It waits for the channel's admin, who alone publishes (授权发布).
    let waits = publication::of(school.db.read(), id).await.unwrap();
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].channel, school.channel);
    assert!(
        school
            .queue_of(school.chief, View::Approved)
            .await
            .contains(&id)
    );
}
on_both_databases!(approved_is_not_published, || super::setup());

async fn of_two_who_decide_at_once_one_does_and_the_other_is_told(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    let read = school.submit(id).await.unwrap();
    let agreed = Deed::Approve(agreed(&read, &[]));
    let one = school.deed_on(school.admin, id, read.version, agreed);
    let back = Deed::Return(Target::Author, why("数字有误"));
    let other = school.deed_on(school.deputy, id, read.version, back);
    let (one, other) = Box::pin(async { tokio::join!(one, other) }).await;
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let slower = one.err().or(other.err()).unwrap();
    assert!(words(&slower).contains("“初审”已由"), "{slower}");
    assert_eq!(
        course::decisions(school.db.read(), id).await.unwrap().len(),
        1
    );
}
on_both_databases!(
    of_two_who_decide_at_once_one_does_and_the_other_is_told,
    || super::setup()
);

async fn a_role_lost_in_between_decides_nothing(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    school.submit(id).await.unwrap();
    school.approve(school.admin, id).await.unwrap();
    let read = school.course(id).await;
    school.revoke_all(school.head).await;
    let refused = school
        .deed(school.head, id, Deed::Approve(agreed(&read, &[])))
        .await
        .unwrap_err();
    assert!(matches!(refused, Fault::NotFound), "{refused}");
    assert_eq!(school.course(id).await.version, read.version);
    assert!(school.queue_of(school.head, View::Mine).await.is_empty());
    // What they agreed to while they held it stands.
    assert_eq!(read.standing().len(), 1);
}
on_both_databases!(a_role_lost_in_between_decides_nothing, || super::setup());

async fn who_stands_in_counts_for_both(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    school.submit(id).await.unwrap();
    school.approve(school.admin, id).await.unwrap();
    // The head is away and hands the role to the channel's deputy, and to the admin who has acted already.
    let head = school.acting(school.head).await;
    let grant = zhendi_people::role::of_person(school.db.read(), school.now(), school.head)
        .await
        .unwrap()[0]
        .id;
    for to in [school.deputy, school.admin] {
        let new = NewDelegation {
            grant,
            to,
            starts: school.now(),
            ends: school.now() + TimeDelta::days(2),
            reason: "外出开会".into(),
        };
        let tx = school.db.begin().await.unwrap();
        delegation::create(&tx, &school.app, &head, new)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    school.pass(TimeDelta::minutes(1));
    assert!(school.queue_of(school.admin, View::Mine).await.is_empty());
    let refused = school.approve(school.admin, id).await.unwrap_err();
    assert_eq!(
        words(&refused),
        Refusal::ActedBefore(Level::One).to_string()
    );
    assert_eq!(school.queue_of(school.deputy, View::Mine).await, [id]);
    let done = school.approve(school.deputy, id).await.unwrap();
    let last = done.decisions.last().unwrap();
    let by = Party {
        person: school.deputy,
        on_behalf_of: Some(school.head),
    };
    assert_eq!(last.by, by);
    assert!(
        done.barred(Level::Three)
            .is_superset(&[school.deputy, school.head].into())
    );
}
on_both_databases!(who_stands_in_counts_for_both, || super::setup());

async fn the_publicity_departments_own_channel_has_its_deputy_at_the_second_level(app: TestApp) {
    let school = School::new(app).await;
    let id = school
        .draft_by(
            school.officer,
            school.publicity,
            school.official,
            "校庆公告",
            TEXT,
        )
        .await;
    school.submit(id).await.unwrap();
    school.approve(school.editor, id).await.unwrap();
    let refused = school.approve(school.chief, id).await.unwrap_err();
    assert!(words(&refused).contains("由宣传部副职办理"), "{refused}");
    school.approve(school.vice, id).await.unwrap();
    assert_eq!(
        school.approve(school.chief, id).await.unwrap().stage,
        Stage::Approved
    );
}
on_both_databases!(
    the_publicity_departments_own_channel_has_its_deputy_at_the_second_level,
    || super::setup()
);
