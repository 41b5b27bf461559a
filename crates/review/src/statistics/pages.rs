//! 审核统计: figures with charts, and the same as a spreadsheet and for programs.

use super::figures::{Figures, OfMonth, OfPerson, OfProof, OfUnit, Tally, Wanted, figures};
use crate::course::{Level, Proofread};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::{Actor, App, Fault, Permission, PersonId, UnitId, audit, scope, web::Shell};
use zhendi_people::{
    lists::{self, Format, List, Value},
    person, unit,
};

/// The descriptions of the API's routes, for the OpenAPI document.
pub mod docs {
    pub use super::{__path_api, api};
}

zhendi_kernel::named! {
    /// By what the figures are told.
    By {
        Level = "level", "按环节";
        Unit = "unit", "按单位";
        Person = "person", "按审核人";
        Proof = "proofread", "校对差错";
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// First day, such as `2026-01-01`; without one, the first day of the month eleven months ago.
    pub from: String,
    /// Last day; without one, today.
    pub to: String,
    /// Id of a unit, with those below it; without one, everything that the caller may see.
    pub unit: String,
    /// Of the page and the file.
    #[serde(rename = "by")]
    #[param(ignore)]
    by: String,
}

fn day(typed: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(typed, "%Y-%m-%d").ok()?;
    (2000..=2200).contains(&day.year()).then_some(day)
}

impl Asked {
    fn by(&self) -> By {
        By::parse(&self.by).unwrap_or(By::Level)
    }

    /// What figures are wanted.
    ///
    /// # Errors
    /// `Fault::NotFound` for a unit that the actor may not see.
    async fn wanted(&self, app: &App, actor: &Actor) -> Result<Wanted, Fault> {
        let today = app.clock.today();
        let to = day(&self.to).unwrap_or(today);
        let year_ago = to
            .with_day(1)
            .and_then(|first| first.checked_sub_months(chrono::Months::new(11)))
            .unwrap_or(to);
        let from = day(&self.from)
            .filter(|from| *from <= to)
            .unwrap_or(year_ago);
        let unit = match self.unit.as_str() {
            "" => None,
            typed => {
                let unit = UnitId(typed.parse().map_err(|_| Fault::NotFound)?);
                let place = scope::place(app.db.read(), unit).await?;
                actor.require_sight(Permission::ViewManuscripts, &place)?;
                Some(unit)
            }
        };
        Ok(Wanted { from, to, unit })
    }
}

/// Names of the units and persons of figures.
struct Names {
    units: HashMap<UnitId, String>,
    people: HashMap<PersonId, String>,
}

impl Names {
    async fn of(app: &App, found: &Figures) -> Result<Self, Fault> {
        let db = app.db.read();
        Ok(Self {
            units: unit::names(db, found.units.keys().copied()).await?,
            people: person::names(db, found.people.keys().copied()).await?,
        })
    }

    fn unit(&self, id: UnitId) -> &str {
        self.units.get(&id).map_or("", String::as_str)
    }

    fn person(&self, id: PersonId) -> &str {
        self.people.get(&id).map_or("", String::as_str)
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "statistics/show.html")]
struct Show {
    shell: Shell,
    from: NaiveDate,
    to: NaiveDate,
    unit: String,
    units: Vec<(String, String)>,
    by: By,
    found: Figures,
    names: Names,
    months: Vec<(String, OfMonth)>,
    kinds: Vec<String>,
}

impl Show {
    fn query(&self) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("from", &self.from.to_string());
        pairs.append_pair("to", &self.to.to_string());
        if !self.unit.is_empty() {
            pairs.append_pair("unit", &self.unit);
        }
        pairs.finish()
    }

    fn tabs(&self) -> Vec<(&'static str, String, bool)> {
        let query = self.query();
        By::ALL
            .iter()
            .map(|by| {
                let href = format!("/reviews/statistics?{query}&by={}", by.code());
                (by.label(), href, *by == self.by)
            })
            .collect()
    }

    fn levels(&self) -> Vec<(Level, Tally)> {
        Level::ALL
            .into_iter()
            .map(|level| {
                (
                    level,
                    self.found.levels.get(&level).copied().unwrap_or_default(),
                )
            })
            .collect()
    }

    /// Those with most submissions first.
    fn by_unit(&self) -> Vec<(String, OfUnit)> {
        let mut rows: Vec<(String, OfUnit)> = self
            .found
            .units
            .iter()
            .map(|(id, figures)| (self.names.unit(*id).to_owned(), *figures))
            .collect();
        rows.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.submitted));
        rows
    }

    /// Those with most decisions first.
    fn by_person(&self) -> Vec<(String, OfPerson)> {
        let mut rows: Vec<(String, OfPerson)> = self
            .found
            .people
            .iter()
            .map(|(id, figures)| (self.names.person(*id).to_owned(), *figures))
            .collect();
        rows.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.tally.decided()));
        rows
    }

    /// So many fit into a chart.
    fn most<T>(&self, mut rows: Vec<T>) -> Vec<T> {
        rows.truncate(12);
        rows
    }

    fn by_proof(&self) -> Vec<(Proofread, OfProof)> {
        Proofread::ALL
            .iter()
            .map(|which| {
                (
                    *which,
                    self.found.proofs.get(which).cloned().unwrap_or_default(),
                )
            })
            .collect()
    }
}

/// Every month of a period from the first with anything on: a chart must not close up its gaps.
fn months(found: &Figures, from: NaiveDate, to: NaiveDate) -> Vec<(String, OfMonth)> {
    let mut all: BTreeSet<String> = found.months.keys().cloned().collect();
    let mut day = from.with_day(1).unwrap_or(from);
    while day <= to && all.len() < 120 {
        all.insert(day.format("%Y-%m").to_string());
        match day.checked_add_months(chrono::Months::new(1)) {
            Some(next) => day = next,
            None => break,
        }
    }
    // What came before the first submission says nothing.
    all.into_iter()
        .map(|month| {
            let figures = found.months.get(&month).copied().unwrap_or_default();
            (month, figures)
        })
        .skip_while(|(_, figures)| *figures == OfMonth::default())
        .collect()
}

fn kinds(found: &Figures) -> Vec<String> {
    let all: BTreeSet<&String> = found
        .proofs
        .values()
        .flat_map(|proof| proof.errors.keys())
        .collect();
    all.into_iter().cloned().collect()
}

/// GET /reviews/statistics
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Result<impl IntoResponse, Fault> {
    let wanted = asked.wanted(&app, &actor).await?;
    let db = app.db.read();
    let found = figures(db, &actor, &wanted).await?;
    Ok(Show {
        shell,
        unit: asked.unit.clone(),
        units: unit::options(db, &actor.filter(Permission::ViewManuscripts)).await?,
        by: asked.by(),
        names: Names::of(&app, &found).await?,
        months: months(&found, wanted.from, wanted.to),
        kinds: kinds(&found),
        from: wanted.from,
        to: wanted.to,
        found,
    })
}

/// GET /reviews/statistics.xlsx
pub async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response, Fault> {
    let wanted = asked.wanted(&app, &actor).await?;
    let found = figures(app.db.read(), &actor, &wanted).await?;
    let names = Names::of(&app, &found).await?;
    let by = asked.by();
    let list = list(by, &found, &names);
    let tx = app.db.begin().await?;
    let entry = audit::Entry {
        action: "review.statistics_exported",
        subject: ("review", 0),
        unit: wanted.unit,
        on_behalf_of: None,
        summary: format!("导出审核统计（{by}）{} 行", list.rows.len()),
        detail: serde_json::json!({ "from": wanted.from, "to": wanted.to }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    lists::download(list, Format::Xlsx, app.clock.today()).await
}

fn list(by: By, found: &Figures, names: &Names) -> List {
    let text = |text: &str| Value::Text(text.to_owned());
    let number = |number: i64| Value::Number(number as f64);
    let tally = |tally: &Tally| {
        vec![
            number(tally.decided()),
            number(tally.approved),
            number(tally.returned),
            number(tally.discarded),
            Value::Number(tally.return_rate()),
            Value::Number(tally.hours()),
        ]
    };
    const DECIDED: [&str; 6] = [
        "办理",
        "同意",
        "退回",
        "不予采用",
        "退回率（%）",
        "平均用时（小时）",
    ];
    let (headings, rows): (Vec<&'static str>, Vec<Vec<Value>>) = match by {
        By::Level => (
            [&["环节"], DECIDED.as_slice()].concat(),
            Level::ALL
                .into_iter()
                .filter_map(|level| Some((level, found.levels.get(&level)?)))
                .map(|(level, figures)| [vec![text(level.label())], tally(figures)].concat())
                .collect(),
        ),
        By::Unit => (
            vec![
                "单位",
                "送审",
                "审定",
                "退回",
                "不予采用",
                "送审到审定（小时）",
                "校对差错",
            ],
            found
                .units
                .iter()
                .map(|(id, figures)| {
                    vec![
                        text(names.unit(*id)),
                        number(figures.submitted),
                        number(figures.approved),
                        number(figures.returned),
                        number(figures.discarded),
                        Value::Number(figures.hours()),
                        number(figures.errors),
                    ]
                })
                .collect(),
        ),
        By::Person => (
            [&["审核人"], DECIDED.as_slice(), &["校对次数", "发现差错"]].concat(),
            found
                .people
                .iter()
                .map(|(id, figures)| {
                    [
                        vec![text(names.person(*id))],
                        tally(&figures.tally),
                        vec![number(figures.proofreads), number(figures.errors)],
                    ]
                    .concat()
                })
                .collect(),
        ),
        By::Proof => (
            vec!["校次", "差错类别", "发现差错"],
            found
                .proofs
                .iter()
                .flat_map(|(which, proof)| {
                    proof.errors.iter().map(move |(kind, count)| {
                        vec![text(which.label()), text(kind), number(*count)]
                    })
                })
                .collect(),
        ),
    };
    List {
        title: format!("审核统计{by}"),
        headings,
        rows,
    }
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
