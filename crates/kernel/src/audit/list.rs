//! Which records a list or an export takes.

use crate::{
    Fault, ScopeFilter, UnitId,
    audit::store::{COLUMN, Column, Entity, Model},
    clock,
};
use chrono::{Days, NaiveDate};
use sea_orm::{
    Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LikeExpr},
};

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// From the beginning of this day.
    pub from: Option<NaiveDate>,
    /// To the end of this day.
    pub to: Option<NaiveDate>,
    /// A part of the actor's name.
    pub actor: Option<String>,
    /// Exactly this action.
    pub action: Option<String>,
    /// About things of this kind.
    pub subject_kind: Option<String>,
    /// Belonging to this unit or one below it.
    pub unit: Option<UnitId>,
    /// A part of the summary.
    pub text: Option<String>,
}

fn contains(column: Column, part: &str) -> sea_orm::sea_query::SimpleExpr {
    let escaped = part
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    Expr::col(column).like(LikeExpr::new(format!("%{escaped}%")).escape('\\'))
}

impl Filter {
    fn condition(&self) -> Condition {
        let micros = |date| clock::start_of(date).timestamp_micros();
        let day_after = |date: NaiveDate| date.checked_add_days(Days::new(1));
        Condition::all()
            .add_option(self.from.map(|date| COLUMN.at.gte(micros(date))))
            .add_option(
                self.to
                    .and_then(day_after)
                    .map(|date| COLUMN.at.lt(micros(date))),
            )
            .add_option(
                self.actor
                    .as_deref()
                    .map(|part| contains(Column::ActorName, part)),
            )
            .add_option(
                self.action
                    .as_deref()
                    .map(|action| COLUMN.action.eq(action)),
            )
            .add_option(
                self.subject_kind
                    .as_deref()
                    .map(|kind| COLUMN.subject_kind.eq(kind)),
            )
            .add_option(self.unit.map(|unit| {
                let filter = ScopeFilter::Within {
                    units: vec![unit],
                    channels: vec![],
                };
                filter.units(Column::UnitId)
            }))
            .add_option(
                self.text
                    .as_deref()
                    .map(|part| contains(Column::Summary, part)),
            )
    }
}

/// Records before a number, newest first.
pub(super) async fn newest(
    db: &impl ConnectionTrait,
    filter: &Filter,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(filter.condition())
        .filter(Condition::all().add_option(before.map(|seq| COLUMN.seq.lt(seq))))
        .order_by_desc(COLUMN.seq)
        .limit(limit)
        .all(db)
        .await?)
}

/// Records after a number and up to another, oldest first.
pub(super) async fn oldest(
    db: &impl ConnectionTrait,
    filter: &Filter,
    after: i64,
    to: i64,
    limit: u64,
) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(filter.condition())
        .filter(COLUMN.seq.gt(after))
        .filter(COLUMN.seq.lte(to))
        .order_by_asc(COLUMN.seq)
        .limit(limit)
        .all(db)
        .await?)
}
