//! Slips that need no dictionary: punctuation, numbers, dates, numbering.
