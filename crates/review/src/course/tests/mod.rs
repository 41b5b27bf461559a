//! The law, stories on both databases, pages and API through the real router.

mod law;
mod pages;
mod property;
mod story;
