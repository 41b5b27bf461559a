//! The only files that know SQL exists.

mod list;
mod rows;
mod versions;
mod working;

pub use list::{Line, PER_PAGE, Query, State, list, states};
pub use rows::Aside;
pub use versions::{add_version, latest, version, versions, was_handed_in};
pub use working::{
    add_file, aside, delete, file_of, hold, insert, load, move_unit, put_aside, remove_file,
    replace, seen_ids, set_version, tell_of_file,
};
