//! Opening many items at once: a yearly round asks for something about every channel.

use super::{
    Assignee, NewItem,
    store::{ActiveModel, Entity},
};
use crate::{App, Fault, Tx, many};
use sea_orm::Set;

/// Opens items from which nobody is barred, some hundred by each statement.
///
/// # Errors
/// When the database fails, or a link leads off this site.
pub async fn open_many(tx: &Tx, app: &App, items: Vec<NewItem>) -> Result<(), Fault> {
    let now = app.now();
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        crate::notify::require_local(&item.href)?;
        debug_assert!(
            item.barred.is_empty(),
            "barred persons need an item's own id"
        );
        let (person, role) = match item.assignee {
            Assignee::Person(person) => (Some(person), None),
            Assignee::Role(role) => (None, Some(role.code().to_owned())),
        };
        rows.push(ActiveModel {
            kind: Set(item.kind.into()),
            subject_kind: Set(item.subject.0.into()),
            subject_id: Set(item.subject.1),
            title: Set(item.title),
            href: Set(item.href),
            unit_id: Set(item.unit),
            channel_id: Set(item.channel),
            assignee_person: Set(person),
            assignee_role: Set(role),
            escalate_role: Set(item.escalate_to.map(|role| role.code().to_owned())),
            due_at: Set(item.due),
            opened_at: Set(now),
            ..Default::default()
        });
    }
    Ok(many::put::<Entity>(tx, rows).await?)
}
