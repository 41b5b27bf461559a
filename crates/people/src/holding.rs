//! What units and persons hold in the contexts above (a channel, an account in custody), told to this
//! context by those: it is below them and cannot ask.
//!
//! A context above calls [`record`] in the transaction that changes its own row. Pages here then list
//! what a person must hand over and whether a unit may close, and know a channel's name. What must
//! happen above in turn is a job of its own kind, enqueued in the transaction of the change here:
//! [`HANDED_OVER`] with `{"kind", "subject", "from", "to"}` and [`UNIT_MERGED`] with `{"from", "into"}`;
//! the context above registers the handlers and calls [`record`] again there.

use sea_orm::{ConnectionTrait, QueryOrder, Set, entity::prelude::*, sea_query::Expr};
use zhendi_kernel::{App, ChannelId, Fault, PersonId, Tx, UnitId, jobs, many};

/// Job: a person's part in a subject went to another.
pub const HANDED_OVER: &str = "person.handed_over";
/// The kind in such a job when it is a person's own work items that went; its subject is 0.
pub const WORK: &str = "work";
/// Job: a unit went up in another.
pub const UNIT_MERGED: &str = "unit.merged";
/// The kind under which the registry records channels.
pub const CHANNEL: &str = "channel";

/// One thing held by a unit, and by a person in some capacity.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "holding")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Which table above it lies in, such as [`CHANNEL`].
    pub kind: String,
    pub subject_id: i64,
    pub title: String,
    pub href: String,
    pub unit_id: UnitId,
    /// None in the row that says that the unit holds it.
    pub person_id: Option<PersonId>,
    /// What the person is to it, such as 运维负责人.
    pub capacity: String,
}
impl ActiveModelBehavior for ActiveModel {}

/// One held thing as pages show it.
pub type Held = Model;

/// What a context above says about one of its subjects.
#[derive(Clone, Debug)]
pub struct Subject {
    pub kind: &'static str,
    pub id: i64,
    pub title: String,
    pub href: String,
    pub unit: UnitId,
    /// Who has a part in it, and which.
    pub people: Vec<(PersonId, String)>,
}

/// Replaces what is known about a subject.
///
/// # Errors
/// When the database fails.
pub async fn record(tx: &impl ConnectionTrait, subject: Subject) -> Result<(), Fault> {
    forget(tx, subject.kind, subject.id).await?;
    record_new(tx, vec![subject]).await
}

/// As [`record`], for subjects of which nothing is known yet.
///
/// # Errors
/// When the database fails.
pub async fn record_new(tx: &impl ConnectionTrait, subjects: Vec<Subject>) -> Result<(), Fault> {
    let rows = subjects.into_iter().flat_map(rows).collect();
    Ok(many::put::<Entity>(tx, rows).await?)
}

fn rows(subject: Subject) -> impl Iterator<Item = ActiveModel> {
    let unit = std::iter::once((None, String::new()));
    let people = subject
        .people
        .into_iter()
        .map(|(id, part)| (Some(id), part));
    unit.chain(people)
        .map(move |(person, capacity)| ActiveModel {
            kind: Set(subject.kind.into()),
            subject_id: Set(subject.id),
            title: Set(subject.title.clone()),
            href: Set(subject.href.clone()),
            unit_id: Set(subject.unit),
            person_id: Set(person),
            capacity: Set(capacity),
            ..Default::default()
        })
}

/// A subject is gone, or closed: nobody has to hand it over any more.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &impl ConnectionTrait, kind: &'static str, id: i64) -> Result<(), Fault> {
    Entity::delete_many()
        .filter(COLUMN.kind.eq(kind))
        .filter(COLUMN.subject_id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// What a person has a part in.
///
/// # Errors
/// When the database fails.
pub async fn of_person(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<Held>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?)
}

/// What a unit holds itself, without those below it.
///
/// # Errors
/// When the database fails.
pub async fn of_unit(db: &impl ConnectionTrait, unit: UnitId) -> Result<Vec<Held>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .filter(COLUMN.person_id.is_null())
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?)
}

/// Channels by id, with their names and units.
///
/// # Errors
/// When the database fails.
pub async fn channels(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ChannelId>,
) -> Result<Vec<Held>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.kind.eq(CHANNEL))
        .filter(COLUMN.subject_id.is_in(ids.into_iter().map(|id| id.0)))
        .filter(COLUMN.person_id.is_null())
        .all(db)
        .await?)
}

/// Gives a person's part to another and tells the context above.
pub(crate) async fn hand_over(tx: &Tx, app: &App, held: &Held, to: PersonId) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::PersonId, Expr::value(to.0))
        .filter(COLUMN.id.eq(held.id))
        .exec(tx)
        .await?;
    let payload = serde_json::json!({
        "kind": held.kind, "subject": held.subject_id, "from": held.person_id, "to": to,
    });
    jobs::enqueue(tx, app, jobs::NewJob::new(HANDED_OVER, payload)).await
}

/// Tells the contexts above that a person's own work items went to another: what they are about may name
/// the person as well.
pub(crate) async fn hand_over_work(
    tx: &Tx,
    app: &App,
    from: PersonId,
    to: PersonId,
) -> Result<(), Fault> {
    let payload = serde_json::json!({ "kind": WORK, "subject": 0, "from": from, "to": to });
    jobs::enqueue(tx, app, jobs::NewJob::new(HANDED_OVER, payload)).await
}

/// Moves what a unit holds to another and tells the contexts above.
pub(crate) async fn merge(tx: &Tx, app: &App, from: UnitId, into: UnitId) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::UnitId, Expr::value(into.0))
        .filter(COLUMN.unit_id.eq(from))
        .exec(tx)
        .await?;
    let payload = serde_json::json!({ "from": from, "into": into });
    jobs::enqueue(tx, app, jobs::NewJob::new(UNIT_MERGED, payload)).await
}
