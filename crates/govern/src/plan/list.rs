//! The list of plans.

use super::{
    PlanKind, PlanStage,
    store::{self, Line},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use std::collections::HashMap;
use zhendi_kernel::{Actor, App, Fault, Permission, UnitId, web::Shell};
use zhendi_people::unit;

/// What stands in the address.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub unit: String,
    pub year: String,
    pub kind: String,
    pub stage: String,
    pub q: String,
    pub mine: String,
    pub page: String,
}

impl Asked {
    pub(super) fn wanted(&self) -> store::Query {
        store::Query {
            unit: self.unit.parse().map(UnitId).ok(),
            year: self.year.parse().ok(),
            kind: PlanKind::parse(&self.kind),
            stage: PlanStage::parse(&self.stage),
            text: self.q.chars().take(100).collect(),
            mine: self.mine == "1",
            page: self.page.parse().unwrap_or(1).max(1),
            per_page: store::PER_PAGE,
        }
    }

    /// What was asked for, without the page.
    pub(super) fn base(&self) -> String {
        let mut line = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("unit", &self.unit),
            ("year", &self.year),
            ("kind", &self.kind),
            ("stage", &self.stage),
            ("q", &self.q),
            ("mine", &self.mine),
        ] {
            if !value.is_empty() {
                line.append_pair(name, value);
            }
        }
        line.finish()
    }

    fn is_narrow(&self) -> bool {
        [&self.unit, &self.year, &self.kind, &self.stage, &self.q]
            .iter()
            .any(|part| !part.is_empty())
    }
}

/// The tone and the icon of a stage's badge.
pub(super) fn badge(stage: &PlanStage) -> (&'static str, &'static str) {
    match stage {
        PlanStage::Draft => ("neutral", "pencil"),
        PlanStage::Submitted => ("info", "hourglass"),
        PlanStage::Returned => ("warning", "arrow-back-up"),
        PlanStage::InForce => ("success", "player-play"),
        PlanStage::Closed => ("neutral", "archive"),
        PlanStage::Superseded => ("neutral", "history"),
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "plan/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    base: String,
    units: Vec<(String, String)>,
    years: Vec<(String, String)>,
    kinds: Vec<(&'static str, &'static str)>,
    stages: Vec<(&'static str, &'static str)>,
    names: HashMap<UnitId, String>,
    rows: Vec<Line>,
    page: u64,
    pages: u64,
    total: u64,
    may_draft: bool,
    may_see_board: bool,
}

impl ListPage {
    fn unit(&self, line: &Line) -> &str {
        self.names.get(&line.plan.unit).map_or("", String::as_str)
    }

    fn mine(&self) -> bool {
        self.asked.mine == "1"
    }
}

/// GET /plans
pub(super) async fn page(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let wanted = asked.wanted();
    let (rows, total) = store::list(db, &actor, &wanted, app.clock.today()).await?;
    let names = unit::names(db, rows.iter().map(|line| line.plan.unit)).await?;
    let base = match asked.base().as_str() {
        "" => "/plans?".to_owned(),
        some => format!("/plans?{some}&"),
    };
    Ok(ListPage {
        units: unit::options(db, &actor.filter(Permission::ViewPlans)).await?,
        years: store::years(db)
            .await?
            .into_iter()
            .map(|year| (year.to_string(), format!("{year}年")))
            .collect(),
        kinds: PlanKind::ALL
            .iter()
            .map(|kind| (kind.code(), kind.label()))
            .collect(),
        stages: PlanStage::ALL
            .iter()
            .map(|stage| (stage.code(), stage.label()))
            .collect(),
        page: wanted.page,
        pages: total.div_ceil(store::PER_PAGE).max(1),
        may_draft: actor.may_somewhere(Permission::DraftPlans),
        may_see_board: actor.may_somewhere(Permission::ViewPlans),
        shell,
        asked,
        base,
        names,
        rows,
        total,
    }
    .into_response())
}
