//! Stories and rules.
