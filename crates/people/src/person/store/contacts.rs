//! Whom a spreadsheet means: known persons of some names, and contacts that it adds to them.

use super::{COLUMN, Column, Entity, NewPerson, PHONE, write::create_contacts};
use sea_orm::{ConnectionTrait, QuerySelect, entity::prelude::*};
use std::collections::{BTreeSet, HashMap};
use zhendi_kernel::{Actor, App, Fault, PersonId, Tx, UnitId};

/// Somebody known, or the nth of the contacts that are to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    Known(PersonId),
    New(usize),
}

/// The persons of some names who have not left, and the contacts to be made.
#[derive(Default)]
pub struct Contacts {
    /// By name and the blind key of a phone number.
    by_phone: HashMap<(String, String), Vec<Meant>>,
    /// By name and unit.
    by_unit: HashMap<(String, UnitId), Vec<Meant>>,
    /// What the contacts to be made were named with.
    asked: HashMap<(UnitId, String, Option<String>), Meant>,
    new: Vec<NewPerson>,
}

/// So many names are asked for at once.
const AT_ONCE: usize = 500;

impl Contacts {
    /// Those of some names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_names(
        db: &impl ConnectionTrait,
        names: &BTreeSet<&str>,
    ) -> Result<Self, Fault> {
        let mut contacts = Self::default();
        let names: Vec<&str> = names.iter().copied().collect();
        for some in names.chunks(AT_ONCE) {
            let rows: Vec<(PersonId, UnitId, String, Option<String>)> = Entity::find()
                .select_only()
                .columns([Column::Id, Column::UnitId, Column::Name, Column::PhoneKey])
                .filter(COLUMN.name.is_in(some.iter().copied()))
                .filter(COLUMN.left_at.is_null())
                .into_tuple()
                .all(db)
                .await?;
            for (id, unit, name, phone) in rows {
                contacts.add(Meant::Known(id), unit, name, phone);
            }
        }
        Ok(contacts)
    }

    fn add(&mut self, who: Meant, unit: UnitId, name: String, phone_key: Option<String>) {
        if let Some(key) = phone_key {
            let same = self.by_phone.entry((name.clone(), key));
            same.or_default().push(who);
        }
        self.by_unit.entry((name, unit)).or_default().push(who);
    }

    /// The one person of a name and phone number; without a number, the only one of that name in the
    /// unit; else a new contact of the unit. Two of one name are none, but who was made for the same
    /// words before is meant again.
    pub fn meant(&mut self, app: &App, unit: UnitId, name: &str, phone: Option<&str>) -> Meant {
        let key = phone.map(|phone| app.keys.blind(PHONE, phone));
        let found = match &key {
            Some(key) => self.by_phone.get(&(name.to_owned(), key.clone())),
            None => self.by_unit.get(&(name.to_owned(), unit)),
        };
        if let Some([one]) = found.map(Vec::as_slice) {
            return *one;
        }
        let words = (unit, name.to_owned(), key.clone());
        if let Some(made) = self.asked.get(&words) {
            return *made;
        }
        let new = Meant::New(self.new.len());
        self.new.push(NewPerson {
            unit,
            name: name.to_owned(),
            employment: None,
            post: String::new(),
            phone: phone.map(str::to_owned),
            mail: None,
            staff_number: None,
        });
        self.asked.insert(words, new);
        self.add(new, unit, name.to_owned(), key);
        new
    }

    /// Makes the contacts that are to be made; the nth id is that of [`Meant::New`]`(n)`.
    ///
    /// # Errors
    /// `Fault::Refused` when a unit is closed; when the database fails.
    pub async fn make(self, tx: &Tx, app: &App, actor: &Actor) -> Result<Vec<PersonId>, Fault> {
        create_contacts(tx, app, actor, self.new).await
    }
}
