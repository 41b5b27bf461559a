//! Keeps the program itself going: its backups and how they are restored, whether everything stored is
//! still what was written, and the page that says how the program is (R-DAT-1, R-OPS-1).

mod archive;
pub mod backup;
pub mod check;
mod database;
mod jobs;
mod migrations;
pub mod node;
mod pages;
pub mod restore;
mod run;
mod settings;
#[cfg(test)]
mod tests;

pub use archive::{Key, Lock, Manifest, Place};
pub use jobs::{jobs, note_command};
pub use migrations::steps;
pub use pages::routes;

use zhendi_kernel::{Fault, migrations::Steps, secrets::SealedColumn};

/// A column that names stored files by their hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileColumn {
    pub table: &'static str,
    pub key: &'static str,
    pub column: &'static str,
}

/// What the program as a whole knows of its data; each context has its part of it.
#[derive(Clone, Copy)]
pub struct Facts {
    /// The history of the tables.
    pub steps: fn() -> Steps,
    /// Every column with something sealed in it.
    pub sealed: fn() -> Vec<SealedColumn>,
    /// Every column that names stored files.
    pub files: &'static [FileColumn],
}

/// Why something was not done; the words are for the operator of the machine.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// It was asked for wrongly.
    #[error("{0}")]
    Usage(String),
    /// It did not go, or must not go.
    #[error("{0}")]
    Failed(String),
    /// Database, disk or store did not serve.
    #[error("{}", with_causes(.0))]
    Fault(#[from] Fault),
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<sea_orm::DbErr> for Trouble {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl From<object_store::Error> for Trouble {
    fn from(error: object_store::Error) -> Self {
        Self::Fault(Fault::of_storage(error))
    }
}

impl From<tokio::task::JoinError> for Trouble {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Fault(Fault::internal(error))
    }
}

/// A fault with what caused it, for an operator; people at pages see the fault alone.
fn with_causes(fault: &Fault) -> String {
    use std::error::Error;
    let mut words = fault.to_string();
    let mut cause = fault.source();
    while let Some(next) = cause {
        words = format!("{words}（{next}）");
        cause = next.source();
    }
    words
}

/// The kinds of work items with their names.
pub const WORK_KINDS: &[(&str, &str)] = &[
    (run::FAILED, "备份没有完成"),
    (check::FOUND, "数据或文件有损坏"),
    (node::LOW, "磁盘空间不足"),
];
