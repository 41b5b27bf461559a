//! Units, people, roles and accounts, made by those whose duty it is.

use super::{
    data::{self, LOGINS, PEOPLE, PORTFOLIOS, UNITS, UnitRow},
    load::Loader,
};
use zhendi_kernel::{
    Actor, Fault, PersonId, Role, Tx, UnitId,
    actor::Scope,
    settings::{self, Institution},
};
use zhendi_people::{
    account,
    delegation::{self, NewDelegation},
    person::{self, Employment, NewPerson},
    role::{self, NewGrant},
    unit::{self, Change, NewUnit, Unit, UnitKind},
};

impl Loader<'_> {
    /// The root with the three administrators. The marker comes with the first row: whatever happens
    /// afterwards, the data are known for the demonstration's.
    pub(super) async fn set_up(&mut self) -> Result<(), Fault> {
        let program = Actor::program("示例数据");
        let tx = self.app.db.begin().await?;
        let institution = Institution {
            name: data::INSTITUTION.into(),
            demo: true,
        };
        settings::put(&tx, &institution).await?;
        let root = UnitRow {
            short: data::ROOT,
            name: data::INSTITUTION,
            parent: "",
            kind: UnitKind::School,
        };
        self.make_unit(&tx, &program, &root, false).await?;
        for name in ["党政办", "纪检室", "网信中心"] {
            self.make_unit(&tx, &program, row_of(name), false).await?;
        }
        for name in [data::SYSTEM, data::SECURITY, data::AUDITOR] {
            let (at, row) = row_of_person(name);
            let id = self.make_person(&tx, &program, at).await?;
            for role in row.roles {
                self.grant(
                    &tx,
                    &program,
                    id,
                    *role,
                    Scope::Institution(self.unit(data::ROOT)),
                )
                .await?;
            }
        }
        tx.commit().await.map_err(Fault::from)
    }

    /// The other units and people: the system administrator's work.
    pub(super) async fn make_everyone(&mut self) -> Result<(), Fault> {
        let system = self.actor(data::SYSTEM).await?;
        let tx = self.app.db.begin().await?;
        for row in UNITS {
            if !self.units.contains_key(row.short) {
                self.make_unit(&tx, &system, row, false).await?;
            }
        }
        self.make_unit(&tx, &system, &data::TO_CHECK, true).await?;
        let publicity = self.find_unit(&tx, data::PUBLICITY).await?;
        let change = Change {
            publicity: true,
            ..self.as_it_is(&publicity)
        };
        unit::change(&tx, self.app, &system, &publicity, change).await?;
        for (at, row) in PEOPLE.iter().enumerate() {
            if !self.people.contains_key(row.name) {
                self.make_person(&tx, &system, at).await?;
            }
        }
        tx.commit().await?;
        // Hashing takes its time, so these are no longer in one transaction with the rest.
        let tx = self.app.db.begin().await?;
        for row in LOGINS {
            let login = account::Login::parse(row.login).map_err(Fault::internal)?;
            let person = self.person(row.person);
            account::create(&tx, self.app, &system, person, &login, Some(&self.password)).await?;
        }
        tx.commit().await.map_err(Fault::from)
    }

    /// Roles at units: the security administrator's work.
    pub(super) async fn grant_at_units(&mut self) -> Result<(), Fault> {
        let security = self.actor(data::SECURITY).await?;
        let tx = self.app.db.begin().await?;
        let whole = Scope::Institution(self.unit(data::ROOT));
        for row in PEOPLE {
            if [data::SYSTEM, data::SECURITY, data::AUDITOR].contains(&row.name) {
                continue;
            }
            for role in row.roles {
                let scope = if role.institution_wide() {
                    whole
                } else {
                    Scope::Unit(self.unit(row.unit))
                };
                self.grant(&tx, &security, self.person(row.name), *role, scope)
                    .await?;
            }
        }
        for (leader, units) in PORTFOLIOS {
            for unit in *units {
                let scope = Scope::Unit(self.unit(unit));
                self.grant(
                    &tx,
                    &security,
                    self.person(leader),
                    Role::PortfolioLeader,
                    scope,
                )
                .await?;
            }
        }
        tx.commit().await.map_err(Fault::from)
    }

    /// Roles on channels (Rule 4(5)).
    pub(super) async fn grant_on_channels(&mut self) -> Result<(), Fault> {
        let security = self.actor(data::SECURITY).await?;
        let tx = self.app.db.begin().await?;
        for (name, role, channels) in data::CHANNEL_ROLES {
            for channel in *channels {
                let scope = Scope::Channel(self.channel(channel));
                self.grant(&tx, &security, self.person(name), *role, scope)
                    .await?;
            }
        }
        tx.commit().await.map_err(Fault::from)
    }

    /// One unit gets another name.
    pub(super) async fn rename_unit(&mut self) -> Result<(), Fault> {
        let (short, name) = data::RENAMED;
        let system = self.actor(data::SYSTEM).await?;
        let tx = self.app.db.begin().await?;
        let before = self.find_unit(&tx, short).await?;
        let change = Change {
            name: name.into(),
            ..self.as_it_is(&before)
        };
        unit::change(&tx, self.app, &system, &before, change).await?;
        tx.commit().await.map_err(Fault::from)
    }

    /// One is closed.
    pub(super) async fn close_unit(&mut self) -> Result<(), Fault> {
        let (short, reason) = data::CLOSED;
        let system = self.actor(data::SYSTEM).await?;
        let tx = self.app.db.begin().await?;
        let before = self.find_unit(&tx, short).await?;
        unit::close(&tx, self.app, &system, &before, reason).await?;
        tx.commit().await.map_err(Fault::from)
    }

    /// A head who is away hands the signature on; it is in force while the demonstration is looked at.
    pub(super) async fn delegate(&mut self) -> Result<(), Fault> {
        let (from, to) = data::DELEGATION;
        let head = self.actor(from).await?;
        let now = self.app.now();
        let held = role::of_person(self.app.db.read(), now, self.person(from)).await?;
        let grant = held
            .iter()
            .find(|grant| grant.role == Role::UnitHead)
            .ok_or_else(|| Fault::internal("the demonstration's head heads nothing"))?;
        let new = NewDelegation {
            grant: grant.id,
            to: self.person(to),
            starts: now,
            ends: now + chrono::TimeDelta::days(60),
            reason: "赴企业实践锻炼，期间委托代行单位负责人职责".into(),
        };
        let tx = self.app.db.begin().await?;
        delegation::create(&tx, self.app, &head, new).await?;
        tx.commit().await.map_err(Fault::from)
    }

    async fn grant(
        &self,
        tx: &Tx,
        by: &Actor,
        person: PersonId,
        role: Role,
        scope: Scope,
    ) -> Result<(), Fault> {
        let new = NewGrant {
            person,
            role,
            scope,
            until: None,
        };
        role::grant(tx, self.app, by, new).await.map(|_| ())
    }

    async fn make_unit(
        &mut self,
        tx: &Tx,
        by: &Actor,
        row: &UnitRow,
        to_check: bool,
    ) -> Result<UnitId, Fault> {
        let new = NewUnit {
            parent: self.units.get(row.parent).copied(),
            name: row.name.into(),
            short_name: row.short.into(),
            kind: row.kind,
            to_check,
        };
        let id = unit::create(tx, self.app, by, new).await?.id;
        self.units.insert(row.short, id);
        Ok(id)
    }

    async fn make_person(&mut self, tx: &Tx, by: &Actor, at: usize) -> Result<PersonId, Fault> {
        let row = &PEOPLE[at];
        let new = NewPerson {
            unit: self.unit(row.unit),
            name: row.name.into(),
            employment: Some(row.employment),
            post: row.post.into(),
            phone: Some(phone(at)),
            mail: None,
            staff_number: staff_number(at),
        };
        let id = person::create_contact(tx, self.app, by, new).await?;
        self.people.insert(row.name, id);
        Ok(id)
    }

    async fn find_unit(&self, tx: &Tx, short: &str) -> Result<Unit, Fault> {
        unit::find(tx, self.unit(short))
            .await?
            .ok_or(Fault::NotFound)
    }

    fn as_it_is(&self, unit: &Unit) -> Change {
        Change {
            name: unit.name.clone(),
            short_name: unit.short_name.clone(),
            kind: unit.kind,
            publicity: unit.publicity,
            effective_on: self.app.clock.today(),
        }
    }
}

/// The number of a person by their place in the table.
pub fn phone(at: usize) -> String {
    format!("1380013{:04}", 1001 + at)
}

fn staff_number(at: usize) -> Option<String> {
    match PEOPLE[at].employment {
        Employment::Permanent | Employment::Contract => Some(format!("SL{:05}", 10_001 + at)),
        Employment::Student => Some(format!("S2400{:03}", 101 + at)),
        _ => None,
    }
}

fn row_of(short: &str) -> &'static UnitRow {
    UNITS
        .iter()
        .find(|row| row.short == short)
        .expect("the tables name only units that they have")
}

/// A person's row with its place in the table.
pub fn row_of_person(name: &str) -> (usize, &'static data::PersonRow) {
    PEOPLE
        .iter()
        .enumerate()
        .find(|(_, row)| row.name == name)
        .expect("the tables name only people that they have")
}
