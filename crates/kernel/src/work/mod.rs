//! One list of work (待办) over all contexts (R-TASK-1): what, whose, until when, from which record.
//! A context opens and closes items in the transaction of the change; everything that reminds,
//! escalates or lists reads items alone.

mod calendar;
mod digest;
mod list;
mod many;
pub mod pages;
mod remind;
mod store;

pub(crate) use list::count_waiting;
pub use list::{COUNTED, Filter, Listing, Tab, Tally, count, first, mine, said, tally};
pub use many::open_many;
pub use store::{Item, held_by, of_subject, reassign};

use crate::{
    Actor, App, ChannelId, Fault, PersonId, Role, Tx, UnitId, jobs::Handlers, settings::Setting,
};
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// Identity of a work item.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    sea_orm::DeriveValueType,
    utoipa::ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = i64)]
#[sea_orm(try_from_u64)]
pub struct WorkId(pub i64);

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// One person.
    Person(PersonId),
    /// Whoever holds the role at the item's unit or above it, or on its channel.
    Role(Role),
}

/// Something that someone must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// What is to be done, for example `filing.sign`; [`crate::app::Parts::work_kinds`] has its name for people.
    pub kind: &'static str,
    /// The record that it is about: kind and id.
    pub subject: (&'static str, i64),
    /// One line without personal data: it is mailed and lies in calendars.
    pub title: String,
    /// Where it is done: a path of this site.
    pub href: String,
    pub unit: UnitId,
    pub channel: Option<ChannelId>,
    pub assignee: Assignee,
    pub due: Option<DateTime<Utc>>,
    /// Who may not take it: the author, earlier signers (four eyes).
    pub barred: Vec<PersonId>,
    /// The role told when it stays undone after its due date.
    pub escalate_to: Option<Role>,
}

/// Opens an item.
///
/// # Errors
/// When the database fails, or the link leads off this site.
pub async fn open(tx: &Tx, app: &App, item: NewItem) -> Result<WorkId, Fault> {
    store::insert(tx, app.now(), item).await
}

/// Closes the open items of a record, all or those of one kind.
///
/// # Errors
/// When the database fails.
pub async fn close(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    subject: (&'static str, i64),
    kind: Option<&str>,
) -> Result<(), Fault> {
    store::close(tx, app.now(), actor, subject, kind).await
}

/// What the list of work asks about people and units, of which the kernel knows nothing. `people`
/// answers.
#[async_trait::async_trait]
pub trait Holders: Send + Sync {
    /// The active persons who now hold a role at a unit or above it, or on a channel; their
    /// delegates too.
    async fn holders(
        &self,
        app: &App,
        role: Role,
        unit: UnitId,
        channel: Option<ChannelId>,
    ) -> Result<Vec<PersonId>, Fault>;

    /// A person with the roles now in force, as a sign-in would load them; none when they may not
    /// sign in. Calendars and the daily mail show what this actor would see.
    async fn actor(&self, _app: &App, _person: PersonId) -> Result<Option<Actor>, Fault> {
        Ok(None)
    }

    /// The names of units; those not known are left out.
    async fn unit_names(
        &self,
        _app: &App,
        _units: &[UnitId],
    ) -> Result<HashMap<UnitId, String>, Fault> {
        Ok(HashMap::new())
    }
}

/// When people are reminded.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct WorkSettings {
    /// So many hours before the due moment the assignees are reminded.
    pub remind_before_hours: u32,
    /// So many hours after it they are told again, and the next role up with them.
    pub escalate_after_hours: u32,
    /// The hour of the daily mail, by the institution's clock.
    pub digest_hour: u32,
}

impl Default for WorkSettings {
    fn default() -> Self {
        Self {
            remind_before_hours: 24,
            escalate_after_hours: 24,
            digest_hour: 8,
        }
    }
}

impl Setting for WorkSettings {
    const KEY: &'static str = "work";
}

/// The jobs of the list of work.
pub(crate) fn jobs(handlers: Handlers) -> Handlers {
    let quarter = std::time::Duration::from_secs(15 * 60);
    handlers
        .on(
            "work.remind",
            |app, _| async move { remind::run(&app).await },
        )
        .every("work.remind", quarter)
        .on(
            "work.digest",
            |app, _| async move { digest::run(&app).await },
        )
        .every("work.digest", quarter)
        .on("work.digest_mail", |app, payload| async move {
            digest::mail(&app, payload).await
        })
}

#[cfg(test)]
mod tests;
