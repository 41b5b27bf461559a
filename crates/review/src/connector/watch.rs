//! Connections are tried each day, so that a key that no longer serves is known before it is needed; an
//! expiry is told days ahead.

use super::{
    Connection, Failure, Way, connector,
    store::{self, Health},
};
use chrono::{Days, NaiveDate};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Role, Tx, audit, clock,
    jobs::{Handlers, JobError},
    notify::{self, Notice},
    work::{self, Assignee, NewItem},
};
use zhendi_people::role;
use zhendi_registry::channel;

/// Work: the platform does not take our key.
pub(super) const MEND: &str = "connection.mend";
/// Work: the key runs out soon.
pub(super) const RENEW: &str = "connection.renew";
/// What connections are called in the audit chain and the list of work.
pub(super) const SUBJECT: &str = "connection";
/// So many days ahead an expiry is told.
const AHEAD: u64 = 14;

/// The jobs of connections.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .on("connection.watch", |app: App, _| async move {
            watch(&app).await.map_err(JobError::from)
        })
        .daily_at("connection.watch", 7, 20)
        .called("connection.watch", "检查发布通道")
}

async fn watch(app: &App) -> Result<(), Fault> {
    let actor = Actor::program("检查发布通道");
    for connection in store::all(app.db.read(), app).await? {
        // One that does not answer keeps nobody from the others.
        if let Err(fault) = try_one(app, &actor, &connection).await {
            tracing::warn!(connection = connection.id.0, error = %fault, "a connection was not checked");
        }
    }
    Ok(())
}

/// Tries a connection, notes what came of it, and opens or closes the work that follows.
async fn try_one(
    app: &App,
    actor: &Actor,
    connection: &Connection,
) -> Result<Result<String, Failure>, Fault> {
    let outcome = match connector(connection) {
        Ok(Some(connector)) => connector.check(app).await,
        Ok(None) => Ok(String::new()),
        Err(failure) => Err(failure),
    };
    let tx = app.db.begin().await?;
    let (health, message) = match &outcome {
        Ok(said) => (Health::Good, said.clone()),
        Err(failure) => (Health::Failing, failure.to_string()),
    };
    store::note(&tx, connection.id, health, &message, app.now()).await?;
    set_work(&tx, app, actor, connection, outcome.is_err()).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Whether an expiry is near enough to be told.
pub(super) fn near(expires_on: Option<NaiveDate>, today: NaiveDate) -> bool {
    expires_on.is_some_and(|day| day <= today + Days::new(AHEAD))
}

async fn set_work(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    connection: &Connection,
    failing: bool,
) -> Result<(), Fault> {
    let expires = near(connection.expires_on, app.clock.today());
    for (kind, wanted) in [(MEND, failing), (RENEW, expires)] {
        let subject = (SUBJECT, connection.id.0);
        let open = work::of_subject(tx, app.now(), subject).await?;
        let is_open = open.iter().any(|item| item.kind == kind);
        match (wanted, is_open) {
            (true, false) => ask(tx, app, connection, kind).await?,
            (false, true) => {
                work::close(tx, app, actor, subject, Some(kind)).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn ask(tx: &Tx, app: &App, connection: &Connection, kind: &'static str) -> Result<(), Fault> {
    let channel = channel::store::get(tx, connection.channel).await?;
    let name = channel::lasting_title(&channel.facts, channel.id);
    let (title, due) = match (kind, connection.expires_on) {
        (RENEW, Some(day)) => (
            format!("发布通道密钥 {day} 到期，请更换：{name}"),
            clock::start_of(day),
        ),
        _ => (
            format!("发布通道连接异常，请修复：{name}"),
            app.now() + chrono::TimeDelta::hours(24),
        ),
    };
    let href = href(connection.channel);
    let item = NewItem {
        kind,
        subject: (SUBJECT, connection.id.0),
        title: title.clone(),
        href: href.clone(),
        unit: channel.facts.unit,
        channel: Some(channel.id),
        assignee: Assignee::Role(Role::ChannelAdmin),
        due: Some(due.max(app.now())),
        barred: vec![],
        escalate_to: Some(Role::PublicityOfficer),
    };
    work::open(tx, app, item).await?;
    let place = channel.place(tx).await?;
    let admins = role::holders(tx, app.now(), Role::ChannelAdmin, &place).await?;
    let people: Vec<_> = admins.into_iter().map(|one| one.person).collect();
    notify::tell(tx, app, &people, Notice { title, href }).await
}

/// The page of a channel's connection.
pub(super) fn href(channel: ChannelId) -> String {
    format!("/channels/{channel}/connection")
}

/// Tries a channel's connection because a person wants to know.
///
/// # Errors
/// `Fault::NotFound` without a connection; when the database fails. The inner error is the platform's.
pub async fn test(
    app: &App,
    actor: &Actor,
    channel: ChannelId,
) -> Result<Result<String, Failure>, Fault> {
    let connection = store::of_channel(app.db.read(), app, channel)
        .await?
        .filter(|one| one.way != Way::Hand)
        .ok_or(Fault::NotFound)?;
    let outcome = try_one(app, actor, &connection).await?;
    let unit = channel::store::get(app.db.read(), channel)
        .await?
        .facts
        .unit;
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "connection.tested",
        subject: (SUBJECT, connection.id.0),
        unit: Some(unit),
        on_behalf_of: None,
        summary: match &outcome {
            Ok(_) => "测试发布通道：正常".into(),
            Err(_) => "测试发布通道：异常".into(),
        },
        detail: serde_json::json!({ "way": connection.way, "outcome": outcome.as_ref().map_or_else(ToString::to_string, Clone::clone) }),
    };
    audit::append(&tx, app, actor, entry).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// What the use of a connection showed: a refusal is told at once, not the next morning.
///
/// # Errors
/// When the database fails.
pub(crate) async fn used(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    connection: &Connection,
    failure: Option<&Failure>,
) -> Result<(), Fault> {
    let (health, message) = match failure {
        None => (Health::Good, String::new()),
        Some(failure) => (Health::Failing, failure.to_string()),
    };
    if connection.health != health {
        store::note(tx, connection.id, health, &message, app.now()).await?;
    }
    if failure.is_none() {
        let subject = (SUBJECT, connection.id.0);
        work::close(tx, app, actor, subject, Some(MEND)).await?;
    }
    Ok(())
}
