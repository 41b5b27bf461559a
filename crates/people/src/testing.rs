//! What the context's tests share: a small college with its three administrators.

use crate::{
    holding,
    person::{self, Employment, NewPerson},
    role::{self, NewGrant, Staff},
    unit::{self, NewUnit, UnitKind},
};
use std::sync::Arc;
use zhendi_kernel::{
    Actor, PersonId, Role, Tx, UnitId,
    actor::Scope,
    jobs::{Handlers, JobError},
    migrations,
    testing::{Setup, TestApp},
};

/// The kernel and this context; the contexts above, which take the two jobs, are not there.
pub(crate) fn setup() -> Setup {
    Setup {
        steps: || {
            migrations::steps()
                .into_iter()
                .chain(crate::steps())
                .collect()
        },
        routes: crate::routes,
        handlers: || {
            crate::jobs(Handlers::new())
                .on(holding::UNIT_MERGED, |_, _| async { Ok::<_, JobError>(()) })
                .on(holding::HANDED_OVER, |_, _| async { Ok::<_, JobError>(()) })
        },
        menu: crate::menu(),
        holders: Arc::new(Staff),
        ..Setup::default()
    }
}

/// The program on an operator's order.
pub(crate) fn program() -> Actor {
    Actor::program("测试")
}

/// A unit below another.
pub(crate) async fn unit_below(app: &TestApp, parent: Option<UnitId>, name: &str) -> UnitId {
    let tx = app.db.begin().await.expect("a transaction");
    let new = NewUnit {
        parent,
        name: name.into(),
        short_name: String::new(),
        kind: UnitKind::College,
        to_check: false,
    };
    let unit = unit::create(&tx, app, &program(), new)
        .await
        .expect("a unit");
    tx.commit().await.expect("commit");
    unit.id
}

/// Facts of a person of staff.
pub(crate) fn facts(unit: UnitId, name: &str) -> NewPerson {
    NewPerson {
        unit,
        name: name.into(),
        employment: Some(Employment::Permanent),
        post: "科员".into(),
        phone: None,
        mail: None,
        staff_number: None,
    }
}

/// A person of staff.
pub(crate) async fn person_at(app: &TestApp, unit: UnitId, name: &str) -> PersonId {
    let tx = app.db.begin().await.expect("a transaction");
    let id = person::create_contact(&tx, app, &program(), facts(unit, name))
        .await
        .expect("a person");
    tx.commit().await.expect("commit");
    id
}

/// Gives a role in a transaction of its own.
pub(crate) async fn give(app: &TestApp, person: PersonId, role: Role, scope: Scope) -> i64 {
    let tx = app.db.begin().await.expect("a transaction");
    let id = grant(&tx, app, person, role, scope).await;
    tx.commit().await.expect("commit");
    id
}

async fn grant(tx: &Tx, app: &TestApp, person: PersonId, role: Role, scope: Scope) -> i64 {
    let new = NewGrant {
        person,
        role,
        scope,
        until: None,
    };
    role::grant(tx, app, &program(), new)
        .await
        .expect("a grant")
}

/// A person as their next request would find them.
pub(crate) async fn acting(app: &TestApp, person: PersonId) -> Actor {
    role::load_actor(app.db.read(), app.now(), person)
        .await
        .expect("an actor")
}

/// A college: the root, an office and a faculty with a laboratory below it, three administrators.
pub(crate) struct College {
    pub root: UnitId,
    pub office: UnitId,
    pub faculty: UnitId,
    pub lab: UnitId,
    pub system: PersonId,
    pub security: PersonId,
    pub auditor: PersonId,
}

impl College {
    pub(crate) async fn new(app: &TestApp) -> Self {
        let root = unit_below(app, None, "江海职业技术学院").await;
        let office = unit_below(app, Some(root), "党委宣传部").await;
        let faculty = unit_below(app, Some(root), "信息工程学院").await;
        let lab = unit_below(app, Some(faculty), "网络实验室").await;
        let system = person_at(app, office, "孙系统").await;
        let security = person_at(app, office, "安全芳").await;
        let auditor = person_at(app, office, "沈计明").await;
        let whole = Scope::Institution(root);
        give(app, system, Role::SystemAdmin, whole).await;
        give(app, security, Role::SecurityAdmin, whole).await;
        give(app, auditor, Role::Auditor, whole).await;
        Self {
            root,
            office,
            faculty,
            lab,
            system,
            security,
            auditor,
        }
    }
}
