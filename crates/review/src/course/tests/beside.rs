//! The state machine beside its levels: major matters, what is taken, recalled or discarded, paper, staffing.

use super::law::{
    ADMIN, AUTHOR, admin, approve, approved, begin, chief, hash, head, leader, start, submission,
    who,
};
use crate::{
    course::rules::{
        Course, Law, Level, OwnChannels, Party, Refusal, Seat, Shortage, Slip, Stage, Standing,
        Verdict, staff,
    },
    ids::ManuscriptId,
    testing::{agreed, why},
};
use chrono::{NaiveDate, TimeDelta};
use std::collections::BTreeSet;
use zhendi_kernel::{PersonId, Role};

#[test]
fn major_matters_go_to_the_leader_and_nobody_below_takes_the_mark_away() {
    let course = approve(begin(), &admin()).unwrap();
    let course = course
        .mark_major(&head(), "涉及学院重大活动".into(), start())
        .unwrap();
    assert_eq!(
        course.clone().mark_major(&chief(), "再标".into(), start()),
        Err(Refusal::MajorAlready)
    );
    let refused = course
        .clone()
        .unmark_major(&admin(), "不算", start())
        .unwrap_err();
    assert_eq!(refused, Refusal::MarkedAbove("复审"));
    assert!(
        course
            .clone()
            .unmark_major(&chief(), "只是普通通知", start())
            .is_ok()
    );
    let course = approve(course, &head()).unwrap();
    let course = approve(course, &chief()).unwrap();
    assert_eq!(
        (course.stage, course.level),
        (Stage::Reviewing, Level::Leader)
    );
    assert_eq!(
        course.clone().unmark_major(&leader(), "取消", start()),
        Err(Refusal::WithTheLeader)
    );
    assert_eq!(approve(course, &leader()).unwrap().stage, Stage::Approved);
}

#[test]
fn the_author_may_mark_but_not_unmark_and_some_categories_are_always_major() {
    let course = begin()
        .mark_major(&who(AUTHOR, Role::Author), "重要".into(), start())
        .unwrap();
    assert!(
        course
            .clone()
            .unmark_major(&who(AUTHOR, Role::Author), "算了", start())
            .is_err()
    );
    assert!(
        course
            .clone()
            .unmark_major(&admin(), "普通通知", start())
            .is_ok()
    );
    let outsider = who(PersonId(9), Role::Moderator);
    assert_eq!(
        begin().mark_major(&outsider, "x".into(), start()),
        Err(Refusal::NotOnTheWay)
    );
    let mut it = submission(1, Law::of_the_rule());
    it.always_major = true;
    let always = Course::begin(ManuscriptId(1), it);
    assert_eq!(
        always.unmark_major(&chief(), "不算", start()),
        Err(Refusal::AlwaysMajor)
    );
}

#[test]
fn what_someone_took_is_theirs_for_a_while() {
    let until = start() + TimeDelta::hours(4);
    let course = begin().take(&admin(), start(), until).unwrap();
    let other = who(PersonId(8), Role::ChannelDeputy);
    assert!(matches!(
        approve(course.clone(), &other),
        Err(Refusal::Held { by: ADMIN, .. })
    ));
    assert_eq!(
        course.clone().take(&admin(), start(), until),
        Err(Refusal::HeldByYou)
    );
    assert_eq!(
        course.clone().release(PersonId(8), start()),
        Err(Refusal::NotHeldByYou)
    );
    assert!(approve(course.clone().release(ADMIN, start()).unwrap(), &other).is_ok());
    // It runs out by itself.
    let said = agreed(&course, &[]);
    assert!(course.clone().approve(&other, said, until).is_ok());
    assert!(approve(course, &admin()).is_ok());
}

#[test]
fn recalled_and_discarded_manuscripts_are_nobodys_to_approve() {
    let recalled = begin().recall(AUTHOR, start()).unwrap();
    assert_eq!(
        approve(recalled.clone(), &admin()),
        Err(Refusal::NotReviewing(Stage::Recalled))
    );
    assert_eq!(begin().recall(ADMIN, start()), Err(Refusal::NotTheAuthor));
    let gone = recalled
        .discard(&who(AUTHOR, Role::Author), "不写了".into(), start())
        .unwrap();
    assert_eq!(
        gone.clone().submit(submission(2, Law::of_the_rule())),
        Err(Refusal::Closed)
    );
    assert_eq!(
        gone.recall(AUTHOR, start()),
        Err(Refusal::NotRecallable(Stage::Discarded))
    );
    assert_eq!(
        begin().discard(&admin(), String::new(), start()),
        Err(Refusal::WhyMissing)
    );
    assert_eq!(
        begin()
            .discard(&admin(), "与定位不符".into(), start())
            .unwrap()
            .stage,
        Stage::Discarded
    );
    assert!(
        approved().discard(&chief(), "撤".into(), start()).is_err(),
        "approved content is withdrawn"
    );
}

#[test]
fn named_persons_alone_act_at_their_level() {
    let mut law = Law::of_the_rule();
    law.levels[0].persons = vec![ADMIN];
    let course = Course::begin(ManuscriptId(1), submission(1, law));
    let other = who(PersonId(8), Role::ChannelAdmin);
    assert_eq!(
        approve(course.clone(), &other),
        Err(Refusal::NotNamed(Level::One))
    );
    let for_named = Standing {
        person: PersonId(8),
        held: vec![(Role::ChannelAdmin, Some(ADMIN))],
    };
    assert!(approve(course, &for_named).is_ok());
}

#[test]
fn a_paper_is_entered_by_someone_who_has_no_other_part_in_it() {
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let slip = || Slip {
        verdict: Verdict::Approve,
        said: why("同意"),
        decided_on: day(20),
        number: "审〔2026〕1号".into(),
        scan: hash(99),
    };
    let days = (day(20), day(21));
    let officer = [Party::own(PersonId(8))];
    let enter =
        |course: Course, by: &[Party], slip| course.record_paper(&admin(), by, slip, days, start());
    let done = enter(begin(), &officer, slip()).unwrap();
    assert_eq!(done.level, Level::Two);
    // Both stand behind it: neither takes another level.
    for person in [ADMIN, PersonId(8)] {
        assert_eq!(
            approve(done.clone(), &who(person, Role::UnitHead)),
            Err(Refusal::ActedBefore(Level::One))
        );
    }
    assert_eq!(
        enter(begin(), &[Party::own(AUTHOR)], slip()),
        Err(Refusal::RecorderIsAuthor)
    );
    assert_eq!(
        enter(begin(), &[Party::own(ADMIN)], slip()),
        Err(Refusal::RecorderDecides)
    );
    assert_eq!(enter(begin(), &[], slip()), Err(Refusal::MayNotRecord));
    let mut early = slip();
    early.decided_on = day(19);
    assert_eq!(
        enter(begin(), &officer, early),
        Err(Refusal::PaperBeforeSubmission)
    );
    let mut nameless = slip();
    nameless.number = " ".into();
    assert_eq!(
        enter(begin(), &officer, nameless),
        Err(Refusal::PaperNumberMissing)
    );
    let own = begin().record_paper(
        &who(AUTHOR, Role::ChannelAdmin),
        &officer,
        slip(),
        days,
        start(),
    );
    assert_eq!(own, Err(Refusal::DeciderIsAuthor));
}

#[test]
fn the_publicity_departments_own_channels_need_other_people() {
    let usual = Law::of_the_rule().route();
    let seats = |route: &crate::course::Route| route.seats();
    let deputy = usual.clone().of_publicity(OwnChannels::DeputyReviews);
    assert_eq!(
        seats(&deputy),
        [
            Seat::ChannelAdmin,
            Seat::PublicityDeputy,
            Seat::PublicityHead,
            Seat::PortfolioLeader
        ]
    );
    let leader = usual.of_publicity(OwnChannels::LeaderDecides);
    assert_eq!(
        seats(&leader),
        [
            Seat::ChannelAdmin,
            Seat::PublicityHead,
            Seat::PortfolioLeader
        ]
    );
}

#[test]
fn levels_that_different_people_cannot_fill_are_found_before_they_wait() {
    let route = Law::of_the_rule().route();
    let levels = [Level::One, Level::Two, Level::Three];
    let own = |id| Party::own(PersonId(id));
    let nobody = |_| BTreeSet::new();
    let enough = staff(&route, &levels, nobody, |level| {
        vec![own(i64::from(level.rank()))]
    });
    assert_eq!(enough, Ok(()));
    let none = staff(&route, &levels, nobody, |level| match level {
        Level::Three => vec![],
        level => vec![own(i64::from(level.rank()))],
    });
    assert_eq!(
        none.unwrap_err().to_string(),
        "“终审”还没有人担任宣传部负责人，提交后无人办理。请联系安全管理员授予该角色。"
    );
    let same = staff(&route, &levels, nobody, |level| match level {
        Level::Three => vec![own(1)],
        _ => vec![own(2)],
    });
    assert_eq!(same, Err(Shortage::TooFew(vec![Level::One, Level::Two])));
    let author = staff(
        &route,
        &levels,
        |_| BTreeSet::from([PersonId(1)]),
        |level| vec![own(i64::from(level.rank()))],
    );
    assert!(matches!(
        author,
        Err(Shortage::OnlyAuthors {
            level: Level::One,
            ..
        })
    ));
    // One who stands in for another fills one place, not two.
    let x_for_y = |level: Level| match level {
        Level::One => vec![own(1)],
        _ => vec![
            Party {
                person: PersonId(2),
                on_behalf_of: Some(PersonId(1)),
            },
            own(3),
        ],
    };
    assert_eq!(
        staff(&route, &levels, nobody, x_for_y),
        Err(Shortage::TooFew(vec![Level::One, Level::Two, Level::Three]))
    );
}

#[test]
fn the_slower_of_two_is_told_who_was_faster() {
    let course = approve(begin(), &admin()).unwrap();
    assert!(matches!(
        course.overtaken(Level::One),
        Some(Refusal::AlreadyDone {
            level: Level::One,
            now: Level::Two,
            person: ADMIN,
            ..
        })
    ));
    assert_eq!(course.overtaken(Level::Two), None);
}
