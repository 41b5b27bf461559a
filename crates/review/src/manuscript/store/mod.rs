//! The only files that know SQL exists.

mod rows;
mod versions;
mod working;

pub use rows::{channel, coauthor, file, manuscript};
pub use versions::{add_version, latest, version, versions};
pub use working::{
    SEARCH, add_file, file_of, hold, insert, load, remove_file, replace, seen, seen_ids,
    set_people, set_version, tell_of_file,
};
