//! People from a spreadsheet (the template of [`template`]): planned first, shown, then taken.
//!
//! [`plan`] judges every row and changes nothing; [`apply`] takes a plan. A file goes in whole or not
//! at all, unless the operator wants the good rows alone. A second run of a file changes nothing.

mod apply;
mod pages;
mod plan;
mod preview;
mod rows;
#[cfg(test)]
mod tests;

pub use apply::{Taken, apply};
pub use plan::{FilePlan, Options, Plan, RowPlan, Verdict, Wanted, plan};
pub use rows::{Facts, Problem, template};

use zhendi_kernel::{
    App, Permission,
    jobs::Handlers,
    secrets::SealedColumn,
    web::{Access, Routes},
};

/// The pages of the import.
pub fn routes() -> Routes {
    let manage = Access::Needs(Permission::ManagePeople);
    Routes::new()
        .get("/people/import", manage, pages::new)
        .upload(
            "/people/imports",
            manage,
            zhendi_kernel::files::MAX_UPLOAD,
            pages::create,
        )
        .get("/people/imports/{id}", manage, pages::show)
        .post("/people/imports/{id}/confirmations", manage, pages::confirm)
        .get("/people/import/template.csv", manage, pages::download)
}

/// Throws away previews that nobody took.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .on("people.prune_imports", |app: App, _| async move {
            preview::prune(&app).await?;
            Ok(())
        })
        .called("people.prune_imports", "清除过期的人员导入预览")
        .hourly("people.prune_imports")
}

/// Where previews lie sealed.
pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: "people_import",
    key: "id",
    column: "sealed",
    purpose: preview::PURPOSE,
};
