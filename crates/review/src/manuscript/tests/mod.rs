//! Stories of manuscripts, on both databases and through the real router.
