//! Leaving (离岗): what a person has is listed, given to others by name, and only then they are gone.

use super::{
    pages::{RoleLine, managed, role_lines},
    store::{self, Person},
};
use crate::{
    account,
    delegation::{self, Delegation},
    holding::{self, Held},
    role, unit,
};
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Tx, audit,
    form::{Errors, Field, Posted, Unprocessable},
    text,
    web::{Flash, Shell, redirect},
    work,
};

/// Something that must go to another, with the field that names whom.
struct Hand<T> {
    what: T,
    id: String,
    field: Field,
}

#[derive(Template, WebTemplate)]
#[template(path = "person/departure.html")]
struct DeparturePage {
    shell: Shell,
    person: Person,
    unit_name: String,
    errors: Errors,
    work: Vec<work::Item>,
    work_to: Field,
    held: Vec<Hand<Held>>,
    roles: Vec<Hand<RoleLine>>,
    delegations: Vec<Delegation>,
    reason: Field,
    people: Vec<(String, String)>,
}

/// The fields of many rows have one name; a row's own comes with its id.
fn hand<T>(what: T, prefix: &str, id: i64, posted: &Posted, label: &'static str) -> Hand<T> {
    let id = format!("{prefix}-{id}");
    let field = Field::new("", label, posted.get(&id));
    Hand { what, id, field }
}

async fn page(
    app: &App,
    actor: &Actor,
    shell: Shell,
    person: Person,
    posted: &Posted,
) -> Result<DeparturePage, Fault> {
    let db = app.db.read();
    let id = person.id;
    let mut people = store::options(db, &actor.filter(Permission::ManagePeople)).await?;
    people.retain(|(other, _)| *other != id.to_string());
    let held = holding::of_person(db, id).await?.into_iter();
    let roles = role_lines(app, id).await?.into_iter();
    Ok(DeparturePage {
        unit_name: unit::names(db, [person.unit])
            .await?
            .remove(&person.unit)
            .unwrap_or_default(),
        errors: vec![],
        work: work::held_by(db, app.now(), id).await?,
        work_to: posted.field("work_to", "待办移交给"),
        held: held
            .map(|held| {
                let row = held.id;
                hand(held, "holding", row, posted, "移交给")
            })
            .collect(),
        roles: roles
            .map(|line| {
                let row = line.grant.id;
                hand(line, "role", row, posted, "建议接任人")
            })
            .collect(),
        delegations: delegation::of_person(db, app.now(), id).await?,
        reason: posted.field("reason", "离岗说明"),
        people,
        shell,
        person,
    })
}

/// What a person must hand over.
pub(super) async fn new(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PersonId>,
) -> Result<Response, Fault> {
    let tx = app.db.snapshot().await?;
    let person = managed(&tx, &actor, id).await?;
    tx.rollback().await?;
    Ok(page(&app, &actor, shell, person, &Posted::default())
        .await?
        .into_response())
}

/// Somebody who can take over.
async fn successor(tx: &Tx, from: PersonId, raw: &str) -> Result<PersonId, &'static str> {
    let Ok(id) = raw.parse::<PersonId>() else {
        return Err("请选择接手人。");
    };
    let there = matches!(store::find(tx, id).await, Ok(Some(person)) if person.left_at.is_none());
    if there && id != from {
        Ok(id)
    } else {
        Err("该人员已离岗或不存在，请另选一人。")
    }
}

/// Hands everything over and marks the person as gone.
pub(super) async fn create(
    State(app): State<App>,
    actor: Actor,
    shell: Shell,
    Path(id): Path<PersonId>,
    posted: Posted,
) -> Result<Response, Fault> {
    if actor.person() == Some(id) {
        return Err(Fault::Refused(
            "不能为自己办理离岗，请由另一名系统管理员办理。".into(),
        ));
    }
    // Read first: the page is needed if anything is missing, and the writer should not wait for it.
    let read = app.db.snapshot().await?;
    let person = managed(&read, &actor, id).await?;
    read.rollback().await?;
    let mut form = page(&app, &actor, shell, person, &posted).await?;

    let tx = app.db.begin().await?;
    let person = managed(&tx, &actor, id).await?;
    // What came since the form was opened must be handed over too: ask the rows, not the form.
    let held = holding::of_person(&tx, id).await?;
    let tasks = work::held_by(&tx, app.now(), id).await?;
    let reason = form.reason.check(|raw| text::line(raw, 500));
    let work_to = match (
        tasks.is_empty(),
        successor(&tx, id, &form.work_to.value).await,
    ) {
        (true, _) => None,
        (false, Ok(to)) => Some(to),
        (false, Err(why)) => {
            form.work_to.refuse(why);
            form.errors.push(("work_to", format!("待办移交给：{why}")));
            None
        }
    };
    let mut parts = vec![];
    for one in held {
        match successor(&tx, id, posted.get(&format!("holding-{}", one.id))).await {
            Ok(to) => parts.push((one, to)),
            Err(why) => {
                form.errors.push((
                    "holding",
                    format!("{}（{}）：{why}", one.title, one.capacity),
                ));
                for hand in form.held.iter_mut().filter(|hand| hand.what.id == one.id) {
                    hand.field.refuse(why);
                }
            }
        }
    }
    let mut requests = vec![];
    for hand in &mut form.roles {
        let raw = hand.field.value.clone();
        if raw.is_empty() {
            continue;
        }
        match successor(&tx, id, &raw).await {
            Ok(to) => requests.push((hand.what.grant.clone(), to)),
            Err(why) => {
                hand.field.refuse(why);
                form.errors
                    .push(("role", format!("{}：{why}", hand.what.grant.role)));
            }
        }
    }
    let (Some(reason), true) = (reason, form.errors.is_empty()) else {
        tx.rollback().await?;
        return Ok(Unprocessable(form).into_response());
    };

    if let Some(to) = work_to {
        work::reassign(&tx, id, to).await?;
        let left = work::held_by(&tx, app.now(), id).await?;
        if let Some(item) = left.first() {
            return Err(Fault::Refused(format!(
                "“{}”不能交给所选的人（其已参与该事项），请另选一人。",
                item.title
            )));
        }
        holding::hand_over_work(&tx, &app, id, to).await?;
    }
    for (one, to) in &parts {
        holding::hand_over(&tx, &app, one, *to).await?;
    }
    role::end_of_person(&tx, &app, &actor, id).await?;
    for (grant, to) in &requests {
        let request = role::Request {
            person: *to,
            role: grant.role,
            unit: grant.unit,
            channel: grant.channel,
        };
        role::ask(&tx, &app, &actor, request).await?;
    }
    delegation::end_of_person(&tx, &app, id).await?;
    account::end(&tx, id).await?;
    store::leave(&tx, &app, &person).await?;
    let entry = audit::Entry {
        action: "person.left",
        subject: ("person", id.0),
        unit: Some(person.unit),
        on_behalf_of: None,
        summary: format!(
            "办理离岗，移交待办 {} 项、网络阵地职责 {} 项",
            tasks.len(),
            parts.len()
        ),
        detail: serde_json::json!({
            "reason": reason,
            "work_to": work_to,
            "holdings": parts.iter().map(|(one, to)| (&one.title, &one.capacity, to)).collect::<Vec<_>>(),
        }),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    let more = if requests.is_empty() {
        ""
    } else {
        "接任人的角色已提交安全管理员授权。"
    };
    Ok(redirect(
        format!("/people/{id}"),
        Flash::success(format!(
            "{}已离岗，待办和职责已移交，角色已收回。{more}",
            person.name
        )),
    ))
}
