//! The first run: while nobody can sign in, whoever started the server names the institution and its
//! three separated administrators (三员分立, R-ORG-9).

mod form;
pub mod pages;

use super::{
    acts::{self, Issued},
    login::Login,
    store::{accounts, sessions::digest},
};
use crate::{
    person::{self, NewPerson},
    role::{self, NewGrant},
    unit::{self, NewUnit, UnitKind},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zhendi_kernel::{
    Actor, App, Fault, Role,
    actor::Scope,
    audit,
    settings::{self, Institution, Setting},
};

/// Where it happens.
pub const PATH: &str = "/first-run";

/// The digest of the code that the server printed: a stranger who finds a fresh server first cannot
/// take it. Gone once it was used.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct SetupCode {
    digest: String,
}

impl Setting for SetupCode {
    const KEY: &'static str = "first_run";
}

/// The administrators in the order of the form, with what each does.
pub const ADMINISTRATORS: [(Role, &str); 3] = [
    (Role::SystemAdmin, "开通账号、维护系统，不授权、不审核"),
    (Role::SecurityAdmin, "授予和收回角色，不开通账号、不审核"),
    (Role::Auditor, "查阅审计记录，不作任何改动"),
];

/// Whether nobody can sign in yet.
///
/// # Errors
/// When the database fails.
pub async fn is_needed(app: &App) -> Result<bool, Fault> {
    Ok(!accounts::any(app.db.read()).await?)
}

/// Makes the setup code for the operator to see where the server was started; an earlier one no longer
/// counts. None when the first run is over.
///
/// # Errors
/// When the database fails.
pub async fn announce(app: &App) -> Result<Option<String>, Fault> {
    if !is_needed(app).await? {
        return Ok(None);
    }
    let code = app.entropy.code(4);
    let tx = app.db.begin().await?;
    let digest = digest(&code);
    settings::put(&tx, &SetupCode { digest }).await?;
    tx.commit().await?;
    Ok(Some(code))
}

/// Whether this is the code that was printed.
async fn is_setup_code(app: &App, typed: &str) -> Result<bool, Fault> {
    let expected: SetupCode = app.setting().await?;
    let typed = digest(typed.trim());
    Ok(bool::from(
        typed.as_bytes().ct_eq(expected.digest.as_bytes()),
    ))
}

/// One administrator to be.
struct Administrator {
    role: Role,
    name: String,
    login: Login,
    phone: Option<String>,
}

/// What the form gave.
struct Plan {
    institution: String,
    short_name: String,
    administrators: [Administrator; 3],
}

/// Sets the institution up, all of it or nothing. Of two at once, one is told that it is done already.
async fn set_up(app: &App, plan: Plan) -> Result<Vec<(Role, Issued)>, Fault> {
    let actor = Actor::program("首次运行");
    let tx = app.db.begin().await?;
    // Whoever takes the code away is the one; a second waits here until the first has committed.
    let taken = settings::Entity::delete_many()
        .filter(settings::Column::Key.eq(SetupCode::KEY))
        .exec(&tx)
        .await?;
    if taken.rows_affected == 0 || accounts::any(&tx).await? {
        return Err(Fault::Refused(
            "首次设置已经由他人完成，请直接登录。".into(),
        ));
    }
    let root = match unit::root(&tx).await? {
        // An import from the command line came first.
        Some(root) => root,
        None => {
            let new = NewUnit {
                parent: None,
                name: plan.institution.clone(),
                short_name: plan.short_name,
                kind: UnitKind::School,
                to_check: false,
            };
            unit::create(&tx, app, &actor, new).await?
        }
    };
    let institution = Institution {
        name: plan.institution,
        demo: false,
    };
    settings::put(&tx, &institution).await?;
    let mut issued = vec![];
    for administrator in plan.administrators {
        let new = NewPerson {
            unit: root.id,
            name: administrator.name,
            employment: None,
            post: String::new(),
            phone: administrator.phone,
            mail: None,
            staff_number: None,
        };
        let person = person::create_contact(&tx, app, &actor, new).await?;
        let grant = NewGrant {
            person,
            role: administrator.role,
            scope: Scope::Institution(root.id),
            until: None,
        };
        role::grant(&tx, app, &actor, grant).await?;
        let account = acts::create(&tx, app, &actor, person, &administrator.login, None).await?;
        issued.push((administrator.role, account));
    }
    let entry = audit::Entry {
        action: "institution.set_up",
        subject: ("unit", root.id.0),
        unit: Some(root.id),
        on_behalf_of: None,
        summary: "完成首次设置，任命系统管理员、安全管理员和审计员".into(),
        detail: serde_json::json!({ "institution": institution.name }),
    };
    audit::append(&tx, app, &actor, entry).await?;
    tx.commit().await?;
    Ok(issued)
}
