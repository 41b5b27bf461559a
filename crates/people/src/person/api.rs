//! Persons, as programs see them.

use super::{
    rules::Employment,
    store::{self, Person, Query},
};
use axum::{
    Json,
    extract::{Path, Query as UrlQuery, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zhendi_kernel::{Actor, App, Fault, Permission, PersonId, UnitId, scope, text};

/// A person. Staff numbers and mail addresses are not given out here.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonView {
    pub id: PersonId,
    pub unit: UnitId,
    pub name: String,
    pub employment: Employment,
    pub post: String,
    /// Masked in lists, in full in the answer about one person.
    pub phone: Option<String>,
    /// Whether the person has left.
    pub left: bool,
}

/// A page of persons.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonPage {
    pub items: Vec<PersonView>,
    pub page: u64,
    pub per_page: u64,
    pub total: u64,
}

/// Which persons.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Part of a name.
    pub q: String,
    /// A unit, with everything below it.
    pub unit: Option<UnitId>,
    /// From 1.
    pub page: u64,
    /// At most 200.
    pub per_page: u64,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            q: String::new(),
            unit: None,
            page: 1,
            per_page: 50,
        }
    }
}

impl PersonView {
    fn of(person: Person, phone: Option<String>) -> Self {
        Self {
            id: person.id,
            unit: person.unit,
            employment: person.employment,
            phone,
            left: person.left_at.is_some(),
            name: person.name,
            post: person.post,
        }
    }
}

/// Persons whom the caller may see.
#[utoipa::path(
    get, path = "/api/v1/people", tag = "people", operation_id = "list_people", params(Asked),
    responses((status = 200, body = PersonPage), (status = 401), (status = 403)),
)]
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    UrlQuery(asked): UrlQuery<Asked>,
) -> Result<Json<PersonPage>, Fault> {
    let query = Query {
        text: asked.q,
        unit: asked.unit,
        page: asked.page.max(1),
        per_page: asked.per_page.clamp(1, 200),
        ..Query::default()
    };
    let filter = actor.filter(Permission::ViewPeople);
    let (rows, total) = store::list(app.db.read(), &filter, &query).await?;
    let mut items = vec![];
    for row in rows {
        let phone = store::details(&app, &row.person)?.phone;
        items.push(PersonView::of(
            row.person,
            phone.as_deref().map(text::mask_phone),
        ));
    }
    Ok(Json(PersonPage {
        items,
        page: query.page,
        per_page: query.per_page,
        total,
    }))
}

/// One person.
#[utoipa::path(
    get, path = "/api/v1/people/{id}", tag = "people", operation_id = "show_person", params(("id" = i64, Path)),
    responses((status = 200, body = PersonView), (status = 401), (status = 403), (status = 404)),
)]
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<PersonId>,
) -> Result<Json<PersonView>, Fault> {
    let db = app.db.read();
    let person = store::find(db, id).await?.ok_or(Fault::NotFound)?;
    actor.require_sight(
        Permission::ViewPeople,
        &scope::place(db, person.unit).await?,
    )?;
    let phone = store::details(&app, &person)?.phone;
    Ok(Json(PersonView::of(person, phone)))
}
