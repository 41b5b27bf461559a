//! What is said of texts, and stories of deciding.

mod differences;
mod reading;
mod story;
mod truth;
