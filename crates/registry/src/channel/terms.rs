//! Terms that begin with something that happened (R-REG-5): the opening of a channel, a change of it, the
//! last security test of a site.

use super::{
    Channel, Facts, FilingState, RunningState, acts,
    store::{self, KIND},
};
use crate::settings::{MlpsMonths, Registry};
use chrono::{Days, Months, NaiveDate};
use sea_orm::ConnectionTrait;
use serde_json::json;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Role, Tx, settings,
    work::{self, Assignee, NewItem},
};

pub(super) use super::acts::end_of;

/// The work item: file the change that was noted.
pub const REPORT_CHANGE: &str = "channel.report_change";
/// The work item: have the site tested again (等保测评).
pub const MLPS: &str = "channel.mlps_test";

/// So many days before a test is due it is asked for.
const TEST_LEAD: u64 = 60;

/// Why a day is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("日期在今天之后，请填写实际发生的日期。")]
    NotYet,
    #[error("只有待补录备案的网络阵地才需要记录开通日期。")]
    NotUnfiled,
    #[error("只有已备案的网络阵地才需要上报变更。")]
    NotFiled,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl Channel {
    /// It is live since a day and not filed: the term for filing counts from there, unless it has one.
    ///
    /// # Errors
    /// For a day to come, and for a channel that does not wait to be filed.
    pub fn opened(
        mut self,
        on: NaiveDate,
        today: NaiveDate,
        days_to_file: u16,
    ) -> Result<Self, Refusal> {
        if on > today {
            return Err(Refusal::NotYet);
        }
        if self.filing != FilingState::Unfiled {
            return Err(Refusal::NotUnfiled);
        }
        self.facts.opened_on = on.to_string().parse().ok();
        if self.running == RunningState::Planned {
            self.running = RunningState::Live;
        }
        if self.file_by.is_none() {
            self.file_by = on.checked_add_days(Days::new(u64::from(days_to_file)));
        }
        Ok(self)
    }
}

/// The last day for reporting a change that happened on a day.
///
/// # Errors
/// For a day to come, and for a channel that is not filed.
pub fn report_by(
    channel: &Channel,
    happened: NaiveDate,
    today: NaiveDate,
    days: u16,
) -> Result<NaiveDate, Refusal> {
    if happened > today {
        return Err(Refusal::NotYet);
    }
    if channel.filing != FilingState::Filed {
        return Err(Refusal::NotFiled);
    }
    Ok(happened
        .checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(happened))
}

/// The last day of the next 等保测评 of a site; none where none is asked for.
pub fn test_due(facts: &Facts, months: MlpsMonths) -> Option<NaiveDate> {
    let mlps = &facts.web.site.mlps;
    let months = match mlps.level? {
        2 => months.second,
        3..=5 => months.third,
        _ => return None,
    };
    mlps.since()?
        .checked_add_months(Months::new(u32::from(months)))
}

/// The same, by the settings as they are.
pub(super) async fn mlps_due(
    db: &impl ConnectionTrait,
    facts: &Facts,
) -> Result<Option<NaiveDate>, Fault> {
    let settings: Registry = settings::get(db).await?;
    Ok(test_due(facts, settings.mlps_months))
}

/// Notes that a channel which is not filed is live since a day.
///
/// # Errors
/// What the rule refuses; `Fault::Stale`; when the database fails.
pub async fn note_opening(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: Channel,
    on: NaiveDate,
) -> Result<Channel, Fault> {
    let settings: Registry = settings::get(tx).await?;
    let after = before.opened(on, app.clock.today(), settings.days_to_file)?;
    let after = store::replace(tx, app.now(), after).await?;
    acts::settle(tx, app, actor, &after).await?;
    let title = acts::lasting_title(&after.facts, after.id);
    let summary = format!("记录网络阵地{title}的开通日期 {on}");
    let detail = json!({ "opened_on": on, "file_by": after.file_by });
    acts::record(
        tx,
        app,
        actor,
        "channel.opening_noted",
        &after,
        summary,
        detail,
    )
    .await?;
    Ok(after)
}

/// Notes that a filed channel changed on a day: its change is to be filed within the term.
///
/// # Errors
/// What the rule refuses; when the database fails.
pub async fn note_change(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    channel: &Channel,
    happened: NaiveDate,
    what: &str,
) -> Result<NaiveDate, Fault> {
    let settings: Registry = settings::get(tx).await?;
    let days = settings.days_to_report_change;
    let by = report_by(channel, happened, app.clock.today(), days)?;
    let title = acts::lasting_title(&channel.facts, channel.id);
    work::close(tx, app, actor, (KIND, channel.id.0), Some(REPORT_CHANGE)).await?;
    let item = NewItem {
        kind: REPORT_CHANGE,
        subject: (KIND, channel.id.0),
        title: format!("办理变更备案：{title}"),
        href: format!("/filings/new?kind=change&channel={}", channel.id),
        unit: channel.facts.unit,
        channel: Some(channel.id),
        assignee: Assignee::Role(Role::UnitLiaison),
        due: Some(end_of(by)),
        barred: vec![],
        escalate_to: Some(Role::UnitHead),
    };
    work::open(tx, app, item).await?;
    let summary = format!("网络阵地{title}的资料有变化，须在 {by} 前办理变更备案");
    let detail = json!({ "happened": happened, "what": what, "by": by });
    acts::record(
        tx,
        app,
        actor,
        "channel.change_noted",
        channel,
        summary,
        detail,
    )
    .await?;
    Ok(by)
}

/// A change filing was handed in: what was asked for is done.
///
/// # Errors
/// When the database fails.
pub async fn change_reported(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    channel: ChannelId,
) -> Result<(), Fault> {
    work::close(tx, app, actor, (KIND, channel.0), Some(REPORT_CHANGE)).await?;
    Ok(())
}

/// Asks for the tests that come near, some channels in each transaction.
pub(super) async fn ask_for_tests(app: &App) -> Result<(), Fault> {
    let settings: Registry = app.setting().await?;
    let today = app.clock.today();
    let near = today
        .checked_add_days(Days::new(TEST_LEAD))
        .unwrap_or(today);
    let months = settings.mlps_months;
    for (levels, months) in [(2..=2, months.second), (3..=5, months.third)] {
        let since = near
            .checked_sub_months(Months::new(u32::from(months)))
            .unwrap_or(near);
        let mut after = ChannelId(0);
        loop {
            let some = store::tested_before(app.db.read(), levels.clone(), since, after).await?;
            let Some(last) = some.last() else { break };
            after = *last;
            let tx = app.db.begin().await?;
            for id in some {
                ask_for_test(&tx, app, id, settings.mlps_months).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn ask_for_test(tx: &Tx, app: &App, id: ChannelId, months: MlpsMonths) -> Result<(), Fault> {
    let channel = store::get(tx, id).await?;
    let Some(due) = test_due(&channel.facts, months) else {
        return Ok(());
    };
    let open = work::of_subject(tx, app.now(), (KIND, id.0)).await?;
    if open.iter().any(|item| item.kind == MLPS) {
        return Ok(());
    }
    let title = acts::lasting_title(&channel.facts, id);
    let item = NewItem {
        kind: MLPS,
        subject: (KIND, id.0),
        title: format!("等保测评到期前完成测评并更新日期：{title}"),
        href: format!("/channels/{id}/edit"),
        unit: channel.facts.unit,
        channel: Some(id),
        assignee: Assignee::Role(Role::UnitLiaison),
        due: Some(end_of(due)),
        barred: vec![],
        escalate_to: Some(Role::UnitHead),
    };
    work::open(tx, app, item).await.map(|_| ())
}
