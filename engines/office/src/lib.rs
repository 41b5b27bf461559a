//! Reads the spreadsheets that units send, and writes the forms that they are sent.
//!
//! Reading, three steps, each usable alone:
//! 1. [`open`] turns bytes into [`Workbook`]s (`.xls`, `.xlsx`, `.ods`, `.csv` or a `.zip` of these) within [`Limits`];
//! 2. [`Workbook::forms`] finds annex 1, annex 4 and the people template by their headings, [`Workbook::summaries`] annex 2 and
//!    [`Workbook::registrations`] annex 3 by their labels; [`read_forms`] does all this at once;
//! 3. [`parse_partial_date`], [`parse_yes_no`], [`parse_phone`], [`parse_count`], [`parse_filing_kind`] and [`split_names`] read
//!    single cells.
//!
//! Writing, two steps: [`annex`] lays a form out as a [`sheet::Sheet`], [`write`](mod@write) makes it a file.
//!
//! Everything is synchronous and pure; call it from a blocking thread.
//! The crate judges syntax only: whether a unit or a platform exists is for its caller to say.

pub mod annex;
mod archive;
mod declared;
mod error;
mod field;
mod form;
mod grid;
mod heading;
mod limits;
mod ods;
mod open;
mod parts;
mod registration;
pub mod sheet;
mod summary;
mod text;
mod value;
pub mod write;
mod xls;
mod xls_write;
mod xlsx;

pub use error::{FormError, NearMiss, OpenError, ReadError};
pub use field::{Field, FormKind};
pub use form::{Column, Declared, Form, FormRow, Reading, Skipped, read_forms};
pub use grid::{Cell, Merge, Sheet, Value, Workbook, column_letters};
pub use limits::Limits;
pub use open::{Opened, PassedOver, open, open_path};
pub use registration::AnnexThreeForm;
pub use summary::{AnnexTwoForm, AnnexTwoLine};
pub use value::count::parse_count;
pub use value::date::{PartialDate, find_date, parse_partial_date};
pub use value::filing_kind::{FilingKind, parse_filing_kind};
pub use value::names::split_names;
pub use value::phone::{Phone, parse_phone};
pub use value::tidy::{fold, tidy};
pub use value::yes_no::parse_yes_no;
pub use value::{NotACount, NotADate, NotAFilingKind, NotAPhone, NotYesNo};
