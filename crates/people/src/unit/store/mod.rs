//! Rows of `unit` and `unit_event`. The only folder of the context that knows their SQL.

mod read;
mod write;

pub use read::{all, by_name, contents, find, history, ids, names, nearest, options, root, search};
pub use write::{TO_CHECK, change, close, create, merge, relocate, taken};

use super::rules::UnitKind;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use zhendi_kernel::{UnitId, text};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: UnitId,
    pub parent_id: Option<UnitId>,
    pub name: String,
    pub short_name: String,
    pub name_key: String,
    /// Parent and folded name while the unit is open: unique among open siblings, and one root.
    pub sibling_key: Option<String>,
    /// Folded short name while the unit is open: unique in the institution.
    pub short_key: Option<String>,
    pub kind: String,
    pub publicity: bool,
    pub to_check: bool,
    #[sea_orm(column_type = "Text")]
    pub haystack: String,
    pub closed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}
impl ActiveModelBehavior for ActiveModel {}

/// Lines of a unit's history.
pub mod event {
    use sea_orm::entity::prelude::*;
    use zhendi_kernel::{PersonId, UnitId};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "unit_event")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub unit_id: UnitId,
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub what: String,
        pub effective_on: Date,
        pub by_id: Option<PersonId>,
        pub by_name: String,
        pub at: DateTimeUtc,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// One line of a unit's history: who did what, when, with effect from which day.
pub type Event = event::Model;

/// A unit (单位).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub id: UnitId,
    /// None for the root, which is the institution itself.
    pub parent: Option<UnitId>,
    pub name: String,
    pub short_name: String,
    pub kind: UnitKind,
    /// Whether it is the publicity department itself (R-ORG-11).
    pub publicity: bool,
    /// Made by an import; someone should look at it.
    pub to_check: bool,
    pub closed_at: Option<DateTime<Utc>>,
    /// Counts changes: who changes an older one has lost.
    pub version: i32,
    /// Steps below the root; known in [`all`], else 0.
    pub depth: usize,
}

impl From<Model> for Unit {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            parent: row.parent_id,
            kind: UnitKind::parse(&row.kind).unwrap_or(UnitKind::Other),
            name: row.name,
            short_name: row.short_name,
            publicity: row.publicity,
            to_check: row.to_check,
            closed_at: row.closed_at,
            version: row.version,
            depth: 0,
        }
    }
}

/// A unit to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUnit {
    /// None for the root alone.
    pub parent: Option<UnitId>,
    pub name: String,
    /// Blank: the same as the name.
    pub short_name: String,
    pub kind: UnitKind,
    pub to_check: bool,
}

/// What a form may change about a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    pub short_name: String,
    pub kind: UnitKind,
    pub publicity: bool,
    /// From which day the change counts; for the history.
    pub effective_on: NaiveDate,
}

fn sibling_key(parent: Option<UnitId>, name: &str) -> String {
    match parent {
        Some(parent) => format!("{parent}:{}", text::fold(name)),
        None => "root".into(),
    }
}
