//! Units, persons, the roles they hold and hand on, and how they sign in.

pub mod account;
pub mod delegation;
pub mod holding;
pub mod import;
pub mod lists;
pub mod migrations;
pub mod person;
pub mod role;
pub mod unit;

#[cfg(test)]
mod testing;

pub use migrations::steps;

use zhendi_kernel::{
    Permission, app::MenuEntry, jobs::Handlers, secrets::SealedColumn, web::Routes,
};

/// Every page and API route of the context.
pub fn routes() -> Routes {
    Routes::new()
        .merge(unit::routes())
        .merge(person::routes())
        .merge(role::routes())
        .merge(delegation::routes())
        .merge(import::routes())
        .merge(account::routes())
}

/// What the context does in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    account::jobs(import::jobs(handlers))
}

/// The context's entries of the main menu.
pub fn menu() -> Vec<MenuEntry> {
    vec![
        MenuEntry {
            label: "单位",
            href: "/units",
            icon: "building",
            needs: &[Permission::ViewUnits],
        },
        MenuEntry {
            label: "人员",
            href: "/people",
            icon: "users",
            needs: &[Permission::ViewPeople],
        },
        MenuEntry {
            label: "角色授权",
            href: "/grants",
            icon: "shield-check",
            needs: &[Permission::GrantRoles],
        },
        MenuEntry {
            label: "委托",
            href: "/delegations",
            icon: "user-share",
            needs: &[],
        },
    ]
}

/// The sealed columns of units and persons, for the rotation of keys; `account` adds its own.
pub const SEALED: &[SealedColumn] = &[
    person::sealed_column("staff_number", person::STAFF_NUMBER),
    person::sealed_column("phone", person::PHONE),
    person::sealed_column("mail", person::MAIL),
    import::SEALED,
];
