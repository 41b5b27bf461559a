//! The persons that a row names: known ones, or new contacts without a sign-in.

use super::{
    draft::{Draft, Named},
    report::Change,
    row::Importer,
    said::change,
};
use crate::channel::ChannelPeople;
use zhendi_kernel::{Fault, PersonId, UnitId};
use zhendi_people::person::{self, NewPerson};

impl Importer<'_> {
    /// Persons named by a row take the place of those that the channel has; what it does not name stays.
    pub(super) async fn people(
        &self,
        unit: UnitId,
        draft: &Draft,
        before: &ChannelPeople,
    ) -> Result<ChannelPeople, Fault> {
        let mut people = before.clone();
        if let Some(leader) = &draft.leader {
            people.leader = Some(self.person(unit, leader, before.leader.as_slice()).await?);
        }
        if !draft.reviewers.is_empty() {
            people.reviewers = self
                .persons(unit, &draft.reviewers, &before.reviewers)
                .await?;
        }
        if !draft.operators.is_empty() {
            let named = self
                .persons(unit, &draft.operators, &before.operators)
                .await?;
            // The annexes name the one in charge; further operators of annex 3 stay behind.
            let others = before.operators.iter().filter(|one| !named.contains(one));
            let kept: Vec<PersonId> = others
                .skip(usize::from(
                    !before
                        .operators
                        .first()
                        .is_none_or(|first| named.contains(first)),
                ))
                .copied()
                .collect();
            people.operators = named;
            people.operators.extend(kept);
        }
        Ok(people)
    }

    async fn persons(
        &self,
        unit: UnitId,
        named: &[Named],
        before: &[PersonId],
    ) -> Result<Vec<PersonId>, Fault> {
        let mut ids = vec![];
        for one in named {
            let id = self.person(unit, one, before).await?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// The person that a row names: one whom the channel has already by this name, else by name and
    /// phone, else the only one of the name in the unit, else a new contact without a sign-in.
    async fn person(
        &self,
        unit: UnitId,
        named: &Named,
        before: &[PersonId],
    ) -> Result<PersonId, Fault> {
        if named.phone.is_none() {
            let known = person::names(self.tx, before.iter().copied()).await?;
            let same = known.iter().find(|(_, name)| **name == named.name);
            if let Some((id, _)) = same {
                return Ok(*id);
            }
        }
        let phone = named.phone.as_deref();
        let found = person::by_name_and_phone(self.tx, self.app, unit, &named.name, phone).await?;
        if let Some(id) = found {
            return Ok(id);
        }
        let new = NewPerson {
            unit,
            name: named.name.clone(),
            employment: None,
            post: String::new(),
            phone: named.phone.clone(),
            mail: None,
            staff_number: None,
        };
        person::create_contact(self.tx, self.app, self.actor, new).await
    }

    pub(super) async fn people_changes(
        &self,
        before: &ChannelPeople,
        after: &ChannelPeople,
    ) -> Result<Vec<Change>, Fault> {
        let everyone = before.all().into_iter().chain(after.all());
        let names = person::names(self.tx, everyone).await?;
        let shown = |ids: &[PersonId]| {
            let known: Vec<&str> = ids
                .iter()
                .filter_map(|id| names.get(id).map(String::as_str))
                .collect();
            known.join("、")
        };
        let pairs = [
            (
                "主管领导",
                before.leader.as_slice(),
                after.leader.as_slice(),
            ),
            ("审核人", &before.reviewers, &after.reviewers),
            ("运维人员", &before.operators, &after.operators),
        ];
        Ok(pairs
            .into_iter()
            .filter(|(_, before, after)| before != after)
            .map(|(field, before, after)| change(field, shown(before), shown(after)))
            .collect())
    }
}
