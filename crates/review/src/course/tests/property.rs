//! Whatever random people do in whatever order: nothing is approved, and so nothing published, that a full
//! set of different people has not agreed to.

use super::law::{hash, start, submission};
use crate::{
    course::rules::{Course, Law, Level, Party, Said, Slip, Stage, Standing, Target, Verdict},
    ids::{ApprovalId, ManuscriptId, VersionId},
    publication::Approval,
    testing::agreed,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::{collection::vec, prelude::*};
use std::collections::{BTreeMap, BTreeSet};
use zhendi_kernel::{ChannelId, PersonId, Role, files::ContentHash};

const ROLES: [Role; 7] = [
    Role::ChannelAdmin,
    Role::ChannelDeputy,
    Role::UnitHead,
    Role::PublicityHead,
    Role::PublicityDeputy,
    Role::PortfolioLeader,
    Role::Author,
];

/// Everything that anybody can try.
#[derive(Clone, Debug)]
enum Act {
    /// The content is edited: 0 as before, else another; small or not; who joins the writers.
    Submit {
        content: i64,
        small: bool,
        coauthor: Option<i64>,
        elsewhere: bool,
        major: bool,
        always: bool,
        newer: bool,
    },
    Approve {
        complete: bool,
    },
    Reapprove,
    ReturnToAuthor,
    ReturnTo(usize),
    Take,
    Release,
    Recall,
    Mark,
    Unmark,
    Discard,
    Paper {
        decider: i64,
        verdict: bool,
    },
    /// The acting person gets or loses a role, their own or for somebody.
    Role {
        role: usize,
        behalf: Option<i64>,
        gain: bool,
    },
    Wait(i64),
    /// Somebody tries to publish this content on this channel.
    Publish {
        content: i64,
        channel: i64,
    },
}

fn acts() -> impl Strategy<Value = (i64, Act)> {
    let person = 1i64..8;
    let some = prop::option::weighted(0.3, 1i64..8);
    let act = prop_oneof![
        4 => (1i64..6, any::<bool>(), prop::option::weighted(0.15, 1i64..8), prop::bool::weighted(0.1), prop::bool::weighted(0.15), prop::bool::weighted(0.05), prop::bool::weighted(0.2))
            .prop_map(|(content, small, coauthor, elsewhere, major, always, newer)| Act::Submit { content, small, coauthor, elsewhere, major, always, newer }),
        14 => prop::bool::weighted(0.95).prop_map(|complete| Act::Approve { complete }),
        5 => Just(Act::Reapprove),
        2 => Just(Act::ReturnToAuthor),
        1 => (0usize..4).prop_map(Act::ReturnTo),
        1 => Just(Act::Take),
        1 => Just(Act::Release),
        1 => Just(Act::Recall),
        1 => Just(Act::Mark),
        1 => Just(Act::Unmark),
        1 => prop::bool::weighted(0.1).prop_map(|rare| if rare { Act::Discard } else { Act::Reapprove }),
        2 => (1i64..8, prop::bool::weighted(0.8)).prop_map(|(decider, verdict)| Act::Paper { decider, verdict }),
        3 => (0usize..ROLES.len(), some, prop::bool::weighted(0.8)).prop_map(|(role, behalf, gain)| Act::Role { role, behalf, gain }),
        1 => (1i64..1000).prop_map(Act::Wait),
        2 => (1i64..6, 1i64..3).prop_map(|(content, channel)| Act::Publish { content, channel }),
    ];
    (person, act)
}

fn laws() -> impl Strategy<Value = Law> {
    (any::<bool>(), 0usize..4, prop::bool::weighted(0.2)).prop_map(|(author, restart, two)| {
        let mut law = Law::of_the_rule();
        law.author_may_take_first = author;
        law.restart = [Level::One, Level::One, Level::Two, Level::Three][restart];
        if two && law.restart != Level::Two {
            law.levels.remove(1);
        }
        law
    })
}

/// A witness who only writes down who agreed to what, and believes nobody.
#[derive(Default)]
struct Witness {
    /// Who agreed at which level to which content, with the writers as they then were.
    agreed: Vec<(Level, ContentHash, BTreeSet<PersonId>)>,
    writers: BTreeSet<PersonId>,
    /// Content that reached its approval, where, and when that ends.
    approved: Vec<(ContentHash, ChannelId, DateTime<Utc>)>,
    published: Vec<(ContentHash, ChannelId)>,
}

impl Witness {
    /// What must be true the moment a course is approved.
    fn judge(&mut self, course: &Course, now: DateTime<Utc>) -> Result<(), TestCaseError> {
        let (_, content) = course.content();
        let stand = course.standing();
        let needed: Vec<Level> = course.levels().collect();
        prop_assert_eq!(
            stand.keys().copied().collect::<Vec<_>>(),
            needed.clone(),
            "a full set"
        );
        prop_assert!(needed.len() >= 2);
        if course.major {
            prop_assert!(
                needed.contains(&Level::Leader),
                "major matters have the leader's agreement"
            );
        }
        let mut seen: BTreeMap<PersonId, Level> = BTreeMap::new();
        for (level, one) in &stand {
            let people: BTreeSet<PersonId> = one.everyone().collect();
            for person in &people {
                prop_assert!(
                    seen.insert(*person, *level).is_none(),
                    "{person:?} stands at two levels"
                );
                let own = self.writers.contains(person);
                let allowed = *level == Level::One && course.law.author_may_take_first;
                prop_assert!(!own || allowed, "{person:?} approved their own text");
            }
            // The witness saw just these agree at just this level.
            let exact = self
                .agreed
                .iter()
                .any(|(at, what, who)| at == level && what == content && *who == people);
            let before = self
                .agreed
                .iter()
                .any(|(at, _, who)| at == level && *who == people);
            prop_assert!(before, "{level} agreed without anyone seeing it");
            let restarts_above = course.law.restart > *level;
            prop_assert!(exact || restarts_above, "{level} agreed to another content");
        }
        // Whoever decided last of all saw exactly this.
        let last = stand.values().next_back().map(|one| &one.hash);
        prop_assert_eq!(last, Some(content));
        let until = now + TimeDelta::days(i64::from(course.law.valid_days));
        self.approved
            .push((content.clone(), course.about.channel, until));
        Ok(())
    }
}

fn roles_of(held: &[(i64, Role, Option<i64>)], person: i64) -> Standing {
    Standing {
        person: PersonId(person),
        held: held
            .iter()
            .filter(|(who, _, _)| *who == person)
            .map(|(_, role, behalf)| (*role, behalf.map(PersonId)))
            .collect(),
    }
}

fn run(law: Law, story: Vec<(i64, Act)>) -> Result<usize, TestCaseError> {
    let mut held = vec![
        (2, Role::ChannelAdmin, None),
        (3, Role::UnitHead, None),
        (4, Role::PublicityHead, None),
        (5, Role::PortfolioLeader, None),
        (6, Role::ChannelDeputy, None),
        (7, Role::UnitHead, Some(3)),
    ];
    let mut witness = Witness::default();
    let mut course: Option<Course> = None;
    let mut approvals: Vec<Approval> = vec![];
    let mut now = start();
    let days = |now: DateTime<Utc>| {
        let day = now.date_naive();
        (day - TimeDelta::days(400), day)
    };
    for (person, act) in story {
        let by = roles_of(&held, person);
        let before = course.clone();
        let after = match (act, before.clone()) {
            (Act::Role { role, behalf, gain }, _) => {
                let grant = (person, ROLES[role], behalf.filter(|one| *one != person));
                if gain {
                    held.push(grant)
                } else {
                    held.retain(|one| *one != grant && (one.0, one.1) != (grant.0, grant.1))
                }
                continue;
            }
            (Act::Wait(hours), _) => {
                now += TimeDelta::hours(hours);
                continue;
            }
            (Act::Publish { content, channel }, _) => {
                let (what, channel) = (hash(content), ChannelId(channel));
                if approvals.iter().any(|one| one.covers(&what, channel, now)) {
                    witness.published.push((what.clone(), channel));
                    let seen = witness
                        .approved
                        .iter()
                        .any(|(one, at, until)| *one == what && *at == channel && now < *until);
                    prop_assert!(seen, "published without an approval that is good");
                }
                continue;
            }
            (
                Act::Submit {
                    content,
                    small,
                    coauthor,
                    elsewhere,
                    major,
                    always,
                    newer,
                },
                before,
            ) => {
                let mut it = submission(content, law.clone());
                it.by = Party::own(PersonId(1));
                it.authors.extend(coauthor.map(PersonId));
                it.about.channel = ChannelId(if elsewhere { 2 } else { 1 });
                it.small = small && before.is_some();
                it.major = major.then(|| "重大".to_owned());
                it.always_major = always;
                it.law_id = if newer { 2 } else { 1 };
                it.at = now;
                let writers = it.authors.clone();
                let after = match before {
                    Some(before) => before.submit(it),
                    None => Ok(Course::begin(ManuscriptId(1), it)),
                };
                if after.is_ok() {
                    witness.writers.extend(writers);
                }
                after
            }
            (_, None) => continue,
            (Act::Approve { complete }, Some(one)) => {
                let said = if complete {
                    agreed(&one, &[])
                } else {
                    Said::default()
                };
                let wants = one
                    .law
                    .rung(one.level)
                    .is_some_and(|rung| rung.checklist.iter().any(|point| point.required));
                let after = one.approve(&by, said, now);
                prop_assert!(
                    complete || !wants || after.is_err(),
                    "passed without its checks"
                );
                after
            }
            (Act::Reapprove, Some(one)) => one.reapprove(&by, "同意改动".into(), now),
            (Act::ReturnToAuthor, Some(one)) => one.send_back(
                &by,
                Target::Author,
                Said {
                    opinion: "改".into(),
                    ..Said::default()
                },
                now,
            ),
            (Act::ReturnTo(level), Some(one)) => {
                let to = Target::Level(Level::ALL[level]);
                one.send_back(
                    &by,
                    to,
                    Said {
                        opinion: "再看".into(),
                        ..Said::default()
                    },
                    now,
                )
            }
            (Act::Take, Some(one)) => one.take(&by, now, now + TimeDelta::hours(4)),
            (Act::Release, Some(one)) => one.release(by.person, now),
            (Act::Recall, Some(one)) => one.recall(by.person, now),
            (Act::Mark, Some(one)) => one.mark_major(&by, "重大".into(), now),
            (Act::Unmark, Some(one)) => one.unmark_major(&by, "不算", now),
            (Act::Discard, Some(one)) => one.discard(&by, "不用".into(), now),
            (Act::Paper { decider, verdict }, Some(one)) => {
                let slip = Slip {
                    verdict: if verdict {
                        Verdict::Approve
                    } else {
                        Verdict::Return
                    },
                    said: Said {
                        opinion: "见纸件".into(),
                        ..Said::default()
                    },
                    decided_on: now.date_naive(),
                    number: "1号".into(),
                    scan: hash(77),
                };
                let decider = roles_of(&held, decider);
                one.record_paper(
                    &decider,
                    &[Party::own(PersonId(person))],
                    slip,
                    days(now),
                    now,
                )
            }
        };
        let Ok(after) = after else {
            continue;
        };
        // What was decided stays as it was: history only grows.
        if let Some(before) = &before {
            prop_assert!(after.decisions.starts_with(&before.decisions));
            prop_assert!(after.rounds.starts_with(&before.rounds));
            prop_assert!(after.authors.is_superset(&before.authors));
        }
        let were = before.as_ref().map_or(0, |one| one.decisions.len());
        for one in &after.decisions[were..] {
            if one.verdict.passes() {
                witness
                    .agreed
                    .push((one.level, one.hash.clone(), one.everyone().collect()));
            }
            prop_assert_eq!(
                &one.hash,
                before
                    .as_ref()
                    .map_or(&one.hash, |before| before.content().1)
            );
        }
        let was = before.as_ref().map(|one| one.stage);
        if after.stage == Stage::Approved && was != Some(Stage::Approved) {
            prop_assert_eq!(was, Some(Stage::Reviewing));
            prop_assert!(after.decisions.len() > were, "approved without a decision");
            witness.judge(&after, now)?;
            approvals.push(Approval {
                id: ApprovalId(1),
                manuscript: ManuscriptId(1),
                version: VersionId(1),
                hash: after.content().1.clone(),
                channels: vec![after.about.channel],
                approvers: vec![],
                granted_at: now,
                expires_at: after.expires_at,
                revoked_at: None,
                revoked_why: String::new(),
            });
        }
        // Nobody who is barred may act, and the other way round: lists and law agree.
        if after.stage == Stage::Reviewing {
            let barred = after.barred(after.level);
            for one in 1..8 {
                if let Ok(party) = after.may_act(&roles_of(&held, one)) {
                    prop_assert!(party.everyone().all(|person| !barred.contains(&person)));
                }
            }
        }
        course = Some(after);
    }
    Ok(witness.approved.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn no_content_is_approved_without_a_full_set_of_different_people(
        law in laws(),
        story in vec(acts(), 1..120),
    ) {
        run(law, story)?;
    }
}

/// The stories above reach approvals, or they would prove nothing.
#[test]
fn random_stories_do_reach_approvals() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let reached: usize = (0..300)
        .map(|_| {
            let law = laws().new_tree(&mut runner).unwrap().current();
            let story = vec(acts(), 100..120)
                .new_tree(&mut runner)
                .unwrap()
                .current();
            run(law, story).unwrap()
        })
        .sum();
    assert!(reached > 100, "only {reached} approvals in 300 stories");
}
