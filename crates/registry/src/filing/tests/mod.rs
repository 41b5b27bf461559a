//! The cast that the stories share: a school with a college, a publicity department and their people.

mod api;
mod batches;
mod changes;
mod closings;
mod corners;
mod papers;
mod races;
mod rules;
mod scans;
mod story;

use crate::settings::Registry;
pub use crate::testing::setup;
use std::ops::Deref;
use zhendi_kernel::{
    Actor, FilingId, PersonId, Role, UnitId,
    actor::{Grant, Scope},
    settings,
    testing::{Answer, TestApp},
};
use zhendi_people::{
    person::{self, Employment, NewPerson},
    role::{self, NewGrant},
    unit::{self, Change, NewUnit, UnitKind},
};

pub struct Cast {
    pub app: TestApp,
    pub root: UnitId,
    pub college: UnitId,
    pub other: UnitId,
    pub publicity: UnitId,
    pub liaison: Actor,
    pub head: Actor,
    pub second_head: Actor,
    pub officer: Actor,
    pub chief: Actor,
    pub outsider: Actor,
}

impl Deref for Cast {
    type Target = TestApp;
    fn deref(&self) -> &TestApp {
        &self.app
    }
}

pub const PROGRAM: &str = "test";

impl Cast {
    pub async fn new(app: TestApp) -> Self {
        let program = Actor::program(PROGRAM);
        let tx = app.db.begin().await.unwrap();
        let mut units = vec![];
        for (name, kind) in [
            ("江海大学", UnitKind::School),
            ("信息工程学院", UnitKind::College),
            ("文学院", UnitKind::College),
            ("党委宣传部", UnitKind::Office),
        ] {
            let new = NewUnit {
                parent: units.first().copied(),
                name: name.into(),
                short_name: String::new(),
                kind,
                to_check: false,
            };
            units.push(unit::create(&tx, &app, &program, new).await.unwrap().id);
        }
        let [root, college, other, publicity] = units[..] else {
            unreachable!()
        };
        let before = unit::find(&tx, publicity).await.unwrap().unwrap();
        let change = Change {
            name: before.name.clone(),
            short_name: before.short_name.clone(),
            kind: before.kind,
            publicity: true,
            effective_on: app.clock.today(),
        };
        unit::change(&tx, &app, &program, &before, change)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let at = |unit| {
            if unit == root {
                Scope::Institution(unit)
            } else {
                Scope::Unit(unit)
            }
        };
        let join =
            |name, unit, role, scope_unit| person_with(&app, name, unit, role, at(scope_unit));
        let liaison = join("张敏", college, Role::UnitLiaison, college).await;
        let head = join("李卫东", college, Role::UnitHead, college).await;
        let second_head = join("赵书记", college, Role::UnitHead, college).await;
        let officer = join("欧阳明月", publicity, Role::PublicityOfficer, root).await;
        let chief = join("王建国", publicity, Role::PublicityHead, root).await;
        let outsider = join("钱外", other, Role::UnitLiaison, other).await;
        Self {
            app,
            root,
            college,
            other,
            publicity,
            liaison,
            head,
            second_head,
            officer,
            chief,
            outsider,
        }
    }

    /// A further person with a role.
    pub async fn join(&self, name: &str, unit: UnitId, role: Role, scope: Scope) -> Actor {
        person_with(&self.app, name, unit, role, scope).await
    }

    /// Changes the registry's settings.
    pub async fn set(&self, change: impl FnOnce(&mut Registry)) {
        let mut settings: Registry = self.setting().await.unwrap();
        change(&mut settings);
        let tx = self.db.begin().await.unwrap();
        settings::put(&tx, &settings).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn filing(&self, id: i64) -> super::Filing {
        super::find(self.db.read(), &self.app, FilingId(id))
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn post(&self, who: &Actor, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.client(who).post(path, fields).await
    }

    /// Presses a verb's button on the page as it stands now.
    pub async fn press(&self, who: &Actor, id: i64, noun: &str, more: &[(&str, &str)]) -> Answer {
        let version = self.filing(id).await.version.to_string();
        let mut fields = vec![("version", version.as_str())];
        fields.extend_from_slice(more);
        self.post(who, &format!("/filings/{id}/{noun}"), &fields)
            .await
    }

    /// The liaison hands in a complete filing of this account.
    pub async fn submitted(&self, account: &str) -> i64 {
        let unit = self.college.to_string();
        let fields = opening(&unit, account);
        let answer = self
            .post(
                &self.liaison,
                "/filings",
                &with(&fields, "action", "submit"),
            )
            .await
            .expect(303);
        number_of(&answer)
    }

    /// One signed by the head and passed by the officer.
    pub async fn checked(&self, account: &str) -> i64 {
        let id = self.submitted(account).await;
        self.press(&self.head, id, "signatures", &[])
            .await
            .expect(303);
        self.press(&self.officer, id, "checks", &ALL_TICKED)
            .await
            .expect(303);
        id
    }

    /// The channel of an opening in force, and that filing's number.
    pub async fn filed_channel(&self, account: &str) -> (i64, crate::channel::Channel) {
        let id = self.effective(account).await;
        let channel = self.filing(id).await.channel.unwrap();
        (id, self.channel(channel.0).await)
    }

    pub async fn channel(&self, id: i64) -> crate::channel::Channel {
        crate::channel::store::get(self.db.read(), zhendi_kernel::ChannelId(id))
            .await
            .unwrap()
    }

    /// The form of a change as it is shown, with some cells typed otherwise.
    pub async fn change_form(&self, channel: i64, cells: &[(&str, &str)]) -> Vec<(String, String)> {
        let channel = self.channel(channel).await;
        let record = crate::filing::Record::of(self.db.read(), &self.app, &channel)
            .await
            .unwrap();
        let mut fields: Vec<(String, String)> = vec![
            ("kind".into(), "change".into()),
            ("channel".into(), channel.id.to_string()),
            ("record".into(), record.version.to_string()),
            ("action".into(), "submit".into()),
        ];
        for (name, ..) in crate::filing::content::CELLS {
            fields.push((name.into(), record.content.cell(name).into()));
        }
        for (prefix, _, _, one) in record.contacts.everyone() {
            for (part, value) in [
                ("name", &one.name),
                ("post", &one.post),
                ("phone", &one.phone),
                ("employment", &one.employment),
            ] {
                fields.push((format!("{prefix}_{part}"), value.clone()));
            }
        }
        for (name, value) in cells {
            match fields.iter_mut().find(|(key, _)| key == name) {
                Some(field) => field.1 = (*value).into(),
                None => fields.push(((*name).into(), (*value).into())),
            }
        }
        fields
    }

    /// The liaison hands in a change of these cells.
    pub async fn change_submitted(&self, channel: i64, cells: &[(&str, &str)]) -> i64 {
        let fields = self.change_form(channel, cells).await;
        let answer = self
            .post_all(&self.liaison, "/filings", &fields)
            .await
            .expect(303);
        number_of(&answer)
    }

    pub async fn post_all(&self, who: &Actor, path: &str, fields: &[(String, String)]) -> Answer {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(who, path, &fields).await
    }

    /// As [`Cast::press`], beside the record of the channel as it stands.
    pub async fn press_beside(
        &self,
        who: &Actor,
        id: i64,
        noun: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let channel = self.filing(id).await.channel.unwrap();
        let record = self.channel(channel.0).await.version.to_string();
        let mut fields = vec![("record", record.as_str())];
        fields.extend_from_slice(more);
        self.press(who, id, noun, &fields).await
    }

    /// All three steps of a change or a cancellation.
    pub async fn all_agree(&self, id: i64) {
        self.press_beside(&self.head, id, "signatures", &[])
            .await
            .expect(303);
        self.press_beside(&self.officer, id, "checks", &ALL_TICKED)
            .await
            .expect(303);
        self.press_beside(&self.chief, id, "decisions", &[])
            .await
            .expect(303);
    }

    /// One in force.
    pub async fn effective(&self, account: &str) -> i64 {
        let id = self.checked(account).await;
        self.press(&self.chief, id, "decisions", &[])
            .await
            .expect(303);
        id
    }
}

async fn person_with(app: &TestApp, name: &str, unit: UnitId, role: Role, scope: Scope) -> Actor {
    let program = Actor::program(PROGRAM);
    let tx = app.db.begin().await.unwrap();
    let new = NewPerson {
        unit,
        name: name.into(),
        employment: Some(Employment::Permanent),
        post: "干部".into(),
        phone: None,
        mail: None,
        staff_number: None,
    };
    let person = person::create_contact(&tx, app, &program, new)
        .await
        .unwrap();
    let new = NewGrant {
        person,
        role,
        scope,
        until: None,
    };
    role::grant(&tx, app, &program, new).await.unwrap();
    tx.commit().await.unwrap();
    role::load_actor(app.db.read(), app.now(), person)
        .await
        .unwrap()
}

/// The same actor, who also holds a role by delegation.
pub fn standing_in(actor: &Actor, role: Role, scope: Scope, principal: PersonId) -> Actor {
    let mut actor = actor.clone();
    actor.grants.push(Grant {
        role,
        scope,
        on_behalf_of: Some(principal),
    });
    actor
}

pub const ALL_TICKED: [(&str, &str); 9] = [
    ("ticked", "notice"),
    ("ticked", "followers"),
    ("ticked", "content"),
    ("ticked", "name"),
    ("ticked", "avatar"),
    ("ticked", "certified_body"),
    ("ticked", "staff"),
    ("ticked", "one_account"),
    ("ticked", "seal"),
];

/// A complete form.
pub fn opening<'a>(unit: &'a str, account: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("unit", unit),
        ("name", account),
        ("address_or_id", account),
        ("certified_body", "江海大学"),
        ("platform", "douyin"),
        ("icp", ""),
        ("opened_on", "2026-11"),
        ("followers", "12"),
        ("posting_frequency", "每周至少一次"),
        ("responsible_department", "学工办"),
        ("holder", "unit"),
        ("holder_post", ""),
        ("second_reason", "面向不同对象，功能不同"),
        ("leader_name", "周院长"),
        ("leader_post", "院长"),
        ("leader_phone", ""),
        ("leader_employment", "permanent"),
        ("reviewer_name", "吴秘书"),
        ("reviewer_post", "秘书"),
        ("reviewer_phone", "13900139001"),
        ("reviewer_employment", "permanent"),
        ("operator_name", "郑老师"),
        ("operator_post", "辅导员"),
        ("operator_phone", "13800138001"),
        ("operator_employment", "permanent"),
        ("operator_name", ""),
        ("operator_post", ""),
        ("operator_phone", ""),
        ("operator_employment", ""),
    ]
}

/// The form with one field typed otherwise, or added.
pub fn with<'a>(
    fields: &[(&'a str, &'a str)],
    name: &'a str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let mut fields = fields.to_vec();
    match fields.iter_mut().find(|(key, _)| *key == name) {
        Some(field) => field.1 = value,
        None => fields.push((name, value)),
    }
    fields
}

/// The number in the address that an answer leads to.
#[track_caller]
pub fn number_of(answer: &Answer) -> i64 {
    let last = answer.location().rsplit('/').next().unwrap();
    last.parse()
        .unwrap_or_else(|_| panic!("leads to {}", answer.location()))
}
