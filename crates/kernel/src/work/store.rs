//! The table of work items, and who may not take which.

use super::{Assignee, NewItem, WorkId};
use crate::{Actor, ChannelId, Fault, PersonId, Role, Tx, UnitId};
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, ExprTrait, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait,
    Set,
    entity::prelude::*,
    sea_query::{Expr, IntoCondition},
};

/// One item.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_item")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: WorkId,
    pub kind: String,
    pub subject_kind: String,
    pub subject_id: i64,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub href: String,
    pub unit_id: UnitId,
    pub channel_id: Option<ChannelId>,
    pub assignee_person: Option<PersonId>,
    pub assignee_role: Option<String>,
    pub escalate_role: Option<String>,
    pub due_at: Option<DateTimeUtc>,
    pub opened_at: DateTimeUtc,
    pub closed_at: Option<DateTimeUtc>,
    pub closed_by: Option<PersonId>,
    pub reminded_at: Option<DateTimeUtc>,
    pub escalated_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// Who may not take an item.
pub(super) mod barred {
    use crate::{PersonId, work::WorkId};
    use sea_orm::entity::prelude::*;

    /// One person barred from one item.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "work_item_barred")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub item_id: WorkId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// An item as lists and the API show it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Item {
    pub id: WorkId,
    pub kind: String,
    pub subject_kind: String,
    pub subject_id: i64,
    pub title: String,
    pub href: String,
    pub unit: UnitId,
    pub channel: Option<ChannelId>,
    /// The person whose turn it is, when it is one person's.
    pub person: Option<PersonId>,
    /// The role whose turn it is, when it is a role's.
    pub role: Option<Role>,
    pub due: Option<DateTime<Utc>>,
    pub opened: DateTime<Utc>,
    pub closed: Option<DateTime<Utc>>,
    /// Undone after its due moment.
    pub overdue: bool,
}

impl Item {
    pub(super) fn of(row: Model, now: DateTime<Utc>) -> Self {
        Self {
            overdue: row.closed_at.is_none() && row.due_at.is_some_and(|due| due < now),
            id: row.id,
            kind: row.kind,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            title: row.title,
            href: row.href,
            unit: row.unit_id,
            channel: row.channel_id,
            person: row.assignee_person,
            role: row.assignee_role.as_deref().and_then(Role::parse),
            due: row.due_at,
            opened: row.opened_at,
            closed: row.closed_at,
        }
    }
}

pub(super) async fn insert(tx: &Tx, now: DateTime<Utc>, item: NewItem) -> Result<WorkId, Fault> {
    crate::notify::require_local(&item.href)?;
    let (person, role) = match item.assignee {
        Assignee::Person(person) => (Some(person), None),
        Assignee::Role(role) => (None, Some(role.code().to_owned())),
    };
    let row = ActiveModel {
        kind: Set(item.kind.into()),
        subject_kind: Set(item.subject.0.into()),
        subject_id: Set(item.subject.1),
        title: Set(item.title),
        href: Set(item.href),
        unit_id: Set(item.unit),
        channel_id: Set(item.channel),
        assignee_person: Set(person),
        assignee_role: Set(role),
        escalate_role: Set(item.escalate_to.map(|role| role.code().to_owned())),
        due_at: Set(item.due),
        opened_at: Set(now),
        ..Default::default()
    }
    .insert(tx)
    .await?;
    let mut people = item.barred;
    people.sort_unstable();
    people.dedup();
    if !people.is_empty() {
        let rows = people.into_iter().map(|person| barred::ActiveModel {
            item_id: Set(row.id),
            person_id: Set(person),
        });
        barred::Entity::insert_many(rows)
            .exec_without_returning(&tx.later())
            .await?;
    }
    Ok(row.id)
}

pub(super) async fn close(
    tx: &Tx,
    now: DateTime<Utc>,
    actor: &Actor,
    subject: (&'static str, i64),
    kind: Option<&str>,
) -> Result<(), Fault> {
    let mut closing = Entity::update_many()
        .filter(COLUMN.subject_kind.eq(subject.0))
        .filter(COLUMN.subject_id.eq(subject.1))
        .filter(COLUMN.closed_at.is_null());
    if let Some(kind) = kind {
        closing = closing.filter(COLUMN.kind.eq(kind));
    }
    closing
        .col_expr(Column::ClosedAt, Expr::value(now))
        .col_expr(Column::ClosedBy, Expr::value(actor.person()))
        .exec(&tx.later())
        .await?;
    Ok(())
}

/// The open items of a record: who has it now, until when.
///
/// # Errors
/// When the database fails.
pub async fn of_subject(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    subject: (&'static str, i64),
) -> Result<Vec<Item>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.subject_kind.eq(subject.0))
        .filter(COLUMN.subject_id.eq(subject.1))
        .filter(COLUMN.closed_at.is_null())
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| Item::of(row, now)).collect())
}

/// What is one person's own to do and would be left lying if they went; what they do by a role goes
/// with the role.
///
/// # Errors
/// When the database fails.
pub async fn held_by(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: PersonId,
) -> Result<Vec<Item>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.assignee_person.eq(person))
        .filter(COLUMN.closed_at.is_null())
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| Item::of(row, now)).collect())
}

/// Hands over what is one person's own to another and says how many items went. What the other is
/// barred from stays; [`held_by`] lists it.
///
/// # Errors
/// When the database fails.
pub async fn reassign(tx: &Tx, from: PersonId, to: PersonId) -> Result<u64, Fault> {
    let moved = Entity::update_many()
        .filter(COLUMN.assignee_person.eq(from))
        .filter(COLUMN.closed_at.is_null())
        .filter(not_barred(to))
        .col_expr(Column::AssigneePerson, Expr::value(to))
        // The new person has not been reminded yet.
        .col_expr(Column::RemindedAt, Expr::value(None::<DateTime<Utc>>))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected)
}

/// Asked of each item by itself: who signs much is barred from many.
pub(super) fn not_barred(person: PersonId) -> Condition {
    let item = Expr::col((barred::Entity, barred::Column::ItemId));
    let these = barred::Entity::find()
        .select_only()
        .expr(Expr::value(1))
        .filter(item.equals((Entity, Column::Id)))
        .filter(barred::COLUMN.person_id.eq(person))
        .into_query();
    Expr::exists(these).not().into_condition()
}

/// Open items whose due moment is before this one and of which `mark` was not made yet.
pub(super) async fn unmarked(
    db: &impl ConnectionTrait,
    mark: Column,
    due_before: DateTime<Utc>,
    after: WorkId,
) -> Result<Vec<Model>, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.closed_at.is_null())
        .filter(COLUMN.due_at.lt(due_before))
        .filter(Expr::col(mark).is_null())
        .filter(COLUMN.id.gt(after))
        .order_by_asc(COLUMN.id)
        .limit(200)
        .all(db)
        .await?)
}

/// Makes a mark; false when it was made already or the item is closed.
pub(super) async fn mark(
    tx: &Tx,
    id: WorkId,
    mark: Column,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    let marked = Entity::update_many()
        .filter(COLUMN.id.eq(id))
        .filter(COLUMN.closed_at.is_null())
        .filter(Expr::col(mark).is_null())
        .col_expr(mark, Expr::value(now))
        .exec(tx)
        .await?;
    Ok(marked.rows_affected == 1)
}

/// Who is barred from an item.
pub(super) async fn barred_from(
    db: &impl ConnectionTrait,
    id: WorkId,
) -> Result<Vec<PersonId>, Fault> {
    Ok(barred::Entity::find()
        .select_only()
        .column(barred::Column::PersonId)
        .filter(barred::COLUMN.item_id.eq(id))
        .into_tuple()
        .all(db)
        .await?)
}
