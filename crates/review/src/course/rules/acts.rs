//! The verbs: what people do with a manuscript under review, each giving the next state or a refusal.

use super::{
    About, Asked, Checked, Course, Decision, Hold, Law, Level, Mark, Paper, Party, ProofRecord,
    Refusal, Round, Route, Stage, Standing, Verdict,
};
use crate::ids::{ManuscriptId, VersionId};
use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::BTreeSet, sync::Arc};
use zhendi_kernel::{PersonId, files::ContentHash};

/// What someone says with a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub opinion: String,
    pub checklist: Vec<Checked>,
    pub proofread: Option<ProofRecord>,
    pub asked: Vec<Asked>,
}

/// Where a return goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Author,
    /// An earlier level, which decides again.
    Level(Level),
}

/// A manuscript as it is handed in.
#[derive(Clone, Debug)]
pub struct Submission {
    pub about: About,
    pub content: VersionId,
    pub hash: ContentHash,
    pub by: Party,
    /// Everyone who wrote it.
    pub authors: BTreeSet<PersonId>,
    /// The workflow in force for its main channel now.
    pub law: Arc<Law>,
    pub law_id: i64,
    pub route: Route,
    /// Whether it differs from the content before by a small correction only.
    pub small: bool,
    /// The author marks it as a major matter, and why.
    pub major: Option<String>,
    /// Its category is a major matter always.
    pub always_major: bool,
    pub note: String,
    pub at: DateTime<Utc>,
}

impl Submission {
    fn mark(&self) -> Option<Mark> {
        if self.always_major {
            return Some(Mark {
                by: None,
                level: None,
                why: "稿件类别按规定属重大事项".into(),
                at: self.at,
            });
        }
        self.major.clone().map(|why| Mark {
            by: Some(self.by),
            level: None,
            why,
            at: self.at,
        })
    }
}

impl Course {
    /// The course of a manuscript that is handed in for the first time.
    pub fn begin(manuscript: ManuscriptId, it: Submission) -> Self {
        let first = it.route.0.keys().next().copied().unwrap_or(Level::One);
        let mark = it.mark();
        let mut authors = it.authors;
        authors.extend(it.by.everyone());
        Self {
            manuscript,
            about: it.about,
            version: 1,
            stage: Stage::Reviewing,
            level: first,
            authors,
            law: it.law,
            law_id: it.law_id,
            route: it.route,
            major: mark.is_some(),
            mark,
            hold: None,
            stopped: false,
            rounds: vec![Round {
                number: 1,
                starts: first,
                content: it.content,
                hash: it.hash,
                law: it.law_id,
                base: None,
                by: it.by,
                note: it.note,
                at: it.at,
            }],
            decisions: vec![],
            due: None,
            since: it.at,
            approved_at: None,
            expires_at: None,
            submitted_at: it.at,
            updated_at: it.at,
        }
    }

    /// Hands it in again: after a return, a recall, or an approval whose content was changed since. A new
    /// round, which begins where the workflow says, or where an approval is missing below that.
    ///
    /// # Errors
    /// While it is reviewed or at its end; unchanged while its approval is good.
    pub fn submit(mut self, it: Submission) -> Result<Self, Refusal> {
        self.may_edit()?;
        let (content, hash) = (self.round().content, self.round().hash.clone());
        let moved = it.about.channel != self.about.channel;
        if self.stage == Stage::Approved && it.hash == hash && !moved && self.is_valid(it.at) {
            return Err(Refusal::NothingChanged);
        }
        let ended = self.stage == Stage::Approved;
        self.authors.extend(it.by.everyone());
        self.authors.extend(&it.authors);
        // What is under way keeps the workflow with which it began; another channel has another one, and
        // what was approved begins anew. A small correction is the same people's, as they were.
        let anew = moved || (ended && !it.small && it.law_id != self.law_id);
        if anew {
            (self.law, self.law_id, self.route) =
                (Arc::clone(&it.law), it.law_id, it.route.clone());
        }
        let first = self.route.0.keys().next().copied().unwrap_or(Level::One);
        let stand: BTreeSet<Level> = self
            .standing()
            .into_iter()
            .filter(|(level, one)| {
                self.open_to_author(*level) || one.everyone().all(|person| !self.is_author(person))
            })
            .map(|(level, _)| level)
            .collect();
        let gap = self
            .route
            .0
            .keys()
            .copied()
            .find(|level| !stand.contains(level));
        let restart = if anew { first } else { self.law.restart };
        // Below the level where it starts there must be approvals, or that level would skip someone.
        let mut starts = gap.map_or(restart, |gap| Ord::min(gap, restart));
        if !self.route.0.contains_key(&starts) {
            starts = self
                .route
                .0
                .keys()
                .copied()
                .rfind(|level| *level <= starts)
                .unwrap_or(first);
        }
        // A small correction is looked at by everyone who passed what it corrects.
        let small = it.small && !anew && hash != it.hash;
        if small || (ended && hash == it.hash) {
            starts = first;
        }
        if let Some(mark) = it.mark().filter(|_| !self.major || it.always_major) {
            self.mark = Some(mark);
            self.major = true;
        }
        self.rounds.push(Round {
            number: self.round().number + 1,
            starts,
            content: it.content,
            hash: it.hash,
            law: self.law_id,
            base: small.then_some((content, hash)),
            by: it.by,
            note: it.note,
            at: it.at,
        });
        self.about = it.about;
        self.submitted_at = it.at;
        self.approved_at = None;
        self.expires_at = None;
        self.stage = Stage::Reviewing;
        self.hand_to(starts, it.at);
        Ok(self)
    }

    fn hand_to(&mut self, level: Level, at: DateTime<Utc>) {
        self.level = level;
        self.hold = None;
        self.since = at;
        self.updated_at = at;
    }

    fn record(
        &mut self,
        verdict: Verdict,
        to: Option<Level>,
        by: Party,
        said: Said,
        paper: Option<Paper>,
        at: DateTime<Utc>,
    ) {
        let (content, hash) = (self.round().content, self.round().hash.clone());
        self.decisions.push(Decision {
            id: 0,
            round: self.round().number,
            level: self.level,
            content,
            hash,
            verdict,
            to,
            by,
            opinion: said.opinion,
            checklist: said.checklist,
            proofread: said.proofread,
            asked: said.asked,
            paper,
            since: self.since,
            at,
        });
        self.updated_at = at;
    }

    /// Hands it to the next level that has not agreed; with none left the content is approved.
    fn pass_on(&mut self, at: DateTime<Utc>) {
        match self.next() {
            Some(level) => self.hand_to(level, at),
            None => {
                self.stage = Stage::Approved;
                self.hold = None;
                self.approved_at = Some(at);
                self.expires_at = Some(at + TimeDelta::days(i64::from(self.law.valid_days)));
            }
        }
    }

    /// What a level must have said to pass it: required points ticked, its proofread recorded.
    fn complete(&self, said: &Said) -> Result<(), Refusal> {
        let Some(rung) = self.law.rung(self.level) else {
            return Ok(());
        };
        let ticked = |text: &str| said.checklist.iter().any(|one| one.ok && one.text == text);
        let open: Vec<String> = rung
            .checklist
            .iter()
            .filter(|point| point.required && !ticked(&point.text))
            .map(|point| point.text.clone())
            .collect();
        if !open.is_empty() {
            return Err(Refusal::Unchecked(open));
        }
        match (rung.proofread, &said.proofread) {
            (Some(which), Some(record)) if record.which == which => Ok(()),
            (Some(which), _) => Err(Refusal::ProofreadMissing(which.label())),
            (None, _) => Ok(()),
        }
    }

    /// Agrees at the level that has it; the last one approves the content.
    ///
    /// # Errors
    /// As [`Course::may_decide`] and [`Course::may_pass`]; required points not ticked; no proofread record.
    pub fn approve(
        mut self,
        by: &Standing,
        said: Said,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let party = self.may_decide(by, at)?;
        self.may_pass()?;
        self.complete(&said)?;
        self.record(Verdict::Approve, None, party, said, None, at);
        self.pass_on(at);
        Ok(self)
    }

    /// Agrees again to a small correction of what the same person had approved (R-REV-3).
    ///
    /// # Errors
    /// As [`Course::may_decide`] and [`Course::may_pass`]; no small correction, or not the same person.
    pub fn reapprove(
        mut self,
        by: &Standing,
        opinion: String,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let party = self.may_decide(by, at)?;
        self.may_pass()?;
        self.may_reapprove(party)?;
        let said = Said {
            opinion,
            ..Said::default()
        };
        self.record(Verdict::Reapprove, None, party, said, None, at);
        self.pass_on(at);
        Ok(self)
    }

    /// The earlier levels to which it may be returned.
    pub fn earlier(&self) -> Vec<Level> {
        let done = self.standing();
        self.levels()
            .filter(|level| *level < self.level && done.contains_key(level))
            .collect()
    }

    /// Sends it back to the author or to an earlier level, with the reason.
    ///
    /// # Errors
    /// No reason, no earlier level, or as [`Course::may_decide`].
    pub fn send_back(
        mut self,
        by: &Standing,
        to: Target,
        said: Said,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let party = self.may_decide(by, at)?;
        self.returned(party, to, said, None, at)?;
        Ok(self)
    }

    fn returned(
        &mut self,
        party: Party,
        to: Target,
        said: Said,
        paper: Option<Paper>,
        at: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        if said.opinion.trim().is_empty() && said.asked.is_empty() {
            return Err(Refusal::ReasonMissing);
        }
        match to {
            Target::Author => {
                self.record(Verdict::Return, None, party, said, paper, at);
                self.stage = Stage::Returned;
                self.hold = None;
                self.since = at;
            }
            Target::Level(level) => {
                if !self.earlier().contains(&level) {
                    return Err(Refusal::NotAnEarlierLevel);
                }
                self.record(Verdict::Return, Some(level), party, said, paper, at);
                self.hand_to(level, at);
            }
        }
        Ok(())
    }

    /// Enters what was decided on paper; the rules for who may are in [`Course::may_record`]. A paper gets
    /// past a stop as little as a decision here does.
    pub(super) fn on_paper(
        &mut self,
        decides: Party,
        verdict: Verdict,
        said: Said,
        paper: Paper,
        at: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        match verdict {
            Verdict::Return => self.returned(decides, Target::Author, said, Some(paper), at),
            _ => {
                self.may_pass()?;
                self.record(Verdict::Approve, None, decides, said, Some(paper), at);
                self.pass_on(at);
                Ok(())
            }
        }
    }

    /// Takes it for oneself for a while, so that two do not read the same.
    ///
    /// # Errors
    /// As [`Course::may_decide`]; when one has it already.
    pub fn take(
        mut self,
        by: &Standing,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let party = self.may_decide(by, at)?;
        if self.held(at).is_some() {
            return Err(Refusal::HeldByYou);
        }
        self.hold = Some(Hold { by: party, until });
        self.updated_at = at;
        Ok(self)
    }

    /// Gives it back to everyone of the level.
    ///
    /// # Errors
    /// When it is not theirs.
    pub fn release(mut self, person: PersonId, at: DateTime<Utc>) -> Result<Self, Refusal> {
        if self.hold.is_none_or(|hold| hold.by.person != person) {
            return Err(Refusal::NotHeldByYou);
        }
        self.hold = None;
        self.updated_at = at;
        Ok(self)
    }

    /// The author takes it back to change it.
    ///
    /// # Errors
    /// Someone else's, or not under review.
    pub fn recall(mut self, person: PersonId, at: DateTime<Utc>) -> Result<Self, Refusal> {
        if !self.is_author(person) {
            return Err(Refusal::NotTheAuthor);
        }
        if self.stage != Stage::Reviewing {
            return Err(Refusal::NotRecallable(self.stage));
        }
        self.stage = Stage::Recalled;
        self.hold = None;
        self.since = at;
        self.updated_at = at;
        Ok(self)
    }

    /// It will not be used: by the level that has it, or by its author while it is theirs.
    ///
    /// # Errors
    /// No reason; as [`Course::may_decide`]; approved content is withdrawn, not discarded.
    pub fn discard(
        mut self,
        by: &Standing,
        why: String,
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let own =
            matches!(self.stage, Stage::Returned | Stage::Recalled) && self.is_author(by.person);
        let party = if own {
            Party::own(by.person)
        } else {
            self.may_decide(by, at)?
        };
        if why.trim().is_empty() {
            return Err(Refusal::WhyMissing);
        }
        let said = Said {
            opinion: why,
            ..Said::default()
        };
        if !own {
            self.record(Verdict::Discard, None, party, said, None, at);
        }
        self.stage = Stage::Discarded;
        self.hold = None;
        self.updated_at = at;
        Ok(self)
    }
}
