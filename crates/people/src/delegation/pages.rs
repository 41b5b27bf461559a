//! One's own delegations.

use super::store::{self, Delegation, NewDelegation};
use crate::{
    person::{self, Group},
    role::{self, end_of_day},
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, ScopeFilter, clock,
    form::{self, Errors, Field, Posted, Unprocessable},
    text,
    web::{Flash, Shell, redirect},
};

struct Line {
    one: Delegation,
    mine: bool,
    span: String,
    begun: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "delegation/list.html")]
struct ListPage {
    shell: Shell,
    lines: Vec<Line>,
    roles: Vec<(String, String, String)>,
}

fn me(actor: &Actor) -> Result<PersonId, Fault> {
    actor.person().ok_or(Fault::NotFound)
}

/// One's roles, and the delegations that one gave or has.
pub(super) async fn list(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    let (db, now, me) = (app.db.read(), app.now(), me(&actor)?);
    let lines = store::of_person(db, now, me)
        .await?
        .into_iter()
        .map(|one| Line {
            mine: one.from == me,
            span: format!("{} 至 {}", clock::show(&one.starts), clock::show(&one.ends)),
            begun: one.starts <= now,
            one,
        })
        .collect();
    let roles = role::of_person(db, now, me)
        .await?
        .into_iter()
        .map(|grant| {
            let until = grant.until.as_ref().map_or("长期".into(), clock::show);
            (grant.role.label().into(), grant.place, until)
        })
        .collect();
    Ok(ListPage {
        shell,
        lines,
        roles,
    }
    .into_response())
}

#[derive(Template, WebTemplate)]
#[template(path = "delegation/new.html")]
struct NewPage {
    shell: Shell,
    grant: Field,
    to: Field,
    starts: Field,
    ends: Field,
    reason: Field,
    grants: Vec<(String, String)>,
    people: Vec<Group>,
    errors: Errors,
}

/// Whom a person may hand on to: those whose names they see anyway, and the people of their own unit.
async fn within_sight(app: &App, actor: &Actor, me: PersonId) -> Result<ScopeFilter, Fault> {
    let own = person::find(app.db.read(), me).await?.map(|me| me.unit);
    Ok(match actor.filter(Permission::ViewPeople) {
        ScopeFilter::All => ScopeFilter::All,
        ScopeFilter::Within { mut units, .. } => {
            units.extend(own);
            ScopeFilter::Within {
                units,
                channels: vec![],
            }
        }
    })
}

async fn new_page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    posted: &Posted,
) -> Result<NewPage, Fault> {
    let (db, me) = (app.db.read(), me(actor)?);
    let mut people = person::grouped(db, &within_sight(app, actor, me).await?).await?;
    for group in &mut people {
        group.1.retain(|(id, _)| *id != me.to_string());
    }
    people.retain(|group| !group.1.is_empty());
    let grants = role::of_person(db, app.now(), me)
        .await?
        .into_iter()
        .map(|grant| {
            (
                grant.id.to_string(),
                format!("{}（{}）", grant.role, grant.place),
            )
        })
        .collect();
    Ok(NewPage {
        shell,
        grant: posted.field("grant", "委托的角色"),
        to: posted.field("to", "受托人"),
        starts: posted.field("starts", "开始日期"),
        ends: posted.field("ends", "结束日期"),
        reason: posted.field("reason", "事由"),
        grants,
        people,
        errors: vec![],
    })
}

/// The form for handing a role on.
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
) -> Result<Response, Fault> {
    let mut page = new_page(&app, &actor, shell, &Posted::default()).await?;
    page.starts.value = app.clock.today().to_string();
    Ok(page.into_response())
}

/// Hands a role on.
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    posted: Posted,
) -> Result<Response, Fault> {
    let mut page = new_page(&app, &actor, shell, &posted).await?;
    let grant = page
        .grant
        .check(|raw| raw.parse::<i64>().map_err(|_| "请选择要委托的角色。"));
    let offered = page.people.clone();
    let to = page.to.check(|raw| {
        let there = |group: &Group| group.1.iter().any(|(id, _)| id == raw);
        match raw.parse::<PersonId>() {
            Ok(id) if offered.iter().any(there) => Ok(id),
            _ => Err("请选择受托人。"),
        }
    });
    let starts = page.starts.check(|raw| {
        let day = raw.parse::<NaiveDate>();
        day.map(clock::start_of)
            .map_err(|_| "请填写日期，例如 2026-11-20。")
    });
    let ends = page
        .ends
        .check(|raw| end_of_day(raw)?.ok_or("请填写日期，例如 2026-11-20。"));
    let reason = page.reason.check(|raw| text::required_line(raw, 200));
    if let (Some(grant), Some(to), Some(starts), Some(ends), Some(reason)) =
        (grant, to, starts, ends, reason)
    {
        let new = NewDelegation {
            grant,
            to,
            // From today means from now on.
            starts: starts.max(app.now()),
            ends,
            reason,
        };
        let tx = app.db.begin().await?;
        match store::create(&tx, &app, &actor, new).await {
            Ok(_) => {
                tx.commit().await?;
                return Ok(redirect(
                    "/delegations",
                    Flash::success("委托已生效并通知受托人，到期自动结束。"),
                ));
            }
            Err(Fault::Refused(why)) => page.to.refuse(why),
            Err(fault) => return Err(fault),
        }
        tx.rollback().await?;
    }
    page.errors = form::errors([
        &page.grant,
        &page.to,
        &page.starts,
        &page.ends,
        &page.reason,
    ]);
    Ok(Unprocessable(page).into_response())
}

/// Ends a delegation early.
pub(super) async fn revoke(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let tx = app.db.begin().await?;
    store::revoke(&tx, &app, &actor, id).await?;
    tx.commit().await?;
    Ok(redirect("/delegations", Flash::success("委托已提前结束。")))
}
