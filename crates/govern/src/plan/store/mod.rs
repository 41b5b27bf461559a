//! Rows of plans, tasks, notes and proofs: the only place of the feature that knows SQL exists.

mod list;
mod plans;
mod rows;
mod work;

pub use list::{Line, PER_PAGE, Query, board, list, years};
pub use plans::{
    delete, editions, evidence, find, hold, in_slot, insert, merge_unit, replace, slot,
};
pub use rows::{Note, NoteKind, Proof};
pub use work::{
    add_note, add_proof, add_task, change_task, hand_over, hold_task, notes_of, proof, proofs_of,
    remove_task, task, tasks_of,
};
