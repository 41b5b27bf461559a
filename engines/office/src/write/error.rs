//! Why a file could not be written.

use crate::sheet::BoxError;

/// Rows of an `.xls` sheet.
pub(crate) const XLS_ROWS: usize = 65_536;
/// Rows of an `.xlsx` sheet.
pub(crate) const XLSX_ROWS: usize = 1_048_576;

/// A file that was not written. What stands in the output is of no use.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// More rows than the format holds.
    #[error("{format} 表格最多 {limit} 行，这张表放不下。请缩小范围{}。", if *.limit == XLS_ROWS { "，或改用 .xlsx 格式" } else { "" })]
    TooManyRows {
        /// `.xls` or `.xlsx`.
        format: &'static str,
        /// Rows that it holds.
        limit: usize,
    },
    /// A text longer than a cell holds: 32,767 characters.
    #[error("第 {row} 行有一格文字太长，表格的一格最多 32767 个字。")]
    LongText {
        /// 1-based row.
        row: usize,
    },
    /// The source of the rows failed.
    #[error("读取要写的数据时出错：{0}")]
    Rows(#[source] BoxError),
    /// The output, or a temporary file, could not be written.
    #[error("写文件时出错：{0}")]
    Io(#[from] std::io::Error),
    /// A library refused what it was given.
    #[error("生成文件时出错：{0}")]
    Library(String),
}
