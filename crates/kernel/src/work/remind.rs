//! Reminders before the due moment, and word to the next role up after it.

use super::{
    WorkId, WorkSettings,
    store::{self, Column, Model},
};
use crate::{
    App, Fault, PersonId, Role,
    jobs::JobError,
    notify::{self, Notice},
};
use chrono::{DateTime, TimeDelta, Utc};

/// Reminds and escalates what has come to it since the last time.
pub(super) async fn run(app: &App) -> Result<(), JobError> {
    let settings: WorkSettings = app.setting().await?;
    let now = app.now();
    let hours = |n: u32| TimeDelta::hours(i64::from(n));
    let soon = now + hours(settings.remind_before_hours);
    let long_since = now - hours(settings.escalate_after_hours);
    each(app, Column::RemindedAt, soon, "即将到期：").await?;
    each(app, Column::EscalatedAt, long_since, "逾期未办：").await?;
    Ok(())
}

async fn each(
    app: &App,
    mark: Column,
    due_before: DateTime<Utc>,
    words: &str,
) -> Result<(), Fault> {
    let mut after = WorkId(0);
    loop {
        let items = store::unmarked(app.db.read(), mark, due_before, after).await?;
        let Some(last) = items.last() else {
            return Ok(());
        };
        after = last.id;
        for item in items {
            // What is overdue already when first seen is not "about to be due".
            let overdue = item.due_at.is_some_and(|due| due < app.now());
            let words = if overdue { "逾期未办：" } else { words };
            tell(app, &item, mark, words).await?;
        }
    }
}

/// One item in a transaction of its own, so that a crash neither repeats nor forgets anyone.
async fn tell(app: &App, item: &Model, mark: Column, words: &str) -> Result<(), Fault> {
    let escalated = matches!(mark, Column::EscalatedAt);
    let people = whose(app, item, escalated).await?;
    let tx = app.db.begin().await?;
    if store::mark(&tx, item.id, mark, app.now()).await? {
        let notice = Notice {
            title: format!("{words}{}", item.title),
            href: item.href.clone(),
        };
        notify::tell(&tx, app, &people, notice).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whose turn it is; when escalated, the next role up as well.
async fn whose(app: &App, item: &Model, escalated: bool) -> Result<Vec<PersonId>, Fault> {
    let barred = store::barred_from(app.db.read(), item.id).await?;
    let mut people: Vec<PersonId> = item.assignee_person.into_iter().collect();
    if let Some(role) = &item.assignee_role {
        people.extend(holders(app, item, role).await?);
    }
    people.retain(|person| !barred.contains(person));
    if escalated && let Some(role) = &item.escalate_role {
        people.extend(holders(app, item, role).await?);
    }
    people.sort_unstable();
    people.dedup();
    Ok(people)
}

async fn holders(app: &App, item: &Model, role: &str) -> Result<Vec<PersonId>, Fault> {
    let Some(role) = Role::parse(role) else {
        return Ok(vec![]);
    };
    app.holders
        .holders(app, role, item.unit_id, item.channel_id)
        .await
}
