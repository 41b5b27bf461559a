//! Reads Chinese text as a careful proofreader does: wrong words, slips that need no dictionary, personal
//! data and secrecy marks, with the place of each in the source. Knows nothing of the application.

pub mod attachment;
pub mod finding;
mod html;
pub mod personal;
pub mod proofreading;
pub mod secrecy;
pub mod text;

pub use finding::{Context, Finding, Kind, Origin, Place, Rule, Severity};
pub use text::{Block, BlockKind, Text, TextBuilder};
