//! Persons (实名): who they are, how they are reached, and what they hand over when they leave.

mod api;
mod departure;
mod pages;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use api::{PersonPage, PersonView};
pub use rules::{BadField, Details, Employment, mail, phone, staff_number};
pub use store::{
    Card, Contacts, Group, MAIL, Meant, NewPerson, PHONE, Person, Query, Row, STAFF_NUMBER,
    by_name_and_phone, by_staff_number, cards, change, create_contact, details, find, grouped,
    list, names, options,
};
pub(crate) use store::{count, headcounts, hold, move_unit, named};

use zhendi_kernel::{
    Permission,
    secrets::SealedColumn,
    web::{Access, Routes},
};

/// The pages and API of persons.
pub fn routes() -> Routes {
    let see = Access::Needs(Permission::ViewPeople);
    let manage = Access::Needs(Permission::ManagePeople);
    Routes::new()
        .get("/people", see, pages::list)
        .get("/people.csv", see, pages::csv)
        .get("/people.xlsx", see, pages::xlsx)
        .get("/people/new", manage, pages::new)
        .post("/people", manage, pages::create)
        .get("/people/{id}", see, pages::show)
        .get("/people/{id}/edit", manage, pages::edit)
        .post("/people/{id}/edit", manage, pages::change)
        .get("/people/{id}/departures/new", manage, departure::new)
        .post("/people/{id}/departures", manage, departure::create)
        .get("/api/v1/people", see, api::list)
        .get("/api/v1/people/{id}", see, api::show)
}

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::api::{__path_list, __path_show, list, show};
}

/// One of the person's sealed columns.
pub(crate) const fn sealed_column(column: &'static str, purpose: &'static str) -> SealedColumn {
    SealedColumn {
        table: "person",
        key: "id",
        column,
        purpose,
    }
}
