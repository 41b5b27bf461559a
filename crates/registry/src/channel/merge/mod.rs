//! Two records of one account become one (R-REG-4): the one that stays takes what is right of both, the
//! other becomes a sign that points to it, with its history, filings and keys moved along.

mod pages;
mod parts;
#[cfg(test)]
mod tests;

pub use pages::{confirm, merge as post};
pub use parts::{PARTS, Part};

use super::{
    Channel, FilingState, RunningState, acts, identity,
    store::{self, KIND},
};
use crate::filing;
use serde_json::json;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Place, Role, Tx,
    work::{self, Assignee, NewItem},
};
use zhendi_people::{
    holding,
    role::{self, Request},
};

/// Why two records cannot become one; the words are for the page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("请选择两条不同的记录。")]
    Same,
    #[error("“{0}”的记录已经注销或并入其他记录，不能再合并。")]
    Over(String),
    #[error("“{0}”有备案正在办理，请办结或撤回后再合并。")]
    InFiling(String),
    #[error("“{0}”已经备案，应当保留它。请对换保留的记录。")]
    FiledOneStays(String),
    #[error("{0}已经备案，以备案为准，不能改用另一条的。")]
    Fixed(&'static str),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

/// Whether the first may stay and the second go. Pure.
///
/// # Errors
/// What stands against it.
pub fn may_merge(stays: &Channel, goes: &Channel) -> Result<(), Refusal> {
    if stays.id == goes.id {
        return Err(Refusal::Same);
    }
    for one in [stays, goes] {
        let name = || one.facts.name.clone();
        if one.filing.is_over() {
            return Err(Refusal::Over(name()));
        }
        if one.filing == FilingState::InProgress {
            return Err(Refusal::InFiling(name()));
        }
    }
    if goes.filing == FilingState::Filed && stays.filing != FilingState::Filed {
        return Err(Refusal::FiledOneStays(goes.facts.name.clone()));
    }
    Ok(())
}

/// The two records afterwards: the first with the named parts of the second, the second as a sign. Pure.
///
/// # Errors
/// What stands against it; a part that a filing fixed is not taken from a record without one.
pub fn merged(
    stays: &Channel,
    goes: &Channel,
    taken: &[&Part],
) -> Result<(Channel, Channel), Refusal> {
    may_merge(stays, goes)?;
    let fixed = is_fixed(stays, goes);
    let mut kept = stays.clone();
    for part in taken {
        if fixed && part.fixed {
            return Err(Refusal::Fixed(part.label));
        }
        (part.take)(&mut kept, goes);
    }
    // Of two terms the earlier one holds: merging is no way to gain time.
    kept.file_by = match (stays.file_by, goes.file_by) {
        _ if kept.filing == FilingState::Filed => None,
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let sign = Channel {
        filing: FilingState::Merged,
        running: RunningState::Closed,
        file_by: None,
        merged_into: Some(stays.id),
        ..goes.clone()
    };
    Ok((kept, sign))
}

/// Whether what the account is stands by a filing that only one of the two has.
pub fn is_fixed(stays: &Channel, goes: &Channel) -> bool {
    stays.filing == FilingState::Filed && goes.filing != FilingState::Filed
}

/// What somebody decided.
#[derive(Clone, Debug)]
pub struct Order {
    pub stays: ChannelId,
    pub goes: ChannelId,
    /// The versions that were shown.
    pub versions: (i32, i32),
    /// Codes of the parts taken from the other record.
    pub taken: Vec<String>,
    pub reason: String,
}

/// Merges. The caller has checked that the actor keeps the registry at both places.
///
/// # Errors
/// `Fault::Stale` when either was changed since it was shown; what the rule refuses; when the database
/// fails.
pub async fn merge(tx: &Tx, app: &App, actor: &Actor, order: &Order) -> Result<Channel, Fault> {
    let stays = store::get(tx, order.stays).await?;
    let goes = store::get(tx, order.goes).await?;
    if (stays.version, goes.version) != order.versions {
        return Err(Fault::Stale);
    }
    let taken: Vec<&Part> = PARTS
        .iter()
        .filter(|part| order.taken.iter().any(|code| code == part.code))
        .collect();
    let (kept, sign) = merged(&stays, &goes, &taken)?;
    // In one order whichever stays, so that two mergers of the same pair cannot wait for each other.
    let (kept, sign) = if stays.id < goes.id {
        let kept = store::replace(tx, app.now(), kept).await?;
        (kept, store::replace(tx, app.now(), sign).await?)
    } else {
        let sign = store::replace(tx, app.now(), sign).await?;
        (store::replace(tx, app.now(), kept).await?, sign)
    };
    store::point_to(tx, sign.id, kept.id).await?;
    identity::move_to(tx, sign.id, kept.id).await?;
    acts::claim(tx, &kept).await?;
    filing::move_channel(tx, sign.id, kept.id).await?;
    super::recheck::forget(tx, sign.id).await?;
    work::close(tx, app, actor, (KIND, sign.id.0), None).await?;
    acts::settle(tx, app, actor, &kept).await?;
    acts::settle(tx, app, actor, &sign).await?;
    hand_on_roles(tx, app, actor, &sign, &kept).await?;
    let (from, to) = (title(&sign), title(&kept));
    let detail = json!({
        "reason": order.reason,
        "taken": order.taken,
        "before": { "stays": stays.facts, "goes": goes.facts, "people": [stays.people, goes.people] },
        "after": { "facts": kept.facts, "people": kept.people },
        "stays": kept.id, "goes": sign.id,
    });
    let summary = format!("并入同一账号的另一条记录{from}");
    acts::record(tx, app, actor, "channel.merged", &kept, summary, detail).await?;
    let summary = format!("网络阵地{from}并入{to}，本记录不再使用");
    let detail = json!({ "reason": order.reason, "into": kept.id });
    acts::record(
        tx,
        app,
        actor,
        "channel.merged_away",
        &sign,
        summary,
        detail,
    )
    .await?;
    Ok(kept)
}

/// The name with the number: the two mostly have the same name.
fn title(channel: &Channel) -> String {
    let name = acts::lasting_title(&channel.facts, channel.id);
    format!("{name}（第 {} 号）", channel.id)
}

/// Only the security administrator gives and takes roles (R-ORG-9): what people hold on the record that
/// goes is asked for on the one that stays, and asked to be taken away there.
async fn hand_on_roles(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    from: &Channel,
    to: &Channel,
) -> Result<(), Fault> {
    let on = |id| Place {
        units: vec![],
        channel: Some(id),
    };
    for held in [Role::ChannelAdmin, Role::ChannelDeputy, Role::Moderator] {
        let there = role::holders(tx, app.now(), held, &on(to.id)).await?;
        for holder in role::holders(tx, app.now(), held, &on(from.id)).await? {
            if holder.on_behalf_of.is_some() {
                continue;
            }
            if !there.iter().any(|other| other.person == holder.person) {
                let request = Request {
                    person: holder.person,
                    role: held,
                    unit: None,
                    channel: Some(to.id),
                };
                role::ask(tx, app, actor, request).await?;
            }
            let grants = role::of_person(tx, app.now(), holder.person).await?;
            for grant in grants {
                if grant.role != held || grant.channel != Some(from.id) {
                    continue;
                }
                let item = NewItem {
                    kind: role::TO_TAKE,
                    subject: (role::GRANT, grant.id),
                    title: format!("收回已并入的网络阵地{}上的{held}角色", title(from)),
                    href: "/grants".into(),
                    unit: to.facts.unit,
                    channel: None,
                    assignee: Assignee::Role(Role::SecurityAdmin),
                    due: None,
                    barred: vec![],
                    escalate_to: None,
                };
                work::open(tx, app, item).await?;
            }
        }
    }
    holding::forget(tx, holding::CHANNEL, from.id.0).await
}
