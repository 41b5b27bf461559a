//! The backup as a file: a tar of the database, the files and what describes them, compressed with zstd and
//! encrypted with age. It is written and read as a stream and never held in memory.

mod key;
pub mod keys;
mod place;
mod read;
mod write;

pub use key::{Key, Lock, recipients};
pub use place::{Place, Written};
pub use read::{Unpack, read};
pub use write::Writer;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The one version of the archive's own layout so far.
pub const FORMAT: u32 = 1;

/// Members of the archive.
pub const DATABASE: &str = "database";
pub const ROWS: &str = "rows.txt";
pub const CONFIG: &str = "config.txt";
pub const PUBLIC_KEYS: &str = "audit-signing.pub";
pub const KEYS: &str = "keys/";
pub const FILES: &str = "files/";
pub const MANIFEST: &str = "manifest.json";

/// Which database the copy is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// For operators.
    pub fn label(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// One member with what proves that it is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub name: String,
    pub size: u64,
    pub sha256: String,
}

/// The stored files in the archive. Each one's name is the hash of its content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesIn {
    pub count: u64,
    pub bytes: u64,
    /// SHA-256 over all names in order, a line each: none was left out or added.
    pub names_sha256: String,
}

/// The end of the audit chain in the copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The last record's number and hash.
    pub seq: i64,
    pub hash: String,
    /// Records and checkpoints that were walked and found sound.
    pub records: i64,
    pub checkpoints: usize,
}

/// What the archive holds, and what was verified before it went in. It is the last member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The program's version.
    pub program: String,
    pub institution: String,
    /// The moment that the copy shows.
    pub at: DateTime<Utc>,
    pub database: Kind,
    /// The database's own version.
    pub database_version: String,
    /// The steps of the tables' history that the copy has, in order.
    pub steps: Vec<String>,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    pub chain: Chain,
    pub files: FilesIn,
    /// Whether the secret keys are in the archive as well.
    pub with_keys: bool,
    /// What was found wrong in the copy; a backup with findings is kept, but does not count as good.
    pub findings: Vec<String>,
    pub members: Vec<Member>,
}

impl Manifest {
    /// The last step of the tables' history.
    pub fn schema(&self) -> &str {
        self.steps.last().map_or("", String::as_str)
    }
}
