//! What a publication's change brings with it: work for the channel's admin, words to people and to other
//! systems.

use super::{
    Approver, NewApproval, SUBJECT,
    rules::{Act, Party, Publication, Review, State},
    store,
};
use crate::{
    connector,
    hooks::{self, Event, What},
    ids::ApprovalId,
    manuscript,
};
use chrono::{DateTime, TimeDelta, Utc};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, PersonId, Place, Role, Tx, audit,
    notify::{self, Notice},
    scope,
    work::{self, Assignee, NewItem},
};
use zhendi_people::role;
use zhendi_registry::channel;

/// Work: publish what was approved.
pub(super) const PUBLISH: &str = "publication.publish";
/// Work: look whether it is live and write its link down.
pub(super) const CONFIRM: &str = "publication.confirm";
/// Work: see to what did not get through.
pub(super) const MEND: &str = "publication.mend";
/// Work: take it down and hand in the proof.
pub(super) const TAKE_DOWN: &str = "publication.take_down";
/// Work: approve an emergency afterwards.
pub(super) const REVIEW: &str = "publication.review";

/// The admin has so long.
const HOURS: [(State, i64); 4] = [
    (State::Planned, 48),
    (State::Sent, 24),
    (State::Failed, 4),
    (State::Withdrawing, 2),
];

/// The one key of a manuscript on a channel: of this installation alone, and the same for ever.
pub(super) fn key(app: &App, manuscript: crate::ids::ManuscriptId, channel: ChannelId) -> String {
    let blind = app
        .keys
        .blind("publication.key", &format!("{manuscript}:{channel}"));
    format!("zd-{}", &blind[..20])
}

/// A publication that nothing happened to yet.
pub(super) fn fresh(
    app: &App,
    new: &NewApproval,
    channel: ChannelId,
    way: connector::Way,
    now: DateTime<Utc>,
) -> Publication {
    Publication {
        id: crate::ids::PublicationId(0),
        version: 1,
        manuscript: new.manuscript,
        content: new.version,
        hash: new.hash.clone(),
        unit: new.unit,
        channel,
        title: new.title.clone(),
        approval: None,
        state: State::Planned,
        key: key(app, new.manuscript, channel),
        way,
        remote_id: None,
        link: None,
        corrects: None,
        orders: 0,
        failures: 0,
        message: String::new(),
        scheduled_at: None,
        ordered: None,
        published_by: None,
        published_at: None,
        withdrawal: None,
        emergency: None,
        created_at: now,
        updated_at: now,
    }
}

/// An approval reaches a channel: what is there with the same content is approved by it, else something
/// waits for the channel's admin from now on.
pub(super) async fn plan(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    new: &NewApproval,
    approval: ApprovalId,
    channel: ChannelId,
) -> Result<(), Fault> {
    let now = app.now();
    let (mut there, mut covered) = (None, false);
    for mut one in store::of_manuscript(tx, new.manuscript).await? {
        if one.channel != channel {
            continue;
        }
        let same = one.hash == new.hash;
        match one.state {
            State::Sending | State::Sent | State::Published if same => {
                one.approval = Some(approval);
                settle(tx, app, actor, &mut one, &new.approvers, now).await?;
                store::replace(tx, &mut one).await?;
                covered = true;
            }
            State::Sent | State::Published => there = Some(one.id),
            _ if one.state.waits() => {
                one.take(Act::Replace, now)?;
                one.message = "新审定的版本取代了这一版。".into();
                store::replace(tx, &mut one).await?;
                hand_on(tx, app, actor, &one).await?;
            }
            _ => {}
        }
    }
    if covered {
        return Ok(());
    }
    let way = connector::way_of(tx, channel).await?;
    let planned = Publication {
        approval: Some(approval),
        corrects: there,
        ..fresh(app, new, channel, way, now)
    };
    let planned = store::insert(tx, planned).await?;
    hand_on(tx, app, actor, &planned).await
}

/// The full review approves an emergency too, where somebody independent was among those who decided.
async fn settle(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &mut Publication,
    approvers: &[Approver],
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let writers = manuscript::load(tx, one.manuscript).await?.writers();
    let independent = approvers.iter().find_map(|approver| {
        let by = Party {
            person: approver.person,
            on_behalf_of: approver.on_behalf_of,
        };
        one.may_review(by, &writers).is_ok().then_some(by)
    });
    let (Some(by), Some(emergency)) = (independent, &mut one.emergency) else {
        return Ok(());
    };
    emergency.review = Review::Approved;
    emergency.by = Some(by);
    emergency.at = Some(now);
    emergency.opinion = "已按完整流程审核通过。".into();
    work::close(tx, app, actor, (SUBJECT, one.id.0), Some(REVIEW)).await?;
    Ok(())
}

/// What waits lapses with its approval.
pub(super) async fn lapse(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    mut one: Publication,
    why: &str,
) -> Result<(), Fault> {
    one.take(Act::Lapse, app.now())?;
    one.message = why.into();
    store::replace(tx, &mut one).await?;
    hand_on(tx, app, actor, &one).await
}

/// What people call it: its title on its channel.
pub(super) async fn called(tx: &Tx, one: &Publication) -> Result<String, Fault> {
    let channel = channel::store::get(tx, one.channel).await?;
    let name = channel::lasting_title(&channel.facts, channel.id);
    Ok(format!("《{}》（{name}）", one.title))
}

/// Hands a publication to whoever has it in its present state. The review of an emergency stays open.
pub(super) async fn hand_on(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    one: &Publication,
) -> Result<(), Fault> {
    for kind in [PUBLISH, CONFIRM, MEND, TAKE_DOWN] {
        work::close(tx, app, actor, (SUBJECT, one.id.0), Some(kind)).await?;
    }
    let (kind, verb) = match one.state {
        State::Planned => (PUBLISH, "发布稿件"),
        State::Sent => (CONFIRM, "确认已发布并登记链接"),
        State::Failed => (MEND, "处理发布失败"),
        State::Withdrawing if !one.way.removes() || super::send::gave_up(one) => {
            (TAKE_DOWN, "撤下稿件并上传证明")
        }
        _ => return Ok(()),
    };
    let hours = HOURS
        .iter()
        .find(|(state, _)| *state == one.state)
        .map_or(24, |(_, hours)| *hours);
    let title = format!("{verb}：{}", called(tx, one).await?);
    let channel = channel::store::get(tx, one.channel).await?;
    let item = NewItem {
        kind,
        subject: (SUBJECT, one.id.0),
        title: title.clone(),
        href: one.href(),
        unit: channel.facts.unit,
        channel: Some(one.channel),
        assignee: Assignee::Role(Role::ChannelAdmin),
        due: Some(app.now() + TimeDelta::hours(hours)),
        barred: vec![],
        escalate_to: Some(Role::UnitHead),
    };
    work::open(tx, app, item).await?;
    let place = channel.place(tx).await?;
    let admins = people_at(tx, app, Role::ChannelAdmin, &place).await?;
    let notice = Notice {
        title: format!("待您{title}"),
        href: one.href(),
    };
    notify::tell(tx, app, &admins, notice).await
}

async fn people_at(tx: &Tx, app: &App, role: Role, place: &Place) -> Result<Vec<PersonId>, Fault> {
    let holders = role::holders(tx, app.now(), role, place).await?;
    Ok(holders.into_iter().map(|one| one.person).collect())
}

/// Opens the work of approving an emergency afterwards; overdue it goes to the leader in charge.
pub(super) async fn ask_for_review(
    tx: &Tx,
    app: &App,
    one: &Publication,
    barred: Vec<PersonId>,
) -> Result<(), Fault> {
    let due = one.emergency.as_ref().map(|emergency| emergency.due);
    let title = format!("应急发布补审：{}", called(tx, one).await?);
    let item = NewItem {
        kind: REVIEW,
        subject: (SUBJECT, one.id.0),
        title: title.clone(),
        href: one.href(),
        unit: one.unit,
        channel: Some(one.channel),
        assignee: Assignee::Role(Role::PublicityHead),
        due,
        barred,
        escalate_to: Some(Role::PortfolioLeader),
    };
    work::open(tx, app, item).await?;
    let place = scope::place(tx, one.unit).await?;
    let heads = people_at(tx, app, Role::PublicityHead, &place).await?;
    let notice = Notice {
        title: format!("待您{title}"),
        href: one.href(),
    };
    notify::tell(tx, app, &heads, notice).await
}

/// Tells who ordered it, and the author, what became of it.
pub(super) async fn tell_people(tx: &Tx, app: &App, one: &Publication) -> Result<(), Fault> {
    let mut people = manuscript::load(tx, one.manuscript).await?.writers();
    people.extend(one.ordered.iter().flat_map(|(by, _)| by.everyone()));
    people.sort_unstable();
    people.dedup();
    let title = format!("{}：{}", one.state.label(), called(tx, one).await?);
    let href = one.href();
    notify::tell(tx, app, &people, Notice { title, href }).await
}

/// Tells other systems.
pub(super) async fn tell_systems(
    tx: &Tx,
    app: &App,
    what: What,
    one: &Publication,
) -> Result<(), Fault> {
    let number = manuscript::version(tx, one.content).await?.number;
    let event = Event::new(what, one.unit, one.manuscript, &one.title)
        .of_version(number, one.hash.clone())
        .on(one.channel, one.link.clone());
    hooks::tell(tx, app, event).await
}

/// Appends to the audit chain; last in its transaction.
pub(super) async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    action: &'static str,
    one: &Publication,
    on_behalf_of: Option<PersonId>,
    summary: String,
) -> Result<(), Fault> {
    let detail = serde_json::json!({
        "manuscript": one.manuscript,
        "version": one.content,
        "hash": one.hash,
        "channel": one.channel,
        "approval": one.approval,
        "state": one.state,
        "way": one.way,
        "key": one.key,
        "link": one.link,
        "message": one.message,
        "scheduled_at": one.scheduled_at,
        "withdrawal": one.withdrawal.as_ref().map(|one| (one.reason, &one.note)),
        "emergency": one.emergency.as_ref().map(|one| (&one.reason, one.review, &one.opinion)),
    });
    let entry = audit::Entry {
        action,
        subject: (SUBJECT, one.id.0),
        unit: Some(one.unit),
        on_behalf_of,
        summary,
        detail,
    };
    audit::append(tx, app, actor, entry).await
}
