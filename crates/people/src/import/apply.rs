//! Takes what was planned, in the caller's transaction.

use super::plan::{self, Plan, Wanted};
use crate::{
    person::{self, NewPerson},
    role::{self, NewGrant, Request},
    unit::{self, NewUnit, UnitKind},
};
use zhendi_kernel::{Actor, App, Fault, PersonId, Tx, UnitId, audit, text};

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Taken {
    pub created: u64,
    pub changed: u64,
    pub units: u64,
    /// Roles given (by the program) or asked for (by a person, who may not give them).
    pub roles: u64,
}

/// Takes the plan's rows. Roles are given at once only when the program acts on an operator's order; a
/// person who imports may not give roles, so the security administrator is asked.
///
/// # Errors
/// `Fault::Stale` when somebody changed what the plan was made from; `Fault::Refused` as the acts that
/// it is made of.
pub async fn apply(tx: &Tx, app: &App, actor: &Actor, plan: &Plan) -> Result<Taken, Fault> {
    let root = unit::root(tx).await?.ok_or(Fault::Stale)?.id;
    let mut taken = Taken::default();
    for wanted in plan.taken() {
        let unit = unit_of(tx, app, actor, root, wanted, &mut taken).await?;
        let id = person_of(tx, app, actor, unit, wanted, &mut taken).await?;
        for role in &wanted.roles {
            let at = if role.institution_wide() { root } else { unit };
            if actor.person().is_none() {
                let new = NewGrant {
                    person: id,
                    role: *role,
                    scope: role::scope_of(tx, Some(at), None).await?,
                    until: None,
                };
                role::grant(tx, app, actor, new).await?;
            } else {
                let request = Request {
                    person: id,
                    role: *role,
                    unit: Some(at),
                    channel: None,
                };
                role::ask(tx, app, actor, request).await?;
            }
            taken.roles += 1;
        }
    }
    if taken != Taken::default() {
        // A name inside an archive may hold anything.
        let names: Vec<String> = plan
            .files
            .iter()
            .map(|file| text::line(&file.file, 200).unwrap_or_default())
            .collect();
        let entry = audit::Entry {
            action: "people.imported",
            subject: ("unit", root.0),
            unit: Some(root),
            on_behalf_of: None,
            summary: format!(
                "导入人员：新增 {} 人，更新 {} 人，新设单位 {} 个",
                taken.created, taken.changed, taken.units
            ),
            detail: serde_json::json!({
                "files": names,
            }),
        };
        audit::append(tx, app, actor, entry).await?;
    }
    Ok(taken)
}

async fn unit_of(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    root: UnitId,
    wanted: &Wanted,
    taken: &mut Taken,
) -> Result<UnitId, Fault> {
    if let Some(unit) = wanted.unit {
        return Ok(unit);
    }
    if let Some(unit) = unit::by_name(tx, &wanted.facts.unit).await? {
        return Ok(unit.id);
    }
    let new = NewUnit {
        parent: Some(root),
        name: wanted.facts.unit.clone(),
        short_name: wanted.facts.unit_short.clone(),
        kind: UnitKind::Other,
        to_check: true,
    };
    taken.units += 1;
    Ok(unit::create(tx, app, actor, new).await?.id)
}

async fn person_of(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    unit: UnitId,
    wanted: &Wanted,
    taken: &mut Taken,
) -> Result<PersonId, Fault> {
    let facts = &wanted.facts;
    let found = plan::find(tx, app, Some(unit), facts).await?;
    if found.as_ref().map(|person| (person.id, person.version)) != wanted.person {
        return Err(Fault::Stale);
    }
    let mut new = NewPerson {
        unit,
        name: facts.name.clone(),
        employment: Some(facts.employment),
        post: facts.post.clone(),
        phone: facts.phone.clone(),
        mail: facts.mail.clone(),
        staff_number: facts.staff_number.clone(),
    };
    let Some(found) = found else {
        taken.created += 1;
        return person::create_contact(tx, app, actor, new).await;
    };
    // What the file leaves blank stays as it is.
    let was = person::details(app, &found)?;
    new.phone = new.phone.or(was.phone);
    new.mail = new.mail.or(was.mail);
    new.staff_number = new.staff_number.or(was.staff_number);
    if new.post.is_empty() {
        new.post.clone_from(&found.post);
    }
    person::change(tx, app, actor, &found, new).await?;
    taken.changed += 1;
    Ok(found.id)
}
