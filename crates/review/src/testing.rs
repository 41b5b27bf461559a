//! What the context's tests share: a small university whose people write, review and publish.

use crate::{
    course::{self, Checked, Course, Deed, ProofRecord, Said, Submitting},
    ids::ManuscriptId,
    manuscript::{self, Draft, Save, Saved},
};
use std::{ops::Deref, sync::Arc};
use zhendi_kernel::{
    Actor, ChannelId, Fault, PersonId, Role, UnitId,
    actor::Scope,
    jobs::Handlers,
    migrations,
    testing::{Setup, TestApp},
};
use zhendi_people::{
    account::{self, Login},
    person::{self, Employment, NewPerson},
    role::{self, NewGrant, Staff},
    unit::{self, Change, NewUnit, UnitKind},
};
use zhendi_registry::channel::{
    self, AnnexOne, ChannelPeople, Facts, FilingState, Holder, NewChannel, RunningState, WebFacts,
};

/// Kernel, people, registry and this context.
pub fn setup() -> Setup {
    Setup {
        steps: || {
            let mut steps = migrations::steps();
            steps.extend(zhendi_people::steps());
            steps.extend(zhendi_registry::steps());
            steps.extend(crate::steps());
            steps
        },
        routes: || {
            zhendi_people::routes()
                .merge(zhendi_registry::routes())
                .merge(crate::routes())
        },
        handlers: || {
            let people = zhendi_people::jobs(Handlers::new());
            crate::jobs(zhendi_registry::jobs(people))
        },
        holders: Arc::new(Staff),
        ..Setup::default()
    }
}

/// What a manuscript says where it does not matter.
pub const TEXT: &str = "<p>学院定于本周五下午举行消防演练，请全体师生准时参加。</p>";

/// The program on an operator's order.
pub fn program() -> Actor {
    Actor::program("测试")
}

/// A university with a college and a publicity department, each with a channel.
pub struct School {
    pub app: TestApp,
    pub root: UnitId,
    pub college: UnitId,
    pub publicity: UnitId,
    /// The college's account.
    pub channel: ChannelId,
    /// The publicity department's own.
    pub official: ChannelId,
    /// Writes for the college.
    pub author: PersonId,
    /// The channel's admin and deputy (AB岗).
    pub admin: PersonId,
    pub deputy: PersonId,
    /// Heads the college.
    pub head: PersonId,
    /// Publicity head, deputy head and officer.
    pub chief: PersonId,
    pub vice: PersonId,
    pub officer: PersonId,
    /// The leader in charge.
    pub leader: PersonId,
    /// The admin of the publicity department's own channel.
    pub editor: PersonId,
}

impl Deref for School {
    type Target = TestApp;
    fn deref(&self) -> &TestApp {
        &self.app
    }
}

impl School {
    pub async fn new(app: TestApp) -> Self {
        let root = unit_below(&app, None, "江海大学").await;
        let college = unit_below(&app, Some(root), "信息工程学院").await;
        let publicity = unit_below(&app, Some(root), "党委宣传部").await;
        let tx = app.db.begin().await.unwrap();
        let before = unit::find(&tx, publicity).await.unwrap().unwrap();
        let change = Change {
            name: before.name.clone(),
            short_name: before.short_name.clone(),
            kind: before.kind,
            publicity: true,
            effective_on: app.clock.today(),
        };
        unit::change(&tx, &app, &program(), &before, change)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let channel = register(
            &app,
            college,
            "wechat_subscription",
            "信工微讯",
            "xingong-wx",
        )
        .await;
        let official = register(
            &app,
            publicity,
            "wechat_subscription",
            "江海大学",
            "jianghai-wx",
        )
        .await;
        let whole = Scope::Institution(root);
        let at = Scope::Unit(college);
        let join =
            async |unit, name, role, scope| person(&app, unit, name, Some((role, scope))).await;
        Self {
            author: join(college, "张敏", Role::Author, at).await,
            admin: join(college, "刘洋", Role::ChannelAdmin, Scope::Channel(channel)).await,
            deputy: join(
                college,
                "陈静",
                Role::ChannelDeputy,
                Scope::Channel(channel),
            )
            .await,
            head: join(college, "李卫东", Role::UnitHead, at).await,
            chief: join(publicity, "王建国", Role::PublicityHead, whole).await,
            vice: join(publicity, "赵丽", Role::PublicityDeputy, whole).await,
            officer: join(publicity, "欧阳明月", Role::PublicityOfficer, whole).await,
            leader: join(root, "周书记", Role::PortfolioLeader, whole).await,
            editor: join(
                publicity,
                "孙宁",
                Role::ChannelAdmin,
                Scope::Channel(official),
            )
            .await,
            app,
            root,
            college,
            publicity,
            channel,
            official,
        }
    }

    /// A person as their next request would find them.
    pub async fn acting(&self, person: PersonId) -> Actor {
        acting(&self.app, person).await
    }

    /// Gives a further role.
    pub async fn grant(&self, person: PersonId, role: Role, scope: Scope) {
        let tx = self.db.begin().await.unwrap();
        let new = NewGrant {
            person,
            role,
            scope,
            until: None,
        };
        role::grant(&tx, &self.app, &program(), new).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Takes every role of a person away.
    pub async fn revoke_all(&self, person: PersonId) {
        let tx = self.db.begin().await.unwrap();
        for granted in role::of_person(&tx, self.app.now(), person).await.unwrap() {
            role::revoke(&tx, &self.app, &program(), granted.id)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// A manuscript of the author's for the college's channel, not yet handed in.
    pub async fn draft(&self, title: &str, html: &str) -> ManuscriptId {
        self.draft_by(self.author, self.college, self.channel, title, html)
            .await
    }

    /// A manuscript of anyone's.
    pub async fn draft_by(
        &self,
        author: PersonId,
        unit: UnitId,
        channel: ChannelId,
        title: &str,
        html: &str,
    ) -> ManuscriptId {
        let actor = self.acting(author).await;
        let draft = content(channel, title, html);
        manuscript::begin(&self.app, &actor, unit, draft)
            .await
            .unwrap()
            .id
    }

    /// The author writes something else.
    pub async fn rewrite(&self, id: ManuscriptId, title: &str, html: &str) {
        let before = manuscript::load(self.db.read(), id).await.unwrap();
        let author = self.acting(before.author).await;
        let channel = before.main_channel().unwrap();
        let draft = Draft {
            category: before.content.category.clone(),
            ..content(channel, title, html)
        };
        let how = Save::Over(before.revision);
        let saved = manuscript::save(&self.app, &author, id, how, draft)
            .await
            .unwrap();
        assert!(!matches!(saved, Saved::Conflict { .. }));
    }

    /// The author hands it in.
    pub async fn submit(&self, id: ManuscriptId) -> Result<Course, Fault> {
        let of = manuscript::load(self.db.read(), id).await.unwrap();
        let author = self.acting(of.author).await;
        let submitting = Submitting::default();
        Box::pin(course::submit(&self.app, &author, id, submitting)).await
    }

    pub async fn course(&self, id: ManuscriptId) -> Course {
        course::of(self.db.read(), id).await.unwrap().unwrap()
    }

    /// Does something at the level that has it, as the page stands now.
    pub async fn deed(&self, who: PersonId, id: ManuscriptId, deed: Deed) -> Result<Course, Fault> {
        let seen = self.course(id).await.version;
        self.deed_on(who, id, seen, deed).await
    }

    /// The same on a page that may be older.
    pub async fn deed_on(
        &self,
        who: PersonId,
        id: ManuscriptId,
        seen: i32,
        deed: Deed,
    ) -> Result<Course, Fault> {
        let actor = self.acting(who).await;
        let opened = course::open_for(&self.app, &actor, id).await?;
        Box::pin(course::decide(&self.app, &actor, opened, seen, deed)).await
    }
}

/// Agreement as the level that has it must say it: every point ticked, its proofread done with these errors.
pub fn agreed(course: &Course, errors: &[(&str, u32)]) -> Said {
    let rung = course.law.rung(course.level);
    Said {
        checklist: rung
            .iter()
            .flat_map(|rung| &rung.checklist)
            .map(|point| Checked {
                text: point.text.clone(),
                required: point.required,
                ok: true,
            })
            .collect(),
        proofread: rung
            .and_then(|rung| rung.proofread)
            .map(|which| ProofRecord {
                which,
                errors: errors
                    .iter()
                    .map(|(kind, number)| ((*kind).to_owned(), *number))
                    .collect(),
            }),
        ..why("同意")
    }
}

/// An opinion and nothing else.
pub fn why(opinion: &str) -> Said {
    Said {
        opinion: opinion.into(),
        ..Said::default()
    }
}

/// What a writer says who says little.
pub fn content(channel: ChannelId, title: &str, html: &str) -> Draft {
    Draft {
        html: html.into(),
        channels: vec![channel],
        category: "通知公告".into(),
        ..Draft::titled(title)
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

/// A channel that is filed and live.
pub async fn register(
    app: &TestApp,
    unit: UnitId,
    platform: &str,
    name: &str,
    id: &str,
) -> ChannelId {
    let new = NewChannel {
        facts: Facts {
            name: name.into(),
            unit,
            platform: platform.into(),
            address_or_id: id.into(),
            certified_body: "江海大学".into(),
            opened_on: Some("2016-03-01".parse().unwrap()),
            followers: Some(1200),
            posting_frequency: "每周 2 次".into(),
            responsible_department: "办公室".into(),
            holder: Holder::Unit,
            icp: None,
            web: WebFacts::default(),
            survey: AnnexOne::default(),
            remark: String::new(),
        },
        people: ChannelPeople::default(),
        filing: FilingState::Filed,
        running: RunningState::Live,
        file_by: None,
        filed_source: Some(channel::source::IMPORTED.into()),
        filing_number: None,
        second_account_reason: None,
    };
    let tx = app.db.begin().await.unwrap();
    let channel = channel::register(&tx, app, &program(), new, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    channel.id
}
