//! Whether there are people enough: a manuscript whose levels cannot be filled by different people would
//! wait for ever, so it is found before it begins (R-ORG-11).

use super::{Level, Party, Route, Seat};
use std::collections::BTreeSet;
use zhendi_kernel::PersonId;

/// Why a manuscript could never reach its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Shortage {
    #[error("“{level}”还没有人担任{seat}，提交后无人办理。请联系安全管理员授予该角色。")]
    Nobody { level: Level, seat: Seat },
    #[error(
        "“{level}”的{seat}只有作者本人（或参与撰写的人），不能审核自己的稿件。请联系安全管理员为他人授予该角色，或由他人撰稿。"
    )]
    OnlyAuthors { level: Level, seat: Seat },
    #[error("{}能办理的人互相重合，凑不齐互不相同的人（同一人不能办理两级审核，代理也算）。请联系安全管理员为其中一级再授予一人角色。", names(.0))]
    TooFew(Vec<Level>),
}

fn names(levels: &[Level]) -> String {
    let names: Vec<String> = levels.iter().map(|level| format!("“{level}”")).collect();
    names.join("、")
}

/// Whether different people can fill the levels; `holders` are those who could act at each, with the one
/// they would act for; `barred` says who may not act there.
///
/// # Errors
/// The smallest group of levels that cannot be filled.
pub fn staff(
    route: &Route,
    levels: &[Level],
    barred: impl Fn(Level) -> BTreeSet<PersonId>,
    holders: impl Fn(Level) -> Vec<Party>,
) -> Result<(), Shortage> {
    let mut choices: Vec<(Level, Vec<BTreeSet<PersonId>>)> = vec![];
    for level in levels.iter().copied() {
        let Some(post) = route.0.get(&level) else {
            continue;
        };
        let seat = post.seat;
        let named = |party: &Party| {
            post.persons.is_empty()
                || post
                    .persons
                    .contains(&party.on_behalf_of.unwrap_or(party.person))
        };
        let all: Vec<Party> = holders(level).into_iter().filter(named).collect();
        if all.is_empty() {
            return Err(Shortage::Nobody { level, seat });
        }
        let barred = barred(level);
        let mut apart: Vec<BTreeSet<PersonId>> = all
            .into_iter()
            .map(|party| party.everyone().collect())
            .filter(|party: &BTreeSet<PersonId>| party.is_disjoint(&barred))
            .collect();
        if apart.is_empty() {
            return Err(Shortage::OnlyAuthors { level, seat });
        }
        // Who acts alone leaves more people free than who acts for them: the latter adds no choice.
        apart.sort_by_key(BTreeSet::len);
        let mut needed: Vec<BTreeSet<PersonId>> = vec![];
        for party in apart {
            if !needed.iter().any(|smaller| smaller.is_subset(&party)) {
                needed.push(party);
            }
        }
        choices.push((level, needed));
    }
    // All groups of levels, the smaller first: what is named is what is wrong.
    let mut groups: Vec<u32> = (1..1u32 << choices.len()).collect();
    groups.sort_by_key(|group| group.count_ones());
    for group in groups {
        let some: Vec<&(Level, Vec<BTreeSet<PersonId>>)> = choices
            .iter()
            .enumerate()
            .filter(|(nth, _)| group & (1 << nth) != 0)
            .map(|(_, choice)| choice)
            .collect();
        let options: Vec<&[BTreeSet<PersonId>]> =
            some.iter().map(|(_, of)| of.as_slice()).collect();
        if !can_fill(&options, &BTreeSet::new()) {
            return Err(Shortage::TooFew(
                some.iter().map(|(level, _)| *level).collect(),
            ));
        }
    }
    Ok(())
}

fn can_fill(choices: &[&[BTreeSet<PersonId>]], taken: &BTreeSet<PersonId>) -> bool {
    let Some((first, rest)) = choices.split_first() else {
        return true;
    };
    first
        .iter()
        .filter(|party| party.is_disjoint(taken))
        .any(|party| can_fill(rest, &(taken | party)))
}
