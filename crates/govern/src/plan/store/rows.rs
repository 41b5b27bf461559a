//! The entities.

use super::super::{Plan, PlanKind, PlanStage, Task, TaskState};
use zhendi_kernel::{Fault, PersonId, named};

/// A plan's row.
pub mod plan {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, PlanId, UnitId};

    /// One edition of a plan.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: PlanId,
        pub version: i32,
        pub kind: String,
        pub unit_id: UnitId,
        pub year: i32,
        pub through: i32,
        pub slot: Option<String>,
        pub revises: Option<PlanId>,
        pub edition: i32,
        #[sea_orm(column_type = "Text")]
        pub revision_reason: String,
        #[sea_orm(column_type = "Text")]
        pub title: String,
        #[sea_orm(column_type = "Text")]
        pub goals: String,
        #[sea_orm(column_type = "Text")]
        pub haystack: String,
        pub author_id: PersonId,
        pub author_for: Option<PersonId>,
        pub stage: String,
        pub round: i32,
        #[sea_orm(column_type = "Text")]
        pub opinion: String,
        pub submitted_at: Option<DateTimeUtc>,
        pub decided_by: Option<PersonId>,
        pub decided_for: Option<PersonId>,
        pub in_force_at: Option<DateTimeUtc>,
        #[sea_orm(column_type = "Text")]
        pub summary: String,
        pub ended_at: Option<DateTimeUtc>,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// A task's row.
pub mod task {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, PlanId, PlanTaskId};

    /// One task of one edition.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan_task")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: PlanTaskId,
        pub plan_id: PlanId,
        pub position: i32,
        pub thread_id: Option<PlanTaskId>,
        pub version: i32,
        #[sea_orm(column_type = "Text")]
        pub what: String,
        #[sea_orm(column_type = "Text")]
        pub detail: String,
        pub person_id: PersonId,
        pub due: Date,
        pub first_due: Date,
        pub progress: i32,
        pub state: String,
        pub done_at: Option<DateTimeUtc>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Who helps with a task.
pub mod helper {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, PlanTaskId};

    /// One person who helps with one task.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan_helper")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub task_id: PlanTaskId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// What was said about a task.
pub mod note {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, PlanTaskId};

    /// One note.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan_note")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub thread_id: PlanTaskId,
        pub kind: String,
        pub progress: i32,
        #[sea_orm(column_type = "Text")]
        pub text: String,
        pub person_id: PersonId,
        pub on_behalf_of: Option<PersonId>,
        pub at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Papers that prove what was done.
pub mod proof {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, PlanTaskId, files::ContentHash};

    /// One paper.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "plan_proof")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub thread_id: PlanTaskId,
        #[sea_orm(column_type = "Text")]
        pub name: String,
        pub kind: String,
        pub size: i64,
        pub hash: ContentHash,
        pub uploaded_by: PersonId,
        pub uploaded_at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// A note about a task.
pub type Note = note::Model;
/// A paper that proves what was done.
pub type Proof = proof::Model;

named! {
    /// What a note tells of.
    NoteKind {
        Report = "report", "填报进展";
        Done = "done", "任务完成";
        Postponed = "postponed", "顺延时限";
        Reopened = "reopened", "退回继续办理";
        Reassigned = "reassigned", "调整负责人";
        Carried = "carried", "结转下一年度";
    }
}

impl plan::Model {
    /// The plan of a row.
    pub fn read(self) -> Result<Plan, Fault> {
        let unknown = || Fault::internal(format!("plan {}: unknown kind or stage", self.id));
        Ok(Plan {
            kind: PlanKind::parse(&self.kind).ok_or_else(unknown)?,
            stage: PlanStage::parse(&self.stage).ok_or_else(unknown)?,
            id: self.id,
            version: self.version,
            unit: self.unit_id,
            year: self.year,
            through: self.through,
            slot: self.slot,
            revises: self.revises,
            edition: self.edition,
            revision_reason: self.revision_reason,
            title: self.title,
            goals: self.goals,
            author: self.author_id,
            author_for: self.author_for,
            round: self.round,
            opinion: self.opinion,
            submitted_at: self.submitted_at,
            decided_by: self.decided_by,
            decided_for: self.decided_for,
            in_force_at: self.in_force_at,
            summary: self.summary,
            ended_at: self.ended_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl task::Model {
    /// The task of a row.
    pub fn read(self, helpers: Vec<PersonId>) -> Result<Task, Fault> {
        Ok(Task {
            state: TaskState::parse(&self.state)
                .ok_or_else(|| Fault::internal(format!("task {}: {}", self.id, self.state)))?,
            id: self.id,
            plan: self.plan_id,
            version: self.version,
            thread: self.thread_id.unwrap_or(self.id),
            what: self.what,
            detail: self.detail,
            person: self.person_id,
            helpers,
            due: self.due,
            first_due: self.first_due,
            progress: self.progress,
            done_at: self.done_at,
        })
    }
}
