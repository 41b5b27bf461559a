//! What is done to accounts: made, unlocked, reset, disabled, given another password. Each with its
//! record in the audit chain, none with a role.

use super::{
    login::Login,
    secret,
    settings::AccountSettings,
    store::{
        accounts::{self, Model, Secret},
        sessions, tokens,
    },
};
use crate::{person, role, unit};
use chrono::{DateTime, Utc};
use serde_json::json;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Role, Tx, audit,
    notify::{self, Notice},
    scope, settings,
};

/// An account with its one-time code, to be shown once and printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub person: PersonId,
    pub name: String,
    pub login: String,
    /// None for accounts of the demonstration: theirs is the common password.
    pub code: Option<String>,
    /// Until when the code is good.
    pub until: DateTime<Utc>,
}

/// Groups of four characters in a one-time code: 60 random bits.
const CODE_GROUPS: usize = 3;

/// Makes a new one-time code.
async fn new_code(tx: &Tx, app: &App) -> Result<(String, Secret, DateTime<Utc>), Fault> {
    let settings: AccountSettings = settings::get(tx).await?;
    let code = app.entropy.code(CODE_GROUPS);
    let until = app.now() + settings.code_life();
    let hash = secret::hash(&app.entropy, &code).await?;
    Ok((code, Secret::Code(hash, until), until))
}

/// Makes the account of a person who has none: with a one-time code, after which the person chooses a
/// password; or with the demonstration's common password, which need not be changed.
/// The caller has checked that the actor manages people.
///
/// # Errors
/// `Fault::Refused` when the login is taken, the person has an account or has left; `Fault::NotFound`.
pub async fn create(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    person: PersonId,
    login: &Login,
    demo_password: Option<&str>,
) -> Result<Issued, Fault> {
    let person = person::find(tx, person).await?.ok_or(Fault::NotFound)?;
    if person.left_at.is_some() {
        return Err(Fault::Refused("此人已离岗，不能开通登录。".into()));
    }
    let (code, secret, until) = match demo_password {
        Some(password) => {
            let hash = secret::hash(&app.entropy, password).await?;
            (None, Secret::Password(hash), app.now())
        }
        None => {
            let (code, secret, until) = new_code(tx, app).await?;
            (Some(code), secret, until)
        }
    };
    let demo = demo_password.is_some();
    accounts::insert(tx, app.now(), person.id, login, secret, demo).await?;
    let entry = entry(
        "account.created",
        person.id,
        "开通登录账号",
        json!({ "login": login.as_str() }),
    );
    let entry = managed(actor, entry);
    audit::append(tx, app, actor, entry).await?;
    Ok(Issued {
        person: person.id,
        name: person.name,
        login: login.as_str().into(),
        code,
        until,
    })
}

/// Gives an account a new one-time code. Its password, sessions and tokens are gone: a reset is asked
/// for when a password was forgotten or has leaked, and nobody can tell which.
///
/// The auditors are told as well: whoever has the code in hand could sign in as somebody else.
///
/// # Errors
/// `Fault::NotFound` when there is no such account; `Fault::Refused` when it is the actor's own.
pub async fn reset(tx: &Tx, app: &App, actor: &Actor, person: PersonId) -> Result<Issued, Fault> {
    if actor.person() == Some(person) {
        return Err(Fault::Refused(
            "不能重置自己的密码，请在“账号与安全”中修改。".into(),
        ));
    }
    let (code, secret, until) = new_code(tx, app).await?;
    let held = accounts::hold(tx, person).await?;
    accounts::give(tx, &held, secret, app.now()).await?;
    let sessions = sessions::end_all(tx, person, None).await?;
    let tokens = tokens::revoke_all(tx, person).await?;
    tell(
        tx,
        app,
        person,
        "系统管理员重置了您的登录密码，如非您本人申请请立即反映",
    )
    .await?;
    let auditors = auditors(tx, app).await?;
    let notice = Notice {
        title: "系统管理员重置了一个账号的登录密码，请核实是否由本人申请".into(),
        href: "/audit".into(),
    };
    notify::tell(tx, app, &auditors, notice).await?;
    let name = person::names(tx, [person])
        .await?
        .remove(&person)
        .unwrap_or_default();
    let detail = json!({ "sessions_ended": sessions, "tokens_revoked": tokens });
    audit::append(
        tx,
        app,
        actor,
        managed(
            actor,
            entry("account.reset", person, "重置登录密码", detail),
        ),
    )
    .await?;
    Ok(Issued {
        person,
        name,
        login: held.login,
        code: Some(code),
        until,
    })
}

/// Gives the accounts of the demonstration another common password; those whose owners chose one of
/// their own keep it.
///
/// # Errors
/// When the database fails.
pub async fn set_demo_password(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    password: &str,
) -> Result<(), Fault> {
    let hash = secret::hash(&app.entropy, password).await?;
    let given = accounts::give_demo(tx, hash, app.now()).await?;
    let entry = audit::Entry {
        action: "account.demo_password",
        subject: ("setting", 0),
        unit: None,
        on_behalf_of: None,
        summary: format!("更换 {given} 个示例账号的公共密码"),
        detail: json!({}),
    };
    audit::append(tx, app, actor, entry).await
}

/// Ends an account's lock.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Refused` when it is not locked.
pub async fn unlock(tx: &Tx, app: &App, actor: &Actor, person: PersonId) -> Result<(), Fault> {
    let held = accounts::hold(tx, person).await?;
    if !held.standing().is_locked(app.now()) {
        return Err(Fault::Refused(
            "该账号没有被锁定，可能刚刚已自动解锁。".into(),
        ));
    }
    accounts::unlock(tx, &held).await?;
    audit::append(
        tx,
        app,
        actor,
        managed(
            actor,
            entry("account.unlocked", person, "解锁登录账号", json!({})),
        ),
    )
    .await
}

/// Disables an account: every session ends, no token works any more.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Refused` when it is disabled, or the actor's own.
pub async fn disable(tx: &Tx, app: &App, actor: &Actor, person: PersonId) -> Result<(), Fault> {
    if actor.person() == Some(person) {
        return Err(Fault::Refused("不能停用自己的账号。".into()));
    }
    let held = accounts::hold(tx, person).await?;
    if held.disabled_at.is_some() {
        return Err(Fault::Refused("该账号已是停用状态。".into()));
    }
    accounts::set_disabled(tx, &held, Some(app.now())).await?;
    sessions::end_all(tx, person, None).await?;
    audit::append(
        tx,
        app,
        actor,
        managed(
            actor,
            entry("account.disabled", person, "停用登录账号", json!({})),
        ),
    )
    .await
}

/// Enables an account again.
///
/// # Errors
/// `Fault::NotFound`; `Fault::Refused` when it is not disabled.
pub async fn enable(tx: &Tx, app: &App, actor: &Actor, person: PersonId) -> Result<(), Fault> {
    let held = accounts::hold(tx, person).await?;
    if held.disabled_at.is_none() {
        return Err(Fault::Refused("该账号没有停用。".into()));
    }
    accounts::set_disabled(tx, &held, None).await?;
    audit::append(
        tx,
        app,
        actor,
        managed(
            actor,
            entry("account.enabled", person, "恢复登录账号", json!({})),
        ),
    )
    .await
}

/// Ends whatever a person is signed in with; for someone who leaves.
///
/// # Errors
/// When the database fails.
pub async fn end(tx: &Tx, person: PersonId) -> Result<(), Fault> {
    sessions::end_all(tx, person, None).await?;
    tokens::revoke_all(tx, person).await?;
    Ok(())
}

/// Gives a held account the password that its owner chose. Every session ends: the caller begins a
/// new one.
pub(super) async fn choose(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    held: &Model,
    password: secret::SecretHash,
) -> Result<(), Fault> {
    accounts::give(tx, held, Secret::Password(password), app.now()).await?;
    sessions::end_all(tx, held.person_id, None).await?;
    let entry = entry(
        "account.password_changed",
        held.person_id,
        "修改登录密码",
        json!({}),
    );
    audit::append(tx, app, actor, entry).await
}

async fn auditors(tx: &Tx, app: &App) -> Result<Vec<PersonId>, Fault> {
    let Some(root) = unit::root(tx).await? else {
        return Ok(vec![]);
    };
    let place = scope::place(tx, root.id).await?;
    let holders = role::holders(tx, app.now(), Role::Auditor, &place).await?;
    Ok(holders.into_iter().map(|holder| holder.person).collect())
}

/// The record of what was done to another's account: it names the one for whom it was done by delegation.
fn managed(actor: &Actor, entry: audit::Entry) -> audit::Entry {
    audit::Entry {
        on_behalf_of: role::stands_for(actor, Permission::ManagePeople),
        ..entry
    }
}

pub(super) fn entry(
    action: &'static str,
    person: PersonId,
    summary: &str,
    detail: serde_json::Value,
) -> audit::Entry {
    audit::Entry {
        action,
        subject: ("person", person.0),
        unit: None,
        on_behalf_of: None,
        summary: summary.into(),
        detail,
    }
}

pub(super) async fn tell(tx: &Tx, app: &App, person: PersonId, title: &str) -> Result<(), Fault> {
    let notice = Notice {
        title: title.into(),
        href: "/account".into(),
    };
    notify::tell(tx, app, &[person], notice).await
}
