//! Plans (总体规划, 工作计划) and regulations (规章制度) of the units (R-GOV-1; Rule 4).

pub mod plan;
pub mod regulation;

mod migrations;
#[cfg(test)]
mod testing;

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use zhendi_kernel::{Fault, UnitId, jobs::Handlers, migrations::Steps, web::Routes};
use zhendi_people::holding;

/// The context's tables, after those of the kernel and of people.
pub fn steps() -> Steps {
    migrations::steps()
}

/// Every page and API route of the context.
pub fn routes() -> Routes {
    Routes::new()
        .merge(plan::routes())
        .merge(regulation::routes())
}

/// What the context does in the background. Hand-overs and mergers have their first handler in a context
/// beside this one, so it comes after that.
///
/// # Panics
/// When nobody has registered that first handler: a mistake in the program, seen at start.
pub fn jobs(handlers: Handlers) -> Handlers {
    handlers
        .also(holding::HANDED_OVER, plan::handed_over)
        .also(holding::UNIT_MERGED, plan::unit_merged)
        .also(holding::UNIT_MERGED, regulation::unit_merged)
        .on(regulation::ASK, regulation::ask)
        .daily_at(regulation::ASK, 6, 30)
        .called(regulation::ASK, "提请阅读规章制度")
}

/// A plan or regulation as evidence for the assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What it is, for people.
    pub kind: &'static str,
    pub title: String,
    /// The document number, where it has one.
    pub number: String,
    /// Its state, for people.
    pub state: &'static str,
    pub href: String,
    /// From when it was in force.
    pub since: NaiveDate,
    /// Until when, if it is not any more.
    pub until: Option<NaiveDate>,
}

/// A unit's plans and regulations that were in force at some time within these days.
///
/// # Errors
/// When the database fails.
pub async fn evidence(
    db: &impl ConnectionTrait,
    unit: UnitId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Evidence>, Fault> {
    let mut found = plan::evidence(db, unit, from, to).await?;
    found.extend(regulation::evidence(db, unit, from, to).await?);
    Ok(found)
}

/// The kinds of work that the context makes, with their names for people.
pub fn work_kinds() -> Vec<(&'static str, &'static str)> {
    [plan::WORK_KINDS, regulation::WORK_KINDS].concat()
}
