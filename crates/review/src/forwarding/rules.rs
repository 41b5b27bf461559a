//! The law of forwarding (Notice 3(6), R-INS-7): what is illegal or harmful in a text is stopped at once, the
//! right departments have a day to handle it, and nobody judges their own text or closes their own answer.
//! Pure: no database, no HTTP, no clock.

use crate::{
    course::Party,
    ids::{ForwardingId, ManuscriptId, PublicationId, VersionId},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use zhendi_kernel::{ChannelId, Fault, PersonId, Role, UnitId, files::ContentHash};

zhendi_kernel::named! {
    /// What was met in the text.
    Harm {
        /// What the law forbids to publish.
        Illegal = "illegal", "违法信息";
        /// What is lawful and does harm.
        Harmful = "harmful", "不良信息";
        /// State or work secrets.
        Secret = "secret", "涉密";
        /// Other people's data.
        Personal = "personal", "个人信息泄露";
        Other = "other", "其他";
    }
}

zhendi_kernel::named! {
    /// What a department did about it.
    Handling {
        /// It was dealt with.
        Handled = "handled", "已处置";
        /// It was looked into, and nothing had to be done.
        Unfounded = "unfounded", "经核查无需处置";
        /// It went on to an authority outside the institution.
        Passed = "passed", "已移交上级或有关机关";
        /// It is another department's matter.
        Elsewhere = "elsewhere", "不属本部门职责";
    }
}

zhendi_kernel::named! {
    /// How it ended.
    Outcome {
        Confirmed = "confirmed", "属实，已处置";
        Unfounded = "unfounded", "不属实";
        Other = "other", "其他";
    }
}

zhendi_kernel::named! {
    /// Where it stands.
    Stage {
        /// At least one department has not answered.
        Handling = "handling", "部门办理中";
        /// All have answered.
        Answered = "answered", "待办结";
        Closed = "closed", "已办结";
    }
}

/// The departments have so long (the 24-hour clock).
pub const HOURS: i64 = 24;

/// No more departments at once.
pub const MOST_UNITS: usize = 10;

/// Who closes it, besides whoever forwarded it: the publicity department.
pub const CLOSERS: [Role; 3] = [
    Role::PublicityHead,
    Role::PublicityDeputy,
    Role::PublicityOfficer,
];

/// As what a unit's head answers. The publicity department's head is the institution's publicity head.
pub fn heads(publicity: bool) -> &'static [Role] {
    if publicity {
        &[Role::PublicityHead, Role::UnitHead]
    } else {
        &[Role::UnitHead]
    }
}

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("这篇稿件还没有提交过，没有可以转送的版本。")]
    NothingThere,
    #[error("请至少选择一个处理部门。")]
    NoUnit,
    #[error("一次最多转送 {MOST_UNITS} 个部门。")]
    TooMany,
    #[error(
        "所选部门没有可以办理的负责人（拟稿人不能办理自己的稿件，同一人不能代表两个部门）：{0}。"
    )]
    NobodyThere(String),
    #[error("只有所转送部门的负责人可以答复。")]
    NotTheHead,
    #[error("您（或您代理的人）是这篇稿件的作者，不能办理自己的稿件。")]
    OwnText,
    #[error("您（或您代理的人）已经代表另一个部门答复过，同一人不能替两个部门答复。")]
    AnsweredElsewhere,
    #[error("这个部门已经答复过，不需要再次答复。")]
    AnsweredAlready,
    #[error("还有部门没有答复，不能办结。")]
    Unanswered,
    #[error("只有宣传部或转送人可以办结。")]
    MayNotClose,
    #[error("您（或您代理的人）答复过这件事，请由宣传部其他人员或转送人办结。")]
    OwnAnswer,
    #[error("这件事已经办结。")]
    Closed,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotTheHead
            | Refusal::OwnText
            | Refusal::AnsweredElsewhere
            | Refusal::MayNotClose
            | Refusal::OwnAnswer => Self::Forbidden(refusal.to_string()),
            _ => Self::Refused(refusal.to_string()),
        }
    }
}

/// What a department said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub handling: Handling,
    pub words: String,
    pub by: Party,
    pub at: DateTime<Utc>,
}

/// A department that shall handle it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressed {
    /// 0 until it is stored.
    pub id: i64,
    pub unit: UnitId,
    pub answer: Option<Answer>,
}

/// How it ended, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub outcome: Outcome,
    pub words: String,
    pub by: Party,
    pub at: DateTime<Utc>,
}

/// A text that was handed to departments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarding {
    pub id: ForwardingId,
    /// Counts the changes; a change names the one it saw.
    pub version: i32,
    pub manuscript: ManuscriptId,
    /// The evidence: the exact content, which never changes, and its hash.
    pub content: VersionId,
    pub hash: ContentHash,
    /// Where it was met, if it was met in public.
    pub publication: Option<PublicationId>,
    /// The manuscript's unit and main channel.
    pub unit: UnitId,
    pub channel: Option<ChannelId>,
    pub title: String,
    pub kind: Harm,
    pub why: String,
    /// The passage, as it stands there.
    pub quote: String,
    pub by: Party,
    pub at: DateTime<Utc>,
    pub due: DateTime<Utc>,
    pub units: Vec<Addressed>,
    pub closing: Option<Closing>,
}

/// Until when the departments should have answered.
pub fn due(at: DateTime<Utc>) -> DateTime<Utc> {
    at + TimeDelta::hours(HOURS)
}

/// Whether each of these departments has a head of its own who may answer: no author, nobody for two. Gives the
/// first that has none. A delegate counts with the one who delegated.
///
/// # Errors
/// The place in the list of a department without one.
pub fn staffed(units: &[Vec<Party>], authors: &BTreeSet<PersonId>) -> Result<(), usize> {
    let free: Vec<Vec<PersonId>> = units
        .iter()
        .map(|heads| {
            heads
                .iter()
                .filter(|party| party.everyone().all(|one| !authors.contains(&one)))
                .map(|party| party.on_behalf_of.unwrap_or(party.person))
                .collect()
        })
        .collect();
    // Each department in turn takes a head; whoever is taken makes place where another is free.
    let mut taken: Vec<Option<PersonId>> = vec![None; free.len()];
    for unit in 0..free.len() {
        if !take(unit, &free, &mut taken, &mut BTreeSet::new()) {
            return Err(unit);
        }
    }
    Ok(())
}

fn take(
    unit: usize,
    free: &[Vec<PersonId>],
    taken: &mut [Option<PersonId>],
    tried: &mut BTreeSet<PersonId>,
) -> bool {
    let Some(heads) = free.get(unit) else {
        return false;
    };
    for head in heads {
        if !tried.insert(*head) {
            continue;
        }
        let holder = taken.iter().position(|one| one == &Some(*head));
        if holder.is_none_or(|other| take(other, free, taken, tried)) {
            if let Some(place) = taken.get_mut(unit) {
                *place = Some(*head);
            }
            return true;
        }
    }
    false
}

impl Forwarding {
    /// Where it stands.
    pub fn stage(&self) -> Stage {
        match (&self.closing, self.answered_at()) {
            (Some(_), _) => Stage::Closed,
            (None, Some(_)) => Stage::Answered,
            (None, None) => Stage::Handling,
        }
    }

    /// When the last department had answered; none while one has not.
    pub fn answered_at(&self) -> Option<DateTime<Utc>> {
        let all: Option<Vec<DateTime<Utc>>> = self
            .units
            .iter()
            .map(|one| one.answer.as_ref().map(|answer| answer.at))
            .collect();
        all.and_then(|all| all.into_iter().max())
    }

    /// Whether a department is late.
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.stage() == Stage::Handling && self.due < now
    }

    /// Its page.
    pub fn href(&self) -> String {
        format!("/forwardings/{}", self.id)
    }

    /// Everyone who stands behind an answer, other than the one of `but`.
    pub fn answerers(&self, but: Option<UnitId>) -> BTreeSet<PersonId> {
        self.units
            .iter()
            .filter(|one| Some(one.unit) != but)
            .filter_map(|one| one.answer.as_ref())
            .flat_map(|answer| answer.by.everyone())
            .collect()
    }

    /// As which of the parties a head may answer for a department: the first that neither wrote the text nor
    /// answered for another one.
    ///
    /// # Errors
    /// Why none of them may.
    pub fn may_answer(
        &self,
        unit: UnitId,
        heads: &[Party],
        authors: &BTreeSet<PersonId>,
    ) -> Result<Party, Refusal> {
        let one = self.units.iter().find(|one| one.unit == unit);
        let one = one.ok_or(Refusal::NotTheHead)?;
        if self.closing.is_some() {
            return Err(Refusal::Closed);
        }
        if one.answer.is_some() {
            return Err(Refusal::AnsweredAlready);
        }
        let others = self.answerers(Some(unit));
        let apart = |party: &Party| {
            if party.everyone().any(|person| authors.contains(&person)) {
                return Err(Refusal::OwnText);
            }
            if party.everyone().any(|person| others.contains(&person)) {
                return Err(Refusal::AnsweredElsewhere);
            }
            Ok(())
        };
        first(heads, apart, Refusal::NotTheHead)
    }

    /// A head says what their department did.
    ///
    /// # Errors
    /// As [`Self::may_answer`].
    pub fn answer(
        &mut self,
        unit: UnitId,
        heads: &[Party],
        authors: &BTreeSet<PersonId>,
        said: (Handling, String),
        at: DateTime<Utc>,
    ) -> Result<Party, Refusal> {
        let by = self.may_answer(unit, heads, authors)?;
        for one in self.units.iter_mut().filter(|one| one.unit == unit) {
            one.answer = Some(Answer {
                handling: said.0,
                words: said.1.clone(),
                by,
                at,
            });
        }
        Ok(by)
    }

    /// As which of the parties someone may close it. `publicity` are those that act for the publicity
    /// department, `me` is the person; whoever forwarded it may as well.
    ///
    /// # Errors
    /// Why not.
    pub fn may_close(
        &self,
        me: PersonId,
        publicity: &[Party],
        authors: &BTreeSet<PersonId>,
    ) -> Result<Party, Refusal> {
        match self.stage() {
            Stage::Closed => return Err(Refusal::Closed),
            Stage::Handling => return Err(Refusal::Unanswered),
            Stage::Answered => {}
        }
        let mut parties = publicity.to_vec();
        if self.by.person == me {
            parties.push(self.by);
        } else if self.by.on_behalf_of == Some(me) {
            parties.push(Party::own(me));
        }
        let answered = self.answerers(None);
        let apart = |party: &Party| {
            if party.everyone().any(|person| authors.contains(&person)) {
                return Err(Refusal::OwnText);
            }
            if party.everyone().any(|person| answered.contains(&person)) {
                return Err(Refusal::OwnAnswer);
            }
            Ok(())
        };
        first(&parties, apart, Refusal::MayNotClose)
    }

    /// Says how it ended. What was stopped goes on.
    ///
    /// # Errors
    /// As [`Self::may_close`].
    pub fn close(
        &mut self,
        me: PersonId,
        publicity: &[Party],
        authors: &BTreeSet<PersonId>,
        said: (Outcome, String),
        at: DateTime<Utc>,
    ) -> Result<Party, Refusal> {
        let by = self.may_close(me, publicity, authors)?;
        self.closing = Some(Closing {
            outcome: said.0,
            words: said.1,
            by,
            at,
        });
        Ok(by)
    }
}

/// The first party that stands apart, or why the last one does not.
fn first(
    parties: &[Party],
    apart: impl Fn(&Party) -> Result<(), Refusal>,
    nobody: Refusal,
) -> Result<Party, Refusal> {
    let mut refusal = nobody;
    for party in parties {
        match apart(party) {
            Ok(()) => return Ok(*party),
            Err(reason) => refusal = reason,
        }
    }
    Err(refusal)
}
