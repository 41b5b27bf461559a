//! Units (单位): the institution's tree, with names that change and a history that does not (R-ORG-1).

mod api;
mod pages;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod tree;

pub use api::{UnitPage, UnitView};
pub use rules::{Contents, Refusal, UnitKind};
pub use store::{
    Change, Event, NewUnit, TO_CHECK, Unit, all, by_name, change, close, create, find, history,
    merge, names, nearest, options, relocate, root,
};
pub use tree::{Tree, tree};

use zhendi_kernel::{
    Permission,
    web::{Access, Routes},
};

/// The pages and API of units.
pub fn routes() -> Routes {
    let see = Access::Needs(Permission::ViewUnits);
    let manage = Access::Needs(Permission::ManageUnits);
    Routes::new()
        .get("/units", see, pages::list)
        .get("/units.csv", see, pages::csv)
        .get("/units.xlsx", see, pages::xlsx)
        .get("/units/new", manage, pages::new)
        .post("/units", manage, pages::create)
        .get("/units/{id}/edit", manage, pages::edit)
        .post("/units/{id}/edit", manage, pages::change)
        .post("/units/{id}/moves", manage, pages::relocate)
        .post("/units/{id}/mergers", manage, pages::merge)
        .post("/units/{id}/closures", manage, pages::close)
        .get("/api/v1/units", see, api::list)
        .get("/api/v1/units/{id}", see, api::show)
}

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::api::{__path_list, __path_show, list, show};
}
