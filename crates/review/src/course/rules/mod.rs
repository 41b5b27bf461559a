//! The law of review (Rule 5 to 7; R-REV-2, R-REV-3, R-REV-5): who may do what, when, and that nobody stands
//! at two levels. Pure: no database, no HTTP, no clock.

mod acts;
mod law;
mod level;
mod major;
mod paper;
mod refusal;
mod staff;

pub use acts::{Said, Submission, Target};
pub use law::{Law, OwnChannels, Point, Post, Route, Rung};
pub use level::{Level, Proofread, Seat, Stage, Verdict};
pub use major::Mark;
pub use paper::{Paper, Slip};
pub use refusal::Refusal;
pub use staff::{Shortage, staff};

use crate::ids::{ManuscriptId, VersionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use zhendi_kernel::{ChannelId, PersonId, Role, UnitId, files::ContentHash};

/// A person with the one acted for: both stand behind what is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Party {
    pub person: PersonId,
    pub on_behalf_of: Option<PersonId>,
}

impl Party {
    /// Someone on their own account.
    pub fn own(person: PersonId) -> Self {
        Self {
            person,
            on_behalf_of: None,
        }
    }

    /// Everyone who stands behind it.
    pub fn everyone(self) -> impl Iterator<Item = PersonId> {
        std::iter::once(self.person).chain(self.on_behalf_of)
    }
}

/// What the acting person holds at the manuscript's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub person: PersonId,
    /// Roles in force there, each with the person who delegated it.
    pub held: Vec<(Role, Option<PersonId>)>,
}

/// A point of the checklist as it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReviewChecked)]
pub struct Checked {
    pub text: String,
    pub required: bool,
    pub ok: bool,
}

/// What a proofread found (三校): how many errors of each kind.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    sea_orm::FromJsonQueryResult,
    utoipa::ToSchema,
)]
#[schema(as = ReviewProofRecord)]
pub struct ProofRecord {
    pub which: Proofread,
    /// Kind of error and how many; empty when nothing was found.
    pub errors: Vec<(String, u32)>,
}

/// What the author is asked to change, with the place in the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReviewAsked)]
pub struct Asked {
    pub what: String,
    /// The words that it is about; empty for the whole.
    pub quote: String,
    /// From and to, in characters of the version's plain text.
    pub range: Option<(u32, u32)>,
}

/// One decision at a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// 0 until it is stored.
    pub id: i64,
    pub round: i32,
    pub level: Level,
    /// The exact content that was decided on.
    pub content: VersionId,
    pub hash: ContentHash,
    pub verdict: Verdict,
    /// Where a return went; none is the author.
    pub to: Option<Level>,
    pub by: Party,
    pub opinion: String,
    pub checklist: Vec<Checked>,
    pub proofread: Option<ProofRecord>,
    pub asked: Vec<Asked>,
    /// Set when it was decided on paper and entered by an officer.
    pub paper: Option<Paper>,
    /// Since when the level had it.
    pub since: DateTime<Utc>,
    pub at: DateTime<Utc>,
}

impl Decision {
    /// Everyone who stands behind it: who decided and who entered it, each with the one they acted for.
    pub fn everyone(&self) -> impl Iterator<Item = PersonId> {
        self.by.everyone().chain(
            self.paper
                .iter()
                .flat_map(|paper| paper.recorded_by.everyone()),
        )
    }
}

/// One submission: what was handed in, and where review began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    pub number: i32,
    /// The first level that has to decide anew; approvals below it stand.
    pub starts: Level,
    pub content: VersionId,
    pub hash: ContentHash,
    /// The version of the workflow that it follows.
    pub law: i64,
    /// The content of which this is a small correction.
    pub base: Option<(VersionId, ContentHash)>,
    pub by: Party,
    /// What the author says of it.
    pub note: String,
    pub at: DateTime<Utc>,
}

/// That someone took it for themselves for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    pub by: Party,
    pub until: DateTime<Utc>,
}

/// What is reviewed, as it was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub unit: UnitId,
    /// The main channel, which decides on the workflow, and its platform.
    pub channel: ChannelId,
    pub platform: String,
    /// Who wrote it.
    pub author: PersonId,
    pub title: String,
    /// The number of the version under review.
    pub number: i32,
}

/// The course of a manuscript through its review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    pub manuscript: ManuscriptId,
    pub about: About,
    /// Counts the changes; a change names the one it saw.
    pub version: i32,
    pub stage: Stage,
    /// The level that has it, or had it last.
    pub level: Level,
    /// Everyone who wrote or submitted it, ever: none of them reviews it.
    pub authors: BTreeSet<PersonId>,
    /// The workflow that it follows, as it was when this began.
    pub law: Arc<Law>,
    pub law_id: i64,
    pub route: Route,
    /// A major matter (重大事项): the leader in charge decides too.
    pub major: bool,
    /// Who marked it.
    pub mark: Option<Mark>,
    pub hold: Option<Hold>,
    /// Illegal or harmful content in it is with the departments that handle it, and their answer is not
    /// closed yet: nobody approves it (R-INS-7). Not part of the row.
    pub stopped: bool,
    /// All submissions, in order; never empty.
    pub rounds: Vec<Round>,
    /// All decisions of all rounds, in order.
    pub decisions: Vec<Decision>,
    /// Until when the present level should decide.
    pub due: Option<DateTime<Utc>>,
    /// Since when the present level has it.
    pub since: DateTime<Utc>,
    pub approved_at: Option<DateTime<Utc>>,
    /// Until when the approval is good.
    pub expires_at: Option<DateTime<Utc>>,
    pub submitted_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Course {
    /// The present round.
    pub fn round(&self) -> &Round {
        self.rounds
            .last()
            .expect("a course begins with a submission")
    }

    /// The content under review, or last reviewed.
    pub fn content(&self) -> (VersionId, &ContentHash) {
        (self.round().content, &self.round().hash)
    }

    /// Whether the person wrote it, had it written or submitted it.
    pub fn is_author(&self, person: PersonId) -> bool {
        self.authors.contains(&person)
    }

    /// The levels that this content needs, in order.
    pub fn levels(&self) -> impl DoubleEndedIterator<Item = Level> {
        self.route
            .0
            .keys()
            .copied()
            .filter(|level| *level != Level::Leader || self.major)
    }

    /// The approvals that stand: for each level the decision by which it agreed to this content, or, below
    /// the level where review began anew, to the one before.
    pub fn standing(&self) -> BTreeMap<Level, &Decision> {
        let mut stand: BTreeMap<Level, &Decision> = BTreeMap::new();
        for round in &self.rounds {
            stand.retain(|level, _| *level < round.starts);
            for decision in self
                .decisions
                .iter()
                .filter(|one| one.round == round.number)
            {
                match (decision.verdict, decision.to) {
                    (Verdict::Approve | Verdict::Reapprove, _) => {
                        stand.insert(decision.level, decision);
                    }
                    (Verdict::Return, Some(to)) => stand.retain(|level, _| *level < to),
                    _ => {}
                }
            }
        }
        stand
    }

    /// The first level without an approval that stands.
    fn next(&self) -> Option<Level> {
        let stand = self.standing();
        self.levels().find(|level| !stand.contains_key(level))
    }

    /// What each person has had a hand in, other than at this level: approvals that stand and what was
    /// decided in this round.
    fn elsewhere(&self, level: Level) -> BTreeMap<PersonId, Level> {
        let now = self.round().number;
        let in_round = self.decisions.iter().filter(|one| one.round == now);
        self.standing()
            .into_values()
            .chain(in_round)
            .filter(|one| one.level != level)
            .flat_map(|one| one.everyone().map(|person| (person, one.level)))
            .collect()
    }

    /// Whether an author may take a level: the first, where the workflow says so.
    fn open_to_author(&self, level: Level) -> bool {
        level == Level::One && self.law.author_may_take_first
    }

    /// Everyone who may not act at a level.
    pub fn barred(&self, level: Level) -> BTreeSet<PersonId> {
        let mut all: BTreeSet<PersonId> = self.elsewhere(level).into_keys().collect();
        if !self.open_to_author(level) {
            all.extend(&self.authors);
        }
        all
    }

    /// The level that has it.
    ///
    /// # Errors
    /// When nobody has it.
    pub fn at_level(&self) -> Result<Level, Refusal> {
        match self.stage {
            Stage::Reviewing => Ok(self.level),
            stage => Err(Refusal::NotReviewing(stage)),
        }
    }

    /// Whether the person may act at the level that has it, and as which party: on their own account if
    /// they can, else for the first who delegated the role and may still be acted for. A hold of somebody
    /// else's is not looked at.
    ///
    /// # Errors
    /// Why not.
    pub fn may_act(&self, by: &Standing) -> Result<Party, Refusal> {
        let level = self.at_level()?;
        let Some(post) = self.route.0.get(&level) else {
            return Err(Refusal::NotReviewing(self.stage));
        };
        let mut refusal = Refusal::NotYourLevel {
            level,
            seat: post.seat,
        };
        let mut parties: Vec<Party> = by
            .held
            .iter()
            .filter(|(role, _)| post.seat.roles().contains(role))
            .map(|(_, on_behalf_of)| Party {
                person: by.person,
                on_behalf_of: *on_behalf_of,
            })
            .collect();
        parties.sort();
        for party in parties {
            let holder = party.on_behalf_of.unwrap_or(party.person);
            if !post.persons.is_empty() && !post.persons.contains(&holder) {
                refusal = Refusal::NotNamed(level);
                continue;
            }
            match self.stands_apart(level, party) {
                Ok(()) => return Ok(party),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }

    /// The same, and nobody else has taken it for now.
    ///
    /// # Errors
    /// Why not.
    pub fn may_decide(&self, by: &Standing, now: DateTime<Utc>) -> Result<Party, Refusal> {
        let party = self.may_act(by)?;
        match self.held(now) {
            Some(hold) if hold.by.person != by.person => Err(Refusal::Held {
                by: hold.by.person,
                until: hold.until,
            }),
            Some(hold) if self.may_act_as(by, hold.by) => Ok(hold.by),
            _ => Ok(party),
        }
    }

    fn may_act_as(&self, by: &Standing, party: Party) -> bool {
        let mut one = by.clone();
        one.held
            .retain(|(_, principal)| *principal == party.on_behalf_of);
        self.may_act(&one) == Ok(party)
    }

    /// Who took it for themselves and still may have it.
    pub fn held(&self, now: DateTime<Utc>) -> Option<Hold> {
        self.hold
            .filter(|hold| hold.until > now && self.stage == Stage::Reviewing)
    }

    /// Nobody behind the party wrote it or had a hand in another level.
    fn stands_apart(&self, level: Level, party: Party) -> Result<(), Refusal> {
        let acted = self.elsewhere(level);
        for person in party.everyone() {
            let own = person == party.person;
            if self.is_author(person) && !self.open_to_author(level) {
                return Err(if own {
                    Refusal::OwnWork
                } else {
                    Refusal::OwnWorkOfPrincipal
                });
            }
            if let Some(level) = acted.get(&person) {
                return Err(if own {
                    Refusal::ActedBefore(*level)
                } else {
                    Refusal::PrincipalActedBefore(*level)
                });
            }
        }
        Ok(())
    }

    /// Whether somebody who saw `level` waiting was overtaken, and by whom.
    pub fn overtaken(&self, level: Level) -> Option<Refusal> {
        let done = self
            .decisions
            .iter()
            .rev()
            .find(|one| one.level == level && one.round == self.round().number)?;
        (self.stage != Stage::Reviewing || self.level != level).then_some(Refusal::AlreadyDone {
            level,
            now: self.level,
            person: done.by.person,
            at: done.at,
        })
    }

    /// Who approved this very content at a level before a small correction of it.
    pub fn approved_base(&self, level: Level) -> Option<&Decision> {
        let (_, base) = self.round().base.as_ref()?;
        self.decisions
            .iter()
            .rev()
            .find(|one| one.level == level && one.verdict.passes() && one.hash == *base)
    }

    /// Whether the party may pass the present level by looking at a small correction alone.
    pub fn may_reapprove(&self, party: Party) -> Result<(), Refusal> {
        let level = self.at_level()?;
        if self.round().base.is_none() {
            return Err(Refusal::NoCorrection);
        }
        let same = self.approved_base(level).is_some_and(|one| {
            let principal = |party: Party| party.on_behalf_of.unwrap_or(party.person);
            one.by.person == party.person || principal(one.by) == principal(party)
        });
        same.then_some(()).ok_or(Refusal::NotTheSamePerson)
    }

    /// Whether any level may agree to it. Sending it back and discarding it are always open: that is how
    /// what is wrong with it is handled.
    ///
    /// # Errors
    /// While departments have it for illegal or harmful content.
    pub fn may_pass(&self) -> Result<(), Refusal> {
        match self.stopped {
            true => Err(Refusal::Stopped),
            false => Ok(()),
        }
    }

    /// Whether the approval is good at a moment.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.stage == Stage::Approved && self.expires_at.is_none_or(|until| now < until)
    }

    /// Whether the author may write.
    ///
    /// # Errors
    /// While someone reviews it, and when it is at its end.
    pub fn may_edit(&self) -> Result<(), Refusal> {
        match self.stage {
            Stage::Reviewing => Err(Refusal::UnderReview),
            Stage::Discarded => Err(Refusal::Closed),
            Stage::Returned | Stage::Recalled | Stage::Approved => Ok(()),
        }
    }
}
