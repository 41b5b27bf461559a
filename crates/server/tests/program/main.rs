//! The program as it is run: real commands, real processes, real sessions, both databases.

mod audit;
mod crash;
mod import;
mod machine;
mod serving;
