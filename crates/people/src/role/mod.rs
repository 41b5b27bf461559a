//! Roles: who is what, where, until when; given and taken by the security administrator alone (R-ORG-9).

mod directory;
mod pages;
mod requests;
mod rules;
mod settings;
mod store;
#[cfg(test)]
mod tests;

pub use directory::{Staff, principal, stands_for};
pub(crate) use pages::end_of_day;
pub use requests::{KIND as REQUESTED, Request, ask, requested};
pub use rules::{Candidate, Refusal, Seat, may_hold};
pub use settings::PeopleSettings;
pub use store::{
    AWAITED, GRANT, Granted, Holder, Member, NewGrant, TO_TAKE, administered, grant, granted,
    grants, held, holders, in_order, load_actor, members, of_person, revoke, scope_of,
};
pub(crate) use store::{
    by_ids, candidate, end_at_unit, end_of_person, find, in_force, move_unit, seat_of, tables,
};

use zhendi_kernel::{
    Permission,
    web::{Access, Routes},
};

/// The pages of grants.
pub fn routes() -> Routes {
    let grant = Access::Needs(Permission::GrantRoles);
    Routes::new()
        .get("/grants", grant, pages::list)
        .get("/grants.csv", grant, pages::csv)
        .get("/grants.xlsx", grant, pages::xlsx)
        .get("/grants/new", grant, pages::new)
        .post("/grants", grant, pages::create)
        .post("/grants/{id}/revocations", grant, pages::revoke)
        .get("/grants/requests", grant, requests::list)
        .post("/grants/requests/decisions", grant, requests::decide)
        .post("/grants/settings", grant, settings::change)
}
