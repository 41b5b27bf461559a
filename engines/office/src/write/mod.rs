//! Writes sheets and plain tables as files.

mod docx;
mod error;
mod qr;
mod table;
mod xlsx;

pub use crate::xls_write::write_xls;
pub use docx::write_docx;
pub use error::WriteError;
pub(crate) use error::XLS_ROWS;
pub use table::{CSV_MARK, Table, csv_lines, harmless, table_csv, table_xlsx};
pub use xlsx::write_xlsx;
pub(crate) use xlsx::{DATE_FORMAT, PAGE_NUMBERS};
