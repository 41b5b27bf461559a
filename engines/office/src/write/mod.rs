//! Writes sheets and plain tables as files.

mod error;
mod table;
mod xlsx;

pub use error::WriteError;
pub use table::{CSV_MARK, Table, csv_lines, harmless, table_csv, table_xlsx};
pub use xlsx::write_xlsx;
