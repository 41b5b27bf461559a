//! The figures for programs.

use super::{
    figures::figures,
    pages::{Asked, Names},
};
use crate::course::{Level, Proofread};
use axum::{
    Json,
    extract::{Query, State},
};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use zhendi_kernel::{Actor, App, Fault, PersonId, UnitId};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{__path_api, api};
}

/// The figures of review in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewFigures {
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Submissions, those after a return included.
    pub submitted: i64,
    /// Manuscripts that were approved to the last level.
    pub approved: i64,
    pub returned: i64,
    pub discarded: i64,
    /// Hours from submission to approval, on average.
    pub hours: f64,
    pub levels: Vec<ReviewLevelFigures>,
    pub units: Vec<ReviewUnitFigures>,
    pub people: Vec<ReviewPersonFigures>,
    pub proofreads: Vec<ReviewProofFigures>,
}

/// What was decided at a level.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewLevelFigures {
    pub level: Level,
    pub approved: i64,
    pub returned: i64,
    pub discarded: i64,
    /// Hours that a decision took, on average.
    pub hours: f64,
}

/// What a unit handed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewUnitFigures {
    pub unit: UnitId,
    pub name: String,
    pub submitted: i64,
    pub approved: i64,
    pub returned: i64,
    pub discarded: i64,
    pub hours: f64,
    /// Errors that proofreads found.
    pub errors: i64,
}

/// What a reviewer decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewPersonFigures {
    pub person: PersonId,
    pub name: String,
    pub approved: i64,
    pub returned: i64,
    pub discarded: i64,
    pub hours: f64,
    pub proofreads: i64,
    pub errors: i64,
}

/// What proofreads found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewProofFigures {
    pub which: Proofread,
    pub proofreads: i64,
    /// Kind of error and how many.
    pub errors: Vec<(String, i64)>,
}

/// The figures that the caller may see.
#[utoipa::path(
    get, path = "/api/v1/review-statistics", tag = "review", operation_id = "show_review_statistics",
    params(Asked),
    responses((status = 200, body = ReviewFigures), (status = 401), (status = 403), (status = 404)),
)]
pub async fn api(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Json<ReviewFigures>, Fault> {
    let wanted = asked.wanted(&app, &actor).await?;
    let found = figures(app.db.read(), &actor, &wanted).await?;
    let names = Names::of(&app, &found).await?;
    Ok(Json(ReviewFigures {
        from: wanted.from,
        to: wanted.to,
        submitted: found.whole.submitted,
        approved: found.whole.approved,
        returned: found.whole.returned,
        discarded: found.whole.discarded,
        hours: found.whole.hours(),
        levels: found
            .levels
            .iter()
            .map(|(level, tally)| ReviewLevelFigures {
                level: *level,
                approved: tally.approved,
                returned: tally.returned,
                discarded: tally.discarded,
                hours: tally.hours(),
            })
            .collect(),
        units: found
            .units
            .iter()
            .map(|(id, one)| ReviewUnitFigures {
                unit: *id,
                name: names.unit(*id).to_owned(),
                submitted: one.submitted,
                approved: one.approved,
                returned: one.returned,
                discarded: one.discarded,
                hours: one.hours(),
                errors: one.errors,
            })
            .collect(),
        people: found
            .people
            .iter()
            .map(|(id, one)| ReviewPersonFigures {
                person: *id,
                name: names.person(*id).to_owned(),
                approved: one.tally.approved,
                returned: one.tally.returned,
                discarded: one.tally.discarded,
                hours: one.tally.hours(),
                proofreads: one.proofreads,
                errors: one.errors,
            })
            .collect(),
        proofreads: found
            .proofs
            .into_iter()
            .map(|(which, proof)| ReviewProofFigures {
                which,
                proofreads: proof.proofreads,
                errors: proof.errors.into_iter().collect(),
            })
            .collect(),
    }))
}
