//! Rows of regulations, their versions, attachments and readings: the only place of the feature that knows
//! SQL exists.

mod list;
mod readings;
mod rows;
mod versions;

pub use list::{PER_PAGE, Query, View, evidence, list, seen, waiting};
pub use readings::{
    Reading, confirmed, due_to_ask, insert_asked, overtaken, readings_of, stamp, unask,
};
pub use rows::{File, Version};
pub use versions::{
    add_file, add_version, delete, file, files_of, find, hold, insert, merge_unit, remove_file,
    remove_version, replace, replace_version, version, versions_of,
};
