//! What can be done to many channels, and doing it to one.

use crate::channel::{
    Channel, FilingState, acts,
    detail::may_pause,
    recheck,
    store::{self, KIND},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, Place, Tx,
    notify::{self, Notice},
    work,
};

zhendi_kernel::named! {
    /// What is done.
    Act {
        /// Those that are not filed get a new last day.
        FileBy = "file_by", "设定补录期限";
        /// Whoever has something open about them is told again.
        Remind = "remind", "催办";
        /// The yearly re-check is answered: all as recorded.
        Confirm = "confirm", "年检核对：信息无误";
        Suspend = "suspend", "暂停运行";
        Resume = "resume", "恢复运行";
    }
}

/// What goes with it.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromJsonQueryResult,
)]
#[serde(default)]
pub struct Detail {
    /// The last day, for [`Act::FileBy`].
    pub day: Option<NaiveDate>,
    /// Why, for suspending and resuming.
    pub reason: String,
}

impl Act {
    /// Whether the actor may do it somewhere.
    pub fn is_offered(self, actor: &Actor) -> bool {
        use zhendi_kernel::Role;
        let keeps = actor.may_somewhere(Permission::ManageRegistry);
        let heads = actor
            .grants
            .iter()
            .any(|grant| grant.role == Role::UnitHead);
        match self {
            Self::FileBy | Self::Remind => keeps,
            Self::Suspend | Self::Resume => keeps || heads,
            Self::Confirm => {
                keeps
                    || heads
                    || actor.may_somewhere(Permission::ImportChannels)
                    || actor.may_somewhere(Permission::DraftFilings)
            }
        }
    }

    /// Whether a reason must be given.
    pub fn needs_reason(self) -> bool {
        matches!(self, Self::Suspend | Self::Resume)
    }
}

/// Does it to one channel.
///
/// # Errors
/// What stands against it, in words for the list of results.
pub async fn apply(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    id: ChannelId,
    act: Act,
    detail: &Detail,
) -> Result<(), Fault> {
    let channel = store::get(tx, id).await?;
    let place = channel.place(tx).await?;
    actor.require_sight(Permission::ViewChannels, &place)?;
    let allowed = match act {
        Act::FileBy | Act::Remind => actor.may(Permission::ManageRegistry, &place),
        Act::Suspend | Act::Resume => may_pause(actor, &place),
        Act::Confirm => recheck::may_vouch(actor, &place),
    };
    if !allowed {
        return Err(Fault::Forbidden("您没有办理它的权限。".into()));
    }
    match act {
        Act::FileBy => file_by(tx, app, actor, channel, detail.day).await,
        Act::Remind => remind(tx, app, actor, &channel, &place).await,
        Act::Confirm => recheck::confirm(tx, app, actor, id).await,
        Act::Suspend | Act::Resume => {
            let pause = act == Act::Suspend;
            acts::set_running(tx, app, actor, channel, pause, &detail.reason).await?;
            Ok(())
        }
    }
}

async fn file_by(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
    day: Option<NaiveDate>,
) -> Result<(), Fault> {
    let Some(day) = day else {
        return Err(Fault::Malformed("没有填写期限。".into()));
    };
    if before.filing != FilingState::Unfiled {
        return Err(Fault::Refused(format!(
            "它现在是“{}”，不需要补录期限。",
            before.filing
        )));
    }
    if before.file_by == Some(day) {
        return Ok(());
    }
    let was = before.file_by;
    let after = Channel {
        file_by: Some(day),
        ..before
    };
    let after = store::replace(tx, app.now(), after).await?;
    work::close(tx, app, actor, (KIND, after.id.0), Some(acts::CATCH_UP)).await?;
    acts::settle(tx, app, actor, &after).await?;
    let title = acts::lasting_title(&after.facts, after.id);
    let summary = format!("网络阵地{title}的补录期限定为 {day}");
    let detail = json!({ "before": was, "after": day });
    acts::record(tx, app, actor, "channel.term_set", &after, summary, detail).await
}

/// Tells whoever holds what is open about it.
async fn remind(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    channel: &Channel,
    place: &Place,
) -> Result<(), Fault> {
    let open = work::of_subject(tx, app.now(), (KIND, channel.id.0)).await?;
    if open.is_empty() {
        return Err(Fault::Refused("它现在没有待办事项。".into()));
    }
    let mut told = false;
    for item in open {
        let mut people: Vec<_> = item.person.into_iter().collect();
        if let Some(role) = item.role {
            let holders = zhendi_people::role::holders(tx, app.now(), role, place).await?;
            people.extend(holders.into_iter().map(|holder| holder.person));
        }
        people.sort_unstable();
        people.dedup();
        told |= !people.is_empty();
        let notice = Notice {
            title: format!("请尽快办理：{}", item.title),
            href: item.href,
        };
        notify::tell(tx, app, &people, notice).await?;
    }
    if !told {
        return Err(Fault::Refused(
            "没有人承担它的待办，请先指定联络员或管理员。".into(),
        ));
    }
    let title = acts::lasting_title(&channel.facts, channel.id);
    let summary = format!("催办网络阵地{title}的待办事项");
    acts::record(
        tx,
        app,
        actor,
        "channel.reminded",
        channel,
        summary,
        json!({}),
    )
    .await
}

/// The last day that may be set: it lies ahead, within a year.
///
/// # Errors
/// For other days.
pub fn day_ahead(day: NaiveDate, today: NaiveDate) -> Result<NaiveDate, &'static str> {
    let far = today
        .checked_add_days(chrono::Days::new(366))
        .unwrap_or(today);
    if day < today {
        Err("期限不能早于今天。")
    } else if day > far {
        Err("期限不能超过一年。")
    } else {
        Ok(day)
    }
}
