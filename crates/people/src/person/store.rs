//! Rows of `person`. The only file of the folder that knows SQL.

use super::rules::{Details, Employment};
use crate::unit;
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, SelectStatement},
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, Fault, PersonId, ScopeFilter, Tx, UnitId, audit, fault, notify, scope, search,
    secrets::Sealed,
};

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

/// What a list of persons asks for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub text: String,
    /// With everything below it.
    pub unit: Option<UnitId>,
    pub employment: Option<Employment>,
    /// With or without a sign-in.
    pub account: Option<bool>,
    /// Those who left, instead of those who are here.
    pub left: bool,
    /// From 1.
    pub page: u64,
    pub per_page: u64,
}

/// One line of the list.
#[derive(Clone, Debug)]
pub struct Row {
    pub person: Person,
    pub unit_name: String,
    pub has_account: bool,
}

fn with_account() -> SelectStatement {
    sea_orm::sea_query::Query::select()
        .column("person_id")
        .from("account")
        .to_owned()
}

/// The persons within a filter: the lines of a page and how many there are in all.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &ScopeFilter,
    query: &Query,
) -> Result<(Vec<Row>, u64), Fault> {
    let mut select = Entity::find().filter(filter.units((Entity, Column::UnitId)));
    if let Some(found) = search::condition(
        "person",
        &query.text,
        (Entity, Column::Id),
        (Entity, Column::Haystack),
    ) {
        select = select.filter(found);
    }
    if let Some(unit) = query.unit {
        select =
            select.filter(Expr::col((Entity, Column::UnitId)).in_subquery(scope::subtree([unit])));
    }
    if let Some(kind) = query.employment {
        select = select.filter(COLUMN.employment.eq(kind.code()));
    }
    let account = Expr::col((Entity, Column::Id)).in_subquery(with_account());
    match query.account {
        Some(true) => select = select.filter(account),
        Some(false) => select = select.filter(account.not()),
        None => {}
    }
    select = select.filter(if query.left {
        COLUMN.left_at.is_not_null()
    } else {
        COLUMN.left_at.is_null()
    });
    let total = select.clone().count(db).await?;
    let rows = select
        .order_by_asc(COLUMN.unit_id)
        .order_by_asc(COLUMN.id)
        .limit(query.per_page)
        .offset(query.page.saturating_sub(1).saturating_mul(query.per_page))
        .all(db)
        .await?;
    let units = unit::names(db, rows.iter().map(|row| row.unit_id)).await?;
    let accounts: Vec<PersonId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(COLUMN.id.is_in(rows.iter().map(|row| row.id)))
        .filter(Expr::col((Entity, Column::Id)).in_subquery(with_account()))
        .into_tuple()
        .all(db)
        .await?;
    let rows = rows
        .into_iter()
        .map(|row| Row {
            unit_name: units.get(&row.unit_id).cloned().unwrap_or_default(),
            has_account: accounts.contains(&row.id),
            person: row.into(),
        })
        .collect();
    Ok((rows, total))
}

/// Persons of a filter for a form's choice: id, and name with unit. Those who left are not offered.
///
/// # Errors
/// When the database fails.
pub async fn options(
    db: &impl ConnectionTrait,
    filter: &ScopeFilter,
) -> Result<Vec<(String, String)>, Fault> {
    let rows = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name, Column::UnitId])
        .filter(filter.units((Entity, Column::UnitId)))
        .filter(COLUMN.left_at.is_null())
        .order_by_asc(COLUMN.unit_id)
        .order_by_asc(COLUMN.id)
        .into_tuple::<(PersonId, String, UnitId)>()
        .all(db)
        .await?;
    let units = unit::names(db, rows.iter().map(|row| row.2)).await?;
    let unit = |id| units.get(&id).map_or("", String::as_str);
    Ok(rows
        .iter()
        .map(|(id, name, at)| (id.to_string(), format!("{name}（{}）", unit(*at))))
        .collect())
}

/// How many persons a unit has, those below it not counted.
pub(crate) async fn count(db: &impl ConnectionTrait, unit: UnitId) -> Result<u64, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .filter(COLUMN.left_at.is_null())
        .count(db)
        .await?)
}

/// How many persons each unit has.
pub(crate) async fn headcounts(db: &impl ConnectionTrait) -> Result<HashMap<UnitId, i64>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::UnitId)
        .column_as(COLUMN.id.count(), "people")
        .filter(COLUMN.left_at.is_null())
        .group_by(Column::UnitId)
        .into_tuple::<(UnitId, i64)>()
        .all(db)
        .await?
        .into_iter()
        .collect())
}

/// Moves everyone of a unit to another; says how many.
pub(crate) async fn move_unit(tx: &Tx, from: UnitId, into: UnitId) -> Result<u64, Fault> {
    let moved = Entity::update_many()
        .col_expr(Column::UnitId, Expr::value(into.0))
        .filter(COLUMN.unit_id.eq(from))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected)
}

/// The columns that a form or a spreadsheet fills.
fn columns(app: &App, new: &NewPerson) -> (ActiveModel, String) {
    let seal = |purpose, text: &Option<String>| {
        text.as_ref()
            .map(|text| app.keys.seal(&app.entropy, purpose, text))
    };
    let blind =
        |purpose, text: &Option<String>| text.as_ref().map(|text| app.keys.blind(purpose, text));
    let haystack = search::haystack([new.name.as_str()]);
    let row = ActiveModel {
        unit_id: Set(new.unit),
        name: Set(new.name.clone()),
        employment: Set(new.employment.unwrap_or(Employment::Unknown).code().into()),
        post: Set(new.post.clone()),
        staff_number: Set(seal(STAFF_NUMBER, &new.staff_number)),
        staff_number_key: Set(blind(STAFF_NUMBER, &new.staff_number)),
        phone: Set(seal(PHONE, &new.phone)),
        phone_key: Set(blind(PHONE, &new.phone)),
        mail: Set(seal(MAIL, &new.mail)),
        haystack: Set(haystack.clone()),
        ..Default::default()
    };
    (row, haystack)
}

async fn check_unit(tx: &Tx, unit: UnitId) -> Result<(), Fault> {
    match unit::find(tx, unit).await? {
        Some(unit) if unit.closed_at.is_none() => Ok(()),
        _ => Err(Fault::Refused(
            "所选单位不存在或已撤销，请重新选择。".into(),
        )),
    }
}

fn refused_number() -> Fault {
    Fault::Refused("该工号已登记在另一人名下，请核对。".into())
}

/// Makes a person. They cannot sign in until `account` gives them a sign-in.
///
/// # Errors
/// `Fault::Refused` when the staff number is another's or the unit is closed.
pub async fn create_contact(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    new: NewPerson,
) -> Result<PersonId, Fault> {
    check_unit(tx, new.unit).await?;
    if let Some(number) = &new.staff_number
        && by_staff_number(tx, app, number).await?.is_some()
    {
        return Err(refused_number());
    }
    let (row, haystack) = columns(app, &new);
    let row = ActiveModel {
        created_at: Set(app.now()),
        version: Set(1),
        ..row
    };
    let id = match row.insert(tx).await {
        Ok(row) => row.id,
        Err(error) if fault::is_duplicate(&error) => return Err(refused_number()),
        Err(error) => return Err(error.into()),
    };
    search::index(tx, "person", id.0, &haystack).await?;
    notify::set_address(tx, app, id, new.mail.as_deref()).await?;
    let entry = audit::Entry {
        action: "person.created",
        subject: ("person", id.0),
        unit: Some(new.unit),
        on_behalf_of: None,
        summary: "登记人员".into(),
        detail: serde_json::json!({
            "name": new.name, "post": new.post,
            "employment": new.employment.unwrap_or(Employment::Unknown),
        }),
    };
    audit::append(tx, app, actor, entry).await?;
    Ok(id)
}

/// Changes a person's facts. None of them is dropped: `to` is the whole.
///
/// # Errors
/// `Fault::Refused` when the staff number is another's or the unit is closed; `Fault::Stale`.
pub async fn change(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: &Person,
    to: NewPerson,
) -> Result<(), Fault> {
    if before.unit != to.unit {
        check_unit(tx, to.unit).await?;
    }
    if let Some(number) = &to.staff_number
        && by_staff_number(tx, app, number)
            .await?
            .is_some_and(|other| other.id != before.id)
    {
        return Err(refused_number());
    }
    let was = details(app, before)?;
    let changed: Vec<&str> = [
        ("单位", before.unit != to.unit),
        ("姓名", before.name != to.name),
        ("用工性质", Some(before.employment) != to.employment),
        ("职务", before.post != to.post),
        ("工号", was.staff_number != to.staff_number),
        ("手机", was.phone != to.phone),
        ("邮箱", was.mail != to.mail),
    ]
    .into_iter()
    .filter_map(|(what, changed)| changed.then_some(what))
    .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let (row, haystack) = columns(app, &to);
    replace(tx, before, row)
        .await
        .map_err(|fault| match fault {
            Replaced::Duplicate => refused_number(),
            Replaced::Fault(fault) => fault,
        })?;
    search::index(tx, "person", before.id.0, &haystack).await?;
    notify::set_address(tx, app, before.id, to.mail.as_deref()).await?;
    let entry = audit::Entry {
        action: "person.changed",
        subject: ("person", before.id.0),
        unit: Some(to.unit),
        on_behalf_of: None,
        summary: format!("修改人员信息：{}", changed.join("、")),
        detail: serde_json::json!({
            "name": to.name, "unit": to.unit, "post": to.post, "employment": to.employment,
            "before": { "name": before.name, "unit": before.unit, "post": before.post,
                        "employment": before.employment },
        }),
    };
    audit::append(tx, app, actor, entry).await
}

enum Replaced {
    Duplicate,
    Fault(Fault),
}

async fn replace(tx: &Tx, before: &Person, row: ActiveModel) -> Result<(), Replaced> {
    let done = Entity::update_many()
        .set(ActiveModel {
            version: Set(before.version + 1),
            ..row
        })
        .filter(COLUMN.id.eq(before.id))
        .filter(COLUMN.version.eq(before.version))
        .exec(tx)
        .await;
    match done {
        Ok(done) if done.rows_affected == 1 => Ok(()),
        Ok(_) => Err(Replaced::Fault(Fault::Stale)),
        Err(error) if fault::is_duplicate(&error) => Err(Replaced::Duplicate),
        Err(error) => Err(Replaced::Fault(error.into())),
    }
}

/// Marks a person as gone. `departure` has reassigned what they had.
pub(super) async fn leave(tx: &Tx, app: &App, before: &Person) -> Result<(), Fault> {
    let row = ActiveModel {
        left_at: Set(Some(app.now())),
        ..Default::default()
    };
    replace(tx, before, row)
        .await
        .map_err(|fault| match fault {
            Replaced::Duplicate => Fault::Stale,
            Replaced::Fault(fault) => fault,
        })?;
    notify::set_address(tx, app, before.id, None).await
}
