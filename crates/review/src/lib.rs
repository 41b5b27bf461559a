//! Nothing goes out that the right people have not approved (Rule 5 to 7, Notice 2): manuscripts, their
//! review, what was approved, and how it is published.

pub mod check;
pub mod connector;
pub mod course;
pub mod deciding;
pub mod dictionary;
pub mod forwarding;
pub mod hooks;
pub mod ids;
pub mod link;
pub mod manuscript;
pub mod paper;
pub mod publication;
pub mod statistics;

mod migrations;
#[cfg(test)]
mod testing;

use zhendi_kernel::{jobs::Handlers, migrations::Steps, secrets::SealedColumn, web::Routes};

/// The context's tables, after those of the registry.
pub fn steps() -> Steps {
    migrations::steps()
}

/// Every page and API route of the context.
pub fn routes() -> Routes {
    Routes::new()
        .merge(manuscript::routes())
        .merge(course::routes())
        .merge(deciding::routes())
        .merge(publication::routes())
        .merge(connector::routes())
        .merge(dictionary::routes())
        .merge(check::routes())
        .merge(paper::routes())
        .merge(statistics::routes())
        .merge(hooks::routes())
        .merge(forwarding::routes())
}

/// What the context does in the background.
pub fn jobs(handlers: Handlers) -> Handlers {
    let content = publication::jobs(course::jobs(manuscript::jobs(handlers)));
    link::jobs(forwarding::jobs(hooks::jobs(content)))
}

/// Every column that holds something sealed, for the rotation of keys.
pub fn sealed_columns() -> Vec<SealedColumn> {
    [connector::SEALED, hooks::SEALED].concat()
}

/// The kinds of work that the context makes, with their names for people.
pub fn work_kinds() -> Vec<(&'static str, &'static str)> {
    [
        course::WORK_KINDS,
        publication::WORK_KINDS,
        forwarding::WORK_KINDS,
    ]
    .concat()
}
