//! The law of channels: what may follow on what, which facts need a filing, what a name should be.
//! Pure: no database, no HTTP, no clock.

use super::{Channel, Facts, FilingState, RunningState, source};
use chrono::NaiveDate;
use zhendi_kernel::{Fault, text};

/// Why an act on a channel is refused; the words are for its page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("只有运行中或迁移中的网络阵地才能暂停，它现在是“{0}”。")]
    NotRunning(RunningState),
    #[error("只有已暂停的网络阵地才能恢复运行，它现在是“{0}”。")]
    NotSuspended(RunningState),
    #[error("这个网络阵地已注销，资料只供查阅，不能再修改。")]
    Cancelled,
    #[error("这条记录已并入同一账号的另一条记录，请到那里办理。")]
    Merged,
    #[error("备案正在办理，{0}以备案表为准。请在备案办结或撤回后再修改。")]
    InFiling(String),
    #[error("{0}已经备案，不能在这里直接修改。请提交变更备案，批准后自动更新。")]
    NeedsFiling(String),
    #[error("只有“待补录备案”的网络阵地才能发起补录备案，它现在是“{0}”。")]
    NotUnfiled(FilingState),
    #[error("它现在是“{0}”，没有正在办理的备案。")]
    NotInFiling(FilingState),
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl Channel {
    /// Pauses a channel.
    ///
    /// # Errors
    /// Unless it runs.
    pub fn suspend(mut self) -> Result<Self, Refusal> {
        match (self.filing, self.running) {
            (FilingState::Cancelled, _) => Err(Refusal::Cancelled),
            (FilingState::Merged, _) => Err(Refusal::Merged),
            (_, RunningState::Live | RunningState::Migrating) => {
                self.running = RunningState::Suspended;
                Ok(self)
            }
            (_, other) => Err(Refusal::NotRunning(other)),
        }
    }

    /// Lets a paused channel run again.
    ///
    /// # Errors
    /// Unless it is paused.
    pub fn resume(mut self) -> Result<Self, Refusal> {
        match (self.filing, self.running) {
            (FilingState::Cancelled, _) => Err(Refusal::Cancelled),
            (FilingState::Merged, _) => Err(Refusal::Merged),
            (_, RunningState::Suspended) => {
                self.running = RunningState::Live;
                Ok(self)
            }
            (_, other) => Err(Refusal::NotSuspended(other)),
        }
    }

    /// Why facts that tell what the channel is cannot be changed by hand now; none when they can.
    pub fn frozen(&self) -> Option<Refusal> {
        let all = FILED_FACTS.map(|(label, _)| label).join("、");
        self.freeze(all)
    }

    fn freeze(&self, what: String) -> Option<Refusal> {
        match self.filing {
            FilingState::Unfiled => None,
            FilingState::InProgress => Some(Refusal::InFiling(what)),
            FilingState::Filed => Some(Refusal::NeedsFiling(what)),
            FilingState::Cancelled => Some(Refusal::Cancelled),
            FilingState::Merged => Some(Refusal::Merged),
        }
    }

    /// Whether anything may still be done to the record.
    ///
    /// # Errors
    /// When it is cancelled, or merged into another.
    pub fn require_open(&self) -> Result<(), Refusal> {
        match self.filing {
            FilingState::Cancelled => Err(Refusal::Cancelled),
            FilingState::Merged => Err(Refusal::Merged),
            _ => Ok(()),
        }
    }

    /// Corrects facts by hand. What a filing has fixed changes by a filing only (R-REG-2).
    ///
    /// # Errors
    /// When the channel is cancelled, or a fixed fact differs.
    pub fn correct(mut self, facts: Facts) -> Result<Self, Refusal> {
        self.require_open()?;
        let differing: Vec<&str> = FILED_FACTS
            .iter()
            .filter(|(_, same)| !same(&self.facts, &facts))
            .map(|(label, _)| *label)
            .collect();
        if !differing.is_empty()
            && let Some(refusal) = self.freeze(differing.join("、"))
        {
            return Err(refusal);
        }
        self.facts = facts;
        Ok(self)
    }

    /// A filing for a channel that lives already was handed in.
    ///
    /// # Errors
    /// Unless it waits to be filed.
    pub fn begin_filing(mut self) -> Result<Self, Refusal> {
        if self.filing != FilingState::Unfiled {
            return Err(Refusal::NotUnfiled(self.filing));
        }
        self.filing = FilingState::InProgress;
        Ok(self)
    }

    /// That filing was withdrawn: the channel waits again, by the day it had.
    ///
    /// # Errors
    /// Unless a filing is on its way.
    pub fn abandon_filing(mut self) -> Result<Self, Refusal> {
        if self.filing != FilingState::InProgress {
            return Err(Refusal::NotInFiling(self.filing));
        }
        self.filing = FilingState::Unfiled;
        Ok(self)
    }

    /// That filing is effective. Its number and what it says are the register's from now on.
    ///
    /// # Errors
    /// When the channel is filed or cancelled already.
    pub fn file(mut self, facts: Facts, number: String) -> Result<Self, Refusal> {
        match self.filing {
            FilingState::Unfiled | FilingState::InProgress => {}
            FilingState::Filed => return Err(Refusal::NotInFiling(self.filing)),
            FilingState::Cancelled => return Err(Refusal::Cancelled),
            FilingState::Merged => return Err(Refusal::Merged),
        }
        self.filing = FilingState::Filed;
        self.filed_source = Some(source::ONLINE.into());
        self.filing_number = Some(number);
        self.file_by = None;
        if self.running == RunningState::Planned {
            self.running = RunningState::Live;
        }
        self.facts = facts;
        Ok(self)
    }

    /// Whether it should have been filed before this day.
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        is_overdue(self.filing, self.file_by, today)
    }

    /// Whether the public may rely on it: filed, and running.
    pub fn is_public(&self) -> bool {
        self.filing == FilingState::Filed && self.running == RunningState::Live
    }
}

/// Whether a channel with this day should have been filed before today.
pub fn is_overdue(filing: FilingState, file_by: Option<NaiveDate>, today: NaiveDate) -> bool {
    matches!(filing, FilingState::Unfiled | FilingState::InProgress)
        && file_by.is_some_and(|day| day < today)
}

type Same = fn(&Facts, &Facts) -> bool;

/// The facts that a filing fixes: what the channel is and whose.
const FILED_FACTS: [(&str, Same); 6] = [
    ("名称", |a, b| a.name == b.name),
    ("开设单位", |a, b| a.unit == b.unit),
    ("平台", |a, b| a.platform == b.platform),
    ("账号 ID（网址）", |a, b| {
        a.address_or_id == b.address_or_id
    }),
    ("认证主体", |a, b| a.certified_body == b.certified_body),
    ("账号性质", |a, b| a.holder == b.holder),
];

/// Longest name that is still concise (R-REG-7); platforms allow no more either.
pub const CONCISE: usize = 30;

/// Something about a name that its unit should think over. It warns, it never refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameFinding {
    /// What is odd.
    pub problem: String,
    /// What to do.
    pub advice: String,
}

/// What is odd about a name (R-REG-7: concise, not misleading, fitting its function). `belongs_to` are
/// the names of the unit, its short name, and the institution's: what they contain, the name may.
pub fn name_findings(
    name: &str,
    belongs_to: &[&str],
    misleading_words: &[String],
) -> Vec<NameFinding> {
    let mut found = vec![];
    let mut find = |problem: String, advice: &str| {
        found.push(NameFinding {
            problem,
            advice: advice.into(),
        });
    };
    let folded = text::fold(name);
    let own: Vec<String> = belongs_to
        .iter()
        .map(|name| text::fold(name))
        .filter(|name| !name.is_empty())
        .collect();
    let length = name.chars().count();
    if length > CONCISE {
        find(
            format!("名称有 {length} 个字，超过 {CONCISE} 个字"),
            "名称应简洁，建议用单位简称加用途。",
        );
    }
    for word in misleading_words {
        let word_folded = text::fold(word);
        if !word_folded.is_empty()
            && folded.contains(&word_folded)
            && !own.iter().any(|name| name.contains(&word_folded))
        {
            find(
                format!("名称含有“{word}”，可能使人误认"),
                "请确认与认证主体相符，否则请改用单位名称或简称。",
            );
        }
    }
    let fits = own.iter().any(|own| shares_a_word(&folded, own));
    if !folded.is_empty() && !own.is_empty() && !fits {
        find(
            "从名称看不出是哪个单位开设".into(),
            "建议在名称中加上单位名称或简称，便于师生辨认。",
        );
    }
    if name
        .chars()
        .any(|c| !c.is_alphanumeric() && !c.is_whitespace() && !is_plain_mark(c))
    {
        find(
            "名称含有表情或特殊符号".into(),
            "请只用文字、数字和常用标点，方便检索和登记。",
        );
    }
    found
}

/// Two characters in a row that both have.
fn shares_a_word(one: &str, other: &str) -> bool {
    let chars: Vec<char> = one.chars().collect();
    chars
        .windows(2)
        .any(|pair| other.contains(&pair.iter().collect::<String>()))
}

fn is_plain_mark(c: char) -> bool {
    matches!(
        c,
        '·' | '-'
            | '_'
            | '—'
            | '（'
            | '）'
            | '('
            | ')'
            | '“'
            | '”'
            | '《'
            | '》'
            | '&'
            | '.'
            | '、'
            | '+'
            | '@'
    )
}
