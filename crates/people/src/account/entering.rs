//! Signing in: one secret, the same work and the same answer whether the login exists or not.

use super::{
    acts, policy,
    rules::Attempt,
    secret,
    settings::AccountSettings,
    store::{
        accounts::{self, Model},
        records::{self, Ended},
        sessions::{self, Origin},
    },
};
use crate::{person, unit};
use chrono::TimeDelta;
use zhendi_kernel::{Actor, App, Fault, PersonId, Tx, settings::Institution};

/// How signing in ended.
#[derive(Debug)]
pub enum Entered {
    /// The token of the new session.
    In(String),
    /// Nothing more is said to a stranger.
    Refused,
}

/// Signs in with a password or one-time code. A session that the browser had before is ended: nobody
/// else can know the token of the new one.
///
/// # Errors
/// `Fault::TooMany` when too many failures came from this address, `Fault::Unavailable` when too many
/// sign in at once.
pub async fn sign_in(
    app: &App,
    login: &str,
    secret: &str,
    origin: &Origin,
    before: Option<&str>,
) -> Result<Entered, Fault> {
    let settings: AccountSettings = app.setting().await?;
    slow_down(app, origin, &settings).await?;
    let account = accounts::by_login(app.db.read(), login).await?;
    let hash = account
        .as_ref()
        .and_then(|account| account.secret_hash.as_ref());
    let right = secret::matches(secret, hash).await?;

    let tx = app.db.begin().await?;
    let Some(account) = account else {
        records::add(&tx, app.now(), None, Ended::Wrong, origin).await?;
        tx.commit().await?;
        return Ok(Entered::Refused);
    };
    let (held, attempt) = judge(&tx, app, &account, right, &settings).await?;
    let person = held.person_id;
    records::add(&tx, app.now(), Some(person), ended(attempt), origin).await?;
    let entered = if attempt == Attempt::Accepted {
        if let Some(before) = before {
            sessions::end_token(&tx, before).await?;
        }
        let token = app.entropy.token();
        sessions::begin(&tx, app.now(), person, &token, origin, &settings).await?;
        Entered::In(token)
    } else {
        Entered::Refused
    };
    tx.commit().await?;
    Ok(entered)
}

/// Judges a secret that was compared outside of the transaction: attempts at once on one account are
/// counted one after the other, so that none of them gets around the lock.
async fn judge(
    tx: &Tx,
    app: &App,
    seen: &Model,
    right: bool,
    settings: &AccountSettings,
) -> Result<(Model, Attempt), Fault> {
    let held = accounts::hold(tx, seen.person_id).await?;
    // A reset between the comparison and now makes what was right then wrong.
    let right = right && held.secret_hash == seen.secret_hash;
    let attempt = held.standing().judge(right, app.now(), settings);
    accounts::note(tx, held.person_id, attempt, app.now()).await?;
    if let Attempt::Wrong {
        locked_until: Some(_),
        ..
    } = attempt
    {
        acts::tell(
            tx,
            app,
            held.person_id,
            "您的账号因连续输错密码被暂时锁定，请查看登录记录",
        )
        .await?;
    }
    Ok((held, attempt))
}

/// An address from which many secrets were wrong waits, whatever logins they were for.
async fn slow_down(app: &App, origin: &Origin, settings: &AccountSettings) -> Result<(), Fault> {
    let Some(address) = &origin.address else {
        return Ok(());
    };
    let window = TimeDelta::seconds(settings.lock_seconds.into());
    let failures = records::failures_from(app.db.read(), address, app.now() - window).await?;
    if failures >= settings.address_failures.max(1).into() {
        return Err(Fault::TooMany(settings.lock_seconds.into()));
    }
    Ok(())
}

fn ended(attempt: Attempt) -> Ended {
    match attempt {
        Attempt::Accepted => Ended::Accepted,
        Attempt::Wrong { .. } => Ended::Wrong,
        Attempt::Locked => Ended::Locked,
        Attempt::Disabled => Ended::Disabled,
        Attempt::CodeExpired => Ended::CodeExpired,
    }
}

/// Why a new password was not taken; the words are for the page.
#[derive(Debug, thiserror::Error)]
pub enum PasswordRefusal {
    #[error("{}", policy::sentence(.0))]
    Weak(Vec<policy::Weakness>),
    #[error("新密码不能与现在的相同。")]
    Same,
    /// The present password was wrong, or too often so.
    #[error("现在的密码不正确；连续输错会锁定账号。")]
    Wrong,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Changes the signed-in person's password. Who came with a one-time code need not type it again.
/// Returns the token of a new session; all others have ended.
///
/// # Errors
/// As [`PasswordRefusal`] says.
pub async fn change_password(
    app: &App,
    actor: &Actor,
    current: &str,
    new: &str,
    origin: &Origin,
) -> Result<String, PasswordRefusal> {
    let id = actor.person().ok_or(Fault::Anonymous)?;
    let settings: AccountSettings = app.setting().await?;
    let account = accounts::find(app.db.read(), id)
        .await?
        .ok_or(Fault::NotFound)?;
    let by_code = account.code_until.is_some();
    let known = known(app, id, &account).await?;
    policy::check(new, &known, settings.min_length as usize).map_err(PasswordRefusal::Weak)?;
    let hash = account.secret_hash.as_ref();
    let right = by_code || secret::matches(current, hash).await?;
    if right && secret::matches(new, hash).await? {
        return Err(PasswordRefusal::Same);
    }
    let password = secret::hash(&app.entropy, new).await?;

    let tx = app.db.begin().await.map_err(PasswordRefusal::Fault)?;
    let (held, attempt) = judge(&tx, app, &account, right, &settings).await?;
    if attempt != Attempt::Accepted {
        records::add(&tx, app.now(), Some(id), ended(attempt), origin).await?;
        tx.commit().await.map_err(Fault::from)?;
        return Err(PasswordRefusal::Wrong);
    }
    acts::choose(&tx, app, actor, &held, password).await?;
    let token = app.entropy.token();
    sessions::begin(&tx, app.now(), id, &token, origin, &settings).await?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(token)
}

/// What others know of a person and may try as a password.
async fn known(app: &App, id: PersonId, account: &Model) -> Result<policy::Known, Fault> {
    let db = app.db.read();
    let person = person::find(db, id).await?.ok_or(Fault::NotFound)?;
    let details = person::details(app, &person)?;
    let institution: Institution = app.setting().await?;
    let mut names = vec![institution.name];
    if let Some(root) = unit::root(db).await? {
        names.extend([root.name, root.short_name]);
    }
    Ok(policy::Known {
        login: account.login.clone(),
        name: person.name,
        phone: details.phone.unwrap_or_default(),
        staff_number: details.staff_number.unwrap_or_default(),
        mail: details.mail.unwrap_or_default(),
        institution: names,
    })
}
