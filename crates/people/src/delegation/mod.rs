//! Delegation (委托代行): a role handed on for a time. It ends by itself, is never handed on again, and
//! what is done by it counts for both persons (requirements, R-ORG).

mod pages;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use rules::{LONGEST, Refusal};
pub use store::{Delegation, NewDelegation, create, of_person, revoke};
pub(crate) use store::{end_of_person, joined, received, to_come};

use zhendi_kernel::web::{Access, Routes};

/// The pages of one's own delegations.
pub fn routes() -> Routes {
    Routes::new()
        .get("/delegations", Access::SignedIn, pages::list)
        .get("/delegations/new", Access::SignedIn, pages::new)
        .post("/delegations", Access::SignedIn, pages::create)
        .post(
            "/delegations/{id}/revocations",
            Access::SignedIn,
            pages::revoke,
        )
}
