//! Giving and taking roles, each with its audit record.

use super::{
    super::{
        PeopleSettings,
        requests::{self, Request},
        rules::{self, Candidate},
    },
    ActiveModel, COLUMN, Column, Entity, Model, NewGrant, find, held, in_force, seat_of,
};
use crate::{holding, person, unit};
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect, Set, entity::prelude::*, sea_query::Expr};
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Role, Tx, UnitId, actor::Scope, audit, fault, notify,
    scope, settings, work,
};

/// What the rules look at in a person. Their row is held until the transaction ends, so that two
/// grants at once cannot pass each other.
pub async fn candidate(tx: &Tx, app: &App, id: PersonId) -> Result<Candidate, Fault> {
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
/// The kind of work item by which a context above asks for a role to be taken away; its subject is the
/// grant under [`GRANT`], and the grant's end ends it.
pub const TO_TAKE: &str = "channel.take_role";
/// What grants are called in the list of work.
pub const GRANT: &str = "role_grant";

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
        on_behalf_of: crate::role::stands_for(actor, Permission::GrantRoles),
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
    work::close(tx, app, actor, (GRANT, row.id), None).await?;
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
        on_behalf_of: crate::role::stands_for(actor, Permission::GrantRoles),
        summary: format!("收回角色：{label}"),
        detail: serde_json::json!({
            "grant": row.id, "role": row.role, "unit": row.unit_id, "channel": row.channel_id,
        }),
    };
    audit::append(tx, app, actor, entry).await
}

/// Ends everything that a person holds; they leave.
pub async fn end_of_person(
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
pub async fn end_at_unit(tx: &Tx, app: &App, actor: &Actor, unit: UnitId) -> Result<(), Fault> {
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
/// Into a unit above nothing moves: a role would then reach further than the security administrator
/// gave it, who is asked for it instead (R-ORG-9).
pub async fn move_unit(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    from: UnitId,
    into: UnitId,
) -> Result<u64, Fault> {
    let upwards = scope::place(tx, from).await?.units.contains(&into);
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
        if upwards && !there {
            let request = Request {
                person: row.person_id,
                role,
                unit: Some(into),
                channel: None,
            };
            end(tx, app, actor, row).await?;
            requests::ask(tx, app, actor, request).await?;
            continue;
        }
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
