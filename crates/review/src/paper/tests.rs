//! Sheets and papers on a real course.
