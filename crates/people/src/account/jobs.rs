//! What happens by the clock: old sessions, codes, tokens and records go; owners of passwords that get
//! too old are told.

use super::{
    acts,
    rules::Standing,
    settings::AccountSettings,
    store::{accounts, records, sessions, tokens},
};
use chrono::TimeDelta;
use zhendi_kernel::{
    App, clock,
    jobs::{Handlers, JobError},
};

/// A token that ran out stays in its owner's list for so long.
const TOKENS_SHOWN: TimeDelta = TimeDelta::days(30);

/// The jobs of accounts, with their times.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .on(
            "account.prune",
            |app: App, _| async move { prune(&app).await },
        )
        .called("account.prune", "清理过期的会话和凭证")
        .daily_at("account.prune", 3, 20)
        .on(
            "account.warn",
            |app: App, _| async move { warn(&app).await },
        )
        .called("account.warn", "提醒密码即将到期")
        .daily_at("account.warn", 8, 0)
}

async fn prune(app: &App) -> Result<(), JobError> {
    let settings: AccountSettings = app.setting().await?;
    let (tx, now) = (app.db.begin().await?, app.now());
    let sessions = sessions::prune(&tx, now, &settings).await?;
    let codes = accounts::prune_codes(&tx, now).await?;
    let tokens = tokens::prune(&tx, now - TOKENS_SHOWN).await?;
    let keep = TimeDelta::days(settings.record_days.into());
    let records = records::prune(&tx, now - keep).await?;
    tx.commit().await?;
    tracing::info!(sessions, codes, tokens, records, "pruned accounts");
    Ok(())
}

async fn warn(app: &App) -> Result<(), JobError> {
    let settings: AccountSettings = app.setting().await?;
    let (tx, now) = (app.db.begin().await?, app.now());
    let due = accounts::to_warn(&tx, now, &settings).await?;
    for account in &due {
        let standing: Standing = account.standing();
        let Some(at) = standing.expires_at(&settings) else {
            continue;
        };
        let title = if at <= now {
            "您的登录密码已到期，下次登录时须修改".to_owned()
        } else {
            format!("您的登录密码将于 {} 到期，请及时修改", clock::show(&at))
        };
        acts::tell(&tx, app, account.person_id, &title).await?;
    }
    accounts::mark_warned(&tx, due.iter().map(|account| account.person_id)).await?;
    tx.commit().await?;
    Ok(())
}
