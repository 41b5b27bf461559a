//! The law of filing, case by case and against random sequences.

use crate::filing::{
    route::{Route, Shortage, staff, staff_from},
    rules::{Act, Course, Party, Refusal, Slip, Stage, Standing, Step, Verdict},
};
use crate::settings::PublicityRoute;
use chrono::{DateTime, NaiveDate, Utc};
use proptest::{collection::vec, option, prelude::*};
use std::collections::BTreeSet;
use zhendi_kernel::{PersonId, Role};

const AUTHOR: PersonId = PersonId(1);
const HEAD: PersonId = PersonId(2);
const OFFICER: PersonId = PersonId(3);
const CHIEF: PersonId = PersonId(4);

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn alone(person: PersonId) -> Party {
    Party {
        person,
        on_behalf_of: None,
    }
}

fn holds(person: PersonId, held: &[(Role, Option<PersonId>)]) -> Standing {
    Standing {
        person,
        held: held.to_vec(),
    }
}

fn head() -> Standing {
    holds(HEAD, &[(Role::UnitHead, None)])
}

fn submitted() -> Course {
    Course::begin(alone(AUTHOR), Route::USUAL)
        .submit(AUTHOR, Route::USUAL)
        .unwrap()
}

fn agree(course: Course, step: Step, by: &Standing) -> Result<Course, Refusal> {
    course.agree(step, by, "同意".into(), at())
}

#[test]
fn three_steps_in_order_make_it_effective() {
    let course = agree(submitted(), Step::Signature, &head()).unwrap();
    assert_eq!(course.stage, Stage::Awaiting(Step::Check));
    let officer = holds(OFFICER, &[(Role::PublicityOfficer, None)]);
    let chief = holds(CHIEF, &[(Role::PublicityHead, None)]);
    assert_eq!(
        agree(course.clone(), Step::Decision, &chief),
        Err(Refusal::NotAwaiting {
            now: Stage::Awaiting(Step::Check),
            wanted: Step::Decision
        })
    );
    let course = agree(course, Step::Check, &officer).unwrap();
    let course = agree(course, Step::Decision, &chief).unwrap();
    assert_eq!(course.stage, Stage::Effective);
    assert_eq!(course.acts.len(), 3);
}

#[test]
fn nobody_signs_without_the_role_or_their_own_work() {
    assert_eq!(
        agree(
            submitted(),
            Step::Signature,
            &holds(HEAD, &[(Role::PublicityHead, None)])
        ),
        Err(Refusal::NotYourStep {
            step: Step::Signature,
            role: Role::UnitHead
        })
    );
    assert_eq!(
        agree(
            submitted(),
            Step::Signature,
            &holds(AUTHOR, &[(Role::UnitHead, None)])
        ),
        Err(Refusal::OwnWork)
    );
}

#[test]
fn whoever_the_author_wrote_for_is_an_author_too() {
    let wrote_for = Party {
        person: AUTHOR,
        on_behalf_of: Some(HEAD),
    };
    let course = Course::begin(wrote_for, Route::USUAL)
        .submit(HEAD, Route::USUAL)
        .unwrap();
    assert_eq!(
        agree(course.clone(), Step::Signature, &head()),
        Err(Refusal::OwnWork)
    );
    let stand_in = holds(PersonId(9), &[(Role::UnitHead, Some(HEAD))]);
    assert_eq!(
        agree(course, Step::Signature, &stand_in),
        Err(Refusal::OwnWorkOfPrincipal)
    );
}

#[test]
fn an_act_counts_for_both_at_every_later_step() {
    let stand_in = PersonId(9);
    let course = agree(
        submitted(),
        Step::Signature,
        &holds(stand_in, &[(Role::UnitHead, Some(HEAD))]),
    )
    .unwrap();
    let officer = |person, on_behalf_of| holds(person, &[(Role::PublicityOfficer, on_behalf_of)]);
    assert_eq!(
        agree(course.clone(), Step::Check, &officer(stand_in, None)),
        Err(Refusal::ActedBefore(Step::Signature))
    );
    assert_eq!(
        agree(course.clone(), Step::Check, &officer(HEAD, None)),
        Err(Refusal::ActedBefore(Step::Signature))
    );
    for principal in [HEAD, stand_in] {
        assert_eq!(
            agree(
                course.clone(),
                Step::Check,
                &officer(OFFICER, Some(principal))
            ),
            Err(Refusal::PrincipalActedBefore(Step::Signature))
        );
    }
    // The same person may act for someone who had no hand in it.
    assert!(agree(course, Step::Check, &officer(OFFICER, Some(PersonId(11)))).is_ok());
}

#[test]
fn ones_own_role_comes_before_a_delegated_one() {
    let both = holds(
        HEAD,
        &[(Role::UnitHead, Some(AUTHOR)), (Role::UnitHead, None)],
    );
    let course = agree(submitted(), Step::Signature, &both).unwrap();
    assert_eq!(course.acts[0].on_behalf_of, None);
}

#[test]
fn the_second_to_sign_is_told_who_did() {
    let course = agree(submitted(), Step::Signature, &head()).unwrap();
    let second = holds(PersonId(8), &[(Role::UnitHead, None)]);
    assert_eq!(
        agree(course, Step::Signature, &second),
        Err(Refusal::AlreadyDone {
            step: Step::Signature,
            person: HEAD,
            at: at()
        })
    );
}

#[test]
fn a_return_needs_a_reason_and_begins_a_new_round() {
    assert_eq!(
        submitted().send_back(&head(), " \n".into(), at()),
        Err(Refusal::ReasonMissing)
    );
    let back = submitted()
        .send_back(&head(), "名称不符".into(), at())
        .unwrap();
    assert_eq!(back.stage, Stage::Returned);
    assert_eq!(
        back.clone().submit(HEAD, Route::USUAL),
        Err(Refusal::NotTheAuthor)
    );
    let again = back.submit(AUTHOR, Route::USUAL).unwrap();
    assert_eq!(
        (again.stage, again.round),
        (Stage::Awaiting(Step::Signature), 2)
    );
    assert_eq!(again.acts[0].verdict, Verdict::Returned);
    // Who returned it may sign the corrected one.
    assert!(agree(again, Step::Signature, &head()).is_ok());
}

#[test]
fn only_the_author_and_the_unit_head_withdraw_and_never_what_is_in_force() {
    let officer = holds(OFFICER, &[(Role::PublicityOfficer, None)]);
    assert_eq!(submitted().withdraw(&officer), Err(Refusal::MayNotWithdraw));
    assert_eq!(
        submitted().withdraw(&head()).unwrap().stage,
        Stage::Withdrawn
    );
    let gone = submitted().withdraw(&holds(AUTHOR, &[])).unwrap();
    assert_eq!(
        gone.clone().withdraw(&head()),
        Err(Refusal::NotWithdrawable(Stage::Withdrawn))
    );
    assert_eq!(
        gone.submit(AUTHOR, Route::USUAL),
        Err(Refusal::NotOpenToAuthor(Stage::Withdrawn))
    );
}

#[test]
fn the_publicity_departments_own_filings_go_another_way() {
    assert_eq!(
        Route::of(false, PublicityRoute::LeaderDecides),
        Route::USUAL
    );
    let deputy = Route::of(true, PublicityRoute::DeputySigns);
    assert_eq!(
        (deputy.signature, deputy.decision),
        (Role::PublicityDeputy, Role::PublicityHead)
    );
    let leader = Route::of(true, PublicityRoute::LeaderDecides);
    assert_eq!(
        (leader.signature, leader.decision),
        (Role::PublicityHead, Role::PortfolioLeader)
    );
}

#[test]
fn a_shortage_names_the_step() {
    let who = |signature: &[i64], check: &[i64], decision: &[i64]| {
        let lists = [signature, check, decision].map(|list| {
            list.iter()
                .map(|id| alone(PersonId(*id)))
                .collect::<Vec<_>>()
        });
        staff(&Route::USUAL, alone(AUTHOR), |step| {
            lists[step as usize].clone()
        })
    };
    assert_eq!(who(&[2], &[3], &[4]), Ok(()));
    assert_eq!(
        who(&[2], &[], &[4]),
        Err(Shortage::Nobody {
            step: Step::Check,
            role: Role::PublicityOfficer
        })
    );
    assert_eq!(
        who(&[1], &[3], &[4]),
        Err(Shortage::OnlyTheAuthor {
            step: Step::Signature,
            role: Role::UnitHead
        })
    );
    assert_eq!(
        who(&[2], &[3], &[3]),
        Err(Shortage::TooFew(vec![Step::Check, Step::Decision]))
    );
    assert_eq!(
        who(&[2, 3], &[2, 3], &[2, 3]),
        Err(Shortage::TooFew(Step::ALL.to_vec()))
    );
    assert!(
        Shortage::TooFew(vec![Step::Check])
            .to_string()
            .contains("“宣传部审核”")
    );
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

fn slip(verdict: Verdict, decided_on: NaiveDate) -> Slip {
    Slip {
        verdict,
        opinion: "同意".into(),
        decided_on,
        number: "宣函 1 号".into(),
        scan: Some(7),
    }
}

fn on_paper(course: Course, decider: &Standing, recorder: &[Party]) -> Result<Course, Refusal> {
    let slip = slip(Verdict::Agreed, day(20));
    course.record_paper(decider, recorder, slip, (day(18), day(20)), at())
}

#[test]
fn a_paper_counts_for_who_decided_and_for_who_entered_it() {
    let course = on_paper(submitted(), &head(), &[alone(OFFICER)]).unwrap();
    assert_eq!(course.stage, Stage::Awaiting(Step::Check));
    let act = &course.acts[0];
    assert_eq!((act.person, act.step), (HEAD, Step::Signature));
    let paper = act.paper.as_ref().unwrap();
    assert_eq!((paper.recorded_by, paper.scan), (alone(OFFICER), 7));
    assert!(course.barred().is_superset(&[AUTHOR, HEAD, OFFICER].into()));
    // Who entered it stands at no other step, for nobody, on no other paper.
    let officer = holds(OFFICER, &[(Role::PublicityOfficer, None)]);
    assert_eq!(
        agree(course.clone(), Step::Check, &officer),
        Err(Refusal::ActedBefore(Step::Signature))
    );
    let second = holds(PersonId(9), &[(Role::PublicityOfficer, None)]);
    assert_eq!(
        on_paper(course.clone(), &second, &[alone(OFFICER)]),
        Err(Refusal::RecorderActed(Step::Signature))
    );
    assert!(agree(course, Step::Check, &second).is_ok());
}

#[test]
fn nobody_enters_their_own_decision_or_filing() {
    let chief_for = |person| Party {
        person,
        on_behalf_of: Some(HEAD),
    };
    for (recorder, refusal) in [
        (vec![], Refusal::MayNotRecord),
        (vec![alone(AUTHOR)], Refusal::RecorderIsAuthor),
        (vec![alone(HEAD)], Refusal::RecorderDecides),
        (vec![chief_for(CHIEF)], Refusal::RecorderDecides),
    ] {
        assert_eq!(on_paper(submitted(), &head(), &recorder), Err(refusal));
    }
    // On the own account where the delegated one would not do.
    let both = [chief_for(CHIEF), alone(CHIEF)];
    assert!(on_paper(submitted(), &head(), &both).is_ok());
    assert_eq!(
        on_paper(submitted(), &holds(HEAD, &[]), &[alone(OFFICER)]),
        Err(Refusal::DeciderLacksRole {
            step: Step::Signature,
            role: Role::UnitHead
        })
    );
    assert_eq!(
        on_paper(
            submitted(),
            &holds(AUTHOR, &[(Role::UnitHead, None)]),
            &[alone(OFFICER)]
        ),
        Err(Refusal::DeciderIsAuthor)
    );
    let signed = agree(submitted(), Step::Signature, &head()).unwrap();
    assert_eq!(
        on_paper(
            signed,
            &holds(HEAD, &[(Role::PublicityOfficer, None)]),
            &[alone(OFFICER)]
        ),
        Err(Refusal::DeciderActed(Step::Signature))
    );
    assert_eq!(
        on_paper(
            Course::begin(alone(AUTHOR), Route::USUAL),
            &head(),
            &[alone(OFFICER)]
        ),
        Err(Refusal::NothingToReturn(Stage::Draft))
    );
}

#[test]
fn a_paper_has_a_day_a_number_and_a_scan() {
    let enter =
        |slip| submitted().record_paper(&head(), &[alone(OFFICER)], slip, (day(18), day(20)), at());
    let good = || slip(Verdict::Agreed, day(19));
    assert!(enter(good()).is_ok());
    assert_eq!(
        enter(slip(Verdict::Agreed, day(21))),
        Err(Refusal::PaperInFuture)
    );
    assert_eq!(
        enter(slip(Verdict::Agreed, day(17))),
        Err(Refusal::PaperBeforeSubmission)
    );
    let mut without = good();
    without.number = " ".into();
    assert_eq!(enter(without), Err(Refusal::PaperNumberMissing));
    let mut without = good();
    without.scan = None;
    assert_eq!(enter(without), Err(Refusal::PaperScanMissing));
    let mut back = slip(Verdict::Returned, day(19));
    assert_eq!(enter(back.clone()).unwrap().stage, Stage::Returned);
    back.opinion = String::new();
    assert_eq!(enter(back), Err(Refusal::ReasonMissing));
}

#[test]
fn who_enters_a_paper_must_not_be_the_last_for_a_later_step() {
    let at = |step: Step| match step {
        Step::Signature => vec![alone(HEAD)],
        Step::Check => vec![alone(OFFICER)],
        Step::Decision => vec![alone(CHIEF)],
    };
    let barred = |people: &[PersonId]| people.iter().copied().collect::<BTreeSet<_>>();
    let free = barred(&[AUTHOR, HEAD, PersonId(9)]);
    assert_eq!(staff_from(Step::Check, &Route::USUAL, &free, at), Ok(()));
    let last = barred(&[AUTHOR, HEAD, OFFICER]);
    assert_eq!(
        staff_from(Step::Check, &Route::USUAL, &last, at),
        Err(Shortage::OnlyTheAuthor {
            step: Step::Check,
            role: Role::PublicityOfficer
        })
    );
}

fn person() -> impl Strategy<Value = PersonId> {
    (1..7i64).prop_map(PersonId)
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(vec![
        Role::UnitHead,
        Role::PublicityOfficer,
        Role::PublicityHead,
        Role::UnitLiaison,
    ])
}

fn party() -> impl Strategy<Value = Party> {
    (person(), option::weighted(0.3, person())).prop_map(|(person, on_behalf_of)| Party {
        person,
        on_behalf_of: on_behalf_of.filter(|principal| *principal != person),
    })
}

fn standing() -> impl Strategy<Value = Standing> {
    (
        person(),
        vec((role(), option::weighted(0.4, person())), 0..4),
    )
        .prop_map(|(person, held)| Standing { person, held })
}

#[derive(Clone, Debug)]
enum Move {
    Submit(PersonId),
    Agree(Step, Standing),
    Return(Standing),
    Withdraw(Standing),
    Paper(Verdict, Standing, Vec<Party>),
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        3 => person().prop_map(Move::Submit),
        9 => (prop::sample::select(Step::ALL.to_vec()), standing()).prop_map(|(step, by)| Move::Agree(step, by)),
        1 => standing().prop_map(Move::Return),
        1 => standing().prop_map(Move::Withdraw),
        5 => (prop::bool::weighted(0.9), standing(), vec(party(), 0..3)).prop_map(|(agreed, by, recorder)| {
            Move::Paper(if agreed { Verdict::Agreed } else { Verdict::Returned }, by, recorder)
        }),
    ]
}

/// Everyone behind an act: who decided and who entered it, with those they acted for.
fn behind(act: &Act) -> BTreeSet<PersonId> {
    let recorder = act.paper.iter().flat_map(|paper| {
        std::iter::once(paper.recorded_by.person).chain(paper.recorded_by.on_behalf_of)
    });
    std::iter::once(act.person)
        .chain(act.on_behalf_of)
        .chain(recorder)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Whatever anyone tries in whatever order, nothing becomes effective without three different
    /// people with the right roles, none of them on the author's side, principals included.
    #[test]
    fn nothing_becomes_effective_without_three_different_people(
        author in party(), moves in vec(any_move(), 1..60)
    ) {
        let mut course = Course::begin(author, Route::USUAL);
        let mut standings: Vec<Standing> = vec![];
        for one in moves {
            let tried = course.clone();
            let (by, result) = match one {
                Move::Submit(by) => (None, tried.submit(by, Route::USUAL)),
                Move::Agree(step, by) => (Some(by.clone()), agree(tried, step, &by)),
                Move::Return(by) => (Some(by.clone()), tried.send_back(&by, "理由".into(), at())),
                Move::Withdraw(by) => (None, tried.withdraw(&by)),
                Move::Paper(verdict, by, recorder) => {
                    let slip = slip(verdict, day(19));
                    let entered = tried.record_paper(&by, &recorder, slip, (day(18), day(20)), at());
                    if let Ok(after) = &entered {
                        let act = after.acts.last().unwrap();
                        let paper = act.paper.as_ref().unwrap();
                        prop_assert!(recorder.contains(&paper.recorded_by));
                        let entering: BTreeSet<_> = paper.recorded_by.everyone().collect();
                        // Who enters a paper neither wrote the filing nor decided on it.
                        prop_assert!(author.everyone().all(|one| !entering.contains(&one)));
                        prop_assert!(!entering.contains(&act.person));
                        prop_assert!(act.on_behalf_of.is_none_or(|one| !entering.contains(&one)));
                    }
                    (Some(by), entered)
                }
            };
            if let Ok(after) = result {
                if after.acts.len() > course.acts.len() {
                    standings.push(by.unwrap());
                }
                course = after;
            }
        }
        prop_assert_eq!(course.acts.len(), standings.len());
        for (act, by) in course.acts.iter().zip(&standings) {
            let role = Route::USUAL.role(act.step);
            prop_assert_eq!(act.person, by.person);
            prop_assert!(by.held.contains(&(role, act.on_behalf_of)));
        }
        if course.stage == Stage::Effective {
            let last: Vec<&Act> = course.acts_now().collect();
            let steps: Vec<Step> = last.iter().map(|act| act.step).collect();
            prop_assert_eq!(steps, Step::ALL.to_vec());
            prop_assert!(last.iter().all(|act| act.verdict == Verdict::Agreed));
            let mut seen: BTreeSet<PersonId> = author.everyone().collect();
            for act in last {
                prop_assert!(seen.is_disjoint(&behind(act)));
                seen.extend(behind(act));
            }
        }
    }

    /// The staffing check says the same as trying every combination.
    #[test]
    fn staffing_agrees_with_brute_force(
        author in party(), lists in prop::array::uniform3(vec(party(), 0..6))
    ) {
        let everyone = |party: &Party| party.everyone().collect::<BTreeSet<_>>();
        let outside: BTreeSet<PersonId> = everyone(&author);
        let mut possible = false;
        for a in &lists[0] { for b in &lists[1] { for c in &lists[2] {
            let (a, b, c) = (everyone(a), everyone(b), everyone(c));
            possible |= [&a, &b, &c].iter().all(|set| set.is_disjoint(&outside))
                && a.is_disjoint(&b) && a.is_disjoint(&c) && b.is_disjoint(&c);
        }}}
        let said = staff(&Route::USUAL, author, |step| lists[step as usize].clone());
        prop_assert_eq!(said.is_ok(), possible, "{:?}", said);
    }

    /// What the staffing check lets through can really be carried out.
    #[test]
    fn who_staffs_a_route_can_walk_it(
        author in party(), lists in prop::array::uniform3(vec(party(), 1..4))
    ) {
        let route = Route::USUAL;
        if staff(&route, author, |step| lists[step as usize].clone()).is_ok() {
            let mut courses = vec![Course::begin(author, route).submit(author.person, route).unwrap()];
            for step in Step::ALL {
                courses = courses.iter().flat_map(|course| {
                    lists[step as usize].iter().filter_map(|party| {
                        let by = holds(party.person, &[(route.role(step), party.on_behalf_of)]);
                        agree(course.clone(), step, &by).ok()
                    }).collect::<Vec<_>>()
                }).collect();
            }
            prop_assert!(courses.iter().any(|course| course.stage == Stage::Effective));
        }
    }
}
