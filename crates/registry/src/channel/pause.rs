//! Pausing a channel, and letting it run again.

use super::{
    acts,
    detail::{self, Forms, may_pause, seen},
    store,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault,
    form::Posted,
    text,
    web::{Flash, Shell, redirect},
};

/// POST /channels/{id}/suspensions
pub async fn suspend(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
    posted: Posted,
) -> Result<Response, Fault> {
    set_running(app, actor, shell, id, posted, true).await
}

/// POST /channels/{id}/resumptions
pub async fn resume(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<ChannelId>,
    posted: Posted,
) -> Result<Response, Fault> {
    set_running(app, actor, shell, id, posted, false).await
}

async fn set_running(
    app: App,
    actor: Actor,
    shell: Shell,
    id: ChannelId,
    posted: Posted,
    suspend: bool,
) -> Result<Response, Fault> {
    let (_, place) = seen(&app, &actor, id).await?;
    if !may_pause(&actor, &place) {
        return Err(Fault::Forbidden(
            "只有台账管理人员和本单位负责人可以暂停或恢复网络阵地。".into(),
        ));
    }
    let mut f = Forms::default();
    f.reason.value = posted.get("reason").into();
    let Some(why) = f.reason.check(|raw| text::required_lines(raw, 500)) else {
        return detail::refused(&app, &actor, shell, id, f).await;
    };
    let tx = app.db.begin().await?;
    let before = store::get(&tx, id).await?;
    if posted.get("version") != before.version.to_string() {
        return Err(Fault::Stale);
    }
    acts::set_running(&tx, &app, &actor, before, suspend, &why).await?;
    tx.commit().await?;
    let said = if suspend {
        "已暂停。恢复运行前，名录中不再显示为官方账号。"
    } else {
        "已恢复运行。"
    };
    Ok(redirect(format!("/channels/{id}"), Flash::success(said)))
}
