//! Roles that somebody who may not give them asks for: an import of people, a successor at a departure.
//! The security administrator decides; nothing counts before (R-ORG-9).

use super::store::{self, NewGrant};
use crate::{holding, person, unit};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, PaginatorTrait, QueryOrder, Set, entity::prelude::*, sea_query::OnConflict,
};
use std::collections::HashMap;
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, PersonId, Role, Tx, UnitId, audit, clock,
    form::Posted,
    scope,
    web::{Flash, Shell, redirect},
    work,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "role_request")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: PersonId,
    pub role: String,
    pub unit_id: Option<UnitId>,
    pub channel_id: Option<ChannelId>,
    pub asked_at: DateTimeUtc,
    pub asked_by: String,
    pub decided_at: Option<DateTimeUtc>,
    /// There while the request is open: nobody asks twice for the same.
    pub open_key: Option<String>,
}
impl ActiveModelBehavior for ActiveModel {}

/// A role asked for, at a unit or on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    pub person: PersonId,
    pub role: Role,
    pub unit: Option<UnitId>,
    pub channel: Option<ChannelId>,
}

impl Request {
    fn key(&self) -> String {
        let unit = self.unit.map(|id| format!("u{id}"));
        let channel = self.channel.map(|id| format!("c{id}"));
        let place = channel.or(unit).unwrap_or_default();
        format!("{}:{}:{place}", self.person, self.role.code())
    }
}

/// All open requests together are one piece of work.
const WORK: (&str, i64) = ("role_request", 0);
/// The kind of that piece of work.
pub const KIND: &str = "role.requested";

async fn any_open(db: &impl ConnectionTrait) -> Result<bool, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.decided_at.is_null())
        .count(db)
        .await?
        > 0)
}

/// Whether a role is asked for and not yet decided.
///
/// # Errors
/// When the database fails.
pub async fn requested(db: &impl ConnectionTrait, request: Request) -> Result<bool, Fault> {
    Ok(Entity::find()
        .filter(COLUMN.open_key.eq(request.key()))
        .count(db)
        .await?
        > 0)
}

/// Asks for a role; a second time is no second request. The security administrators get it to decide.
///
/// # Errors
/// When the database fails.
pub async fn ask(tx: &Tx, app: &App, actor: &Actor, request: Request) -> Result<(), Fault> {
    if !any_open(tx).await? {
        let root = unit::root(tx).await?.ok_or(Fault::NotFound)?;
        let item = work::NewItem {
            kind: KIND,
            subject: WORK,
            title: "有角色待授权".into(),
            href: "/grants/requests".into(),
            unit: root.id,
            channel: None,
            assignee: work::Assignee::Role(Role::SecurityAdmin),
            due: None,
            barred: vec![],
            escalate_to: None,
        };
        work::open(tx, app, item).await?;
    }
    Entity::insert(ActiveModel {
        person_id: Set(request.person),
        role: Set(request.role.code().into()),
        unit_id: Set(request.unit),
        channel_id: Set(request.channel),
        asked_at: Set(app.now()),
        asked_by: Set(actor.name().into()),
        open_key: Set(Some(request.key())),
        ..Default::default()
    })
    .on_conflict(OnConflict::column(Column::OpenKey).do_nothing().to_owned())
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

struct Line {
    id: i64,
    person: PersonId,
    name: String,
    role: String,
    place: String,
    asked_by: String,
    asked_at: DateTime<Utc>,
}

impl Line {
    fn when(&self) -> String {
        clock::show(&self.asked_at)
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "role/requests.html")]
struct RequestsPage {
    shell: Shell,
    lines: Vec<Line>,
}

async fn may(db: &impl ConnectionTrait, actor: &Actor) -> Result<(), Fault> {
    let root = unit::root(db).await?.ok_or(Fault::NotFound)?;
    actor.require(Permission::GrantRoles, &scope::place(db, root.id).await?)
}

/// What was asked for and is not decided.
pub(super) async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    let db = app.db.read();
    may(db, &actor).await?;
    let rows = Entity::find()
        .filter(COLUMN.decided_at.is_null())
        .order_by_asc(COLUMN.id)
        .all(db)
        .await?;
    let names = person::names(db, rows.iter().map(|row| row.person_id)).await?;
    let units = unit::names(db, rows.iter().filter_map(|row| row.unit_id)).await?;
    let channels: HashMap<i64, String> =
        holding::channels(db, rows.iter().filter_map(|row| row.channel_id))
            .await?
            .into_iter()
            .map(|held| (held.subject_id, held.title))
            .collect();
    let lines = rows
        .into_iter()
        .map(|row| Line {
            id: row.id,
            person: row.person_id,
            name: names.get(&row.person_id).cloned().unwrap_or_default(),
            role: Role::parse(&row.role).map_or(row.role, |role| role.label().into()),
            place: row
                .channel_id
                .and_then(|id| channels.get(&id.0).cloned())
                .or_else(|| row.unit_id.and_then(|id| units.get(&id).cloned()))
                .unwrap_or_default(),
            asked_by: row.asked_by,
            asked_at: row.asked_at,
        })
        .collect();
    Ok(RequestsPage { shell, lines }.into_response())
}

/// Gives or declines the requests that were ticked. One that a rule forbids stays, and is named.
pub(super) async fn decide(
    State(app): State<App>,
    actor: Actor,
    posted: Posted,
) -> Result<Response, Fault> {
    let give = match posted.get("decision") {
        "grant" => true,
        "decline" => false,
        _ => return Err(Fault::Malformed("请选择授予或不予授予。".into())),
    };
    let ids: Vec<i64> = posted
        .all("request")
        .filter_map(|raw| raw.parse().ok())
        .collect();
    if ids.is_empty() {
        return Err(Fault::Refused("请先勾选要处理的申请。".into()));
    }
    let (mut done, mut refused) = (0, vec![]);
    for id in ids {
        match decide_one(&app, &actor, id, give).await {
            Ok(()) => done += 1,
            Err(Fault::Refused(why)) if !refused.contains(&why) => refused.push(why),
            Err(Fault::Refused(_) | Fault::NotFound) => {}
            Err(fault) => return Err(fault),
        }
    }
    let what = if give { "授予" } else { "不予授予" };
    let flash = if refused.is_empty() {
        Flash::success(format!("已{what} {done} 项。"))
    } else {
        Flash::warning(format!(
            "已{what} {done} 项。其余未办：{}",
            refused.join("；")
        ))
    };
    Ok(redirect("/grants/requests", flash))
}

/// Each in its own transaction: one that is refused leaves the others standing.
async fn decide_one(app: &App, actor: &Actor, id: i64, give: bool) -> Result<(), Fault> {
    let tx = app.db.begin().await?;
    may(&tx, actor).await?;
    let row = Entity::find_by_id(id)
        .filter(COLUMN.decided_at.is_null())
        .one(&tx)
        .await?
        .ok_or(Fault::NotFound)?;
    let role = Role::parse(&row.role).ok_or(Fault::NotFound)?;
    close(&tx, app, actor, &row).await?;
    if give {
        let new = NewGrant {
            person: row.person_id,
            role,
            scope: store::scope_of(&tx, row.unit_id, row.channel_id).await?,
            until: None,
        };
        store::grant(&tx, app, actor, new).await?;
    } else {
        let entry = audit::Entry {
            action: "role.declined",
            subject: ("person", row.person_id.0),
            unit: row.unit_id,
            on_behalf_of: crate::role::stands_for(actor, Permission::GrantRoles),
            summary: format!("不予授予角色：{role}"),
            detail: serde_json::json!({ "role": role, "unit": row.unit_id, "channel": row.channel_id }),
        };
        audit::append(&tx, app, actor, entry).await?;
    }
    tx.commit().await.map_err(Fault::from)
}

async fn close(tx: &Tx, app: &App, actor: &Actor, row: &Model) -> Result<(), Fault> {
    let done = Entity::update_many()
        .set(ActiveModel {
            decided_at: Set(Some(app.now())),
            open_key: Set(None),
            ..Default::default()
        })
        .filter(COLUMN.id.eq(row.id))
        .filter(COLUMN.decided_at.is_null())
        .exec(tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Fault::Stale);
    }
    if !any_open(tx).await? {
        work::close(tx, app, actor, WORK, None).await?;
    }
    Ok(())
}
