//! The public directory of official channels (官方账号名录, R-REG-11): open to everyone, without personal
//! data, working without script. It answers "is this account official?".

mod api;
mod lookup;
mod pages;
#[cfg(test)]
mod tests;

pub use api::{DirectoryEntry, DirectoryPage, DirectoryVerdict};

use zhendi_kernel::web::{Access, Routes};

/// The pages and API of the directory.
pub fn routes() -> Routes {
    Routes::new()
        .get("/directory", Access::Public, pages::search)
        .get("/directory.csv", Access::Public, pages::csv)
        .get("/directory/{id}", Access::Public, pages::show)
        .get("/api/v1/directory", Access::Public, api::search)
}

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::api::{__path_search, search};
}
