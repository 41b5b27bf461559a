//! Plans (R-GOV-1): the institution's overall plan and each unit's yearly working plan, with goals and tasks
//! that are somebody's work until a day.

mod api;
mod board;
mod effect;
mod export;
mod form;
mod list;
mod pages;
mod proofs;
mod rules;
mod service;
mod show;
mod store;
mod task_pages;
mod tasks;
#[cfg(test)]
mod tests;
mod year_end;

pub use api::docs;
pub(crate) use effect::{handed_over, unit_merged};
pub use proofs::keep as keep_proof;
pub use rules::{Course, Ground, PlanKind, PlanStage, Principal, Refusal, Standing, TaskState};
pub use service::{Draft, begin, decide, discard, edit, open_for, revise, send_back, submit};
pub use store::{Note, NoteKind, Proof, evidence, find, tasks_of};
pub use tasks::{NewTask, add as add_task, change as change_task, report};
pub use year_end::{carry_over, close};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::ConnectionTrait;
use zhendi_kernel::{
    Fault, Permission, PersonId, PlanId, PlanTaskId, UnitId, scope,
    web::{Access, Routes},
};
use zhendi_people::unit;

/// A plan in one of its editions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub id: PlanId,
    /// Counts the changes of text and tasks while they are written; who decides names what they saw.
    pub version: i32,
    pub kind: PlanKind,
    pub unit: UnitId,
    pub year: i32,
    /// The last year; the same for a unit's plan.
    pub through: i32,
    /// Its place among the unit's plans, unique; editions that were replaced have given it up.
    pub(crate) slot: Option<String>,
    /// The edition that this one replaces.
    pub revises: Option<PlanId>,
    /// From 1.
    pub edition: i32,
    pub revision_reason: String,
    pub title: String,
    pub goals: String,
    pub author: PersonId,
    pub author_for: Option<PersonId>,
    pub stage: PlanStage,
    /// How often it was handed in.
    pub round: i32,
    /// What was said at the last decision or return.
    pub opinion: String,
    pub submitted_at: Option<DateTime<Utc>>,
    pub decided_by: Option<PersonId>,
    pub decided_for: Option<PersonId>,
    pub in_force_at: Option<DateTime<Utc>>,
    pub summary: String,
    /// When it was summed up or replaced.
    pub ended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Plan {
    /// What the law asks; needs the plan's unit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn course(&self, db: &impl ConnectionTrait) -> Result<Course, Fault> {
        let unit = unit::find(db, self.unit).await?;
        Ok(Course {
            ground: Ground {
                kind: self.kind,
                publicity: unit.is_some_and(|unit| unit.publicity),
            },
            stage: self.stage,
            author: self.author,
            author_for: self.author_for,
        })
    }

    /// Where rights over it are held.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn place(&self, db: &impl ConnectionTrait) -> Result<zhendi_kernel::Place, Fault> {
        scope::place(db, self.unit).await
    }

    /// Its years as people write them.
    pub fn years(&self) -> String {
        if self.year == self.through {
            format!("{}年", self.year)
        } else {
            format!("{}—{}年", self.year, self.through)
        }
    }

    /// Its page.
    pub fn href(&self) -> String {
        format!("/plans/{}", self.id)
    }
}

/// A task of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub id: PlanTaskId,
    pub plan: PlanId,
    pub version: i32,
    /// The first of its editions: notes and proofs are kept with that one.
    pub thread: PlanTaskId,
    /// What is to be done.
    pub what: String,
    /// How, and how one sees that it is done.
    pub detail: String,
    /// Who answers for it.
    pub person: PersonId,
    pub helpers: Vec<PersonId>,
    pub due: NaiveDate,
    /// Until when it was to be done at first.
    pub first_due: NaiveDate,
    /// 0 to 100.
    pub progress: i32,
    pub state: TaskState,
    pub done_at: Option<DateTime<Utc>>,
}

impl Task {
    /// Whether the person answers for it or helps.
    pub fn is_of(&self, person: PersonId) -> bool {
        self.person == person || self.helpers.contains(&person)
    }

    /// Undone after its day.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.state == TaskState::Open && self.due < today
    }

    /// Its page.
    pub fn href(&self) -> String {
        format!("/plans/{}/tasks/{}", self.plan, self.id)
    }
}

/// What plans are called in the audit chain and the list of work.
pub const SUBJECT: &str = "plan";
/// What tasks are called in the list of work.
pub const TASK: &str = "plan_task";

/// The kinds of work that plans make, with their names for people.
pub const WORK_KINDS: &[(&str, &str)] = &[
    (effect::DECIDE, "审定工作计划"),
    (effect::CORRECT, "修改被退回的工作计划"),
    (effect::DO, "工作计划任务"),
];

/// The pages and the API of plans. What may be seen and done is the plan's own law: who has a task in a plan
/// sees it without any role.
pub fn routes() -> Routes {
    let see = Access::Needs(Permission::ViewPlans);
    let open = Access::SignedIn;
    let write = Access::Needs(Permission::DraftPlans);
    let decide = Access::Needs(Permission::DecidePlans);
    Routes::new()
        .get("/plans", open, list::page)
        .get("/plans.csv", open, export::csv)
        .get("/plans.xlsx", open, export::xlsx)
        .get("/plans/board", see, board::page)
        .get("/plans/new", write, form::new)
        .post("/plans", write, form::create)
        .get("/plans/{id}", open, show::show)
        .get("/plans/{id}/edit", write, form::edit)
        .post("/plans/{id}/edit", write, form::save)
        .post("/plans/{id}/submissions", write, pages::submit)
        .post("/plans/{id}/removals", write, pages::discard)
        .post("/plans/{id}/decisions", decide, pages::decide)
        .post("/plans/{id}/returns", decide, pages::send_back)
        .post("/plans/{id}/revisions", write, pages::revise)
        .post("/plans/{id}/carryovers", write, pages::carry_over)
        .get("/plans/{id}/closures/new", decide, pages::closing)
        .post("/plans/{id}/closures", decide, pages::close)
        .get("/plans/{id}/tasks/new", write, task_pages::new)
        .post("/plans/{id}/tasks", write, task_pages::create)
        .get("/plans/{id}/tasks/{task}", open, task_pages::show)
        .get("/plans/{id}/tasks/{task}/edit", write, task_pages::edit)
        .post("/plans/{id}/tasks/{task}/edit", write, task_pages::save)
        .post(
            "/plans/{id}/tasks/{task}/removals",
            write,
            task_pages::remove,
        )
        .post("/plans/{id}/tasks/{task}/reports", open, task_pages::report)
        .post(
            "/plans/{id}/tasks/{task}/postponements",
            decide,
            task_pages::postpone,
        )
        .post(
            "/plans/{id}/tasks/{task}/reopenings",
            decide,
            task_pages::reopen,
        )
        .post(
            "/plans/{id}/tasks/{task}/reassignments",
            decide,
            task_pages::reassign,
        )
        .upload(
            "/plans/{id}/tasks/{task}/attachments",
            open,
            proofs::REQUEST_LIMIT,
            task_pages::attach,
        )
        .get(
            "/plans/{id}/tasks/{task}/attachments/{number}",
            open,
            task_pages::download,
        )
        .get("/api/v1/plans", open, api::list)
        .post("/api/v1/plans", write, api::create)
        .get("/api/v1/plans/{id}", open, api::show)
        .post("/api/v1/plans/{id}/tasks", write, api::add_task)
        .post("/api/v1/plans/{id}/submissions", write, api::submit)
        .post("/api/v1/plans/{id}/decisions", decide, api::decide)
        .post("/api/v1/plans/{id}/returns", decide, api::send_back)
        .post("/api/v1/plans/{id}/closures", decide, api::close)
        .post("/api/v1/plans/{id}/tasks/{task}/reports", open, api::report)
}
