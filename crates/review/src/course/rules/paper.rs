//! Decisions that were taken on paper (R-REV-11): who may enter them, and that who enters one stands
//! behind it too.

use super::{Course, Level, Party, Refusal, Said, Standing, Verdict};
use chrono::{DateTime, NaiveDate, Utc};
use zhendi_kernel::files::ContentHash;

/// The paper on which a level decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Who entered it here.
    pub recorded_by: Party,
    /// The day that the paper bears.
    pub decided_on: NaiveDate,
    /// The paper's own number.
    pub number: String,
    /// The scan.
    pub scan: ContentHash,
}

/// A decision on paper, as an officer enters it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// Agreement, or return to the author.
    pub verdict: Verdict,
    pub said: Said,
    pub decided_on: NaiveDate,
    pub number: String,
    pub scan: ContentHash,
}

impl Course {
    /// Whether somebody may enter what another decided on paper at the level that has it. Who enters it
    /// stands behind it like one who acts for another: never on the own text, never at two levels.
    /// `recorder` are the parties as which they may enter papers, `decider` is what the other holds.
    /// Gives the level, and as whom each of them stands.
    ///
    /// # Errors
    /// Why not.
    pub fn may_record(
        &self,
        decider: &Standing,
        recorder: &[Party],
    ) -> Result<(Level, Party, Party), Refusal> {
        let level = self.at_level()?;
        let decides = self.may_act(decider).map_err(|refusal| match refusal {
            Refusal::NotYourLevel { level, seat } => Refusal::DeciderLacksRole { level, seat },
            Refusal::OwnWork | Refusal::OwnWorkOfPrincipal => Refusal::DeciderIsAuthor,
            Refusal::ActedBefore(level) | Refusal::PrincipalActedBefore(level) => {
                Refusal::DeciderActed(level)
            }
            other => other,
        })?;
        let mut refusal = Refusal::MayNotRecord;
        let mut parties = recorder.to_vec();
        parties.sort();
        for party in parties {
            match self.records_apart(level, party, decides) {
                Ok(()) => return Ok((level, decides, party)),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }

    fn records_apart(&self, level: Level, recorder: Party, decides: Party) -> Result<(), Refusal> {
        let acted = self.elsewhere(level);
        for person in recorder.everyone() {
            if self.is_author(person) {
                return Err(Refusal::RecorderIsAuthor);
            }
            if let Some(level) = acted.get(&person) {
                return Err(Refusal::RecorderActed(*level));
            }
            if decides.everyone().any(|one| one == person) {
                return Err(Refusal::RecorderDecides);
            }
        }
        Ok(())
    }

    /// Enters what was decided on paper at the level that has it. `days` are those of the submission and
    /// today. The paper has its own checks; the checklist is not asked for.
    ///
    /// # Errors
    /// As [`Course::may_record`]; a day outside `days`; no number, no reason for a return; somebody has
    /// taken it.
    pub fn record_paper(
        mut self,
        decider: &Standing,
        recorder: &[Party],
        slip: Slip,
        days: (NaiveDate, NaiveDate),
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let (_, decides, recorded_by) = self.may_record(decider, recorder)?;
        if slip.decided_on > days.1 {
            return Err(Refusal::PaperInFuture);
        }
        if slip.decided_on < days.0 {
            return Err(Refusal::PaperBeforeSubmission);
        }
        if slip.number.trim().is_empty() {
            return Err(Refusal::PaperNumberMissing);
        }
        let paper = Paper {
            recorded_by,
            decided_on: slip.decided_on,
            number: slip.number,
            scan: slip.scan,
        };
        self.on_paper(decides, slip.verdict, slip.said, paper, at)?;
        Ok(self)
    }
}
