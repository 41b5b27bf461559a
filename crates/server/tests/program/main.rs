//! The program as it is run: real commands, real processes, real sessions, both databases.

mod audit;
mod backup;
mod bytes;
mod check;
mod crash;
mod export;
mod forms;
mod full_disk;
mod import;
mod machine;
mod object_storage;
mod outage;
mod publishing;
mod serving;
