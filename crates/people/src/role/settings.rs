//! The institution's own choice about who may hold roles.

use axum::{extract::State, response::Response};
use zhendi_kernel::{
    Actor, App, Fault, Permission, audit,
    form::Posted,
    scope,
    settings::{self, Setting},
    web::{Flash, redirect},
};

/// Settings about persons and roles.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct PeopleSettings {
    /// Whether students may hold admin and review roles (R-REG-7: no, unless an institution decides
    /// otherwise).
    pub students_may_hold: bool,
}

impl Setting for PeopleSettings {
    const KEY: &'static str = "people";
}

/// Changes the settings.
pub(super) async fn change(
    State(app): State<App>,
    actor: Actor,
    form: Posted,
) -> Result<Response, Fault> {
    let tx = app.db.begin().await?;
    let root = crate::unit::root(&tx).await?.ok_or(Fault::NotFound)?;
    actor.require(Permission::GrantRoles, &scope::place(&tx, root.id).await?)?;
    let to = PeopleSettings {
        students_may_hold: form.ticked("students_may_hold"),
    };
    settings::put(&tx, &to).await?;
    let entry = audit::Entry {
        action: "people.settings_changed",
        subject: ("setting", 0),
        unit: Some(root.id),
        on_behalf_of: crate::role::stands_for(&actor, Permission::GrantRoles),
        summary: if to.students_may_hold {
            "允许学生担任管理和审核角色".into()
        } else {
            "不允许学生担任管理和审核角色".into()
        },
        detail: serde_json::json!(to),
    };
    audit::append(&tx, &app, &actor, entry).await?;
    tx.commit().await?;
    Ok(redirect(
        "/grants",
        Flash::success("设置已保存，对今后的授权生效。"),
    ))
}
