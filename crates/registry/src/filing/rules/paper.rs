//! Decisions that were taken on paper (R-REV-11): who may enter them, and that who enters one stands
//! behind it too.

use super::{Course, Party, Refusal, Standing, Step, Verdict};
use chrono::{DateTime, NaiveDate, Utc};

/// The paper on which a step was decided (R-REV-11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Who entered it here.
    pub recorded_by: Party,
    /// The day that the paper bears.
    pub decided_on: NaiveDate,
    /// The paper's own number.
    pub number: String,
    /// The attachment that is its scan.
    pub scan: i64,
}

/// A decision on paper, as an officer enters it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    pub verdict: Verdict,
    /// Blank means agreement; a return needs its reason.
    pub opinion: String,
    pub decided_on: NaiveDate,
    pub number: String,
    /// The attachment that is its scan, once it is kept.
    pub scan: Option<i64>,
}

impl Course {
    /// Whether somebody may enter what another decided on paper at the step that waits. Who enters it
    /// stands behind it like one who acts for another: never on the own filing, never at two steps.
    /// `recorder` are the parties as which they may enter papers, `decider` is what the other holds.
    /// Gives the step, and as whom each of them stands.
    ///
    /// # Errors
    /// Why not.
    pub fn may_record(
        &self,
        decider: &Standing,
        recorder: &[Party],
    ) -> Result<(Step, Party, Party), Refusal> {
        let step = self
            .stage
            .step()
            .ok_or(Refusal::NothingToReturn(self.stage))?;
        let decides = self
            .may_take(step, decider)
            .map_err(|refusal| match refusal {
                Refusal::NotYourStep { step, role } => Refusal::DeciderLacksRole { step, role },
                Refusal::OwnWork | Refusal::OwnWorkOfPrincipal => Refusal::DeciderIsAuthor,
                Refusal::ActedBefore(step) | Refusal::PrincipalActedBefore(step) => {
                    Refusal::DeciderActed(step)
                }
                other => other,
            })?;
        let mut refusal = Refusal::MayNotRecord;
        let mut parties = recorder.to_vec();
        parties.sort();
        for party in parties {
            match self.records_apart(party, decides) {
                Ok(()) => return Ok((step, decides, party)),
                Err(reason) => refusal = reason,
            }
        }
        Err(refusal)
    }

    fn records_apart(&self, recorder: Party, decides: Party) -> Result<(), Refusal> {
        for person in recorder.everyone() {
            if self.is_author(person) {
                return Err(Refusal::RecorderIsAuthor);
            }
            if let Some(act) = self.act_of(person) {
                return Err(Refusal::RecorderActed(act.step));
            }
            if decides.everyone().any(|one| one == person) {
                return Err(Refusal::RecorderDecides);
            }
        }
        Ok(())
    }

    /// Enters what was decided on paper at the step that waits. `days` are those of the submission and
    /// today.
    ///
    /// # Errors
    /// As [`Course::may_record`]; a day outside `days`; no number, no scan, no reason for a return.
    pub fn record_paper(
        mut self,
        decider: &Standing,
        recorder: &[Party],
        slip: Slip,
        days: (NaiveDate, NaiveDate),
        at: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let (step, decides, recorded_by) = self.may_record(decider, recorder)?;
        if slip.decided_on > days.1 {
            return Err(Refusal::PaperInFuture);
        }
        if slip.decided_on < days.0 {
            return Err(Refusal::PaperBeforeSubmission);
        }
        if slip.number.trim().is_empty() {
            return Err(Refusal::PaperNumberMissing);
        }
        if slip.verdict == Verdict::Returned && slip.opinion.trim().is_empty() {
            return Err(Refusal::ReasonMissing);
        }
        let paper = Paper {
            recorded_by,
            decided_on: slip.decided_on,
            number: slip.number,
            scan: slip.scan.ok_or(Refusal::PaperScanMissing)?,
        };
        self.record(step, decides, slip.opinion, at, slip.verdict, Some(paper));
        Ok(self)
    }
}
