//! Stories of channels.
