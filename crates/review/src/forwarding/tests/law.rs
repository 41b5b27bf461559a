//! Who answers and who closes, and when it is late.

use crate::{
    course::Party,
    forwarding::{
        Forwarding, Handling, Harm, Outcome, Refusal, Stage,
        rules::{Addressed, due, staffed},
    },
    ids::{ForwardingId, ManuscriptId, VersionId},
};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use std::collections::BTreeSet;
use zhendi_kernel::{PersonId, UnitId, files::ContentHash};

const GUARD: UnitId = UnitId(5);
const LAW: UnitId = UnitId(6);
const AUTHOR: PersonId = PersonId(1);
const MAKER: PersonId = PersonId(2);
const HEAD: PersonId = PersonId(3);
const OTHER: PersonId = PersonId(4);
const OFFICER: PersonId = PersonId(5);

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 20, 6, 0, 0).unwrap()
}

fn one(units: &[UnitId]) -> Forwarding {
    Forwarding {
        id: ForwardingId(1),
        version: 1,
        manuscript: ManuscriptId(1),
        content: VersionId(1),
        hash: ContentHash::of(b"text"),
        publication: None,
        unit: UnitId(2),
        channel: None,
        title: "通知".into(),
        kind: Harm::Illegal,
        why: "代考广告".into(),
        quote: String::new(),
        by: Party::own(MAKER),
        at: start(),
        due: due(start()),
        units: units
            .iter()
            .map(|unit| Addressed {
                id: 0,
                unit: *unit,
                answer: None,
            })
            .collect(),
        closing: None,
    }
}

fn authors() -> BTreeSet<PersonId> {
    BTreeSet::from([AUTHOR])
}

fn for_other(person: PersonId, on_behalf_of: PersonId) -> Party {
    Party {
        person,
        on_behalf_of: Some(on_behalf_of),
    }
}

fn said() -> (Handling, String) {
    (Handling::Handled, "已删除。".into())
}

fn end() -> (Outcome, String) {
    (Outcome::Confirmed, "属实。".into())
}

#[test]
fn each_department_answers_for_itself() {
    let mut it = one(&[GUARD, LAW]);
    let refused = |it: &Forwarding, unit, by: &[Party]| it.may_answer(unit, by, &authors()).err();
    assert_eq!(refused(&it, GUARD, &[]), Some(Refusal::NotTheHead));
    assert_eq!(
        refused(&it, UnitId(9), &[Party::own(HEAD)]),
        Some(Refusal::NotTheHead),
        "not addressed"
    );
    for own in [Party::own(AUTHOR), for_other(HEAD, AUTHOR)] {
        assert_eq!(refused(&it, GUARD, &[own]), Some(Refusal::OwnText));
    }
    let by = it
        .answer(GUARD, &[Party::own(HEAD)], &authors(), said(), start())
        .unwrap();
    assert_eq!(by, Party::own(HEAD));
    assert_eq!(
        refused(&it, GUARD, &[Party::own(OTHER)]),
        Some(Refusal::AnsweredAlready)
    );
    // Whether themselves or by delegation: who answered for one answers for no other.
    for again in [
        Party::own(HEAD),
        for_other(OTHER, HEAD),
        for_other(HEAD, OTHER),
    ] {
        assert_eq!(
            refused(&it, LAW, &[again]),
            Some(Refusal::AnsweredElsewhere)
        );
    }
    // Of several ways the one that is open is taken.
    let ways = [for_other(OTHER, HEAD), Party::own(OTHER)];
    let by = it.answer(LAW, &ways, &authors(), said(), start()).unwrap();
    assert_eq!(by, Party::own(OTHER));
    assert_eq!(it.stage(), Stage::Answered);
}

#[test]
fn it_is_closed_when_all_have_answered_and_by_nobody_who_did() {
    let mut it = one(&[GUARD]);
    let officer = [Party::own(OFFICER)];
    assert_eq!(
        it.may_close(OFFICER, &officer, &authors()),
        Err(Refusal::Unanswered)
    );
    it.answer(
        GUARD,
        &[for_other(HEAD, OTHER)],
        &authors(),
        said(),
        start(),
    )
    .unwrap();
    assert_eq!(
        it.may_close(HEAD, &[], &authors()),
        Err(Refusal::MayNotClose)
    );
    for party in [
        Party::own(HEAD),
        Party::own(OTHER),
        for_other(OFFICER, OTHER),
    ] {
        assert_eq!(
            it.may_close(party.person, &[party], &authors()),
            Err(Refusal::OwnAnswer)
        );
    }
    assert_eq!(
        it.may_close(AUTHOR, &[Party::own(AUTHOR)], &authors()),
        Err(Refusal::OwnText)
    );
    // Whoever forwarded it may, without any other role.
    assert_eq!(it.may_close(MAKER, &[], &authors()), Ok(Party::own(MAKER)));
    it.close(OFFICER, &officer, &authors(), end(), start())
        .unwrap();
    assert_eq!(it.stage(), Stage::Closed);
    assert_eq!(
        it.close(MAKER, &[], &authors(), end(), start()),
        Err(Refusal::Closed)
    );
}

#[test]
fn a_day_is_a_day() {
    let mut it = one(&[GUARD]);
    let day = start() + TimeDelta::hours(24);
    assert_eq!(it.due, day);
    assert!(!it.is_overdue(day));
    assert!(it.is_overdue(day + TimeDelta::seconds(1)));
    it.answer(GUARD, &[Party::own(HEAD)], &authors(), said(), start())
        .unwrap();
    assert!(!it.is_overdue(day + TimeDelta::days(3)), "answered in time");
}

#[test]
fn every_department_needs_a_head_of_its_own() {
    let own = Party::own;
    let ask = |units: &[Vec<Party>]| staffed(units, &authors());
    assert_eq!(ask(&[vec![own(HEAD)], vec![own(OTHER)]]), Ok(()));
    assert_eq!(ask(&[vec![]]), Err(0));
    assert_eq!(ask(&[vec![own(HEAD)], vec![own(AUTHOR)]]), Err(1));
    assert_eq!(ask(&[vec![own(HEAD)], vec![own(HEAD)]]), Err(1));
    // A delegate is no second head.
    let delegated = vec![own(HEAD), for_other(OTHER, HEAD)];
    assert_eq!(ask(&[delegated, vec![own(HEAD)]]), Err(1));
    // One makes place for the other.
    assert_eq!(ask(&[vec![own(HEAD), own(OTHER)], vec![own(HEAD)]]), Ok(()));
}
