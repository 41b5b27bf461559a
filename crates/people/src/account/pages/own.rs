//! 账号与安全: what the signed-in person sees of their own account.

use super::{
    super::{
        acts,
        layer::CurrentSession,
        settings::AccountSettings,
        store::{accounts, records, records::Ended, sessions},
    },
    Moment,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde_json::json;
use zhendi_kernel::{
    Actor, App, Fault, PersonId, audit,
    web::{Flash, Shell, redirect},
};

#[derive(Template, WebTemplate)]
#[template(path = "account/pages/own.html")]
struct Page {
    shell: Shell,
    login: String,
    password_set: Moment,
    password_until: Option<Moment>,
    expires_soon: bool,
    sessions: Vec<Device>,
    records: Vec<Record>,
    idle_minutes: u32,
    session_hours: u32,
}

struct Device {
    id: i64,
    here: bool,
    agent: String,
    address: String,
    since: Moment,
    seen: Moment,
}

struct Record {
    at: Moment,
    outcome: &'static str,
    good: bool,
    agent: String,
    address: String,
}

/// So many sign-in records are shown.
const RECORDS: u64 = 20;

/// Pages of one's own account are for persons with a session, not for the program.
pub(super) fn oneself(actor: &Actor) -> Result<PersonId, Fault> {
    actor.person().ok_or(Fault::Anonymous)
}

/// The page.
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    here: CurrentSession,
    shell: Shell,
) -> Result<Response, Fault> {
    let (db, now, person) = (app.db.read(), app.now(), oneself(&actor)?);
    let settings: AccountSettings = app.setting().await?;
    let account = accounts::find(db, person).await?.ok_or(Fault::NotFound)?;
    let standing = account.standing();
    let sessions = sessions::live(db, now, person, &settings)
        .await?
        .into_iter()
        .map(|session| Device {
            id: session.id,
            here: session.id == here.0,
            agent: session.agent,
            address: session.address.unwrap_or_default(),
            since: session.created_at.into(),
            seen: session.last_seen_at.into(),
        })
        .collect();
    let records = records::last(db, person, RECORDS)
        .await?
        .into_iter()
        .map(|record| Record {
            at: record.at.into(),
            outcome: record.outcome.label(),
            good: record.outcome == Ended::Accepted,
            agent: record.agent,
            address: record.address.unwrap_or_default(),
        })
        .collect();
    let page = Page {
        shell,
        login: account.login,
        password_set: account.password_set_at.into(),
        password_until: standing.expires_at(&settings).map(Moment::from),
        expires_soon: standing.warns(now, &settings),
        sessions,
        records,
        idle_minutes: settings.idle_minutes,
        session_hours: settings.session_hours,
    };
    Ok(page.into_response())
}

/// Signs one device out.
pub async fn revoke(
    State(app): State<App>,
    actor: Actor,
    Path(session): Path<i64>,
) -> Result<Response, Fault> {
    let person = oneself(&actor)?;
    let tx = app.db.begin().await?;
    if !sessions::end_one(&tx, person, session).await? {
        return Err(Fault::NotFound);
    }
    let detail = json!({ "session": session });
    let entry = acts::entry(
        "account.session_revoked",
        person,
        "退出一台设备的登录",
        detail,
    );
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect("/account", Flash::success("该设备已退出登录。")))
}

/// Signs all other devices out.
pub async fn revoke_others(
    State(app): State<App>,
    actor: Actor,
    here: CurrentSession,
) -> Result<Response, Fault> {
    let person = oneself(&actor)?;
    let tx = app.db.begin().await?;
    let ended = sessions::end_all(&tx, person, Some(here.0)).await?;
    let detail = json!({ "sessions_ended": ended });
    let entry = acts::entry(
        "account.session_revoked",
        person,
        "退出其他设备的登录",
        detail,
    );
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect(
        "/account",
        Flash::success("其他设备都已退出登录。"),
    ))
}
