//! Tests of the whole program: every route through the router as it is served, signed in as every role.

mod campus;
mod permissions;
