//! A unit's own page: its channels, its people with their roles, what is overdue.

mod pages;
#[cfg(test)]
mod tests;

use zhendi_kernel::{
    Permission,
    web::{Access, Routes},
};

/// The page of a unit.
pub fn routes() -> Routes {
    Routes::new().get(
        "/units/{id}",
        Access::Needs(Permission::ViewUnits),
        pages::show,
    )
}
