//! Changing persons, each change with its audit record.

use super::{
    ActiveModel, COLUMN, Column, Entity, MAIL, NewPerson, PHONE, Person, STAFF_NUMBER,
    by_staff_number, details, hold,
};
use crate::{person::Employment, role, unit};
use sea_orm::{Set, entity::prelude::*, sea_query::Expr};
use std::collections::BTreeSet;
use zhendi_kernel::{
    Actor, App, Fault, Permission, PersonId, Tx, UnitId, audit, fault, many, notify, search,
    settings,
};

/// Moves everyone of a unit to another; says how many.
pub async fn move_unit(tx: &Tx, from: UnitId, into: UnitId) -> Result<u64, Fault> {
    let moved = Entity::update_many()
        .col_expr(Column::UnitId, Expr::value(into.0))
        .filter(COLUMN.unit_id.eq(from))
        .exec(tx)
        .await?;
    Ok(moved.rows_affected)
}

/// The columns that a form or a spreadsheet fills.
fn columns(app: &App, new: &NewPerson) -> (ActiveModel, String) {
    let seal = |purpose, text: &Option<String>| {
        text.as_ref()
            .map(|text| app.keys.seal(&app.entropy, purpose, text))
    };
    let blind =
        |purpose, text: &Option<String>| text.as_ref().map(|text| app.keys.blind(purpose, text));
    let haystack = search::haystack([new.name.as_str()]);
    let row = ActiveModel {
        unit_id: Set(new.unit),
        name: Set(new.name.clone()),
        employment: Set(new.employment.unwrap_or(Employment::Unknown).code().into()),
        post: Set(new.post.clone()),
        staff_number: Set(seal(STAFF_NUMBER, &new.staff_number)),
        staff_number_key: Set(blind(STAFF_NUMBER, &new.staff_number)),
        phone: Set(seal(PHONE, &new.phone)),
        phone_key: Set(blind(PHONE, &new.phone)),
        mail: Set(seal(MAIL, &new.mail)),
        haystack: Set(haystack.clone()),
        ..Default::default()
    };
    (row, haystack)
}

async fn check_unit(tx: &Tx, unit: UnitId) -> Result<(), Fault> {
    match unit::find(tx, unit).await? {
        Some(unit) if unit.closed_at.is_none() => Ok(()),
        _ => Err(Fault::Refused(
            "所选单位不存在或已撤销，请重新选择。".into(),
        )),
    }
}

fn refused_number() -> Fault {
    Fault::Refused("该工号已登记在另一人名下，请核对。".into())
}

/// Makes a person. They cannot sign in until `account` gives them a sign-in.
///
/// # Errors
/// `Fault::Refused` when the staff number is another's or the unit is closed.
pub async fn create_contact(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    new: NewPerson,
) -> Result<PersonId, Fault> {
    let made = create_contacts(tx, app, actor, vec![new]).await?;
    made.first()
        .copied()
        .ok_or_else(|| Fault::internal("a person was not made"))
}

/// As [`create_contact`] for many, whose ids come in their order.
///
/// # Errors
/// As [`create_contact`]'s, of any of them.
pub async fn create_contacts(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    new: Vec<NewPerson>,
) -> Result<Vec<PersonId>, Fault> {
    for unit in new.iter().map(|one| one.unit).collect::<BTreeSet<_>>() {
        check_unit(tx, unit).await?;
    }
    let mut rows = Vec::with_capacity(new.len());
    let mut haystacks = Vec::with_capacity(new.len());
    for one in &new {
        if let Some(number) = &one.staff_number
            && by_staff_number(tx, app, number).await?.is_some()
        {
            return Err(refused_number());
        }
        let (row, haystack) = columns(app, one);
        rows.push(ActiveModel {
            created_at: Set(app.now()),
            version: Set(1),
            ..row
        });
        haystacks.push(haystack);
    }
    let ids = match many::insert::<Entity, PersonId>(tx, rows).await {
        Ok(ids) => ids,
        Err(error) if fault::is_duplicate(&error) => return Err(refused_number()),
        Err(error) => return Err(error.into()),
    };
    let found_by: Vec<(i64, &str)> = ids
        .iter()
        .zip(&haystacks)
        .map(|(id, haystack)| (id.0, haystack.as_str()))
        .collect();
    search::index_new(tx, "person", &found_by).await?;
    let mut entries = Vec::with_capacity(new.len());
    for (id, new) in ids.iter().zip(new) {
        if let Some(mail) = &new.mail {
            notify::set_address(tx, app, *id, Some(mail)).await?;
        }
        entries.push(audit::Entry {
            action: "person.created",
            subject: ("person", id.0),
            unit: Some(new.unit),
            on_behalf_of: crate::role::stands_for(actor, Permission::ManagePeople),
            summary: "登记人员".into(),
            detail: serde_json::json!({
                "name": new.name, "post": new.post,
                "employment": new.employment.unwrap_or(Employment::Unknown),
            }),
        });
    }
    audit::append_all(tx, app, actor, entries).await?;
    Ok(ids)
}

/// Who becomes a student keeps no role that students may not hold (R-REG-7). The row is held, so that
/// a grant at the same moment waits.
async fn check_roles(tx: &Tx, app: &App, person: &Person) -> Result<(), Fault> {
    hold(tx, person.id).await?;
    let settings: role::PeopleSettings = settings::get(tx).await?;
    let held = role::held(tx, app.now(), person.id).await?;
    match held.iter().find(|role| role.barred_to_students()) {
        Some(role) if !settings.students_may_hold => Err(Fault::Refused(format!(
            "{}担任{role}，而学生不能担任（通知三（三））。请先由安全管理员收回该角色，再改为学生。",
            person.name
        ))),
        _ => Ok(()),
    }
}

/// Changes a person's facts. None of them is dropped: `to` is the whole.
///
/// # Errors
/// `Fault::Refused` when the staff number is another's, the unit is closed or a student would keep a role
/// that students may not hold; `Fault::Stale`.
pub async fn change(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: &Person,
    to: NewPerson,
) -> Result<(), Fault> {
    if before.unit != to.unit {
        check_unit(tx, to.unit).await?;
    }
    if before.employment != Employment::Student && to.employment == Some(Employment::Student) {
        check_roles(tx, app, before).await?;
    }
    if let Some(number) = &to.staff_number
        && by_staff_number(tx, app, number)
            .await?
            .is_some_and(|other| other.id != before.id)
    {
        return Err(refused_number());
    }
    let was = details(app, before)?;
    let changed: Vec<&str> = [
        ("单位", before.unit != to.unit),
        ("姓名", before.name != to.name),
        ("用工性质", Some(before.employment) != to.employment),
        ("职务", before.post != to.post),
        ("工号", was.staff_number != to.staff_number),
        ("手机", was.phone != to.phone),
        ("邮箱", was.mail != to.mail),
    ]
    .into_iter()
    .filter_map(|(what, changed)| changed.then_some(what))
    .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let (row, haystack) = columns(app, &to);
    replace(tx, before, row)
        .await
        .map_err(|fault| match fault {
            Replaced::Duplicate => refused_number(),
            Replaced::Fault(fault) => fault,
        })?;
    let found_by = search::haystack([before.name.as_str()]);
    search::index(tx, "person", before.id.0, &found_by, &haystack).await?;
    notify::set_address(tx, app, before.id, to.mail.as_deref()).await?;
    let entry = audit::Entry {
        action: "person.changed",
        subject: ("person", before.id.0),
        unit: Some(to.unit),
        on_behalf_of: crate::role::stands_for(actor, Permission::ManagePeople),
        summary: format!("修改人员信息：{}", changed.join("、")),
        detail: serde_json::json!({
            "name": to.name, "unit": to.unit, "post": to.post, "employment": to.employment,
            "before": { "name": before.name, "unit": before.unit, "post": before.post,
                        "employment": before.employment },
        }),
    };
    audit::append(tx, app, actor, entry).await
}

enum Replaced {
    Duplicate,
    Fault(Fault),
}

async fn replace(tx: &Tx, before: &Person, row: ActiveModel) -> Result<(), Replaced> {
    let done = Entity::update_many()
        .set(ActiveModel {
            version: Set(before.version + 1),
            ..row
        })
        .filter(COLUMN.id.eq(before.id))
        .filter(COLUMN.version.eq(before.version))
        .exec(tx)
        .await;
    match done {
        Ok(done) if done.rows_affected == 1 => Ok(()),
        Ok(_) => Err(Replaced::Fault(Fault::Stale)),
        Err(error) if fault::is_duplicate(&error) => Err(Replaced::Duplicate),
        Err(error) => Err(Replaced::Fault(error.into())),
    }
}

/// Marks a person as gone. `departure` has reassigned what they had.
pub async fn leave(tx: &Tx, app: &App, before: &Person) -> Result<(), Fault> {
    let row = ActiveModel {
        left_at: Set(Some(app.now())),
        ..Default::default()
    };
    replace(tx, before, row)
        .await
        .map_err(|fault| match fault {
            Replaced::Duplicate => Fault::Stale,
            Replaced::Fault(fault) => fault,
        })?;
    notify::set_address(tx, app, before.id, None).await
}
