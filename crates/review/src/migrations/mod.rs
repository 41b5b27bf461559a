//! The context's tables, one file for each step of their history.

mod m0040_manuscript;
mod m0041_course;
mod m0042_deciding;
mod m0043_publication;
mod m0044_dictionary;
mod m0045_told;
mod m0046_forwarding;
mod m0047_link;

use zhendi_kernel::migrations::Steps;

/// The steps, in order.
pub fn steps() -> Steps {
    vec![
        Box::new(m0040_manuscript::Migration),
        Box::new(m0041_course::Migration),
        Box::new(m0042_deciding::Migration),
        Box::new(m0043_publication::Migration),
        Box::new(m0044_dictionary::Migration),
        Box::new(m0045_told::Migration),
        Box::new(m0046_forwarding::Migration),
        Box::new(m0047_link::Migration),
    ]
}
