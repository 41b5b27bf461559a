//! 审核统计: what is asked for, and the page with its charts.

use super::figures::{Figures, OfMonth, OfPerson, OfProof, OfUnit, Tally, Wanted, figures};
use crate::course::{Level, Proofread};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::IntoParams;
use zhendi_kernel::{Actor, App, Fault, Permission, PersonId, UnitId, scope, web::Shell};
use zhendi_people::{person, unit};

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
    pub(super) fn by(&self) -> By {
        By::parse(&self.by).unwrap_or(By::Level)
    }

    /// What figures are wanted.
    ///
    /// # Errors
    /// `Fault::NotFound` for a unit that the actor may not see.
    pub(super) async fn wanted(&self, app: &App, actor: &Actor) -> Result<Wanted, Fault> {
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
pub(super) struct Names {
    units: HashMap<UnitId, String>,
    people: HashMap<PersonId, String>,
}

impl Names {
    pub(super) async fn of(app: &App, found: &Figures) -> Result<Self, Fault> {
        let db = app.db.read();
        Ok(Self {
            units: unit::names(db, found.units.keys().copied()).await?,
            people: person::names(db, found.people.keys().copied()).await?,
        })
    }

    pub(super) fn unit(&self, id: UnitId) -> &str {
        self.units.get(&id).map_or("", String::as_str)
    }

    pub(super) fn person(&self, id: PersonId) -> &str {
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
