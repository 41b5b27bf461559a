//! How persons sign in: local accounts, passwords, sessions, API tokens, the first run (R-ACC-1).

mod acts;
mod agent;
mod entering;
pub mod first_run;
mod jobs;
mod layer;
mod login;
mod pages;
pub mod policy;
mod rules;
mod secret;
mod settings;
mod store;
#[cfg(test)]
mod tests;

pub use acts::{Issued, create, disable, enable, end, reset, set_demo_password, unlock};
pub use jobs::jobs;
pub use layer::{CurrentSession, layer};
pub use login::{Login, LoginError};
pub use pages::{StateBlock, state_block};
pub use settings::AccountSettings;
pub(crate) use store::accounts::is_disabled;

use zhendi_kernel::{
    Permission,
    web::{Access, Routes},
};

/// The pages of accounts.
pub fn routes() -> Routes {
    use pages::{admin, batch, limits, own, password, sign_in, tokens};
    let manage = Access::Needs(Permission::ManagePeople);
    Routes::new()
        .get(first_run::PATH, Access::Public, first_run::pages::show)
        .post(first_run::PATH, Access::Public, first_run::pages::create)
        .get("/sign-in", Access::Public, sign_in::show)
        .post("/sign-in", Access::Public, sign_in::create)
        .post("/sign-out", Access::Public, sign_in::end)
        .get("/account", Access::SignedIn, own::show)
        .post(
            "/account/sessions/others/revocations",
            Access::SignedIn,
            own::revoke_others,
        )
        .post(
            "/account/sessions/{id}/revocations",
            Access::SignedIn,
            own::revoke,
        )
        .get("/account/password", Access::SignedIn, password::show)
        .post("/account/password", Access::SignedIn, password::change)
        .get("/account/tokens", Access::SignedIn, tokens::list)
        .post("/account/tokens", Access::SignedIn, tokens::create)
        .post(
            "/account/tokens/{id}/revocations",
            Access::SignedIn,
            tokens::revoke,
        )
        .get(
            "/settings/accounts",
            Access::Needs(Permission::Operate),
            limits::show,
        )
        .post(
            "/settings/accounts",
            Access::Needs(Permission::Operate),
            limits::change,
        )
        .get("/accounts", manage, admin::list)
        .get("/accounts/new", manage, admin::new)
        .post("/accounts", manage, admin::create)
        .get("/accounts/batches/new", manage, batch::new)
        .post("/accounts/batches", manage, batch::create)
        .post("/accounts/{id}/unlocks", manage, admin::unlock)
        .post("/accounts/{id}/resets", manage, admin::reset)
        .post("/accounts/{id}/disablements", manage, admin::disable)
        .post("/accounts/{id}/enablements", manage, admin::enable)
}
