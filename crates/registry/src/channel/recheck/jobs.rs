//! Asking for the re-check of every channel: in parts, each in a transaction of its own, so that a job that
//! ends half way goes on where it was.

use super::{WORK, store};
use crate::{
    channel::{Holder, similar, store as channels, terms},
    platform, settings,
};
use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zhendi_kernel::{
    App, ChannelId, Fault, Role, clock,
    jobs::{self, JobError, NewJob},
    work::{self, Assignee, NewItem},
};
use zhendi_people::role;

/// The job: ask about all channels in a year.
pub const ROUND: &str = "channel.recheck_round";

/// Channels asked about in one transaction.
const PART: u64 = 500;

/// What the job is told.
#[derive(Debug, Serialize, Deserialize)]
struct Round {
    year: i32,
    /// The day on which the round began: channels registered later have been looked at enough.
    began: NaiveDate,
}

/// The job that asks about all channels in the year of a day, which is the round's first.
pub fn round_of(began: NaiveDate) -> NewJob {
    let year = began.year();
    NewJob {
        dedup_key: Some(format!("{ROUND}:{year}")),
        ..NewJob::new(ROUND, serde_json::json!(Round { year, began }))
    }
}

/// Does that job.
pub async fn round(app: &App, payload: Value) -> Result<(), JobError> {
    let Round { year, began } =
        serde_json::from_value(payload).map_err(|e| JobError::Permanent(e.to_string()))?;
    let settings: settings::Registry = app.setting().await?;
    let days = Days::new(u64::from(settings.recheck_days));
    let due = began.checked_add_days(days).unwrap_or(began);
    let platforms = platform::load(app.db.read()).await?;
    // The day counts whole: channels of the morning are asked about too.
    let before = clock::start_of(began.succ_opt().unwrap_or(began));
    let mut after = ChannelId(0);
    loop {
        let tx = app.db.begin().await?;
        let some = store::left(&tx, year, before, after, PART).await?;
        let Some(last) = some.last() else {
            return Ok(());
        };
        after = last.id;
        let ids: Vec<ChannelId> = some.iter().map(|one| one.id).collect();
        let administered = role::administered(&tx, app.now(), &ids).await?;
        store::insert(&tx, year, due, ids).await?;
        let items = some.into_iter().map(|one| {
            let assignee = if administered.contains(&one.id) {
                Role::ChannelAdmin
            } else {
                Role::UnitLiaison
            };
            let personal = one.holder_kind != Holder::Unit.code();
            let name = if personal {
                format!("职务个人账号（第 {} 号）", one.id)
            } else {
                format!("“{}”", one.name)
            };
            NewItem {
                kind: WORK,
                subject: (channels::KIND, one.id.0),
                title: format!("年检核对：{name}（{}）", platforms.name(&one.platform)),
                href: format!("/channels/{}", one.id),
                unit: one.unit_id,
                channel: Some(one.id),
                assignee: Assignee::Role(assignee),
                due: Some(terms::end_of(due)),
                barred: vec![],
                escalate_to: Some(Role::UnitHead),
            }
        });
        work::open_many(&tx, app, items.collect()).await?;
        tx.commit().await?;
    }
}

/// The daily look: names that cannot be compared yet, the year's round, tests that are due.
pub async fn watch(app: &App) -> Result<(), JobError> {
    while channels::fill_name_keys(app, similar::name_key).await? {}
    begin_round(app).await?;
    terms::ask_for_tests(app).await?;
    Ok(())
}

/// Begins the year's round in its month. A round that has begun finds nothing left.
async fn begin_round(app: &App) -> Result<(), Fault> {
    let settings: settings::Registry = app.setting().await?;
    let today = app.clock.today();
    let first = NaiveDate::from_ymd_opt(today.year(), u32::from(settings.recheck_month), 1);
    let Some(first) = first.filter(|first| *first <= today) else {
        return Ok(());
    };
    let last = first
        .checked_add_days(Days::new(u64::from(settings.recheck_days)))
        .unwrap_or(first);
    // Who switches the program on in December is not asked for June.
    if today > last || store::years(app.db.read()).await?.contains(&today.year()) {
        return Ok(());
    }
    let tx = app.db.begin().await?;
    jobs::enqueue(&tx, app, round_of(today)).await?;
    tx.commit().await?;
    Ok(())
}
