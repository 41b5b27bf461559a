//! Stories of channels on both databases, through the real router.

mod counters;
mod hostile;
mod list;
mod pages;
mod rules;
mod store;
mod web;
