//! What is in force: the roles of a person, the holders of a role.

use super::{COLUMN, Column, Entity, Holder, in_force};
use crate::{delegation, person};
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, DbBackend, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, JoinType, Query as Sql, SelectStatement, UnionType},
};
use std::collections::HashSet;
use zhendi_kernel::{
    Actor, ChannelId, Fault, PersonId, Place, Role, UnitId,
    actor::{Grant, Scope, Who},
    scope,
};

/// Role and place of grants, with the place's parent: a unit without one is the institution.
fn places() -> SelectStatement {
    Sql::select()
        .columns([
            (Entity, Column::Role),
            (Entity, Column::UnitId),
            (Entity, Column::ChannelId),
        ])
        .expr_as(Expr::col(("unit", "parent_id")), "parent_id")
        .from(Entity)
        .join(
            JoinType::LeftJoin,
            "unit",
            Expr::col(("unit", "id")).equals((Entity, Column::UnitId)),
        )
        .to_owned()
}

/// One of the grants that [`granted`] gives.
#[derive(serde::Deserialize)]
struct Told(
    String,
    Option<UnitId>,
    Option<ChannelId>,
    /// The parent of the unit.
    Option<UnitId>,
    /// Who handed it on.
    Option<PersonId>,
    i64,
);

impl Told {
    fn read(self) -> Option<Grant> {
        let Self(role, unit, channel, parent, on_behalf_of, _) = self;
        let scope = match (channel, unit) {
            (Some(channel), _) => Scope::Channel(channel),
            (None, Some(unit)) if parent.is_none() => Scope::Institution(unit),
            (None, Some(unit)) => Scope::Unit(unit),
            (None, None) => return None,
        };
        // A role that this version does not know gives nothing.
        Role::parse(&role).map(|role| Grant {
            role,
            scope,
            on_behalf_of,
        })
    }
}

/// The person as an actor with the roles now in force, their own and delegated ones.
///
/// # Errors
/// `Fault::NotFound` when there is no such person.
pub async fn load_actor(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: PersonId,
) -> Result<Actor, Fault> {
    let name = person::names(db, [person])
        .await?
        .remove(&person)
        .ok_or(Fault::NotFound)?;
    Ok(Actor {
        who: Who::Person { id: person, name },
        grants: grants(db, now, person).await?,
        token: None,
        address: None,
    })
}

/// The roles now in force of a person, as one value for a question that asks other things too: every
/// request asks for them, and each question costs two changes of threads. [`in_order`] reads it.
pub fn granted(backend: DbBackend, now: DateTime<Utc>, person: Expr) -> SelectStatement {
    let mut both = places()
        .expr_as(Expr::value(None::<i64>), "from_id")
        .expr_as(Expr::col((Entity, Column::Id)), "nth")
        .and_where(Expr::col((Entity, Column::PersonId)).eq(person.clone()))
        .cond_where(in_force(now))
        .to_owned();
    both.union(UnionType::All, delegation::received(places(), person, now));
    let all = match backend {
        DbBackend::Postgres => {
            "CAST(json_agg(json_build_array(role, unit_id, channel_id, parent_id, from_id, nth)) AS text)"
        }
        _ => "json_group_array(json_array(role, unit_id, channel_id, parent_id, from_id, nth))",
    };
    Sql::select()
        .expr(Expr::cust(all))
        .from_subquery(both, "granted")
        .to_owned()
}

/// Reads what [`granted`] gave: a person's own roles first, then those delegated to them.
///
/// # Errors
/// When it is nothing of the kind.
pub fn in_order(granted: Option<&str>) -> Result<Vec<Grant>, Fault> {
    let mut told: Vec<Told> =
        serde_json::from_str(granted.unwrap_or("[]")).map_err(Fault::internal)?;
    told.sort_by_key(|grant| (grant.4.is_some(), grant.5));
    Ok(told.into_iter().filter_map(Told::read).collect())
}

/// The roles now in force of a person, their own first, then those delegated to them.
///
/// # Errors
/// When the database fails.
pub async fn grants(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: PersonId,
) -> Result<Vec<Grant>, Fault> {
    let asked = granted(db.get_database_backend(), now, Expr::value(person));
    let row = db.query_one(&asked).await?;
    let told: Option<String> = row.map_or(Ok(None), |row| row.try_get_by_index(0))?;
    in_order(told.as_deref())
}

/// Who holds a role at a place: granted at its unit, above it or on its channel, or delegated by one
/// who does. Own grants come first.
///
/// # Errors
/// When the database fails.
pub async fn holders(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    role: Role,
    place: &Place,
) -> Result<Vec<Holder>, Fault> {
    let mut at = Condition::any()
        .add(Expr::col((Entity, Column::UnitId)).is_in(place.units.iter().map(|unit| unit.0)));
    if let Some(channel) = place.channel {
        at = at.add(Expr::col((Entity, Column::ChannelId)).eq(channel));
    }
    let covering = Sql::select()
        .from(Entity)
        .and_where(Expr::col((Entity, Column::Role)).eq(role.code()))
        .cond_where(in_force(now))
        .cond_where(at)
        .expr_as(Expr::col((Entity, Column::Id)), "grant_id")
        .to_owned();
    let named = |mut select: SelectStatement, id: Expr| {
        select
            .expr_as(Expr::col(("person", "id")), "id")
            .expr_as(Expr::col(("person", "name")), "name")
            .join(
                JoinType::InnerJoin,
                "person",
                Expr::col(("person", "id")).eq(id),
            )
            .and_where(Expr::col(("person", "left_at")).is_null())
            .to_owned()
    };
    let mut own = covering.clone();
    own.expr_as(Expr::value(None::<i64>), "from_id");
    let delegated = named(
        delegation::joined(covering, now),
        Expr::col(("delegation", "to_id")),
    );
    let mut both = named(own, Expr::col((Entity, Column::PersonId)));
    both.union(UnionType::All, delegated);
    let mut found = vec![];
    for row in db.query_all(&both).await? {
        let holder = Holder {
            person: row.try_get("", "id")?,
            name: row.try_get("", "name")?,
            on_behalf_of: row.try_get("", "from_id")?,
        };
        let grant: i64 = row.try_get("", "grant_id")?;
        found.push(((holder.on_behalf_of.is_some(), grant), holder));
    }
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, holder)| holder).collect())
}

/// Those of some channels that have an admin.
///
/// # Errors
/// When the database fails.
pub async fn administered(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    channels: &[ChannelId],
) -> Result<HashSet<ChannelId>, Fault> {
    let found: Vec<Option<ChannelId>> = Entity::find()
        .select_only()
        .column(Column::ChannelId)
        .filter(COLUMN.channel_id.is_in(channels.iter().copied()))
        .filter(COLUMN.role.eq(Role::ChannelAdmin.code()))
        .filter(in_force(now))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().flatten().collect())
}

/// The roles that somebody holds now or will hold, granted and delegated.
///
/// # Errors
/// When the database fails.
pub async fn held(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: PersonId,
) -> Result<Vec<Role>, Fault> {
    let mut codes: Vec<String> = Entity::find()
        .select_only()
        .column(Column::Role)
        .filter(COLUMN.person_id.eq(person))
        .filter(in_force(now))
        .into_tuple()
        .all(db)
        .await?;
    for row in db
        .query_all(&delegation::to_come(places(), person, now))
        .await?
    {
        codes.push(row.try_get("", "role")?);
    }
    Ok(codes.iter().filter_map(|code| Role::parse(code)).collect())
}

/// Someone who can sign in, as [`members`] finds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub person: PersonId,
    pub name: String,
    pub unit: UnitId,
}

/// The people of a unit and the units below it who can sign in: everyone, or those who hold one of the roles
/// anywhere in their own right.
///
/// # Errors
/// When the database fails.
pub async fn members(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    unit: UnitId,
    roles: Option<&[Role]>,
) -> Result<Vec<Member>, Fault> {
    let accounts = Sql::select()
        .column("person_id")
        .from("account")
        .and_where(Expr::col("disabled_at").is_null())
        .to_owned();
    let mut select = Sql::select()
        .expr_as(Expr::col(("person", "id")), "id")
        .expr_as(Expr::col(("person", "name")), "name")
        .expr_as(Expr::col(("person", "unit_id")), "unit_id")
        .from("person")
        .and_where(Expr::col(("person", "left_at")).is_null())
        .and_where(Expr::col(("person", "unit_id")).in_subquery(scope::subtree([unit])))
        .and_where(Expr::col(("person", "id")).in_subquery(accounts))
        .order_by(("person", "unit_id"), sea_orm::Order::Asc)
        .order_by(("person", "id"), sea_orm::Order::Asc)
        .to_owned();
    if let Some(roles) = roles {
        let holders = Sql::select()
            .column((Entity, Column::PersonId))
            .from(Entity)
            .and_where(
                Expr::col((Entity, Column::Role)).is_in(roles.iter().map(|role| role.code())),
            )
            .cond_where(in_force(now))
            .to_owned();
        select.and_where(Expr::col(("person", "id")).in_subquery(holders));
    }
    let mut found = vec![];
    for row in db.query_all(&select).await? {
        found.push(Member {
            person: row.try_get("", "id")?,
            name: row.try_get("", "name")?,
            unit: row.try_get("", "unit_id")?,
        });
    }
    Ok(found)
}
