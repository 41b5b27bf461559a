//! What is written, seen by other programs: LibreOffice, Python's xlrd, calamine.

mod calamine_reads;
mod docx;
mod filled;
#[path = "../it/made.rs"]
mod made;
mod print;
mod tools;
mod xlrd;
