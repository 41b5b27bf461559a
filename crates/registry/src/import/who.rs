//! The persons that rows name: known ones, or new contacts without a sign-in.

use super::{
    draft::{Draft, Named},
    report::Change,
    row::Importer,
    said::change,
};
use crate::channel::ChannelPeople;
use std::collections::{BTreeSet, HashMap};
use zhendi_kernel::{Fault, PersonId, UnitId};
use zhendi_people::person::{self, Contacts, Meant};

/// A row whose people are asked for.
pub struct Asked<'r> {
    pub unit: UnitId,
    pub draft: &'r Draft,
    /// Those whom the channel has.
    pub before: &'r ChannelPeople,
}

/// The people of a row, some of them still to be made.
struct Crew {
    leader: Option<Meant>,
    reviewers: Vec<Meant>,
    operators: Vec<Meant>,
}

impl Importer<'_> {
    /// The people of rows, in their order. Persons named by a row take the place of those that the
    /// channel has; what it does not name stays.
    pub(super) async fn people(&self, rows: &[Asked<'_>]) -> Result<Vec<ChannelPeople>, Fault> {
        let named = rows.iter().flat_map(|row| row.draft.people());
        let named: BTreeSet<&str> = named.map(|one| one.name.as_str()).collect();
        let mut contacts = Contacts::of_names(self.tx, &named).await?;
        let before: BTreeSet<PersonId> = rows.iter().flat_map(|row| row.before.all()).collect();
        let before = person::names(self.tx, before).await?;
        let crews: Vec<Crew> = rows
            .iter()
            .map(|row| self.crew(row, &before, &mut contacts))
            .collect();
        let made = contacts.make(self.tx, self.app, self.actor).await?;
        let id = |who: Meant| match who {
            Meant::Known(id) => id,
            Meant::New(nth) => made[nth],
        };
        let ids = |crew: Vec<Meant>| crew.into_iter().map(id).collect();
        Ok(crews
            .into_iter()
            .map(|crew| ChannelPeople {
                leader: crew.leader.map(id),
                reviewers: ids(crew.reviewers),
                operators: ids(crew.operators),
            })
            .collect())
    }

    fn crew(
        &self,
        row: &Asked<'_>,
        names: &HashMap<PersonId, String>,
        contacts: &mut Contacts,
    ) -> Crew {
        let known = |ids: &[PersonId]| ids.iter().copied().map(Meant::Known).collect::<Vec<_>>();
        // One whom the channel has already by this name, else by name and phone, else the only one of
        // the name in the unit, else a new contact.
        let mut meant = |named: &Named, before: &[PersonId]| {
            let same = before
                .iter()
                .find(|id| names.get(id).is_some_and(|name| *name == named.name));
            match (&named.phone, same) {
                (None, Some(id)) => Meant::Known(*id),
                (phone, _) => contacts.meant(self.app, row.unit, &named.name, phone.as_deref()),
            }
        };
        let mut all = |named: &[Named], before: &[PersonId]| {
            let mut whole: Vec<Meant> = vec![];
            for one in named {
                let who = meant(one, before);
                if !whole.contains(&who) {
                    whole.push(who);
                }
            }
            whole
        };
        let (draft, before) = (row.draft, row.before);
        let leader = all(draft.leader.as_slice(), before.leader.as_slice());
        let reviewers = match draft.reviewers.as_slice() {
            [] => known(&before.reviewers),
            named => all(named, &before.reviewers),
        };
        let mut operators = known(&before.operators);
        if !draft.operators.is_empty() {
            let named = all(&draft.operators, &before.operators);
            // The annexes name the one in charge; further operators of annex 3 stay behind.
            let first_stays = operators.first().is_none_or(|first| named.contains(first));
            operators.retain(|one| !named.contains(one));
            let kept = operators.split_off(usize::from(!first_stays));
            operators = named;
            operators.extend(kept);
        }
        Crew {
            leader: leader.first().copied().or(before.leader.map(Meant::Known)),
            reviewers,
            operators,
        }
    }

    pub(super) async fn people_changes(
        &self,
        before: &ChannelPeople,
        after: &ChannelPeople,
    ) -> Result<Vec<Change>, Fault> {
        if before == after {
            return Ok(vec![]);
        }
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
