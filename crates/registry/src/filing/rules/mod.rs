//! The law of filing (Rule 4, Notice 2(2); R-REG-2): who may take which step, and that no one stands
//! at two. Pure: no database, no HTTP, no clock.

mod kind;
mod paper;
mod stage;

pub use kind::{Closing, Kind, Unsuitable};
pub use paper::{Paper, Slip};
pub use stage::{Stage, Step, Verdict};

use super::route::Route;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use zhendi_kernel::{Fault, PersonId, Role};

/// What someone did at a step, on their own account or for someone who delegated it to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Counts submissions, from 1. A return ends a round.
    pub round: i32,
    pub step: Step,
    pub person: PersonId,
    pub on_behalf_of: Option<PersonId>,
    pub at: DateTime<Utc>,
    pub opinion: String,
    pub verdict: Verdict,
    /// Set when it was decided on paper and entered by an officer.
    pub paper: Option<Paper>,
}

impl Act {
    /// Everyone who stands behind it: who decided and who entered it, each with the one they acted for.
    pub fn everyone(&self) -> impl Iterator<Item = PersonId> {
        let by = Party {
            person: self.person,
            on_behalf_of: self.on_behalf_of,
        };
        by.everyone().chain(
            self.paper
                .iter()
                .flat_map(|paper| paper.recorded_by.everyone()),
        )
    }
}

/// A person with the one acted for: both stand behind what is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    pub person: PersonId,
    pub on_behalf_of: Option<PersonId>,
}

impl Party {
    /// Everyone who stands behind it.
    pub fn everyone(self) -> impl Iterator<Item = PersonId> {
        std::iter::once(self.person).chain(self.on_behalf_of)
    }
}

/// What the acting person holds at the filing's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub person: PersonId,
    /// Roles in force there, each with the person who delegated it.
    pub held: Vec<(Role, Option<PersonId>)>,
}

/// Why a step was refused; the words are for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("这件备案现在是“{}”，不在“{}”环节。", .now.label(), .wanted.label())]
    NotAwaiting { now: Stage, wanted: Step },
    #[error("这件备案现在是“{}”，没有人需要办理，不能退回。", .0.label())]
    NothingToReturn(Stage),
    #[error("“{}”环节已经办理过了，不需要再次办理。", .step.label())]
    AlreadyDone {
        step: Step,
        person: PersonId,
        at: DateTime<Utc>,
    },
    #[error("“{}”环节由{}办理，您在这个单位没有担任该角色。", .step.label(), .role.label())]
    NotYourStep { step: Step, role: Role },
    #[error("您是这件备案的填报人（或填报时被代理的人），不能审批自己的备案。")]
    OwnWork,
    #[error("您代理的人是这件备案的填报人（或填报时被代理的人），不能代其审批自己的备案。")]
    OwnWorkOfPrincipal,
    #[error("您本轮已经办理过“{}”（代他人办理或由他人代理也算），同一人不能办理两个环节。", .0.label())]
    ActedBefore(Step),
    #[error("您代理的人本轮已经办理过“{}”，同一人不能办理两个环节，请由其他人办理。", .0.label())]
    PrincipalActedBefore(Step),
    #[error("退回须写明理由，填报人要按理由修改。")]
    ReasonMissing,
    #[error("只有填报人可以修改、提交这件备案。")]
    NotTheAuthor,
    #[error("这件备案已代他人填报，不能再代另一人修改或提交；请撤回后重新填报。")]
    WrittenForAnother,
    #[error("这件备案现在是“{}”，不能修改或提交；只有草稿和已退回的备案可以。", .0.label())]
    NotOpenToAuthor(Stage),
    #[error("只有填报人或单位负责人可以撤回这件备案。")]
    MayNotWithdraw,
    #[error("这件备案现在是“{}”，不能撤回。", .0.label())]
    NotWithdrawable(Stage),
    #[error("您没有登记纸质审批的权限，请由宣传部工作人员登记。")]
    MayNotRecord,
    #[error(
        "您（或您代理的人）是这件备案的填报人，不能登记自己备案的纸质审批，请由其他工作人员登记。"
    )]
    RecorderIsAuthor,
    #[error(
        "您（或您代理的人）本轮已经办理过“{}”，不能再登记另一环节的纸质审批，请由其他工作人员登记。",
        .0.label()
    )]
    RecorderActed(Step),
    #[error("不能登记自己（或所代理的人）作出的纸质审批，请由其他工作人员登记，或直接在线办理。")]
    RecorderDecides,
    #[error("“{}”环节由{}办理，所选审批人在这个单位没有担任该角色。", .step.label(), .role.label())]
    DeciderLacksRole { step: Step, role: Role },
    #[error("所选审批人是这件备案的填报人（或填报时被代理的人），不能审批自己的备案。")]
    DeciderIsAuthor,
    #[error("所选审批人本轮已经办理过“{}”，同一人不能办理两个环节。", .0.label())]
    DeciderActed(Step),
    #[error("纸质审批的日期不能晚于今天。")]
    PaperInFuture,
    #[error("纸质审批的日期不能早于这件备案的提交日期：提交之前的审批不是对它作出的。")]
    PaperBeforeSubmission,
    #[error("请填写纸质审批件的文号或编号。")]
    PaperNumberMissing,
    #[error("请上传纸质审批件的扫描件。")]
    PaperScanMissing,
}

/// The course of a filing: its author, route, present stage and what was done so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Who wrote it, with the one it was written for.
    pub author: Party,
    /// The roles of the three steps; frozen at each submission.
    pub route: Route,
    pub stage: Stage,
    /// The present round; 0 before the first submission.
    pub round: i32,
    /// All acts of all rounds, in order.
    pub acts: Vec<Act>,
}

impl Course {
    /// The course of a new draft.
    pub fn begin(author: Party, route: Route) -> Self {
        Self {
            author,
            route,
            stage: Stage::Draft,
            round: 0,
            acts: vec![],
        }
    }

    /// Whether the person wrote it or had it written.
    pub fn is_author(&self, person: PersonId) -> bool {
        self.author.everyone().any(|one| one == person)
    }

    /// The acts of the present round.
    pub fn acts_now(&self) -> impl Iterator<Item = &Act> {
        self.acts.iter().filter(|act| act.round == self.round)
    }

    /// Everyone who may take no further step of this round: the author's side and those behind the
    /// acts so far.
    pub fn barred(&self) -> BTreeSet<PersonId> {
        self.author
            .everyone()
            .chain(self.acts_now().flat_map(Act::everyone))
            .collect()
    }

    /// Whether the author may still write.
    ///
    /// # Errors
    /// Someone else's, or no longer a draft.
    pub fn may_edit(&self, person: PersonId) -> Result<(), Refusal> {
        if !self.is_author(person) {
            return Err(Refusal::NotTheAuthor);
        }
        if !self.stage.is_open_to_author() {
            return Err(Refusal::NotOpenToAuthor(self.stage));
        }
        Ok(())
    }

    /// The same as one of the author's side goes on with it for somebody: who delegated that to them is
    /// of the author's side from now on, whoever they stood for at the beginning.
    ///
    /// # Errors
    /// When it was begun for another already.
    pub fn written_by(mut self, by: Party) -> Result<Self, Refusal> {
        if let Some(principal) = by.on_behalf_of.filter(|one| !self.is_author(*one)) {
            if self.author.on_behalf_of.is_some() {
                return Err(Refusal::WrittenForAnother);
            }
            self.author.on_behalf_of = Some(principal);
        }
        Ok(self)
    }

    /// Submits, or submits again after a return: a new round that begins at the first step.
    ///
    /// # Errors
    /// As [`Course::may_edit`].
    pub fn submit(mut self, by: PersonId, route: Route) -> Result<Self, Refusal> {
        self.may_edit(by)?;
        self.route = route;
        self.round += 1;
        self.stage = Stage::Awaiting(Step::Signature);
        Ok(self)
    }

    /// Whether this person may take the step, and as which party: on their own account if they can,
    /// else for the first who delegated the role and may still be acted for.
    ///
    /// # Errors
    /// Why not.
    pub fn may_take(&self, step: Step, by: &Standing) -> Result<Party, Refusal> {
        if self.stage != Stage::Awaiting(step) {
            let done = self.acts_now().find(|act| act.step == step);
            return Err(match done {
                Some(act) => Refusal::AlreadyDone {
                    step,
                    person: act.person,
                    at: act.at,
                },
                None => Refusal::NotAwaiting {
                    now: self.stage,
                    wanted: step,
                },
            });
        }
        let role = self.route.role(step);
        let mut refusal = Refusal::NotYourStep { step, role };
        let mut parties: Vec<Party> = by
            .held
            .iter()
            .filter(|(held, _)| *held == role)
            .map(|(_, on_behalf_of)| Party {
                person: by.person,
                on_behalf_of: *on_behalf_of,
            })
            .collect();
        parties.sort();
        for party in parties {
            match self.stands_apart(party) {
                Ok(()) => return Ok(party),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }

    /// What somebody has had a hand in this round.
    fn act_of(&self, person: PersonId) -> Option<&Act> {
        self.acts_now()
            .find(|act| act.everyone().any(|one| one == person))
    }

    /// Nobody behind the party has a hand in the filing yet.
    fn stands_apart(&self, party: Party) -> Result<(), Refusal> {
        for person in party.everyone() {
            let own = person == party.person;
            if self.is_author(person) {
                return Err(if own {
                    Refusal::OwnWork
                } else {
                    Refusal::OwnWorkOfPrincipal
                });
            }
            if let Some(act) = self.act_of(person) {
                return Err(if own {
                    Refusal::ActedBefore(act.step)
                } else {
                    Refusal::PrincipalActedBefore(act.step)
                });
            }
        }
        Ok(())
    }

    fn record(
        &mut self,
        step: Step,
        party: Party,
        opinion: String,
        at: DateTime<Utc>,
        verdict: Verdict,
        paper: Option<Paper>,
    ) {
        self.acts.push(Act {
            round: self.round,
            step,
            person: party.person,
            on_behalf_of: party.on_behalf_of,
            at,
            opinion,
            verdict,
            paper,
        });
        self.stage = match verdict {
            Verdict::Agreed => step.next(),
            Verdict::Returned => Stage::Returned,
        };
    }

    /// Takes a step in favour; the last one makes the filing effective.
    ///
    /// # Errors
    /// As [`Course::may_take`].
    pub fn agree(
        mut self,
        step: Step,
        by: &Standing,
        opinion: String,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let party = self.may_take(step, by)?;
        self.record(step, party, opinion, at, Verdict::Agreed, None);
        Ok(self)
    }

    /// Sends it back from whichever step has it, with the reason.
    ///
    /// # Errors
    /// No reason, no step that waits, or as [`Course::may_take`].
    pub fn send_back(
        mut self,
        by: &Standing,
        reason: String,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let step = self
            .stage
            .step()
            .ok_or(Refusal::NothingToReturn(self.stage))?;
        let party = self.may_take(step, by)?;
        if reason.trim().is_empty() {
            return Err(Refusal::ReasonMissing);
        }
        self.record(step, party, reason, at, Verdict::Returned, None);
        Ok(self)
    }

    /// Whether this person may give the filing up: its author, or the head of its unit.
    ///
    /// # Errors
    /// Why not.
    pub fn may_withdraw(&self, by: &Standing) -> Result<(), Refusal> {
        let head = by
            .held
            .iter()
            .any(|(role, _)| *role == self.route.role(Step::Signature));
        if !self.is_author(by.person) && !head {
            return Err(Refusal::MayNotWithdraw);
        }
        match self.stage {
            Stage::Effective | Stage::Withdrawn => Err(Refusal::NotWithdrawable(self.stage)),
            _ => Ok(()),
        }
    }

    /// Gives it up.
    ///
    /// # Errors
    /// As [`Course::may_withdraw`].
    pub fn withdraw(mut self, by: &Standing) -> Result<Self, Refusal> {
        self.may_withdraw(by)?;
        self.stage = Stage::Withdrawn;
        Ok(self)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let words = refusal.to_string();
        match refusal {
            Refusal::NotYourStep { .. }
            | Refusal::NotTheAuthor
            | Refusal::MayNotWithdraw
            | Refusal::MayNotRecord => Self::Forbidden(words),
            _ => Self::Refused(words),
        }
    }
}
