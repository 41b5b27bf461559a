//! Rows of `role_grant`. With `delegation::store` the only place that knows who holds what by SQL.

mod force;
mod list;
mod write;

pub use force::{
    Member, administered, granted, grants, held, holders, in_order, load_actor, members,
};
pub use list::{Query, by_ids, list, of_person, place_of};
pub use write::{
    AWAITED, GRANT, TO_TAKE, candidate, end_at_unit, end_of_person, grant, move_unit, revoke,
};

use super::rules::Seat;
use crate::unit;
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use zhendi_kernel::{ChannelId, Fault, PersonId, Role, UnitId, actor::Scope};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_grant")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: PersonId,
    pub role: String,
    pub unit_id: Option<UnitId>,
    pub channel_id: Option<ChannelId>,
    pub until: Option<DateTimeUtc>,
    pub granted_by: String,
    pub granted_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub ended_by: Option<String>,
    /// There while the grant is open: person, role and place, unique.
    pub open_key: Option<String>,
}
impl ActiveModelBehavior for ActiveModel {}

/// The tables that say who holds what, for joins.
pub(crate) mod tables {
    pub use super::{Column as Grant, Entity as Grants};
}

/// A role to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewGrant {
    pub person: PersonId,
    pub role: Role,
    pub scope: Scope,
    pub until: Option<DateTime<Utc>>,
}

/// A grant in force as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    pub id: i64,
    pub person: PersonId,
    pub person_name: String,
    pub role: Role,
    pub unit: Option<UnitId>,
    pub channel: Option<ChannelId>,
    /// Name of the unit or channel.
    pub place: String,
    pub until: Option<DateTime<Utc>>,
    pub granted_by: String,
    pub granted_at: DateTime<Utc>,
    /// Whether it has not been taken away.
    pub open: bool,
}

/// Someone who holds a role at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub person: PersonId,
    pub name: String,
    /// The person who delegated it.
    pub on_behalf_of: Option<PersonId>,
}

/// That a grant is in force.
pub(crate) fn in_force(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Expr::col((Entity, Column::EndedAt)).is_null())
        .add(
            Condition::any()
                .add(Expr::col((Entity, Column::Until)).is_null())
                .add(Expr::col((Entity, Column::Until)).gt(now)),
        )
}

/// A grant that is not ended.
pub(crate) async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Model>, Fault> {
    Ok(Entity::find_by_id(id)
        .filter(COLUMN.ended_at.is_null())
        .one(db)
        .await?)
}

/// The scope of a unit or a channel, the root being the institution.
///
/// # Errors
/// `Fault::NotFound` when there is no such unit.
pub async fn scope_of(
    db: &impl ConnectionTrait,
    unit: Option<UnitId>,
    channel: Option<ChannelId>,
) -> Result<Scope, Fault> {
    match (channel, unit) {
        (Some(channel), _) => Ok(Scope::Channel(channel)),
        (None, Some(id)) => match unit::find(db, id).await? {
            Some(unit) if unit.parent.is_none() => Ok(Scope::Institution(id)),
            Some(_) => Ok(Scope::Unit(id)),
            None => Err(Fault::NotFound),
        },
        (None, None) => Err(Fault::NotFound),
    }
}

/// What the rules call a scope.
pub(crate) fn seat_of(scope: Scope) -> Seat {
    match scope {
        Scope::Institution(_) => Seat::Institution,
        Scope::Unit(_) => Seat::Unit,
        Scope::Channel(_) => Seat::Channel,
    }
}
