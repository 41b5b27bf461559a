//! What the context's tests share: a small college with people who plan and issue.

use std::sync::Arc;
use zhendi_kernel::{
    Actor, PersonId, Role, UnitId,
    actor::Scope,
    jobs::{Handlers, JobError},
    migrations,
    testing::{Setup, TestApp},
};
use zhendi_people::{
    account::{self, Login},
    holding,
    person::{self, Employment, NewPerson},
    role::{self, NewGrant, Staff},
    unit::{self, NewUnit, UnitKind},
};

/// Kernel, people and this context; the context beside it, whose handlers come first, is not there.
pub fn setup() -> Setup {
    Setup {
        steps: || {
            let mut steps = migrations::steps();
            steps.extend(zhendi_people::steps());
            steps.extend(crate::steps());
            steps
        },
        routes: || zhendi_people::routes().merge(crate::routes()),
        handlers: || {
            let people = zhendi_people::jobs(Handlers::new());
            crate::jobs(
                people
                    .on(holding::UNIT_MERGED, |_, _| async { Ok::<_, JobError>(()) })
                    .on(holding::HANDED_OVER, |_, _| async { Ok::<_, JobError>(()) }),
            )
        },
        holders: Arc::new(Staff),
        ..Setup::default()
    }
}

/// The program on an operator's order.
pub fn program() -> Actor {
    Actor::program("测试")
}

/// A college whose people hold real roles.
pub struct College {
    pub root: UnitId,
    pub faculty: UnitId,
    pub library: UnitId,
    /// Party committee.
    pub secretary: PersonId,
    /// Publicity head and officer.
    pub chief: PersonId,
    pub officer: PersonId,
    /// The faculty's head, liaison, and a teacher without any role.
    pub head: PersonId,
    pub liaison: PersonId,
    pub teacher: PersonId,
    /// Head of the library.
    pub librarian: PersonId,
}

impl College {
    pub async fn new(app: &TestApp) -> Self {
        let root = unit_below(app, None, "江海职业技术学院").await;
        let publicity = unit_below(app, Some(root), "党委宣传部").await;
        let faculty = unit_below(app, Some(root), "信息工程学院").await;
        let library = unit_below(app, Some(root), "图书馆").await;
        let whole = Scope::Institution(root);
        let at = Scope::Unit(faculty);
        Self {
            secretary: person(app, root, "郑书记", Some((Role::PartyCommittee, whole))).await,
            chief: person(app, publicity, "白部长", Some((Role::PublicityHead, whole))).await,
            officer: person(
                app,
                publicity,
                "欧阳静",
                Some((Role::PublicityOfficer, whole)),
            )
            .await,
            head: person(app, faculty, "赵院长", Some((Role::UnitHead, at))).await,
            liaison: person(app, faculty, "张敏", Some((Role::UnitLiaison, at))).await,
            teacher: person(app, faculty, "李老师", None).await,
            librarian: person(
                app,
                library,
                "周馆长",
                Some((Role::UnitHead, Scope::Unit(library))),
            )
            .await,
            root,
            faculty,
            library,
        }
    }
}

/// A unit below another.
pub async fn unit_below(app: &TestApp, parent: Option<UnitId>, name: &str) -> UnitId {
    let tx = app.db.begin().await.unwrap();
    let new = NewUnit {
        parent,
        name: name.into(),
        short_name: String::new(),
        kind: UnitKind::College,
        to_check: false,
    };
    let unit = unit::create(&tx, app, &program(), new).await.unwrap();
    tx.commit().await.unwrap();
    unit.id
}

/// A person of staff who can sign in.
pub async fn person(
    app: &TestApp,
    unit: UnitId,
    name: &str,
    role: Option<(Role, Scope)>,
) -> PersonId {
    let tx = app.db.begin().await.unwrap();
    let new = NewPerson {
        unit,
        name: name.into(),
        employment: Some(Employment::Permanent),
        post: "科员".into(),
        phone: None,
        mail: None,
        staff_number: None,
    };
    let id = person::create_contact(&tx, app, &program(), new)
        .await
        .unwrap();
    let login = Login::parse(&format!("user{id}")).unwrap();
    account::create(&tx, app, &program(), id, &login, None)
        .await
        .unwrap();
    if let Some((role, scope)) = role {
        let new = NewGrant {
            person: id,
            role,
            scope,
            until: None,
        };
        role::grant(&tx, app, &program(), new).await.unwrap();
    }
    tx.commit().await.unwrap();
    id
}

/// A person as their next request would find them.
pub async fn acting(app: &TestApp, person: PersonId) -> Actor {
    role::load_actor(app.db.read(), app.now(), person)
        .await
        .unwrap()
}
