//! Rows of `delegation`, and the joins by which `role::store` counts them in.

use super::rules::{self, Refusal, Span};
use crate::{
    person,
    role::{self, Granted, tables},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, QueryOrder, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, JoinType, SelectStatement},
};
use zhendi_kernel::{Actor, App, Fault, PersonId, Role, Tx, audit, clock, notify, settings};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delegation")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub grant_id: i64,
    pub from_id: PersonId,
    pub to_id: PersonId,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub created_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
}
impl ActiveModelBehavior for ActiveModel {}

/// A role to be handed on for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelegation {
    pub grant: i64,
    pub to: PersonId,
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub reason: String,
}

/// A delegation as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    pub id: i64,
    pub from: PersonId,
    pub from_name: String,
    pub to: PersonId,
    pub to_name: String,
    pub role: Role,
    /// Name of the unit or channel.
    pub place: String,
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub reason: String,
}

/// A query over grants, with the delegations of them that are in force and `from_id`.
pub(crate) fn joined(mut grants: SelectStatement, now: DateTime<Utc>) -> SelectStatement {
    grants
        .expr_as(Expr::col((Entity, Column::FromId)), "from_id")
        .join(
            JoinType::InnerJoin,
            Entity,
            Expr::col((Entity, Column::GrantId)).equals((tables::Grants, tables::Grant::Id)),
        )
        .and_where(Expr::col((Entity, Column::RevokedAt)).is_null())
        .and_where(Expr::col((Entity, Column::StartsAt)).lte(now))
        .and_where(Expr::col((Entity, Column::EndsAt)).gt(now))
        .to_owned()
}

/// The grants that a person has by delegation now, with `from_id` and the delegation's id as `nth`. A
/// delegation lives no longer than its grant.
pub(crate) fn received(
    grants: SelectStatement,
    person: Expr,
    now: DateTime<Utc>,
) -> SelectStatement {
    joined(grants, now)
        .expr_as(Expr::col((Entity, Column::Id)), "nth")
        .and_where(Expr::col((Entity, Column::ToId)).eq(person))
        .cond_where(role::in_force(now))
        .to_owned()
}

/// The grants that a person has by delegation now or will have.
pub(crate) fn to_come(
    mut grants: SelectStatement,
    person: PersonId,
    now: DateTime<Utc>,
) -> SelectStatement {
    grants
        .join(
            JoinType::InnerJoin,
            Entity,
            Expr::col((Entity, Column::GrantId)).equals((tables::Grants, tables::Grant::Id)),
        )
        .and_where(Expr::col((Entity, Column::RevokedAt)).is_null())
        .and_where(Expr::col((Entity, Column::EndsAt)).gt(now))
        .and_where(Expr::col((Entity, Column::ToId)).eq(person))
        .cond_where(role::in_force(now))
        .to_owned()
}

/// Hands a role on. The caller is the one who holds it.
///
/// # Errors
/// `Fault::Refused` when a rule forbids it, `Fault::NotFound` when the grant is ended.
pub async fn create(tx: &Tx, app: &App, actor: &Actor, new: NewDelegation) -> Result<i64, Fault> {
    let now = app.now();
    let by = actor.person().ok_or(Fault::NotFound)?;
    let row = role::find(tx, new.grant).await?.ok_or(Fault::NotFound)?;
    let span = Span {
        starts: new.starts,
        ends: new.ends,
    };
    rules::may_delegate(row.person_id, by, new.to, span, row.until, now)?;
    let code = Role::parse(&row.role).ok_or(Fault::NotFound)?;
    let who = role::candidate(tx, app, new.to).await?;
    let scope = role::scope_of(tx, row.unit_id, row.channel_id).await?;
    let settings: role::PeopleSettings = settings::get(tx).await?;
    role::may_hold(code, role::seat_of(scope), &who, settings.students_may_hold)?;
    let others = Entity::find()
        .filter(COLUMN.grant_id.eq(new.grant))
        .filter(COLUMN.to_id.eq(new.to))
        .filter(COLUMN.revoked_at.is_null())
        .all(tx)
        .await?;
    if others.iter().any(|other| {
        span.meets(&Span {
            starts: other.starts_at,
            ends: other.ends_at,
        })
    }) {
        return Err(Refusal::Twice.into());
    }
    let row = ActiveModel {
        grant_id: Set(new.grant),
        from_id: Set(by),
        to_id: Set(new.to),
        starts_at: Set(new.starts),
        ends_at: Set(new.ends),
        reason: Set(new.reason.clone()),
        created_at: Set(now),
        ..Default::default()
    }
    .insert(tx)
    .await?;
    let notice = notify::Notice {
        title: format!("您受托代行{code}，至 {}", clock::show(&new.ends)),
        href: "/delegations".into(),
    };
    notify::tell(tx, app, &[new.to], notice).await?;
    let entry = audit::Entry {
        action: "delegation.created",
        subject: ("delegation", row.id),
        unit: scope_unit(&row, tx).await?,
        on_behalf_of: None,
        summary: format!(
            "委托代行{code}，{} 至 {}",
            clock::show(&new.starts),
            clock::show(&new.ends)
        ),
        detail: serde_json::json!({
            "grant": new.grant, "from": by, "to": new.to, "reason": new.reason,
        }),
    };
    audit::append(tx, app, actor, entry).await?;
    Ok(row.id)
}

async fn scope_unit(
    row: &Model,
    db: &impl ConnectionTrait,
) -> Result<Option<zhendi_kernel::UnitId>, Fault> {
    Ok(role::find(db, row.grant_id)
        .await?
        .and_then(|grant| grant.unit_id))
}

/// Ends a delegation early: by the one who gave it, or the one who has it and does not want it.
///
/// # Errors
/// `Fault::NotFound` when it is ended or the actor has no part in it.
pub async fn revoke(tx: &Tx, app: &App, actor: &Actor, id: i64) -> Result<(), Fault> {
    let now = app.now();
    let row = Entity::find_by_id(id)
        .filter(COLUMN.revoked_at.is_null())
        .filter(COLUMN.ends_at.gt(now))
        .one(tx)
        .await?
        .filter(|row| [Some(row.from_id), Some(row.to_id)].contains(&actor.person()))
        .ok_or(Fault::NotFound)?;
    let done = Entity::update_many()
        .set(ActiveModel {
            revoked_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(COLUMN.id.eq(id))
        .filter(COLUMN.revoked_at.is_null())
        .exec(tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Fault::Stale);
    }
    let other = if actor.person() == Some(row.from_id) {
        row.to_id
    } else {
        row.from_id
    };
    let notice = notify::Notice {
        title: "一项委托已提前结束".into(),
        href: "/delegations".into(),
    };
    notify::tell(tx, app, &[other], notice).await?;
    let entry = audit::Entry {
        action: "delegation.revoked",
        subject: ("delegation", id),
        unit: scope_unit(&row, tx).await?,
        on_behalf_of: None,
        summary: "提前结束委托".into(),
        detail: serde_json::json!({ "grant": row.grant_id, "from": row.from_id, "to": row.to_id }),
    };
    audit::append(tx, app, actor, entry).await
}

/// The delegations that a person gave or has, now or to come.
///
/// # Errors
/// When the database fails.
pub async fn of_person(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: PersonId,
) -> Result<Vec<Delegation>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.from_id.eq(person).or(COLUMN.to_id.eq(person)))
        .filter(COLUMN.revoked_at.is_null())
        .filter(COLUMN.ends_at.gt(now))
        .order_by_asc(COLUMN.starts_at)
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?;
    let grants = role::by_ids(db, rows.iter().map(|row| row.grant_id)).await?;
    let names = person::names(db, rows.iter().flat_map(|row| [row.from_id, row.to_id])).await?;
    let name = |id| names.get(&id).cloned().unwrap_or_default();
    let dressed = rows.into_iter().filter_map(|row| {
        let grant: &Granted = grants.get(&row.grant_id).filter(|grant| grant.open)?;
        Some(Delegation {
            id: row.id,
            from: row.from_id,
            from_name: name(row.from_id),
            to: row.to_id,
            to_name: name(row.to_id),
            role: grant.role,
            place: grant.place.clone(),
            starts: row.starts_at,
            ends: row.ends_at,
            reason: row.reason,
        })
    });
    Ok(dressed.collect())
}

/// Ends what a person gave or has; they leave.
pub(crate) async fn end_of_person(tx: &Tx, app: &App, person: PersonId) -> Result<u64, Fault> {
    let ended = Entity::update_many()
        .set(ActiveModel {
            revoked_at: Set(Some(app.now())),
            ..Default::default()
        })
        .filter(COLUMN.from_id.eq(person).or(COLUMN.to_id.eq(person)))
        .filter(COLUMN.revoked_at.is_null())
        .exec(tx)
        .await?;
    Ok(ended.rows_affected)
}
