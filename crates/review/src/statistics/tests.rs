//! Figures of real courses.
