//! Tests of the whole program: every route through the router as it is served, signed in as every role.

mod api;
mod campus;
mod guards;
mod hostile;
mod hostile_uploads;
mod page;
mod permissions;
mod stored_files;
