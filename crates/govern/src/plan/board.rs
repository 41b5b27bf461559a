//! The progress board: each unit's plan of a year, and who has none yet.

use super::{
    PlanStage,
    store::{self, Line},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use chrono::Datelike;
use zhendi_kernel::{Actor, App, Fault, Permission, UnitId, web::Shell};
use zhendi_people::unit;

#[derive(serde::Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    year: String,
    /// `none`: only units without a plan.
    #[serde(default)]
    show: String,
}

struct Row {
    unit: UnitId,
    name: String,
    depth: usize,
    line: Option<Line>,
}

#[derive(Template, WebTemplate)]
#[template(path = "plan/board.html")]
struct BoardPage {
    shell: Shell,
    year: i32,
    years: Vec<(String, String)>,
    only_none: bool,
    may_see_drafts: bool,
    rows: Vec<Row>,
    units: usize,
    in_force: usize,
    waiting: usize,
    none: usize,
    tasks: u64,
    done: u64,
    overdue: u64,
}

/// GET /plans/board
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let (db, today) = (app.db.read(), app.clock.today());
    let year = asked.year.parse().unwrap_or(today.year());
    let mut of = store::board(db, &actor, year, today).await?;
    let options = unit::options(db, &actor.filter(Permission::ViewPlans)).await?;
    let root = unit::root(db).await?.map(|unit| unit.id);
    let mut rows: Vec<Row> = options
        .into_iter()
        .filter_map(|(id, name)| {
            let unit = id.parse().map(UnitId).ok()?;
            // The institution itself has the overall plan instead.
            (Some(unit) != root).then(|| Row {
                depth: name.chars().take_while(|c| *c == '\u{3000}').count(),
                name: name.trim_start_matches('\u{3000}').to_owned(),
                line: of.remove(&unit),
                unit,
            })
        })
        .collect();
    let stage = |row: &Row| row.line.as_ref().map(|line| line.plan.stage);
    let count = |wanted: &[PlanStage]| {
        rows.iter()
            .filter(|row| stage(row).is_some_and(|stage| wanted.contains(&stage)))
            .count()
    };
    let in_force = count(&[PlanStage::InForce, PlanStage::Closed]);
    let waiting = count(&[PlanStage::Draft, PlanStage::Returned, PlanStage::Submitted]);
    let none = rows.iter().filter(|row| row.line.is_none()).count();
    let sum = |of: fn(&Line) -> u64| {
        rows.iter()
            .filter_map(|row| row.line.as_ref())
            .map(of)
            .sum()
    };
    let tasks = sum(|line| line.tally.tasks);
    let done = sum(|line| line.tally.done);
    let overdue = sum(|line| match line.plan.stage {
        PlanStage::InForce => line.tally.overdue,
        _ => 0,
    });
    let units = rows.len();
    let only_none = asked.show == "none";
    if only_none {
        rows.retain(|row| row.line.is_none());
    }
    let mut years = store::years(db).await?;
    years.extend([year, today.year(), today.year() + 1]);
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    Ok(BoardPage {
        years: years
            .into_iter()
            .map(|year| (year.to_string(), format!("{year}年")))
            .collect(),
        may_see_drafts: actor.may_somewhere(Permission::DraftPlans),
        shell,
        year,
        only_none,
        rows,
        units,
        in_force,
        waiting,
        none,
        tasks,
        done,
        overdue,
    }
    .into_response())
}
