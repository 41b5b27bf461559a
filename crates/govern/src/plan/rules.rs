//! The law of plans (Rule 4(1)1: the party committee decides on the overall plan; Rule 4(4)1: each unit makes
//! its working plan, with goals, tasks and who answers for them). Pure: no database, no HTTP, no clock.

use chrono::{Datelike, NaiveDate};
use zhendi_kernel::{Fault, PersonId, Role, named};

named! {
    /// Whose plan it is.
    PlanKind {
        /// The institution's, over one year or several (Rule 4(1)1).
        Overall = "overall", "总体规划";
        /// A unit's, for one year (Rule 4(4)1).
        Unit = "unit", "年度工作计划";
    }
}

named! {
    /// Where a plan stands.
    PlanStage {
        /// Being written; seen by those who may write it.
        Draft = "draft", "草稿";
        /// Waits for the one who decides.
        Submitted = "submitted", "待审定";
        /// Sent back with a reason.
        Returned = "returned", "已退回";
        /// In force: its tasks are work.
        InForce = "in_force", "执行中";
        /// Ended with its summary.
        Closed = "closed", "已总结";
        /// A later edition is in force in its place.
        Superseded = "superseded", "已修订";
    }
}

impl PlanStage {
    /// Whether it may still be written.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }
}

named! {
    /// Where a task stands.
    TaskState {
        Open = "open", "进行中";
        Done = "done", "已完成";
        /// Unfinished at the year's end, and a task of the next plan now.
        Carried = "carried", "已结转";
    }
}

/// Who acts, with the roles that they hold at the plan's unit.
#[derive(Clone, Debug)]
pub struct Standing {
    pub person: PersonId,
    /// Each role with the person who delegated it.
    pub held: Vec<(Role, Option<PersonId>)>,
}

impl Standing {
    /// By which of these roles the person acts, and for whom: one's own before delegated ones.
    pub fn by(&self, roles: &[Role]) -> Option<Option<PersonId>> {
        let held = self.held.iter().filter(|(role, _)| roles.contains(role));
        held.map(|(_, principal)| *principal).min()
    }
}

/// Whose plan it is, as far as the law asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    pub kind: PlanKind,
    /// Whether the unit is the publicity department: its head is head of a unit there too (R-ORG-11).
    pub publicity: bool,
}

const PUBLICITY: &[Role] = &[
    Role::PublicityHead,
    Role::PublicityDeputy,
    Role::PublicityOfficer,
];

impl Ground {
    /// Who writes it: the publicity department the overall plan (Rule 4(2): 归口管理), a unit's own people the
    /// unit's.
    pub fn writers(self) -> &'static [Role] {
        match (self.kind, self.publicity) {
            (PlanKind::Overall, _) => PUBLICITY,
            (PlanKind::Unit, false) => &[Role::UnitHead, Role::UnitLiaison],
            (PlanKind::Unit, true) => &[
                Role::UnitHead,
                Role::UnitLiaison,
                Role::PublicityHead,
                Role::PublicityDeputy,
                Role::PublicityOfficer,
            ],
        }
    }

    /// Who puts it into force: the party committee the overall plan (R-ORG-2), the unit's head the unit's.
    pub fn deciders(self) -> &'static [Role] {
        match (self.kind, self.publicity) {
            (PlanKind::Overall, _) => &[Role::PartyCommittee],
            (PlanKind::Unit, false) => &[Role::UnitHead],
            (PlanKind::Unit, true) => &[Role::PublicityHead, Role::UnitHead],
        }
    }

    /// Who keeps it while it is in force: postpones, opens again, hands a task to another, sums up.
    pub fn keepers(self) -> &'static [Role] {
        match (self.kind, self.publicity) {
            (PlanKind::Overall, _) => &[Role::PublicityHead, Role::PublicityDeputy],
            _ => self.deciders(),
        }
    }

    /// Whose work the decision is in lists, and who is told when a task stays undone.
    pub fn decider(self) -> Role {
        self.deciders()[0]
    }

    /// The role that hears of tasks long overdue.
    pub fn keeper(self) -> Role {
        self.keepers()[0]
    }
}

/// Why something cannot be done; the words are for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}由{1}办理，您不在其列。")]
    NotYours(&'static str, String),
    #[error("这份计划现在是“{0}”，不能{1}。")]
    WrongStage(PlanStage, &'static str),
    #[error("总体规划由学院党委审定，拟稿人本人不能审定。")]
    OwnPlan,
    #[error("请先写明工作目标，并至少安排一项任务，再提交。")]
    Empty,
    #[error("退回须写明理由。")]
    ReasonMissing,
    #[error("年终总结不能为空。")]
    SummaryMissing,
    #[error("还有 {0} 项任务没有完成。请先办结，或勾选结转到下一年度。")]
    TasksLeft(usize),
    #[error("这项任务现在是“{0}”，不能{1}。")]
    WrongState(TaskState, &'static str),
    #[error("进展由任务负责人、协助人员或单位负责人填报。")]
    NotTheirTask,
    #[error("进度是 0 到 100 之间的整数。")]
    BadProgress,
    #[error("完成时限须在计划年度之内（{0}—{1}年）。跨年度的任务请在年终结转。")]
    DueOutside(i32, i32),
    #[error("新的时限须晚于现在的时限 {0}。")]
    NotLater(NaiveDate),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotYours(..) | Refusal::OwnPlan | Refusal::NotTheirTask => {
                Self::Forbidden(refusal.to_string())
            }
            _ => Self::Refused(refusal.to_string()),
        }
    }
}

fn names(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.label()).collect();
    names.join("、")
}

/// What the law asks about a plan.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    pub ground: Ground,
    pub stage: PlanStage,
    pub author: PersonId,
    pub author_for: Option<PersonId>,
}

/// For whom an act was done: by delegation for another, or for oneself.
pub type Principal = Option<PersonId>;

impl Course {
    fn stage(&self, allowed: &[PlanStage], verb: &'static str) -> Result<(), Refusal> {
        if allowed.contains(&self.stage) {
            Ok(())
        } else {
            Err(Refusal::WrongStage(self.stage, verb))
        }
    }

    fn role(
        &self,
        by: &Standing,
        roles: &[Role],
        what: &'static str,
    ) -> Result<Principal, Refusal> {
        by.by(roles)
            .ok_or_else(|| Refusal::NotYours(what, names(roles)))
    }

    /// Whether a new plan of this kind may be begun.
    ///
    /// # Errors
    /// `NotYours`.
    pub fn may_begin(ground: Ground, by: &Standing) -> Result<Principal, Refusal> {
        by.by(ground.writers())
            .ok_or_else(|| Refusal::NotYours("拟订计划", names(ground.writers())))
    }

    /// Whether its text and tasks may be written.
    ///
    /// # Errors
    /// `NotYours`, `WrongStage`.
    pub fn may_write(&self, by: &Standing) -> Result<Principal, Refusal> {
        let principal = self.role(by, self.ground.writers(), "拟订计划")?;
        self.stage(&[PlanStage::Draft, PlanStage::Returned], "修改")?;
        Ok(principal)
    }

    /// Hands it in.
    ///
    /// # Errors
    /// As [`Self::may_write`]; `Empty` when there is nothing to decide on.
    pub fn submit(&self, by: &Standing, complete: bool) -> Result<Principal, Refusal> {
        let principal = self.may_write(by)?;
        if complete {
            Ok(principal)
        } else {
            Err(Refusal::Empty)
        }
    }

    /// Whether it may be decided on. Nobody decides on an overall plan that they wrote themselves or that was
    /// written for them; a unit's head answers for the unit's plan whoever wrote it.
    ///
    /// # Errors
    /// `NotYours`, `WrongStage`, `OwnPlan`.
    pub fn may_decide(&self, by: &Standing) -> Result<Principal, Refusal> {
        let principal = self.role(by, self.ground.deciders(), "审定计划")?;
        self.stage(&[PlanStage::Submitted], "审定")?;
        let authors = [Some(self.author), self.author_for];
        let own = [Some(by.person), principal]
            .into_iter()
            .flatten()
            .any(|one| authors.contains(&Some(one)));
        if self.ground.kind == PlanKind::Overall && own {
            return Err(Refusal::OwnPlan);
        }
        Ok(principal)
    }

    /// Whether it may be sent back, with a reason.
    ///
    /// # Errors
    /// As [`Self::may_decide`], `ReasonMissing`.
    pub fn send_back(&self, by: &Standing, reason: &str) -> Result<Principal, Refusal> {
        let principal = self.may_decide(by)?;
        if reason.is_empty() {
            return Err(Refusal::ReasonMissing);
        }
        Ok(principal)
    }

    /// Whether a new edition may be begun; this one stays in force until that one is.
    ///
    /// # Errors
    /// `NotYours`, `WrongStage`.
    pub fn may_revise(&self, by: &Standing) -> Result<Principal, Refusal> {
        let principal = self.role(by, self.ground.writers(), "修订计划")?;
        self.stage(&[PlanStage::InForce], "修订")?;
        Ok(principal)
    }

    /// Whether its tasks may be postponed, opened again and given to others.
    ///
    /// # Errors
    /// `NotYours`, `WrongStage`.
    pub fn may_keep(&self, by: &Standing) -> Result<Principal, Refusal> {
        let principal = self.role(by, self.ground.keepers(), "调整任务")?;
        self.stage(&[PlanStage::InForce], "调整任务")?;
        Ok(principal)
    }

    /// Ends it with a summary. Nothing is left lying: what is unfinished goes on in the next plan.
    ///
    /// # Errors
    /// `NotYours`, `WrongStage`, `SummaryMissing`, `TasksLeft`.
    pub fn close(
        &self,
        by: &Standing,
        summary: &str,
        unfinished: usize,
        carry: bool,
    ) -> Result<Principal, Refusal> {
        let principal = self.role(by, self.ground.keepers(), "年终总结")?;
        self.stage(&[PlanStage::InForce], "总结")?;
        if summary.is_empty() {
            return Err(Refusal::SummaryMissing);
        }
        if unfinished > 0 && !carry {
            return Err(Refusal::TasksLeft(unfinished));
        }
        Ok(principal)
    }

    /// Whether progress may be told: by who answers for the task, who helps, or who keeps the plan.
    ///
    /// # Errors
    /// `NotTheirTask`, `WrongStage`, `WrongState`, `BadProgress`.
    pub fn report(
        &self,
        by: &Standing,
        taking_part: bool,
        state: TaskState,
        progress: i32,
    ) -> Result<Principal, Refusal> {
        let keeper = by.by(self.ground.keepers());
        if !taking_part && keeper.is_none() {
            return Err(Refusal::NotTheirTask);
        }
        self.stage(&[PlanStage::InForce], "填报进展")?;
        if state != TaskState::Open {
            return Err(Refusal::WrongState(state, "填报进展"));
        }
        if !(0..=100).contains(&progress) {
            return Err(Refusal::BadProgress);
        }
        Ok(if taking_part { None } else { keeper.flatten() })
    }
}

/// A task is done within the years of its plan.
///
/// # Errors
/// `DueOutside`.
pub fn due_within(due: NaiveDate, year: i32, through: i32) -> Result<NaiveDate, Refusal> {
    if (year..=through).contains(&due.year()) {
        Ok(due)
    } else {
        Err(Refusal::DueOutside(year, through))
    }
}

/// A later day for a task, within the plan's years.
///
/// # Errors
/// `NotLater`, `DueOutside`.
pub fn postponed(
    due: NaiveDate,
    to: NaiveDate,
    year: i32,
    through: i32,
) -> Result<NaiveDate, Refusal> {
    if to <= due {
        return Err(Refusal::NotLater(due));
    }
    due_within(to, year, through)
}

/// The same day of another year, for plans that are copied; the 29th of February becomes the 28th.
pub fn in_year(day: NaiveDate, year: i32) -> NaiveDate {
    day.with_year(year)
        .or_else(|| NaiveDate::from_ymd_opt(year, day.month(), 28))
        .unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: PersonId = PersonId(1);
    const OTHER: PersonId = PersonId(2);

    fn course(kind: PlanKind, stage: PlanStage) -> Course {
        Course {
            ground: Ground {
                kind,
                publicity: false,
            },
            stage,
            author: OTHER,
            author_for: None,
        }
    }

    fn holding(role: Role) -> Standing {
        Standing {
            person: ME,
            held: vec![(role, None)],
        }
    }

    #[test]
    fn each_verb_belongs_to_its_stage_and_to_its_people() {
        for kind in PlanKind::ALL {
            for stage in PlanStage::ALL {
                for role in Role::ALL {
                    let course = course(*kind, *stage);
                    let by = holding(*role);
                    let writer = course.ground.writers().contains(role);
                    let decider = course.ground.deciders().contains(role);
                    let keeper = course.ground.keepers().contains(role);
                    let writes = course.submit(&by, true).is_ok();
                    assert_eq!(writes, writer && stage.is_open(), "{kind} {stage} {role}");
                    let decides = course.may_decide(&by).is_ok();
                    assert_eq!(decides, decider && *stage == PlanStage::Submitted);
                    let closes = course.close(&by, "总结", 0, false).is_ok();
                    assert_eq!(closes, keeper && *stage == PlanStage::InForce);
                    let revises = course.may_revise(&by).is_ok();
                    assert_eq!(revises, writer && *stage == PlanStage::InForce);
                }
            }
        }
    }

    #[test]
    fn only_the_party_committee_decides_on_the_overall_plan_and_never_on_its_own() {
        let submitted = course(PlanKind::Overall, PlanStage::Submitted);
        assert!(submitted.may_decide(&holding(Role::UnitHead)).is_err());
        assert!(submitted.may_decide(&holding(Role::PublicityHead)).is_err());
        assert_eq!(
            submitted.may_decide(&holding(Role::PartyCommittee)),
            Ok(None)
        );
        let own = Course {
            author: ME,
            ..submitted
        };
        assert_eq!(
            own.may_decide(&holding(Role::PartyCommittee)),
            Err(Refusal::OwnPlan)
        );
        // By delegation of the author it would be the author's own decision as well.
        let for_author = Standing {
            person: ME,
            held: vec![(Role::PartyCommittee, Some(OTHER))],
        };
        assert_eq!(submitted.may_decide(&for_author), Err(Refusal::OwnPlan));
    }

    #[test]
    fn the_publicity_departments_head_decides_on_its_plan() {
        let mut plan = course(PlanKind::Unit, PlanStage::Submitted);
        assert!(plan.may_decide(&holding(Role::PublicityHead)).is_err());
        plan.ground.publicity = true;
        assert_eq!(plan.may_decide(&holding(Role::PublicityHead)), Ok(None));
    }

    #[test]
    fn nothing_is_left_lying_at_the_end() {
        let plan = course(PlanKind::Unit, PlanStage::InForce);
        let head = holding(Role::UnitHead);
        assert_eq!(
            plan.close(&head, "", 0, false),
            Err(Refusal::SummaryMissing)
        );
        assert_eq!(
            plan.close(&head, "总结", 2, false),
            Err(Refusal::TasksLeft(2))
        );
        assert_eq!(plan.close(&head, "总结", 2, true), Ok(None));
    }

    #[test]
    fn progress_is_told_by_those_who_have_to_do_with_it() {
        let plan = course(PlanKind::Unit, PlanStage::InForce);
        let nobody = holding(Role::UnitLiaison);
        let report =
            |by: &Standing, part, progress| plan.report(by, part, TaskState::Open, progress);
        assert_eq!(report(&nobody, false, 10), Err(Refusal::NotTheirTask));
        assert_eq!(report(&nobody, true, 10), Ok(None));
        assert_eq!(report(&nobody, true, 101), Err(Refusal::BadProgress));
        assert_eq!(report(&nobody, true, -1), Err(Refusal::BadProgress));
        let deputy = Standing {
            person: ME,
            held: vec![(Role::UnitHead, Some(OTHER))],
        };
        assert_eq!(report(&deputy, false, 100), Ok(Some(OTHER)));
        assert!(
            plan.report(&nobody, true, TaskState::Done, 10).is_err(),
            "what is done stays done"
        );
    }

    #[test]
    fn days_stay_within_the_plan() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert!(due_within(day("2026-12-31"), 2026, 2026).is_ok());
        assert!(due_within(day("2027-01-01"), 2026, 2026).is_err());
        assert!(due_within(day("2028-06-01"), 2026, 2030).is_ok());
        let due = day("2026-06-30");
        assert_eq!(postponed(due, due, 2026, 2026), Err(Refusal::NotLater(due)));
        assert!(postponed(due, day("2026-09-30"), 2026, 2026).is_ok());
        assert_eq!(in_year(day("2024-02-29"), 2025), day("2025-02-28"));
        assert_eq!(in_year(day("2025-11-30"), 2026), day("2026-11-30"));
    }
}
