//! The channel's record as annex 3 tells it, and what a filing would change of it (变更项, annex 3's note).
//!
//! A change is kept with the record that its author saw. Whatever moved since is not taken back: only the
//! cells that the author changed go into the register, and who decides is told of those that moved.

use super::{
    contacts::{Contact, Contacts},
    content::{CELLS, CHANGE_CELLS, Content, web_cells},
};
use crate::channel::{Channel, ChannelPeople};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use zhendi_kernel::{App, Fault, PersonId, UnitId};
use zhendi_people::person::{self, Employment};

/// What a channel's record said at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The channel's version.
    pub version: i32,
    pub unit: UnitId,
    pub content: Content,
    pub contacts: Contacts,
    /// The persons whom `contacts` names, in the same order.
    pub people: ChannelPeople,
}

impl Record {
    /// The record of a channel as it stands.
    ///
    /// # Errors
    /// When the database fails or a key is missing.
    pub async fn of(
        db: &impl sea_orm::ConnectionTrait,
        app: &App,
        channel: &Channel,
    ) -> Result<Self, Fault> {
        let people = &channel.people;
        let mut content = Content::from(&channel.facts);
        content.second_reason = channel.second_account_reason.clone().unwrap_or_default();
        let leader = match people.leader {
            Some(id) => contact(db, app, id).await?,
            None => Contact::default(),
        };
        let mut reviewers = vec![];
        for id in &people.reviewers {
            reviewers.push(contact(db, app, *id).await?);
        }
        let mut operators = vec![];
        for id in &people.operators {
            operators.push(contact(db, app, *id).await?);
        }
        Ok(Self {
            version: channel.version,
            unit: channel.facts.unit,
            content,
            contacts: Contacts {
                leader,
                reviewers,
                operators,
            },
            people: people.clone(),
        })
    }

    /// The person of the register whom a row of the form still means: the one of that name there was.
    pub fn person(&self, name: &str) -> Option<PersonId> {
        let rows = std::iter::once((&self.contacts.leader, self.people.leader))
            .chain(
                self.contacts
                    .reviewers
                    .iter()
                    .zip(self.people.reviewers.iter().copied().map(Some)),
            )
            .chain(
                self.contacts
                    .operators
                    .iter()
                    .zip(self.people.operators.iter().copied().map(Some)),
            );
        let mut found = None;
        for (contact, id) in rows {
            let Some(id) = id.filter(|_| contact.name == name && !name.is_empty()) else {
                continue;
            };
            if found.is_some_and(|other| other != id) {
                // Two of one name: the number must tell which.
                return None;
            }
            found = Some(id);
        }
        found
    }
}

async fn contact(
    db: &impl sea_orm::ConnectionTrait,
    app: &App,
    id: PersonId,
) -> Result<Contact, Fault> {
    let Some(known) = person::find(db, id).await? else {
        return Ok(Contact::default());
    };
    Ok(Contact {
        phone: person::details(app, &known)?.phone.unwrap_or_default(),
        employment: match known.employment {
            Employment::Unknown => String::new(),
            kind => kind.code().into(),
        },
        name: known.name,
        post: known.post,
    })
}

/// The cells of a record, with their labels.
pub fn record_cells() -> impl Iterator<Item = (&'static str, &'static str)> {
    CELLS
        .into_iter()
        .map(|(name, label, _)| (name, label))
        .chain(web_cells().map(|cell| (cell.name, cell.label)))
}

/// What a filing says: the cells and the people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub content: Content,
    pub contacts: Contacts,
}

/// What a change makes of the record as it stands now: the author's word where they changed something
/// of what they saw, else what the record says.
pub fn merged(base: &Record, said: &Said, current: &Record) -> Said {
    let mut content = said.content.clone();
    for (name, _) in record_cells() {
        if said.content.cell(name) == base.content.cell(name) {
            content.set(name, current.content.cell(name).to_owned());
        }
    }
    let (told, was, is) = (&said.contacts, &base.contacts, &current.contacts);
    let kept = |told: &[Contact], was: &[Contact], is: &[Contact]| {
        if same_people(told, was) { is } else { told }.to_vec()
    };
    Said {
        content,
        contacts: Contacts {
            leader: if told.leader.says_as(&was.leader) {
                is.leader.clone()
            } else {
                told.leader.clone()
            },
            reviewers: kept(&told.reviewers, &was.reviewers, &is.reviewers),
            operators: kept(&told.operators, &was.operators, &is.operators),
        },
    }
}

fn same_people(one: &[Contact], other: &[Contact]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.says_as(b))
}

/// A cell that a change would write, or wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub cell: &'static str,
    pub label: &'static str,
    pub was: String,
    pub now: String,
}

/// The cells in which what is said differs from a record; of a person's row see [`rows`].
pub fn differences(record: &Record, said: &Said) -> Vec<Difference> {
    let mut found: Vec<Difference> = record_cells()
        .filter(|(name, _)| record.content.cell(name) != said.content.cell(name))
        .map(|(cell, label)| Difference {
            cell,
            label,
            was: record.content.cell(cell).to_owned(),
            now: said.content.cell(cell).to_owned(),
        })
        .collect();
    if let Some(unit) = said.content.goes_to().filter(|unit| *unit != record.unit) {
        let (cell, label, _) = CHANGE_CELLS[0];
        found.push(Difference {
            cell,
            label,
            was: record.unit.to_string(),
            now: unit.to_string(),
        });
    }
    found
}

/// The cells that the author changed and that moved meanwhile, with what the author saw and what stands
/// there now: labels only for people, whose numbers are not everybody's.
pub fn moved(base: &Record, said: &Said, current: &Record) -> Vec<Difference> {
    let mut found: Vec<Difference> = differences(base, said)
        .into_iter()
        .filter_map(|one| {
            let now = match one.cell {
                "new_unit" => current.unit.to_string(),
                cell => current.content.cell(cell).to_owned(),
            };
            (now != one.was).then_some(Difference { now, ..one })
        })
        .collect();
    let (told, was, is) = (&said.contacts, &base.contacts, &current.contacts);
    for (cell, label, changed, moved) in [
        (
            "leader",
            "主管领导",
            !told.leader.says_as(&was.leader),
            !is.leader.says_as(&was.leader),
        ),
        (
            "reviewers",
            "审核人",
            !same_people(&told.reviewers, &was.reviewers),
            !same_people(&is.reviewers, &was.reviewers),
        ),
        (
            "operators",
            "运维工作人员",
            !same_people(&told.operators, &was.operators),
            !same_people(&is.operators, &was.operators),
        ),
    ] {
        if changed && moved {
            found.push(Difference {
                cell,
                label,
                was: String::new(),
                now: String::new(),
            });
        }
    }
    found
}

/// A row of the people's table beside what the record says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow<'a> {
    /// `leader`, `reviewer` or `operator`.
    pub prefix: &'static str,
    pub duty: &'static str,
    /// Its place in the form; a row that goes has none.
    pub index: Option<usize>,
    pub now: Option<&'a Contact>,
    pub was: Option<&'a Contact>,
}

impl PersonRow<'_> {
    /// The parts of the row that differ: `name`, `post`, `phone`, `employment`.
    pub fn changed(&self) -> Vec<&'static str> {
        let all = ["name", "post", "phone", "employment"];
        match (self.now, self.was) {
            (Some(now), Some(was)) if now.says_as(was) => vec![],
            (Some(now), Some(was)) => all
                .into_iter()
                .filter(|part| {
                    let blank = Contact::default();
                    let only = |of: &Contact| match *part {
                        "name" => Contact {
                            name: of.name.clone(),
                            ..blank.clone()
                        },
                        "post" => Contact {
                            post: of.post.clone(),
                            ..blank.clone()
                        },
                        "phone" => Contact {
                            phone: of.phone.clone(),
                            ..blank.clone()
                        },
                        _ => Contact {
                            employment: of.employment.clone(),
                            ..blank.clone()
                        },
                    };
                    !only(now).says_as(&only(was))
                })
                .collect(),
            _ => all.to_vec(),
        }
    }
}

/// The people's rows of what is said, each beside the row of the record that it stands for: the one of the
/// same name, else the one at its place if nobody else stands for that. Rows that go come last.
pub fn rows<'a>(record: &'a Contacts, said: &'a Contacts) -> Vec<PersonRow<'a>> {
    let mut all = vec![];
    let filled = |one: &'a Contact| (!one.is_blank()).then_some(one);
    if filled(&said.leader).is_some() || filled(&record.leader).is_some() {
        all.push(PersonRow {
            prefix: "leader",
            duty: "主管领导",
            index: Some(0),
            now: filled(&said.leader),
            was: filled(&record.leader),
        });
    }
    for (prefix, duty, was, now) in [
        ("reviewer", "审核人", &record.reviewers, &said.reviewers),
        (
            "operator",
            "运维工作人员",
            &record.operators,
            &said.operators,
        ),
    ] {
        let mut free: Vec<bool> = was.iter().map(|_| true).collect();
        let mut matched: Vec<Option<usize>> = now
            .iter()
            .map(|row| {
                let at = was
                    .iter()
                    .enumerate()
                    .position(|(i, old)| free[i] && old.name == row.name)?;
                free[at] = false;
                Some(at)
            })
            .collect();
        for (i, at) in matched.iter_mut().enumerate() {
            if at.is_none() && free.get(i) == Some(&true) {
                free[i] = false;
                *at = Some(i);
            }
        }
        all.extend(
            now.iter()
                .zip(matched)
                .enumerate()
                .map(|(i, (row, at))| PersonRow {
                    prefix,
                    duty,
                    index: Some(i),
                    now: Some(row),
                    was: at.map(|at| &was[at]),
                }),
        );
        all.extend(
            was.iter()
                .zip(&free)
                .filter(|(_, free)| **free)
                .map(|(old, _)| PersonRow {
                    prefix,
                    duty,
                    index: None,
                    now: None,
                    was: Some(old),
                }),
        );
    }
    all
}

/// The names of all cells that differ: those of the channel, and of people with duty and row, such as
/// `operator_phone_0`; `operators` and `reviewers` stand for a row that goes.
pub fn changed(record: &Record, said: &Said) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = differences(record, said)
        .into_iter()
        .map(|one| one.cell.to_owned())
        .collect();
    for row in rows(&record.contacts, &said.contacts) {
        let parts = row.changed();
        if parts.is_empty() {
            continue;
        }
        match row.index {
            Some(index) => all.extend(
                parts
                    .into_iter()
                    .map(|part| format!("{}_{part}_{index}", row.prefix)),
            ),
            None => {
                all.insert(format!("{}s", row.prefix));
            }
        }
    }
    // The same people in another order is another first operator, who leads.
    for (name, was, now) in [
        (
            "reviewers",
            &record.contacts.reviewers,
            &said.contacts.reviewers,
        ),
        (
            "operators",
            &record.contacts.operators,
            &said.contacts.operators,
        ),
    ] {
        if !same_people(was, now) && !all.iter().any(|cell| cell.starts_with(&name[..8])) {
            all.insert(name.into());
        }
    }
    all
}
