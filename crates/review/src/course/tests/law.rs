//! The state machine by itself: the levels and who acts at them, what is refused, and in which words.

use crate::{
    course::rules::{
        About, Course, Law, Level, Party, Refusal, Said, Seat, Slip, Stage, Standing, Submission,
        Target, Verdict,
    },
    ids::{ManuscriptId, VersionId},
    testing::{agreed, why},
};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use std::{collections::BTreeSet, sync::Arc};
use zhendi_kernel::{ChannelId, PersonId, Role, UnitId, files::ContentHash};

pub const AUTHOR: PersonId = PersonId(1);
pub const ADMIN: PersonId = PersonId(2);
pub const HEAD: PersonId = PersonId(3);
pub const CHIEF: PersonId = PersonId(4);
pub const LEADER: PersonId = PersonId(5);

pub fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 6, 0, 0).unwrap()
}

pub fn hash(content: i64) -> ContentHash {
    ContentHash::of(&content.to_le_bytes())
}

pub fn submission(content: i64, law: Law) -> Submission {
    Submission {
        about: About {
            unit: UnitId(2),
            channel: ChannelId(1),
            platform: "wechat_subscription".into(),
            author: AUTHOR,
            title: "通知".into(),
            number: 1,
        },
        content: VersionId(content),
        hash: hash(content),
        by: Party::own(AUTHOR),
        authors: BTreeSet::from([AUTHOR]),
        route: law.route(),
        law: Arc::new(law),
        law_id: 1,
        small: false,
        major: None,
        always_major: false,
        note: String::new(),
        at: start(),
    }
}

pub fn begin() -> Course {
    Course::begin(ManuscriptId(1), submission(1, Law::of_the_rule()))
}

pub fn who(person: PersonId, role: Role) -> Standing {
    Standing {
        person,
        held: vec![(role, None)],
    }
}

pub fn admin() -> Standing {
    who(ADMIN, Role::ChannelAdmin)
}

pub fn head() -> Standing {
    who(HEAD, Role::UnitHead)
}

pub fn chief() -> Standing {
    who(CHIEF, Role::PublicityHead)
}

pub fn leader() -> Standing {
    who(LEADER, Role::PortfolioLeader)
}

pub fn approve(course: Course, by: &Standing) -> Result<Course, Refusal> {
    let said = agreed(&course, &[]);
    course.approve(by, said, start())
}

pub fn approved() -> Course {
    let course = approve(begin(), &admin()).unwrap();
    let course = approve(course, &head()).unwrap();
    approve(course, &chief()).unwrap()
}

#[test]
fn three_levels_in_their_order_make_an_approval() {
    let course = approved();
    assert_eq!(course.stage, Stage::Approved);
    let levels: Vec<_> = course.standing().into_keys().collect();
    assert_eq!(levels, [Level::One, Level::Two, Level::Three]);
    assert!(course.is_valid(start() + TimeDelta::days(29)));
    assert!(
        !course.is_valid(start() + TimeDelta::days(30)),
        "an approval runs out"
    );
}

/// Known failure: a final reviewer who sees items not yet first-reviewed.
#[test]
fn a_final_reviewer_cannot_act_before_the_first_review() {
    let refused = approve(begin(), &chief()).unwrap_err();
    assert_eq!(
        refused,
        Refusal::NotYourLevel {
            level: Level::One,
            seat: Seat::ChannelAdmin
        }
    );
    assert_eq!(
        refused.to_string(),
        "现在是“初审”，由网络阵地管理员办理，您没有担任该角色。"
    );
}

/// Known failure: an approver who is the author.
#[test]
fn an_author_or_co_author_never_approves_their_own_text() {
    for author in [AUTHOR, PersonId(9)] {
        let mut it = submission(1, Law::of_the_rule());
        it.authors.insert(PersonId(9));
        let course = Course::begin(ManuscriptId(1), it);
        for role in [Role::ChannelAdmin, Role::ChannelDeputy] {
            assert_eq!(
                approve(course.clone(), &who(author, role)),
                Err(Refusal::OwnWork)
            );
        }
    }
    let by_deputy = Standing {
        person: PersonId(8),
        held: vec![(Role::ChannelAdmin, Some(AUTHOR))],
    };
    assert_eq!(
        approve(begin(), &by_deputy),
        Err(Refusal::OwnWorkOfPrincipal)
    );
}

#[test]
fn an_author_takes_the_first_level_only_where_the_workflow_says_so() {
    let law = Law {
        author_may_take_first: true,
        ..Law::of_the_rule()
    };
    let course = Course::begin(ManuscriptId(1), submission(1, law));
    let course = approve(course, &who(AUTHOR, Role::ChannelAdmin)).unwrap();
    assert_eq!(course.level, Level::Two);
    // But no other, nor by another.
    assert_eq!(
        approve(course, &who(AUTHOR, Role::UnitHead)),
        Err(Refusal::OwnWork)
    );
}

#[test]
fn nobody_acts_at_two_levels_for_themselves_or_another() {
    let course = approve(begin(), &admin()).unwrap();
    let both = who(ADMIN, Role::UnitHead);
    assert_eq!(
        approve(course.clone(), &both),
        Err(Refusal::ActedBefore(Level::One))
    );
    // An act by X for Y counts for both: neither may appear at another level.
    let for_admin = Standing {
        person: PersonId(7),
        held: vec![(Role::UnitHead, Some(ADMIN))],
    };
    assert_eq!(
        approve(course, &for_admin),
        Err(Refusal::PrincipalActedBefore(Level::One))
    );
    let x_for_y = Standing {
        person: PersonId(7),
        held: vec![(Role::ChannelAdmin, Some(ADMIN))],
    };
    let course = approve(begin(), &x_for_y).unwrap();
    assert_eq!(
        approve(course.clone(), &who(ADMIN, Role::UnitHead)),
        Err(Refusal::ActedBefore(Level::One))
    );
    assert_eq!(
        approve(course, &who(PersonId(7), Role::UnitHead)),
        Err(Refusal::ActedBefore(Level::One))
    );
}

#[test]
fn required_points_and_the_proofread_are_not_forgotten() {
    let refused = begin()
        .approve(&admin(), Said::default(), start())
        .unwrap_err();
    assert!(
        matches!(&refused, Refusal::Unchecked(points) if points.len() == 4),
        "{refused}"
    );
    let mut said = agreed(&begin(), &[]);
    said.proofread = None;
    let refused = begin().approve(&admin(), said, start()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "请填写一校记录（没有发现差错的填 0）。"
    );
}

#[test]
fn a_return_needs_its_reason_and_goes_to_the_author_or_an_earlier_level() {
    let course = approve(begin(), &admin()).unwrap();
    assert_eq!(
        course
            .clone()
            .send_back(&head(), Target::Author, Said::default(), start()),
        Err(Refusal::ReasonMissing)
    );
    let later =
        course
            .clone()
            .send_back(&head(), Target::Level(Level::Three), why("退回"), start());
    assert_eq!(later, Err(Refusal::NotAnEarlierLevel));
    let back = course
        .send_back(
            &head(),
            Target::Level(Level::One),
            why("请核实数字"),
            start(),
        )
        .unwrap();
    assert_eq!((back.stage, back.level), (Stage::Reviewing, Level::One));
    assert!(back.standing().is_empty(), "the level decides again");
    // Who returned it stands at the second level; the first may decide again.
    assert_eq!(
        approve(back.clone(), &who(HEAD, Role::ChannelAdmin)),
        Err(Refusal::ActedBefore(Level::Two))
    );
    let again = approve(back, &admin()).unwrap();
    assert_eq!(approve(again, &head()).unwrap().level, Level::Three);
}

/// Known failure: text changed after the first review.
#[test]
fn a_text_changed_after_the_first_review_is_reviewed_from_the_first_level_again() {
    let course = approve(begin(), &admin()).unwrap();
    assert_eq!(course.may_edit(), Err(Refusal::UnderReview));
    let course = course.recall(AUTHOR, start()).unwrap();
    let course = course.submit(submission(2, Law::of_the_rule())).unwrap();
    assert_eq!(course.level, Level::One);
    assert!(course.standing().is_empty());
    assert_eq!(course.content().1, &hash(2));
}

#[test]
fn a_workflow_may_start_changed_texts_higher_but_skips_nobody() {
    let law = Law {
        restart: Level::Two,
        ..Law::of_the_rule()
    };
    let first = Course::begin(ManuscriptId(1), submission(1, law.clone()));
    // Nobody has agreed at the first level yet: it is not skipped.
    let returned = first
        .clone()
        .send_back(&admin(), Target::Author, why("改"), start())
        .unwrap();
    assert_eq!(
        returned.submit(submission(2, law.clone())).unwrap().level,
        Level::One
    );
    let second = approve(first, &admin()).unwrap();
    let returned = second
        .send_back(&head(), Target::Author, why("改"), start())
        .unwrap();
    let again = returned.clone().submit(submission(2, law.clone())).unwrap();
    assert_eq!(again.level, Level::Two);
    // The first reviewer's agreement stands, so they take no other level.
    assert_eq!(
        approve(again, &who(ADMIN, Role::UnitHead)),
        Err(Refusal::ActedBefore(Level::One))
    );
    // Who became a co-author meanwhile has agreed to their own text: that agreement is void.
    let mut it = submission(2, law.clone());
    it.authors.insert(ADMIN);
    assert_eq!(returned.clone().submit(it).unwrap().level, Level::One);
    // Another main channel is another unit's affair.
    let mut it = submission(2, law);
    it.about.channel = ChannelId(2);
    assert_eq!(returned.submit(it).unwrap().level, Level::One);
}

#[test]
fn a_small_correction_is_reapproved_by_the_same_people_alone() {
    let small = || {
        let mut it = submission(2, Law::of_the_rule());
        it.small = true;
        it
    };
    let course = approved().submit(small()).unwrap();
    assert_eq!((course.stage, course.level), (Stage::Reviewing, Level::One));
    assert!(
        course.standing().is_empty(),
        "the new content has nobody's agreement yet"
    );
    let other = who(PersonId(8), Role::ChannelAdmin);
    assert_eq!(
        course.clone().reapprove(&other, "同意".into(), start()),
        Err(Refusal::NotTheSamePerson)
    );
    // Whoever else sits there may still review the whole.
    assert_eq!(approve(course.clone(), &other).unwrap().level, Level::Two);
    let course = course.reapprove(&admin(), "同意".into(), start()).unwrap();
    let course = course.reapprove(&head(), "同意".into(), start()).unwrap();
    let course = course.reapprove(&chief(), "同意".into(), start()).unwrap();
    assert_eq!(course.stage, Stage::Approved);
    assert!(course.standing().values().all(|one| one.hash == hash(2)));
    let whole = approved()
        .submit(submission(3, Law::of_the_rule()))
        .unwrap();
    assert_eq!(
        whole.reapprove(&admin(), "同意".into(), start()),
        Err(Refusal::NoCorrection)
    );
}

#[test]
fn nobody_reapproves_what_they_had_not_approved() {
    // The second level had returned it: it agreed to nothing.
    let course = approve(begin(), &admin()).unwrap();
    let course = course
        .send_back(&head(), Target::Author, why("改一个字"), start())
        .unwrap();
    let mut it = submission(2, Law::of_the_rule());
    it.small = true;
    let course = course
        .submit(it)
        .unwrap()
        .reapprove(&admin(), String::new(), start())
        .unwrap();
    assert_eq!(
        course.clone().reapprove(&head(), String::new(), start()),
        Err(Refusal::NotTheSamePerson)
    );
    assert_eq!(approve(course, &head()).unwrap().level, Level::Three);
}

#[test]
fn approved_content_is_not_handed_in_again_unless_it_changed_or_ran_out() {
    let same = || submission(1, Law::of_the_rule());
    assert_eq!(approved().submit(same()), Err(Refusal::NothingChanged));
    let mut late = same();
    late.at = start() + TimeDelta::days(31);
    let again = approved().submit(late).unwrap();
    assert_eq!((again.stage, again.level), (Stage::Reviewing, Level::One));
    assert!(again.standing().is_empty(), "facts may have changed since");
}

#[test]
fn what_is_under_way_keeps_its_workflow_what_begins_anew_takes_the_new_one() {
    let newer = |content| {
        let mut law = Law::of_the_rule();
        law.valid_days = 5;
        let mut it = submission(content, law);
        it.law_id = 2;
        it
    };
    let course = begin().recall(AUTHOR, start()).unwrap();
    assert_eq!(course.submit(newer(2)).unwrap().law_id, 1);
    let again = approved().submit(newer(2)).unwrap();
    assert_eq!((again.law_id, again.law.valid_days), (2, 5));
}

#[test]
fn what_departments_have_is_approved_by_nobody_and_can_be_sent_back() {
    let mut course = begin();
    course.stopped = true;
    assert_eq!(
        approve(course.clone(), &admin()).unwrap_err(),
        Refusal::Stopped
    );
    let back = course
        .clone()
        .send_back(&admin(), Target::Author, why("有代考广告"), start());
    assert_eq!(back.unwrap().stage, Stage::Returned);
    let gone = course.clone().discard(&admin(), "不宜发布".into(), start());
    assert_eq!(gone.unwrap().stage, Stage::Discarded);
    assert!(course.clone().recall(AUTHOR, start()).is_ok());
    // A paper does not get past it either.
    let slip = |verdict| Slip {
        verdict,
        said: why("有代考广告"),
        decided_on: start().date_naive(),
        number: "1号".into(),
        scan: hash(9),
    };
    let days = (start().date_naive(), start().date_naive());
    let officer = [Party::own(PersonId(9))];
    let entered = |verdict| {
        let course = course.clone();
        course.record_paper(&admin(), &officer, slip(verdict), days, start())
    };
    assert_eq!(entered(Verdict::Approve).unwrap_err(), Refusal::Stopped);
    assert!(entered(Verdict::Return).is_ok());
}
