//! The state machine by itself: what is refused, and in which words.

use crate::{
    course::rules::{
        About, Checked, Course, Law, Level, OwnChannels, Party, ProofRecord, Refusal, Said, Seat,
        Shortage, Slip, Stage, Standing, Submission, Target, Verdict, staff,
    },
    ids::{ManuscriptId, VersionId},
};
use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
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

fn begin() -> Course {
    Course::begin(ManuscriptId(1), submission(1, Law::of_the_rule()))
}

pub fn who(person: PersonId, role: Role) -> Standing {
    Standing {
        person,
        held: vec![(role, None)],
    }
}

fn admin() -> Standing {
    who(ADMIN, Role::ChannelAdmin)
}

fn head() -> Standing {
    who(HEAD, Role::UnitHead)
}

fn chief() -> Standing {
    who(CHIEF, Role::PublicityHead)
}

fn leader() -> Standing {
    who(LEADER, Role::PortfolioLeader)
}

/// Everything that the level of a course wants said.
pub fn all_said(course: &Course) -> Said {
    let rung = course.law.rung(course.level);
    Said {
        opinion: "同意".into(),
        checklist: rung.map_or(vec![], |rung| {
            let tick = |point: &crate::course::Point| Checked {
                text: point.text.clone(),
                required: point.required,
                ok: true,
            };
            rung.checklist.iter().map(tick).collect()
        }),
        proofread: rung
            .and_then(|rung| rung.proofread)
            .map(|which| ProofRecord {
                which,
                errors: vec![],
            }),
        asked: vec![],
    }
}

fn approve(course: Course, by: &Standing) -> Result<Course, Refusal> {
    let said = all_said(&course);
    course.approve(by, said, start())
}

fn why(text: &str) -> Said {
    Said {
        opinion: text.into(),
        ..Said::default()
    }
}

fn approved() -> Course {
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
    let mut said = all_said(&begin());
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
    let said = all_said(&course);
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
