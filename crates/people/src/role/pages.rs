//! Grants, as the security administrator sees them.

use super::{
    PeopleSettings,
    store::{self, Granted, NewGrant, Query},
};
use crate::{
    holding,
    lists::{self, Format, List},
    person::{self, Group},
    unit,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query as UrlQuery, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use zhendi_kernel::{
    Actor, App, ChannelId, Fault, Permission, PersonId, Role, ScopeFilter, UnitId, clock,
    form::{self, Errors, Field, Posted, Unprocessable},
    scope,
    web::{Flash, Shell, redirect},
};

const PER_PAGE: u64 = 50;

#[derive(Debug, Default, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    role: String,
    unit: String,
    #[serde(skip_serializing)]
    page: Option<u64>,
}

struct Line {
    grant: Granted,
    until: String,
    granted_at: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "role/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    lines: Vec<Line>,
    roles: Vec<(&'static str, &'static str)>,
    units: Vec<(String, String)>,
    total: u64,
    page: u64,
    pages: u64,
    base: String,
    /// What was asked for, for the files.
    query: String,
    students_may_hold: bool,
}

/// The roles by what they reach.
fn by_reach(fits: impl Fn(Role) -> bool) -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let groups = [
        (
            "全院的角色",
            roles(|role| fits(role) && role.institution_wide()),
        ),
        (
            "单位的角色",
            roles(|role| fits(role) && !role.institution_wide() && !role.per_channel()),
        ),
        (
            "网络阵地的角色",
            roles(|role| fits(role) && role.per_channel()),
        ),
    ];
    groups
        .into_iter()
        .filter(|(_, roles)| !roles.is_empty())
        .collect()
}

fn roles(fits: impl Fn(Role) -> bool) -> Vec<(&'static str, &'static str)> {
    let fitting = Role::ALL.iter().filter(|role| fits(**role));
    fitting.map(|role| (role.code(), role.label())).collect()
}

/// The grants in force.
pub(super) async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    UrlQuery(asked): UrlQuery<Asked>,
) -> Result<Response, Fault> {
    let db = app.db.read();
    let page = asked.page.unwrap_or(1).max(1);
    let query = Query {
        role: Role::parse(&asked.role),
        unit: asked.unit.parse().ok(),
        text: asked.q.clone(),
        page,
        per_page: PER_PAGE,
    };
    let (grants, total) = store::list(db, app.now(), &query).await?;
    let settings: PeopleSettings = app.setting().await?;
    let query = serde_html_form::to_string(&asked).map_err(Fault::internal)?;
    Ok(ListPage {
        lines: grants
            .into_iter()
            .map(|grant| Line {
                until: grant.until.as_ref().map_or("长期".into(), clock::show),
                granted_at: clock::show(&grant.granted_at),
                grant,
            })
            .collect(),
        roles: roles(|_| true),
        units: unit::options(db, &actor.filter(Permission::GrantRoles)).await?,
        base: format!("/grants?{query}&"),
        query: format!("?{query}"),
        pages: total.div_ceil(PER_PAGE).max(1),
        students_may_hold: settings.students_may_hold,
        shell,
        asked,
        total,
        page,
    }
    .into_response())
}

/// GET /grants.csv
pub(super) async fn csv(
    State(app): State<App>,
    actor: Actor,
    UrlQuery(asked): UrlQuery<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Csv).await
}

/// GET /grants.xlsx
pub(super) async fn xlsx(
    State(app): State<App>,
    actor: Actor,
    UrlQuery(asked): UrlQuery<Asked>,
) -> Result<Response, Fault> {
    file(&app, &actor, &asked, Format::Xlsx).await
}

async fn file(app: &App, actor: &Actor, asked: &Asked, format: Format) -> Result<Response, Fault> {
    let query = Query {
        role: Role::parse(&asked.role),
        unit: asked.unit.parse().ok(),
        text: asked.q.clone(),
        page: 1,
        per_page: lists::MOST,
    };
    let (grants, _) = store::list(app.db.read(), app.now(), &query).await?;
    let rows = grants.into_iter().map(|grant| {
        vec![
            grant.person_name.as_str().into(),
            grant.role.label().into(),
            grant.place.as_str().into(),
            grant
                .until
                .as_ref()
                .map_or("长期".into(), clock::show)
                .into(),
            grant.granted_by.as_str().into(),
            clock::show(&grant.granted_at).into(),
        ]
    });
    let list = List {
        title: "角色授权清单".into(),
        headings: vec!["姓名", "角色", "范围", "截止", "授予人", "授予时间"],
        rows: rows.collect(),
    };
    lists::export(app, actor, "role.exported", "person", list, format).await
}

#[derive(Template, WebTemplate)]
#[template(path = "role/new.html")]
struct NewPage {
    shell: Shell,
    person: Field,
    role: Field,
    unit: Field,
    until: Field,
    /// Set when the role is for one channel: its id and name.
    channel: Option<(ChannelId, String)>,
    people: Vec<Group>,
    roles: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
    units: Vec<(String, String)>,
    errors: Errors,
}

async fn new_page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    posted: &Posted,
) -> Result<NewPage, Fault> {
    let db = app.db.read();
    let channel = match posted.get("channel").parse::<ChannelId>() {
        Ok(id) => {
            let found = holding::channels(db, [id])
                .await?
                .pop()
                .ok_or(Fault::NotFound)?;
            Some((id, found.title))
        }
        Err(_) => None,
    };
    let on_channel = channel.is_some();
    Ok(NewPage {
        shell,
        person: posted.field("person", "人员"),
        role: posted.field("role", "角色"),
        unit: posted.field("unit", "单位"),
        until: posted.field("until", "截止日期"),
        channel,
        people: person::grouped(db, &ScopeFilter::All).await?,
        roles: by_reach(|role| {
            if on_channel {
                role.per_channel() || role == Role::Author
            } else {
                !role.per_channel()
            }
        }),
        units: unit::options(db, &actor.filter(Permission::GrantRoles)).await?,
        errors: vec![],
    })
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    person: String,
    role: String,
    unit: String,
    channel: String,
}

/// The form for a new grant; a channel comes by the link on its page.
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    UrlQuery(wanted): UrlQuery<Wanted>,
) -> Result<Response, Fault> {
    let posted = Posted(vec![
        ("person".into(), wanted.person),
        ("role".into(), wanted.role),
        ("unit".into(), wanted.unit),
        ("channel".into(), wanted.channel),
    ]);
    Ok(new_page(&app, &actor, shell, &posted)
        .await?
        .into_response())
}

/// A day, its evening included; blank is none.
pub(crate) fn end_of_day(raw: &str) -> Result<Option<DateTime<Utc>>, &'static str> {
    if raw.is_empty() {
        return Ok(None);
    }
    let day: NaiveDate = raw.parse().map_err(|_| "请填写日期，例如 2026-11-20。")?;
    Ok(Some(clock::start_of(day) + TimeDelta::days(1)))
}

/// Gives a role.
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = new_page(&app, &actor, shell, &posted).await?;
    let channel = page.channel.as_ref().map(|(id, _)| *id);
    let person = page
        .person
        .check(|raw| raw.parse::<PersonId>().map_err(|_| "请选择人员。"));
    let role = page
        .role
        .check(|raw| Role::parse(raw).ok_or("请选择角色。"));
    let until = page.until.check(end_of_day);
    let unit = match channel {
        Some(_) => Some(None),
        None => page
            .unit
            .check(|raw| raw.parse::<UnitId>().map(Some).map_err(|_| "请选择单位。")),
    };
    if let (Some(person), Some(role), Some(until), Some(unit)) = (person, role, until, unit) {
        let tx = app.db.begin().await?;
        let at = match (unit, channel) {
            (Some(unit), _) => unit,
            (None, Some(id)) => match holding::channels(&tx, [id]).await?.pop() {
                Some(held) => held.unit_id,
                None => return Err(Fault::NotFound),
            },
            (None, None) => return Err(Fault::NotFound),
        };
        let place = scope::place(&tx, at).await?.on(channel);
        actor.require(Permission::GrantRoles, &place)?;
        let scope = store::scope_of(&tx, unit, channel).await?;
        let new = NewGrant {
            person,
            role,
            scope,
            until,
        };
        match store::grant(&tx, &app, &actor, new).await {
            Ok(_) => {
                tx.commit().await?;
                return Ok(redirect(
                    format!("/people/{person}"),
                    Flash::success(format!("已授予{role}，对方下一次操作时即生效。")),
                ));
            }
            Err(Fault::Refused(why)) => page.role.refuse(why),
            Err(fault) => return Err(fault),
        }
        tx.rollback().await?;
    }
    page.errors = form::errors([&page.person, &page.role, &page.unit, &page.until]);
    Ok(Unprocessable(page).into_response())
}

/// Takes a role away.
pub(super) async fn revoke(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let tx = app.db.begin().await?;
    let row = store::find(&tx, id).await?.ok_or(Fault::NotFound)?;
    // A grant whose channel is gone has no place; whoever gives roles everywhere may still end it.
    if !actor.may_everywhere(Permission::GrantRoles) {
        actor.require(Permission::GrantRoles, &store::place_of(&tx, &row).await?)?;
    }
    store::revoke(&tx, &app, &actor, id).await?;
    tx.commit().await?;
    Ok(redirect(
        "/grants",
        Flash::success("角色已收回，立即生效。"),
    ))
}
