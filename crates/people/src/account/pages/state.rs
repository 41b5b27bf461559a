//! How a person's sign-in stands, as a card of the person's own page.

use super::{
    super::{
        settings::AccountSettings,
        store::{
            accounts::{self, State},
            sessions,
        },
    },
    Moment,
};
use crate::person;
use askama::Template;
use zhendi_kernel::{Actor, App, Fault, Permission, PersonId, scope};

/// The card; pages show it with `{{ block|safe }}`.
#[derive(Clone, Debug, Template)]
#[template(path = "account/pages/state.html")]
pub struct StateBlock {
    person: PersonId,
    account: Option<Standing>,
    /// Whether the actor may open, reset and disable.
    may_manage: bool,
}

#[derive(Clone, Debug)]
struct Standing {
    login: String,
    state: State,
    /// Whether a one-time code waits for its owner, or ran out.
    awaits_password: bool,
    last_sign_in: Option<Moment>,
    locked_until: Option<Moment>,
    /// Devices that are signed in now.
    sessions: usize,
}

/// The state of a person's account, for those who manage persons or grant roles there; none for others.
///
/// # Errors
/// `Fault::NotFound` when there is no such person.
pub async fn state_block(
    app: &App,
    actor: &Actor,
    person: PersonId,
) -> Result<Option<StateBlock>, Fault> {
    let (db, now) = (app.db.read(), app.now());
    let found = person::find(db, person).await?.ok_or(Fault::NotFound)?;
    let place = scope::place(db, found.unit).await?;
    let may_manage = actor.may(Permission::ManagePeople, &place) && found.left_at.is_none();
    if !may_manage && !actor.may(Permission::GrantRoles, &place) {
        return Ok(None);
    }
    let settings: AccountSettings = app.setting().await?;
    let account = match accounts::find(db, person).await? {
        None => None,
        Some(account) => Some(Standing {
            state: State::of(&account, now),
            awaits_password: account.code_until.is_some(),
            last_sign_in: account.last_sign_in_at.map(Moment::from),
            locked_until: account
                .locked_until
                .filter(|until| *until > now)
                .map(Moment::from),
            sessions: sessions::live(db, now, person, &settings).await?.len(),
            login: account.login,
        }),
    };
    Ok(Some(StateBlock {
        person,
        account,
        may_manage,
    }))
}
