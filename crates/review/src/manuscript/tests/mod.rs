//! Stories of manuscripts, on both databases and through the real router.

mod files;
mod hostile;
mod pages;
mod story;
