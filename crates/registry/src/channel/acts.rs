//! Acts on channels. Each writes the row, its identity, who holds it, the work it causes or ends, and
//! the audit record, in the caller's transaction.

use super::{
    Channel, Content, Facts, FilingState, Holder, identity,
    identity::Owner,
    recheck,
    store::{self, KIND},
    terms,
};
use crate::platform::{self, NamedBy};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde_json::json;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, PersonId, Role, Tx, audit, clock,
    work::{self, Assignee, NewItem},
};
use zhendi_people::holding;

/// The work item: file a channel that lives already (待补录备案).
pub const CATCH_UP: &str = "channel.file";

/// The name for records that can never be deleted: the account of a person may bear their name.
pub fn lasting_title(facts: &Facts, id: ChannelId) -> String {
    match facts.holder {
        Holder::Unit => format!("“{}”", facts.name),
        Holder::PersonByPost(_) => format!("职务个人账号（第 {id} 号）"),
    }
}

/// Writes corrected facts and people, as an import or the edit page gives them. Nothing is written when
/// nothing differs.
///
/// # Errors
/// What [`Channel::correct`] refuses; `Fault::Refused` when the new address or id is another's;
/// `Fault::Stale`; when the database fails.
pub async fn correct(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
    to: Content,
) -> Result<Channel, Fault> {
    if before.content() == to {
        return Ok(before);
    }
    let mut after = before.clone().correct(to.facts)?;
    after.people = to.people;
    after.second_account_reason = to.second_account_reason;
    let after = write(tx, app, &before, after).await?;
    let summary = format!(
        "更正网络阵地{}的资料",
        lasting_title(&after.facts, after.id)
    );
    settle(tx, app, actor, &after).await?;
    record(
        tx,
        app,
        actor,
        "channel.corrected",
        &after,
        summary,
        json!({
            "before": { "facts": before.facts, "people": before.people },
            "after": { "facts": after.facts, "people": after.people },
        }),
    )
    .await?;
    Ok(after)
}

/// Pauses a channel, or lets it run again, with the reason.
///
/// # Errors
/// What the rule refuses; `Fault::Stale`; when the database fails.
pub async fn set_running(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
    suspend: bool,
    reason: &str,
) -> Result<Channel, Fault> {
    let after = if suspend {
        before.suspend()?
    } else {
        before.resume()?
    };
    let after = store::replace(tx, app.now(), after).await?;
    let (action, verb) = if suspend {
        ("channel.suspended", "暂停")
    } else {
        ("channel.resumed", "恢复运行")
    };
    let summary = format!("{verb}网络阵地{}", lasting_title(&after.facts, after.id));
    record(
        tx,
        app,
        actor,
        action,
        &after,
        summary,
        json!({ "reason": reason }),
    )
    .await?;
    Ok(after)
}

/// A filing for a channel that lives already was handed in: 备案中.
///
/// # Errors
/// Unless it is 待补录备案; `Fault::Stale`; when the database fails.
pub async fn begin_filing(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
) -> Result<Channel, Fault> {
    let after = store::replace(tx, app.now(), before.begin_filing()?).await?;
    settle(tx, app, actor, &after).await?;
    let summary = format!(
        "网络阵地{}开始补录备案",
        lasting_title(&after.facts, after.id)
    );
    record(
        tx,
        app,
        actor,
        "channel.filing_begun",
        &after,
        summary,
        json!({}),
    )
    .await?;
    Ok(after)
}

/// That filing was withdrawn: 待补录备案 again.
///
/// # Errors
/// Unless it is 备案中; `Fault::Stale`; when the database fails.
pub async fn abandon_filing(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
) -> Result<Channel, Fault> {
    let after = store::replace(tx, app.now(), before.abandon_filing()?).await?;
    settle(tx, app, actor, &after).await?;
    let summary = format!(
        "网络阵地{}的补录备案已撤回",
        lasting_title(&after.facts, after.id)
    );
    record(
        tx,
        app,
        actor,
        "channel.filing_abandoned",
        &after,
        summary,
        json!({}),
    )
    .await?;
    Ok(after)
}

/// That filing is effective: 已备案, with what the filing says.
///
/// # Errors
/// When it is filed or cancelled already; `Fault::Refused` when the address or id is another's;
/// `Fault::Stale`; when the database fails.
pub async fn file(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
    to: Content,
    number: String,
) -> Result<Channel, Fault> {
    let mut after = before.clone().file(to.facts, number)?;
    after.people = to.people;
    after.second_account_reason = to.second_account_reason;
    let after = write(tx, app, &before, after).await?;
    settle(tx, app, actor, &after).await?;
    let summary = format!("网络阵地{}备案生效", lasting_title(&after.facts, after.id));
    record(
        tx,
        app,
        actor,
        "channel.filed",
        &after,
        summary,
        json!({
            "before": { "facts": before.facts, "people": before.people },
            "after": { "facts": after.facts, "people": after.people },
            "number": after.filing_number,
        }),
    )
    .await?;
    Ok(after)
}

/// A person's part in a channel goes to another (hand-over when people leave).
///
/// # Errors
/// When the database fails.
pub async fn replace_person(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    mut channel: Channel,
    from: PersonId,
    to: PersonId,
) -> Result<(), Fault> {
    let people = &mut channel.people;
    for part in people
        .leader
        .iter_mut()
        .chain(&mut people.reviewers)
        .chain(&mut people.operators)
    {
        if *part == from {
            *part = to;
        }
    }
    let after = store::replace(tx, app.now(), channel).await?;
    settle(tx, app, actor, &after).await?;
    let summary = format!(
        "网络阵地{}的管理人员因交接变更",
        lasting_title(&after.facts, after.id)
    );
    record(
        tx,
        app,
        actor,
        "channel.handed_over",
        &after,
        summary,
        json!({ "from": from, "to": to }),
    )
    .await
}

/// A channel goes with its unit into another. A key made of the unit's name that is taken there stays
/// as it was: nobody is there to be asked.
///
/// # Errors
/// When the database fails.
pub async fn move_to_unit(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    mut channel: Channel,
    into: zhendi_kernel::UnitId,
) -> Result<(), Fault> {
    channel.facts.unit = into;
    let after = store::replace(tx, app.now(), channel).await?;
    let keys = identity::keys(&after.facts, named_by(tx, &after.facts).await?);
    let mut free = true;
    for key in &keys {
        let owner = identity::owner_of(tx, key).await?;
        free &= owner.is_none_or(|owner| owner == Owner::Channel(after.id));
    }
    if free {
        identity::release(tx, Owner::Channel(after.id)).await?;
        identity::claim(tx, &keys, Owner::Channel(after.id)).await??;
    }
    // The work goes where the channel goes.
    work::close(tx, app, actor, (KIND, after.id.0), Some(CATCH_UP)).await?;
    settle(tx, app, actor, &after).await?;
    let summary = format!(
        "网络阵地{}随单位合并转入",
        lasting_title(&after.facts, after.id)
    );
    record(
        tx,
        app,
        actor,
        "channel.moved",
        &after,
        summary,
        json!({ "into": into }),
    )
    .await
}

pub(super) async fn named_by(tx: &Tx, facts: &Facts) -> Result<NamedBy, Fault> {
    platform::find(tx, &facts.platform)
        .await?
        .map(|platform| platform.named_by)
        .ok_or_else(|| Fault::Malformed("没有这个平台，请从列表中选择。".into()))
}

/// Takes the keys that the channel now has, beside those it holds.
pub(super) async fn claim(tx: &Tx, channel: &Channel) -> Result<(), Fault> {
    let keys = identity::keys(&channel.facts, named_by(tx, &channel.facts).await?);
    Ok(identity::claim(tx, &keys, Owner::Channel(channel.id)).await??)
}

/// Writes the row, and the keys when they changed.
pub(super) async fn write(
    tx: &Tx,
    app: &App,
    before: &Channel,
    after: Channel,
) -> Result<Channel, Fault> {
    let after = store::replace(tx, app.now(), after).await?;
    let old = identity::keys(&before.facts, named_by(tx, &before.facts).await?);
    let new = identity::keys(&after.facts, named_by(tx, &after.facts).await?);
    if old != new {
        identity::give_up(tx, &old, Owner::Channel(after.id)).await?;
        identity::claim(tx, &new, Owner::Channel(after.id)).await??;
    }
    Ok(after)
}

/// Makes the list of work and what people hold true to the channel as it stands now.
pub(super) async fn settle(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    channel: &Channel,
) -> Result<(), Fault> {
    if channel.filing.is_over() {
        // Nobody has to hand it over any more, and its unit may close.
        holding::forget(tx, holding::CHANNEL, channel.id.0).await?;
        recheck::forget(tx, channel.id).await?;
        for kind in [recheck::WORK, terms::MLPS, terms::REPORT_CHANGE] {
            work::close(tx, app, actor, (KIND, channel.id.0), Some(kind)).await?;
        }
    } else {
        holding::record(tx, holding_of(channel)).await?;
    }
    let subject = (KIND, channel.id.0);
    let open = work::of_subject(tx, app.now(), subject).await?;
    let is_open = open.iter().any(|item| item.kind == CATCH_UP);
    if let Some(item) = open.iter().find(|item| item.kind == terms::MLPS)
        && item.due != terms::mlps_due(tx, &channel.facts).await?.map(end_of)
    {
        // Tested since: asked for again, by the new day, when that comes near.
        work::close(tx, app, actor, subject, Some(terms::MLPS)).await?;
    }
    match (channel.filing, channel.file_by) {
        (FilingState::Unfiled, Some(day)) if !is_open => {
            let platform = platform::name(tx, &channel.facts.platform).await?;
            work::open(tx, app, catch_up(channel, &platform, day)).await?;
        }
        (FilingState::Unfiled, _) => {}
        _ if is_open => {
            work::close(tx, app, actor, subject, Some(CATCH_UP)).await?;
        }
        _ => {}
    }
    Ok(())
}

/// Names the platform: a unit often has the same name on all of them.
pub(super) fn catch_up(channel: &Channel, platform: &str, day: NaiveDate) -> NewItem {
    let name = lasting_title(&channel.facts, channel.id);
    NewItem {
        kind: CATCH_UP,
        subject: (KIND, channel.id.0),
        title: format!("补录备案：{name}（{platform}）"),
        href: format!("/channels/{}", channel.id),
        unit: channel.facts.unit,
        channel: Some(channel.id),
        assignee: Assignee::Role(Role::UnitLiaison),
        due: Some(end_of(day)),
        barred: vec![],
        escalate_to: Some(Role::UnitHead),
    }
}

/// The last second of a day.
pub(super) fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    clock::start_of(next) - TimeDelta::seconds(1)
}

pub(super) fn holding_of(channel: &Channel) -> holding::Subject {
    let people = &channel.people;
    let part = |label: &'static str| move |id: &PersonId| (*id, label.to_owned());
    let (first, others) = match people.operators.split_first() {
        Some((first, others)) => (Some(first), others),
        None => (None, &[][..]),
    };
    holding::Subject {
        kind: holding::CHANNEL,
        id: channel.id.0,
        title: channel.facts.name.clone(),
        href: format!("/channels/{}", channel.id),
        unit: channel.facts.unit,
        people: people
            .leader
            .iter()
            .map(part("主管领导"))
            .chain(people.reviewers.iter().map(part("审核人")))
            .chain(first.map(part("运维负责人")))
            .chain(others.iter().map(part("运维人员")))
            .collect(),
    }
}

pub(super) async fn record(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    action: &'static str,
    channel: &Channel,
    summary: String,
    detail: serde_json::Value,
) -> Result<(), Fault> {
    audit::append(tx, app, actor, entry(action, channel, summary, detail)).await
}

pub(super) fn entry(
    action: &'static str,
    channel: &Channel,
    summary: String,
    detail: serde_json::Value,
) -> audit::Entry {
    audit::Entry {
        action,
        subject: (KIND, channel.id.0),
        unit: Some(channel.facts.unit),
        on_behalf_of: None,
        summary,
        detail,
    }
}
