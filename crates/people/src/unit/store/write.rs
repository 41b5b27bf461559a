//! Changing units, each change with its line of history and its audit record.

use super::{
    super::rules::{self, Refusal},
    ActiveModel, COLUMN, Change, Entity, NewUnit, Unit, contents, event, find, sibling_key,
};
use crate::{holding, person, role};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, QuerySelect, Set, entity::prelude::*};
use zhendi_kernel::{
    Actor, App, Fault, Permission, Role, Tx, UnitId, audit, fault, scope, search, text, work,
};

/// The refusal behind a write that met a unique index. The indexes are the law; which of the two it
/// was is looked up only for the words.
pub async fn taken(
    db: &impl ConnectionTrait,
    id: Option<UnitId>,
    parent: Option<UnitId>,
    name: &str,
    short_name: &str,
) -> Result<Option<Refusal>, Fault> {
    let clash = |condition: Expr| {
        let mut query = Entity::find().filter(condition);
        if let Some(id) = id {
            query = query.filter(COLUMN.id.ne(id));
        }
        query.count(db)
    };
    if clash(COLUMN.sibling_key.eq(sibling_key(parent, name))).await? > 0 {
        return Ok(Some(Refusal::NameTaken(name.into())));
    }
    if clash(COLUMN.short_key.eq(text::fold(short_name))).await? > 0 {
        return Ok(Some(Refusal::ShortNameTaken(short_name.into())));
    }
    Ok(None)
}

/// Changes of the tree take turns: two moves at once could make a circle that neither sees. (SQLite's
/// writers take turns anyway.)
async fn take_turn(tx: &Tx) -> Result<(), Fault> {
    Entity::find()
        .filter(COLUMN.sibling_key.eq("root"))
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(())
}

struct Line {
    kind: &'static str,
    what: String,
    effective_on: NaiveDate,
}

async fn write_down(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    unit: UnitId,
    line: Line,
    detail: serde_json::Value,
) -> Result<(), Fault> {
    event::Entity::insert(event::ActiveModel {
        unit_id: Set(unit),
        kind: Set(line.kind.into()),
        what: Set(line.what.clone()),
        effective_on: Set(line.effective_on),
        by_id: Set(actor.person()),
        by_name: Set(actor.name().into()),
        at: Set(app.now()),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await?;
    let entry = audit::Entry {
        action: line.kind,
        subject: ("unit", unit.0),
        unit: Some(unit),
        on_behalf_of: crate::role::stands_for(actor, Permission::ManageUnits),
        summary: line.what,
        detail,
    };
    audit::append(tx, app, actor, entry).await
}

/// The work item: look whether a unit that an import made is right, and who fills in its forms.
pub const TO_CHECK: &str = "unit.check";

/// An import made a unit: until somebody has looked at it, nobody there is told of anything.
async fn ask_to_check(tx: &Tx, app: &App, unit: &Unit) -> Result<(), Fault> {
    let item = work::NewItem {
        kind: TO_CHECK,
        subject: ("unit", unit.id.0),
        title: format!("核对导入时新建的单位：{}", unit.name),
        href: format!("/units/{}/edit", unit.id),
        unit: unit.id,
        channel: None,
        assignee: work::Assignee::Role(Role::SystemAdmin),
        due: None,
        barred: vec![],
        escalate_to: None,
    };
    work::open(tx, app, item).await.map(|_| ())
}

/// Makes a unit. The caller has checked that the actor manages units.
///
/// # Errors
/// `Fault::Refused` when a sibling has the name, another unit the short name, or the parent is closed.
pub async fn create(tx: &Tx, app: &App, actor: &Actor, new: NewUnit) -> Result<Unit, Fault> {
    let short_name = if new.short_name.is_empty() {
        new.name.clone()
    } else {
        new.short_name
    };
    take_turn(tx).await?;
    if let Some(parent) = new.parent {
        let parent = find(tx, parent).await?.ok_or(Fault::NotFound)?;
        if parent.closed_at.is_some() {
            return Err(Refusal::TargetClosed.into());
        }
    }
    if let Some(refusal) = taken(tx, None, new.parent, &new.name, &short_name).await? {
        return Err(refusal.into());
    }
    let haystack = search::haystack([new.name.as_str(), short_name.as_str()]);
    let row = ActiveModel {
        parent_id: Set(new.parent),
        name_key: Set(text::fold(&new.name)),
        sibling_key: Set(Some(sibling_key(new.parent, &new.name))),
        short_key: Set(Some(text::fold(&short_name))),
        name: Set(new.name),
        short_name: Set(short_name),
        kind: Set(new.kind.code().into()),
        publicity: Set(false),
        to_check: Set(new.to_check),
        haystack: Set(haystack.clone()),
        created_at: Set(app.now()),
        version: Set(1),
        ..Default::default()
    };
    let unit: Unit = match row.insert(tx).await {
        Ok(row) => row.into(),
        Err(error) if fault::is_duplicate(&error) => return Err(Fault::Stale),
        Err(error) => return Err(error.into()),
    };
    scope::insert(tx, unit.id, unit.parent).await?;
    search::index_new(tx, "unit", &[(unit.id.0, &haystack)]).await?;
    if new.to_check {
        ask_to_check(tx, app, &unit).await?;
    }
    let line = Line {
        kind: "unit.created",
        what: format!("设立单位“{}”", unit.name),
        effective_on: app.clock.today(),
    };
    let detail = serde_json::json!({
        "name": unit.name, "short_name": unit.short_name, "kind": unit.kind, "parent": unit.parent,
    });
    write_down(tx, app, actor, unit.id, line, detail).await?;
    Ok(unit)
}

/// Writes over the version that was read.
async fn replace(tx: &Tx, before: &Unit, row: ActiveModel) -> Result<(), Fault> {
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
        Ok(_) => Err(Fault::Stale),
        Err(error) if fault::is_duplicate(&error) => Err(Fault::Stale),
        Err(error) => Err(error.into()),
    }
}

/// Renames a unit or changes its short name, kind or mark. Someone has looked at it: it need not be
/// checked any more.
///
/// # Errors
/// `Fault::Refused` when a name is taken or the unit is closed, `Fault::Stale` when someone was first.
pub async fn change(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    before: &Unit,
    to: Change,
) -> Result<(), Fault> {
    if before.closed_at.is_some() {
        return Err(Refusal::Closed.into());
    }
    if let Some(refusal) =
        taken(tx, Some(before.id), before.parent, &to.name, &to.short_name).await?
    {
        return Err(refusal.into());
    }
    let mut what = vec![];
    if before.name != to.name {
        what.push(format!("名称由“{}”改为“{}”", before.name, to.name));
    }
    if before.short_name != to.short_name {
        what.push(format!(
            "简称由“{}”改为“{}”",
            before.short_name, to.short_name
        ));
    }
    if before.kind != to.kind {
        what.push(format!("类别由{}改为{}", before.kind, to.kind));
    }
    if before.publicity != to.publicity {
        what.push(
            if to.publicity {
                "设为宣传部门"
            } else {
                "不再是宣传部门"
            }
            .into(),
        );
    }
    if before.to_check {
        what.push("已核对".into());
    }
    if what.is_empty() {
        return Ok(());
    }
    let haystack = search::haystack([to.name.as_str(), to.short_name.as_str()]);
    let found_by = search::haystack([before.name.as_str(), before.short_name.as_str()]);
    search::index(tx, "unit", before.id.0, &found_by, &haystack).await?;
    work::close(tx, app, actor, ("unit", before.id.0), Some(TO_CHECK)).await?;
    let row = ActiveModel {
        name_key: Set(text::fold(&to.name)),
        sibling_key: Set(Some(sibling_key(before.parent, &to.name))),
        short_key: Set(Some(text::fold(&to.short_name))),
        name: Set(to.name.clone()),
        short_name: Set(to.short_name.clone()),
        kind: Set(to.kind.code().into()),
        publicity: Set(to.publicity),
        to_check: Set(false),
        haystack: Set(haystack),
        ..Default::default()
    };
    replace(tx, before, row).await?;
    let line = Line {
        kind: "unit.changed",
        what: what.join("；"),
        effective_on: to.effective_on,
    };
    let detail = serde_json::json!({
        "name": to.name, "short_name": to.short_name, "kind": to.kind, "publicity": to.publicity,
    });
    write_down(tx, app, actor, before.id, line, detail).await
}

/// Moves a unit with everything below it under another.
///
/// # Errors
/// `Fault::Refused` for the root, closed units, circles and taken names; `Fault::Stale`.
pub async fn relocate(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    unit: &Unit,
    parent: UnitId,
) -> Result<(), Fault> {
    take_turn(tx).await?;
    let target = find(tx, parent).await?.ok_or(Fault::NotFound)?;
    rules::may_move(unit, &target, &scope::place(tx, parent).await?.units)?;
    if unit.parent == Some(parent) {
        return Ok(());
    }
    if let Some(refusal) = taken(
        tx,
        Some(unit.id),
        Some(parent),
        &unit.name,
        &unit.short_name,
    )
    .await?
    {
        return Err(refusal.into());
    }
    let row = ActiveModel {
        parent_id: Set(Some(parent)),
        sibling_key: Set(Some(sibling_key(Some(parent), &unit.name))),
        ..Default::default()
    };
    replace(tx, unit, row).await?;
    scope::reparent(tx, unit.id, parent).await?;
    let line = Line {
        kind: "unit.moved",
        what: format!("移到“{}”之下", target.name),
        effective_on: app.clock.today(),
    };
    let detail = serde_json::json!({ "from": unit.parent, "to": parent });
    write_down(tx, app, actor, unit.id, line, detail).await
}

/// Merges a unit into another: children, persons, roles and holdings go there. The old unit stays,
/// closed, below the new one, so that its records remain in the new one's reach.
///
/// # Errors
/// `Fault::Refused` as [`relocate`]; `Fault::Stale`.
pub async fn merge(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    unit: &Unit,
    into: UnitId,
    effective_on: NaiveDate,
) -> Result<(), Fault> {
    take_turn(tx).await?;
    let target = find(tx, into).await?.ok_or(Fault::NotFound)?;
    rules::may_merge(unit, &target, &scope::place(tx, into).await?.units)?;
    let children = Entity::find()
        .filter(COLUMN.parent_id.eq(unit.id))
        .filter(COLUMN.closed_at.is_null())
        .all(tx)
        .await?;
    for child in children {
        relocate(tx, app, actor, &child.into(), into).await?;
    }
    let people = person::move_unit(tx, unit.id, into).await?;
    let grants = role::move_unit(tx, app, actor, unit.id, into).await?;
    holding::merge(tx, app, unit.id, into).await?;
    let row = ActiveModel {
        parent_id: Set(Some(into)),
        sibling_key: Set(None),
        short_key: Set(None),
        closed_at: Set(Some(app.now())),
        ..Default::default()
    };
    replace(tx, unit, row).await?;
    scope::reparent(tx, unit.id, into).await?;
    let detail = serde_json::json!({ "into": into, "people": people, "grants": grants });
    let came = Line {
        kind: "unit.absorbed",
        what: format!("“{}”并入本单位", unit.name),
        effective_on,
    };
    write_down(
        tx,
        app,
        actor,
        into,
        came,
        serde_json::json!({ "from": unit.id }),
    )
    .await?;
    let went = Line {
        kind: "unit.merged",
        what: format!("并入“{}”", target.name),
        effective_on,
    };
    write_down(tx, app, actor, unit.id, went, detail).await
}

/// Closes an empty unit; the roles held there end.
///
/// # Errors
/// `Fault::Refused` for the root and while anything is left in the unit; `Fault::Stale`.
pub async fn close(
    tx: &Tx,
    app: &App,
    actor: &Actor,
    unit: &Unit,
    reason: &str,
) -> Result<(), Fault> {
    take_turn(tx).await?;
    rules::may_close(unit, contents(tx, unit.id).await?)?;
    role::end_at_unit(tx, app, actor, unit.id).await?;
    work::close(tx, app, actor, ("unit", unit.id.0), Some(TO_CHECK)).await?;
    let row = ActiveModel {
        sibling_key: Set(None),
        short_key: Set(None),
        closed_at: Set(Some(app.now())),
        ..Default::default()
    };
    replace(tx, unit, row).await?;
    let line = Line {
        kind: "unit.closed",
        what: format!("撤销单位：{reason}"),
        effective_on: app.clock.today(),
    };
    write_down(
        tx,
        app,
        actor,
        unit.id,
        line,
        serde_json::json!({ "reason": reason }),
    )
    .await
}
