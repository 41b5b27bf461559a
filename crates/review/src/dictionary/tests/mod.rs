//! The dictionaries from the first word to the import, on both databases.
