//! How a person's sign-in stands, for the person's own page.

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
use zhendi_kernel::{App, Fault, PersonId};

/// What the person's page shows of their account; the template is `account/pages/state.html`, included
/// with `block` and `may_manage` in sight.
#[derive(Clone, Debug)]
pub struct StateBlock {
    pub person: PersonId,
    pub login: String,
    pub state: State,
    /// Whether a one-time code waits for its owner, or ran out.
    pub awaits_password: bool,
    pub last_sign_in: Option<Moment>,
    pub locked_until: Option<Moment>,
    /// Devices that are signed in now.
    pub sessions: usize,
}

/// The state of a person's account; none when they have none.
///
/// # Errors
/// When the database fails.
pub async fn state_block(app: &App, person: PersonId) -> Result<Option<StateBlock>, Fault> {
    let (db, now) = (app.db.read(), app.now());
    let Some(account) = accounts::find(db, person).await? else {
        return Ok(None);
    };
    let settings: AccountSettings = app.setting().await?;
    let sessions = sessions::live(db, now, person, &settings).await?.len();
    Ok(Some(StateBlock {
        person,
        state: State::of(&account, now),
        awaits_password: account.code_until.is_some(),
        last_sign_in: account.last_sign_in_at.map(Moment::from),
        locked_until: account.locked_until.filter(|until| *until > now).map(Moment::from),
        login: account.login,
        sessions,
    }))
}
