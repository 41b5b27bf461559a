//! Marks of secrecy and forms of internal documents.
