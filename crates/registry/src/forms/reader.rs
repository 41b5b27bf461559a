//! For whom a form is made: which channels it may list, and whose telephone numbers it may show in full.

use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use zhendi_kernel::{Actor, ChannelId, Fault, Permission, ScopeFilter, UnitId, scope};

/// A reader's rights at the moment of printing. Kept with the print, so that the same rows can be gathered
/// again and compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    channels: Sight,
    filings: Sight,
    phones: Sight,
}

/// A [`ScopeFilter`] that can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Sight {
    All,
    Within {
        units: Vec<UnitId>,
        channels: Vec<ChannelId>,
    },
}

impl From<ScopeFilter> for Sight {
    fn from(filter: ScopeFilter) -> Self {
        match filter {
            ScopeFilter::All => Self::All,
            ScopeFilter::Within { units, channels } => Self::Within { units, channels },
        }
    }
}

impl From<&Sight> for ScopeFilter {
    fn from(sight: &Sight) -> Self {
        match sight {
            Sight::All => Self::All,
            Sight::Within { units, channels } => Self::Within {
                units: units.clone(),
                channels: channels.clone(),
            },
        }
    }
}

impl Reader {
    /// What an actor may read now.
    pub fn of(actor: &Actor) -> Self {
        Self {
            channels: actor.filter(Permission::ViewChannels).into(),
            filings: actor.filter(Permission::ViewFilings).into(),
            phones: actor.filter(Permission::ViewPeople).into(),
        }
    }

    /// The channels that may be listed.
    pub fn channels(&self) -> ScopeFilter {
        (&self.channels).into()
    }

    /// The filings that may be listed.
    pub fn filings(&self) -> ScopeFilter {
        (&self.filings).into()
    }

    /// The one unit below which everything lies that the reader may see; none for the whole institution,
    /// for several units, and for single channels.
    pub fn top(&self) -> Option<UnitId> {
        match &self.channels {
            Sight::Within { units, channels } if channels.is_empty() => match units.as_slice() {
                [one] => Some(*one),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whose numbers show in full.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn phones(&self, db: &impl ConnectionTrait) -> Result<Phones, Fault> {
        let Sight::Within { units, channels } = &self.phones else {
            return Ok(Phones(None));
        };
        let mut within = HashSet::new();
        for row in db.query_all(&scope::subtree(units.iter().copied())).await? {
            within.insert(row.try_get("", "unit_id")?);
        }
        Ok(Phones(Some((within, channels.iter().copied().collect()))))
    }
}

/// Whose telephone numbers show in full; none: everyone's.
pub struct Phones(Option<(HashSet<UnitId>, HashSet<ChannelId>)>);

impl Phones {
    /// Whether those of a channel of a unit do.
    pub fn in_full(&self, unit: UnitId, channel: Option<ChannelId>) -> bool {
        self.0.as_ref().is_none_or(|(units, channels)| {
            units.contains(&unit) || channel.is_some_and(|one| channels.contains(&one))
        })
    }
}
