//! The text of files: text processors, spreadsheets, PDF, pages and archives of them.
