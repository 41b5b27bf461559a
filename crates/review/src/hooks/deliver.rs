//! Delivery by job: each message is tried until the receiver takes it, with longer and longer pauses, for two
//! days.

use super::{
    State,
    sign::signature,
    store::{self, Delivery, Hook, Tried},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use chrono::TimeDelta;
use serde_json::json;
use zhendi_kernel::{
    App, Fault, Tx,
    jobs::{self, Handlers, JobError, NewJob},
    notify::{self, Notice},
    outgoing::{Ask, OutgoingError},
};

const DELIVER: &str = "hook.deliver";
const FORGET: &str = "hook.forget";

/// Minutes before the next attempt, one after the other.
const PAUSES: [i64; 8] = [1, 5, 15, 60, 180, 480, 960, 1200];

/// Messages are kept for so many days.
const KEPT_DAYS: i64 = 30;

/// How long a receiver may take to say that it has the message.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

/// What is done in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .on(DELIVER, |app: App, payload| async move {
            let id = payload["delivery"]
                .as_i64()
                .ok_or_else(|| JobError::Permanent("任务缺少消息编号。".into()))?;
            deliver(&app, id).await?;
            Ok(())
        })
        .called(DELIVER, "向其他系统发送审核消息")
        .on(FORGET, |app: App, _| async move {
            store::forget(&app, app.now() - TimeDelta::days(KEPT_DAYS)).await?;
            Ok(())
        })
        .daily_at(FORGET, 3, 20)
        .called(FORGET, "清理已发送的审核消息")
}

/// Sets the delivery of a message going.
///
/// # Errors
/// When the database fails.
pub async fn enqueue(tx: &Tx, app: &App, id: i64, pause: Option<TimeDelta>) -> Result<(), Fault> {
    let job = NewJob {
        run_at: pause.map(|pause| app.now() + pause),
        ..NewJob::new(DELIVER, json!({ "delivery": id }))
    };
    jobs::enqueue(tx, app, job).await
}

/// Tries once, and notes what came of it. A message whose note was lost is sent again under the same id, by
/// which the receiver knows it.
async fn deliver(app: &App, id: i64) -> Result<(), Fault> {
    let Some((message, hook)) = store::message(app.db.read(), id).await? else {
        return Ok(());
    };
    if message.state != State::Waiting.code() {
        return Ok(());
    }
    let tried = if hook.enabled {
        attempt(app, &message, &hook).await?
    } else {
        Tried {
            state: State::Failed,
            status: None,
            error: "订阅已停用。".into(),
        }
    };
    let pause = usize::try_from(message.attempts)
        .ok()
        .and_then(|done| PAUSES.get(done))
        .filter(|_| tried.state == State::Waiting);
    let tried = match (tried.state, pause) {
        (State::Waiting, None) => Tried {
            state: State::Failed,
            ..tried
        },
        _ => tried,
    };
    let failed = tried.state == State::Failed && hook.enabled;
    let tx = app.db.begin().await?;
    if !store::note(&tx, &message, tried, app.now()).await? {
        return Ok(());
    }
    if let Some(minutes) = pause {
        enqueue(&tx, app, id, Some(TimeDelta::minutes(*minutes))).await?;
    }
    if let (true, Some(person)) = (failed, hook.made_by) {
        let notice = Notice {
            title: format!("消息订阅“{}”多次发送失败，请检查接收系统", hook.name),
            href: format!("/settings/hooks/{}", hook.id),
        };
        notify::tell(&tx, app, &[person], notice).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// `State::Waiting` means: not yet, try again.
async fn attempt(app: &App, message: &Delivery, hook: &Hook) -> Result<Tried, Fault> {
    let waiting = |status, error: String| Tried {
        state: State::Waiting,
        status,
        error,
    };
    let Ok(url) = hook.url.parse() else {
        return Ok(waiting(None, "网址无法识别。".into()));
    };
    let id = format!("msg_{}", message.id);
    let at = app.now();
    let signed = signature(&hook.secret(app)?, &id, at, message.body.as_bytes());
    let headers = HeaderMap::from_iter([
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (HeaderName::from_static("webhook-id"), value(&id)),
        (
            HeaderName::from_static("webhook-timestamp"),
            value(&at.timestamp().to_string()),
        ),
        (HeaderName::from_static("webhook-signature"), value(&signed)),
    ]);
    let ask = Ask {
        method: Method::POST,
        headers,
        body: message.body.clone().into(),
        patience: Some(PATIENCE),
    };
    Ok(match app.outgoing.ask(&url, ask).await {
        Ok(answer) if answer.status.is_success() => Tried {
            state: State::Delivered,
            status: Some(answer.status.as_u16().into()),
            error: String::new(),
        },
        Ok(answer) => waiting(
            Some(answer.status.as_u16().into()),
            format!("对方回答 {}。", answer.status.as_u16()),
        ),
        // The gate will not open by waiting.
        Err(error @ (OutgoingError::Forbidden(_) | OutgoingError::Unusable)) => Tried {
            state: State::Failed,
            status: None,
            error: error.to_string(),
        },
        Err(error) => waiting(None, format!("{error}。")),
    })
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digits and Base64 are visible ASCII")
}
