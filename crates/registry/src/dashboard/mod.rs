//! The first page: what must I do now, then how are we doing (R-TASK-1).

mod pages;
#[cfg(test)]
mod tests;

use zhendi_kernel::web::{Access, Routes};

/// The first page. Visitors are led to the directory.
pub fn routes() -> Routes {
    Routes::new().get("/", Access::Public, pages::home)
}
