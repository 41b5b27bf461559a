//! Workflows: who reviews at which level of a unit's channels, kept as versions. What is under way follows
//! the version with which it began.

mod api;
mod form;
mod pages;
pub(super) mod service;
pub mod store;

pub use api::docs;
pub use service::{always_major, in_force, route};

use zhendi_kernel::{
    Permission,
    web::{Access, Routes},
};

/// The pages and API of workflows.
pub fn routes() -> Routes {
    let keep = Access::Needs(Permission::ManageWorkflows);
    Routes::new()
        .get("/settings/workflows", keep, pages::list)
        .get("/settings/workflows/new", keep, pages::new)
        .post("/settings/workflows", keep, pages::create)
        .post("/settings/workflows/hours", keep, pages::hours)
        .get("/settings/workflows/{id}", keep, pages::edit)
        .post("/settings/workflows/{id}", keep, pages::save)
        .post("/settings/workflows/{id}/endings", keep, pages::end)
        .get("/api/v1/workflows", keep, api::list)
        .get("/api/v1/workflows/{id}", keep, api::show)
        .put("/api/v1/workflows/{id}", keep, api::replace)
}
