//! What every context of Zhendi stands on: who acts and what they may do, the database, the audit
//! chain, jobs, work items, files, secrets, notifications, forms and the page shell.
//! The kernel knows no feature; contexts know the kernel.

extern crate self as zhendi_kernel; // so that the shared templates name one path in every crate

pub mod actor;
pub mod app;
pub mod audit;
pub mod clock;
pub mod config;
pub mod count;
pub mod db;
pub mod fault;
pub mod files;
pub mod form;
pub mod ids;
pub mod jobs;
pub mod known;
pub mod many;
pub mod migrations;
pub mod notify;
pub mod outgoing;
pub mod role;
pub mod scope;
pub mod search;
pub mod secrets;
pub mod settings;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod web;
pub mod work;

pub use actor::Actor;
pub use app::App;
pub use clock::{Clock, Entropy};
pub use db::{Db, Tx};
pub use fault::{Fault, Outcome};
pub use ids::{ChannelId, FilingId, PersonId, PlanId, PlanTaskId, RegulationId, UnitId};
pub use role::{Permission, Role};
pub use scope::{Place, ScopeFilter};
