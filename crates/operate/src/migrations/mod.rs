//! The tables of what the program does for its own upkeep.

mod m0005_operate;

/// The context's steps, for the one history of the program.
pub fn steps() -> zhendi_kernel::migrations::Steps {
    vec![Box::new(m0005_operate::Migration)]
}
