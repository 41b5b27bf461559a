//! Reads Chinese text as a careful proofreader does: wrong words, slips that need no dictionary, personal
//! data and secrecy marks, with the place of each in the source. Knows nothing of the application.
