//! Rows of `role_grant`. With `delegation::store` the only place that knows who holds what by SQL.

use super::{
    PeopleSettings,
    rules::{self, Candidate, Seat},
};
use crate::{delegation, holding, person, unit};
use chrono::{DateTime, Utc};
use sea_orm::{
    Condition, ConnectionTrait, PaginatorTrait, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, JoinType, Query as Sql, SelectStatement},
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, PersonId, Place, Role, ScopeFilter, Tx, UnitId,
    actor::{Grant, Scope, Who},
    audit, fault, notify, scope, settings, work,
};

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

fn read(
    row: &sea_orm::QueryResult,
    on_behalf_of: Option<PersonId>,
) -> Result<Option<Grant>, DbErr> {
    let role: String = row.try_get("", "role")?;
    let unit: Option<UnitId> = row.try_get("", "unit_id")?;
    let channel: Option<ChannelId> = row.try_get("", "channel_id")?;
    let parent: Option<UnitId> = row.try_get("", "parent_id")?;
    let scope = match (channel, unit) {
        (Some(channel), _) => Scope::Channel(channel),
        (None, Some(unit)) if parent.is_none() => Scope::Institution(unit),
        (None, Some(unit)) => Scope::Unit(unit),
        (None, None) => return Ok(None),
    };
    // A role that this version does not know gives nothing.
    Ok(Role::parse(&role).map(|role| Grant {
        role,
        scope,
        on_behalf_of,
    }))
}

/// The person as an actor with the roles now in force, their own and delegated ones. It runs on every
/// request: three look-ups by index.
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
    let mut grants = vec![];
    let own = places()
        .and_where(Expr::col((Entity, Column::PersonId)).eq(person))
        .cond_where(in_force(now))
        .order_by((Entity, Column::Id), sea_orm::Order::Asc)
        .to_owned();
    for row in db.query_all(&own).await? {
        grants.extend(read(&row, None)?);
    }
    let delegated = delegation::received(places(), person, now);
    for row in db.query_all(&delegated).await? {
        let from: PersonId = row.try_get("", "from_id")?;
        grants.extend(read(&row, Some(from))?);
    }
    Ok(Actor {
        who: Who::Person { id: person, name },
        grants,
        token: None,
        address: None,
    })
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
        .order_by((Entity, Column::Id), sea_orm::Order::Asc)
        .to_owned();
    let named = |mut select: SelectStatement, id: sea_orm::sea_query::Expr| {
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
    let mut found = vec![];
    let own = named(covering.clone(), Expr::col((Entity, Column::PersonId)));
    for row in db.query_all(&own).await? {
        found.push(Holder {
            person: row.try_get("", "id")?,
            name: row.try_get("", "name")?,
            on_behalf_of: None,
        });
    }
    let delegated = named(
        delegation::joined(covering, now),
        Expr::col(("delegation", "to_id")),
    );
    for row in db.query_all(&delegated).await? {
        found.push(Holder {
            person: row.try_get("", "id")?,
            name: row.try_get("", "name")?,
            on_behalf_of: Some(row.try_get("", "from_id")?),
        });
    }
    Ok(found)
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

/// What the rules look at in a person. Their row is held until the transaction ends, so that two
/// grants at once cannot pass each other.
pub(crate) async fn candidate(tx: &Tx, app: &App, id: PersonId) -> Result<Candidate, Fault> {
    let person = person::hold(tx, id).await?.ok_or(Fault::NotFound)?;
    Ok(Candidate {
        id,
        employment: person.employment,
        left: person.left_at.is_some(),
        held: held(tx, app.now(), id).await?,
    })
}

fn open_key(new: &NewGrant) -> String {
    let place = match new.scope {
        Scope::Institution(unit) | Scope::Unit(unit) => format!("u{unit}"),
        Scope::Channel(channel) => format!("c{channel}"),
    };
    format!("{}:{}:{place}", new.person, new.role.code())
}

/// The kind of work item by which a context above asks for an admin of a channel; its subject is the
/// channel under [`holding::CHANNEL`], and a grant there ends it.
pub const AWAITED: &str = "channel.grant_admin";

/// Gives a role. It counts from the person's next request on. The caller has checked that the actor
/// may give roles there.
///
/// # Errors
/// `Fault::Refused` when a rule forbids it or the person has the role there already.
pub async fn grant(tx: &Tx, app: &App, actor: &Actor, new: NewGrant) -> Result<i64, Fault> {
    let now = app.now();
    rules::may_give(actor.person(), new.person)?;
    rules::ends_later(now, new.until)?;
    let who = candidate(tx, app, new.person).await?;
    let settings: PeopleSettings = settings::get(tx).await?;
    rules::may_hold(
        new.role,
        seat_of(new.scope),
        &who,
        settings.students_may_hold,
    )?;
    let (unit, channel) = match new.scope {
        Scope::Institution(unit) | Scope::Unit(unit) => (Some(unit), None),
        Scope::Channel(channel) => (None, Some(channel)),
    };
    let at = match unit {
        Some(unit) => unit::find(tx, unit)
            .await?
            .filter(|unit| unit.closed_at.is_none())
            .map(|unit| unit.id),
        None => holding::channels(tx, channel)
            .await?
            .first()
            .map(|held| held.unit_id),
    };
    let Some(at) = at else {
        return Err(Fault::Refused(
            "所选单位或网络阵地不存在或已撤销，请重新选择。".into(),
        ));
    };
    let key = open_key(&new);
    // One that ran out by itself no longer stands in the way.
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::col(Column::Until))
        .col_expr(Column::OpenKey, Expr::value(None::<String>))
        .filter(COLUMN.open_key.eq(key.as_str()))
        .filter(COLUMN.until.lte(now))
        .exec(tx)
        .await?;
    if Entity::find()
        .filter(COLUMN.open_key.eq(key.as_str()))
        .count(tx)
        .await?
        > 0
    {
        return Err(Fault::Refused(
            "该人员在此处已有这个角色，无需重复授予。".into(),
        ));
    }
    let row = ActiveModel {
        person_id: Set(new.person),
        role: Set(new.role.code().into()),
        unit_id: Set(unit),
        channel_id: Set(channel),
        until: Set(new.until),
        granted_by: Set(actor.name().into()),
        granted_at: Set(now),
        open_key: Set(Some(key)),
        ..Default::default()
    };
    let id = match row.insert(tx).await {
        Ok(row) => row.id,
        Err(error) if fault::is_duplicate(&error) => return Err(Fault::Stale),
        Err(error) => return Err(error.into()),
    };
    let notice = notify::Notice {
        title: format!("您被授予角色：{}", new.role),
        href: "/delegations".into(),
    };
    notify::tell(tx, app, &[new.person], notice).await?;
    if let (Role::ChannelAdmin, Some(channel)) = (new.role, channel) {
        let subject = (holding::CHANNEL, channel.0);
        work::close(tx, app, actor, subject, Some(AWAITED)).await?;
    }
    let entry = audit::Entry {
        action: "role.granted",
        subject: ("person", new.person.0),
        unit: Some(at),
        on_behalf_of: None,
        summary: format!("授予角色：{}", new.role),
        detail: serde_json::json!({
            "grant": id, "role": new.role, "unit": unit, "channel": channel, "until": new.until,
        }),
    };
    audit::append(tx, app, actor, entry).await?;
    Ok(id)
}

/// Takes a role away, with every delegation of it. It is gone at the person's next request.
///
/// # Errors
/// `Fault::NotFound` when the grant is ended already, `Fault::Refused` for the last administrator.
pub async fn revoke(tx: &Tx, app: &App, actor: &Actor, id: i64) -> Result<(), Fault> {
    let row = find(tx, id).await?.ok_or(Fault::NotFound)?;
    // Two administrators who take from each other take turns.
    let same_role = Entity::find()
        .filter(COLUMN.role.eq(&row.role))
        .filter(in_force(app.now()))
        .lock_exclusive()
        .all(tx)
        .await?;
    let others = same_role
        .iter()
        .filter(|other| other.person_id != row.person_id)
        .count();
    if let Some(role) = Role::parse(&row.role) {
        rules::may_end(role, others as u64)?;
    }
    end(tx, app, actor, row).await
}

async fn end(tx: &Tx, app: &App, actor: &Actor, row: Model) -> Result<(), Fault> {
    let done = Entity::update_many()
        .set(ActiveModel {
            ended_at: Set(Some(app.now())),
            ended_by: Set(Some(actor.name().into())),
            open_key: Set(None),
            ..Default::default()
        })
        .filter(COLUMN.id.eq(row.id))
        .filter(COLUMN.ended_at.is_null())
        .exec(tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Fault::Stale);
    }
    let label = Role::parse(&row.role).map_or("角色", Role::label);
    let notice = notify::Notice {
        title: format!("您的角色已收回：{label}"),
        href: "/delegations".into(),
    };
    notify::tell(tx, app, &[row.person_id], notice).await?;
    let entry = audit::Entry {
        action: "role.revoked",
        subject: ("person", row.person_id.0),
        unit: row.unit_id,
        on_behalf_of: None,
        summary: format!("收回角色：{label}"),
        detail: serde_json::json!({
            "grant": row.id, "role": row.role, "unit": row.unit_id, "channel": row.channel_id,
        }),
    };
    audit::append(tx, app, actor, entry).await
}

/// Ends everything that a person holds; they leave.
pub(crate) async fn end_of_person(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    person: PersonId,
) -> Result<(), Fault> {
    let rows = Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .filter(COLUMN.ended_at.is_null())
        .order_by_asc(COLUMN.id)
        .all(tx)
        .await?;
    for row in rows {
        revoke(tx, app, actor, row.id).await?;
    }
    Ok(())
}

/// Ends what is held at a unit; it closes.
pub(crate) async fn end_at_unit(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    unit: UnitId,
) -> Result<(), Fault> {
    let rows = Entity::find()
        .filter(COLUMN.unit_id.eq(unit))
        .filter(COLUMN.ended_at.is_null())
        .order_by_asc(COLUMN.id)
        .all(tx)
        .await?;
    for row in rows {
        end(tx, app, actor, row).await?;
    }
    Ok(())
}

/// Moves what is held at a unit to another; what somebody holds there already ends. Says how many.
pub(crate) async fn move_unit(
    tx: &Tx,
    app: &App,
    from: UnitId,
    into: UnitId,
) -> Result<u64, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.unit_id.eq(from))
        .filter(COLUMN.ended_at.is_null())
        .all(tx)
        .await?;
    let mut moved = 0;
    for row in rows {
        let Some(role) = Role::parse(&row.role) else {
            continue;
        };
        let key = open_key(&NewGrant {
            person: row.person_id,
            role,
            scope: Scope::Unit(into),
            until: None,
        });
        let there = Entity::find()
            .filter(COLUMN.open_key.eq(key.as_str()))
            .count(tx)
            .await?
            > 0;
        let change = if there {
            ActiveModel {
                ended_at: Set(Some(app.now())),
                open_key: Set(None),
                ..Default::default()
            }
        } else {
            moved += 1;
            ActiveModel {
                unit_id: Set(Some(into)),
                open_key: Set(Some(key)),
                ..Default::default()
            }
        };
        Entity::update_many()
            .set(change)
            .filter(COLUMN.id.eq(row.id))
            .exec(tx)
            .await?;
    }
    Ok(moved)
}

/// What the list of grants asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    pub role: Option<Role>,
    /// With everything below it.
    pub unit: Option<UnitId>,
    /// A person's name.
    pub text: String,
    pub page: u64,
    pub per_page: u64,
}

/// The grants in force: the lines of a page and how many there are in all.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    query: &Query,
) -> Result<(Vec<Granted>, u64), Fault> {
    let mut select = Entity::find().filter(in_force(now));
    if let Some(role) = query.role {
        select = select.filter(COLUMN.role.eq(role.code()));
    }
    if let Some(unit) = query.unit {
        let within = ScopeFilter::Within {
            units: vec![unit],
            channels: vec![],
        };
        select = select.filter(within.units((Entity, Column::UnitId)));
    }
    if let Some(people) = person::named(&query.text) {
        select = select.filter(Expr::col((Entity, Column::PersonId)).in_subquery(people));
    }
    let total = select.clone().count(db).await?;
    let rows = select
        .order_by_asc(COLUMN.role)
        .order_by_asc(COLUMN.id)
        .limit(query.per_page)
        .offset(query.page.saturating_sub(1).saturating_mul(query.per_page))
        .all(db)
        .await?;
    Ok((dress(db, rows).await?, total))
}

/// What a person holds in their own right.
///
/// # Errors
/// When the database fails.
pub async fn of_person(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    person: PersonId,
) -> Result<Vec<Granted>, Fault> {
    let rows = Entity::find()
        .filter(COLUMN.person_id.eq(person))
        .filter(in_force(now))
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?;
    dress(db, rows).await
}

/// Grants by id, ended ones too.
pub(crate) async fn by_ids(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, Granted>, Fault> {
    let rows = Entity::find().filter(COLUMN.id.is_in(ids)).all(db).await?;
    Ok(dress(db, rows)
        .await?
        .into_iter()
        .map(|grant| (grant.id, grant))
        .collect())
}

async fn dress(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Granted>, Fault> {
    let people = person::names(db, rows.iter().map(|row| row.person_id)).await?;
    let units = unit::names(db, rows.iter().filter_map(|row| row.unit_id)).await?;
    let channels: HashMap<i64, String> =
        holding::channels(db, rows.iter().filter_map(|row| row.channel_id))
            .await?
            .into_iter()
            .map(|held| (held.subject_id, held.title))
            .collect();
    let dressed = rows.into_iter().filter_map(|row| {
        let place = match (row.channel_id, row.unit_id) {
            (Some(channel), _) => channels.get(&channel.0).cloned(),
            (None, Some(unit)) => units.get(&unit).cloned(),
            (None, None) => None,
        };
        Some(Granted {
            id: row.id,
            person: row.person_id,
            person_name: people.get(&row.person_id).cloned().unwrap_or_default(),
            role: Role::parse(&row.role)?,
            unit: row.unit_id,
            channel: row.channel_id,
            place: place.unwrap_or_else(|| "已注销的网络阵地".into()),
            until: row.until,
            granted_by: row.granted_by,
            granted_at: row.granted_at,
            open: row.ended_at.is_none(),
        })
    });
    Ok(dressed.collect())
}

/// The place where a grant counts.
pub(super) async fn place_of(db: &impl ConnectionTrait, row: &Model) -> Result<Place, Fault> {
    let unit = match (row.channel_id, row.unit_id) {
        (Some(channel), _) => holding::channels(db, [channel])
            .await?
            .first()
            .map(|h| h.unit_id),
        (None, unit) => unit,
    };
    match unit {
        Some(unit) => Ok(scope::place(db, unit).await?.on(row.channel_id)),
        None => Ok(Place {
            units: vec![],
            channel: row.channel_id,
        }),
    }
}
