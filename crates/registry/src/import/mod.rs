//! Taking in annexes 1 and 4 as units send them, and comparing annexes 2 and 3 (R-REG-8).
//!
//! An import is one function, [`take`], run in one transaction. A preview is the same run rolled back, so
//! what it shows is what will happen; confirming runs it again and takes it only if the outcome is still
//! the one that was shown.

mod compare;
mod draft;
mod drafts;
mod known;
mod pages;
mod report;
mod row;
mod said;
mod store;
mod take;
#[cfg(test)]
mod tests;
mod who;

pub use report::{
    Change, Compared, Difference, FormReport, Prepared, Problem, Report, RowReport, Totals, Verdict,
};
pub use take::{Options, Source, read, take};

use zhendi_kernel::{
    Permission,
    jobs::Handlers,
    secrets::SealedColumn,
    web::{Access, Routes},
};

/// The pages of imports.
pub fn routes() -> Routes {
    let import = Access::Needs(Permission::ImportChannels);
    Routes::new()
        .get("/imports", import, pages::list)
        .get("/imports/new", import, pages::choose)
        .upload("/imports", import, pages::UPLOAD_LIMIT, pages::upload)
        .get("/imports/{id}", import, pages::show)
        .post("/imports/{id}/confirmations", import, pages::confirm)
        .post("/imports/{id}/drafts", import, drafts::begin)
        .post("/imports/{id}/cancellations", import, pages::cancel)
}

/// Forgets previews that nobody confirmed.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .on("import.forget", |app, _| async move {
            store::forget_old(&app).await?;
            Ok(())
        })
        .called("import.forget", "清除过期的导入预览")
        .hourly("import.forget")
}

/// Uploads and their outcomes wait sealed: they hold names and phone numbers.
pub const SEALED: &[SealedColumn] = &[
    SealedColumn {
        table: "import_run",
        key: "id",
        column: "content",
        purpose: store::PURPOSE,
    },
    SealedColumn {
        table: "import_run",
        key: "id",
        column: "report",
        purpose: store::REPORT,
    },
];
