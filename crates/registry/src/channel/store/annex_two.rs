//! Annex 2 counted by the database, and the same figures as filters of lists.

use super::{COLUMN, Column, Entity};
use crate::{
    channel::{
        RunningState,
        annex_two::{Figure, Line, NO_PROBLEM},
    },
    platform::PlatformCode,
};
use sea_orm::{
    Condition, ConnectionTrait, QuerySelect, QueryTrait, Select,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Func, Query},
};
use zhendi_kernel::{Fault, UnitId};

/// Those that are not closed: what annexes 1 and 2 are about.
pub(super) fn open() -> Condition {
    Condition::all().add(COLUMN.running_state.ne(RunningState::Closed.code()))
}

/// Those of a unit itself, without the units below it.
pub(super) fn own(unit: UnitId) -> Condition {
    Condition::all().add(COLUMN.unit_id.eq(unit))
}

/// The channels behind a figure.
pub(super) fn behind(figure: Figure) -> Condition {
    let mut all = open().add(of_line(figure.line));
    if let Some(span) = figure.span {
        let columns = span.columns().into_iter().map(|column| column.code());
        let platforms = Query::select()
            .column("code")
            .from("platform")
            .and_where(Expr::col("annex2").is_in(columns))
            .to_owned();
        all = all.add(Expr::col((Entity, Column::Platform)).in_subquery(platforms));
    }
    all
}

/// What a row of annex 2 counts. The findings (rows 3 to 7) are those of annex 1, whoever holds the account:
/// both forms of a unit agree.
fn of_line(line: Line) -> Condition {
    let holder = |code: &str| Condition::all().add(COLUMN.holder_kind.eq(code));
    match line {
        Line::Opened => holder("unit"),
        Line::Personal => holder("person_by_post"),
        Line::Problems => problems(),
        Line::Rectified => problems().add(said_yes("rectified")),
        Line::Interactive => Condition::all().add(said_yes("interactive")),
        Line::Reviewed => Condition::all().add(said_yes("review_system")),
        Line::Outsourced => Condition::all().add(said_yes("outsourced")),
    }
}

fn problems() -> Condition {
    let said = Expr::cust(r#"TRIM(COALESCE("channel"."survey" ->> 'problem', ''))"#);
    Condition::all().add(said.is_not_in(NO_PROBLEM))
}

/// SQLite gives a boolean of JSON as 1, PostgreSQL as `true`. The field is one of ours, never typed.
fn said_yes(field: &'static str) -> Expr {
    Expr::cust(format!(r#"CAST("channel"."survey" ->> '{field}' AS TEXT)"#)).is_in(["1", "true"])
}

/// How many channels of each platform each row of annex 2 counts, in the order of [`Line::ALL`].
///
/// # Errors
/// When the database fails.
pub(super) async fn counted(
    db: &impl ConnectionTrait,
    wanted: Select<Entity>,
) -> Result<Vec<(PlatformCode, [u64; 7])>, Fault> {
    let mut query = wanted
        .filter(open())
        .select_only()
        .column(Column::Platform)
        .group_by(Column::Platform);
    for line in Line::ALL {
        let counted = Func::count(Expr::Case(Box::new(Expr::case(of_line(line), 1))));
        query = query.column_as(Expr::from(counted), line.code());
    }
    let mut found = vec![];
    for row in db.query_all(&query.into_query()).await? {
        let mut figures = [0; 7];
        for (figure, line) in figures.iter_mut().zip(Line::ALL) {
            *figure = row
                .try_get::<i64>("", line.code())?
                .try_into()
                .map_err(Fault::internal)?;
        }
        found.push((row.try_get("", "platform")?, figures));
    }
    Ok(found)
}
