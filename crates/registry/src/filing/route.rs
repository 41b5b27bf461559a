//! Which role stands at each step, and whether there are people enough to stand there (R-ORG-11).

use super::rules::{Party, Step};
use crate::settings::PublicityRoute;
use std::collections::BTreeSet;
use zhendi_kernel::{PersonId, Role};

/// The role that each step needs.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    sea_orm::FromJsonQueryResult,
    utoipa::ToSchema,
)]
#[schema(as = FilingRoute)]
pub struct Route {
    pub signature: Role,
    pub check: Role,
    pub decision: Role,
}

impl Route {
    /// The Rule's own: unit head, publicity officer, publicity head.
    pub const USUAL: Self = Self {
        signature: Role::UnitHead,
        check: Role::PublicityOfficer,
        decision: Role::PublicityHead,
    };

    /// The route for a unit's filings. The publicity department's head would be both unit head and
    /// decider of its own (R-ORG-11), so one of the two steps goes to someone else.
    pub fn of(publicity: bool, choice: PublicityRoute) -> Self {
        match (publicity, choice) {
            (false, _) => Self::USUAL,
            (true, PublicityRoute::DeputySigns) => Self {
                signature: Role::PublicityDeputy,
                ..Self::USUAL
            },
            (true, PublicityRoute::LeaderDecides) => Self {
                signature: Role::PublicityHead,
                decision: Role::PortfolioLeader,
                ..Self::USUAL
            },
        }
    }

    /// The role that a step needs.
    pub fn role(&self, step: Step) -> Role {
        match step {
            Step::Signature => self.signature,
            Step::Check => self.check,
            Step::Decision => self.decision,
        }
    }
}

/// Why a filing could never reach its end, found before it is submitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Shortage {
    #[error(
        "“{}”环节还没有人担任{}，提交后无人办理。请联系安全管理员授予该角色后再提交。",
        .step.label(), .role.label()
    )]
    Nobody { step: Step, role: Role },
    #[error(
        "“{}”环节的{}只有填报人本人（或填报时被代理的人），不能审批自己的备案。请改由其他人填报，或联系安全管理员为他人授予该角色。",
        .step.label(), .role.label()
    )]
    OnlyTheAuthor { step: Step, role: Role },
    #[error(
        "{}这几个环节能办理的人互相重合，凑不齐互不相同的人（同一人不能办理两个环节，代理也算）。请联系安全管理员为其中一个环节再授予一人角色。",
        names(.0)
    )]
    TooFew(Vec<Step>),
}

fn names(steps: &[Step]) -> String {
    steps
        .iter()
        .map(|step| format!("“{}”", step.label()))
        .collect()
}

/// Whether different people can fill all steps, none of them on the author's side; `holders` are those
/// who could act at each step, with the one they would act for.
///
/// # Errors
/// The smallest group of steps that cannot be filled.
pub fn staff(
    route: &Route,
    author: Party,
    holders: impl Fn(Step) -> Vec<Party>,
) -> Result<(), Shortage> {
    staff_from(
        Step::Signature,
        route,
        &author.everyone().collect(),
        holders,
    )
}

/// The same for the steps from one on, with everyone who may take none of them any more: whoever enters a
/// decision on paper must not be the last who could have taken a later step.
///
/// # Errors
/// The smallest group of steps that cannot be filled.
pub fn staff_from(
    first: Step,
    route: &Route,
    barred: &BTreeSet<PersonId>,
    holders: impl Fn(Step) -> Vec<Party>,
) -> Result<(), Shortage> {
    let mut choices: Vec<(Step, Vec<BTreeSet<PersonId>>)> = vec![];
    for step in Step::ALL.into_iter().filter(|step| *step >= first) {
        let role = route.role(step);
        let all = holders(step);
        if all.is_empty() {
            return Err(Shortage::Nobody { step, role });
        }
        let mut apart: Vec<BTreeSet<PersonId>> = all
            .into_iter()
            .map(|party| party.everyone().collect())
            .filter(|party: &BTreeSet<PersonId>| party.is_disjoint(barred))
            .collect();
        if apart.is_empty() {
            return Err(Shortage::OnlyTheAuthor { step, role });
        }
        // Who acts alone leaves more people free than who acts for them: the latter adds no choice.
        // What is left is nearly always single persons, so the search below ends at once.
        apart.sort_by_key(BTreeSet::len);
        let mut needed: Vec<BTreeSet<PersonId>> = vec![];
        for party in apart {
            if !needed.iter().any(|smaller| smaller.is_subset(&party)) {
                needed.push(party);
            }
        }
        choices.push((step, needed));
    }
    let groups = [&[0, 1][..], &[0, 2], &[1, 2], &[0, 1, 2]];
    for group in groups
        .into_iter()
        .filter(|group| group.iter().all(|i| *i < choices.len()))
    {
        let some: Vec<_> = group.iter().map(|i| choices[*i].1.as_slice()).collect();
        if !can_fill(&some, &BTreeSet::new()) {
            return Err(Shortage::TooFew(
                group.iter().map(|i| choices[*i].0).collect(),
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
