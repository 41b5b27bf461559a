//! What the context's tests share: a small college with channels to be registered.

use crate::channel::{
    self, AnnexOne, Channel, ChannelPeople, Facts, FilingState, Holder, NewChannel, RunningState,
    WebFacts,
};
use std::sync::Arc;
use zhendi_kernel::{
    Actor, PersonId, Role, UnitId,
    actor::Scope,
    jobs::Handlers,
    migrations,
    testing::{Setup, TestApp, actor},
};
use zhendi_people::{
    person::{self, Employment, NewPerson},
    role::{self, NewGrant, Staff},
    unit::{self, NewUnit, UnitKind},
};

/// Kernel, people and this context.
pub fn setup() -> Setup {
    Setup {
        steps: || {
            let mut steps = migrations::steps();
            steps.extend(zhendi_people::steps());
            steps.extend(crate::steps());
            steps
        },
        routes: || zhendi_people::routes().merge(crate::routes()),
        handlers: || crate::jobs(zhendi_people::jobs(Handlers::new())),
        holders: Arc::new(Staff),
        ..Setup::default()
    }
}

/// The program on an operator's order.
pub(crate) fn program() -> Actor {
    Actor::program("测试")
}

/// The root with a faculty, a laboratory below that, and a library beside it.
pub(crate) struct College {
    pub root: UnitId,
    pub faculty: UnitId,
    pub lab: UnitId,
    pub library: UnitId,
}

impl College {
    pub async fn new(app: &TestApp) -> Self {
        let root = unit_below(app, None, "江海职业技术学院").await;
        let faculty = unit_below(app, Some(root), "信息工程学院").await;
        Self {
            root,
            faculty,
            lab: unit_below(app, Some(faculty), "网络实验室").await,
            library: unit_below(app, Some(root), "图书馆").await,
        }
    }

    /// Keeps the registry of the whole institution.
    pub fn officer(&self) -> Actor {
        actor(
            901,
            "欧阳明月",
            &[(Role::PublicityOfficer, Scope::Institution(self.root))],
        )
    }

    /// Fills in the faculty's forms.
    pub fn liaison(&self) -> Actor {
        actor(
            902,
            "张敏",
            &[(Role::UnitLiaison, Scope::Unit(self.faculty))],
        )
    }

    /// Heads the library.
    pub fn librarian(&self) -> Actor {
        actor(
            903,
            "李卫东",
            &[(Role::UnitHead, Scope::Unit(self.library))],
        )
    }

    /// Creates accounts, sees no channels.
    pub fn system(&self) -> Actor {
        actor(
            904,
            "孙系统",
            &[(Role::SystemAdmin, Scope::Institution(self.root))],
        )
    }
}

/// A unit below another.
pub(crate) async fn unit_below(app: &TestApp, parent: Option<UnitId>, name: &str) -> UnitId {
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

/// A person of staff, with a phone.
pub(crate) async fn person_at(app: &TestApp, unit: UnitId, name: &str, phone: &str) -> PersonId {
    let tx = app.db.begin().await.unwrap();
    let new = NewPerson {
        unit,
        name: name.into(),
        employment: Some(Employment::Permanent),
        post: "科长".into(),
        phone: Some(phone.into()),
        mail: None,
        staff_number: None,
    };
    let id = person::create_contact(&tx, app, &program(), new)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

/// Facts with little in them.
pub(crate) fn facts(unit: UnitId, platform: &str, name: &str, address_or_id: &str) -> Facts {
    Facts {
        name: name.into(),
        unit,
        platform: platform.into(),
        address_or_id: address_or_id.into(),
        certified_body: "江海职业技术学院".into(),
        opened_on: Some("2016-03-01".parse().unwrap()),
        followers: Some(1200),
        posting_frequency: "每周 2 次".into(),
        responsible_department: "办公室".into(),
        holder: Holder::Unit,
        icp: None,
        web: WebFacts::default(),
        survey: AnnexOne::default(),
        remark: String::new(),
    }
}

/// A channel of these facts, filed and running.
pub(crate) fn filed(facts: Facts) -> NewChannel {
    NewChannel {
        facts,
        people: ChannelPeople::default(),
        filing: FilingState::Filed,
        running: RunningState::Live,
        file_by: None,
        filed_source: Some(channel::source::IMPORTED.into()),
        filing_number: None,
        second_account_reason: None,
    }
}

/// A channel of these facts that lives already and must be filed by a day.
pub(crate) fn unfiled(facts: Facts, file_by: &str) -> NewChannel {
    NewChannel {
        filing: FilingState::Unfiled,
        file_by: Some(file_by.parse().unwrap()),
        filed_source: None,
        ..filed(facts)
    }
}

/// Registers a channel.
pub(crate) async fn register(app: &TestApp, new: NewChannel) -> Channel {
    let tx = app.db.begin().await.unwrap();
    let channel = channel::register(&tx, app, &program(), new, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    channel
}

/// A person with a role, as whom pages are asked and whom jobs find in the database.
pub(crate) async fn staff(
    app: &TestApp,
    unit: UnitId,
    name: &str,
    role: Role,
    scope: Scope,
) -> Actor {
    let person = person_at(app, unit, name, "13800138000").await;
    grant(app, person, role, scope).await;
    let found = app.holders.actor(app, person).await.unwrap();
    found.unwrap()
}

/// Gives a role.
pub(crate) async fn grant(app: &TestApp, person: PersonId, role: Role, scope: Scope) {
    let tx = app.db.begin().await.unwrap();
    let new = NewGrant {
        person,
        role,
        scope,
        until: None,
    };
    role::grant(&tx, app, &program(), new).await.unwrap();
    tx.commit().await.unwrap();
}
