//! Major matters (重大事项): anyone on the way may mark one, nobody below may take the mark away.

use super::{Course, Level, Party, Refusal, Seat, Stage, Standing};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// That it is a major matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromJsonQueryResult)]
pub struct Mark {
    /// None when its category says so.
    pub by: Option<Party>,
    /// The level of who marked it; none is the author.
    pub level: Option<Level>,
    pub why: String,
    pub at: DateTime<Utc>,
}

impl Course {
    /// The highest level at which the person sits, with the one for whom; none is the author.
    fn rank(&self, by: &Standing) -> Result<(Option<Level>, Party), Refusal> {
        let sits = by.held.iter().filter_map(|(role, on_behalf_of)| {
            let seat = Seat::of_role(*role)?;
            let holder = on_behalf_of.unwrap_or(by.person);
            let level = self.route.0.iter().rev().find(|(_, post)| {
                post.seat == seat && (post.persons.is_empty() || post.persons.contains(&holder))
            });
            let party = Party {
                person: by.person,
                on_behalf_of: *on_behalf_of,
            };
            level.map(|(level, _)| (Some(*level), party))
        });
        if self.is_author(by.person) {
            return Ok((None, Party::own(by.person)));
        }
        sits.max_by_key(|(level, party)| (*level, party.on_behalf_of.is_none()))
            .ok_or(Refusal::NotOnTheWay)
    }

    /// Whether the person may mark it as a major matter.
    ///
    /// # Errors
    /// Why not.
    pub fn may_mark(&self, by: &Standing) -> Result<Party, Refusal> {
        self.at_level()?;
        let (_, party) = self.rank(by)?;
        if self.major {
            Err(Refusal::MajorAlready)
        } else {
            Ok(party)
        }
    }

    /// Marks it as a major matter: the leader in charge decides too.
    ///
    /// # Errors
    /// Not under review, marked already, no reason, or the person has no part in it.
    pub fn mark_major(
        mut self,
        by: &Standing,
        why: String,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        self.may_mark(by)?;
        if why.trim().is_empty() {
            return Err(Refusal::WhyMissing);
        }
        let (level, party) = self.rank(by)?;
        self.major = true;
        self.mark = Some(Mark {
            by: Some(party),
            level,
            why,
            at,
        });
        self.updated_at = at;
        Ok(self)
    }

    /// Whether the person may take the mark away.
    ///
    /// # Errors
    /// Why not: below who marked it, its category says so, or the leader has it.
    pub fn may_unmark(&self, by: &Standing) -> Result<Party, Refusal> {
        self.at_level()?;
        let Some(mark) = self.mark.as_ref().filter(|_| self.major) else {
            return Err(Refusal::NotMajor);
        };
        if mark.by.is_none() {
            return Err(Refusal::AlwaysMajor);
        }
        if self.level == Level::Leader || self.stage != Stage::Reviewing {
            return Err(Refusal::WithTheLeader);
        }
        let marked_by = mark.level.map_or("作者", Level::label);
        match self.rank(by)? {
            (Some(level), party) if Some(level) >= mark.level => Ok(party),
            _ => Err(Refusal::MarkedAbove(marked_by)),
        }
    }

    /// Takes the mark away.
    ///
    /// # Errors
    /// As [`Course::may_unmark`]; no reason.
    pub fn unmark_major(
        mut self,
        by: &Standing,
        why: &str,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        self.may_unmark(by)?;
        if why.trim().is_empty() {
            return Err(Refusal::WhyMissing);
        }
        self.major = false;
        self.mark = None;
        self.updated_at = at;
        Ok(self)
    }
}
