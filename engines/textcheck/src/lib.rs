//! Reads Chinese text as a careful proofreader does: wrong words, slips that need no dictionary, personal
//! data and secrecy marks, with the place of each in the source. Knows nothing of the application.

pub mod attachment;
pub mod builtin;
pub mod checker;
pub mod dictionary;
pub mod finding;
mod fold;
mod html;
pub mod personal;
pub mod proofreading;
mod scan;
pub mod secrecy;
pub mod stream;
pub mod text;
mod words;

pub use checker::{Checker, CheckerBuilder, Current};
pub use dictionary::{Entry, EntryKind, Layer};
pub use finding::{Context, Finding, Kind, Origin, Place, Rule, Severity};
pub use stream::Format;
pub use text::{Block, BlockKind, Text, TextBuilder};
pub use words::{LONGEST_WORD, WordsError};
