//! What is counted, out of the tables of the courses; the only file of the feature that knows SQL exists. Every
//! count is made by the database and sees only what the reader may see.

use crate::course::{Level, Proofread, Verdict};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    Condition, ConnectionTrait, DbBackend, ExprTrait,
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use zhendi_kernel::{Actor, Fault, Permission, PersonId, UnitId, clock, scope};

/// Of what figures are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// From the beginning of this day.
    pub from: NaiveDate,
    /// To the end of this day.
    pub to: NaiveDate,
    /// This unit with everything below it.
    pub unit: Option<UnitId>,
}

impl Wanted {
    fn span(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let after = self.to.succ_opt().unwrap_or(self.to);
        (clock::start_of(self.from), clock::start_of(after))
    }
}

/// How often something was decided, and how long it took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    pub approved: i64,
    pub returned: i64,
    pub discarded: i64,
    /// Of all of these together.
    pub seconds: f64,
}

impl Tally {
    /// All decisions.
    pub fn decided(&self) -> i64 {
        self.approved + self.returned + self.discarded
    }

    /// Returned of a hundred.
    pub fn return_rate(&self) -> f64 {
        share(self.returned, self.decided())
    }

    /// Hours for one, to a tenth.
    pub fn hours(&self) -> f64 {
        hours(self.seconds, self.decided())
    }

    fn add(&mut self, verdict: Verdict, number: i64, seconds: f64) {
        match verdict {
            Verdict::Approve | Verdict::Reapprove => self.approved += number,
            Verdict::Return => self.returned += number,
            Verdict::Discard => self.discarded += number,
        }
        self.seconds += seconds;
    }
}

fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    (part as f64 * 1000.0 / whole as f64).round() / 10.0
}

fn hours(seconds: f64, of: i64) -> f64 {
    if of == 0 {
        return 0.0;
    }
    (seconds / of as f64 / 360.0).round() / 10.0
}

/// What a unit handed in, and what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OfUnit {
    /// Submissions, those after a return included.
    pub submitted: i64,
    /// Manuscripts that were approved to the last level.
    pub approved: i64,
    pub returned: i64,
    pub discarded: i64,
    /// From the submission that led to it to the last approval, of all approved.
    pub seconds: f64,
    /// Errors that proofreads found.
    pub errors: i64,
}

impl OfUnit {
    /// Hours from submission to approval, to a tenth.
    pub fn hours(&self) -> f64 {
        hours(self.seconds, self.approved)
    }
}

/// What a reviewer did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OfPerson {
    pub tally: Tally,
    pub proofreads: i64,
    pub errors: i64,
}

/// What the proofreads of one kind (一校, 二校, 三校) found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfProof {
    pub proofreads: i64,
    /// Errors by kind.
    pub errors: BTreeMap<String, i64>,
}

impl OfProof {
    /// Errors of a kind.
    pub fn of(&self, kind: &str) -> i64 {
        self.errors.get(kind).copied().unwrap_or_default()
    }

    /// All errors.
    pub fn total(&self) -> i64 {
        self.errors.values().sum()
    }
}

/// A month: submitted, approved, returned.
pub type OfMonth = (i64, i64, i64);

/// All figures.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub whole: OfUnit,
    pub levels: BTreeMap<Level, Tally>,
    pub units: BTreeMap<UnitId, OfUnit>,
    pub people: BTreeMap<PersonId, OfPerson>,
    pub proofs: BTreeMap<Proofread, OfProof>,
    /// By `2026-11`.
    pub months: BTreeMap<String, OfMonth>,
}

const COURSE: &str = "review_course";
const ROUND: &str = "review_round";
const DECISION: &str = "review_decision";

/// A proofread's record, as far as it is counted.
#[derive(Deserialize)]
struct Found {
    which: Proofread,
    errors: Vec<(String, i64)>,
}

struct Source<'a, C> {
    db: &'a C,
    seen: Condition,
    span: (DateTime<Utc>, DateTime<Utc>),
}

impl<C: ConnectionTrait> Source<'_, C> {
    fn is_postgres(&self) -> bool {
        self.db.get_database_backend() == DbBackend::Postgres
    }

    /// A select over courses alone, or over rows of a table that belong to them, by a moment within the span.
    fn select(&self, table: &'static str, moment: &'static str) -> SelectStatement {
        let mut select = Query::select();
        select.from(COURSE);
        if table != COURSE {
            select.inner_join(
                table,
                Expr::col((table, "manuscript_id")).equals((COURSE, "manuscript_id")),
            );
        }
        select
            .and_where(Expr::col((table, moment)).gte(self.span.0))
            .and_where(Expr::col((table, moment)).lt(self.span.1))
            .cond_where(self.seen.clone());
        select
    }

    /// The seconds between two moments of a row, added up.
    fn seconds(&self, table: &str, from: &str, to: &str) -> SimpleExpr {
        // Names of tables and columns of this file alone: nothing of anybody's stands in the text.
        Expr::cust(if self.is_postgres() {
            format!(
                r#"COALESCE(SUM(EXTRACT(EPOCH FROM ("{table}"."{to}" - "{table}"."{from}")))::double precision, 0)"#
            )
        } else {
            format!(
                r#"COALESCE(SUM((julianday("{table}"."{to}") - julianday("{table}"."{from}")) * 86400.0), 0.0)"#
            )
        })
    }

    /// The month of a moment where the institution is.
    fn month(&self, table: &str, moment: &str) -> SimpleExpr {
        Expr::cust(if self.is_postgres() {
            format!(r#"to_char("{table}"."{moment}" AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"#)
        } else {
            format!(r#"strftime('%Y-%m', "{table}"."{moment}", '+8 hours')"#)
        })
    }

    fn count() -> SimpleExpr {
        Expr::cust("COUNT(*)")
    }
}

fn verdict(code: &str) -> Result<Verdict, Fault> {
    Verdict::parse(code).ok_or_else(|| Fault::internal(format!("verdict {code}")))
}

/// The figures that an actor may see: of manuscripts of their units and channels.
///
/// # Errors
/// When the database fails.
pub async fn figures(
    db: &impl ConnectionTrait,
    actor: &Actor,
    wanted: &Wanted,
) -> Result<Figures, Fault> {
    let mut seen = Condition::all().add(
        actor
            .filter(Permission::ViewManuscripts)
            .condition((COURSE, "unit_id"), Some((COURSE, "channel_id"))),
    );
    if let Some(unit) = wanted.unit {
        seen = seen.add(Expr::col((COURSE, "unit_id")).in_subquery(scope::subtree([unit])));
    }
    let source = Source {
        db,
        seen,
        span: wanted.span(),
    };
    let mut found = Figures::default();
    submitted(&source, &mut found).await?;
    approved(&source, &mut found).await?;
    decided(&source, &mut found).await?;
    proofread(&source, &mut found).await?;
    for unit in found.units.values() {
        let whole = &mut found.whole;
        whole.submitted += unit.submitted;
        whole.approved += unit.approved;
        whole.returned += unit.returned;
        whole.discarded += unit.discarded;
        whole.seconds += unit.seconds;
        whole.errors += unit.errors;
    }
    Ok(found)
}

async fn submitted<C: ConnectionTrait>(
    source: &Source<'_, C>,
    found: &mut Figures,
) -> Result<(), Fault> {
    let select = source
        .select(ROUND, "at")
        .column((COURSE, "unit_id"))
        .expr(source.month(ROUND, "at"))
        .expr(Source::<C>::count())
        .group_by_col((COURSE, "unit_id"))
        .add_group_by([source.month(ROUND, "at")])
        .to_owned();
    for row in source.db.query_all(&select).await? {
        let number: i64 = row.try_get_by_index(2)?;
        found
            .units
            .entry(row.try_get_by_index(0)?)
            .or_default()
            .submitted += number;
        found.months.entry(row.try_get_by_index(1)?).or_default().0 += number;
    }
    Ok(())
}

async fn approved<C: ConnectionTrait>(
    source: &Source<'_, C>,
    found: &mut Figures,
) -> Result<(), Fault> {
    let select = source
        .select(COURSE, "approved_at")
        .column((COURSE, "unit_id"))
        .expr(source.month(COURSE, "approved_at"))
        .expr(Source::<C>::count())
        .expr(source.seconds(COURSE, "submitted_at", "approved_at"))
        .group_by_col((COURSE, "unit_id"))
        .add_group_by([source.month(COURSE, "approved_at")])
        .to_owned();
    for row in source.db.query_all(&select).await? {
        let number: i64 = row.try_get_by_index(2)?;
        let seconds: f64 = row.try_get_by_index(3)?;
        let unit = found.units.entry(row.try_get_by_index(0)?).or_default();
        unit.approved += number;
        unit.seconds += seconds;
        found.months.entry(row.try_get_by_index(1)?).or_default().1 += number;
    }
    Ok(())
}

async fn decided<C: ConnectionTrait>(
    source: &Source<'_, C>,
    found: &mut Figures,
) -> Result<(), Fault> {
    let select = source
        .select(DECISION, "at")
        .columns([
            (DECISION, "level"),
            (DECISION, "verdict"),
            (DECISION, "person_id"),
            (COURSE, "unit_id"),
        ])
        .expr(source.month(DECISION, "at"))
        .expr(Source::<C>::count())
        .expr(source.seconds(DECISION, "since", "at"))
        .group_by_columns([
            (DECISION, "level"),
            (DECISION, "verdict"),
            (DECISION, "person_id"),
            (COURSE, "unit_id"),
        ])
        .add_group_by([source.month(DECISION, "at")])
        .to_owned();
    for row in source.db.query_all(&select).await? {
        let rank: i32 = row.try_get_by_index(0)?;
        let level = Level::of_rank(rank).ok_or_else(|| Fault::internal(format!("level {rank}")))?;
        let verdict = verdict(&row.try_get_by_index::<String>(1)?)?;
        let number: i64 = row.try_get_by_index(5)?;
        let seconds: f64 = row.try_get_by_index(6)?;
        found
            .levels
            .entry(level)
            .or_default()
            .add(verdict, number, seconds);
        found
            .people
            .entry(row.try_get_by_index(2)?)
            .or_default()
            .tally
            .add(verdict, number, seconds);
        let unit = found.units.entry(row.try_get_by_index(3)?).or_default();
        match verdict {
            Verdict::Return => {
                unit.returned += number;
                found.months.entry(row.try_get_by_index(4)?).or_default().2 += number;
            }
            Verdict::Discard => unit.discarded += number,
            Verdict::Approve | Verdict::Reapprove => {}
        }
    }
    Ok(())
}

/// Equal records are counted by the database: most of them say that nothing was found.
async fn proofread<C: ConnectionTrait>(
    source: &Source<'_, C>,
    found: &mut Figures,
) -> Result<(), Fault> {
    let select = source
        .select(DECISION, "at")
        .and_where(Expr::col((DECISION, "proofread")).is_not_null())
        .column((DECISION, "proofread"))
        .column((DECISION, "person_id"))
        .column((COURSE, "unit_id"))
        .expr(Source::<C>::count())
        .group_by_columns([(DECISION, "proofread"), (DECISION, "person_id")])
        .group_by_col((COURSE, "unit_id"))
        .to_owned();
    for row in source.db.query_all(&select).await? {
        let record: Option<serde_json::Value> = row.try_get_by_index(0)?;
        let Some(record) = record.filter(|record| !record.is_null()) else {
            continue;
        };
        let record: Found = serde_json::from_value(record).map_err(Fault::internal)?;
        let number: i64 = row.try_get_by_index(3)?;
        let proof = found.proofs.entry(record.which).or_default();
        proof.proofreads += number;
        let mut errors = 0;
        for (kind, count) in record.errors {
            if count > 0 {
                *proof.errors.entry(kind).or_default() += count * number;
                errors += count * number;
            }
        }
        let person = found.people.entry(row.try_get_by_index(1)?).or_default();
        person.proofreads += number;
        person.errors += errors;
        found
            .units
            .entry(row.try_get_by_index(2)?)
            .or_default()
            .errors += errors;
    }
    Ok(())
}
