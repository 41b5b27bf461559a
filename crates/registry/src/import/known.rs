//! What is registered under the words of a form's rows, and which of them come twice.

use super::row::Placed;
use crate::{
    channel::{
        identity::{self, Owner},
        store::{self, Same},
    },
    platform::PlatformCode,
};
use std::collections::{BTreeSet, HashMap};
use zhendi_kernel::{ChannelId, Fault, Tx, UnitId, text};
use zhendi_office::Form;

/// What a row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Nothing,
    Channel(ChannelId),
    BeingFiled,
    /// The same as a row before it, which is named.
    Row(u32),
}

/// What is known of a form's rows.
pub struct Known<'f> {
    form: &'f Form,
    owners: HashMap<String, Owner>,
    /// For each row the channels of the same unit, platform and name.
    same: Vec<Vec<Same>>,
    /// The first channel of a unit on a platform.
    firsts: HashMap<(UnitId, PlatformCode), String>,
    /// The rows that meant a channel.
    named: HashMap<ChannelId, u32>,
    /// The rows that made a key known.
    keys: HashMap<String, u32>,
    /// The rows that made a name known in a unit, on a platform, and whether they gave an address or id.
    names: HashMap<(UnitId, PlatformCode, String), Vec<(bool, u32)>>,
}

impl<'f> Known<'f> {
    pub async fn of(tx: &Tx, form: &'f Form, rows: &[Placed<'_>]) -> Result<Self, Fault> {
        let keys: Vec<_> = rows.iter().flat_map(|row| &row.keys).collect();
        let names: Vec<_> = rows
            .iter()
            .map(|row| (row.unit.id, &row.facts.platform, row.draft.name.as_str()))
            .collect();
        let places: BTreeSet<_> = rows
            .iter()
            .map(|row| (row.unit.id, &row.facts.platform))
            .collect();
        let places: Vec<_> = places.into_iter().collect();
        let firsts = store::first_names(tx, &places).await?;
        let firsts = places.into_iter().zip(firsts);
        Ok(Self {
            form,
            owners: identity::owners_of(tx, &keys).await?,
            same: store::same_names(tx, &names).await?,
            firsts: firsts
                .filter_map(|((unit, on), name)| Some(((unit, on.clone()), name?)))
                .collect(),
            named: HashMap::new(),
            keys: HashMap::new(),
            names: HashMap::new(),
        })
    }

    /// What the nth row means: a channel by id or address; else, as annexes without ids mean it, by unit,
    /// platform and name. A channel whose other id is known is another one.
    pub fn find(&mut self, nth: usize, row: &Placed<'_>) -> Found {
        for key in &row.keys {
            if let Some(first) = self.keys.get(key.as_str()) {
                return Found::Row(*first);
            }
            match self.owners.get(key.as_str()) {
                Some(Owner::Channel(id)) => return self.channel(*id, row),
                Some(Owner::Filing(_)) => return Found::BeingFiled,
                None => {}
            }
        }
        let unnamed = row.draft.address_or_id.is_empty();
        let mut same = self.same[nth].iter();
        if let Some(one) = same.find(|one| unnamed || one.address_or_id.is_empty()) {
            return self.channel(one.id, row);
        }
        let same = self.names.get(&name_of(row)).into_iter().flatten();
        same.copied()
            .find(|(has_address, _)| unnamed || !has_address)
            .map_or(Found::Nothing, |(_, first)| Found::Row(first))
    }

    fn channel(&mut self, id: ChannelId, row: &Placed<'_>) -> Found {
        if let Some(first) = self.named.get(&id) {
            return Found::Row(*first);
        }
        self.named.insert(id, self.number(row));
        Found::Channel(id)
    }

    /// Notes that a row brings a new channel; gives the one that its unit has on the platform already.
    pub fn add(&mut self, row: &Placed<'_>) -> Option<String> {
        let number = self.number(row);
        for key in &row.keys {
            self.keys.insert(key.as_str().to_owned(), number);
        }
        let names = self.names.entry(name_of(row)).or_default();
        names.push((!row.draft.address_or_id.is_empty(), number));
        let place = (row.unit.id, row.facts.platform.clone());
        let first = self.firsts.get(&place).cloned();
        if first.is_none() && !row.draft.is_cancelled() {
            self.firsts.insert(place, row.facts.name.clone());
        }
        first
    }

    fn number(&self, row: &Placed<'_>) -> u32 {
        self.form.rows[row.at].row
    }
}

fn name_of(row: &Placed<'_>) -> (UnitId, PlatformCode, String) {
    let name = text::fold(&row.draft.name);
    (row.unit.id, row.facts.platform.clone(), name)
}
