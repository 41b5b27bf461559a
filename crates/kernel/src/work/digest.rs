//! The daily mail of what lies there, sent to those who have something to do and want mail.

use super::{Filter, WorkSettings, list};
use crate::{
    App, PersonId, clock,
    jobs::{self, JobError, NewJob},
    notify::{self, mail},
    settings::{self, Setting},
};
use chrono::{NaiveDate, Timelike};

/// The day of the last digest.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Sent(Option<NaiveDate>);

impl Setting for Sent {
    const KEY: &'static str = "work.digest_sent";
}

/// Once a day, from the hour that the institution chose, adds a mail for each person to reach.
pub(super) async fn run(app: &App) -> Result<(), JobError> {
    if app.config.mail.is_none() {
        return Ok(());
    }
    let settings: WorkSettings = app.setting().await?;
    let now = clock::local(app.now());
    let tx = app.db.begin().await?;
    let Sent(last) = settings::get(&tx).await?;
    let today = now.date_naive();
    if now.hour() < settings.digest_hour || last.is_some_and(|day| day >= today) {
        return Ok(());
    }
    settings::put(&tx, &Sent(Some(today))).await?;
    for person in notify::reachable(&tx).await? {
        let job = NewJob::new("work.digest_mail", serde_json::json!({ "person": person }));
        jobs::enqueue(&tx, app, job).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Mails one person what now waits for them; nothing when nothing does.
pub(super) async fn mail(app: &App, payload: serde_json::Value) -> Result<(), JobError> {
    #[derive(serde::Deserialize)]
    struct Payload {
        person: PersonId,
    }
    let Payload { person } = serde_json::from_value(payload)
        .map_err(|_| JobError::Permanent("任务内容无法识别".into()))?;
    let Some(actor) = app.holders.actor(app, person).await? else {
        return Ok(());
    };
    let list = list::mine(app.db.read(), app.now(), &actor, &Filter::default()).await?;
    if list.total == 0 {
        return Ok(());
    }
    let overdue = list::tally(app.db.read(), app.now(), &actor).await?.overdue;
    let mut text = format!("您有 {} 项待办", list.total);
    if overdue > 0 {
        text += &format!("，其中 {overdue} 项已逾期");
    }
    text += "。\n\n";
    for item in &list.rows {
        let due = item.due.as_ref().map(clock::show);
        text += &match due {
            Some(due) if item.overdue => format!("· {}（已逾期，截止 {due}）\n", item.title),
            Some(due) => format!("· {}（截止 {due}）\n", item.title),
            None => format!("· {}\n", item.title),
        };
    }
    if list.total > list.rows.len() as u64 {
        text += "· ……（其余请打开下面的链接查看）\n";
    }
    let letter = mail::Letter {
        id: format!("digest-{}-{}", app.clock.today(), person),
        subject: format!("您有 {} 项待办", list.total),
        text,
        href: "/work-items".into(),
    };
    mail::send(app, person, letter).await
}
