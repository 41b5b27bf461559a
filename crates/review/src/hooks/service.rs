//! What keepers of subscriptions do, for pages and API alike.

use super::{
    deliver, sign,
    store::{self, Hook, Said},
};
use crate::ids::HookId;
use serde_json::json;
use url::Url;
use zhendi_kernel::{Actor, App, Fault, Permission, audit};

/// Subscriptions carry what happens in the whole institution out of it: only who keeps its review may make
/// one.
///
/// # Errors
/// `Fault::Forbidden`.
pub fn require_keeper(actor: &Actor) -> Result<(), Fault> {
    if actor.may_everywhere(Permission::ManageWorkflows) {
        Ok(())
    } else {
        Err(Fault::Forbidden("消息订阅由宣传部统一维护。".into()))
    }
}

/// Reads an address that messages may go to. Whether the way there is open is asked when one goes.
///
/// # Errors
/// What is wrong with it.
pub fn read_url(typed: &str) -> Result<String, &'static str> {
    let url: Url = typed
        .trim()
        .parse()
        .map_err(|_| "请填写完整的网址，例如 https://oa.example.edu.cn/hook。")?;
    let plain = url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !plain {
        return Err("只接受 http 或 https 开头、不含密码的网址。");
    }
    if url.as_str().len() > 500 {
        return Err("网址不能超过 500 个字符。");
    }
    Ok(url.into())
}

fn entry(action: &'static str, hook: &Hook, summary: String) -> audit::Entry {
    audit::Entry {
        action,
        subject: ("hook", hook.id.0),
        unit: Some(hook.unit_id),
        on_behalf_of: None,
        summary,
        detail: json!({ "name": hook.name, "url": hook.url, "kinds": hook.kinds }),
    }
}

/// Makes a subscription; returns it with its secret, which is never shown again.
///
/// # Errors
/// `Fault::Forbidden`; when the database fails.
pub async fn create(app: &App, actor: &Actor, said: Said) -> Result<(Hook, String), Fault> {
    require_keeper(actor)?;
    let secret = sign::new_secret(&app.entropy);
    let tx = app.db.begin().await?;
    let hook = store::insert(&tx, app, said, &secret, actor.person()).await?;
    let summary = format!("新增消息订阅 {} 号", hook.id);
    audit::append(&tx, app, actor, entry("hook.created", &hook, summary)).await?;
    tx.commit().await?;
    Ok((hook, secret))
}

/// Changes a subscription.
///
/// # Errors
/// `Fault::Forbidden`, `Fault::NotFound`; when the database fails.
pub async fn change(app: &App, actor: &Actor, id: HookId, said: Said) -> Result<(), Fault> {
    require_keeper(actor)?;
    let tx = app.db.begin().await?;
    store::find(&tx, id).await?;
    store::change(&tx, id, said).await?;
    let hook = store::find(&tx, id).await?;
    let summary = format!("修改消息订阅 {id} 号");
    audit::append(&tx, app, actor, entry("hook.changed", &hook, summary)).await?;
    tx.commit().await?;
    Ok(())
}

/// Pauses a subscription or lets it go on.
///
/// # Errors
/// As [`change`].
pub async fn switch(app: &App, actor: &Actor, id: HookId, enabled: bool) -> Result<(), Fault> {
    require_keeper(actor)?;
    let tx = app.db.begin().await?;
    let hook = store::find(&tx, id).await?;
    store::switch(&tx, id, enabled).await?;
    let (action, verb) = if enabled {
        ("hook.enabled", "启用")
    } else {
        ("hook.disabled", "停用")
    };
    let summary = format!("{verb}消息订阅 {id} 号");
    audit::append(&tx, app, actor, entry(action, &hook, summary)).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a subscription another secret and returns it; the old one signs nothing any more.
///
/// # Errors
/// As [`change`].
pub async fn renew(app: &App, actor: &Actor, id: HookId) -> Result<String, Fault> {
    require_keeper(actor)?;
    let secret = sign::new_secret(&app.entropy);
    let tx = app.db.begin().await?;
    let hook = store::find(&tx, id).await?;
    store::set_secret(&tx, app, id, &secret).await?;
    let summary = format!("更换消息订阅 {id} 号的密钥");
    audit::append(
        &tx,
        app,
        actor,
        entry("hook.secret_renewed", &hook, summary),
    )
    .await?;
    tx.commit().await?;
    Ok(secret)
}

/// Takes a subscription away with its messages.
///
/// # Errors
/// As [`change`].
pub async fn remove(app: &App, actor: &Actor, id: HookId) -> Result<(), Fault> {
    require_keeper(actor)?;
    let tx = app.db.begin().await?;
    let hook = store::find(&tx, id).await?;
    store::remove(&tx, id).await?;
    let summary = format!("删除消息订阅 {id} 号");
    audit::append(&tx, app, actor, entry("hook.removed", &hook, summary)).await?;
    tx.commit().await?;
    Ok(())
}

/// Sends a message that tells of nothing, to see whether it arrives; returns its number.
///
/// # Errors
/// As [`change`]; `Fault::Refused` while the subscription is paused.
pub async fn test(app: &App, actor: &Actor, id: HookId) -> Result<i64, Fault> {
    require_keeper(actor)?;
    let tx = app.db.begin().await?;
    let hook = store::find(&tx, id).await?;
    if !hook.enabled {
        return Err(Fault::Refused("订阅已停用，请先启用再测试。".into()));
    }
    let body = json!({
        "type": super::TEST,
        "timestamp": app.now(),
        "data": { "hook": id, "name": hook.name },
    });
    let message = store::add(&tx, id, super::TEST, None, body.to_string(), app.now()).await?;
    deliver::enqueue(&tx, app, message, None).await?;
    let summary = format!("测试消息订阅 {id} 号");
    audit::append(&tx, app, actor, entry("hook.tested", &hook, summary)).await?;
    tx.commit().await?;
    Ok(message)
}

/// Sends a message once more.
///
/// # Errors
/// As [`test`]; `Fault::Refused` for one that waits already.
pub async fn again(app: &App, actor: &Actor, id: HookId, message: i64) -> Result<(), Fault> {
    require_keeper(actor)?;
    let tx = app.db.begin().await?;
    let (_, hook) = store::message(&tx, message)
        .await?
        .filter(|(_, hook)| hook.id == id)
        .ok_or(Fault::NotFound)?;
    if !hook.enabled {
        return Err(Fault::Refused("订阅已停用，请先启用再发送。".into()));
    }
    if !store::again(&tx, id, message).await? {
        return Err(Fault::Refused("这条消息正在等待发送。".into()));
    }
    deliver::enqueue(&tx, app, message, None).await?;
    let summary = format!("重新发送消息订阅 {id} 号的第 {message} 条消息");
    audit::append(&tx, app, actor, entry("hook.resent", &hook, summary)).await?;
    tx.commit().await?;
    Ok(())
}
