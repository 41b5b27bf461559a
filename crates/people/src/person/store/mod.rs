//! Rows of `person`. The only folder of the context that knows their SQL.

mod contacts;
mod list;
mod write;

pub use contacts::{Contacts, Meant};
pub use list::{Group, Query, Row, count, grouped, headcounts, list, options};
pub use write::{change, create_contact, leave, move_unit};

use super::rules::{Details, Employment};
use crate::unit;
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, PaginatorTrait, QuerySelect, QueryTrait, entity::prelude::*,
    sea_query::SelectStatement,
};
use std::collections::HashMap;
use zhendi_kernel::{App, Fault, PersonId, Tx, UnitId, search, secrets::Sealed};

/// What staff numbers are sealed and looked up for.
pub const STAFF_NUMBER: &str = "person.staff_number";
/// What phone numbers are sealed and looked up for.
pub const PHONE: &str = "person.phone";
/// What mail addresses are sealed for.
pub const MAIL: &str = "person.mail";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: PersonId,
    pub unit_id: UnitId,
    pub name: String,
    pub employment: String,
    pub post: String,
    pub staff_number: Option<Sealed>,
    pub staff_number_key: Option<String>,
    pub phone: Option<Sealed>,
    pub phone_key: Option<String>,
    pub mail: Option<Sealed>,
    #[sea_orm(column_type = "Text")]
    pub haystack: String,
    pub left_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}
impl ActiveModelBehavior for ActiveModel {}

/// One real, named person. What is sealed is opened by [`details`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub unit: UnitId,
    pub name: String,
    pub employment: Employment,
    pub post: String,
    pub staff_number: Option<Sealed>,
    pub phone: Option<Sealed>,
    pub mail: Option<Sealed>,
    pub left_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl From<Model> for Person {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            unit: row.unit_id,
            name: row.name,
            employment: Employment::parse(&row.employment).unwrap_or(Employment::Unknown),
            post: row.post,
            staff_number: row.staff_number,
            phone: row.phone,
            mail: row.mail,
            left_at: row.left_at,
            version: row.version,
        }
    }
}

/// A person's facts as a form or a spreadsheet gives them, checked by `rules`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    pub unit: UnitId,
    pub name: String,
    /// None when the source does not say.
    pub employment: Option<Employment>,
    pub post: String,
    pub phone: Option<String>,
    pub mail: Option<String>,
    pub staff_number: Option<String>,
}

/// What pages show of a person beside something else. Pages mask the phone for those who need not
/// call (see `text::mask_phone`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    pub name: String,
    pub post: String,
    pub unit_name: String,
    /// In full; blank when there is none.
    pub phone: String,
}

fn open(
    app: &App,
    purpose: &'static str,
    sealed: Option<&Sealed>,
) -> Result<Option<String>, Fault> {
    sealed.map(|text| app.keys.open(purpose, text)).transpose()
}

/// Opens what is sealed of a person.
///
/// # Errors
/// When the key is missing.
pub fn details(app: &App, person: &Person) -> Result<Details, Fault> {
    Ok(Details {
        staff_number: open(app, STAFF_NUMBER, person.staff_number.as_ref())?,
        phone: open(app, PHONE, person.phone.as_ref())?,
        mail: open(app, MAIL, person.mail.as_ref())?,
    })
}

/// A person by id.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<Person>, Fault> {
    Ok(Entity::find_by_id(id).one(db).await?.map(Person::from))
}

/// A person whose row is held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: PersonId) -> Result<Option<Person>, Fault> {
    let row = Entity::find_by_id(id).lock_exclusive().one(tx).await?;
    Ok(row.map(Person::from))
}

/// The ids of those whose names hold what was typed; none when nothing searchable was typed.
pub(crate) fn named(typed: &str) -> Option<SelectStatement> {
    let found = search::condition(
        "person",
        typed,
        (Entity, Column::Id),
        (Entity, Column::Haystack),
    )?;
    Some(
        Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(found)
            .into_query(),
    )
}

/// The person of a staff number.
///
/// # Errors
/// When the database fails.
pub async fn by_staff_number(
    db: &impl ConnectionTrait,
    app: &App,
    number: &str,
) -> Result<Option<Person>, Fault> {
    let row = Entity::find()
        .filter(
            COLUMN
                .staff_number_key
                .eq(app.keys.blind(STAFF_NUMBER, number)),
        )
        .one(db)
        .await?;
    Ok(row.map(Person::from))
}

/// The one person of a name and phone number; without a number, the only one of that name in the unit.
/// Those who left are not found, and two of one name are none.
///
/// # Errors
/// When the database fails.
pub async fn by_name_and_phone(
    db: &impl ConnectionTrait,
    app: &App,
    unit: UnitId,
    name: &str,
    phone: Option<&str>,
) -> Result<Option<PersonId>, Fault> {
    let query = Entity::find()
        .filter(COLUMN.name.eq(name))
        .filter(COLUMN.left_at.is_null());
    let query = match phone {
        Some(phone) => query.filter(COLUMN.phone_key.eq(app.keys.blind(PHONE, phone))),
        None => query.filter(COLUMN.unit_id.eq(unit)),
    };
    let rows = query.limit(2).all(db).await?;
    Ok(match rows.as_slice() {
        [one] => Some(one.id),
        _ => None,
    })
}

/// The names of persons.
///
/// # Errors
/// When the database fails.
pub async fn names(
    db: &impl ConnectionTrait,
    people: impl IntoIterator<Item = PersonId>,
) -> Result<HashMap<PersonId, String>, Fault> {
    Ok(Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(COLUMN.id.is_in(people))
        .into_tuple::<(PersonId, String)>()
        .all(db)
        .await?
        .into_iter()
        .collect())
}

/// Cards of persons, with their phones opened.
///
/// # Errors
/// When the database fails or a key is missing.
pub async fn cards(
    db: &impl ConnectionTrait,
    app: &App,
    people: &[PersonId],
) -> Result<HashMap<PersonId, Card>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.id.is_in(people.iter().copied()))
        .all(db)
        .await?;
    let units = unit::names(db, rows.iter().map(|row| row.unit_id)).await?;
    rows.into_iter()
        .map(|row| {
            let card = Card {
                phone: open(app, PHONE, row.phone.as_ref())?.unwrap_or_default(),
                unit_name: units.get(&row.unit_id).cloned().unwrap_or_default(),
                name: row.name,
                post: row.post,
            };
            Ok((row.id, card))
        })
        .collect()
}
